#include "model/master/finish.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/assignments.h"
#include "model/master/attempts.h"
#include "model/master/dependencies.h"
#include "model/master/fence.h"
#include "model/seam/request_limits.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { BATCH_TASKS = 200 };

/* The operations of one task, in this order. A refusal names one of them by its index. */
enum part {
    PART_AWAITED, /* a check that no further task has come to depend on it */
    PART_ASSIGNMENT,
    PART_RETRY,
    PART_CANCEL,
    PART_COLLECT,
    PART_HISTORY,
    PART_STATUS,
    PART_TASK,
    PARTS
};

/* The state in the final status that is written; NULL if none is. */
static const char *const states[] = {
    [ROTA_FINISH_DROP] = NULL,         [ROTA_FINISH_TIDY] = NULL,
    [ROTA_FINISH_SWEEP] = NULL,        [ROTA_FINISH_DEAD] = "dead",
    [ROTA_FINISH_FAILED] = "failed",   [ROTA_FINISH_CANCELLED] = "cancelled",
    [ROTA_FINISH_EXPIRED] = "expired", [ROTA_FINISH_SKIPPED] = "skipped",
};

/* ---- the operations of one task ---- */

/* True if the multi contains that part. */
static bool has_part(const struct rota_master_task *t, enum part part)
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
        return t->has_collect && (all || (t->finish == ROTA_FINISH_TIDY && t->collect_former));
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

/* The data of the history or of the final status. */
static struct rota_bytes data_of(struct rota_master_context *s, uint32_t task, enum part part)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_status_record record = {.state = states[t->finish]};
    const char *history;

    if (part == PART_HISTORY) {
        history = rota_attempts_history(s, task);
        return (struct rota_bytes){history, (int32_t)strlen(history)};
    }
    record.reason = rota_outbox_text(s->out, "%s", rota_belief_text(s, t->finish_reason));
    return rota_status_record_write(s->out, &record);
}

/* Fills the operations of one task, and returns their number. The task is deleted with its version,
 * because it may have been created anew. */
static uint32_t put_task(struct rota_master_context *s, struct rota_operation *ops, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    bool ends = states[t->finish] != NULL;
    uint32_t n = 0;

    t->finish_parts = 0;
    for (unsigned part = 0; part < PARTS; part++) {
        struct rota_operation *o = &ops[n];

        if (!has_part(t, part))
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
            o->version = t->version;
        if (part == PART_COLLECT && t->finish == ROTA_FINISH_TIDY)
            o->version = t->left_version; /* a client may have written it for the present status */
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

/* Tasks that are added while a multi is under way go together into the next one. */
void rota_finish_send(struct rota_master_context *s)
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
    memcpy(rota_fence_multi(s, ROTA_MASTER_PURPOSE_FINISH, 0, n) + 1, ops + 1,
           (n - 1) * sizeof *ops);
}

/* ---- the reply ---- */

static void note_finished(struct rota_master_context *s, uint32_t i)
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

/* The znode of that part does not exist any more; the one of a history exists if it was written. */
static void settle_part(struct rota_master_context *s, uint32_t i, enum part part, bool written)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    switch (part) {
    case PART_AWAITED:
        s->m->listing[ROTA_DIRECTORY_COLLECT].wanted = true; /* it has another version now */
        break;
    case PART_ASSIGNMENT:
        rota_assignments_moved(s, i);
        break;
    case PART_RETRY:
        t->has_retry = false;
        break;
    case PART_CANCEL:
        t->has_cancel = false;
        t->cancel_czxid = 0;
        break;
    case PART_COLLECT:
        t->has_collect = t->collect_former = false;
        break;
    case PART_HISTORY:
        t->has_history = written;
        break;
    default:
        break;
    }
}

/* The task's operations were done. A record that is still needed is read again: the final status is
 * kept for the client that collects it, or something came up meanwhile. */
static void finished(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    enum rota_finish_kind finish = t->finish;
    const char *state = states[finish];

    note_finished(s, i);
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
    } else if (finish != ROTA_FINISH_TIDY) {
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    }
    t = rota_belief_task(s, i);
    if (state != NULL || finish == ROTA_FINISH_TIDY || !rota_belief_forgettable(t))
        rota_belief_want_task(s, i);
}

/* The task's operation with the index `failed` was refused: it tells what is not as believed, and
 * the task is read again. After an error that says nothing about the tree the task is left alone
 * until the audit. */
static void refused(struct rota_master_context *s, uint32_t i, uint32_t failed, int32_t rc)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, i), rota_error_name(rc), 0,
                     0, 0);
    t->state = ROTA_TASK_ENDED;
    if (!rota_error_is_news(rc))
        return;
    for (unsigned part = 0; part < PARTS; part++)
        if ((t->finish_parts >> part & 1u) && failed-- == 0 &&
            !(part == PART_COLLECT && rc == ROTA_ERR_BAD_VERSION)) /* it exists */
            settle_part(s, i, part, rc == ROTA_ERR_NODE_EXISTS);
    rota_belief_reread_task(s, i);
}

static uint32_t operations_of(const struct rota_master_task *t)
{
    uint32_t n = 0;

    for (unsigned part = 0; part < PARTS; part++)
        n += t->finish_parts >> part & 1u;
    return n;
}

/* If the operation of one task was refused, the other tasks go into the next multi. If the multi
 * was refused as a whole, none of them is tried again as it is. */
void rota_finish_replied(struct rota_master_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 1;

    rota_assert(s->m->finishing.length > 0);
    for (uint32_t i; (i = rota_belief_shift(s, &s->m->finishing)) != 0;) {
        struct rota_master_task *t = rota_belief_task(s, i - 1);
        uint32_t first = at;
        bool here;

        at += operations_of(t);
        here = (failed >= first && failed < at) || failed == UINT32_MAX;
        if (e->reply.outcome == ROTA_REFUSED && !here) {
            rota_belief_append(s, &s->m->to_finish, i - 1);
            continue;
        }
        t->requests_pending--;
        if (e->reply.outcome == ROTA_DONE)
            finished(s, i - 1);
        else
            refused(s, i - 1, failed - first, r->rc);
    }
}
