#include "model/worker/worker.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/worker/assignments.h"
#include "model/worker/orders.h"
#include "model/worker/progress.h"
#include "model/worker/registration.h"
#include "model/worker/results.h"
#include "model/worker/runs.h"

/* ---- the session ---- */

/* The session goes on: what was read or written without a known outcome is read again. */
static void resume(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    w->phase = ROTA_WORKER_IN;
    w->list_wanted = true;
    w->orders_wanted = true;
    w->zero_slots_sent = false;
    rota_results_resolve(s);
    rota_registration_read_own_znode(s);
}

static void session_up(struct rota_worker_context *s, const struct rota_event *e)
{
    struct rota_worker *w = s->w;

    w->up = true;
    w->session = e->up.session;
    w->session_timeout = (rota_time)e->up.timeout_ms * 1000;
    w->lease = ROTA_LEASE_GOOD;
    w->list_reading = false;
    w->orders_reading = false;
    switch (w->phase) {
    case ROTA_WORKER_IN:
    case ROTA_WORKER_LEAVING:
        resume(s);
        break;
    case ROTA_WORKER_REGISTERING:
    case ROTA_WORKER_CONFIRMING:
    case ROTA_WORKER_WAITING:
        rota_registration_confirm(s);
        break;
    case ROTA_WORKER_OUT:
    case ROTA_WORKER_CHECKING:
        rota_registration_begin(s);
        break;
    }
}

/* The session has ended: its assignments are given to others, and no result of them counts (hazards
 * 8 and 14). */
static void lost(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    rota_runs_stop_all(s, ROTA_RUN_CAUSE_LEASE, true);
    rota_runs_clear(s);
    rota_worker_assignments_clear(s);
    rota_worker_orders_clear(s);
    rota_progress_clear(s);
    w->writing = w->write_single = false;
    w->zero_slots_sent = false;
    w->phase = ROTA_WORKER_OUT;
    w->up = false;
    w->czxid = 0;
    w->generation++;
}

static void lease_changed(struct rota_worker_context *s, const struct rota_event *e)
{
    struct rota_worker *w = s->w;
    struct rota_action *a;

    if (e->lease.state == ROTA_LEASE_LOW && w->lease == ROTA_LEASE_GOOD)
        rota_outbox_note(s->out, ROTA_NOTE_LEASE_LOW, NULL, NULL, 0, 0, 0);
    if (e->lease.state == ROTA_LEASE_OVER && w->lease != ROTA_LEASE_OVER) {
        rota_runs_stop_all(s, ROTA_RUN_CAUSE_LEASE, true);
        rota_outbox_note(s->out, ROTA_NOTE_LEASE_OVER, NULL, NULL, w->busy, 0, 0);
    }
    w->lease = e->lease.state;
    if (w->lease != ROTA_LEASE_GOOD)
        return;
    a = rota_outbox_add(s->out, ROTA_ACTION_LEASE);
    a->lease.until = e->lease.until;
}

/* ---- stopping ---- */

/* From now on running tasks are not waited for: they are stopped and handed back. */
static void stop_now(struct rota_worker_context *s, bool at_once)
{
    s->w->stop_now = true;
    rota_runs_stop_all(s, ROTA_RUN_CAUSE_HAND_BACK, at_once);
}

static void stop(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (w->stopping) {
        stop_now(s, true);
        return;
    }
    w->stopping = true;
    w->deadline = s->now + w->config.drain_timeout_ms * 1000;
    rota_outbox_note(s->out, ROTA_NOTE_STOPPING, NULL, NULL, w->busy, 0, 0);
    if (w->config.drain_timeout_ms == 0)
        stop_now(s, false);
}

/* True if the worker must stay: a run is busy, a result waits for the server and may still count,
 * or a registration is under way that would outlive the worker. */
static bool must_stay(const struct rota_worker_context *s)
{
    const struct rota_worker *w = s->w;

    if (w->busy > 0)
        return true;
    if (!w->up)
        return !w->stop_now && w->lease != ROTA_LEASE_OVER && rota_runs_any_unwritten(s);
    return w->phase == ROTA_WORKER_REGISTERING || w->phase == ROTA_WORKER_CONFIRMING;
}

