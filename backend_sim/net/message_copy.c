#include "backend_sim/net/message_copy.h"

#include <stdlib.h>

#include "model/base/assert.h"
#include "model/seam/message_copy.h"
#include "system/memory.h"

struct rota_request_copy *rota_request_copy_new(const struct rota_request *request)
{
    struct rota_request_copy *copy =
        rota_memory_grow(NULL, sizeof *copy + rota_request_copy_size(request));

    *copy = (struct rota_request_copy){1, rota_request_copy_to(copy + 1, request)};
    return copy;
}

struct rota_request_copy *rota_request_copy_hold(struct rota_request_copy *copy)
{
    rota_assert(copy->holders > 0);
    copy->holders++;
    return copy;
}

void rota_request_copy_drop(struct rota_request_copy *copy)
{
    rota_assert(copy == NULL || copy->holders > 0);
    if (copy != NULL && --copy->holders == 0)
        free(copy);
}

struct rota_reply *rota_reply_copy(const struct rota_reply *reply)
{
    return rota_reply_copy_to(rota_memory_grow(NULL, rota_reply_copy_size(reply)), reply);
}
