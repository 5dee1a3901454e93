#include "model/master/assignments.h"

#include "model/base/assert.h"
#include "model/master/attempts.h"
#include "model/master/reads.h"
#include "model/tree/path.h"

void rota_assignments_add(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    rota_assert(t->used && w->used && t->worker == 0);
    t->worker = worker + 1;
    t->worker_prev = 0;
    t->worker_next = w->task_first;
    if (w->task_first != 0)
        rota_belief_task(s, w->task_first - 1)->worker_prev = task + 1;
    w->task_first = task + 1;
    w->held++;
    s->m->assigned++;
}

void rota_assignments_isolate(struct rota_master_context *s, uint32_t task)
{
    const struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker != 0);
    if (!rota_attempts_suspect(s, t))
        return;
    rota_belief_worker(s, t->worker - 1)->exclusive = true;
    rota_belief_update_open(s, t->worker - 1);
}

static bool holds_suspect(const struct rota_master_context *s, const struct rota_master_worker *w)
{
    uint32_t i = w->task_first;

    while (i != 0 && !rota_attempts_suspect(s, rota_belief_task(s, i - 1)))
        i = rota_belief_task(s, i - 1)->worker_next;
    return i != 0;
}

void rota_assignments_remove(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w;

    rota_assert(t->worker != 0);
    w = rota_belief_worker(s, t->worker - 1);
    if (t->worker_prev != 0)
        rota_belief_task(s, t->worker_prev - 1)->worker_next = t->worker_next;
    else
        w->task_first = t->worker_next;
    if (t->worker_next != 0)
        rota_belief_task(s, t->worker_next - 1)->worker_prev = t->worker_prev;
    rota_assert(w->held > 0 && s->m->assigned > 0);
    w->held--;
    s->m->assigned--;
    w->exclusive = w->exclusive && holds_suspect(s, w);
    rota_belief_update_open(s, t->worker - 1);
    t->worker = t->worker_next = t->worker_prev = 0;
}

void rota_assignments_lose(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assert(t->worker != 0 && t->lost_worker == 0);
    t->lost_worker = t->worker;
    rota_belief_worker(s, t->lost_worker - 1)->lost_tasks++;
    rota_assignments_remove(s, task);
}

void rota_assignments_moved(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    if (t->lost_worker == 0)
        return;
    rota_assert(rota_belief_worker(s, t->lost_worker - 1)->lost_tasks > 0);
    rota_belief_worker(s, t->lost_worker - 1)->lost_tasks--;
    t->lost_worker = 0;
}

/* ---- incarnations ---- */

void rota_assignments_reclaim_task(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_master_worker *w;

    rota_assert(t->worker != 0);
    w = rota_belief_worker(s, t->worker - 1);
    if (t->state != ROTA_TASK_HELD || t->assigned_czxid == 0 || w->unconfirmed)
        return;
    if (w->czxid != 0 && t->assigned_czxid > w->czxid)
        return;
    rota_assignments_lose(s, task);
    t->state = ROTA_TASK_LISTED;
    rota_belief_queue(s, task);
}

void rota_assignments_reclaim(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_worker *w = rota_belief_worker(s, i);

    if (w->czxid == 0 && (w->assignable || w->drain) && !w->unconfirmed && w->sweep_at == 0) {
        w->sweep_at = s->now + s->m->timeout;
        s->m->workers_to_sweep++;
    }
    for (uint32_t t = w->task_first, next; t != 0; t = next) {
        next = rota_belief_task(s, t - 1)->worker_next;
        rota_assignments_reclaim_task(s, t - 1);
    }
    rota_belief_update_open(s, i);
}

/* ---- the listing of /assign/<w> ---- */

static void read_assignment(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    rota_reads_add(s, ROTA_MASTER_PURPOSE_ASSIGNMENT, task, ROTA_OP_GET,
                   rota_path_assignment(s->out, rota_belief_worker_name(s, worker),
                                        rota_belief_task_name(s, task)));
}

