/* The faults of the processes of a world: of their connections, their sessions and their clocks.
 * `who` is the number of a process. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_FAULTS_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_FAULTS_H

#include "backend_sim/world/world_state.h"

/* Ends the process's session on the server. Returns false if it has none. */
bool rota_world_expire(struct rota_world *w, uint32_t who);

/* Cuts the process off: its connection ends, and it can make no other one until it is healed. */
void rota_world_disconnect(struct rota_world *w, uint32_t who);
void rota_world_heal(struct rota_world *w, uint32_t who);

/* Cuts the connection once, now; everything under way is lost. */
void rota_world_cut(struct rota_world *w, uint32_t who);

/* Loses the connection around the process's next request. */
void rota_world_lose_next(struct rota_world *w, uint32_t who, enum rota_connection_fault fault,
                          rota_time late_most);

/* The requests of rota_world_lose_next that have met their fault so far. */
uint32_t rota_world_faults_met(const struct rota_world *w);

/* Adds to the latency of the process's messages from now on. */
void rota_world_slow(struct rota_world *w, uint32_t who, rota_time extra);

/* From now on the process's clock runs `percent` faster or, if that is negative, slower: its own
 * time, its timers, those of its session and its guard. The clock does not jump. */
void rota_world_skew(struct rota_world *w, uint32_t who, int32_t percent);

/* Puts a process on one side of a partition; side 0 reaches every server but those that are alone.
 * A connection across is cut by rota_world_cut_across. */
void rota_world_put_on_side(struct rota_world *w, uint32_t who, uint32_t side);
void rota_world_cut_across(struct rota_world *w);

#endif
