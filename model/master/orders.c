#include "model/master/orders.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/master/fence.h"
#include "model/master/timers.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

void rota_master_orders_want(struct rota_master_context *s, uint32_t worker)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);

    if (w->in_orders)
        return;
    w->in_orders = true;
    w->orders_next = s->m->orders_first;
    s->m->orders_first = worker + 1;
}

/* The orders that the worker needs, in the outbox's memory. */
static const char *needed_orders(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    struct rota_order order = {.drain = true, .drain_ms = w->drain_ms};
    const char *text = w->drain && w->drain_known ? rota_order_add(s->out, "", &order) : "";

    order.drain = false;
    for (uint32_t i = w->task_first; i != 0; i = rota_belief_task(s, i - 1)->worker_next) {
        const struct rota_master_task *t = rota_belief_task(s, i - 1);

        if (!rota_belief_cancelled(t) || t->state != ROTA_TASK_HELD || t->assigned_czxid == 0)
            continue;
        order.attempt = t->attempt;
        order.task = rota_belief_task_name(s, i - 1);
        text = rota_order_add(s->out, text, &order);
    }
    return text;
}

/* True if `orders` contains each line of `needed`. A line too many does no harm, because it names
 * an attempt that is over; but a drain must go when it is not needed any more. */
static bool contain(const char *orders, const char *needed)
{
    if (strncmp(orders, "drain", 5) == 0 && strncmp(needed, "drain", 5) != 0)
        return false;
    while (*needed != '\0') {
        size_t n = strcspn(needed, "\n") + 1;
        const char *line = orders;

        while (*line != '\0' && strncmp(line, needed, n) != 0) {
            line += strcspn(line, "\n");
            line += *line == '\n'; /* text that another client wrote may end without it */
        }
        if (*line == '\0')
            return false;
        needed += n;
    }
    return true;
}

static void write_orders(struct rota_master_context *s, uint32_t worker, const char *text)
{
    struct rota_operation *ops = rota_fence_worker_multi(s, ROTA_MASTER_PURPOSE_ORDER, worker, 3);
    rota_ref ref;

    ops[2].op = ROTA_OP_SET;
    ops[2].path = rota_path_assign(s->out, rota_belief_worker_name(s, worker));
    ops[2].version = rota_belief_worker(s, worker)->version; /* of this incarnation: hazard 12 */
    ops[2].data = (struct rota_bytes){text, (int32_t)strlen(text)};
    ref = rota_text_take(s->mem, text);
    rota_belief_worker(s, worker)->orders_pending = ref;
    rota_belief_update_open(s, worker);
}

/* False if the orders cannot be written yet. A multi that places tasks checks the version that an
 * order raises, so the two are never sent side by side. A worker that is gone is read when it
 * registers, and its orders are compared then. */
static bool update(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    const char *text;

    rota_assert(w->used);
    if (w->unconfirmed || w->batch_first != 0 || w->orders_pending != 0 || s->m->assign_stale)
        return false;
    if (w->czxid == 0 || !w->assignable)
        return true;
    text = needed_orders(s, worker);
    if (!contain(rota_belief_text(s, w->orders), text))
        write_orders(s, worker, text);
    return true;
}

void rota_master_orders_send(struct rota_master_context *s)
{
    uint32_t i = s->m->orders_first;

    s->m->orders_first = 0;
    while (i != 0) {
        struct rota_master_worker *w = rota_belief_worker(s, i - 1);
        uint32_t next = w->orders_next;

        w->in_orders = false;
        if (!update(s, i - 1))
            rota_master_orders_want(s, i - 1);
        i = next;
    }
}

/* Notes the first of the orders that were written. */
static void note_orders(struct rota_master_context *s, uint32_t worker)
{
    const char *orders = rota_belief_text(s, rota_belief_worker(s, worker)->orders);
    const char *first = rota_outbox_text(s->out, "%.*s", (int)strcspn(orders, "\n"), orders);

    rota_outbox_note(s->out, ROTA_NOTE_ORDERED, rota_belief_worker_name(s, worker),
                     orders[0] == '\0' ? "nothing" : first, 0, 0, 0);
}

/* If the write was forbidden, the worker gets nothing until the audit finds that this changed. */
void rota_master_orders_replied(struct rota_master_context *s, uint32_t worker,
                                const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    const struct rota_reply *r = e->reply.body;

    rota_assert(w->used && w->orders_pending != 0);
    rota_fence_worker_refused(s, e);
    if (e->reply.outcome == ROTA_DONE) {
        rota_text_give(s->mem, w->orders);
        w->orders = w->orders_pending;
        w->version = r->results[2].stat.version;
        rota_timers_set_clock(s, r->results[2].stat.mtime_ms);
        note_orders(s, worker);
    } else {
        rota_text_give(s->mem, w->orders_pending);
        if (rota_error_is_news(r->rc))
            rota_belief_want_worker(s, worker, true, true);
        else
            w->assignable = false;
    }
    w->orders_pending = 0;
    rota_belief_update_open(s, worker);
}
