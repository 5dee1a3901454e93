/* Requests as ZooKeeper sees them: their size on the wire and whether their paths are valid. */
#ifndef ROTA_MODEL_SEAM_REQUEST_LIMITS_H
#define ROTA_MODEL_SEAM_REQUEST_LIMITS_H

#include "model/seam/backend.h"

/* The largest packet a server accepts; above it, it cuts the connection (S35). */
#define ROTA_REQUEST_LIMIT 1048575u

/* What a role puts into one multi at most, so that other traffic is not held up for long. */
#define ROTA_BATCH_BYTES 262144u

/* Bytes one operation adds to a request, with `chroot_length` bytes before its path. */
size_t rota_operation_bytes(const struct rota_operation *o, uint32_t chroot_length);

/* Bytes of the whole packet, without its length frame: what is compared with ROTA_REQUEST_LIMIT. */
size_t rota_request_bytes(const struct rota_request *r, uint32_t chroot_length);

/* Whether the C client accepts a path (S30). A sequential create may end in "/". */
bool rota_path_valid(const char *path, bool sequential);

/* Whether the request changes the tree, so that an unknown outcome matters. */
bool rota_request_writes(const struct rota_request *r);

/* Whether the client library takes the request: every path and every TTL is valid, and a multi
 * holds nothing but creates (no containers, no TTL), deletes, sets and checks (S2, S30, S43, S44).
 */
bool rota_request_valid(const struct rota_request *r);

#endif
