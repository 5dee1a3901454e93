/* A bare ZooKeeper handle for a program that decides nothing: what the server itself can do. */
#ifndef ROTA_BENCH_HANDLE_H
#define ROTA_BENCH_HANDLE_H

#include "model/seam/backend.h"

struct rota_handle {
    struct rota_backend *backend;
    int woken; /* an eventfd */
    bool connected;
    bool closed;
    uint32_t outstanding;
    uint32_t refused;       /* replies that were not ROTA_ERR_OK */
    struct rota_reply last; /* the latest, without what it points to */
};

/* Connects. False if no server answers within 30 seconds; then there is nothing to close. */
bool rota_handle_open(struct rota_handle *h, const char *hosts);

/* Sends a request once fewer than `window` are unanswered. False if the server was silent for 30
 * seconds. */
bool rota_handle_send(struct rota_handle *h, const struct rota_request *request, uint32_t window);

/* Sends one request and waits for its reply, which is then `last`. True if it was done. */
bool rota_handle_ask(struct rota_handle *h, const struct rota_operation *operation);

/* Waits until everything is answered. True if nothing was ever refused. */
bool rota_handle_settle(struct rota_handle *h);

/* The server's latest transaction, told by one more of them: a write on the root. 0 on failure. */
int64_t rota_handle_zxid(struct rota_handle *h);

/* Ends the session and the handle. */
void rota_handle_close(struct rota_handle *h);

#endif
