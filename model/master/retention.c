#include "model/master/retention.h"

#include <string.h>

#include "model/master/dependencies.h"
#include "model/master/reads.h"
#include "model/master/timers.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    UNKNOWN_AGAIN_MS = 1000,  /* the next look at a status that a listing may show as unneeded */
    AWAITED_AGAIN_MS = 60000, /* the next look at one that a known task depends on */
};

bool rota_retention_ended(const struct rota_master_task *t, const struct rota_stat *stat)
{
    bool anew = t->has_retry || (t->lost_worker != 0 && t->assigned_czxid > stat->pzxid);

    return stat->num_children > 0 || (stat->cversion > 0 && !anew);
}

/* ---- reading the status ---- */

/* Reads /collect/<t> before, if it exists. */
static void read_status(struct rota_master_context *s, uint32_t i)
{
    rota_belief_task(s, i)->left_czxid = rota_belief_task(s, i)->left_mzxid = 0;
    if (rota_belief_task(s, i)->has_collect)
        rota_reads_add(s, ROTA_MASTER_PURPOSE_COLLECT, i, ROTA_OP_GET,
                       rota_path_collect(s->out, rota_belief_task_name(s, i)));
    rota_reads_add(s, ROTA_MASTER_PURPOSE_STATUS, i, ROTA_OP_GET,
                   rota_path_status(s->out, rota_belief_task_name(s, i)));
}

/* Without a task that depends on it, only the status's age is needed. */
static void request_status(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    if (t->dependents != 0 || t->has_collect)
        read_status(s, i);
    else
        rota_reads_add(s, ROTA_MASTER_PURPOSE_STATUS_STAT, i, ROTA_OP_EXISTS,
                       rota_path_status(s->out, rota_belief_task_name(s, i)));
}

void rota_retention_begin(struct rota_master_context *s, uint32_t i, bool exists)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    t->state = ROTA_TASK_ENDED;
    t->due_ms = 0;
    if (!exists) {
        t->final = ROTA_FINAL_NOT_DONE;
        rota_dependencies_ended(s, i, NULL);
        t = rota_belief_task(s, i);
    }
    if (t->lost_worker != 0 || t->has_retry || t->has_cancel ||
        (!exists && (t->has_collect || t->has_history)))
        rota_belief_finish(s, i, exists ? ROTA_FINISH_TIDY : ROTA_FINISH_DROP, NULL);
    else if (exists)
        request_status(s, i);
    else if (rota_belief_forgettable(t))
        rota_belief_forget_task(s, i);
}

/* ---- sweeping ---- */

/* When the retention of a status is over: never before a session that collects it would end. */
static int64_t kept_until_ms(const struct rota_master_context *s, uint32_t i, int64_t ended_ms)
{
    int64_t keep_ms = rota_belief_terms(s, i).keep_ms;

    if (keep_ms < 0)
        keep_ms = s->m->config.keep_ms;
    if (keep_ms < s->m->timeout / 1000)
        keep_ms = s->m->timeout / 1000;
    return ended_ms + keep_ms;
}

static void look_again_at(struct rota_master_context *s, uint32_t i, int64_t due_ms)
{
    rota_belief_task(s, i)->due_ms = due_ms;
    rota_timers_put(s, i, due_ms, false);
}

/* True if every task is known that may depend on another: the tasks of a listing of all tasks that
 * was taken after the version of /collect was read, and each of them was read. Requests such a
 * listing. */
static bool dependents_known(struct rota_master_context *s)
{
    const struct rota_master *m = s->m;

    if (m->task_listings == m->collect_listing)
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    return m->all_listed && m->listing[ROTA_DIRECTORY_COLLECT].read &&
           !m->listing[ROTA_DIRECTORY_TASKS].reading && m->task_listings > m->collect_listing &&
           m->to_read_head == m->to_read.length && m->reads_pending == m->status_reads_pending;
}

/* True if no task needs the final status: none ever depended on it, or none that is known does and
 * all are known. The submit of a further one raises the version of /collect, which the removal
 * checks. */
static bool unneeded(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (t->version == 0)
        return true;
    if (rota_dependencies_awaited(s, i))
        return false;
    t->collect_version = s->m->collect_version;
    return dependents_known(s);
}

/* Deletes the task and its final status, or looks again later if it may be needed. */
static void sweep(struct rota_master_context *s, uint32_t i)
{
    if (unneeded(s, i))
        rota_belief_finish(s, i, ROTA_FINISH_SWEEP, NULL);
    else
        look_again_at(s, i,
                      rota_timers_now_ms(s) +
                          (rota_dependencies_awaited(s, i) ? AWAITED_AGAIN_MS : UNKNOWN_AGAIN_MS));
}

