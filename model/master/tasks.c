#include "model/master/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/master/dependencies.h"
#include "model/master/timers.h"
#include "model/base/assert.h"
#include "model/master/finish.h"
#include "model/master/mass_loss.h"
#include "model/master/orders.h"
#include "model/tree/path.h"
#include "model/master/ready.h"
#include "model/tree/record.h"

enum {
    READS_AT_ONCE = 512,   /* reads of single tasks under way */
    READ_BYTES = 33554432, /* of payloads under way, as far as can be told before */
    KNOWN_TASKS = 200000,  /* tasks remembered that are not waiting for a time or for others */
    KNOWN_AT_ALL = 2000000,
    COLLECT_AGAIN_MS = 1000, /* until an end is looked at that may go after a listing... */
    NEEDED_AGAIN_MS = 60000, /* ...or when somebody waits for it who is known */
};

/* ---- asking ---- */

static bool of_an_end(enum rota_master_purpose what)
{
    return what == ROTA_MASTER_PURPOSE_STATUS_STAT || what == ROTA_MASTER_PURPOSE_STATUS;
}

static void ask(struct rota_master_context *s, enum rota_master_purpose what, uint32_t i,
                enum rota_op op, const char *path)
{
    rota_request_add_read(s->out, rota_belief_tag(s, what, i), op, path, false);
    rota_belief_task(s, i)->requests_pending++;
    s->m->reads_pending++;
    s->m->status_reads_pending += of_an_end(what);
}

static void ask_cancel(struct rota_master_context *s, uint32_t i)
{
    ask(s, ROTA_MASTER_PURPOSE_CANCEL, i, ROTA_OP_GET,
        rota_path_cancel(s->out, rota_belief_task_name(s, i)));
}

/* All of a task's znodes: where it was assigned or handed back says how often it has run. The task
 * itself comes last: its reply decides. */
static void ask_task(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const char *name = rota_belief_task_name(s, i);

    t->state = ROTA_TASK_READING;
    if (t->lost_worker != 0)
        ask(s, ROTA_MASTER_PURPOSE_ASSIGNMENT, i, ROTA_OP_GET,
            rota_path_assignment(s->out, rota_belief_worker_name(s, t->lost_worker - 1), name));
    if (t->has_retry || t->left_worker || t->lost_worker != 0)
        ask(s, ROTA_MASTER_PURPOSE_RETRY, i, ROTA_OP_GET, rota_path_retry(s->out, name));
    if (t->has_cancel)
        ask_cancel(s, i);
    ask(s, ROTA_MASTER_PURPOSE_TASK, i, ROTA_OP_GET, rota_path_task(s->out, name));
}

/* Fewer at once while payloads are large: they all come in memory. */
static uint32_t at_once(const struct rota_master *m)
{
    uint32_t fit = 1 + READ_BYTES / (m->payload_bytes + 1);

    return fit < READS_AT_ONCE ? fit : READS_AT_ONCE;
}

static void remember_size(struct rota_master *m, int32_t length)
{
    m->payload_bytes -= m->payload_bytes / 8;
    if (length > 0 && (uint32_t)length > m->payload_bytes)
        m->payload_bytes = (uint32_t)length;
}

void rota_tasks_ask(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    while (m->reads_pending < at_once(m) && m->to_read_head < m->to_read.length) {
        uint32_t task = rota_belief_dequeue(s);

        if (rota_belief_task(s, task)->state == ROTA_TASK_LISTED)
            ask_task(s, task);
    }
}

/* ---- deciding ---- */

static void give_up(struct rota_master_context *s, uint32_t i, enum rota_finish_kind verdict,
                    const char *why)
{
    rota_finish_decide(s, i, verdict, why);
}

/* The most workers that may be lost under a task, and how many were, with the one it lies with. */
static uint32_t losses_most(const struct rota_master_context *s, uint32_t i)
{
    uint32_t losses = rota_belief_terms(s, i).losses;

    return losses != 0 ? losses : s->m->config.losses;
}

static uint32_t losses_of(const struct rota_master_context *s, const struct rota_master_task *t)
{
    bool counts = t->lost_worker != 0 && !(t->mass_lost && t->excused_losses < s->m->config.losses);

    return t->losses + (counts ? 1u : 0u);
}

