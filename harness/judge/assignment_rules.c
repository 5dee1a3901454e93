#include "harness/judge/assignment_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/isolation_rule.h"
#include "model/base/assert.h"

/* attempts-bounded: the counts in an assignment never decrease. */
static void check_counts(const struct rota_judged_change *c, struct rota_task *t)
{
    uint32_t losses = rota_record_number(c->change->data, "losses=", 0);

    if (losses < t->losses)
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is assigned at zxid %" PRId64
                        " with %u losses, and was with %u at zxid %" PRId64,
                        t->name, c->commit->zxid, losses, t->losses, t->assign_zxid);
    else if (t->submitted && losses >= rota_judge_losses(c->j, t))
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is assigned at zxid %" PRId64 " after %u losses of %u", t->name,
                        c->commit->zxid, losses, rota_judge_losses(c->j, t));
    if (rota_record_number(c->change->data, "failures=", 0) < t->failures)
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s is assigned at zxid %" PRId64
                        " with %u failures, and has failed %u times, the last of them on %s",
                        t->name, c->commit->zxid,
                        rota_record_number(c->change->data, "failures=", 0), t->failures,
                        rota_judge_name(c->j, t->last_worker));
    t->losses = losses;
    t->excused_losses = rota_record_number(c->change->data, "spared=", 0);
}

/* one-assignment: a task is assigned to the incarnation that was chosen, and not to a later one of
 * the same name (hazard 12). */
static void check_chosen(const struct rota_judged_change *c, const struct rota_task *t)
{
    struct rota_znode_path at;

    for (uint32_t i = 0; i < c->commit->change_count; i++) {
        const struct rota_change *change = &c->commit->changes[i];

        if (change->op != ROTA_OP_CHECK || change->version < 0)
            continue;
        rota_znode_path_read(change->path, &at);
        if (at.kind == ROTA_ZNODE_PATH_PLACE && strcmp(at.a, c->at.a) == 0)
            return;
    }
    ROTA_BREAK_TASK(c->j, ONE_ASSIGNMENT, c->who, t,
                    "%s assigned %s to %s at zxid %" PRId64
                    " without checking which incarnation of it",
                    rota_judged_change_author(c), t->name, c->at.a, c->commit->zxid);
}

/* Keeps for which incarnation of its worker an assignment is sent. */
void rota_assignment_rules_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *r)
{
    struct rota_znode_path at;

    for (uint32_t i = 0; rota_judge_is(j, who, ROTA_PART_MASTER) && i < r->operation_count; i++) {
        uint32_t task, worker;

        if (r->operations[i].op != ROTA_OP_CREATE)
            continue;
        rota_znode_path_read(r->operations[i].path, &at);
        if (at.kind != ROTA_ZNODE_PATH_ASSIGNMENT)
            continue;
        task = rota_history_find(j->h, at.b);
        worker = rota_judge_worker(j, at.a);
        if (task == ROTA_NO_TASK || worker == ROTA_NOBODY)
            continue;
        j->h->tasks[task].sent_by = who;
        j->h->tasks[task].sent_to = worker;
        j->h->tasks[task].sent_for = j->h->processes[worker].registered_czxid;
    }
}

/* one-assignment: the worker has not registered anew since the assignment was sent. */
static void check_sent_for(const struct rota_judged_change *c, const struct rota_task *t,
                           uint32_t worker)
{
    int64_t czxid = c->j->h->processes[worker].registered_czxid;

    if (t->sent_by != c->who || t->sent_to != worker || czxid <= t->sent_for)
        return;
    ROTA_BREAK_TASK(c->j, ONE_ASSIGNMENT, c->who, t,
                    "%s sent the assignment of %s to %s before that worker registered at zxid"
                    " %" PRId64 ", and it was made at zxid %" PRId64,
                    rota_judged_change_author(c), t->name, c->at.a, czxid, c->commit->zxid);
    rota_judge_involve(c->j, worker);
}

void rota_assignment_rules_made(const struct rota_judged_change *c, struct rota_task *t)
{
    uint32_t who = rota_judge_worker(c->j, c->at.a);

    t->recorded_ends = rota_record_lines(c->change->data, 1);
    if (rota_judged_change_is_from(c, ROTA_PART_MASTER)) {
        check_chosen(c, t);
        check_counts(c, t);
    }
    if (t->assignment_count < 2)
        t->assignments[t->assignment_count] = (struct rota_assignment){who, c->commit->zxid};
    t->assignment_count++;
    t->times_assigned++;
    t->assign_zxid = c->commit->zxid;
    snprintf(t->worker, sizeof t->worker, "%.23s", c->at.a);
    if (who != ROTA_NOBODY)
        c->j->h->processes[who].times_assigned++;
    if (who == ROTA_NOBODY)
        return;
    c->j->h->processes[who].assignment_count++;
    if (!rota_judged_change_is_from(c, ROTA_PART_MASTER))
        return;
    check_sent_for(c, t, who);
    rota_isolation_rule_assigned(c->j, c->who, t, who);
    if (c->j->h->processes[who].assignment_count > c->j->s->cluster.slots)
        ROTA_BREAK_TASK(c->j, CAPACITY, c->who, t,
                        "%s assigned %s to %s at zxid %" PRId64 ", its task number %u then",
                        rota_judged_change_author(c), t->name, c->at.a, c->commit->zxid,
                        c->j->h->processes[who].assignment_count);
}

