#include "model/ending.h"

#include <inttypes.h>
#include <string.h>

#include "model/after.h"
#include "model/agenda.h"
#include "model/assert.h"
#include "model/path.h"
#include "model/placement.h"
#include "model/record.h"
#include "model/request.h"

enum { BATCH_TASKS = 200, OPERATIONS_MAX = 8 };

/* What each verdict makes of a task: its state, NULL if none is written. */
static const char *const states[] = {
    [ROTA_VERDICT_DROP] = NULL,
    [ROTA_VERDICT_SWEEP] = NULL,
    [ROTA_VERDICT_DEAD] = "dead",
    [ROTA_VERDICT_FAILED] = "failed",
    [ROTA_VERDICT_CANCELLED] = "cancelled",
    [ROTA_VERDICT_EXPIRED] = "expired",
    [ROTA_VERDICT_SKIPPED] = "skipped",
};

void rota_ending_decide(struct rota_step *s, uint32_t task, enum rota_verdict verdict,
                        const char *why)
{
    struct rota_master_task *t = rota_ledger_task(s, task);
    rota_ref note;

    rota_assert(t->worker == 0 && t->state != ROTA_TASK_CLEARING);
    note = rota_ledger_keep(s, t->note, why);
    t = rota_ledger_task(s, task);
    t->note = note;
    t->verdict = verdict;
    t->state = ROTA_TASK_CLEARING;
    t->asking++; /* the record stays until the answer */
    rota_ledger_append(s, &s->m->ending, task);
}

/* ---- one task's operations ---- */

static struct rota_operation *create(struct rota_operation *o, const char *path,
                                     struct rota_bytes data)
{
    o->op = ROTA_OP_CREATE;
    o->path = path;
    o->data = data;
    return o;
}

/* Where the attempts of a task are kept that had some. */
static uint32_t put_history(struct rota_step *s, struct rota_operation *ops, uint32_t task)
{
    const char *history = rota_placement_history(s, task);

    if (history[0] == '\0')
        return 0;
    create(&ops[0], rota_path_history(s->out, rota_ledger_task_name(s, task)),
           (struct rota_bytes){history, (int32_t)strlen(history)});
    if (rota_ledger_task(s, task)->told)
        ops[0].op = ROTA_OP_SET;
    ops[0].version = -1;
    return 1;
}

static uint32_t put_status(struct rota_step *s, struct rota_operation *ops, uint32_t task)
{
    const struct rota_master_task *t = rota_ledger_task(s, task);
    const char *name = rota_ledger_task_name(s, task);
    struct rota_status_record record = {
        .state = states[t->verdict],
        .reason = rota_outbox_text(s->out, "%s", rota_ledger_text(s, t->note))};

    create(&ops[0], rota_path_status(s->out, name), rota_status_write(s->out, &record));
    return 1;
}

/* What one task's end takes; returns how many operations. The order is always the same, so that a
 * refusal is read by its index. */
