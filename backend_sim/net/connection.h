/* Connections between simulated clients and servers: their names, their faults, and which of them a
 * partition allows. */
#ifndef ROTA_BACKEND_SIM_NET_CONNECTION_H
#define ROTA_BACKEND_SIM_NET_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "model/seam/backend.h"

/* No process, or no server. */
#define ROTA_NOBODY UINT32_MAX

/* The largest ensemble. */
enum { ROTA_SERVERS_MOST = 9 };

/* The faults of a request: the connection is lost around it, or a busy server does not execute it.
 * Each has a word in scenario files. A new fault is a line here, a case in link.c, and a word in
 * harness/language/keywords.h; for sweeps also a line in harness/play/place.h. */
#define ROTA_CONNECTION_FAULT_MAP(X)                                                               \
    X(LOST, "lost")           /* the request never arrives */                                      \
    X(APPLIED, "applied")     /* the request is executed, and the reply never arrives */           \
    X(LATE, "late")           /* the request is executed after the connection is lost */           \
    X(THROTTLED, "throttled") /* the server answers THROTTLED in its turn; the connection lives */

enum rota_connection_fault {
    ROTA_CONNECTION_FAULT_NONE,
#define X(name, word) ROTA_CONNECTION_FAULT_##name,
    ROTA_CONNECTION_FAULT_MAP(X)
#undef X
        ROTA_CONNECTION_FAULTS
};

/* A fault that is planned for a request. */
struct rota_planned_fault {
    enum rota_connection_fault kind;
    rota_time late_most; /* LATE: how much later the request is executed at most */
};

/* A connection, as the servers know it. */
struct rota_connection {
    uint64_t number; /* not 0, and different from that of every other connection of the world */
    uint32_t server; /* counted from 0 */
    uint32_t who;    /* the process of the client */
    uint64_t handle; /* of the client, different from every other handle of the world */
};

/* The side of a server that reaches no other server and no client. */
#define ROTA_SIDE_ALONE UINT32_MAX

/* Whether two sides of a partition reach each other. Side 0 is on no side: it reaches all sides but
 * ROTA_SIDE_ALONE. */
static inline bool rota_sides_meet(uint32_t a, uint32_t b)
{
    return a != ROTA_SIDE_ALONE && b != ROTA_SIDE_ALONE && (a == 0 || b == 0 || a == b);
}

#endif
