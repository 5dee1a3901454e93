/* Copies of requests and replies that travel through the simulated network. */
#ifndef ROTA_BACKEND_SIM_NET_MESSAGE_COPY_H
#define ROTA_BACKEND_SIM_NET_MESSAGE_COPY_H

#include "model/seam/backend.h"

/* A copied request. It is shared: the client holds it until it is answered, the link until it
 * arrives, the server until it is executed. */
struct rota_request_copy {
    uint32_t holders;
    const struct rota_request *request;
};

/* Copies a request, for one holder. */
struct rota_request_copy *rota_request_copy_new(const struct rota_request *request);

/* Adds a holder. */
struct rota_request_copy *rota_request_copy_hold(struct rota_request_copy *copy);

/* Removes a holder; without any, the copy is freed. `copy` may be NULL. */
void rota_request_copy_drop(struct rota_request_copy *copy);

/* Copies a reply into one block, to be freed with free(). */
struct rota_reply *rota_reply_copy(const struct rota_reply *reply);

#endif
