#include "model/master/master.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/assignments.h"
#include "model/master/decide.h"
#include "model/master/dependencies.h"
#include "model/master/directories.h"
#include "model/master/election.h"
#include "model/master/fence.h"
#include "model/master/finish.h"
#include "model/master/mass_loss.h"
#include "model/master/orders.h"
#include "model/master/ready.h"
#include "model/master/scheduler.h"
#include "model/master/tasks.h"
#include "model/master/timers.h"
#include "model/master/workers.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum {
    DEFAULT_LOSSES = 5,
    DEFAULT_KEEP_MS = 86400000,
    DEFAULT_HOLD_ABOVE = 50,
    DEFAULT_HOLD_MS = 15000,
    CHECK_ALL = 64, /* records: up to that number a check looks at all of them */
    CHECK_SOME = 2, /* above it, at so many of each kind */
};

void rota_master_init(struct rota_master *m, const struct rota_master_config *config)
{
    memset(m, 0, sizeof *m);
    m->config = *config;
    if (m->config.losses == 0)
        m->config.losses = DEFAULT_LOSSES;
    if (m->config.keep_ms == 0)
        m->config.keep_ms = DEFAULT_KEEP_MS;
    if (m->config.hold_above == 0)
        m->config.hold_above = DEFAULT_HOLD_ABOVE;
    if (m->config.hold_ms == 0)
        m->config.hold_ms = DEFAULT_HOLD_MS;
    m->audit_at = m->clock_at = ROTA_NEVER;
}

/* ---- events ---- */

/* A leader whose connection was lost in between reads everything again, behind the barrier: this
 * resolves what was under way (rule 2). */
static void session_up(struct rota_master_context *s, const struct rota_event *e)
{
    s->m->up = true;
    s->m->session = e->up.session;
    s->m->timeout = (rota_time)e->up.timeout_ms * 1000;
    if (e->up.fresh)
        s->m->election_unknown = false;
    rota_belief_clear(s);
    if (s->m->phase == ROTA_MASTER_LEADING && !e->up.fresh)
        rota_belief_want_all(s);
    else
        rota_master_election_begin(s);
}

static void session_lost(struct rota_master_context *s)
{
    rota_belief_clear(s);
    s->m->phase = ROTA_MASTER_OFFLINE;
    s->m->election_unknown = false;
}

static void directory_replied(struct rota_master_context *s, enum rota_directory which,
                              const struct rota_event *e)
{
    if (!rota_directories_replied(s, which, e))
        return;
    if (which <= ROTA_DIRECTORY_DRAIN)
        rota_workers_listed(s, which, e->reply.body);
    else
        rota_tasks_listed(s, which, e->reply.body);
}

/* The reply to a request of the present generation of belief, whose outcome is known. */
static void known_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                          uint32_t index, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    switch (purpose) {
    case ROTA_MASTER_PURPOSE_LOCK:
        rota_master_election_lock_read(s, r);
        break;
    case ROTA_MASTER_PURPOSE_EPOCH:
        rota_master_election_epoch_read(s, r);
        break;
    case ROTA_MASTER_PURPOSE_CREATE_TREE:
        rota_master_election_tree_created(s, r);
        break;
    case ROTA_MASTER_PURPOSE_DIRECTORY:
        directory_replied(s, (enum rota_directory)index, e);
        break;
    case ROTA_MASTER_PURPOSE_ORDERS:
    case ROTA_MASTER_PURPOSE_WORKER:
    case ROTA_MASTER_PURPOSE_ASSIGNMENTS:
    case ROTA_MASTER_PURPOSE_DRAIN:
        rota_workers_replied(s, purpose, index, e);
        break;
    case ROTA_MASTER_PURPOSE_ASSIGNMENT:
    case ROTA_MASTER_PURPOSE_RETRY:
    case ROTA_MASTER_PURPOSE_CANCEL:
    case ROTA_MASTER_PURPOSE_TASK:
    case ROTA_MASTER_PURPOSE_COLLECT:
    case ROTA_MASTER_PURPOSE_STATUS_STAT:
    case ROTA_MASTER_PURPOSE_STATUS:
    case ROTA_MASTER_PURPOSE_AUDIT:
        rota_tasks_replied(s, purpose, index, e);
        break;
    case ROTA_MASTER_PURPOSE_PLACE:
        rota_scheduler_placed(s, index, e);
        break;
    case ROTA_MASTER_PURPOSE_FINISH:
        rota_finish_replied(s, e);
        break;
    case ROTA_MASTER_PURPOSE_ORDER:
        rota_master_orders_replied(s, index, e);
        break;
    case ROTA_MASTER_PURPOSE_SWEEP:
        rota_workers_swept(s, index, e);
        break;
    case ROTA_MASTER_PURPOSE_CLOCK:
        rota_timers_clock_read(s, e);
        break;
    default:
        rota_unreachable("a reply without a purpose");
    }
}

/* After an unknown outcome, and after the end of a session, everything is read again. */
static void replied(struct rota_master_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum rota_master_purpose purpose = (enum rota_master_purpose)rota_request_tag_kind(r->tag);

    if (purpose == ROTA_MASTER_PURPOSE_HANDOVER)
        rota_belief_leave(s, ROTA_EXIT_DONE, NULL);
    else if (purpose == ROTA_MASTER_PURPOSE_ELECTION)
        rota_master_election_replied(s, e);
    else if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r) ||
             rota_request_tag_generation(r->tag) != s->m->generation)
        return;
    else if (rota_fence_refused(e))
        rota_master_election_depose(s, r->rc);
    else
        known_replied(s, purpose, rota_request_tag_index(r->tag), e);
}

