#include "model/master/fence.h"

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

struct rota_operation *rota_fence_multi(struct rota_master_context *s,
                                        enum rota_master_purpose purpose, uint32_t index,
                                        uint32_t count)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_belief_tag(s, purpose, index), count);

    rota_assert(s->m->phase == ROTA_MASTER_LEADING || s->m->phase == ROTA_MASTER_HANDING_OVER);
    rota_assert(count > 0);
    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = ROTA_PATH_EPOCH;
    ops[0].version = s->m->epoch;
    return ops;
}

struct rota_operation *rota_fence_worker_multi(struct rota_master_context *s,
                                               enum rota_master_purpose purpose, uint32_t worker,
                                               uint32_t count)
{
    struct rota_operation *ops = rota_fence_multi(s, purpose, worker, count);

    rota_assert(count > 1 && !s->m->assign_stale);
    ops[1].op = ROTA_OP_CHECK;
    ops[1].path = ROTA_PATH_ASSIGN;
    ops[1].version = s->m->assign_version;
    return ops;
}

bool rota_fence_worker_refused(struct rota_master_context *s, const struct rota_event *e)
{
    if (e->reply.outcome != ROTA_REFUSED || rota_reply_failed_at(e->reply.body) != 1)
        return false;
    s->m->assign_stale = true;
    s->m->listing[ROTA_DIRECTORY_ASSIGN].wanted = true;
    return true;
}

bool rota_fence_refused(const struct rota_event *e)
{
    return e->reply.outcome == ROTA_REFUSED && rota_reply_failed_at(e->reply.body) == 0;
}
