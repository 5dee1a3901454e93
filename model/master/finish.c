#include "model/master/finish.h"

#include <inttypes.h>
#include <string.h>

#include "model/master/dependencies.h"
#include "model/master/timers.h"
#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/master/scheduler.h"
#include "model/tree/record.h"
#include "model/seam/request_limits.h"

enum { BATCH_TASKS = 200 };

/* What is written of one task, in this order: one operation each, so that a refusal is read by its
 * index. */
enum part {
    PART_AWAITED, /* a check that nobody has come to wait for it */
    PART_ASSIGNMENT,
    PART_RETRY,
    PART_CANCEL,
    PART_COLLECT,
    PART_HISTORY,
    PART_STATUS,
    PART_TASK,
    PARTS
};

/* What each verdict makes of a task: its state, NULL if none is written. */
static const char *const states[] = {
    [ROTA_FINISH_DROP] = NULL,         [ROTA_FINISH_TIDY] = NULL,
    [ROTA_FINISH_SWEEP] = NULL,        [ROTA_FINISH_DEAD] = "dead",
    [ROTA_FINISH_FAILED] = "failed",   [ROTA_FINISH_CANCELLED] = "cancelled",
    [ROTA_FINISH_EXPIRED] = "expired", [ROTA_FINISH_SKIPPED] = "skipped",
};

void rota_finish_decide(struct rota_master_context *s, uint32_t task, enum rota_finish_kind verdict,
                        const char *why)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    rota_ref note;

    rota_assert(t->worker == 0 && t->state != ROTA_TASK_FINISHING);
    note = rota_belief_keep(s, t->finish_reason, why);
    t = rota_belief_task(s, task);
    t->finish_reason = note;
    t->finish = verdict;
    t->state = ROTA_TASK_FINISHING;
    t->requests_pending++; /* the record stays until the answer */
    rota_belief_append(s, &s->m->to_finish, task);
}

/* ---- one task's operations ---- */

/* Whether that part is written. */
static bool takes(const struct rota_master_task *t, enum part part)
{
    bool ends = states[t->finish] != NULL;
    bool all = t->finish == ROTA_FINISH_DROP || t->finish == ROTA_FINISH_SWEEP;

    switch (part) {
    case PART_AWAITED:
        return t->finish == ROTA_FINISH_SWEEP && t->version > 0;
    case PART_ASSIGNMENT:
        return t->lost_worker != 0;
    case PART_RETRY:
        return t->has_retry;
    case PART_CANCEL:
        return t->has_cancel;
    case PART_COLLECT:
        return all && t->has_collect;
    case PART_HISTORY:
        return ends ? t->lost_worker != 0 || t->history != 0 : all && t->has_history;
    case PART_STATUS:
        return ends || (t->finish == ROTA_FINISH_SWEEP && !t->status_missing);
    default:
        return t->finish == ROTA_FINISH_SWEEP;
    }
}

static const char *path_of(struct rota_master_context *s, uint32_t task, enum part part)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    const char *name = rota_belief_task_name(s, task);

    switch (part) {
    case PART_AWAITED:
        return ROTA_PATH_COLLECT;
    case PART_ASSIGNMENT:
        return rota_path_assignment(s->out, rota_belief_worker_name(s, t->lost_worker - 1), name);
    case PART_RETRY:
        return rota_path_retry(s->out, name);
    case PART_CANCEL:
        return rota_path_cancel(s->out, name);
    case PART_COLLECT:
        return rota_path_collect(s->out, name);
    case PART_HISTORY:
        return rota_path_history(s->out, name);
    case PART_STATUS:
        return rota_path_status(s->out, name);
    default:
        return rota_path_task(s->out, name);
    }
}

/* Where the attempts of a task are kept that had some, and how it ended. */
static struct rota_bytes data_of(struct rota_master_context *s, uint32_t task, enum part part)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_status_record record = {.state = states[t->finish]};
    const char *history;

    if (part == PART_HISTORY) {
        history = rota_scheduler_history(s, task);
        return (struct rota_bytes){history, (int32_t)strlen(history)};
    }
    record.reason = rota_outbox_text(s->out, "%s", rota_belief_text(s, t->finish_reason));
    return rota_status_record_write(s->out, &record);
}

/* What one task's end takes; returns how many operations. */
static uint32_t put_task(struct rota_master_context *s, struct rota_operation *ops, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    bool ends = states[t->finish] != NULL;
    uint32_t n = 0;

    t->finish_parts = 0;
    for (unsigned part = 0; part < PARTS; part++) {
        struct rota_operation *o = &ops[n];

        if (!takes(t, part))
            continue;
        t->finish_parts |= 1u << part;
        rota_operation_delete(o, path_of(s, task, part));
        if (ends && (part == PART_HISTORY || part == PART_STATUS)) {
            o->op = part == PART_HISTORY && t->has_history ? ROTA_OP_SET : ROTA_OP_CREATE;
            o->data = data_of(s, task, part);
        }
        if (part == PART_AWAITED) {
            o->op = ROTA_OP_CHECK;
            o->version = t->collect_version;
        }
        if (part == PART_TASK)
            o->version = t->version; /* made anew, perhaps */
        n++;
    }
    return n;
}

