/* The output of an ensemble, handed up to the network. */
#ifndef ROTA_BACKEND_SIM_NET_ENSEMBLE_SINK_H
#define ROTA_BACKEND_SIM_NET_ENSEMBLE_SINK_H

#include "server/server.h"

/* All members are mandatory. They must not close the ensemble. `connection` is the number of a
 * connection, which may be gone. Everything is borrowed for the call. */
struct rota_ensemble_sink {
    /* ---- to a connection ---- */

    /* The answer to the first packet. `grant` is not NULL if the client is ACCEPTED; otherwise the
     * server has closed its end. */
    void (*connected)(void *context, uint64_t connection, enum rota_connect_result result,
                      const struct rota_session_grant *grant);
    /* A reply, with the server's last zxid for its header (S6). */
    void (*reply)(void *context, uint64_t connection, const struct rota_reply *reply, int64_t zxid);
    /* A watch has fired. */
    void (*watch)(void *context, uint64_t connection, enum rota_watch_kind kind, const char *path);
    /* The server has closed its end. */
    void (*cut)(void *context, uint64_t connection);
    /* The server takes messages of this connection again, after a connect or a request that was not
     * answered at once. */
    void (*ready)(void *context, uint64_t connection);

    /* ---- to all connections of a server ---- */

    /* The server closes all of them: each is to be ended with rota_ensemble_disconnect. */
    void (*close_all)(void *context, uint32_t server);
    /* The server is no longer paused. */
    void (*resumed)(void *context, uint32_t server);

    /* ---- to the world ---- */

    /* A transaction was committed: a request of process `who`, or, if that is ROTA_NOBODY, the
     * server's own. */
    void (*commit)(void *context, uint32_t who, const struct rota_commit *commit);
    /* A request was executed. Its reply has not arrived yet. */
    void (*applied)(void *context, uint32_t who, const struct rota_request *request, int32_t rc);
    /* A request will never be executed. */
    void (*dropped)(void *context, uint32_t who, const struct rota_request *request);
};

#endif
