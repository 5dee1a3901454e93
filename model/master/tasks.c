#include "model/master/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/master/assignments.h"
#include "model/master/attempts.h"
#include "model/master/decide.h"
#include "model/master/orders.h"
#include "model/master/reads.h"
#include "model/master/retention.h"
#include "model/master/timers.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    KNOWN_TASKS = 200000,   /* tasks in the cache that may be placed soon */
    KNOWN_AT_ALL = 2000000, /* tasks in the cache, those that wait for something else included */
    AUDIT_ENDED = 1000,     /* tasks that have ended, looked at in one audit */
};

/* ---- requests ---- */

static void read_cancel(struct rota_master_context *s, uint32_t i)
{
    rota_reads_add(s, ROTA_MASTER_PURPOSE_CANCEL, i, ROTA_OP_GET,
                   rota_path_cancel(s->out, rota_belief_task_name(s, i)));
}

/* Reads all znodes of a task. The assignment to a lost worker, or a hand-back, says how often it
 * has run. The task itself comes last, because its reply decides. */
static void read_task(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const char *name = rota_belief_task_name(s, i);

    t->state = ROTA_TASK_READING;
    if (t->lost_worker != 0)
        rota_reads_add(
            s, ROTA_MASTER_PURPOSE_ASSIGNMENT, i, ROTA_OP_GET,
            rota_path_assignment(s->out, rota_belief_worker_name(s, t->lost_worker - 1), name));
    if (t->has_retry || t->left_worker || t->lost_worker != 0)
        rota_reads_add(s, ROTA_MASTER_PURPOSE_RETRY, i, ROTA_OP_GET, rota_path_retry(s->out, name));
    if (t->has_cancel)
        read_cancel(s, i);
    rota_reads_add(s, ROTA_MASTER_PURPOSE_TASK, i, ROTA_OP_GET, rota_path_task(s->out, name));
}

void rota_tasks_read(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    while (rota_reads_allowed(s) && m->to_read_head < m->to_read.length) {
        uint32_t task = rota_belief_dequeue(s);

        if (rota_belief_task(s, task)->state == ROTA_TASK_LISTED)
            read_task(s, task);
    }
}

/* ---- the audit ---- */

static void audit_task(struct rota_master_context *s, uint32_t i)
{
    rota_reads_add(s, ROTA_MASTER_PURPOSE_AUDIT, i, ROTA_OP_EXISTS,
                   rota_path_task(s->out, rota_belief_task_name(s, i)));
}

/* All held tasks, because a worker that is a plain ZooKeeper client leaves its assignment behind
 * (rule 9: the audit deletes an assignment whose task has ended); and in turn some that have ended,
 * because a name may have been used again between two listings. */
void rota_tasks_audit(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    uint32_t ended = 0, last = m->audit_position;

    for (uint32_t k = 0; k < m->tasks.records.length; k++) {
        uint32_t i = (m->audit_position + k) % m->tasks.records.length;
        const struct rota_master_task *t = rota_belief_task(s, i);

        if (!t->used || t->requests_pending != 0)
            continue;
        if (t->state == ROTA_TASK_HELD) {
            audit_task(s, i);
        } else if (t->state == ROTA_TASK_ENDED && ended < AUDIT_ENDED) {
            audit_task(s, i);
            ended++;
            last = i + 1;
        }
    }
    m->audit_position = last;
}

/* ---- replies ---- */

/* Acts on a cancellation that means this task: the worker that holds it gets an order, and a task
 * that waits ends at once. */
static void cancel(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    if (!rota_belief_cancelled(t))
        return;
    if (t->state == ROTA_TASK_HELD)
        rota_master_orders_want(s, t->worker - 1);
    else if (rota_belief_waits(t))
        rota_decide_task(s, i);
}

/* Reads /cancel/<t>, and the czxid of a held task that was perhaps never read. */
static void read_cancelled(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    read_cancel(s, i);
    if (t->state == ROTA_TASK_HELD && t->czxid == 0)
        audit_task(s, i);
}

