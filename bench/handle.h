/* A bare ZooKeeper handle with blocking calls, to measure what the server itself can do. */
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
    struct rota_reply last; /* the latest reply; its pointers are not valid */
};

/* Connects. False if no server answers within 30 seconds; then the handle is closed. */
bool rota_handle_open(struct rota_handle *h, const char *hosts);

/* Waits until fewer than `window` requests are unanswered, and sends this one. False if the server
 * sent nothing for 30 seconds. */
bool rota_handle_send(struct rota_handle *h, const struct rota_request *request, uint32_t window);

/* Sends one request and waits for its reply, which is then `last`. True if it succeeded. */
bool rota_handle_ask(struct rota_handle *h, const struct rota_operation *operation);

/* Waits until all requests are answered. True if none was refused since the handle was opened. */
bool rota_handle_settle(struct rota_handle *h);

/* The zxid of the server's latest transaction, which is a write of the root made for that purpose.
 * 0 on failure. */
int64_t rota_handle_zxid(struct rota_handle *h);

/* Ends the session and the handle. */
void rota_handle_close(struct rota_handle *h);

#endif
