/* The way of one handle to the servers: looking up their names, again while no server answers, the
 * pace of attempts to connect, and the reason why none succeeds.
 *
 * Threads: a helper thread looks names up and asks servers why they do not serve, so that neither
 * the owner's loop nor the library's IO thread waits for a name service. New addresses are handed
 * to the library on its IO thread, between two attempts, where nothing else uses the list (S91). */
#ifndef ROTA_BACKEND_ZK_ROUTE_H
#define ROTA_BACKEND_ZK_ROUTE_H

#include <stdio.h>
#include <zookeeper/zookeeper.h>

#include "backend_zk/hosts.h"
#include "backend_zk/log.h"
#include "model/seam/backend.h"

struct rota_zk_route_config {
    const char *hosts; /* connect string; copied */
    uint32_t session_timeout_ms;
    rota_zk_lookup_f lookup; /* NULL: getaddrinfo */
    enum rota_zk_log log;    /* lines that are printed */
    FILE *log_stream;        /* NULL: standard error */
    rota_wake_f wake;        /* called by the helper when the state is no longer RESOLVING */
    void *context;
    bool first; /* look names up before open returns, and find out why no server serves */
};

enum rota_zk_route_state {
    ROTA_ZK_ROUTE_RESOLVING, /* the names are being looked up */
    ROTA_ZK_ROUTE_READY,
    ROTA_ZK_ROUTE_UNUSABLE, /* rota_zk_route_reason says why */
};

struct rota_zk_route;

/* Begins to look up the names; numeric addresses are READY at once. */
struct rota_zk_route *rota_zk_route_open(const struct rota_zk_route_config *config);

enum rota_zk_route_state rota_zk_route_state(struct rota_zk_route *r);

/* READY: the connect string for the library. Freed by the caller. */
char *rota_zk_route_list(struct rota_zk_route *r);

/* The log function for the library's handle: it hears of failed attempts, on the IO thread. */
rota_zk_log_f rota_zk_route_log(struct rota_zk_route *r);

/* The library's handle, once it is open. */
void rota_zk_route_opened(struct rota_zk_route *r, zhandle_t *zh);

/* The handle was connected or disconnected. Any thread. */
void rota_zk_route_connected(struct rota_zk_route *r, bool connected);

/* A server has answered a request: the reason is no longer looked for. Any thread. */
void rota_zk_route_served(struct rota_zk_route *r);

/* Why no server serves, as far as it is known; "" if nothing is known. */
void rota_zk_route_reason(struct rota_zk_route *r, char *text, size_t size);

/* Ends all waiting. Called before the library's handle is closed. */
void rota_zk_route_stop(struct rota_zk_route *r);

/* Gives the route back, after the library's handle was closed. A helper thread that waits for a
 * name service goes on until it answers, and wakes no owner. */
void rota_zk_route_close(struct rota_zk_route *r);

#endif
