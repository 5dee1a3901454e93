/* Replies and requests copied together with everything they point to, each into one block of
 * memory. The caller asks for the size, gets the memory, and frees it when the copy is no longer
 * needed: the model takes none. The memory must be aligned as malloc aligns it. */
#ifndef ROTA_MODEL_SEAM_MESSAGE_COPY_H
#define ROTA_MODEL_SEAM_MESSAGE_COPY_H

#include "model/seam/backend.h"

/* The bytes that a copy of the reply needs. */
size_t rota_reply_copy_size(const struct rota_reply *reply);

/* Copies the reply into `memory`, which has that many bytes. Returns the copy, which is at the
 * start of the memory. */
struct rota_reply *rota_reply_copy_to(void *memory, const struct rota_reply *reply);

/* The same for the reply that a client itself gives to a request that failed: `rc` for the request
 * and for each operation of a multi (S42), and nothing else. */
size_t rota_reply_failed_size(const struct rota_request *request);
struct rota_reply *rota_reply_failed_to(void *memory, const struct rota_request *request,
                                        int32_t rc);

/* The same for a request. Only what its operations use is copied. */
size_t rota_request_copy_size(const struct rota_request *request);
struct rota_request *rota_request_copy_to(void *memory, const struct rota_request *request);

#endif
