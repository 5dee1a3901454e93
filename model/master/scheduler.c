#include "model/master/scheduler.h"

#include <string.h>

#include "model/master/dependencies.h"
#include "model/master/timers.h"
#include "model/base/assert.h"
#include "model/master/orders.h"
#include "model/master/tasks.h"
#include "model/tree/path.h"
#include "model/master/ready.h"
#include "model/tree/record.h"
#include "model/seam/request_limits.h"

enum { BATCH_TASKS = 500, RECORD_BYTES = 96 };

struct rota_operation *rota_scheduler_write(struct rota_master_context *s,
                                            enum rota_master_purpose what, uint32_t index,
                                            uint32_t count)
{
    struct rota_operation *ops =
        rota_request_add_multi(s->out, rota_belief_tag(s, what, index), count);

    rota_assert(s->m->phase == ROTA_MASTER_LEADING || s->m->phase == ROTA_MASTER_HANDING_OVER);
    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = ROTA_PATH_EPOCH;
    ops[0].version = s->m->epoch;
    return ops;
}

/* ---- choosing ---- */

/* Whether a is less loaded than b, by the share of its slots in use. */
static bool less_loaded(const struct rota_master_worker *a, const struct rota_master_worker *b)
{
    return (uint64_t)a->held * b->slots < (uint64_t)b->held * a->slots;
}

/* Whether a worker that is open has room for a task of that kind. */
static bool has_room(const struct rota_master_context *s, const struct rota_master_worker *w,
                     const struct rota_kind *kind)
{
    return w->held < w->slots && !w->exclusive &&
           rota_ready_carries(rota_belief_text(s, w->tags), rota_belief_text(s, kind->tags));
}

/* Whether a task of that kind would run beside others though it is suspect (rule 7). */
static bool crowded(const struct rota_master_worker *w, const struct rota_kind *kind)
{
    return kind->suspect && w->held > 0;
}

/* What a mass loss took from a worker that is back goes back to it. */
static uint32_t former(const struct rota_master_context *s, const struct rota_master_task *t,
                       const struct rota_kind *kind)
{
    const struct rota_master_worker *w;

    if (t->lost_worker == 0 || !t->mass_lost)
        return ROTA_MAP_NONE;
    w = rota_belief_worker(s, t->lost_worker - 1);
    return w->in_open && has_room(s, w, kind) && !crowded(w, kind) ? t->lost_worker - 1
                                                                   : ROTA_MAP_NONE;
}

/* The least loaded worker that may take the task, ROTA_MAP_NONE if there is none. A suspect task
 * wants an empty worker; while there is none, one is kept from getting more (rule 7). */
static uint32_t choose(struct rota_master_context *s, const struct rota_kind *kind, uint32_t task,
                       uint32_t *reserved)
{
    uint32_t best = former(s, rota_belief_task(s, task), kind);
    uint32_t emptiest = ROTA_MAP_NONE;

    if (best != ROTA_MAP_NONE)
        return best;
    for (uint32_t i = s->m->open_first; i != 0; i = rota_belief_worker(s, i - 1)->open_next) {
        struct rota_master_worker *w = rota_belief_worker(s, i - 1);

        if (!has_room(s, w, kind))
            continue;
        if (emptiest == ROTA_MAP_NONE || less_loaded(w, rota_belief_worker(s, emptiest)))
            emptiest = i - 1;
        if (crowded(w, kind) || (!kind->suspect && *reserved == i))
            continue;
        if (best == ROTA_MAP_NONE || less_loaded(w, rota_belief_worker(s, best)))
            best = i - 1;
    }
    if (kind->suspect && best == ROTA_MAP_NONE && *reserved == 0 && emptiest != ROTA_MAP_NONE)
        *reserved = emptiest + 1;
    return best;
}

/* ---- the multi that places a worker's batch ---- */

