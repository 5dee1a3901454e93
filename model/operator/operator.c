#include "model/operator/operator.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/operator/cancel.h"
#include "model/operator/drain.h"
#include "model/operator/jobs.h"
#include "model/operator/retry.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum {
    ACTIVE_MAX = 1000, /* jobs at once: each may hold a watch (hazard 17) */
    AUDIT_US = 10000000,
};

/* Begins or continues job `i`. */
static void look(struct rota_operator_context *s, uint32_t i)
{
    switch (s->p->config.command) {
    case ROTA_OPERATOR_CANCEL:
        rota_operator_cancel_look(s, i);
        break;
    case ROTA_OPERATOR_RETRY:
        rota_operator_retry_look(s, i);
        break;
    case ROTA_OPERATOR_DRAIN:
        rota_operator_drain_look(s, i);
        break;
    case ROTA_OPERATOR_UNDRAIN:
        rota_operator_undrain_look(s, i);
        break;
    }
}

/* ---- replies ---- */

static void tree_read(struct rota_operator_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    s->p->tree_exists = s->p->up && r->rc == ROTA_ERR_OK;
    if (e->reply.outcome == ROTA_REFUSED && !rota_reply_session_over(r))
        rota_operator_give_up(s, r->rc);
}

/* The request of job `i` has no known outcome, or nothing can be sent now. */
static void unanswered(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                       uint32_t i)
{
    if (purpose == ROTA_OPERATOR_PURPOSE_UNDRAIN_WRITE)
        rota_operator_job_at(s, i)->sent = true;
    rota_operator_job_restart(s, i);
}

