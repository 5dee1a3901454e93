/* How transactions come from the leader to the servers: each commit is appended to a log, and every
 * server applies its entries in order, later than the leader. */
#ifndef ROTA_BACKEND_SIM_NET_REPLICATION_H
#define ROTA_BACKEND_SIM_NET_REPLICATION_H

#include "backend_sim/net/ensemble_state.h"

/* Appends a transaction that the leader has committed. A server alone has no log. */
void rota_replication_append(struct rota_ensemble *e, const struct rota_commit *commit);

/* Makes sure that a moment comes at which the server applies its next entry. */
void rota_replication_arm(struct rota_ensemble *e, uint32_t server);

/* That moment has come. */
void rota_replication_moment(struct rota_ensemble *e, uint32_t server, uint64_t serial);

/* The server applies all entries now. */
void rota_replication_catch_up(struct rota_ensemble *e, uint32_t server);

/* Asserts that every server's position fits the log. */
void rota_replication_check(const struct rota_ensemble *e);

/* Frees the log. */
void rota_replication_close(struct rota_ensemble *e);

#endif