static size_t placing_bytes(const struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    size_t name = strlen(rota_belief_task_name(s, task));
    size_t bytes = 2 * name + strlen(rota_belief_worker_name(s, worker)) + 3 * RECORD_BYTES +
                   strlen(rota_belief_text(s, t->history));

    return t->lost_worker == 0 ? bytes
                               : bytes + strlen(rota_belief_worker_name(s, t->lost_worker - 1));
}

static uint32_t placing_operations(const struct rota_master_task *t)
{
    return 1u + (t->lost_worker != 0 ? 1u : 0u) + (t->has_retry ? 1u : 0u);
}

const char *rota_scheduler_history(struct rota_master_context *s, uint32_t task)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_history_line line = {.attempt = t->attempt,
                                     .began_ms = t->assigned_ms,
                                     .ended_ms = rota_timers_now_ms(s),
                                     .how = "lost",
                                     .reason = ""};

    if (t->lost_worker == 0)
        return rota_belief_text(s, t->history);
    line.worker = rota_belief_worker_name(s, t->lost_worker - 1);
    return rota_history_line_add(s->out, rota_belief_text(s, t->history), &line);
}

/* Counts the worker lost under a task that moves: in a mass loss apart (rule 7), but not for ever,
 * or a task that kills many workers at once would never be found out. */
static void count_loss(const struct rota_master_context *s, const struct rota_master_task *t,
                       uint32_t *losses, uint32_t *spared)
{
    *losses = t->losses;
    *spared = t->excused_losses;
    if (t->lost_worker == 0)
        return;
    if (t->mass_lost && t->excused_losses < s->m->config.losses)
        ++*spared;
    else
        ++*losses;
}

/* The operations that place one task; returns how many. Deletes come before the create, for a task
 * may come back to a worker of the same name. */
static uint32_t put_task(struct rota_master_context *s, struct rota_operation *ops, uint32_t task,
                         uint32_t worker)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    const char *name = rota_belief_task_name(s, task);
    struct rota_attempt_record record = {.attempt = t->attempt + 1,
                                         .failures = t->failures,
                                         .epoch = s->m->epoch,
                                         .history = rota_scheduler_history(s, task)};
    uint32_t n = 0;

    count_loss(s, t, &record.losses, &record.excused_losses);
    if (t->lost_worker != 0)
        rota_operation_delete(
            &ops[n++],
            rota_path_assignment(s->out, rota_belief_worker_name(s, t->lost_worker - 1), name));
    if (t->has_retry)
        rota_operation_delete(&ops[n++], rota_path_retry(s->out, name));
    ops[n].op = ROTA_OP_CREATE;
    ops[n].path = rota_path_assignment(s->out, rota_belief_worker_name(s, worker), name);
    ops[n].data = rota_attempt_record_write(s->out, &record);
    return n + 1;
}

static void send_batch(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    struct rota_operation *ops;
    uint32_t count = 2;

    for (uint32_t t = w->batch_first; t != 0; t = rota_belief_task(s, t - 1)->list_next)
        count += placing_operations(rota_belief_task(s, t - 1));
    ops = rota_scheduler_write(s, ROTA_MASTER_PURPOSE_PLACE, worker, count);
    ops[1].op = ROTA_OP_CHECK; /* the incarnation that was chosen: hazard 12 */
    ops[1].path = rota_path_assign(s->out, rota_belief_worker_name(s, worker));
    ops[1].version = w->version;
    w->batch_czxid = w->czxid;
    count = 2;
    for (uint32_t t = w->batch_first; t != 0; t = rota_belief_task(s, t - 1)->list_next)
        count += put_task(s, ops + count, t - 1, worker);
}

struct batch {
    uint32_t worker;
    uint32_t last; /* index + 1 */
    uint32_t tasks;
    size_t bytes;
};

