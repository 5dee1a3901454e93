#include "harness/judge/run_rules.h"

#include <inttypes.h>
#include <string.h>

#include "harness/judge/terms_rules.h"
#include "harness/language/tags.h"
#include "model/base/assert.h"

/* one-assignment: a run begins under an existing assignment to this worker. If the worker had a
 * fault since, it may not know yet that the assignment is gone. */
static void check_assigned(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                           int64_t fence)
{
    for (uint32_t i = 0; i < 2 && i < t->assignment_count; i++)
        if (t->assignments[i].who == who && t->assignments[i].zxid == fence)
            return;
    if (j->h->processes[who].fault_zxid < fence)
        ROTA_BREAK_TASK(
            j, ONE_ASSIGNMENT, who, t,
            "%s runs %s under fence %" PRId64
            ", which is no assignment to it; the last one was made to %s at zxid %" PRId64,
            rota_judge_name(j, who), t->name, fence, t->worker[0] == '\0' ? "no worker" : t->worker,
            t->assign_zxid);
}

/* one-assignment: when a session ends by its timeout, its runs have ended before, whatever the
 * process does, because its lease ends first (hazard 7, rules 5 and 6). That does not hold for a
 * session that is ended early, nor with a clock that is wrong. */
static void check_ended_before(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                               int64_t fence)
{
    const struct rota_process *last;

    if (t->last_worker == ROTA_NOBODY || t->last_ended > 0 || fence <= t->last_fence)
        return;
    last = rota_world_process(j->w, t->last_worker);
    if (last->work_paused ||
        (last->expired_at > 0 && last->expired_at + j->s->cluster.session >= t->last_began))
        return;
    for (uint32_t i = 0; i < rota_world_count(j->w); i++)
        if (rota_world_process(j->w, i)->client.clock.skew_percent != 0)
            return;
    ROTA_BREAK_TASK(j, ONE_ASSIGNMENT, who, t,
                    "%s runs %s (assigned at zxid %" PRId64
                    ") while it still runs on %s (assigned at zxid %" PRId64 ")",
                    rota_judge_name(j, who), t->name, fence, rota_judge_name(j, t->last_worker),
                    t->last_fence);
}

/* no-needless-rerun: since the assignment of the run before, the worker had a fault, or the run
 * failed. */
static void check_rerun(struct rota_judge *j, uint32_t who, const struct rota_task *t,
                        int64_t fence)
{
    const struct rota_process_record *last =
        t->last_worker == ROTA_NOBODY ? NULL : &j->h->processes[t->last_worker];

    /* A worker that does not know of its fault yet may still begin a run under an older assignment.
     */
    if (last == NULL || fence < t->last_fence)
        return;
    if (t->last_fence == fence)
        ROTA_BREAK_TASK(j, NO_NEEDLESS_RERUN, who, t,
                        "%s runs %s twice under the assignment of zxid %" PRId64,
                        rota_judge_name(j, who), t->name, fence);
    if (last->fault_zxid >= t->last_fence)
        return;
    if (t->last_ended > 0 && (t->last_ending == ROTA_ENDING_FAILURE || rota_judge_timed_out(t)))
        return;
    ROTA_BREAK_TASK(j, NO_NEEDLESS_RERUN, who, t,
                    "%s runs again on %s (assigned at zxid %" PRId64
                    ") although %s, where it ran before, had no fault since zxid %" PRId64,
                    t->name, rota_judge_name(j, who), fence, rota_judge_name(j, t->last_worker),
                    t->last_fence);
}

static void check_bounds(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    if (!t->submitted)
        return;
    if (t->kills >= rota_judge_losses(j, t) + t->excused_losses)
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t,
                        "%s runs again on %s after it killed %u workers, the last of them %s",
                        t->name, rota_judge_name(j, who), t->kills,
                        rota_judge_name(j, t->last_worker));
    if (t->failures > t->plan.retries)
        ROTA_BREAK_TASK(j, ATTEMPTS_BOUNDED, who, t,
                        "%s runs again on %s after it failed %u times, the last of them on %s",
                        t->name, rota_judge_name(j, who), t->failures,
                        rota_judge_name(j, t->last_worker));
}

static bool is_payload(const struct rota_task *t, struct rota_bytes bytes)
{
    return bytes.length == t->payload_length &&
           (bytes.length == 0 || memcmp(bytes.data, t->payload, (size_t)bytes.length) == 0);
}

/* capacity: a worker runs only tasks whose tags it has. */
static void check_tags(struct rota_judge *j, uint32_t who, const struct rota_task *t)
{
    const char *tags = rota_scenario_tags(j->s, who - j->s->cluster.masters + 1);

    if (t->submitted && !rota_tags_hold(tags, t->plan.tags))
        ROTA_BREAK_TASK(j, CAPACITY, who, t, "%s runs %s, which needs the tags %s; it has %s",
                        rota_judge_name(j, who), t->name, t->plan.tags,
                        tags[0] == '\0' ? "none" : tags);
}

void rota_run_rules_began(struct rota_judge *j, uint32_t who, const struct rota_action *a)
{
    struct rota_task *t = rota_judge_task(j, a->run.task);
    struct rota_process_record *record = &j->h->processes[who];

    if (t->submitted && !is_payload(t, a->run.payload))
        ROTA_BREAK_TASK(j, PAYLOAD_INTACT, who, t,
                        "%s received %d bytes for %s (attempt %u), which are not the %d bytes that"
                        " %s submitted",
                        rota_judge_name(j, who), a->run.payload.length, t->name, a->run.attempt,
                        t->payload_length, rota_judge_name(j, t->client));
    check_assigned(j, who, t, a->run.fence);
    check_rerun(j, who, t, a->run.fence);
    check_ended_before(j, who, t, a->run.fence);
    check_bounds(j, who, t);
    check_tags(j, who, t);
    rota_terms_rules_began(j, who, t);
    if (++record->running > j->s->cluster.slots)
        ROTA_BREAK_TASK(j, CAPACITY, who, t, "%s runs %u tasks at once, %s the last of them",
                        rota_judge_name(j, who), record->running, t->name);
    t->executions++;
    t->changed_at = rota_world_now(j->w);
    if (a->run.attempt > t->attempts)
        t->attempts = a->run.attempt;
    if (t->last_worker != ROTA_NOBODY && a->run.fence < t->last_fence)
        return;
    t->last_worker = who;
    t->last_fence = a->run.fence;
    t->last_began = t->changed_at;
    t->last_ended = 0;
}

void rota_run_rules_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run)
{
    struct rota_task *t = rota_judge_task(j, run->task);

    rota_assert(who < j->h->process_count && j->h->processes[who].running > 0);
    j->h->processes[who].running--;
    if (run->killed_worker)
        t->kills++;
    rota_terms_rules_ended(j, who, t);
    if (t->last_worker == who) {
        t->last_ended = rota_world_now(j->w);
        t->last_ending = run->ending;
        t->last_exit = run->plan.exit_status;
    }
}