/* True if the worker is registered, knows its assignments and holds none that is its own. */
static bool holds_nothing(const struct rota_worker_context *s)
{
    const struct rota_worker *w = s->w;

    return w->phase == ROTA_WORKER_IN && w->list_known && !w->list_reading && !w->list_wanted &&
           !rota_runs_any_left(s);
}

/* Assignments that the worker holds when it exits are given to others when its session ends. */
static void go_on_stopping(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (!w->stop_now && s->now >= w->deadline)
        stop_now(s, false);
    if (!w->stop_now)
        rota_outbox_wake(s->out, w->deadline);
    if (must_stay(s))
        return;
    if (!w->up || (w->phase != ROTA_WORKER_IN && w->phase != ROTA_WORKER_LEAVING))
        rota_worker_exit(s, ROTA_EXIT_DONE, NULL);
    else if (holds_nothing(s) && w->tasks.length == 0)
        rota_registration_end(s);
    else if (holds_nothing(s)) /* the rest is of an earlier incarnation: the master moves it */
        rota_worker_exit(s, ROTA_EXIT_DONE, NULL);
}

/* ---- replies ---- */

/* The request has no known outcome: it will be sent again. After the end of the session nothing is
 * written again: LOST follows. */
static void unanswered(struct rota_worker_context *s, enum rota_worker_purpose purpose, uint32_t i,
                       const struct rota_event *e)
{
    switch (purpose) {
    case ROTA_WORKER_PURPOSE_ORDERS:
        rota_worker_orders_unread(s);
        break;
    case ROTA_WORKER_PURPOSE_ASSIGNMENTS:
        rota_worker_assignments_unlisted(s);
        break;
    case ROTA_WORKER_PURPOSE_TASK:
        rota_worker_assignments_task_unread(s, i);
        break;
    case ROTA_WORKER_PURPOSE_RESULTS:
        if (!rota_reply_session_over(e->reply.body))
            rota_results_written(s, e);
        break;
    case ROTA_WORKER_PURPOSE_PROGRESS:
        if (!rota_reply_session_over(e->reply.body))
            rota_progress_written(s, e);
        break;
    default: /* the next UP sends it again */
        break;
    }
}

/* A reply of the directory /assign/<w>, by its listing or its data. */
static void directory_read(struct rota_worker_context *s, enum rota_worker_purpose purpose,
                           const struct rota_event *e)
{
    bool exists = true;

    if (e->reply.body->rc == ROTA_ERR_NO_AUTH)
        rota_worker_forbidden(s, rota_path_assign(s->out, s->w->config.name), ROTA_ERR_NO_AUTH);
    else if (purpose == ROTA_WORKER_PURPOSE_ORDERS)
        exists = rota_worker_orders_read(s, e);
    else
        exists = rota_worker_assignments_listed(s, e);
    if (!exists)
        rota_worker_restart(s, "the worker's directory under " ROTA_PATH_ASSIGN " is gone");
}

/* A reply about the registration that comes before UP is ignored: UP asks again. */
static void answered(struct rota_worker_context *s, enum rota_worker_purpose purpose, uint32_t i,
                     const struct rota_event *e)
{
    switch (purpose) {
    case ROTA_WORKER_PURPOSE_DIRECTORY:
        if (s->w->up)
            rota_registration_directory_read(s, e);
        break;
    case ROTA_WORKER_PURPOSE_REGISTER:
        if (s->w->up)
            rota_registration_written(s, e);
        break;
    case ROTA_WORKER_PURPOSE_OWN_ZNODE:
        if (s->w->up)
            rota_registration_own_znode_read(s, e);
        break;
    case ROTA_WORKER_PURPOSE_DEREGISTER:
        rota_registration_ended(s, e);
        break;
    case ROTA_WORKER_PURPOSE_ORDERS:
    case ROTA_WORKER_PURPOSE_ASSIGNMENTS:
        directory_read(s, purpose, e);
        break;
    case ROTA_WORKER_PURPOSE_ASSIGNMENT:
        rota_worker_assignments_read(s, i, e);
        break;
    case ROTA_WORKER_PURPOSE_TASK:
        rota_worker_assignments_task_read(s, i, e);
        break;
    case ROTA_WORKER_PURPOSE_RESULTS:
        rota_results_written(s, e);
        break;
    case ROTA_WORKER_PURPOSE_RESOLVE:
        rota_results_resolved(s, i, e);
        break;
    case ROTA_WORKER_PURPOSE_PROGRESS:
        rota_progress_written(s, e);
        break;
    case ROTA_WORKER_PURPOSE_ZERO_SLOTS:
    case ROTA_WORKER_PURPOSE_PROGRESS_DELETE:
    case ROTA_WORKER_PURPOSE_PROGRESS_CREATE:
        break;
    }
}

