#include "model/master/scheduler.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/assignments.h"
#include "model/master/attempts.h"
#include "model/master/decide.h"
#include "model/master/dependencies.h"
#include "model/master/fence.h"
#include "model/master/orders.h"
#include "model/master/ready.h"
#include "model/master/timers.h"
#include "model/seam/request_limits.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    BATCH_TASKS = 500,
    CHECKS = 3,             /* operations before those of the tasks: /epoch, /assign, /assign/<w> */
    RECORD_BYTES = 96,      /* of a record without its history, and of a path besides its names */
    WORKERS_IN_A_STEP = 64, /* that get tasks */
};

/* ---- choosing a worker ---- */

/* True if a is less loaded than b, by the share of its slots in use. */
static bool less_loaded(const struct rota_master_worker *a, const struct rota_master_worker *b)
{
    return (uint64_t)a->held * b->slots < (uint64_t)b->held * a->slots;
}

/* True if a worker of the open list has a free slot for a task of that kind. */
static bool has_room(const struct rota_master_context *s, const struct rota_master_worker *w,
                     const struct rota_kind *kind)
{
    return w->held < w->slots && !w->exclusive &&
           rota_ready_carries(rota_belief_text(s, w->tags), rota_belief_text(s, kind->tags));
}

/* True if a suspect task would run beside others (rule 7: it runs alone). */
static bool crowded(const struct rota_master_worker *w, const struct rota_kind *kind)
{
    return kind->suspect && w->held > 0;
}

/* The worker from which a mass loss took the task, if it has returned and has room. */
static uint32_t former_worker(const struct rota_master_context *s, const struct rota_master_task *t,
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
 * needs an empty worker; while there is none, one is reserved: it gets no further tasks (rule 7).
 */
static uint32_t choose_worker(struct rota_master_context *s, const struct rota_kind *kind,
                              uint32_t task, uint32_t *reserved)
{
    uint32_t best = former_worker(s, rota_belief_task(s, task), kind);
    uint32_t emptiest = ROTA_MAP_NONE;

    if (best != ROTA_MAP_NONE)
        return best;
    for (uint32_t i = s->m->open_first; i != 0; i = rota_belief_worker(s, i - 1)->open_next) {
        const struct rota_master_worker *w = rota_belief_worker(s, i - 1);

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

static size_t bytes_of(const struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    size_t name = strlen(rota_belief_task_name(s, task));
    size_t bytes = 2 * name + strlen(rota_belief_worker_name(s, worker)) + 3 * RECORD_BYTES +
                   strlen(rota_belief_text(s, t->history));

    return t->lost_worker == 0 ? bytes
                               : bytes + strlen(rota_belief_worker_name(s, t->lost_worker - 1));
}

static uint32_t operations_of(const struct rota_master_task *t)
{
    return 1u + (t->lost_worker != 0 ? 1u : 0u) + (t->has_retry ? 1u : 0u);
}

/* Fills the operations that place one task, and returns their number. Deletes come before the
 * create, because a task may return to a worker of the same name. */
static uint32_t put_task(struct rota_master_context *s, struct rota_operation *ops, uint32_t task,
                         uint32_t worker)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    const char *name = rota_belief_task_name(s, task);
    struct rota_attempt_record record = {.attempt = t->attempt + 1,
                                         .failures = t->failures,
                                         .epoch = s->m->epoch,
                                         .history = rota_attempts_history(s, task)};
    uint32_t n = 0;

    rota_attempts_count_loss(s, t, &record.losses, &record.excused_losses);
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

/* The multi checks the version of /assign/<w>, that is, the incarnation that was chosen (hazard
 * 12), after those of /epoch and /assign. */
static void send_batch(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    struct rota_operation *ops;
    uint32_t count = CHECKS;

    for (uint32_t t = w->batch_first; t != 0; t = rota_belief_task(s, t - 1)->list_next)
        count += operations_of(rota_belief_task(s, t - 1));
    ops = rota_fence_worker_multi(s, ROTA_MASTER_PURPOSE_PLACE, worker, count);
    ops[CHECKS - 1].op = ROTA_OP_CHECK;
    ops[CHECKS - 1].path = rota_path_assign(s->out, rota_belief_worker_name(s, worker));
    ops[CHECKS - 1].version = w->version;
    w->batch_czxid = w->czxid;
    count = CHECKS;
    for (uint32_t t = w->batch_first; t != 0; t = rota_belief_task(s, t - 1)->list_next)
        count += put_task(s, ops + count, t - 1, worker);
}

/* The batch of a worker in this step. */
struct batch {
    uint32_t worker;
    uint32_t last; /* task, index + 1 */
    uint32_t tasks;
    size_t bytes;
};

/* Adds the task to the batch. False if the batch is full. */
static bool batch_add(struct rota_master_context *s, struct batch *b, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    size_t bytes = bytes_of(s, task, b->worker);

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
    rota_assignments_add(s, task, b->worker);
    rota_assignments_isolate(s, task);
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

void rota_scheduler_place(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    struct batch batches[WORKERS_IN_A_STEP];
    uint32_t count = 0;
    uint32_t reserved = 0; /* the worker that is reserved for a suspect task, index + 1 */
    uint32_t kind;

    if (!m->recovered || m->open_first == 0 || m->ready == 0 || m->assign_stale)
        return;
    rota_ready_unblock(s);
    while (count < WORKERS_IN_A_STEP && (kind = rota_ready_next(s)) != ROTA_MAP_NONE) {
        uint32_t task = rota_ready_first(s, kind);
        uint32_t worker = choose_worker(s, rota_ready_kind(s, kind), task, &reserved);

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
        rota_belief_update_open(s, batches[i].worker);
    }
}

/* ---- the reply ---- */

/* The czxid of the assignment is above that of its worker, and below that of any later incarnation:
 * until it is read, the number just above the worker's stands for it. That is certain only if the
 * worker did not change before the reply. If it did, the assignment may belong to a later
 * incarnation, whose registration left the version of /assign/<w> as it was: it is read. */
static void task_placed(struct rota_master_context *s, uint32_t task, uint32_t worker,
                        int64_t batch_czxid)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    bool certain = w->czxid == batch_czxid && !w->unconfirmed && !w->unwatched;
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_attempts_count_loss(s, t, &t->losses, &t->excused_losses);
    t->attempt++;
    t->assigned_ms = rota_timers_now_ms(s);
    rota_outbox_note(s->out, t->lost_worker != 0 ? ROTA_NOTE_REASSIGNED : ROTA_NOTE_ASSIGNED,
                     rota_belief_task_name(s, task), rota_belief_worker_name(s, worker), t->attempt,
                     t->losses, 0);
    rota_assignments_moved(s, task);
    t->history = rota_belief_keep(s, t->history, NULL);
    t->has_retry = t->mass_lost = false;
    t->state = ROTA_TASK_HELD;
    t->assigned_czxid = certain ? batch_czxid + 1 : 0;
    if (!certain)
        rota_assignments_read(s, task);
    if (rota_belief_cancelled(t))
        rota_master_orders_want(s, worker);
    rota_dependencies_begun(s, task);
}

static void batch_placed(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    int64_t batch_czxid = w->batch_czxid;

    for (uint32_t i = w->batch_first, next; i != 0; i = next) {
        next = rota_belief_task(s, i - 1)->list_next;
        task_placed(s, i - 1, worker, batch_czxid);
    }
}

/* No server accepts a request that carries this task: it is left alone. */
static void leave_alone(struct rota_master_context *s, uint32_t task)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, task),
                     rota_error_name(ROTA_ERR_TOO_LARGE), 0, 0, 0);
    rota_assignments_moved(s, task);
}

