#include "model/master/attempts.h"

#include "model/master/timers.h"

enum { SUSPECT_LOSSES = 2 }; /* from so many losses on a task runs alone */

void rota_attempts_keep(struct rota_master_context *s, uint32_t task,
                        const struct rota_attempt_record *record)
{
    rota_ref history = rota_belief_keep(s, rota_belief_task(s, task)->history, record->history);
    struct rota_master_task *t = rota_belief_task(s, task);

    t->history = history;
    t->attempt = record->attempt;
    t->losses = record->losses;
    t->excused_losses = record->excused_losses;
    t->failures = record->failures;
}

/* Losses are excused up to the number at which a task is dead: otherwise a task that kills many
 * workers at once would never be found. */
void rota_attempts_count_loss(const struct rota_master_context *s, const struct rota_master_task *t,
                              uint32_t *losses, uint32_t *excused_losses)
{
    *losses = t->losses;
    *excused_losses = t->excused_losses;
    if (t->lost_worker == 0)
        return;
    if (t->mass_lost && t->excused_losses < s->m->config.losses)
        ++*excused_losses;
    else
        ++*losses;
}

static uint32_t losses_most(const struct rota_master_context *s, uint32_t task)
{
    uint32_t losses = rota_belief_terms(s, task).losses;

    return losses != 0 ? losses : s->m->config.losses;
}

bool rota_attempts_exhausted(const struct rota_master_context *s, uint32_t task, uint32_t *losses)
{
    uint32_t excused_losses;

    rota_attempts_count_loss(s, rota_belief_task(s, task), losses, &excused_losses);
    return *losses >= losses_most(s, task);
}

/* It counts the losses that the next assignment records: the next master reads them there. */
bool rota_attempts_suspect(const struct rota_master_context *s, const struct rota_master_task *t)
{
    uint32_t losses, excused_losses;

    rota_attempts_count_loss(s, t, &losses, &excused_losses);
    return losses >= SUSPECT_LOSSES;
}

const char *rota_attempts_history(struct rota_master_context *s, uint32_t task)
{
    const struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_history_line line = {.attempt = t->attempt,
                                     .began_ms = t->assigned_ms,
                                     .ended_ms = rota_timers_now_ms(s),
                                     .how = "lost",
                                     .reason = ""};

    if (t->lost_worker == 0)
        return rota_belief_text(s, t->history);
    line.worker = rota_belief_worker_name(s, t->lost_worker - 1);
    return rota_history_line_add(s->out, rota_belief_text(s, t->history), &line);
}
