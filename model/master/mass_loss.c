#include "model/master/mass_loss.h"

enum { LOST_LEAST = 2 }; /* one lost worker is no mass loss, however few workers there are */

bool rota_mass_loss_active(const struct rota_master_context *s)
{
    return s->m->hold_until > s->now;
}

bool rota_mass_loss_holds(const struct rota_master_context *s, uint32_t task)
{
    const struct rota_master_task *t = rota_belief_task(s, task);

    return rota_mass_loss_active(s) && t->lost_worker != 0 &&
           rota_belief_worker(s, t->lost_worker - 1)->czxid == 0;
}

/* Begins a hold if enough workers are lost: tasks that were to be placed elsewhere stay. */
static void begin(struct rota_master_context *s, uint32_t lost, uint32_t all)
{
    if (rota_mass_loss_active(s) || lost < LOST_LEAST ||
        (uint64_t)lost * 100 <= (uint64_t)all * s->m->config.hold_above)
        return;
    s->m->hold_until = s->now + s->m->config.hold_ms * 1000;
    rota_outbox_note(s->out, ROTA_NOTE_HOLD, NULL, NULL, lost, all, s->m->config.hold_ms);
    for (uint32_t i = 0; i < s->m->tasks.records.length; i++) {
        struct rota_master_task *t = rota_belief_task(s, i);

        if (!t->used || t->lost_worker == 0 || t->state == ROTA_TASK_FINISHING)
            continue;
        t->mass_lost = true;
        if (t->state == ROTA_TASK_READY && rota_mass_loss_holds(s, i))
            t->state = ROTA_TASK_STAYING;
    }
}

/* Losses within a session timeout count together, because the sessions of workers that were cut off
 * at the same time end that far apart. */
void rota_mass_loss_count(struct rota_master_context *s)
{
    struct rota_master *m = s->m;

    if (m->window_lost == 0 || s->now > m->window_start + m->timeout) {
        m->window_start = s->now;
        m->window_lost = 0;
        m->window_alive = m->workers_alive;
    }
    m->window_lost++;
    begin(s, m->window_lost, m->window_alive);
}

/* The tasks that stay, those of one worker or with ROTA_MAP_NONE all, are decided about again. */
static void release(struct rota_master_context *s, uint32_t worker)
{
    for (uint32_t i = 0; i < s->m->tasks.records.length; i++) {
        const struct rota_master_task *t = rota_belief_task(s, i);

        if (t->used && t->state == ROTA_TASK_STAYING &&
            (worker == ROTA_MAP_NONE || t->lost_worker == worker + 1))
            rota_belief_decide_again(s, i);
    }
}

/* A worker that left tasks behind was lost: it is gone, or has returned as another incarnation. */
void rota_mass_loss_recover(struct rota_master_context *s)
{
    uint32_t lost = 0, all = 0;

    for (uint32_t i = 0; i < s->m->workers.records.length; i++) {
        const struct rota_master_worker *w = rota_belief_worker(s, i);
        bool left = w->lost_tasks > 0 || (w->czxid == 0 && w->held > 0);

        lost += w->used && left;
        all += w->used && (left || w->czxid != 0);
    }
    begin(s, lost, all);
    release(s, ROTA_MAP_NONE);
}

void rota_mass_loss_return(struct rota_master_context *s, uint32_t worker)
{
    if (rota_mass_loss_active(s))
        release(s, worker);
}

void rota_mass_loss_end(struct rota_master_context *s)
{
    if (s->m->hold_until == 0)
        return;
    if (rota_mass_loss_active(s)) {
        rota_outbox_wake(s->out, s->m->hold_until);
        return;
    }
    s->m->hold_until = 0;
    rota_outbox_note(s->out, ROTA_NOTE_HOLD_OVER, NULL, NULL, 0, 0, 0);
    release(s, ROTA_MAP_NONE);
}
