/* The servers of a world and their faults. A server is counted from 0. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_SERVERS_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_SERVERS_H

#include "backend_sim/world/world_state.h"

/* Pauses a server and resumes it. */
void rota_world_pause_server(struct rota_world *w, uint32_t server);
void rota_world_resume_server(struct rota_world *w, uint32_t server);

/* Ends a server, and starts one that does not run. */
void rota_world_crash_server(struct rota_world *w, uint32_t server);
void rota_world_start_server(struct rota_world *w, uint32_t server);

/* Whether the server runs and is not paused. */
bool rota_world_server_up(const struct rota_world *w, uint32_t server);

/* Whether all servers are up and reach each other and every process. */
bool rota_world_servers_well(const struct rota_world *w);

/* The leader of the ensemble steps down. Returns false if there is none. */
bool rota_world_elect(struct rota_world *w);

/* A server of the ensemble applies transactions that much later than the leader. */
void rota_world_lag(struct rota_world *w, uint32_t server, rota_time lag);

/* Puts a server on one side of a partition: it reaches its side and side 0, which reaches every
 * side; a server on ROTA_SIDE_ALONE reaches no other server and no process. Returns false if the
 * server was there already. */
bool rota_world_put_server_on_side(struct rota_world *w, uint32_t server, uint32_t side);

/* The state by which the servers decide: that of the leader. */
const struct rota_server *rota_world_server(const struct rota_world *w);

/* Creates persistent znodes, in this order, by a session of its own that ends at once. */
void rota_world_create_znodes(struct rota_world *w, const char *const *paths, uint32_t count);

/* Raises the counter of sequential names: every server behaves as if `creates` znodes had been
 * created under this one, which exists. */
void rota_world_count_up(struct rota_world *w, const char *path, int32_t creates);

#endif