/* Adds the task to the worker's batch of this step. False if the batch is full. */
static bool batch_add(struct rota_master_context *s, struct batch *b, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    size_t bytes = placing_bytes(s, task, b->worker);

    if (b->tasks > 0 && (b->tasks == BATCH_TASKS || b->bytes + bytes > ROTA_BATCH_BYTES))
        return false;
    if (b->last == 0)
        rota_belief_worker(s, b->worker)->batch_first = task + 1;
    else
        rota_belief_task(s, b->last - 1)->list_next = task + 1;
    b->last = task + 1;
    b->tasks++;
    b->bytes += bytes;
    t->list_next = 0;
    t->state = ROTA_TASK_PLACING;
    rota_belief_hold(s, task, b->worker);
    rota_belief_worker(s, b->worker)->exclusive = rota_ready_suspect(t);
    return true;
}

static struct batch *batch_of(struct batch *all, uint32_t *count, uint32_t worker)
{
    for (uint32_t i = 0; i < *count; i++)
        if (all[i].worker == worker)
            return &all[i];
    all[*count] = (struct batch){.worker = worker};
    return &all[(*count)++];
}

enum { WORKERS_A_STEP = 64 };

/* Hands out what is ready, the most urgent first, each to the least loaded worker: one multi a
 * worker, all of one step at once. */
void rota_scheduler_go(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    struct batch batches[WORKERS_A_STEP];
    uint32_t count = 0;
    uint32_t reserved = 0; /* kept from getting more, for a suspect task; index + 1 */
    uint32_t kind;

    if (!m->recovered || m->open_first == 0 || m->ready == 0)
        return;
    rota_ready_open(s);
    while (count < WORKERS_A_STEP && (kind = rota_ready_next(s)) != ROTA_MAP_NONE) {
        uint32_t task = rota_ready_first(s, kind);
        uint32_t worker = choose(s, rota_ready_kind(s, kind), task, &reserved);

        if (worker == ROTA_MAP_NONE) {
            rota_ready_kind(s, kind)->blocked = true;
            continue;
        }
        if (!batch_add(s, batch_of(batches, &count, worker), task))
            break;
        rota_ready_take(s, kind);
    }
    for (uint32_t i = 0; i < count; i++) {
        send_batch(s, batches[i].worker);
        rota_belief_open(s, batches[i].worker);
    }
}

/* ---- what came of it ---- */

/* The multi was done: the tasks are held. */
static void batch_done(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    int64_t placed_after = w->batch_czxid;

    for (uint32_t i = w->batch_first; i != 0; i = rota_belief_task(s, i - 1)->list_next) {
        struct rota_master_task *t = rota_belief_task(s, i - 1);

        count_loss(s, t, &t->losses, &t->excused_losses);
        t->attempt++;
        t->assigned_ms = rota_timers_now_ms(s);
        rota_outbox_note(s->out, t->lost_worker != 0 ? ROTA_NOTE_REASSIGNED : ROTA_NOTE_ASSIGNED,
                         rota_belief_task_name(s, i - 1), rota_belief_worker_name(s, worker),
                         t->attempt, t->losses, 0);
        rota_belief_moved(s, i - 1);
        t->history = rota_belief_keep(s, t->history, NULL);
        t->has_retry = t->mass_lost = false;
        t->state = ROTA_TASK_HELD;
        t->assigned_czxid =
            placed_after + 1; /* its true czxid is above that and below any later worker's */
        if (rota_belief_cancelled(t))
            rota_master_orders_want(s, worker);
        rota_dependencies_begun(s, i - 1);
    }
}

/* No server takes a request that carries this task: it is let be. */
static void let_be(struct rota_master_context *s, uint32_t task)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, task),
                     rota_error_name(ROTA_ERR_TOO_LARGE), 0, 0, 0);
    rota_belief_moved(s, task);
}

