/* Evaluates conditions: what `until`, `expect` and `never` ask of a world. */
#ifndef ROTA_HARNESS_PLAY_CONDITION_H
#define ROTA_HARNESS_PLAY_CONDITION_H

#include "harness/judge/history.h"

/* Whether the condition holds now. Conditions on tasks read the history, those on paths the tree.
 */
bool rota_condition_holds(const struct rota_condition *c, struct rota_world *w,
                          const struct rota_history *h);

/* Writes what is true instead, such as "t1 is not finished", into `text`, terminated. */
void rota_condition_describe(const struct rota_condition *c, struct rota_world *w,
                             const struct rota_history *h, char *text, size_t size);

#endif