static void watched(struct rota_master_context *s, const struct rota_event *e)
{
    if (s->m->phase == ROTA_MASTER_STANDBY && strcmp(e->watch.path, ROTA_PATH_MASTER) == 0) {
        rota_master_election_begin(s);
    } else if (s->m->phase == ROTA_MASTER_LEADING) {
        rota_directories_watched(s, e->watch.path);
        rota_workers_watched(s, e->watch.kind, e->watch.path);
    }
}

static void stop(struct rota_master_context *s)
{
    if (s->m->up && s->m->phase == ROTA_MASTER_LEADING)
        rota_master_election_hand_over(s);
    else
        rota_belief_leave(s, ROTA_EXIT_DONE, NULL);
}

/* ---- the step ---- */

/* Every few seconds a leader reads again what no event announced (hazards 13 and 15). */
static void audit(struct rota_master_context *s)
{
    if (s->now >= s->m->audit_at) {
        rota_belief_want_all(s);
        rota_workers_audit(s);
        rota_tasks_audit(s);
    }
    rota_outbox_wake(s->out, s->m->audit_at);
}

/* Everything was read once since the election: from now on tasks are placed. */
static void recover(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    if (m->recovered || !m->listing[ROTA_DIRECTORY_TASKS].read)
        return;
    m->recovered = true;
    rota_outbox_note(s->out, ROTA_NOTE_RECOVERED, NULL, NULL, m->worker_names.length, m->assigned,
                     m->task_names.length);
    if (m->task_names.length > 0)
        rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_BACKLOG);
    if (m->assigned > 0)
        rota_outbox_mark(s->out, ROTA_MARK_TAKEOVER_WITH_ASSIGNMENTS);
    rota_mass_loss_recover(s);
}

/* After every event a leader reads what may have changed, decides, and writes what follows. */
static void reconcile(struct rota_master_context *s)
{
    if (!s->m->up || s->m->phase != ROTA_MASTER_LEADING)
        return;
    audit(s);
    rota_directories_list(s);
    rota_workers_read(s);
    rota_directories_list_tasks(s);
    rota_tasks_read(s);
    recover(s);
    rota_mass_loss_end(s);
    rota_decide_listed(s);
    rota_tasks_due(s);
    rota_tasks_read(s); /* what the decisions have asked for */
    rota_timers_schedule(s);
    rota_finish_send(s);
    rota_master_orders_send(s);
    rota_scheduler_place(s);
    rota_workers_sweep(s);
}

void rota_master_step(struct rota_master *m, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct rota_master_context s = {m, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        session_up(&s, event);
        break;
    case ROTA_EVENT_DOWN:
        m->up = false;
        break;
    case ROTA_EVENT_LOST:
        session_lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        rota_belief_leave(&s, ROTA_EXIT_UNREACHABLE,
                          rota_exit_unreachable_text(out, event->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        if (m->up || event->reply.outcome == ROTA_UNKNOWN)
            replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        if (m->up)
            watched(&s, event);
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    rota_decide_listed(&s);
    reconcile(&s);
}

/* ---- checks ---- */

/* A few records, beginning at one that differs from step to step. */
static void check_some(const struct rota_master_context *s)
{
    const struct rota_master *m = s->m;
    uint32_t workers = m->workers.records.length, tasks = m->tasks.records.length;
    uint32_t begin = (m->listing_mark + (uint32_t)m->ready_turns + m->to_read_head +
                      m->timers.length + m->reads_pending) *
                     2654435761u;

    for (uint32_t i = 0; i < CHECK_SOME && i < workers; i++)
        rota_belief_check_worker(s, (begin % workers + i) % workers);
    for (uint32_t i = 0; i < CHECK_SOME && i < tasks; i++)
        rota_belief_check_task(s, (begin % tasks + i) % tasks);
}

static void check_all(const struct rota_master_context *s)
{
    rota_belief_check(s);
    rota_assignments_check(s);
    rota_ready_check(s);
    rota_timers_check(s);
    rota_dependencies_check(s);
}

static void check_counts(const struct rota_master *m, const struct rota_pool *mem)
{
    bool leads = m->phase == ROTA_MASTER_LEADING || m->phase == ROTA_MASTER_HANDING_OVER;

    rota_assert(leads || m->workers.used + m->tasks.used + m->timers.length == 0);
    rota_assert(leads || !m->recovered);
    rota_assert(m->undecided.length == 0);
    rota_assert(m->to_read_head <= m->to_read.length);
    rota_assert(m->assigned <= m->tasks.used);
    rota_assert(m->tasks.used == m->task_names.length);
    rota_assert(m->workers.used == m->worker_names.length);
    rota_assert(m->workers_alive <= m->workers.used && m->workers_unread <= m->workers.used);
    rota_assert(m->workers_to_sweep <= m->workers.used);
    rota_assert(m->status_reads_pending <= m->reads_pending);
    rota_assert(mem->live <= mem->used && mem->used <= mem->size);
}

void rota_master_check(const struct rota_master *m, const struct rota_pool *mem)
{
    /* the context is that of a step; nothing below writes through it */
    const struct rota_master_context s = {.m = (struct rota_master *)m,
                                          .mem = (struct rota_pool *)mem};

    check_counts(m, mem);
    if (m->workers.records.length + m->tasks.records.length + m->edges.records.length +
            m->timers.length + m->ready <=
        CHECK_ALL)
        check_all(&s);
    else
        check_some(&s);
}

/* ---- the table of functions ---- */

/* A master makes no random choices. */
static void role_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    rota_master_init(state, config);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_master_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_master_check(state, mem);
}

const struct rota_role rota_master_role = {
    .name = "master",
    .state_size = sizeof(struct rota_master),
    .config_size = sizeof(struct rota_master_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
