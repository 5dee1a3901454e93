/* The processes that a scenario names: which of them belong to a WHO. */
#ifndef ROTA_HARNESS_PLAY_TARGETS_H
#define ROTA_HARNESS_PLAY_TARGETS_H

#include "harness/judge/history.h"

/* Whether process `who` belongs to the set. LEADER and STANDBY may include several processes,
 * ANY_WORKER includes all that run. */
bool rota_who_includes(struct rota_who set, uint32_t who, struct rota_world *w,
                       const struct rota_history *h);

/* The number of a master, a worker or a client; ROTA_NOBODY for sets, operators and servers. */
uint32_t rota_who_number(struct rota_who one, const struct rota_cluster *cluster);

/* Whether the process acts as leader: it runs, is not paused, was elected and is connected. */
bool rota_process_leads(struct rota_world *w, const struct rota_history *h, uint32_t who);

#endif