/* All tasks of the batch leave the worker. The task at which the multi failed is read again; the
 * others are decided about again, because they may have been cancelled meanwhile. If the error says
 * nothing about the tree, the worker gets nothing until the audit finds that this changed. */
static void batch_refused(struct rota_master_context *s, uint32_t worker,
                          const struct rota_reply *r)
{
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = CHECKS;

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_worker_name(s, worker),
                     rota_error_name(r->rc), 0, 0, 0);
    for (uint32_t i = rota_belief_worker(s, worker)->batch_first, next; i != 0; i = next) {
        struct rota_master_task *t = rota_belief_task(s, i - 1);
        uint32_t operations = operations_of(t);

        next = t->list_next;
        rota_assignments_remove(s, i - 1);
        t->state = ROTA_TASK_ENDED;
        if (failed >= at && failed < at + operations)
            rota_belief_reread_task(s, i - 1);
        else if (failed == UINT32_MAX)
            leave_alone(s, i - 1);
        else
            rota_decide_task(s, i - 1);
        at += operations;
    }
    if (failed != UINT32_MAX && !rota_error_is_news(r->rc))
        rota_belief_worker(s, worker)->assignable = false;
    else
        rota_belief_want_worker(s, worker, true, true);
}

/* The worker may have been lost while the multi was under way. */
void rota_scheduler_placed(struct rota_master_context *s, uint32_t worker,
                           const struct rota_event *e)
{
    rota_assert(rota_belief_worker(s, worker)->batch_first != 0);
    rota_fence_worker_refused(s, e);
    if (e->reply.outcome == ROTA_DONE)
        batch_placed(s, worker);
    else
        batch_refused(s, worker, e->reply.body);
    rota_belief_worker(s, worker)->batch_first = 0;
    rota_assignments_reclaim(s, worker);
}