static void replied(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_worker_purpose purpose = (enum rota_worker_purpose)rota_request_tag_kind(r->tag);
    uint32_t i = rota_request_tag_index(r->tag);

    if (rota_request_tag_generation(r->tag) != s->w->generation)
        return;
    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r))
        unanswered(s, purpose, i, e);
    else
        answered(s, purpose, i, e);
}

/* ---- other events ---- */

static void watched(struct rota_worker_context *s, const struct rota_event *e)
{
    if (!s->w->up || s->w->phase == ROTA_WORKER_OUT)
        return;
    if (strcmp(e->watch.path, rota_path_worker(s->out, s->w->config.name)) == 0)
        rota_registration_read_own_znode(s);
    else if (e->watch.kind == ROTA_WATCH_CHANGED)
        s->w->orders_wanted = true;
    else
        s->w->list_wanted = true;
}

/* The host reports that a run has ended. */
static void finished(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t i = rota_runs_finished(s, e->finished.run);

    if (i == ROTA_MAP_NONE)
        return;
    if (rota_runs_at(s, i)->superseded)
        rota_results_supersede(s, i);
    else
        rota_results_finished(s, i, e);
}

static void progress(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t i = rota_runs_find_number(s, e->progress.run);

    if (i != ROTA_MAP_NONE)
        rota_progress_line(s, i, e->progress.line);
}

/* ---- the step ---- */

/* Sends what is wanted while registered. */
static void work(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    rota_worker_orders_request(s);
    rota_worker_assignments_list(s);
    rota_worker_assignments_follow_orders(s);
    rota_worker_assignments_begin(s);
    if (w->stopping)
        rota_registration_zero_slots(s);
    if (w->stopping || w->draining)
        rota_worker_assignments_hand_back(s);
    rota_progress_write(s);
    rota_results_write(s);
}

static void reconcile(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    if (w->up)
        rota_registration_wait(s);
    rota_runs_stop_overdue(s);
    rota_worker_orders_drain(s);
    if (w->up && w->phase == ROTA_WORKER_IN)
        work(s);
    if (w->stopping)
        go_on_stopping(s);
}

void rota_worker_init(struct rota_worker *w, const struct rota_worker_config *config, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->config = *config;
    if (w->config.slots == 0)
        w->config.slots = 1;
    w->random_state = seed;
    w->next_timeout = ROTA_NEVER;
}

void rota_worker_step(struct rota_worker *w, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_worker_context s = {w, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        session_up(&s, event);
        break;
    case ROTA_EVENT_DOWN:
        w->up = false;
        break;
    case ROTA_EVENT_LOST:
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        rota_worker_exit(&s, ROTA_EXIT_UNREACHABLE,
                         rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        watched(&s, event);
        break;
    case ROTA_EVENT_LEASE:
        lease_changed(&s, event);
        break;
    case ROTA_EVENT_FINISHED:
        finished(&s, event);
        break;
    case ROTA_EVENT_PROGRESS:
        progress(&s, event);
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    reconcile(&s);
}

void rota_worker_check(const struct rota_worker *w, const struct rota_pool *mem)
{
    struct rota_worker state = *w;
    struct rota_pool pool = *mem;
    const struct rota_worker_context s = {.w = &state, .mem = &pool};

    rota_assert(w->phase != ROTA_WORKER_IN || w->czxid != 0);
    rota_assert(w->phase != ROTA_WORKER_WAITING || w->deadline != 0);
    rota_assert(!w->stop_now || w->stopping);
    rota_assert(w->starting <= w->runs.used);
    rota_assert(!w->progress_writing || w->progress_batch.length > 0);
    rota_assert(mem->live <= mem->size);
    rota_runs_check(&s);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    rota_worker_init(state, config, seed);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_worker_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_worker_check(state, mem);
}

const struct rota_role rota_worker_role = {
    .name = "worker",
    .state_size = sizeof(struct rota_worker),
    .config_size = sizeof(struct rota_worker_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
