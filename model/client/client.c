#include "model/client/client.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/client/collection.h"
#include "model/client/dependencies.h"
#include "model/seam/exit.h"
#include "model/tree/path.h"
#include "model/client/submission.h"

enum {
    DEFAULT_WINDOW = 1000,
    AUDIT_US = 30000000,
};

/* ---- the end ---- */

/* Removes what has not ended yet, or leaves it, as configured. What has reached its reader is
 * removed in both cases, unless it is told twice. */
static void stop(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->up || c->stopping || c->leaving) {
        rota_client_leave(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (!c->config.withdraw) {
        c->leaving = true;
        return;
    }
    c->stopping = true;
    c->closed = true;
    rota_map_clear(s->mem, &c->marking);
    for (uint32_t i = 0; i < c->job.length; i++) {
        struct rota_job *j = rota_job_at(s, i);

        if (!j->used)
            continue;
        switch (j->state) {
        case ROTA_JOB_LOOK:
            rota_queue_remove(&c->look, rota_job_links(s), i);
            rota_job_end(s, i);
            break;
        case ROTA_JOB_LOOKING:
            rota_job_end(s, i);
            break;
        case ROTA_JOB_PUT:
            rota_queue_remove(&c->put, rota_job_links(s), i);
            rota_job_end(s, i);
            break;
        case ROTA_JOB_PENDING:
            rota_queue_remove(&c->pending, rota_job_links(s), i);
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
            break;
        case ROTA_JOB_ENDED:
            rota_queue_remove(&c->ended, rota_job_links(s), i);
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
            break;
        case ROTA_JOB_WATCHED:
        case ROTA_JOB_MISSING:
        case ROTA_JOB_FETCHING:
        case ROTA_JOB_REPORTED:
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
            break;
        default:
            break; /* a reply is awaited, or it is on its way out */
        }
    }
}

static void finish(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->closed || c->live > 0 || c->asking > 0)
        return;
    rota_client_leave(s,
                      c->stopping       ? ROTA_EXIT_INTERRUPTED
                      : c->refusals > 0 ? ROTA_EXIT_REFUSED
                      : c->failures > 0 ? ROTA_EXIT_FAILED
                                        : ROTA_EXIT_DONE,
                      NULL);
}

/* ---- the step ---- */

static void replied(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_client_purpose what = (enum rota_client_purpose)rota_request_tag_kind(r->tag);
    uint32_t i = rota_request_tag_index(r->tag);
    struct rota_event unknown = *e;

    if (rota_request_tag_generation(r->tag) != s->c->generation)
        return;
    if (r->rc == ROTA_ERR_SESSION_EXPIRED || r->rc == ROTA_ERR_INVALID_STATE ||
        r->rc == ROTA_ERR_SESSION_MOVED) { /* not done, and to be asked again in the next session */
        unknown.reply.outcome = ROTA_UNKNOWN;
        e = &unknown;
    }
    if (what <= ROTA_CLIENT_PURPOSE_RESOLVE)
        rota_submission_replied(s, what, i, e);
    else
        rota_collection_replied(s, what, i, e);
}

static void audit(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (c->watching == 0) {
        c->audit_at = s->now + AUDIT_US;
        return;
    }
    if (s->now >= c->audit_at) {
        c->audit_at = s->now + AUDIT_US;
        rota_collection_audit(s);
    }
    rota_outbox_wake(s->out, c->audit_at);
}

static void reconcile(struct rota_client_context *s, bool answered)
{
    struct rota_client *c = s->c;

    if (c->leaving) {
        if (c->up)
            rota_collection_remove(s);
        if (!c->up || !c->collecting)
            rota_client_leave(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (c->up) {
        rota_submission_go(s);
        if (answered)
            rota_job_dependencies_go(s);
        if (!c->stopping) {
            rota_collection_go(s);
            audit(s);
        }
        rota_collection_remove(s);
    }
    finish(s);
}

void rota_client_init(struct rota_client *c, const struct rota_client_config *config, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->config = *config;
    if (c->config.window == 0)
        c->config.window = DEFAULT_WINDOW;
    (void)seed;
}

void rota_client_step(struct rota_client *c, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_client_context s = {c, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        c->up = true;
        c->session = event->up.session;
        rota_submission_resolve(&s);
        break;
    case ROTA_EVENT_DOWN:
        c->up = false;
        break;
    case ROTA_EVENT_LOST:
        c->generation++;
        c->counted = false;
        rota_collection_lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        rota_client_leave(&s, ROTA_EXIT_UNREACHABLE,
                          rota_exit_unreachable_text(out, event->failed.rc));
        return;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH: /* also before UP: what was missed comes as soon as a server serves us */
        rota_collection_watched(&s, event);
        break;
    case ROTA_EVENT_SUBMIT:
        rota_submission_add(&s, event);
        break;
    case ROTA_EVENT_WAIT:
        rota_collection_add(&s, event);
        break;
    case ROTA_EVENT_COLLECT:
        rota_collection_take(&s, event);
        break;
    case ROTA_EVENT_CLOSE_INPUT:
        c->closed = true;
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    reconcile(&s, event->kind == ROTA_EVENT_REPLY || event->kind == ROTA_EVENT_UP);
}

void rota_client_check(const struct rota_client *c, const struct rota_pool *mem)
{
    rota_assert(c->putting || c->putting_now.length == 0);
    rota_assert(c->collecting || c->collecting_now.length == 0);
    rota_assert(c->watching <= c->config.window);
    rota_assert(c->marking.length <= c->looking);
    rota_assert(c->live <= c->job.length);
    rota_assert(c->ids.length == c->live);
    rota_assert(mem->live <= mem->size);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    rota_client_init(state, config, seed);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_client_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_client_check(state, mem);
}

const struct rota_role rota_client_role = {
    .name = "client",
    .state_size = sizeof(struct rota_client),
    .config_size = sizeof(struct rota_client_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