static size_t bytes_of(const struct rota_operation *ops, uint32_t count)
{
    size_t bytes = 0;

    for (uint32_t i = 0; i < count; i++)
        bytes += rota_operation_bytes(&ops[i], 256);
    return bytes;
}

/* One multi at a time: what is decided meanwhile goes together in the next. */
void rota_finish_go(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    struct rota_operation *ops;
    uint32_t most = m->to_finish.length < BATCH_TASKS ? m->to_finish.length : BATCH_TASKS;
    uint32_t n = 1;
    size_t bytes = 0;

    if (m->to_finish.first == 0 || m->finishing.first != 0)
        return;
    ops = rota_outbox_take(s->out, (1 + most * PARTS) * sizeof *ops);
    while (most-- > 0) {
        uint32_t task = m->to_finish.first - 1;
        uint32_t count = put_task(s, ops + n, task);

        bytes += bytes_of(ops + n, count);
        if (m->finishing.first != 0 && bytes > ROTA_BATCH_BYTES)
            break;
        n += count;
        rota_belief_shift(s, &m->to_finish);
        rota_belief_append(s, &m->finishing, task);
    }
    memcpy(rota_scheduler_write(s, ROTA_MASTER_PURPOSE_FINISH, 0, n) + 1, ops + 1,
           (n - 1) * sizeof *ops);
}

/* ---- what came of it ---- */

static void note_end(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);
    const char *name = rota_belief_task_name(s, i);

    if (t->finish == ROTA_FINISH_DEAD)
        rota_outbox_note(s->out, ROTA_NOTE_DEAD, name, NULL, t->losses + (t->lost_worker != 0), 0,
                         0);
    else if (states[t->finish] != NULL)
        rota_outbox_note(s->out, ROTA_NOTE_GIVEN_UP, name, states[t->finish], 0, 0, 0);
    else
        rota_outbox_note(s->out, ROTA_NOTE_SWEPT, name, NULL, 0, 0, 0);
}

/* That part is not there any more; of a history that was written, that it is. */
static void settle_part(struct rota_master_context *s, uint32_t i, enum part part, bool written)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    switch (part) {
    case PART_AWAITED:
        s->m->listing[ROTA_DIRECTORY_COLLECT].wanted = true; /* its version is another one now */
        break;
    case PART_ASSIGNMENT:
        rota_belief_moved(s, i);
        break;
    case PART_RETRY:
        t->has_retry = false;
        break;
    case PART_CANCEL:
        t->has_cancel = false;
        t->cancel_czxid = 0;
        break;
    case PART_COLLECT:
        t->has_collect = false;
        break;
    case PART_HISTORY:
        t->has_history = written;
        break;
    default:
        break;
    }
}

static void done(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    enum rota_finish_kind verdict = t->finish;
    const char *state = states[verdict];

    note_end(s, i);
    for (unsigned part = 0; part < PARTS; part++)
        if (t->finish_parts >> part & 1u)
            settle_part(s, i, part, state != NULL);
    t->history = rota_belief_keep(s, t->history, NULL);
    t->finish_reason = rota_belief_keep(s, t->finish_reason, NULL);
    t->mass_lost = t->status_missing = false;
    t->state = ROTA_TASK_ENDED;
    if (state != NULL) {
        t->final = ROTA_FINAL_NOT_DONE;
        rota_dependencies_ended(s, i, state);
        rota_dependencies_begun(s, i);
    } else if (verdict != ROTA_FINISH_TIDY) {
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    }
    t = rota_belief_task(s, i);
    if (state != NULL || verdict == ROTA_FINISH_TIDY || !rota_belief_forgettable(t))
        rota_belief_look(s, i); /* it is kept for whoever collects it, or something came up */
}

/* Something is not as it was believed: by the part that was refused it is known what, and the task
 * is looked at again. */
static void refused(struct rota_master_context *s, uint32_t i, uint32_t failed, int32_t rc)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, i), rota_error_name(rc), 0,
                     0, 0);
    t->state = ROTA_TASK_ENDED;
    if (!rota_error_is_news(rc))
        return; /* it is let be */
    for (unsigned part = 0; part < PARTS; part++)
        if ((t->finish_parts >> part & 1u) && failed-- == 0)
            settle_part(s, i, part, rc == ROTA_ERR_NODE_EXISTS);
    rota_belief_doubt(s, i);
}

/* How many operations were a task's. */
static uint32_t operations(const struct rota_master_task *t)
{
    uint32_t n = 0;

    for (unsigned part = 0; part < PARTS; part++)
        n += t->finish_parts >> part & 1u;
    return n;
}

bool rota_finish_replied(struct rota_master_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 1;

    if (e->reply.outcome == ROTA_REFUSED && failed == 0)
        return false;
    for (uint32_t i; (i = rota_belief_shift(s, &s->m->finishing)) != 0;) {
        struct rota_master_task *t = rota_belief_task(s, i - 1);
        uint32_t first = at;
        bool here;

        at += operations(t);
        here = (failed >= first && failed < at) || failed == UINT32_MAX;
        if (e->reply.outcome == ROTA_REFUSED && !here) {
            rota_belief_append(s, &s->m->to_finish, i - 1);
            continue;
        }
        t->requests_pending--;
        if (e->reply.outcome == ROTA_DONE)
            done(s, i - 1);
        else
            refused(s, i - 1, failed - first, r->rc);
    }
    return true;
}
