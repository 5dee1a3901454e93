/* First packets and requests that a server forwards to the leader, and their way back. */
#ifndef ROTA_BACKEND_SIM_NET_FORWARDS_H
#define ROTA_BACKEND_SIM_NET_FORWARDS_H

#include "backend_sim/net/ensemble_state.h"

/* In the order of arrival. The connection takes no further message until the answer is there. */
struct rota_forward {
    struct rota_forward *next;
    uint64_t serial; /* of its moment */
    struct rota_connection connection;
    int64_t session;                       /* 0: a new one */
    struct rota_identity_list *identities; /* owned; may be NULL */
    struct rota_request_copy *request;     /* held; NULL: a first packet */
    struct rota_connect connect;           /* a first packet */
    bool lose;         /* the connection is lost when the request has been executed */
    bool disconnected; /* the connection is gone */
    bool waits;        /* until a leader decides */
    bool done;         /* executed: it is answered when its server has applied `position` entries */
    bool session_ended; /* a first packet: the leader does not know the session */
    uint64_t position;
    struct rota_reply *reply; /* owned */
};

/* Appends a forward of that connection. */
struct rota_forward *rota_forwards_add(struct rota_ensemble *e, const struct rota_connection *c);

/* Sends a forward to the leader; for the leader's own connections that takes no time. */
void rota_forwards_send(struct rota_ensemble *e, struct rota_forward *f);

/* The forward with that serial number; NULL if it is gone. */
struct rota_forward *rota_forwards_find(const struct rota_ensemble *e, uint64_t serial);

/* Drops a forward that will never be executed, or all forwards of one server. */
void rota_forwards_drop(struct rota_ensemble *e, struct rota_forward *f);
void rota_forwards_drop_all(struct rota_ensemble *e, uint32_t server);

/* The connection is gone: what it has forwarded is still executed, but not answered. */
void rota_forwards_disconnect(struct rota_ensemble *e, uint64_t connection);

/* Answers all forwards of a server that were executed and whose effects it has applied. */
void rota_forwards_deliver(struct rota_ensemble *e, uint32_t server);

/* Whether this forward could be answered now. */
bool rota_forwards_is_deliverable(const struct rota_ensemble *e, const struct rota_forward *f);

/* A server is about to apply a transaction: connections that have asked for the end of its session
 * are ended by the reply, not cut. */
void rota_forwards_before_apply(struct rota_ensemble *e, uint32_t server,
                                const struct rota_commit *commit);

/* Frees all forwards. */
void rota_forwards_close(struct rota_ensemble *e);

/* The connection of a session, NULL if it is not known yet. Valid until the next is set. */
struct rota_session_route *rota_session_route_find(const struct rota_ensemble *e, int64_t session);

/* Sets the connection of a session, and returns the entry. */
const struct rota_session_route *rota_session_route_set(struct rota_ensemble *e, int64_t session,
                                                        uint64_t connection);

#endif
