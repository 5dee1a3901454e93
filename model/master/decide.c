#include "model/master/decide.h"

#include <inttypes.h>

#include "model/base/assert.h"
#include "model/master/attempts.h"
#include "model/master/dependencies.h"
#include "model/master/mass_loss.h"
#include "model/master/ready.h"
#include "model/master/timers.h"

static void finish_dead(struct rota_master_context *s, uint32_t task, uint32_t losses)
{
    rota_belief_finish(s, task, ROTA_FINISH_DEAD,
                       rota_outbox_text(s->out, "%" PRIu32 " worker%s lost while running it",
                                        losses, losses == 1 ? " was" : "s were"));
}

/* True if the task waits for others that it depends on, or was skipped because of one. A task that
 * was placed before does not ask again, for its dependencies may have been removed since. */
static bool blocked(struct rota_master_context *s, uint32_t task)
{
    const char *which = NULL;

    if (rota_belief_terms(s, task).after == 0 || rota_belief_task(s, task)->attempt > 0)
        return false;
    switch (rota_dependencies_ask(s, task, &which)) {
    case ROTA_FINAL_DONE:
        return false;
    case ROTA_FINAL_NOT_DONE:
        rota_belief_finish(s, task, ROTA_FINISH_SKIPPED,
                           rota_outbox_text(s->out, "it depends on %s, which was not done", which));
        return true;
    case ROTA_FINAL_UNKNOWN:
        break;
    }
    if (rota_belief_task(s, task)->state != ROTA_TASK_BLOCKED)
        rota_outbox_note(s->out, ROTA_NOTE_BLOCKED, rota_belief_task_name(s, task), which, 0, 0, 0);
    rota_belief_task(s, task)->state = ROTA_TASK_BLOCKED;
    return true;
}

/* True if the task waits for its time. */
static bool delayed(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    int64_t due = rota_belief_terms(s, task).not_before_ms;
    int64_t now = rota_timers_now_ms(s);

    if (t->has_retry && t->retry_due_ms > due)
        due = t->retry_due_ms;
    if (due <= now)
        return false;
    t->state = ROTA_TASK_DELAYED;
    t->due_ms = due;
    rota_outbox_note(s->out, ROTA_NOTE_DELAYED, rota_belief_task_name(s, task), NULL, due - now, 0,
                     0);
    rota_timers_put(s, task, due, false);
    return true;
}

/* Before everything was read once it is not known whether the task's worker was lost with many
 * others: the task stays with it until then. */
void rota_decide_task(struct rota_master_context *s, uint32_t task)
{
    struct rota_master_task *t = rota_belief_task(s, task);
    int64_t expires_ms = rota_belief_expires_ms(s, task);
    uint32_t losses;

    rota_assert(t->used && t->worker == 0 && t->state != ROTA_TASK_FINISHING);
    if (t->lost_worker != 0 && !s->m->recovered) {
        t->state = ROTA_TASK_STAYING;
        return;
    }
    if (t->lost_worker != 0 && rota_mass_loss_active(s))
        t->mass_lost = true;
    if (rota_belief_cancelled(t)) {
        rota_belief_finish(s, task, ROTA_FINISH_CANCELLED,
                           t->attempt == 0 ? "before it ran" : "while no worker ran it");
    } else if (rota_attempts_exhausted(s, task, &losses)) {
        finish_dead(s, task, losses);
    } else if (expires_ms != 0 && rota_timers_now_ms(s) >= expires_ms) {
        rota_belief_finish(s, task, ROTA_FINISH_EXPIRED, "no worker was free for it in time");
    } else {
        if (expires_ms != 0)
            rota_timers_put(s, task, expires_ms, true);
        if (blocked(s, task) || delayed(s, task))
            return;
        if (rota_mass_loss_holds(s, task))
            rota_belief_task(s, task)->state = ROTA_TASK_STAYING;
        else
            rota_ready_put(s, task);
    }
}

void rota_decide_listed(struct rota_master_context *s)
{
    for (uint32_t i; (i = rota_belief_shift(s, &s->m->undecided)) != 0;) {
        rota_belief_task(s, i - 1)->undecided = false;
        rota_decide_task(s, i - 1);
    }
}
