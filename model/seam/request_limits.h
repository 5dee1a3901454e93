/* The limits of ZooKeeper for requests: size on the wire, valid paths, operations in a multi. */
#ifndef ROTA_MODEL_SEAM_REQUEST_LIMITS_H
#define ROTA_MODEL_SEAM_REQUEST_LIMITS_H

#include "model/seam/backend.h"

/* Bytes of the largest packet that a server accepts; it cuts the connection on a larger one (S35).
 */
#define ROTA_REQUEST_LIMIT 1048575u

/* The most bytes that a role puts into one multi, so that other requests are not delayed for long.
 */
#define ROTA_BATCH_BYTES 262144u

/* Bytes that an operation adds to a request, with a chroot of `chroot_length` bytes. */
size_t rota_operation_bytes(const struct rota_operation *o, uint32_t chroot_length);

/* Bytes of the whole packet without its length field, to compare with ROTA_REQUEST_LIMIT. */
size_t rota_request_bytes(const struct rota_request *r, uint32_t chroot_length);

/* True if the C client accepts the path (S30). The path of a sequential create may end in "/". */
bool rota_path_valid(const char *path, bool sequential);

/* True if the request changes the tree. */
bool rota_request_writes(const struct rota_request *r);

/* True if the client library accepts the request: each path and each TTL is valid, and a multi
 * holds only creates (without containers and TTL), deletes, sets and checks (S2, S30, S43, S44). */
bool rota_request_valid(const struct rota_request *r);

#endif