/* An access list hides one of the task's znodes from this process: the task is left alone until the
 * audit. */
static void note_hidden(struct rota_master_context *s, uint32_t i)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_belief_task_name(s, i),
                     rota_error_name(ROTA_ERR_NO_AUTH), 0, 0, 0);
}

/* The assignment to the worker that holds the task, or that held it when it was lost. */
static void assignment_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    struct rota_attempt_record record;

    if (e->reply.body->rc == ROTA_ERR_NO_AUTH) {
        t->assigned_czxid = 0;
        note_hidden(s, i);
        return;
    }
    if (e->reply.outcome != ROTA_DONE) {
        if (t->worker != 0)
            rota_belief_want_worker(s, t->worker - 1, false, true);
        else if (t->state == ROTA_TASK_READING)
            rota_assignments_moved(s, i);
        return;
    }
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    rota_attempts_keep(s, i, &record);
    t = rota_belief_task(s, i);
    t->assigned_czxid = e->reply.body->stat.czxid;
    t->assigned_ms = e->reply.body->stat.ctime_ms;
    rota_timers_note_stamp(s, t->assigned_ms);
    if (t->worker == 0)
        return;
    rota_assignments_isolate(s, i);
    if (rota_belief_cancelled(t))
        rota_master_orders_want(s, t->worker - 1);
    else if (t->has_cancel && t->requests_pending == 0)
        read_cancelled(s, i);
    rota_assignments_reclaim_task(s, i);
}

static void retry_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_attempt_record record;

    rota_belief_task(s, i)->left_worker = false;
    rota_belief_task(s, i)->has_retry = e->reply.outcome == ROTA_DONE;
    if (e->reply.outcome != ROTA_DONE)
        return;
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    rota_attempts_keep(s, i, &record);
    rota_belief_task(s, i)->retry_due_ms =
        record.delay_ms == 0 ? 0 : e->reply.body->stat.ctime_ms + record.delay_ms;
    rota_timers_note_stamp(s, e->reply.body->stat.ctime_ms);
}

/* A cancellation that names no task means one that existed when it was created. */
static void cancel_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    int64_t czxid;

    if (e->reply.outcome != ROTA_DONE) {
        t->has_cancel = t->has_cancel && r->rc != ROTA_ERR_NO_NODE;
        return;
    }
    czxid = rota_cancel_record_read(s->out, r->data);
    t->has_cancel = true;
    t->cancel_czxid = czxid != 0 ? czxid : -r->stat.czxid;
    cancel(s, i);
}

/* A held task itself was read, for the first time: a cancellation can be compared with it now. */
static void held_task_read(struct rota_master_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->czxid != 0)
        return;
    t->czxid = r->stat.czxid;
    cancel(s, i);
}

/* All znodes of an existing task were read: it has ended, or it is decided about. Attempts are what
 * the records say: without a record there were none, whatever is remembered of the name. */
static void existing_task_read(struct rota_master_context *s, uint32_t i,
                               const struct rota_reply *r)
{
    struct rota_master_task *t;
    const char *wrong;

    rota_reads_note_size(s, r->data.length);
    wrong = rota_belief_read_terms(s, i, r);
    if (rota_belief_task(s, i)->czxid != r->stat.czxid)
        rota_belief_renew_task(s, i);
    if (rota_belief_task(s, i)->lost_worker == 0 && !rota_belief_task(s, i)->has_retry)
        rota_attempts_keep(s, i, &(struct rota_attempt_record){.attempt = 0});
    t = rota_belief_task(s, i);
    t->czxid = r->stat.czxid;
    t->version = r->stat.version;
    rota_timers_note_stamp(s, r->stat.ctime_ms);
    if (rota_retention_ended(t, &r->stat)) {
        rota_retention_begin(s, i, true);
        return;
    }
    t->final = ROTA_FINAL_UNKNOWN;
    t->status_missing = false;
    if (wrong != NULL)
        rota_belief_finish(s, i, ROTA_FINISH_FAILED,
                           rota_outbox_text(s->out, "specification: %s", wrong));
    else
        rota_decide_task(s, i);
}

