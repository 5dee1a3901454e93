/* How a role asks: requests put into the outbox, with tags that say what they were for. */
#ifndef ROTA_MODEL_SEAM_REQUESTS_H
#define ROTA_MODEL_SEAM_REQUESTS_H

#include "model/seam/outbox.h"

/* A tag holds what was asked (a role's own enum, 1..255), the generation of belief in which it was
 * asked, so that answers to older questions are recognised, and an index. */
uint64_t rota_tag(unsigned what, uint16_t generation, uint32_t index);
unsigned rota_tag_what(uint64_t tag);
uint16_t rota_tag_generation(uint64_t tag);
uint32_t rota_tag_index(uint64_t tag);

/* Appends a request. Valid until the next append. */
struct rota_request *rota_ask(struct rota_outbox *out, uint64_t tag);

/* Appends a read of one path, with or without a watch. */
void rota_ask_read(struct rota_outbox *out, uint64_t tag, enum rota_op op, const char *path,
                   bool watch);

/* Appends a multi of `count` operations, which the caller fills; versions begin as -1, "any". */
struct rota_operation *rota_ask_multi(struct rota_outbox *out, uint64_t tag, uint32_t count);

/* Fills an operation that deletes a path, whatever its version. */
void rota_operation_delete(struct rota_operation *o, const char *path);

/* Where a refused multi failed: the index of its first operation with an error (S41); UINT32_MAX if
 * it was refused as a whole. */
uint32_t rota_reply_failed_at(const struct rota_reply *r);

/* Whether a reply says no more than that the session is over: LOST follows. */
bool rota_reply_session_over(const struct rota_reply *r);

/* Appends the end of the process. Nothing may be sent after it. */
void rota_leave(struct rota_outbox *out, enum rota_exit status, const char *sentence);

/* The sentence with which a process leaves to which something at `path` was refused that it cannot
 * do without; in the outbox's memory. */
const char *rota_forbidden(struct rota_outbox *out, const char *path, int32_t rc);

/* The sentence with which a process leaves that was told FAILED for the reason `rc`; in the
 * outbox's memory. */
const char *rota_unreachable(struct rota_outbox *out, int32_t rc);

#endif