static void job_replied(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                        uint32_t i, const struct rota_reply *r)
{
    switch (purpose) {
    case ROTA_OPERATOR_PURPOSE_TREE:
        rota_unreachable("this reply belongs to no job");
    case ROTA_OPERATOR_PURPOSE_CANCEL_TASK:
        rota_operator_cancel_task_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_CANCEL_MARK:
        rota_operator_cancel_marked(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_CANCEL_WRITE:
        rota_operator_cancel_written(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_CANCEL_CHILDREN:
        rota_operator_cancel_children_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_CANCEL_STATUS:
        rota_operator_cancel_status_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_STATUS:
        rota_operator_retry_status_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_NO_STATUS:
        rota_operator_retry_no_status_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_HISTORY:
        rota_operator_retry_history_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_CANCEL:
        rota_operator_retry_cancel_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_COLLECT:
        rota_operator_retry_collect_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_RECORD:
        rota_operator_retry_record_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_TASK:
        rota_operator_retry_task_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_RETRY_WRITE:
        rota_operator_retry_written(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_DRAIN_WRITE:
        rota_operator_drain_written(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_DRAIN_ASSIGNMENTS:
        rota_operator_drain_assignments_read(s, i, r);
        break;
    case ROTA_OPERATOR_PURPOSE_UNDRAIN_WRITE:
        rota_operator_undrain_written(s, i, r);
        break;
    }
}

static void replied(struct rota_operator_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_operator_purpose purpose = (enum rota_operator_purpose)rota_request_tag_kind(r->tag);
    uint32_t i = rota_request_tag_index(r->tag);

    if (rota_request_tag_generation(r->tag) != s->p->generation)
        return;
    if (purpose == ROTA_OPERATOR_PURPOSE_TREE) {
        tree_read(s, e);
        return;
    }
    rota_assert_equal(rota_operator_job_at(s, i)->state, ROTA_OPERATOR_JOB_ASKING);
    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r) || !s->p->up)
        unanswered(s, purpose, i);
    else
        job_replied(s, purpose, i, r);
}

/* ---- other events ---- */

static void session_up(struct rota_operator_context *s)
{
    s->p->up = true;
    s->p->tree_exists = false;
    rota_request_add_read(s->out, rota_request_tag(ROTA_OPERATOR_PURPOSE_TREE, s->p->generation, 0),
                          ROTA_OP_EXISTS, ROTA_PATH_TASKS, false);
}

static void watched(struct rota_operator_context *s, const struct rota_event *e)
{
    const char *parent = rota_operator_is_for_workers(s) ? ROTA_PATH_ASSIGN : ROTA_PATH_TASKS;
    const char *name = rota_path_below(e->watch.path, parent);
    uint32_t i = name == NULL ? ROTA_MAP_NONE : rota_operator_job_watching(s, name);

    if (i == ROTA_MAP_NONE)
        return;
    if (!s->p->up)
        rota_operator_job_restart(s, i);
    else if (s->p->config.command == ROTA_OPERATOR_CANCEL)
        rota_operator_cancel_watched(s, i, e->watch.kind);
    else
        look(s, i);
}

/* The watches have ended with the session. */
static void lost(struct rota_operator_context *s)
{
    s->p->generation++;
    for (uint32_t i = 0; i < s->p->jobs.length; i++)
        if (rota_operator_job_at(s, i)->state == ROTA_OPERATOR_JOB_WATCHING)
            rota_operator_job_restart(s, i);
}

/* Reads again now and then, because a watch event can be missed (hazards 13 and 15). */
static void audit(struct rota_operator_context *s)
{
    struct rota_operator *p = s->p;

    if (p->active == 0 || s->now >= p->audit_at) {
        for (uint32_t i = 0; p->active > 0 && i < p->jobs.length; i++)
            if (rota_operator_job_at(s, i)->state == ROTA_OPERATOR_JOB_WATCHING)
                look(s, i);
        p->audit_at = s->now + AUDIT_US;
    }
    if (p->active > 0)
        rota_outbox_wake(s->out, p->audit_at);
}

static void reconcile(struct rota_operator_context *s)
{
    struct rota_operator *p = s->p;

    if (p->up && p->tree_exists) {
        while (p->pending.head != 0 && p->active < ACTIVE_MAX)
            look(s, rota_operator_job_take(s));
        audit(s);
    }
    if (p->closed && p->live == 0)
        rota_operator_exit(s,
                           p->refusals > 0   ? ROTA_EXIT_REFUSED
                           : p->failures > 0 ? ROTA_EXIT_FAILED
                                             : ROTA_EXIT_DONE,
                           NULL);
}

/* ---- the step ---- */

void rota_operator_init(struct rota_operator *p, const struct rota_operator_config *config)
{
    memset(p, 0, sizeof *p);
    p->config = *config;
}

void rota_operator_step(struct rota_operator *p, struct rota_pool *mem,
                        const struct rota_event *event, struct rota_outbox *out)
{
    struct rota_operator_context s = {p, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        session_up(&s);
        break;
    case ROTA_EVENT_DOWN:
        p->up = false;
        break;
    case ROTA_EVENT_LOST:
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        rota_operator_exit(&s, ROTA_EXIT_UNREACHABLE,
                           rota_exit_unreachable_text(out, event->failed.rc));
        return;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        watched(&s, event);
        break;
    case ROTA_EVENT_WAIT:
        rota_operator_job_add(&s, event);
        break;
    case ROTA_EVENT_CLOSE_INPUT:
        p->closed = true;
        break;
    case ROTA_EVENT_STOP:
        rota_operator_exit(&s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    default:
        break;
    }
    reconcile(&s);
}

void rota_operator_check(const struct rota_operator *p, const struct rota_pool *mem)
{
    struct rota_operator state = *p;
    struct rota_pool pool = *mem;
    const struct rota_operator_context s = {.p = &state, .mem = &pool};

    rota_assert(p->active <= ACTIVE_MAX);
    rota_assert(mem->live <= mem->size);
    rota_operator_job_check(&s);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    rota_operator_init(state, config);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_operator_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_operator_check(state, mem);
}

const struct rota_role rota_operator_role = {
    .name = "operator",
    .state_size = sizeof(struct rota_operator),
    .config_size = sizeof(struct rota_operator_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