/* The last znode of a task that is being read. A task whose assignment exists and may not be read
 * stays where it is. */
static void task_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool exists = e->reply.outcome == ROTA_DONE;

    if (exists && t->state == ROTA_TASK_HELD)
        held_task_read(s, i, r);
    if (t->state != ROTA_TASK_READING)
        return;
    if (!exists && r->rc != ROTA_ERR_NO_NODE) {
        note_hidden(s, i);
        t->state = ROTA_TASK_ENDED;
    } else if (!exists) {
        rota_retention_begin(s, i, false);
    } else if (t->lost_worker != 0 && t->assigned_czxid == 0 && r->stat.num_children == 0) {
        t->state = ROTA_TASK_LEFT;
    } else {
        existing_task_read(s, i, r);
    }
}

/* A held task may have ended, by a worker that leaves its assignment behind. Only a status that
 * exists shows this, not one that was deleted, because an operator may have retried the task. A
 * task that has ended may have given its name to another one between two listings. */
static void audited(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;
    bool exists = e->reply.outcome == ROTA_DONE;
    bool held = t->state == ROTA_TASK_HELD;
    bool has_ended =
        exists && (held ? r->stat.num_children > 0 : rota_retention_ended(t, &r->stat));

    if (!exists && r->rc != ROTA_ERR_NO_NODE)
        return;
    if (exists && held)
        held_task_read(s, i, r);
    if (t->state == ROTA_TASK_ENDED && !(has_ended && r->stat.czxid == t->czxid)) {
        rota_belief_want_task(s, i);
    } else if (held && (!exists || has_ended)) {
        rota_assignments_lose(s, i);
        rota_belief_finish(s, i, exists ? ROTA_FINISH_TIDY : ROTA_FINISH_DROP, NULL);
    }
}

void rota_tasks_replied(struct rota_master_context *s, enum rota_master_purpose purpose, uint32_t i,
                        const struct rota_event *e)
{
    rota_reads_replied(s, purpose, i);
    switch (purpose) {
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
    case ROTA_MASTER_PURPOSE_COLLECT:
        rota_retention_collect_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_STATUS_STAT:
        rota_retention_stat_read(s, i, e);
        break;
    case ROTA_MASTER_PURPOSE_STATUS:
        rota_retention_status_read(s, i, e);
        break;
    default:
        rota_assert(purpose == ROTA_MASTER_PURPOSE_AUDIT);
        audited(s, i, e);
        break;
    }
}

/* ---- listings ---- */

static void retry_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->has_retry || t->state == ROTA_TASK_PLACING)
        return;
    t->has_retry = true;
    if (t->worker == 0)
        rota_belief_want_task(s, i);
}

/* An operator cancelled a task of that name: the znode says which one. */
static void cancel_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (rota_belief_cancelled(t))
        return;
    t->has_cancel = true;
    if (rota_belief_waits(t))
        rota_belief_reread_task(s, i);
    else if (t->state == ROTA_TASK_HELD || t->state == ROTA_TASK_PLACING ||
             t->state == ROTA_TASK_READING)
        read_cancelled(s, i);
    else
        rota_belief_want_task(s, i);
}

static void collect_listed(struct rota_master_context *s, uint32_t i)
{
    if (rota_belief_task(s, i)->has_collect)
        return;
    rota_belief_task(s, i)->has_collect = true;
    rota_belief_want_task(s, i);
}

/* The history of a task that is gone; only once the tasks are listed does this show. */
static void history_listed(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->has_history)
        return;
    t->has_history = true;
    if (t->tasks_mark == 0 && t->requests_pending == 0)
        rota_belief_want_task(s, i);
}