/* Waits for other tasks. True if that is so, or if it must not run because of one. */
static bool blocked(struct rota_master_context *s, uint32_t i)
{
    const char *which = NULL;

    if (rota_belief_terms(s, i).after == 0 || rota_belief_task(s, i)->attempt > 0)
        return false; /* what has begun has seen their ends, and they may be gone */
    switch (rota_dependencies_ask(s, i, &which)) {
    case ROTA_FINAL_DONE:
        return false;
    case ROTA_FINAL_NOT_DONE:
        give_up(s, i, ROTA_FINISH_SKIPPED,
                rota_outbox_text(s->out, "it comes after %s, which was not done", which));
        return true;
    case ROTA_FINAL_UNKNOWN:
        break;
    }
    if (rota_belief_task(s, i)->state != ROTA_TASK_BLOCKED)
        rota_outbox_note(s->out, ROTA_NOTE_BLOCKED, rota_belief_task_name(s, i), which, 0, 0, 0);
    rota_belief_task(s, i)->state = ROTA_TASK_BLOCKED;
    return true;
}

/* Waits for its time. */
static bool parked(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    int64_t due = rota_belief_terms(s, i).not_before_ms;
    int64_t now = rota_timers_now_ms(s);

    if (t->has_retry && t->retry_due_ms > due)
        due = t->retry_due_ms;
    if (due <= now)
        return false;
    t->state = ROTA_TASK_DELAYED;
    t->due_ms = due;
    rota_outbox_note(s->out, ROTA_NOTE_DELAYED, rota_belief_task_name(s, i), NULL, due - now, 0, 0);
    rota_timers_put(s, i, due, false);
    return true;
}

void rota_tasks_decide(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    int64_t expires = rota_belief_expires_ms(s, i);

    if (t->lost_worker != 0 && !s->m->recovered) { /* whether it was lost with many is seen then */
        t->state = ROTA_TASK_STAYING;
        return;
    }
    if (t->lost_worker != 0 && rota_mass_loss_active(s))
        t->mass_lost = true;
    if (rota_belief_cancelled(t)) {
        give_up(s, i, ROTA_FINISH_CANCELLED,
                t->attempt == 0 ? "before it ran" : "while no worker ran it");
    } else if (losses_of(s, t) >= losses_most(s, i)) {
        give_up(s, i, ROTA_FINISH_DEAD,
                rota_outbox_text(s->out, "%" PRIu32 " worker%s lost while running it",
                                 losses_of(s, t), losses_of(s, t) == 1 ? " was" : "s were"));
    } else if (expires != 0 && rota_timers_now_ms(s) >= expires) {
        give_up(s, i, ROTA_FINISH_EXPIRED, "no worker was free for it in time");
    } else {
        if (expires != 0)
            rota_timers_put(s, i, expires, true);
        if (blocked(s, i) || parked(s, i))
            return;
        if (rota_mass_loss_keeps(s, i))
            rota_belief_task(s, i)->state = ROTA_TASK_STAYING;
        else
            rota_ready_put(s, i);
    }
}

void rota_tasks_unblock(struct rota_master_context *s, uint32_t i, const char *awaited,
                        const char *state)
{
    if (state != NULL && strcmp(state, "done") == 0)
        rota_tasks_decide(s, i);
    else
        give_up(s, i, ROTA_FINISH_SKIPPED,
                state == NULL
                    ? rota_outbox_text(s->out, "it comes after %s, which was removed", awaited)
                    : rota_outbox_text(s->out, "it comes after %s, which is %s", awaited, state));
}

/* ---- a task that has ended ---- */

/* It has a status, or had one: then somebody is collecting it by two deletes, and it must not run
 * again between them. A record under /retry begins it anew, or an assignment that is younger than
 * the removal of the status. */
static bool has_ended(const struct rota_master_task *t, const struct rota_stat *stat)
{
    bool anew = t->has_retry || (t->lost_worker != 0 && t->assigned_czxid > stat->pzxid);

    return stat->num_children > 0 || (stat->cversion > 0 && !anew);
}

static void ask_status(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);
    const char *path = rota_path_status(s->out, rota_belief_task_name(s, i));

    if (t->dependents != 0 || t->has_collect)
        ask(s, ROTA_MASTER_PURPOSE_STATUS, i, ROTA_OP_GET, path);
    else
        ask(s, ROTA_MASTER_PURPOSE_STATUS_STAT, i, ROTA_OP_EXISTS, path);
}