void rota_assignments_read(struct rota_master_context *s, uint32_t task)
{
    uint32_t worker = rota_belief_task(s, task)->worker - 1;

    rota_assert(rota_belief_task(s, task)->state == ROTA_TASK_HELD);
    rota_belief_task(s, task)->assigned_czxid = 0;
    read_assignment(s, task, worker);
    rota_belief_want_worker(s, worker, true, false);
}

/* A task that /assign/<worker> shows. Another master placed it if it was not known there, or this
 * one did and the reply was lost. A task that is assigned in two places is left to the audit. */
static void assignment_listed(struct rota_master_context *s, uint32_t task, uint32_t worker)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    t->assign_mark = s->m->listing_mark;
    if (t->worker == worker + 1 && t->state == ROTA_TASK_HELD && t->assigned_czxid == 0 &&
        t->requests_pending == 0)
        read_assignment(s, task, worker); /* reading it was refused before */
    if (t->worker != 0 || t->lost_worker != 0 || t->state == ROTA_TASK_FINISHING)
        return;
    t->state = ROTA_TASK_HELD;
    t->assigned_czxid = 0;
    rota_assignments_add(s, task, worker);
    read_assignment(s, task, worker);
}

/* A held task that /assign/<w> no longer shows: it ended, or it was handed back. */
static void assignment_gone(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);

    rota_assignments_remove(s, task);
    t->state = ROTA_TASK_LEFT;
    t->left_worker = true;
    s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    if (t->has_retry || t->has_cancel || t->dependents != 0)
        rota_belief_want_task(s, task);
}

void rota_assignments_listed(struct rota_master_context *s, uint32_t worker,
                             const struct rota_reply *r)
{
    uint32_t mark = ++s->m->listing_mark;

    if (rota_belief_worker(s, worker)->unread) {
        rota_belief_worker(s, worker)->unread = false;
        s->m->workers_unread--;
    }
    for (uint32_t i = 0; i < r->child_count; i++)
        assignment_listed(s, rota_belief_task_named(s, r->children[i]), worker);
    for (uint32_t t = rota_belief_worker(s, worker)->task_first, next; t != 0; t = next) {
        const struct rota_master_task *one = rota_belief_task(s, t - 1);

        next = one->worker_next;
        if (one->assign_mark != mark && one->state == ROTA_TASK_HELD)
            assignment_gone(s, t - 1);
    }
    rota_belief_update_open(s, worker);
}

/* ---- checks ---- */

static void check_worker(const struct rota_master_context *s, uint32_t worker)
{
    uint32_t before = 0, held = 0, placing = 0;
    const struct rota_master_worker *w = rota_belief_worker(s, worker);

    for (uint32_t i = w->task_first; i != 0; i = rota_belief_task(s, i - 1)->worker_next) {
        const struct rota_master_task *t = rota_belief_task(s, i - 1);

        rota_assert(t->used && t->worker == worker + 1 && t->worker_prev == before);
        held++;
        placing += t->state == ROTA_TASK_PLACING;
        rota_assert(held <= w->held); /* else the list is a circle */
        before = i;
    }
    rota_assert_equal(held, w->held);
    for (uint32_t i = w->batch_first; i != 0; placing--) {
        rota_assert(placing > 0 && rota_belief_task(s, i - 1)->state == ROTA_TASK_PLACING);
        i = rota_belief_task(s, i - 1)->list_next;
    }
    rota_assert_equal(placing, 0);
}

void rota_assignments_check(const struct rota_master_context *s)
{
    uint32_t counted = 0, lost = 0;

    for (uint32_t i = 0; i < s->m->workers.records.length; i++) {
        if (!rota_belief_worker(s, i)->used)
            continue;
        check_worker(s, i);
        counted += rota_belief_worker(s, i)->lost_tasks;
    }
    for (uint32_t i = 0; i < s->m->tasks.records.length; i++)
        lost += rota_belief_task(s, i)->lost_worker != 0;
    rota_assert_equal(lost, counted);
}