/* Shorter names first, so that t2 is before t10. */
static int by_name(const void *a, const void *b)
{
    const char *one = *(const char *const *)a;
    const char *other = *(const char *const *)b;
    size_t one_length = strlen(one);
    size_t other_length = strlen(other);

    if (one_length != other_length)
        return one_length < other_length ? -1 : 1;
    return strcmp(one, other);
}

/* The task is not listed any more: what is left of it beside /tasks is deleted, too. */
static void not_listed(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    if (t->worker != 0 || t->requests_pending != 0 ||
        (t->lost_worker != 0 && t->state != ROTA_TASK_LEFT))
        return;
    if (rota_belief_waits(t))
        rota_belief_reread_task(s, i);
    else if (rota_belief_forgettable(t))
        rota_belief_forget_task(s, i);
    else
        rota_belief_want_task(s, i);
}

/* Marks the tasks that are listed and known, and puts the names of the others into `fresh`. Returns
 * their number. */
static size_t mark_listed(struct rota_master_context *s, const struct rota_reply *r,
                          const char **fresh)
{
    size_t count = 0;

    s->m->listing_mark++;
    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t task = rota_map_get(s->mem, &s->m->task_names, r->children[i]);

        if (task == ROTA_MAP_NONE) {
            fresh[count++] = r->children[i];
            continue;
        }
        rota_belief_task(s, task)->tasks_mark = s->m->listing_mark;
        if (rota_belief_task(s, task)->state == ROTA_TASK_LEFT)
            rota_belief_want_task(s, task);
    }
    return count;
}

/* Takes back the known tasks that were not listed. Returns the number of known tasks that will not
 * be placed soon: they take no room from others. */
static size_t sort_out_unlisted(struct rota_master_context *s)
{
    size_t idle = 0;

    for (uint32_t i = 0; i < s->m->tasks.records.length; i++) {
        const struct rota_master_task *t = rota_belief_task(s, i);

        idle += t->used && (t->state == ROTA_TASK_DELAYED || t->state == ROTA_TASK_BLOCKED ||
                            t->state == ROTA_TASK_ENDED);
        if (t->used && t->tasks_mark != s->m->listing_mark)
            not_listed(s, i);
    }
    return idle;
}

/* New tasks are read in the order of their names, which is the order of age for the tasks of one
 * client. If they are too many, the rest follows when these run low. */
static void tasks_listed(struct rota_master_context *s, const struct rota_reply *r)
{
    struct rota_master *m = s->m;
    const char **fresh = rota_outbox_take(s->out, (r->child_count + 1u) * sizeof *fresh);
    size_t fresh_count = mark_listed(s, r, fresh);
    size_t room = KNOWN_TASKS + sort_out_unlisted(s);

    if (room > KNOWN_AT_ALL)
        room = KNOWN_AT_ALL;
    m->all_listed = m->task_names.length + fresh_count <= room;
    if (!m->all_listed)
        m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    qsort(fresh, fresh_count, sizeof *fresh, by_name);
    for (size_t i = 0; i < fresh_count && m->task_names.length < room; i++) {
        uint32_t task = rota_belief_task_named(s, fresh[i]);
        struct rota_master_task *t = rota_belief_task(s, task);

        t->tasks_mark = m->listing_mark;
        t->listed_order = ++m->tasks_listed;
        t->state = ROTA_TASK_LISTED;
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
    rota_assert(one_listed[which] != NULL);
    for (uint32_t i = 0; i < r->child_count; i++)
        one_listed[which](s, rota_belief_task_named(s, r->children[i]));
}

/* ---- timers ---- */

void rota_tasks_due(struct rota_master_context *s)
{
    struct rota_timer next;

    while (rota_reads_allowed(s) && rota_timers_take(s, &next))
        if (next.expiry || rota_belief_task(s, next.task)->state == ROTA_TASK_DELAYED)
            rota_decide_task(s, next.task);
        else
            rota_retention_due(s, next.task);
}
