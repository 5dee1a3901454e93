#include "server/message_copy.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

/* Walks twice over the same steps: first to count the bytes, then to fill them. */
struct block {
    char *base; /* NULL while counting */
    size_t used;
};

static void *take(struct block *b, size_t bytes)
{
    void *at = b->base == NULL ? NULL : b->base + b->used;

    b->used += (bytes + 15) & ~(size_t)15;
    return at;
}

/* Copies bytes; while counting the result is not to be used. */
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

static struct rota_bytes put_bytes(struct block *b, struct rota_bytes bytes)
{
    if (bytes.length > 0)
        bytes.data = put(b, bytes.data, (size_t)bytes.length);
    else
        bytes.data = NULL;
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
    bool multi = from->operation.op == ROTA_OP_MULTI;
    uint32_t count = multi ? from->operation_count : 0;
    struct rota_request_copy *p = take(b, sizeof *p);
    struct rota_operation first = put_operation(b, from->operation);
    struct rota_operation *operations = take(b, count * sizeof *operations);

    for (uint32_t i = 0; i < count; i++) {
        struct rota_operation one = put_operation(b, from->operations[i]);

        if (operations != NULL)
            operations[i] = one;
    }
    if (p == NULL)
        return;
    p->holders = 1;
    p->request = (struct rota_request){.tag = from->tag,
                                       .operation = first,
                                       .operations = count > 0 ? operations : NULL,
                                       .operation_count = count};
}

struct rota_request_copy *rota_request_copy_new(const struct rota_request *request)
{
    struct block b = {NULL, 0};

    put_request(&b, request);
    b.base = malloc(b.used);
    rota_assert(b.base != NULL);
    b.used = 0;
    put_request(&b, request);
    return (struct rota_request_copy *)(void *)b.base;
}

struct rota_request_copy *rota_request_copy_hold(struct rota_request_copy *p)
{
    p->holders++;
    return p;
}

void rota_request_copy_drop(struct rota_request_copy *p)
{
    if (p != NULL && --p->holders == 0)
        free(p);
}

bool rota_request_touches(const struct rota_request *request, enum rota_op op,
                          bool (*matches)(const char *pattern, const char *path),
                          const char *pattern)
{
    const struct rota_operation *o = &request->operation;

    if (o->op != ROTA_OP_MULTI)
        return o->op == op && matches(pattern, o->path == NULL ? "" : o->path);
    for (uint32_t i = 0; i < request->operation_count; i++) {
        if ((op == ROTA_OP_MULTI || request->operations[i].op == op) &&
            matches(pattern, request->operations[i].path))
            return true;
    }
    return false;
}

static void put_results(struct block *b, struct rota_reply *r, const struct rota_reply *from)
{
    struct rota_result *results;

    if (from->results == NULL || from->result_count == 0) {
        r->results = NULL;
        r->result_count = 0;
        return;
    }
    results = take(b, from->result_count * sizeof *results);
    for (uint32_t i = 0; i < from->result_count; i++) {
        struct rota_result one = from->results[i];

        one.path = put_text(b, one.path);
        if (results != NULL)
            results[i] = one;
    }
    r->results = results;
}

static void put_children(struct block *b, struct rota_reply *r, const struct rota_reply *from)
{
    const char **children;

    if (from->children == NULL || from->child_count == 0) {
        r->children = NULL;
        r->child_count = 0;
        return;
    }
    children = take(b, from->child_count * sizeof *children);
    for (uint32_t i = 0; i < from->child_count; i++) {
        const char *one = put_text(b, from->children[i]);

        if (children != NULL)
            children[i] = one;
    }
    r->children = children;
}

static void put_reply(struct block *b, const struct rota_reply *from)
{
    struct rota_reply *r = take(b, sizeof *r);
    struct rota_reply copy = *from;

    copy.data = put_bytes(b, from->data);
    copy.path = put_text(b, from->path);
    copy.acl = put_acl(b, from->acl, from->acl_count);
    put_results(b, &copy, from);
    put_children(b, &copy, from);
    if (r != NULL)
        *r = copy;
}

struct rota_reply *rota_reply_copy(const struct rota_reply *reply)
{
    struct block b = {NULL, 0};

    put_reply(&b, reply);
    b.base = malloc(b.used);
    rota_assert(b.base != NULL);
    b.used = 0;
    put_reply(&b, reply);
    return (struct rota_reply *)(void *)b.base;
}

struct rota_reply *rota_reply_failed(const struct rota_request *request, int32_t rc)
{
    bool multi = request->operation.op == ROTA_OP_MULTI;
    uint32_t count = multi ? request->operation_count : 0;
    struct rota_reply *r = calloc(1, sizeof *r + count * sizeof(struct rota_result));
    struct rota_result *results;

    rota_assert(r != NULL);
    r->tag = request->tag;
    r->rc = rc;
    r->data = ROTA_NULL_BYTES;
    if (count == 0)
        return r;
    results = (struct rota_result *)(void *)(r + 1);
    for (uint32_t i = 0; i < count; i++)
        results[i].rc = rc;
    r->results = results;
    r->result_count = count;
    return r;
}
