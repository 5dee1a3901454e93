#include "model/master/orders.h"

#include <string.h>

#include "model/master/timers.h"
#include "model/tree/path.h"
#include "model/master/scheduler.h"
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

/* What the worker is to know, in the outbox's memory. */
static const char *wanted(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    struct rota_order order = {.drain = true, .drain_ms = w->drain_ms};
    const char *text = w->drain && w->drain_known ? rota_order_add(s->out, "", &order) : "";

    order.drain = false;
    for (uint32_t t = w->task_first; t != 0; t = rota_belief_task(s, t - 1)->worker_next) {
        const struct rota_master_task *one = rota_belief_task(s, t - 1);

        if (!rota_belief_cancelled(one) || one->state != ROTA_TASK_HELD || one->assigned_czxid == 0)
            continue;
        order.attempt = one->attempt;
        order.task = rota_belief_task_name(s, t - 1);
        text = rota_order_add(s->out, text, &order);
    }
    return text;
}

/* Whether the worker knows all of it: what is said too much names attempts that are over. */
static bool knows(const char *orders, const char *text)
{
    if (strncmp(orders, "drain", 5) == 0 && strncmp(text, "drain", 5) != 0)
        return false;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n") + 1;
        const char *line = orders;

        while (*line != '\0' && strncmp(line, text, n) != 0) {
            line += strcspn(line, "\n");
            line += *line == '\n'; /* what somebody else wrote there may end without it */
        }
        if (*line == '\0')
            return false;
        text += n;
    }
    return true;
}

static void tell(struct rota_master_context *s, uint32_t worker, const char *text)
{
    struct rota_operation *ops = rota_scheduler_write(s, ROTA_MASTER_PURPOSE_ORDER, worker, 2);
    rota_ref ref;

    ops[1].op = ROTA_OP_SET;
    ops[1].path = rota_path_assign(s->out, rota_belief_worker_name(s, worker));
    ops[1].version = rota_belief_worker(s, worker)->version; /* of this incarnation: hazard 12 */
    ops[1].data = (struct rota_bytes){text, (int32_t)strlen(text)};
    ref = rota_text_take(s->mem, text);
    rota_belief_worker(s, worker)->orders_pending = ref;
    rota_belief_open(s, worker);
}

/* A multi that places work checks the version that this raises, so never both at once. False if it
 * cannot be told yet. */
static bool consider(struct rota_master_context *s, uint32_t worker)
{
    const struct rota_master_worker *w = rota_belief_worker(s, worker);
    const char *text;

    if (!w->used)
        return true;
    if (w->unconfirmed || w->batch_first != 0 || w->orders_pending != 0)
        return false;
    if (w->czxid == 0 || !w->assignable)
        return true; /* when it registers it is read, and considered again */
    text = wanted(s, worker);
    if (!knows(rota_belief_text(s, w->orders), text))
        tell(s, worker, text);
    return true;
}

void rota_master_orders_go(struct rota_master_context *s)
{
    uint32_t i = s->m->orders_first;

    s->m->orders_first = 0;
    while (i != 0) {
        struct rota_master_worker *w = rota_belief_worker(s, i - 1);
        uint32_t next = w->orders_next;

        w->in_orders = false;
        if (!consider(s, i - 1))
            rota_master_orders_want(s, i - 1);
        i = next;
    }
}

static void told(struct rota_master_context *s, uint32_t worker)
{
    const char *orders = rota_belief_text(s, rota_belief_worker(s, worker)->orders);
    const char *first = rota_outbox_text(s->out, "%.*s", (int)strcspn(orders, "\n"), orders);

    rota_outbox_note(s->out, ROTA_NOTE_ORDERED, rota_belief_worker_name(s, worker),
                     orders[0] == '\0' ? "nothing" : first, 0, 0, 0);
}

bool rota_master_orders_replied(struct rota_master_context *s, uint32_t worker,
                                const struct rota_event *e)
{
    struct rota_master_worker *w = rota_belief_worker(s, worker);
    const struct rota_reply *r = e->reply.body;

    if (e->reply.outcome == ROTA_REFUSED && rota_reply_failed_at(r) == 0)
        return false;
    if (e->reply.outcome == ROTA_DONE) {
        rota_text_give(s->mem, w->orders);
        w->orders = w->orders_pending;
        w->version = r->results[1].stat.version;
        rota_timers_set(s, r->results[1].stat.mtime_ms);
        told(s, worker);
    } else {
        rota_text_give(s->mem, w->orders_pending);
        if (rota_error_is_news(r->rc))
            rota_belief_want(s, worker, true, true);
        else
            w->assignable = false; /* until the audit looks whether that has changed */
    }
    w->orders_pending = 0;
    rota_belief_open(s, worker);
    return true;
}
