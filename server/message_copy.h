/* Requests and replies copied whole, so that they can travel: each copy is one block of memory. */
#ifndef ROTA_SERVER_MESSAGE_COPY_H
#define ROTA_SERVER_MESSAGE_COPY_H

#include "model/seam/backend.h"

/* A copied request, kept by the client until it is answered and by the link until it arrives. */
struct rota_request_copy {
    uint32_t holders;
    struct rota_request request;
};

/* Copies a request; one holder. */
struct rota_request_copy *rota_request_copy_new(const struct rota_request *request);

/* One holder more. */
struct rota_request_copy *rota_request_copy_hold(struct rota_request_copy *p);

/* One holder less; the last one frees it. NULL is no parcel. */
void rota_request_copy_drop(struct rota_request_copy *p);

/* Whether an operation of this kind and a path that matches occurs in the request; for MULTI,
 * whether it is a multi with such a path. `matches` is asked for each path, "" where there is none.
 */
bool rota_request_touches(const struct rota_request *request, enum rota_op op,
                          bool (*matches)(const char *pattern, const char *path),
                          const char *pattern);

/* Copies a reply into one block that free() frees. */
struct rota_reply *rota_reply_copy(const struct rota_reply *reply);

/* Makes the reply that a client gives itself: `rc`, also for each operation of a multi (S42). One
 * block, that free() frees. */
struct rota_reply *rota_reply_failed(const struct rota_request *request, int32_t rc);

#endif