/* The multi was refused: everything goes back, the task it failed at is looked at again. */
static void batch_refused(struct rota_master_context *s, uint32_t worker,
                          const struct rota_reply *r)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 2;

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_worker_name(s, worker),
                     rota_error_name(r->rc), 0, 0, 0);
    for (uint32_t i = w->batch_first, next; i != 0; i = next) {
        struct rota_master_task *t = rota_belief_task(s, i - 1);
        uint32_t operations = placing_operations(t);

        next = t->list_next;
        rota_belief_release(s, i - 1);
        t->state = ROTA_TASK_ENDED;
        if (failed >= at && failed < at + operations)
            rota_belief_doubt(s, i - 1); /* with all that was known of it */
        else if (failed == UINT32_MAX)
            let_be(s, i - 1);
        else
            rota_tasks_decide(s, i - 1); /* it may have been cancelled meanwhile */
        at += operations;
    }
    if (failed != UINT32_MAX &&
        !rota_error_is_news(r->rc)) /* until the audit looks whether that has changed */
        rota_belief_worker(s, worker)->assignable = false;
    else
        rota_belief_want(s, worker, true, true);
}

static void placed(struct rota_master_context *s, uint32_t worker, const struct rota_event *e)
{
    if (e->reply.outcome == ROTA_DONE) {
        batch_done(s, worker);
    } else {
        batch_refused(s, worker, e->reply.body);
    }
    rota_belief_worker(s, worker)->batch_first = 0;
    rota_belief_settle(s, worker); /* the worker may have been lost meanwhile */
}

/* ---- sweeping ---- */

/* Deletes /assign/<w> and /drain/<w> of a worker that has been gone for a session timeout and holds
 * nothing; that long, because a worker in the manner of the seeds may make it before itself, and
 * one that is drained may begin anew. */
static void sweep(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    const char *name = rota_belief_worker_name(s, worker);
    uint32_t n = 1 + (w->assignable ? 1u : 0u) + (w->drain ? 1u : 0u);
    struct rota_operation *ops = rota_scheduler_write(s, ROTA_MASTER_PURPOSE_SWEEP, worker, n);

    if (w->drain)
        rota_operation_delete(&ops[--n], rota_path_drain(s->out, name));
    if (w->assignable) {
        rota_operation_delete(&ops[--n], rota_path_assign(s->out, name));
        ops[n].version = w->version;
    }
    w->sweeping = true;
}

void rota_scheduler_sweep(struct rota_master_context *s)
{
    for (uint32_t i = 0; s->m->workers_to_sweep != 0 && i < s->m->workers.length; i++) {
        struct rota_master_worker *w = rota_belief_worker(s, i);

        if (!w->used || w->sweep_at == 0 || w->sweeping)
            continue;
        if (w->czxid != 0 || !(w->assignable || w->drain) || w->unconfirmed) {
            w->sweep_at = 0;
            s->m->workers_to_sweep--;
        } else if (s->now < w->sweep_at) {
            rota_outbox_wake(s->out, w->sweep_at);
        } else if (w->held == 0 && w->lost_tasks == 0 && w->batch_first == 0) {
            sweep(s, i);
        }
    }
}

static void swept(struct rota_master_context *s, uint32_t worker, const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    w->sweeping = false;
    w->sweep_at = 0;
    s->m->workers_to_sweep--;
    if (e->reply.outcome == ROTA_DONE) {
        rota_outbox_note(s->out, ROTA_NOTE_SWEPT,
                         rota_path_assign(s->out, rota_belief_worker_name(s, worker)), NULL, 0, 0,
                         0);
        w->drain = w->drain_known = false;
    } else {
        s->m->listing[ROTA_DIRECTORY_DRAIN].wanted = true;
    }
    rota_belief_want(s, worker, true, true);
}

bool rota_scheduler_replied(struct rota_master_context *s, enum rota_master_purpose what,
                            uint32_t index, const struct rota_event *e)
{
    if (e->reply.outcome == ROTA_REFUSED && rota_reply_failed_at(e->reply.body) == 0)
        return false;
    if (what == ROTA_MASTER_PURPOSE_PLACE)
        placed(s, index, e);
    else
        swept(s, index, e);
    return true;
}
