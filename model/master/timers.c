#include "model/master/timers.h"

#include "model/base/assert.h"
#include "model/base/heap.h"
#include "model/master/fence.h"
#include "model/tree/path.h"

enum {
    CLOCK_US = 60000000, /* the servers' clock is read again after that time */
    TIMERS_LEAST = 1024, /* timers, before stale ones are removed */
};

/* ---- the clock ---- */

void rota_timers_set_clock(struct rota_master_context *s, int64_t server_ms)
{
    s->m->clock_ms = server_ms;
    s->m->clock_at = s->now;
}

int64_t rota_timers_now_ms(const struct rota_master_context *s)
{
    rota_assert(s->m->clock_at != ROTA_NEVER); /* the election set it */
    return s->m->clock_ms + (s->now - s->m->clock_at) / 1000;
}

void rota_timers_note_stamp(struct rota_master_context *s, int64_t server_ms)
{
    if (server_ms > rota_timers_now_ms(s))
        rota_timers_set_clock(s, server_ms);
}

/* ---- the heap ---- */

static struct rota_timer *at(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->timers, i, sizeof(struct rota_timer));
}

static bool before(const void *a, const void *b)
{
    const struct rota_timer *one = a;
    const struct rota_timer *other = b;

    return one->due_ms < other->due_ms;
}

static struct rota_heap heap_of(const struct rota_master_context *s)
{
    return rota_heap_of(s->mem, &s->m->timers, sizeof(struct rota_timer), before);
}

/* True if the task no longer waits for that timer. */
static bool stale(const struct rota_master_context *s, const struct rota_timer *timer)
{
    const struct rota_master_task *t = rota_belief_task(s, timer->task);

    if (!t->used || t->generation != timer->generation)
        return true;
    if (timer->expiry)
        return !rota_belief_waits(t) || rota_belief_expires_ms(s, timer->task) != timer->due_ms;
    return (t->state != ROTA_TASK_DELAYED && t->state != ROTA_TASK_ENDED) ||
           t->due_ms != timer->due_ms;
}

/* The timer leaves the heap. */
static void dropped(struct rota_master_context *s, const struct rota_timer *timer)
{
    struct rota_master_task *t = rota_belief_task(s, timer->task);

    if (timer->expiry && t->generation == timer->generation)
        t->expiry_set = false;
}

/* Removes stale timers once they may be half of all. Most tasks end and are collected long before
 * their final status is swept, so that the heap would hold every task of a day. */
static void remove_stale(struct rota_master_context *s)
{
    struct rota_array *timers = &s->m->timers;
    uint32_t n = 0;

    if (s->m->timers_limit == 0)
        s->m->timers_limit = TIMERS_LEAST;
    if (timers->length < s->m->timers_limit)
        return;
    for (uint32_t i = 0; i < timers->length; i++)
        if (stale(s, at(s, i)))
            dropped(s, at(s, i));
        else
            *at(s, n++) = *at(s, i);
    timers->length = n;
    rota_heap_order(heap_of(s));
    s->m->timers_limit = 2 * n + TIMERS_LEAST;
}

void rota_timers_put(struct rota_master_context *s, uint32_t task, int64_t due_ms, bool expiry)
{
    uint32_t i;

    rota_assert(rota_belief_task(s, task)->used);
    if (expiry && rota_belief_task(s, task)->expiry_set)
        return;
    remove_stale(s);
    i = rota_array_push(s->mem, &s->m->timers, sizeof(struct rota_timer));
    *at(s, i) = (struct rota_timer){due_ms, task, rota_belief_task(s, task)->generation, expiry};
    rota_belief_task(s, task)->expiry_set |= expiry;
    rota_heap_rise(heap_of(s), i);
}

static void drop_first(struct rota_master_context *s)
{
    dropped(s, at(s, 0));
    rota_heap_remove_first(heap_of(s));
    s->m->timers.length--;
}

bool rota_timers_take(struct rota_master_context *s, struct rota_timer *next)
{
    bool valid;

    while (s->m->timers.length > 0) {
        *next = *at(s, 0);
        valid = !stale(s, next);
        if (valid && rota_timers_now_ms(s) < next->due_ms)
            return false;
        drop_first(s);
        if (valid)
            return true;
    }
    return false;
}

/* ---- reading the servers' clock ---- */

/* A write that changes nothing that any process reads: its Stat bears the leader's time. */
static void read_clock(struct rota_master_context *s)
{
    struct rota_operation *ops = rota_fence_multi(s, ROTA_MASTER_PURPOSE_CLOCK, 0, 2);

    ops[1].op = ROTA_OP_SET;
    ops[1].path = ROTA_PATH_RETRY;
    ops[1].data = (struct rota_bytes){"", 0};
    s->m->clock_pending = true;
}

/* A first timer that is due already is taken when the reply to a read allows another one. */
void rota_timers_schedule(struct rota_master_context *s)
{
    struct rota_master *m = s->m;
    rota_time old_at = m->clock_at + CLOCK_US;

    if (m->timers.length == 0)
        return;
    if (s->now >= old_at && !m->clock_pending)
        read_clock(s);
    if (s->now < old_at)
        rota_outbox_wake(s->out, old_at);
    if (at(s, 0)->due_ms > rota_timers_now_ms(s) &&
        at(s, 0)->due_ms - m->clock_ms < INT64_MAX / 2000)
        rota_outbox_wake(s->out, m->clock_at + (at(s, 0)->due_ms - m->clock_ms) * 1000);
}

/* A refusal, perhaps by an access list, is tried again after the usual time. */
void rota_timers_clock_read(struct rota_master_context *s, const struct rota_event *e)
{
    rota_assert(s->m->clock_pending);
    s->m->clock_pending = false;
    if (e->reply.outcome == ROTA_DONE)
        rota_timers_set_clock(s, e->reply.body->results[1].stat.mtime_ms);
    else
        rota_timers_set_clock(s, rota_timers_now_ms(s));
}

void rota_timers_check(const struct rota_master_context *s)
{
    uint32_t delays = 0, delayed = 0, expiries = 0, expiring = 0;

    rota_heap_check(heap_of(s));
    for (uint32_t i = 0; i < s->m->timers.length; i++) {
        const struct rota_timer *timer = at(s, i);
        const struct rota_master_task *t = rota_belief_task(s, timer->task);

        delays += !timer->expiry && t->state == ROTA_TASK_DELAYED && !stale(s, timer);
        expiries += timer->expiry && t->generation == timer->generation;
    }
    for (uint32_t i = 0; i < s->m->tasks.records.length; i++) {
        const struct rota_master_task *t = rota_belief_task(s, i);

        delayed += t->used && t->state == ROTA_TASK_DELAYED;
        expiring += t->expiry_set;
    }
    rota_assert(delays >= delayed);
    rota_assert_equal(expiries, expiring);
}