static void ended(struct rota_master_context *s, uint32_t i, bool there)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    t->state = ROTA_TASK_ENDED;
    t->due_ms = 0;
    if (!there) {
        t->final = ROTA_FINAL_NOT_DONE;
        rota_dependencies_ended(s, i, NULL);
        t = rota_belief_task(s, i);
    }
    if (t->lost_worker != 0 || t->has_retry || t->has_cancel ||
        (!there && (t->has_collect || t->has_history)))
        rota_finish_decide(s, i, there ? ROTA_FINISH_TIDY : ROTA_FINISH_DROP, NULL);
    else if (there)
        ask_status(s, i);
    else if (rota_belief_forgettable(t))
        rota_belief_forget_task(s, i);
}

/* How long the end of a task is kept for those who may collect it: never less than a session lasts.
 */
static int64_t kept_until(const struct rota_master_context *s, uint32_t i, int64_t ended_ms)
{
    int64_t keep = rota_belief_terms(s, i).keep_ms;

    if (keep < 0)
        keep = s->m->config.keep_ms;
    if (keep < s->m->timeout / 1000)
        keep = s->m->timeout / 1000;
    return ended_ms + keep;
}

static void look_again_at(struct rota_master_context *s, uint32_t i, int64_t due_ms)
{
    rota_belief_task(s, i)->due_ms = due_ms;
    rota_timers_put(s, i, due_ms, false);
}

/* Whether all are known who may wait for an end: each task is read that is in a listing of all
 * tasks that was taken after the version of /collect was read. Asks for such a listing. */
static bool waiters_known(struct rota_master_context *s)
{
    const struct rota_master *m = s->m;

    if (m->task_listings == m->collect_listing)
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    return m->all_listed && m->listing[ROTA_DIRECTORY_COLLECT].read &&
           !m->listing[ROTA_DIRECTORY_TASKS].reading && m->task_listings > m->collect_listing &&
           m->to_read_head == m->to_read.length && m->reads_pending == m->status_reads_pending;
}

/* Whether nobody needs the task's end: nobody ever waited for it, or nobody does who is known, and
 * all are. Who comes later raises the version of /collect, and the removal checks it. */
static bool unneeded(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->version == 0)
        return true;
    if (rota_dependencies_awaited(s, i))
        return false;
    t->collect_version = s->m->collect_version;
    return waiters_known(s);
}

/* Its time has come: it goes, or is looked at again when somebody may need it. */
static void sweep(struct rota_master_context *s, uint32_t i)
{
    if (unneeded(s, i))
        rota_finish_decide(s, i, ROTA_FINISH_SWEEP, NULL);
    else
        look_again_at(s, i,
                      rota_timers_now_ms(s) +
                          (rota_dependencies_awaited(s, i) ? NEEDED_AGAIN_MS : COLLECT_AGAIN_MS));
}

/* An end without its status: it is being collected by two deletes, and gone with the next listing.
 * If it is not, whoever began that is dead: it is kept as if it had ended now. */
static void status_gone(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    int64_t now = rota_timers_now_ms(s);

    rota_dependencies_ended(s, i, NULL);
    t = rota_belief_task(s, i);
    if (!t->status_missing) {
        t->status_missing = true;
        t->state = ROTA_TASK_LEFT;
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    } else if (t->due_ms == 0 || now < t->due_ms) {
        look_again_at(s, i, kept_until(s, i, now));
    } else {
        sweep(s, i);
    }
}

static void status_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;

    if (t->state != ROTA_TASK_ENDED)
        return;
    if (e->reply.outcome != ROTA_DONE) { /* else somebody's access list keeps it from us */
        if (r->rc == ROTA_ERR_NO_NODE)
            status_gone(s, i);
        return;
    }
    t->status_missing = false;
    rota_timers_seen(s, r->stat.ctime_ms);
    look_again_at(s, i, kept_until(s, i, r->stat.ctime_ms));
}

/* Its state is known: whoever waits for it is told, and when its time has come it goes. What is
 * dead stays for a person, unless its specification says how long. */
static void end_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    struct rota_status_record record;
    int64_t due;

    if (t->state != ROTA_TASK_ENDED || e->reply.outcome != ROTA_DONE) {
        status_read(s, i, e);
        return;
    }
    t->status_missing = false;
    remember_size(s->m, e->reply.body->data.length);
    rota_timers_seen(s, e->reply.body->stat.ctime_ms);
    rota_status_record_read(s->out, e->reply.body->data, &record);
    t->final = strcmp(record.state, "done") == 0 ? ROTA_FINAL_DONE : ROTA_FINAL_NOT_DONE;
    rota_dependencies_ended(s, i, record.state);
    t = rota_belief_task(s, i);
    due = kept_until(s, i, e->reply.body->stat.ctime_ms);
    if (!t->has_collect && rota_timers_now_ms(s) < due)
        look_again_at(s, i, due);
    else if (!t->has_collect && strcmp(record.state, "dead") == 0 &&
             rota_belief_terms(s, i).keep_ms < 0)
        t->due_ms = 0;
    else
        sweep(s, i);
}