/* ---- replies and timers ---- */

/* The task has ended and its status was deleted: a client collects it by two deletes, and the next
 * listing no longer shows it. If it does, the client has died between them: the task is kept as if
 * it had ended now. */
static void status_missing(struct rota_master_context *s, uint32_t i)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    int64_t now_ms = rota_timers_now_ms(s);

    rota_dependencies_ended(s, i, NULL);
    t = rota_belief_task(s, i);
    if (!t->status_missing) {
        t->status_missing = true;
        t->state = ROTA_TASK_LEFT;
        s->m->listing[ROTA_DIRECTORY_TASKS].wanted = true;
    } else if (t->due_ms == 0 || now_ms < t->due_ms) {
        look_again_at(s, i, kept_until_ms(s, i, now_ms));
    } else {
        sweep(s, i);
    }
}

void rota_retention_collect_read(struct rota_master_context *s, uint32_t i,
                                 const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);

    if (e->reply.body->rc == ROTA_ERR_NO_NODE)
        t->has_collect = false;
    if (e->reply.outcome != ROTA_DONE)
        return;
    t->left_czxid = rota_collect_record_read(s->out, e->reply.body->data);
    t->left_mzxid = e->reply.body->stat.mzxid;
    t->left_version = e->reply.body->stat.version;
}

/* True if /collect/<t> was written for the status with that czxid. One that names no status, as a
 * plain ZooKeeper client writes it, means one that existed then. */
static bool left_to_master(const struct rota_master_task *t, int64_t status_czxid)
{
    return t->has_collect &&
           (t->left_czxid != 0 ? t->left_czxid == status_czxid : t->left_mzxid > status_czxid);
}

/* A status that an access list hides stays until the audit. */
void rota_retention_stat_read(struct rota_master_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    const struct rota_reply *r = e->reply.body;

    if (t->state != ROTA_TASK_ENDED)
        return;
    if (e->reply.outcome != ROTA_DONE) {
        if (r->rc == ROTA_ERR_NO_NODE)
            status_missing(s, i);
        return;
    }
    t->status_missing = false;
    rota_timers_note_stamp(s, r->stat.ctime_ms);
    look_again_at(s, i, kept_until_ms(s, i, r->stat.ctime_ms));
}

/* The state is known: tasks that depend on it go on, and it is swept once its retention is over, or
 * at once if it was left to the master to collect. A dead task stays for an operator, unless its
 * specification says how long. A /collect/<t> for a former status of that name is deleted alone
 * (rule 15). */
void rota_retention_status_read(struct rota_master_context *s, uint32_t i,
                                const struct rota_event *e)
{
    struct rota_master_task *t = rota_belief_task(s, i);
    struct rota_status_record record;
    int64_t due_ms;
    bool left;

    if (t->state != ROTA_TASK_ENDED || e->reply.outcome != ROTA_DONE) {
        rota_retention_stat_read(s, i, e);
        return;
    }
    t->status_missing = false;
    rota_reads_note_size(s, e->reply.body->data.length);
    rota_timers_note_stamp(s, e->reply.body->stat.ctime_ms);
    rota_status_record_read(s->out, e->reply.body->data, &record);
    t->final = strcmp(record.state, "done") == 0 ? ROTA_FINAL_DONE : ROTA_FINAL_NOT_DONE;
    rota_dependencies_ended(s, i, record.state);
    t = rota_belief_task(s, i);
    due_ms = kept_until_ms(s, i, e->reply.body->stat.ctime_ms);
    left = left_to_master(t, e->reply.body->stat.czxid);
    t->collect_former = t->has_collect && !left && t->left_mzxid != 0;
    if (t->collect_former)
        rota_belief_finish(s, i, ROTA_FINISH_TIDY, NULL);
    else if (!left && rota_timers_now_ms(s) < due_ms)
        look_again_at(s, i, due_ms);
    else if (!left && strcmp(record.state, "dead") == 0 && rota_belief_terms(s, i).keep_ms < 0)
        t->due_ms = 0;
    else
        sweep(s, i);
}

/* Reading the status again does not help while a task may still depend on it. */
void rota_retention_due(struct rota_master_context *s, uint32_t i)
{
    const struct rota_master_task *t = rota_belief_task(s, i);

    if (t->has_collect && t->version > 0 && !rota_dependencies_awaited(s, i) &&
        !dependents_known(s))
        look_again_at(s, i, rota_timers_now_ms(s) + UNKNOWN_AGAIN_MS);
    else
        read_status(s, i);
}
