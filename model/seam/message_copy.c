#include "model/seam/message_copy.h"

#include <string.h>

/* The size and the copy come from the same steps: they are done once to count the bytes, without
 * memory, and once to fill them. */
struct block {
    char *base; /* NULL while counting */
    size_t used;
};

enum { ALIGNMENT = 16 };

/* Takes the next bytes of the block. NULL while counting. */
static void *take(struct block *b, size_t bytes)
{
    void *at = b->base == NULL ? NULL : b->base + b->used;

    b->used += (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return at;
}

/* Copies bytes into the block. NULL stays NULL. */
static const void *put(struct block *b, const void *from, size_t bytes)
{
    void *to;

    if (from == NULL)
        return NULL;
    to = take(b, bytes);
    if (to != NULL && bytes > 0)
        memcpy(to, from, bytes);
    return to;
}

static const char *put_text(struct block *b, const char *text)
{
    return text == NULL ? NULL : put(b, text, strlen(text) + 1);
}

/* Empty data stays empty, and no data stays no data (S33). */
static struct rota_bytes put_bytes(struct block *b, struct rota_bytes bytes)
{
    bytes.data = bytes.length > 0 ? put(b, bytes.data, (size_t)bytes.length) : NULL;
    return bytes;
}

static const struct rota_acl *put_acl(struct block *b, const struct rota_acl *acl, uint32_t count)
{
    struct rota_acl *to;

    if (acl == NULL)
        return NULL;
    to = take(b, count * sizeof *to);
    for (uint32_t i = 0; i < count; i++) {
        struct rota_acl one = acl[i];

        one.scheme = put_text(b, one.scheme);
        one.id = put_text(b, one.id);
        if (to != NULL)
            to[i] = one;
    }
    return to;
}

/* ---- replies ---- */

static void put_results(struct block *b, struct rota_reply *r)
{
    const struct rota_result *from = r->results;
    struct rota_result *to;

    r->result_count = from == NULL ? 0 : r->result_count;
    r->results = NULL;
    if (r->result_count == 0)
        return;
    to = take(b, r->result_count * sizeof *to);
    for (uint32_t i = 0; i < r->result_count; i++) {
        struct rota_result one = from[i];

        one.path = put_text(b, one.path);
        if (to != NULL)
            to[i] = one;
    }
    r->results = to;
}

static void put_children(struct block *b, struct rota_reply *r)
{
    const char *const *from = r->children;
    const char **to;

    r->child_count = from == NULL ? 0 : r->child_count;
    r->children = NULL;
    if (r->child_count == 0)
        return;
    to = take(b, r->child_count * sizeof *to);
    for (uint32_t i = 0; i < r->child_count; i++) {
        const char *one = put_text(b, from[i]);

        if (to != NULL)
            to[i] = one;
    }
    r->children = to;
}

static void put_reply(struct block *b, const struct rota_reply *from)
{
    struct rota_reply *to = take(b, sizeof *to);
    struct rota_reply copy = *from;

    copy.data = put_bytes(b, from->data);
    copy.path = put_text(b, from->path);
    copy.acl = put_acl(b, from->acl, from->acl_count);
    put_results(b, &copy);
    put_children(b, &copy);
    if (to != NULL)
        *to = copy;
}

size_t rota_reply_copy_size(const struct rota_reply *reply)
{
    struct block b = {NULL, 0};

    put_reply(&b, reply);
    return b.used;
}

struct rota_reply *rota_reply_copy_to(void *memory, const struct rota_reply *reply)
{
    put_reply(&(struct block){memory, 0}, reply);
    return memory;
}

static uint32_t result_count(const struct rota_request *request)
{
    return request->operation.op == ROTA_OP_MULTI ? request->operation_count : 0;
}

size_t rota_reply_failed_size(const struct rota_request *request)
{
    return sizeof(struct rota_reply) + result_count(request) * sizeof(struct rota_result);
}

struct rota_reply *rota_reply_failed_to(void *memory, const struct rota_request *request,
                                        int32_t rc)
{
    struct rota_reply *r = memory;
    struct rota_result *results = (struct rota_result *)(r + 1);
    uint32_t count = result_count(request);

    for (uint32_t i = 0; i < count; i++)
        results[i] = (struct rota_result){.rc = rc};
    *r = (struct rota_reply){.tag = request->tag,
                             .rc = rc,
                             .data = ROTA_NULL_BYTES,
                             .results = count > 0 ? results : NULL,
                             .result_count = count};
    return r;
}

/* ---- requests ---- */

static struct rota_operation put_operation(struct block *b, struct rota_operation o)
{
    bool data = o.op == ROTA_OP_CREATE || o.op == ROTA_OP_SET || o.op == ROTA_OP_ADD_AUTH;
    bool acl = o.op == ROTA_OP_CREATE || o.op == ROTA_OP_SET_ACL;

    o.path = put_text(b, o.path);
    o.data = data ? put_bytes(b, o.data) : ROTA_NULL_BYTES;
    o.acl_count = acl && o.acl != NULL ? o.acl_count : 0;
    o.acl = acl ? put_acl(b, o.acl, o.acl_count) : NULL;
    o.scheme = o.op == ROTA_OP_ADD_AUTH ? put_text(b, o.scheme) : NULL;
    return o;
}

static void put_request(struct block *b, const struct rota_request *from)
{
    struct rota_request *to = take(b, sizeof *to);
    struct rota_request copy = {.tag = from->tag, .operation_count = result_count(from)};
    struct rota_operation *operations = NULL;

    copy.operation = put_operation(b, from->operation);
    if (copy.operation_count > 0)
        operations = take(b, copy.operation_count * sizeof *operations);
    for (uint32_t i = 0; i < copy.operation_count; i++) {
        struct rota_operation one = put_operation(b, from->operations[i]);

        if (operations != NULL)
            operations[i] = one;
    }
    copy.operations = operations;
    if (to != NULL)
        *to = copy;
}

size_t rota_request_copy_size(const struct rota_request *request)
{
    struct block b = {NULL, 0};

    put_request(&b, request);
    return b.used;
}

struct rota_request *rota_request_copy_to(void *memory, const struct rota_request *request)
{
    put_request(&(struct block){memory, 0}, request);
    return memory;
}
