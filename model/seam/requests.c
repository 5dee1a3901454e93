#include "model/seam/requests.h"

#include "model/base/assert.h"

uint64_t rota_request_tag(unsigned kind, uint16_t generation, uint32_t index)
{
    rota_assert(kind > 0 && kind < 256);
    return (uint64_t)kind << 48 | (uint64_t)generation << 32 | index;
}

unsigned rota_request_tag_kind(uint64_t tag)
{
    return (unsigned)(tag >> 48);
}

uint16_t rota_request_tag_generation(uint64_t tag)
{
    return (uint16_t)(tag >> 32);
}

uint32_t rota_request_tag_index(uint64_t tag)
{
    return (uint32_t)tag;
}

struct rota_request *rota_request_add(struct rota_outbox *out, uint64_t tag)
{
    struct rota_action *a = rota_outbox_add(out, ROTA_ACTION_REQUEST);

    a->request.tag = tag;
    return &a->request;
}

void rota_request_add_read(struct rota_outbox *out, uint64_t tag, enum rota_op op, const char *path,
                           bool watch)
{
    struct rota_request *r = rota_request_add(out, tag);

    r->operation.op = op;
    r->operation.path = path;
    r->operation.watch = watch;
}

void rota_request_add_create(struct rota_outbox *out, uint64_t tag, const char *path)
{
    struct rota_request *r = rota_request_add(out, tag);

    r->operation.op = ROTA_OP_CREATE;
    r->operation.path = path;
    r->operation.data = (struct rota_bytes){"", 0};
}

struct rota_operation *rota_request_add_multi(struct rota_outbox *out, uint64_t tag, uint32_t count)
{
    struct rota_operation *ops = rota_outbox_take(out, count * sizeof *ops);
    struct rota_request *r = rota_request_add(out, tag);

    r->operation.op = ROTA_OP_MULTI;
    r->operations = ops;
    r->operation_count = count;
    for (uint32_t i = 0; i < count; i++)
        ops[i].version = -1;
    return ops;
}

void rota_operation_delete(struct rota_operation *o, const char *path)
{
    o->op = ROTA_OP_DELETE;
    o->path = path;
    o->version = -1;
}

uint32_t rota_reply_failed_at(const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->result_count; i++)
        if (r->results[i].rc != ROTA_ERR_OK)
            return i;
    return UINT32_MAX;
}

bool rota_reply_session_over(const struct rota_reply *r)
{
    return rota_error_is_over(r->rc);
}
