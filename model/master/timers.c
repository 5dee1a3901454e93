#include "model/master/timers.h"

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/master/scheduler.h"

enum {
    CLOCK_US = 60000000, /* so long one look at the servers' clock is good for */
    AGENDA_LEAST = 1024, /* entries, before obsolete ones are sorted out */
};

/* ---- the clock ---- */

void rota_timers_set(struct rota_master_context *s, int64_t server_ms)
{
    s->m->clock_ms = server_ms;
    s->m->clock_at = s->now;
}

int64_t rota_timers_now_ms(const struct rota_master_context *s)
{
    rota_assert(s->m->clock_at != ROTA_NEVER); /* the election told it */
    return s->m->clock_ms + (s->now - s->m->clock_at) / 1000;
}

void rota_timers_seen(struct rota_master_context *s, int64_t server_ms)
{
    if (server_ms > rota_timers_now_ms(s))
        rota_timers_set(s, server_ms);
}

/* ---- the heap ---- */

static struct rota_timer *at(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->timers, i, sizeof(struct rota_timer));
}

static void swap(struct rota_master_context *s, uint32_t i, uint32_t k)
{
    struct rota_timer one = *at(s, i);

    *at(s, i) = *at(s, k);
    *at(s, k) = one;
}

/* Moves entry `i` down to its place. */
static void sink(struct rota_master_context *s, uint32_t i)
{
    uint32_t n = s->m->timers.length;

    for (uint32_t k; (k = 2 * i + 1) < n; i = k) {
        if (k + 1 < n && at(s, k + 1)->due_ms < at(s, k)->due_ms)
            k++;
        if (at(s, i)->due_ms <= at(s, k)->due_ms)
            break;
        swap(s, i, k);
    }
}

/* Whether the task still waits for that. */
static bool valid(const struct rota_master_context *s, const struct rota_timer *a)
{
    const struct rota_master_task *t = rota_belief_task(s, a->task);

    if (!t->used || t->generation != a->generation)
        return false;
    if (a->expiry)
        return rota_belief_waits(t) && rota_belief_expires_ms(s, a->task) == a->due_ms;
    return (t->state == ROTA_TASK_DELAYED || t->state == ROTA_TASK_ENDED) && t->due_ms == a->due_ms;
}

/* The entry is on the agenda no more. */
static void dropped(struct rota_master_context *s, const struct rota_timer *a)
{
    struct rota_master_task *t = rota_belief_task(s, a->task);

    if (a->expiry && t->generation == a->generation)
        t->expiry_set = false;
}

/* Most tasks end and are collected long before their end is to be swept: what became obsolete goes
 * when it may be half of all, or the agenda would hold every task of a day. */
static void sort_out(struct rota_master_context *s)
{
    struct rota_array *agenda = &s->m->timers;
    uint32_t n = 0;

    if (s->m->timers_limit == 0)
        s->m->timers_limit = AGENDA_LEAST;
    if (agenda->length < s->m->timers_limit)
        return;
    for (uint32_t i = 0; i < agenda->length; i++) {
        if (valid(s, at(s, i)))
            *at(s, n++) = *at(s, i);
        else
            dropped(s, at(s, i));
    }
    agenda->length = n;
    for (uint32_t i = n / 2; i-- > 0;)
        sink(s, i);
    s->m->timers_limit = 2 * n + AGENDA_LEAST;
}

void rota_timers_put(struct rota_master_context *s, uint32_t task, int64_t due_ms, bool expiry)
{
    uint32_t i;

    if (expiry && rota_belief_task(s, task)->expiry_set)
        return;
    sort_out(s);
    i = rota_array_push(s->mem, &s->m->timers, sizeof(struct rota_timer));
    *at(s, i) = (struct rota_timer){due_ms, task, rota_belief_task(s, task)->generation, expiry};
    rota_belief_task(s, task)->expiry_set |= expiry;
    while (i > 0 && at(s, i)->due_ms < at(s, (i - 1) / 2)->due_ms) {
        swap(s, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void drop_first(struct rota_master_context *s)
{
    dropped(s, at(s, 0));
    *at(s, 0) = *at(s, --s->m->timers.length);
    sink(s, 0);
}

bool rota_timers_take(struct rota_master_context *s, struct rota_timer *next)
{
    bool due;

    while (s->m->timers.length > 0) {
        *next = *at(s, 0);
        due = valid(s, next);
        if (due && rota_timers_now_ms(s) < next->due_ms)
            return false;
        drop_first(s);
        if (due)
            return true;
    }
    return false;
}

/* ---- looking what time it is ---- */

/* A write that changes nothing anybody reads: its Stat bears the leader's time. */
static void look(struct rota_master_context *s)
{
    struct rota_operation *ops = rota_scheduler_write(s, ROTA_MASTER_PURPOSE_CLOCK, 0, 2);

    ops[1].op = ROTA_OP_SET;
    ops[1].path = ROTA_PATH_RETRY;
    ops[1].data = (struct rota_bytes){"", 0};
    s->m->clock_pending = true;
}

void rota_timers_keep(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    rota_time stale = m->clock_at + CLOCK_US;

    if (m->timers.length == 0)
        return;
    if (s->now >= stale && !m->clock_pending)
        look(s);
    if (s->now < stale)
        rota_outbox_wake(s->out, stale);
    if (at(s, 0)->due_ms > rota_timers_now_ms(s) && /* else the reply to a read goes on with it */
        at(s, 0)->due_ms - m->clock_ms < INT64_MAX / 2000)
        rota_outbox_wake(s->out, m->clock_at + (at(s, 0)->due_ms - m->clock_ms) * 1000);
}

bool rota_timers_replied(struct rota_master_context *s, const struct rota_event *e)
{
    s->m->clock_pending = false;
    if (e->reply.outcome == ROTA_DONE)
        rota_timers_set(s, e->reply.body->results[1].stat.mtime_ms);
    else if (rota_reply_failed_at(e->reply.body) == 0)
        return false;
    else /* an access list, perhaps: later again */
        rota_timers_set(s, rota_timers_now_ms(s));
    return true;
}
