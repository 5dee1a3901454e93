#include "model/seam/request_limits.h"

#include <string.h>

#define TTL_MOST_MS INT64_C(0xffffffffff)

enum { HEADER = 8, LENGTH = 4, MULTI_HEADER = 9 };

static size_t bytes_of(struct rota_bytes b)
{
    return LENGTH + (b.length > 0 ? (size_t)b.length : 0);
}

static size_t text_of(const char *text)
{
    return LENGTH + (text == NULL ? 0 : strlen(text));
}

static size_t acl_of(const struct rota_operation *o)
{
    size_t bytes = LENGTH;

    if (o->acl == NULL) /* world:anyone:cdrwa */
        return bytes + 4 + text_of("world") + text_of("anyone");
    for (uint32_t i = 0; i < o->acl_count; i++)
        bytes += 4 + text_of(o->acl[i].scheme) + text_of(o->acl[i].id);
    return bytes;
}

size_t rota_operation_bytes(const struct rota_operation *o, uint32_t chroot_length)
{
    size_t path = text_of(o->path) + chroot_length;

    switch (o->op) {
    case ROTA_OP_CREATE:
        return path + bytes_of(o->data) + acl_of(o) + 4 +
               (o->mode == ROTA_MODE_TTL || o->mode == ROTA_MODE_TTL_SEQUENTIAL ? 8 : 0);
    case ROTA_OP_SET:
        return path + bytes_of(o->data) + 4;
    case ROTA_OP_DELETE:
    case ROTA_OP_CHECK:
        return path + 4;
    case ROTA_OP_GET:
    case ROTA_OP_EXISTS:
    case ROTA_OP_CHILDREN:
        return path + 1;
    case ROTA_OP_SYNC:
    case ROTA_OP_GET_ACL:
        return path;
    case ROTA_OP_SET_ACL:
        return path + acl_of(o) + 4;
    case ROTA_OP_ADD_AUTH:
        return 4 + text_of(o->scheme) + bytes_of(o->data);
    case ROTA_OP_MULTI:
    case ROTA_OP_CLOSE:
        break;
    }
    return 0;
}

size_t rota_request_bytes(const struct rota_request *r, uint32_t chroot_length)
{
    size_t bytes = HEADER;

    if (r->operation.op != ROTA_OP_MULTI)
        return bytes + rota_operation_bytes(&r->operation, chroot_length);
    for (uint32_t i = 0; i < r->operation_count; i++)
        bytes += MULTI_HEADER + rota_operation_bytes(&r->operations[i], chroot_length);
    return bytes + MULTI_HEADER;
}

bool rota_path_valid(const char *path, bool sequential)
{
    const char *element;

    if (path == NULL || path[0] != '/')
        return false;
    if (path[1] == '\0')
        return true;
    for (element = path + 1;; element++) {
        size_t n = strcspn(element, "/");

        if (n == 0) /* "//", or a "/" at the end */
            return element[0] == '\0' && sequential;
        if ((n == 1 && element[0] == '.') || (n == 2 && element[0] == '.' && element[1] == '.'))
            return false;
        for (size_t i = 0; i < n; i++)
            if (element[i] > 0 && element[i] < 0x1f)
                return false;
        element += n;
        if (element[0] == '\0')
            return true;
    }
}

static bool writes(enum rota_op op)
{
    return op == ROTA_OP_CREATE || op == ROTA_OP_DELETE || op == ROTA_OP_SET ||
           op == ROTA_OP_SET_ACL || op == ROTA_OP_MULTI;
}

bool rota_request_writes(const struct rota_request *r)
{
    return writes(r->operation.op);
}

static bool ttl_valid(const struct rota_operation *o)
{
    bool has_ttl = o->op == ROTA_OP_CREATE &&
                   (o->mode == ROTA_MODE_TTL || o->mode == ROTA_MODE_TTL_SEQUENTIAL);

    return !has_ttl || (o->ttl_ms > 0 && o->ttl_ms <= TTL_MOST_MS);
}

static bool operation_valid(const struct rota_operation *o)
{
    bool sequential = o->op == ROTA_OP_CREATE && (o->mode == ROTA_MODE_SEQUENTIAL ||
                                                  o->mode == ROTA_MODE_EPHEMERAL_SEQUENTIAL ||
                                                  o->mode == ROTA_MODE_TTL_SEQUENTIAL);

    return o->op == ROTA_OP_ADD_AUTH || (rota_path_valid(o->path, sequential) && ttl_valid(o));
}

/* With other operations in a multi the C client crashes or misreads the reply (S43). */
static bool multi_takes(const struct rota_operation *o)
{
    return o->op == ROTA_OP_DELETE || o->op == ROTA_OP_SET || o->op == ROTA_OP_CHECK ||
           (o->op == ROTA_OP_CREATE && o->mode < ROTA_MODE_CONTAINER);
}

bool rota_request_valid(const struct rota_request *r)
{
    if (r->operation.op != ROTA_OP_MULTI)
        return operation_valid(&r->operation);
    for (uint32_t i = 0; i < r->operation_count; i++)
        if (!multi_takes(&r->operations[i]) || !operation_valid(&r->operations[i]))
            return false;
    return true;
}
