#include "harness/judge/task_rules.h"

#include <inttypes.h>
#include <string.h>

#include "harness/judge/status_rules.h"

/* How long a final status is kept at least if it is not collected. */
#define KEEP_US (INT64_C(86400) * 1000000)

/* The counts of the life before do not matter for this one. */
static void begin_life(struct rota_task *t)
{
    t->statuses = 0;
    t->losses = 0;
    t->excused_losses = 0;
    t->workers_lost = 0;
    t->kills = 0;
    t->failures = 0;
    t->cancel_requested = false;
    t->left_to_master = false;
    t->last_worker = ROTA_NOBODY;
    t->times_assigned = 0;
    t->due = 0;
}

static void task_created(const struct rota_judged_change *c, struct rota_task *t)
{
    struct rota_judge *j = c->j;
    bool client = rota_judged_change_is_from(c, ROTA_PART_CLIENT);

    /* Its client died, came back, submitted the task again by name and had it collected; only then
     * did its first request arrive, from a session that no process holds any more. These are two
     * submits, and no name tells them apart. */
    t->orphan =
        t->lives > 0 && client && rota_history_latest_session(j->h, c->who) != c->commit->session;
    /* Another client that submits the task after it was collected creates it anew: the name is free
     * again. */
    if (t->lives > t->other_submits && !t->orphan && rota_judged_change_is_ours(c))
        ROTA_BREAK_TASK(j, NO_DOUBLE_SUBMIT, c->who, t,
                        "%s was created at zxid %" PRId64
                        ", removed, and created again at zxid %" PRId64 " by %s",
                        t->name, t->czxid, c->commit->zxid, rota_judged_change_author(c));
    if (client && !t->submitted)
        ROTA_BREAK_TASK(j, NO_DOUBLE_SUBMIT, c->who, t,
                        "%s created %s at zxid %" PRId64 ", which was not submitted",
                        rota_judged_change_author(c), t->name, c->commit->zxid);
    begin_life(t);
    t->lives++;
    t->foreign = !rota_judged_change_is_ours(c);
    t->exists = true;
    t->czxid = c->commit->zxid;
    t->created = rota_world_now(j->w);
    t->due = t->plan.delay == 0 ? 0 : t->created + t->plan.delay;
    t->retried_zxid = 0;
}

static void task_deleted(const struct rota_judged_change *c, struct rota_task *t)
{
    struct rota_judge *j = c->j;
    int64_t zxid = c->commit->zxid;

    t->exists = false;
    if (t->statuses == 0 && (t->acknowledged || rota_judged_change_is_ours(c))) {
        ROTA_BREAK_TASK(j, NO_TASK_LOST, c->who, t,
                        "%s, created at zxid %" PRId64 ", was removed at zxid %" PRId64
                        " by %s without a final status",
                        t->name, t->czxid, zxid, rota_judged_change_author(c));
    } else if (rota_judged_change_is_from(c, ROTA_PART_MASTER)) {
        t->removed_by_master = true;
        if (t->submitted && !(t->left_to_master && t->delivered) &&
            rota_world_now(j->w) - t->status_time < (t->plan.has_keep ? t->plan.keep : KEEP_US))
            ROTA_BREAK_TASK(j, NO_TASK_LOST, c->who, t,
                            "%s ended at zxid %" PRId64 ", and %s removed it at zxid %" PRId64
                            " before its retention was over",
                            t->name, t->status_zxid, rota_judged_change_author(c), zxid);
    } else if (t->submitted && !t->delivered) {
        ROTA_BREAK_TASK(j, NO_TASK_LOST, c->who, t,
                        "%s, created at zxid %" PRId64 ", was removed at zxid %" PRId64
                        " by %s before its client had the result",
                        t->name, t->czxid, zxid, rota_judged_change_author(c));
    }
}

/* payload-intact: the znode holds the bytes that the client submitted. */
static void check_payload(const struct rota_judged_change *c, const struct rota_task *t)
{
    struct rota_bytes data = c->change->data;

    if (c->change->op == ROTA_OP_DELETE || !rota_judged_change_is_from(c, ROTA_PART_CLIENT) ||
        t->data == NULL ||
        (data.length == t->data_length &&
         (data.length == 0 || memcmp(data.data, t->data, (size_t)data.length) == 0)))
        return;
    ROTA_BREAK_TASK(c->j, PAYLOAD_INTACT, c->who, t,
                    "%s wrote %d bytes into %s at zxid %" PRId64
                    ", which are not the %d bytes that were submitted",
                    rota_judged_change_author(c), data.length, c->change->path, c->commit->zxid,
                    t->data_length);
}

void rota_task_rules_changed(const struct rota_judged_change *c, struct rota_task *t)
{
    check_payload(c, t);
    if (c->change->op == ROTA_OP_CREATE)
        task_created(c, t);
    else if (c->change->op == ROTA_OP_DELETE)
        task_deleted(c, t);
}

/* ---- progress and retries ---- */

