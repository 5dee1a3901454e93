#include "model/worker/orders.h"

#include <string.h>

#include "model/seam/request_limits.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

void rota_worker_orders_ask(struct rota_worker_context *s)
{
    if (!s->w->orders_wanted || s->w->orders_reading)
        return;
    s->w->orders_wanted = false;
    s->w->orders_reading = true;
    rota_request_add_read(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_ORDERS, 0), ROTA_OP_GET,
                          rota_path_assign(s->out, s->w->config.name), true);
}

/* In the outbox's memory. */
static const char *orders_of(const struct rota_worker_context *s)
{
    rota_ref orders = s->w->orders;

    return orders == 0 ? "" : rota_outbox_text(s->out, "%s", (char *)rota_pool_at(s->mem, orders));
}

static void keep(struct rota_worker_context *s, const char *orders)
{
    if (s->w->orders != 0)
        rota_text_give(s->mem, s->w->orders);
    s->w->orders = orders[0] == '\0' ? 0 : rota_text_take(s->mem, orders);
}

/* ---- drains ---- */

/* The time counts from when the worker first heard of it, however often it reads it again. */
static void drain(struct rota_worker_context *s, bool wanted, int64_t drain_ms)
{
    struct rota_worker *w = s->w;

    if (wanted && !w->draining) {
        w->drain_began = s->now;
        rota_outbox_note(s->out, ROTA_NOTE_DRAINING, NULL, NULL, w->busy, 0, 0);
    } else if (!wanted && w->draining) {
        rota_outbox_note(s->out, ROTA_NOTE_DRAIN_OVER, NULL, NULL, 0, 0, 0);
    }
    w->draining = wanted;
    w->drain_ms = drain_ms < 0                        ? w->config.drain_timeout_ms
                  : drain_ms > ROTA_SPEC_DURATION_MAX ? ROTA_SPEC_DURATION_MAX
                                                      : drain_ms;
}

void rota_worker_orders_drain(struct rota_worker_context *s)
{
    rota_time end = s->w->drain_began + s->w->drain_ms * 1000;

    if (!s->w->draining || s->w->busy == 0)
        return;
    if (s->now >= end)
        rota_runs_end_all(s, ROTA_RUN_ASKED, false);
    else
        rota_outbox_wake(s->out, end);
}

/* ---- cancels ---- */

bool rota_worker_orders_cancel(struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_run(s, i);
    const char *name = rota_runs_name(s, i);
    const char *rest = orders_of(s);
    struct rota_order order;

    if (r->placed >= s->w->orders_mzxid)
        return false; /* given to a task that had this name before */
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL)
        if (!order.drain && order.attempt == r->attempt && strcmp(order.task, name) == 0)
            return true;
    return false;
}

void rota_worker_orders_follow(struct rota_worker_context *s)
{
    const char *rest = orders_of(s);
    struct rota_order order;

    if (!s->w->orders_due)
        return;
    s->w->orders_due = false;
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL) {
        uint32_t i = order.drain ? ROTA_MAP_NONE : rota_map_get(s->mem, &s->w->tasks, order.task);

        if (i != ROTA_MAP_NONE)
            rota_runs_cancel(s, i);
    }
}

/* ---- reading ---- */

bool rota_worker_orders_replied(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    const char *text, *rest;
    struct rota_order order;
    bool drained = false;
    int64_t drain_ms = 0;

    s->w->orders_reading = false;
    if (e->reply.outcome != ROTA_DONE)
        return r->rc != ROTA_ERR_NO_NODE;
    text = rest = rota_outbox_text_of(s->out, r->data, ROTA_REQUEST_LIMIT);
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL) {
        drained |= order.drain;
        drain_ms = order.drain ? order.drain_ms : drain_ms;
    }
    keep(s, text);
    s->w->orders_mzxid = r->stat.mzxid;
    s->w->orders_due = true;
    drain(s, drained, drain_ms);
    return true;
}

void rota_worker_orders_clear(struct rota_worker_context *s)
{
    keep(s, "");
    s->w->orders_wanted = s->w->orders_reading = s->w->orders_due = s->w->draining = false;
}