/* no-needless-rerun: an assignment belongs to the session of its worker, and only the end of that
 * session ends it. */
static void taken_away(const struct rota_judged_change *c, struct rota_task *t)
{
    uint32_t worker = rota_judge_worker(c->j, c->at.a);
    const struct rota_process_record *record =
        worker == ROTA_NOBODY ? NULL : &c->j->h->processes[worker];

    if (!t->exists || t->has_status)
        return;
    t->workers_lost++;
    if (record == NULL || record->registered_session == 0 ||
        c->change->czxid < record->registered_czxid)
        return;
    ROTA_BREAK_TASK(c->j, NO_NEEDLESS_RERUN, c->who, t,
                    "%s took %s from %s at zxid %" PRId64
                    ", whose session lives; it was assigned at zxid %" PRId64,
                    rota_judged_change_author(c), t->name, c->at.a, c->commit->zxid,
                    c->change->czxid);
    rota_judge_involve(c->j, worker);
}

static void release(const struct rota_judged_change *c, struct rota_task *t)
{
    const struct rota_process_record *record = &c->j->h->processes[c->who];

    if (strcmp(c->at.a, rota_judged_change_author(c)) != 0 ||
        record->registered_session != c->commit->session ||
        c->change->czxid < record->registered_czxid)
        return;
    t->released_zxid = c->commit->zxid;
    t->released_czxid = c->change->czxid;
}

void rota_assignment_rules_ended(const struct rota_judged_change *c, struct rota_task *t)
{
    uint32_t worker = rota_judge_worker(c->j, c->at.a);

    if (worker != ROTA_NOBODY && c->change->czxid > c->j->h->processes[worker].registered_czxid &&
        c->j->h->processes[worker].assignment_count > 0)
        c->j->h->processes[worker].assignment_count--;
    rota_assert(t->assignment_count > 0);
    if (rota_judged_change_is_from(c, ROTA_PART_MASTER))
        taken_away(c, t);
    else if (rota_judged_change_is_from(c, ROTA_PART_WORKER))
        release(c, t);
    else
        t->losses = t->excused_losses = 0; /* another program deleted the counts with it */
    if (t->assignments[0].zxid == c->change->czxid)
        t->assignments[0] = t->assignments[1];
    t->assignment_count--;
    if (t->assignment_count < 2)
        t->assignments[t->assignment_count] = (struct rota_assignment){ROTA_NOBODY, 0};
}

void rota_assignment_rules_check_count(const struct rota_judged_change *c,
                                       const struct rota_task *t)
{
    int64_t zxid = c->commit->zxid;

    if (t->assignment_count > 1) {
        ROTA_BREAK_TASK(c->j, ONE_ASSIGNMENT, c->who, t,
                        "%s is assigned to %s since zxid %" PRId64 " and to %s since zxid %" PRId64,
                        t->name, rota_judge_name(c->j, t->assignments[0].who),
                        t->assignments[0].zxid, t->worker, t->assign_zxid);
        rota_judge_involve(c->j, t->assignments[0].who);
        rota_judge_involve(c->j, t->assignments[1].who);
    }
    if (t->assignment_count > 0 && t->has_status && rota_judged_change_is_ours(c) &&
        (t->status_zxid == zxid || t->assign_zxid == zxid)) {
        ROTA_BREAK_TASK(c->j, ONE_ASSIGNMENT, c->who, t,
                        "%s is assigned to %s since zxid %" PRId64 " and %s since zxid %" PRId64,
                        t->name, t->worker, t->assign_zxid, t->status, t->status_zxid);
        rota_judge_involve(c->j, t->assignments[0].who);
    }
    if (t->has_retry && rota_judged_change_is_ours(c) &&
        ((t->has_status && t->status_zxid == zxid) ||
         (t->assignment_count > 0 && t->assign_zxid == zxid)))
        ROTA_BREAK_TASK(c->j, ONE_ASSIGNMENT, c->who, t,
                        "%s is %s at zxid %" PRId64
                        ", and its record under /retry, of zxid %" PRId64 ", stays",
                        t->name, t->has_status ? t->status : "assigned", zxid, t->retry_zxid);
}

/* A worker that gives up an assignment writes what became of the task. */
void rota_assignment_rules_check_released(const struct rota_judged_change *c,
                                          const struct rota_task *t)
{
    int64_t zxid = c->commit->zxid;

    if (t->released_zxid == zxid && t->released_czxid > t->czxid && t->retry_zxid != zxid &&
        t->exists && !t->has_status)
        ROTA_BREAK_TASK(c->j, ATTEMPTS_BOUNDED, c->who, t,
                        "%s gave up %s at zxid %" PRId64 ", assigned at zxid %" PRId64
                        ", without writing what became of it",
                        rota_judged_change_author(c), t->name, zxid, t->released_czxid);
}
