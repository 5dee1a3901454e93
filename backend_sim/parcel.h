/* Requests and replies copied whole, so that they can travel: each copy is one block of memory. */
#ifndef ROTA_BACKEND_SIM_PARCEL_H
#define ROTA_BACKEND_SIM_PARCEL_H

#include "model/backend.h"

/* A copied request, kept by the client until it is answered and by the link until it arrives. */
struct rota_parcel {
    uint32_t holders;
    struct rota_request request;
};

/* Copies a request; one holder. */
struct rota_parcel *rota_parcel_copy(const struct rota_request *request);

/* One holder more. */
struct rota_parcel *rota_parcel_hold(struct rota_parcel *p);

/* One holder less; the last one frees it. NULL is no parcel. */
void rota_parcel_drop(struct rota_parcel *p);

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
