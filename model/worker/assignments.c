#include "model/worker/assignments.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/tree/spec.h"
#include "model/worker/orders.h"
#include "model/worker/progress.h"
#include "model/worker/results.h"

/* ---- requests ---- */

void rota_worker_assignments_list(struct rota_worker_context *s)
{
    if (!s->w->list_wanted || s->w->list_reading)
        return;
    s->w->list_wanted = false;
    s->w->list_reading = true;
    rota_worker_read(s, ROTA_WORKER_PURPOSE_ASSIGNMENTS, 0, ROTA_OP_CHILDREN,
                     rota_path_assign(s->out, s->w->config.name), true);
}

/* Reads the assignment of run `i`, which is in no queue, and its task: by GET to begin it, by
 * EXISTS to hand it back. */
static void read_run(struct rota_worker_context *s, uint32_t i, enum rota_op op)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    rota_assert_equal(r->state, ROTA_RUN_WAITING);
    rota_runs_enter(s, i, ROTA_RUN_READING);
    r->assignment_czxid = 0;
    r->is_ours = false;
    r->payload_read = op == ROTA_OP_GET;
    s->w->starting++;
    rota_worker_read(s, ROTA_WORKER_PURPOSE_ASSIGNMENT, i, ROTA_OP_GET,
                     rota_path_assignment(s->out, s->w->config.name, rota_runs_name(s, i)), false);
    rota_worker_read(s, ROTA_WORKER_PURPOSE_TASK, i, op,
                     rota_path_task(s->out, rota_runs_name(s, i)), false);
}

void rota_worker_assignments_begin(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    while (w->waiting.head != 0 && w->busy + w->starting < w->config.slots &&
           w->lease == ROTA_LEASE_GOOD && !w->stopping && !w->draining)
        read_run(s, rota_runs_pop(s, &w->waiting), ROTA_OP_GET);
}

void rota_worker_assignments_hand_back(struct rota_worker_context *s)
{
    while (s->w->waiting.head != 0) /* the assignment is read first: it may not be ours */
        read_run(s, rota_runs_pop(s, &s->w->waiting), ROTA_OP_EXISTS);
}

/* ---- orders ---- */

static void cancel_running(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    rota_outbox_note(s->out, ROTA_NOTE_CANCELLING, rota_runs_name(s, i), NULL, r->attempt, 0, 0);
    if (r->state == ROTA_RUN_RUNNING)
        rota_runs_stop(s, i, ROTA_RUN_CAUSE_CANCEL, false);
    r->cause = ROTA_RUN_CAUSE_CANCEL;
}

/* The attempt of a waiting run is known only if its assignment was read before. */
static void follow(struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);

    if (r->state == ROTA_RUN_WAITING) {
        if (r->assignment_czxid != 0 && !rota_worker_orders_have_cancel(s, i))
            return;
        rota_runs_leave_queue(s, i);
        read_run(s, i, ROTA_OP_GET);
    } else if (r->busy && r->cause != ROTA_RUN_CAUSE_CANCEL &&
               rota_worker_orders_have_cancel(s, i)) {
        cancel_running(s, i);
    }
}

void rota_worker_assignments_follow_orders(struct rota_worker_context *s)
{
    uint32_t count;
    const uint32_t *named = rota_worker_orders_named(s, &count);

    for (uint32_t k = 0; k < count; k++)
        follow(s, named[k]);
}

/* ---- the listing ---- */

/* The assignment of run `i` was removed by another client: its result does not count. */
static void supersede(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    switch (r->state) {
    case ROTA_RUN_WAITING:
    case ROTA_RUN_ENDED:
        rota_runs_leave_queue(s, i);
        rota_results_supersede(s, i);
        break;
    case ROTA_RUN_RUNNING:
        rota_progress_delete(s, i);
        rota_runs_stop(s, i, ROTA_RUN_CAUSE_HAND_BACK, true);
        r->superseded = true;
        break;
    case ROTA_RUN_STOPPING:
        rota_progress_delete(s, i);
        r->superseded = true;
        break;
    case ROTA_RUN_FOREIGN:
    case ROTA_RUN_STUCK:
        rota_results_forget(s, i);
        break;
    default: /* a reply will tell */
        break;
    }
}

bool rota_worker_assignments_listed(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t mark = ++s->w->list_mark;

    s->w->list_reading = false;
    if (r->rc == ROTA_ERR_NO_NODE)
        return false;
    if (e->reply.outcome != ROTA_DONE) {
        s->w->list_wanted = true;
        return true;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = rota_runs_find(s, r->children[k]);

        if (i == ROTA_MAP_NONE)
            i = rota_runs_add(s, r->children[k]);
        if (rota_runs_at(s, i)->state == ROTA_RUN_NEW ||
            rota_runs_at(s, i)->state == ROTA_RUN_FOREIGN)
            rota_runs_enter(s, i, ROTA_RUN_WAITING);
        rota_runs_at(s, i)->list_mark = mark;
    }
    s->w->list_known = true;
    s->w->orders_changed = s->w->orders != 0;
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (rota_runs_at(s, i)->used && rota_runs_at(s, i)->list_mark != mark)
            supersede(s, i);
    return true;
}