/* stale-result-refused: only the worker that has the task writes its progress. */
void rota_task_rules_progress_changed(const struct rota_judged_change *c, struct rota_task *t)
{
    if (c->change->op == ROTA_OP_DELETE)
        return;
    t->progress_lines++;
    if (!rota_judged_change_is_from(c, ROTA_PART_WORKER) || !t->exists || t->has_status ||
        (t->assignment_count > 0 && t->assignments[0].who == c->who))
        return;
    ROTA_BREAK_TASK(c->j, STALE_RESULT_REFUSED, c->who, t,
                    "%s wrote %s at zxid %" PRId64
                    " without an assignment; the last one was made to %s at zxid %" PRId64,
                    rota_judged_change_author(c), c->change->path, c->commit->zxid,
                    t->worker[0] == '\0' ? "no worker" : t->worker, t->assign_zxid);
}

/* attempts-bounded: a task whose run ended with a fatal status is not retried. */
static void check_fatal(const struct rota_judged_change *c, const struct rota_task *t)
{
    if (rota_judged_change_is_from(c, ROTA_PART_WORKER) && t->released_czxid == t->last_fence &&
        rota_judge_ended_fatally(t))
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s handed back %s at zxid %" PRId64
                        ", whose run ended with status %d, after which it is never tried again",
                        rota_judged_change_author(c), t->name, c->commit->zxid, t->last_exit);
}

void rota_task_rules_retry_changed(const struct rota_judged_change *c, struct rota_task *t)
{
    if (c->change->op == ROTA_OP_DELETE && !rota_judged_change_is_ours(c))
        t->due = 0; /* no process knows of it any more */
    t->has_retry = c->change->op != ROTA_OP_DELETE;
    if (!t->has_retry)
        return;
    t->recorded_ends = rota_record_lines(c->change->data, 1);
    rota_status_rules_check_right(c, t);
    check_fatal(c, t);
    t->retry_zxid = c->commit->zxid;
    if (rota_judged_change_is_from(c, ROTA_PART_WORKER))
        t->due = rota_world_now(c->j->w) +
                 (rota_time)rota_record_number(c->change->data, "delay=", 0) * 1000;
    /* a worker whose lease ended under the task counts that itself */
    if (rota_judged_change_is_from(c, ROTA_PART_WORKER) &&
        rota_record_number(c->change->data, "losses=", 0) > t->losses)
        t->workers_lost++;
    if (rota_judged_change_is_from(c, ROTA_PART_WORKER) && t->released_czxid == t->last_fence &&
        t->last_ended > 0 && (t->last_ending == ROTA_ENDING_FAILURE || rota_judge_timed_out(t)))
        t->failures++;
}

/* one-completion: a task that lost its status has left the tree, or was retried by a person. */
void rota_task_rules_check_retried(const struct rota_judged_change *c, struct rota_task *t)
{
    int64_t zxid = c->commit->zxid;

    if (t->status_deleted_zxid != zxid || !t->exists)
        return;
    if (t->retry_zxid == zxid && !rota_judged_change_is_from(c, ROTA_PART_MASTER) &&
        !rota_judged_change_is_from(c, ROTA_PART_WORKER)) {
        begin_life(t);
        memcpy(t->former_status, t->status, sizeof t->former_status);
        t->retried_zxid = zxid;
    } else if (rota_judged_change_is_ours(c)) {
        ROTA_BREAK_TASK(c->j, ONE_COMPLETION, c->who, t,
                        "%s ended at zxid %" PRId64
                        " (%s), and %s removed the status at zxid %" PRId64,
                        t->name, t->status_zxid, t->status, rota_judged_change_author(c), zxid);
    }
}

/* attempts-bounded: a task that may be tried again is not dead. */
void rota_task_rules_check_dead(const struct rota_judged_change *c, const struct rota_task *t)
{
    bool dead = strcmp(t->status, "dead") == 0;

    if (!t->has_status || t->status_zxid != c->commit->zxid || !t->submitted)
        return;
    if (dead && rota_judged_change_is_from(c, ROTA_PART_MASTER) &&
        t->workers_lost < rota_judge_losses(c->j, t))
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is dead at zxid %" PRId64 " after %u losses, of %u", t->name,
                        c->commit->zxid, t->workers_lost, rota_judge_losses(c->j, t));
    else if (dead && rota_judged_change_is_from(c, ROTA_PART_WORKER) && rota_judge_ended_fatally(t))
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is dead at zxid %" PRId64
                        ", and its run ended with status %d: it has failed",
                        t->name, c->commit->zxid, t->last_exit);
    else if ((dead || strcmp(t->status, "failed") == 0) &&
             rota_judged_change_is_from(c, ROTA_PART_WORKER) && t->failures < t->plan.retries &&
             !rota_judge_ended_fatally(t))
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is %s at zxid %" PRId64 " after %u failures before the last, of %u"
                        " that are tried again",
                        t->name, t->status, c->commit->zxid, t->failures, t->plan.retries);
}
