/* A write that has lost its connection and is executed later. */
#ifndef ROTA_BACKEND_SIM_NET_LATE_WRITE_H
#define ROTA_BACKEND_SIM_NET_LATE_WRITE_H

#include "backend_sim/net/message_copy.h"
#include "server/server.h"

struct rota_late_write {
    uint64_t serial; /* of its moment */
    int64_t session;
    uint32_t who;
    uint64_t handle;
    struct rota_identity_list *identities; /* owned; may be NULL */
    struct rota_request_copy *request;     /* held */
};

/* Frees what it owns, and zeroes it. */
void rota_late_write_clear(struct rota_late_write *write);

#endif