void rota_worker_assignments_unlisted(struct rota_worker_context *s)
{
    s->w->list_reading = false;
    s->w->list_wanted = true;
}

void rota_worker_assignments_clear(struct rota_worker_context *s)
{
    s->w->list_reading = s->w->list_wanted = s->w->list_known = false;
}

/* ---- the assignment and the task ---- */

/* Only what was assigned to this incarnation is run: the assignment is younger than /workers/<w>
 * (rule 4). */
void rota_worker_assignments_read(struct rota_worker_context *s, uint32_t i,
                                  const struct rota_event *e)
{
    const struct rota_stat *stat = &e->reply.body->stat;
    struct rota_attempt_record record;
    struct rota_worker_run *r;

    if (e->reply.outcome != ROTA_DONE)
        return;
    rota_worker_clock_seen(s, stat->ctime_ms);
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    rota_runs_drop_output(s, i);
    rota_runs_set_history(s, i, record.history);
    r = rota_runs_at(s, i);
    rota_assert_equal(r->state, ROTA_RUN_READING);
    r->assignment_czxid = stat->czxid;
    r->began_ms = stat->ctime_ms;
    r->attempt = record.attempt;
    r->losses = record.losses;
    r->excused_losses = record.excused_losses;
    r->failures = record.failures;
    r->is_ours = r->assignment_czxid > s->w->czxid;
}

static void keep_terms(struct rota_worker_run *r, const struct rota_spec *spec)
{
    r->has_spec = spec->given;
    r->retries = spec->retries;
    r->backoff_ms = spec->backoff_ms;
    r->backoff_cap_ms = spec->backoff_cap_ms;
    r->timeout_ms = spec->timeout_ms;
    memcpy(r->fatal, spec->fatal, sizeof r->fatal);
}

/* True if the task has waited too long to begin, by the servers' clock (hazard 28). A later attempt
 * does not expire: it is a retry, or a person asked for it. */
static bool is_expired(struct rota_worker_context *s, uint32_t i, const struct rota_spec *spec,
                       const struct rota_stat *task)
{
    return rota_runs_at(s, i)->attempt <= 1 && spec->expires_ms > 0 &&
           rota_worker_servers_ms(s) >= task->ctime_ms + spec->expires_ms;
}

/* The task exists, has no status, and is this worker's to run. A slot may be missing if the run was
 * read because of an order. */
static void begin_or_end(struct rota_worker_context *s, uint32_t i, const struct rota_reply *task)
{
    struct rota_worker *w = s->w;
    bool payload_read = rota_runs_at(s, i)->payload_read;
    struct rota_spec spec;
    const char *wrong = rota_spec_read(s->out, payload_read ? task->data : ROTA_NULL_BYTES, &spec);

    keep_terms(rota_runs_at(s, i), &spec);
    if (rota_worker_orders_have_cancel(s, i))
        rota_results_not_begun(s, i, ROTA_RESULT_CANCELLED, "");
    else if (w->stopping || w->draining || w->lease != ROTA_LEASE_GOOD)
        rota_results_hand_back(s, i);
    else if (!payload_read || w->busy + w->starting >= w->config.slots)
        rota_runs_enter(s, i, ROTA_RUN_WAITING);
    else if (wrong != NULL)
        rota_results_not_begun(s, i, ROTA_RESULT_FAILED,
                               rota_outbox_text(s->out, "specification: %s", wrong));
    else if (is_expired(s, i, &spec, &task->stat))
        rota_results_not_begun(s, i, ROTA_RESULT_EXPIRED, "it was not started in time");
    else
        rota_runs_begin(s, i, spec.payload);
}

/* Run `i` has left the state READING, in which it took a slot. */
static void free_slot(struct rota_worker_context *s, uint32_t i)
{
    rota_assert_equal(rota_runs_at(s, i)->state, ROTA_RUN_READING);
    rota_assert(s->w->starting > 0);
    s->w->starting--;
}

/* A task that may not be read fails: if only its assignment were deleted, it would be assigned
 * again and again. A task that is gone or has a status by another client is not run (rule 9). */
void rota_worker_assignments_task_read(struct rota_worker_context *s, uint32_t i,
                                       const struct rota_event *e)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    free_slot(s, i);
    if (r->assignment_czxid == 0) { /* the assignment is gone again */
        rota_results_forget(s, i);
    } else if (!r->is_ours) {
        rota_runs_enter(s, i, ROTA_RUN_FOREIGN);
        r->assignment_czxid = 0;
    } else if (e->reply.body->rc == ROTA_ERR_NO_AUTH) {
        rota_results_not_begun(s, i, ROTA_RESULT_FAILED,
                               "no permission: the worker may not read its payload");
    } else if (e->reply.outcome != ROTA_DONE || e->reply.body->stat.num_children > 0) {
        rota_results_delete_assignment(s, i);
    } else {
        begin_or_end(s, i, e->reply.body);
    }
}

void rota_worker_assignments_task_unread(struct rota_worker_context *s, uint32_t i)
{
    free_slot(s, i);
    rota_runs_enter(s, i, ROTA_RUN_WAITING);
}