/* ---- what comes to its time ---- */

void rota_tasks_due(struct rota_master_context *s)
{
    struct rota_timer next;

    while (s->m->reads_pending < at_once(s->m) && rota_timers_take(s, &next)) {
        struct rota_master_task *t = rota_belief_task(s, next.task);

        if (next.expiry || t->state == ROTA_TASK_DELAYED)
            rota_tasks_decide(s, next.task);
        else if (t->has_collect && t->version > 0 && !rota_dependencies_awaited(s, next.task) &&
                 !waiters_known(s)) /* to read it would not help */
            look_again_at(s, next.task, rota_timers_now_ms(s) + COLLECT_AGAIN_MS);
        else
            ask(s, ROTA_MASTER_PURPOSE_STATUS, next.task, ROTA_OP_GET,
                rota_path_status(s->out, rota_belief_task_name(s, next.task)));
    }
    rota_timers_keep(s);
}

/* ---- what a task's znodes say ---- */

static void keep_record(struct rota_master_context *s, uint32_t i,
                        const struct rota_attempt_record *record)
{
    rota_ref history = rota_belief_keep(s, rota_belief_task(s, i)->history, record->history);
    struct rota_master_task *t = rota_belief_task(s, i);

    t->history = history;
    t->attempt = record->attempt;
    t->losses = record->losses;
    t->excused_losses = record->excused_losses;
    t->failures = record->failures;
}

/* /cancel/<t>, and the task's own czxid, which was perhaps never read of one that is held. */
static void ask_who_is_meant(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    ask_cancel(s, i);
    if (t->state == ROTA_TASK_HELD && t->czxid == 0)
        ask(s, ROTA_MASTER_PURPOSE_AUDIT, i, ROTA_OP_EXISTS,
            rota_path_task(s->out, rota_belief_task_name(s, i)));
}

/* Somebody's access list keeps a znode of the task from us: it is let be until the audit. */
static void barred(struct rota_master_context *s, uint32_t i)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, i),
                     rota_error_name(ROTA_ERR_NO_AUTH), 0, 0, 0);
}

/* Of a task a worker holds, or held when it was lost. */
static void assignment_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    struct rota_attempt_record record;

    if (e->reply.body->rc == ROTA_ERR_NO_AUTH) {
        t->assigned_czxid = 0;
        barred(s, i);
        return;
    }
    if (e->reply.outcome != ROTA_DONE) {
        if (t->worker != 0)
            rota_belief_want(s, t->worker - 1, false, true);
        else if (t->state == ROTA_TASK_READING)
            rota_belief_moved(s, i);
        return;
    }
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    keep_record(s, i, &record);
    t = rota_belief_task(s, i);
    t->assigned_czxid = e->reply.body->stat.czxid;
    t->assigned_ms = e->reply.body->stat.ctime_ms;
    rota_timers_seen(s, t->assigned_ms);
    if (t->worker == 0)
        return;
    if (rota_belief_cancelled(t))
        rota_master_orders_want(s, t->worker - 1);
    else if (t->has_cancel && t->requests_pending == 0)
        ask_who_is_meant(s, i);
    rota_belief_settle_task(s, i);
}

static void retry_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_attempt_record record;

    rota_belief_task(s, i)->left_worker = false;
    rota_belief_task(s, i)->has_retry = e->reply.outcome == ROTA_DONE;
    if (e->reply.outcome != ROTA_DONE)
        return;
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    keep_record(s, i, &record);
    rota_belief_task(s, i)->retry_due_ms =
        record.delay_ms == 0 ? 0 : e->reply.body->stat.ctime_ms + record.delay_ms;
    rota_timers_seen(s, e->reply.body->stat.ctime_ms);
}

/* To be cancelled: whoever holds it is told, and one that waits ends at once. */
static void cancel(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (!rota_belief_cancelled(t))
        return;
    if (t->state == ROTA_TASK_HELD)
        rota_master_orders_want(s, t->worker - 1);
    else if (rota_belief_waits(t))
        rota_tasks_decide(s, i);
}

