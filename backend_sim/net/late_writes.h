/* The writes that have lost their connection and are executed later. */
#ifndef ROTA_BACKEND_SIM_NET_LATE_WRITES_H
#define ROTA_BACKEND_SIM_NET_LATE_WRITES_H

#include "backend_sim/net/ensemble_state.h"

/* Keeps a write of a connection, which is to be lost, and executes it `most` later or earlier. */
void rota_late_writes_add(struct rota_ensemble *e, const struct rota_connection *c,
                          struct rota_request_copy *request, rota_time most);

/* The moment of a late write has come. */
void rota_late_writes_moment(struct rota_ensemble *e, uint64_t serial);

/* Executes the late writes of a session: they come before its next write or sync. */
void rota_late_writes_execute(struct rota_ensemble *e, int64_t session);

/* Drops the late writes of a session that come from another handle: the session has moved. */
void rota_late_writes_drop_moved(struct rota_ensemble *e, int64_t session, uint64_t handle);

/* Drops all of them. */
void rota_late_writes_drop_all(struct rota_ensemble *e);

/* Frees the memory. */
void rota_late_writes_close(struct rota_ensemble *e);

#endif
