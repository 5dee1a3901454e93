#include "model/client/client.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/client/collection.h"
#include "model/client/dependencies.h"
#include "model/client/jobs.h"
#include "model/client/submission.h"
#include "model/client/waiting.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"

enum { DEFAULT_WINDOW = 1000 };

/* ---- the end ---- */

/* Withdraws job `i`: a task that may exist is removed. If a reply is awaited that will tell, the
 * job stays as it is. */
static void withdraw(struct rota_client_context *s, uint32_t i)
{
    switch (rota_job_at(s, i)->state) {
    case ROTA_JOB_TO_CHECK:
    case ROTA_JOB_CHECKING:
    case ROTA_JOB_TO_CREATE:
        rota_job_leave_queue(s, i);
        rota_job_end(s, i);
        break;
    case ROTA_JOB_TO_WATCH:
    case ROTA_JOB_WATCHED:
    case ROTA_JOB_NOT_FOUND:
    case ROTA_JOB_TO_FETCH:
    case ROTA_JOB_FETCHING:
    case ROTA_JOB_REPORTED:
        rota_job_leave_queue(s, i);
        rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
        break;
    default:
        break;
    }
}

/* A second STOP, or one without a connection, ends the process at once. Otherwise the tasks without
 * a final status are withdrawn, or left, as configured. Tasks whose results have reached their
 * reader are collected in both cases. */
static void stop(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->up || c->stopping || c->leaving) {
        rota_client_exit(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (!c->config.withdraw) {
        c->leaving = true;
        return;
    }
    c->stopping = true;
    c->closed = true;
    rota_map_clear(s->mem, &c->marks_pending);
    for (uint32_t i = 0; i < c->jobs.records.length; i++)
        if (rota_job_at(s, i)->used)
            withdraw(s, i);
}

static void finish(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->closed || c->jobs.used > 0 || c->retry_deletes > 0)
        return;
    rota_client_exit(s,
                     c->stopping       ? ROTA_EXIT_INTERRUPTED
                     : c->refusals > 0 ? ROTA_EXIT_REFUSED
                     : c->failures > 0 ? ROTA_EXIT_FAILED
                                       : ROTA_EXIT_DONE,
                     NULL);
}

/* ---- the step ---- */

static void replied(struct rota_client_context *s, const struct rota_event *event)
{
    const struct rota_reply *r = event->reply.body;
    uint32_t i = rota_request_tag_index(r->tag);
    struct rota_event e = *event;

    if (rota_request_tag_generation(r->tag) != s->c->generation)
        return;
    if (rota_reply_session_over(r)) /* not done, and to be sent again in the next session */
        e.reply.outcome = ROTA_UNKNOWN;
    switch ((enum rota_client_purpose)rota_request_tag_kind(r->tag)) {
    case ROTA_CLIENT_PURPOSE_DEPENDENCY:
        rota_job_dependencies_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_MARK:
        rota_job_dependencies_marked(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_BOUND:
        rota_submission_bound_read(s, &e);
        break;
    case ROTA_CLIENT_PURPOSE_SUBMIT:
        rota_submission_written(s, &e);
        break;
    case ROTA_CLIENT_PURPOSE_RESOLVE:
        rota_submission_resolved(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_WATCH:
        rota_waiting_children_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_TREE:
        rota_waiting_tree_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_RESULT:
        rota_waiting_result_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_PROGRESS:
        rota_waiting_progress_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_COLLECT:
        rota_collection_written(s, &e);
        break;
    case ROTA_CLIENT_PURPOSE_VERSION:
        rota_collection_version_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_STATUS:
        rota_collection_status_read(s, i, &e);
        break;
    case ROTA_CLIENT_PURPOSE_RETRY_DELETE:
        rota_collection_retry_deleted(s);
        break;
    }
}

/* Every request was answered before. */
static void lost(struct rota_client_context *s)
{
    rota_assert(!s->c->creating && !s->c->collecting && !s->c->bound_reading);
    rota_assert(s->c->dependency_requests == 0);
    s->c->generation++;
    s->c->bound_known = false;
    rota_waiting_lost(s);
    rota_collection_lost(s);
}

/* Sends what is to be sent. `answered`: an UP or a reply came, so more dependencies may be read. */
static void reconcile(struct rota_client_context *s, bool answered)
{
    struct rota_client *c = s->c;

    if (c->leaving) {
        if (c->up)
            rota_collection_go(s);
        if (!c->up || !c->collecting)
            rota_client_exit(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (c->up) {
        rota_submission_go(s);
        if (answered)
            rota_job_dependencies_go(s);
        if (!c->stopping) {
            rota_waiting_go(s);
            rota_waiting_audit(s);
        }
        rota_collection_go(s);
    }
    finish(s);
}

void rota_client_init(struct rota_client *c, const struct rota_client_config *config)
{
    memset(c, 0, sizeof *c);
    c->config = *config;
    if (c->config.window == 0)
        c->config.window = DEFAULT_WINDOW;
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
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        rota_client_exit(&s, ROTA_EXIT_UNREACHABLE,
                         rota_exit_unreachable_text(out, event->failed.rc));
        return;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH: /* also before UP: a missed event comes as soon as the client is
                            * connected
                            */
        rota_waiting_watched(&s, event);
        break;
    case ROTA_EVENT_SUBMIT:
        rota_submission_add(&s, event);
        break;
    case ROTA_EVENT_WAIT:
        rota_waiting_add(&s, event);
        break;
    case ROTA_EVENT_COLLECT:
        rota_collection_add(&s, event);
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
    struct rota_client state = *c;
    struct rota_pool pool = *mem;
    const struct rota_client_context s = {.c = &state, .mem = &pool};

    rota_assert(c->watching <= c->config.window);
    rota_assert(c->marks_pending.length <= c->dependency_requests);
    rota_assert(!c->stopping || c->closed);
    rota_assert(mem->live <= mem->size);
    rota_job_check(&s);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    rota_client_init(state, config);
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