/* Which task is meant. Without a word of it: one that was there when it was asked for. */
static void cancel_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t meant;

    if (e->reply.outcome != ROTA_DONE) {
        t->has_cancel = t->has_cancel && r->rc != ROTA_ERR_NO_NODE;
        return;
    }
    meant = rota_cancel_record_read(s->out, r->data);
    t->has_cancel = true;
    t->cancel_czxid = meant != 0 ? meant : -r->stat.czxid;
    cancel(s, i);
}

/* A task that is held, seen for the first time itself. */
static void held_seen(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->czxid != 0)
        return;
    t->czxid = r->stat.czxid;
    cancel(s, i);
}

/* All is known: where it was assigned, and whether it is there and has not ended. */
static void task_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool there = e->reply.outcome == ROTA_DONE;
    const char *wrong;

    if (there && t->state == ROTA_TASK_HELD)
        held_seen(s, i, r);
    if (t->state != ROTA_TASK_READING)
        return;
    if (!there && r->rc != ROTA_ERR_NO_NODE) {
        barred(s, i);
        t->state = ROTA_TASK_ENDED;
        return;
    }
    if (there && t->lost_worker != 0 && t->assigned_czxid == 0 && r->stat.num_children == 0) {
        t->state = ROTA_TASK_LEFT; /* its assignment is there, and was not to be read */
        return;
    }
    if (!there) {
        ended(s, i, false);
        return;
    }
    remember_size(s->m, r->data.length);
    wrong = rota_belief_agree(s, i, r);
    if (rota_belief_task(s, i)->czxid != r->stat.czxid)
        rota_belief_renew(s, i);
    if (rota_belief_task(s, i)->lost_worker == 0 && !rota_belief_task(s, i)->has_retry)
        keep_record(s, i, &(struct rota_attempt_record){.attempt = 0});
    t = rota_belief_task(s, i);
    t->czxid = r->stat.czxid;
    t->version = r->stat.version;
    rota_timers_seen(s, r->stat.ctime_ms);
    if (has_ended(t, &r->stat)) {
        ended(s, i, true);
        return;
    }
    t->final = ROTA_FINAL_UNKNOWN;
    t->status_missing = false;
    if (wrong != NULL)
        give_up(s, i, ROTA_FINISH_FAILED, rota_outbox_text(s->out, "specification: %s", wrong));
    else
        rota_tasks_decide(s, i);
}

/* One that is held may have ended, by a worker that leaves its assignment behind: a status shows
 * it, and none that is gone, for a person may have sent it back. One that has ended may have made
 * place for another of its name, between two listings. */
static void audited(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool there = e->reply.outcome == ROTA_DONE;
    bool held = t->state == ROTA_TASK_HELD;
    bool ended_still = there && (held ? r->stat.num_children > 0 : has_ended(t, &r->stat));

    if (!there && r->rc != ROTA_ERR_NO_NODE)
        return;
    if (there && held)
        held_seen(s, i, r);
    if (t->state == ROTA_TASK_ENDED && !(ended_still && r->stat.czxid == t->czxid)) {
        rota_belief_look(s, i);
    } else if (held && (!there || ended_still)) {
        rota_belief_move(s, i);
        rota_finish_decide(s, i, there ? ROTA_FINISH_TIDY : ROTA_FINISH_DROP, NULL);
    }
}

void rota_tasks_replied(struct rota_master_context *s, enum rota_master_purpose what, uint32_t i,
                        const struct rota_event *e)
{
    rota_belief_task(s, i)->requests_pending--;
    s->m->reads_pending--;
    s->m->status_reads_pending -= of_an_end(what);
    switch (what) {
    case ROTA_MASTER_PURPOSE_ASSIGNMENT:
        assignment_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_RETRY:
        retry_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_CANCEL:
        cancel_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_TASK:
        task_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_STATUS_STAT:
        status_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_STATUS:
        end_read(s, i, e);
        break;
    default:
        audited(s, i, e);
        break;
    }
}

/* ---- what the lists say ---- */

static void retry_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->has_retry || t->state == ROTA_TASK_PLACING)
        return;
    t->has_retry = true;
    if (t->worker == 0)
        rota_belief_look(s, i);
}

/* Somebody asked for the end of a task of that name: which one, the znode says. The czxid of one
 * that a worker holds may never have been read. */
static void cancel_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (rota_belief_cancelled(t))
        return;
    t->has_cancel = true;
    if (rota_belief_waits(t)) {
        rota_belief_doubt(s, i);
    } else if (t->state == ROTA_TASK_HELD || t->state == ROTA_TASK_PLACING ||
               t->state == ROTA_TASK_READING) {
        ask_who_is_meant(s, i);
    } else {
        rota_belief_look(s, i);
    }
}

