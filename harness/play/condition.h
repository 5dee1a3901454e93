/* Conditions: what `until`, `expect` and `never` ask of a world. */
#ifndef ROTA_HARNESS_PLAY_CONDITION_H
#define ROTA_HARNESS_PLAY_CONDITION_H

#include "harness/judge/history.h"

/* Whether the condition holds now. Those on tasks read the history, those on paths the tree. */
bool rota_condition_holds(const struct rota_condition *c, struct rota_world *w,
                          const struct rota_history *h);

/* Writes what is instead, such as "refused m1 is 0", into `text`, terminated. */
void rota_condition_describe(const struct rota_condition *c, struct rota_world *w,
                             const struct rota_history *h, char *text, size_t size);

/* Whether process `who` belongs to the set. LEADER and STANDBY may name several, ANY_WORKER names
 * all that run. */
bool rota_who_includes(struct rota_who set, uint32_t who, struct rota_world *w,
                       const struct rota_history *h);

/* The number of a process by its kind, ROTA_NOBODY for sets and servers: masters come first, then
 * workers, then clients. */
uint32_t rota_who_number(struct rota_who one, const struct rota_cluster *cluster);

#endif
