/* Requests of a role, put into the outbox, each with a tag that says what its reply is for. */
#ifndef ROTA_MODEL_SEAM_REQUESTS_H
#define ROTA_MODEL_SEAM_REQUESTS_H

#include "model/seam/outbox.h"

/* A request's tag: the kind of request (a role's own enum, 1..255), the generation of the role's
 * belief in which it was sent, by which replies to older requests are recognised, and an index that
 * the kind gives its meaning. */
uint64_t rota_request_tag(unsigned kind, uint16_t generation, uint32_t index);
unsigned rota_request_tag_kind(uint64_t tag);
uint16_t rota_request_tag_generation(uint64_t tag);
uint32_t rota_request_tag_index(uint64_t tag);

/* Appends a request, whose operation the caller fills. Valid until the next append. */
struct rota_request *rota_request_add(struct rota_outbox *out, uint64_t tag);

/* Appends a GET, EXISTS or CHILDREN of `path`, with or without a watch. */
void rota_request_add_read(struct rota_outbox *out, uint64_t tag, enum rota_op op, const char *path,
                           bool watch);

/* Appends a CREATE of a persistent znode with empty data. */
void rota_request_add_create(struct rota_outbox *out, uint64_t tag, const char *path);

/* Appends a multi of `count` operations, which the caller fills; their versions are -1, "any". */
struct rota_operation *rota_request_add_multi(struct rota_outbox *out, uint64_t tag,
                                              uint32_t count);

/* Makes `o` a deletion of `path` in any version. */
void rota_operation_delete(struct rota_operation *o, const char *path);

/* The index of the operation at which a multi was refused: the first with an error (S41).
 * UINT32_MAX if the multi was refused as a whole. */
uint32_t rota_reply_failed_at(const struct rota_reply *r);

/* True if the error says only that the session has ended: LOST follows. */
bool rota_reply_session_over(const struct rota_reply *r);

#endif