static void collect_listed(struct rota_master_context *s, uint32_t i)
{
    if (rota_belief_task(s, i)->has_collect)
        return;
    rota_belief_task(s, i)->has_collect = true;
    rota_belief_look(s, i);
}

/* The attempts of a task that is gone: only when the tasks are known can that be told. */
static void history_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->has_history)
        return;
    t->has_history = true;
    if (t->tasks_mark == 0 && t->requests_pending == 0)
        rota_belief_look(s, i);
}

static int by_name(const void *a, const void *b)
{
    const char *one = *(const char *const *)a;
    const char *other = *(const char *const *)b;
    size_t one_length = strlen(one);
    size_t other_length = strlen(other);

    if (one_length != other_length) /* shorter names first, so that t2 comes before t10 */
        return one_length < other_length ? -1 : 1;
    return strcmp(one, other);
}

/* A task that is not listed any more: what is left of it beside /tasks goes too. */
static void not_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->worker != 0 || t->requests_pending != 0 ||
        (t->lost_worker != 0 && t->state != ROTA_TASK_LEFT))
        return;
    if (rota_belief_waits(t))
        rota_belief_doubt(s, i);
    else if (rota_belief_forgettable(t))
        rota_belief_forget_task(s, i);
    else
        rota_belief_look(s, i);
}

/* Whether a task fills no place among those that are to be placed soon. */
static bool idle(const struct rota_master_task *t)
{
    return t->used && (t->state == ROTA_TASK_DELAYED || t->state == ROTA_TASK_BLOCKED ||
                       t->state == ROTA_TASK_ENDED);
}

/* What is new is read in the order of names, which is the order of age for one client's tasks. What
 * is listed no more is forgotten. */
static void tasks_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    struct rota_master *m = s->m;
    size_t fresh_count = 0, idle_count = 0, room;
    const char **fresh = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *fresh);

    m->listing_mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t task = rota_map_get(s->mem, &m->task_names, r->children[i]);

        if (task == ROTA_MAP_NONE) {
            fresh[fresh_count++] = r->children[i];
            continue;
        }
        rota_belief_task(s, task)->tasks_mark = m->listing_mark;
        if (rota_belief_task(s, task)->state == ROTA_TASK_LEFT)
            rota_belief_look(s, task);
    }
    for (uint32_t i = 0; i < m->tasks.length; i++) {
        idle_count += idle(rota_belief_task(s, i));
        if (rota_belief_task(s, i)->used && rota_belief_task(s, i)->tasks_mark != m->listing_mark)
            not_listed(s, i);
    }
    room = KNOWN_TASKS + idle_count < KNOWN_AT_ALL ? KNOWN_TASKS + idle_count : KNOWN_AT_ALL;
    m->all_listed = m->task_names.length + fresh_count <= room;
    if (!m->all_listed) /* the rest when these run low */
        m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    qsort(fresh, fresh_count, sizeof *fresh, by_name);
    for (size_t i = 0; i < fresh_count && m->task_names.length < room; i++) {
        uint32_t task = rota_belief_task_named(s, fresh[i]);

        rota_belief_task(s, task)->tasks_mark = m->listing_mark;
        rota_belief_task(s, task)->listed_order = ++m->tasks_listed;
        rota_belief_task(s, task)->state = ROTA_TASK_LISTED;
        rota_belief_queue(s, task);
    }
}

void rota_tasks_listed(struct rota_master_context *s, enum rota_directory which,
                       const struct rota_reply *r)
{
    static void (*const one_listed[ROTA_DIRECTORIES])(struct rota_master_context *, uint32_t) = {
        [ROTA_DIRECTORY_RETRY] = retry_listed,
        [ROTA_DIRECTORY_CANCEL] = cancel_listed,
        [ROTA_DIRECTORY_COLLECT] = collect_listed,
        [ROTA_DIRECTORY_HISTORY] = history_listed,
    };

    if (which == ROTA_DIRECTORY_TASKS) {
        tasks_listed(s, r);
        return;
    }
    if (which == ROTA_DIRECTORY_COLLECT) {
        s->m->collect_version = r->stat.version;
        s->m->collect_listing = s->m->task_listings;
    }
    for (uint32_t i = 0; i < r->child_count; i++)
        one_listed[which](s, rota_belief_task_named(s, r->children[i]));
}