static uint32_t put_task(struct rota_step *s, struct rota_operation *ops, uint32_t task)
{
    const struct rota_master_task *t = rota_ledger_task(s, task);
    const char *name = rota_ledger_task_name(s, task);
    bool ends = states[t->verdict] != NULL;
    uint32_t n = 0;

    if (t->from != 0)
        rota_operation_delete(
            &ops[n++], rota_path_assignment(s->out, rota_ledger_worker_name(s, t->from - 1), name));
    if (t->retry)
        rota_operation_delete(&ops[n++], rota_path_retry(s->out, name));
    if (t->cancel)
        rota_operation_delete(&ops[n++], rota_path_cancel(s->out, name));
    if (t->collect && !ends)
        rota_operation_delete(&ops[n++], rota_path_collect(s->out, name));
    if (t->told && !ends)
        rota_operation_delete(&ops[n++], rota_path_history(s->out, name));
    if (ends)
        n += put_history(s, &ops[n], task);
    if (ends)
        n += put_status(s, &ops[n], task);
    if (t->verdict == ROTA_VERDICT_SWEEP) {
        rota_operation_delete(&ops[n++], rota_path_status(s->out, name));
        rota_operation_delete(&ops[n], rota_path_task(s->out, name));
        ops[n++].version = t->version; /* somebody may have come to wait for it */
    }
    rota_assert(n <= OPERATIONS_MAX);
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
void rota_ending_go(struct rota_step *s)
{
    struct rota_master *m = s->m;
    struct rota_operation *ops;
    uint32_t most = m->ending.length < BATCH_TASKS ? m->ending.length : BATCH_TASKS;
    uint32_t n = 1;
    size_t bytes = 0;

    if (m->ending.first == 0 || m->ending_now.first != 0)
        return;
    ops = rota_outbox_take(s->out, (1 + most * OPERATIONS_MAX) * sizeof *ops);
    while (most-- > 0) {
        uint32_t task = m->ending.first - 1;
        uint32_t count = put_task(s, ops + n, task);

        bytes += bytes_of(ops + n, count);
        if (m->ending_now.first != 0 && bytes > ROTA_BATCH_BYTES)
            break;
        n += count;
        rota_ledger_task(s, task)->operations = (uint8_t)count;
        rota_ledger_shift(s, &m->ending);
        rota_ledger_append(s, &m->ending_now, task);
    }
    memcpy(rota_placement_write(s, ROTA_ASK_ENDING, 0, n) + 1, ops + 1, (n - 1) * sizeof *ops);
}

/* ---- what came of it ---- */

static void note_end(struct rota_step *s, uint32_t i)
{
    const struct rota_master_task *t = rota_ledger_task(s, i);
    const char *name = rota_ledger_task_name(s, i);

    if (t->verdict == ROTA_VERDICT_DEAD)
        rota_outbox_note(s->out, ROTA_NOTE_DEAD, name, NULL, t->losses + (t->from != 0), 0, 0);
    else if (states[t->verdict] != NULL)
        rota_outbox_note(s->out, ROTA_NOTE_GIVEN_UP, name, states[t->verdict], 0, 0, 0);
    else
        rota_outbox_note(s->out, ROTA_NOTE_SWEPT, name, NULL, 0, 0, 0);
}

static void forget_rest(struct rota_step *s, uint32_t i)
{
    struct rota_master_task *t = rota_ledger_task(s, i);

    rota_ledger_moved(s, i);
    t->history = rota_ledger_keep(s, t->history, NULL);
    t->note = rota_ledger_keep(s, t->note, NULL);
    t->retry = t->cancel = t->mass = false;
    t->state = ROTA_TASK_ENDED;
}

static void done(struct rota_step *s, uint32_t i)
{
    enum rota_verdict verdict = rota_ledger_task(s, i)->verdict;

    note_end(s, i);
    forget_rest(s, i);
    if (states[verdict] != NULL) {
        rota_ledger_task(s, i)->end = ROTA_END_OTHERWISE;
        rota_after_ended(s, i, states[verdict]);
        rota_ledger_look(s, i); /* from now on it is kept for whoever collects it */
        return;
    }
    rota_ledger_task(s, i)->collect = rota_ledger_task(s, i)->told = false;
    s->m->list[ROTA_DIRECTORY_TASKS].wanted = true;
    if (rota_ledger_task(s, i)->waiters != 0)
        rota_ledger_look(s, i);
}

/* Something beside the task is not as it was believed: the lists say how it is, then the task is
 * looked at again. */
static void refused(struct rota_step *s, uint32_t i, int32_t rc)
{
    static const enum rota_directory lists[] = {ROTA_DIRECTORY_RETRY, ROTA_DIRECTORY_CANCEL,
                                                ROTA_DIRECTORY_COLLECT, ROTA_DIRECTORY_HISTORY,
                                                ROTA_DIRECTORY_TASKS};
    struct rota_master_task *t = rota_ledger_task(s, i);

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_ledger_task_name(s, i), rota_error_name(rc), 0,
                     0, 0);
    if (t->from != 0)
        rota_ledger_want(s, t->from - 1, false, true);
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        s->m->list[lists[k]].wanted = true;
    forget_rest(s, i);
    t = rota_ledger_task(s, i);
    t->collect = t->told = false;
    if (rc != ROTA_ERR_NO_AUTH && rc != ROTA_ERR_TOO_LARGE) /* else it is let be */
        rota_ledger_doubt(s, i);
}

bool rota_ending_replied(struct rota_step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 1;
    bool single = s->m->ending_now.length == 1;

    if (e->reply.outcome == ROTA_REFUSED && failed == 0)
        return false;
    for (uint32_t i; (i = rota_ledger_shift(s, &s->m->ending_now)) != 0;) {
        struct rota_master_task *t = rota_ledger_task(s, i - 1);
        bool here =
            (failed >= at && failed < at + t->operations) || (failed == UINT32_MAX && single);

        at += t->operations;
        if (e->reply.outcome == ROTA_REFUSED && !here) {
            rota_ledger_append(s, &s->m->ending, i - 1);
            continue;
        }
        t->asking--;
        if (e->reply.outcome == ROTA_DONE)
            done(s, i - 1);
        else
            refused(s, i - 1, r->rc);
    }
    return true;
}
