#include "model/worker/orders.h"

#include <string.h>

#include "model/seam/request_limits.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/tree/spec.h"

void rota_worker_orders_request(struct rota_worker_context *s)
{
    if (!s->w->orders_wanted || s->w->orders_reading)
        return;
    s->w->orders_wanted = false;
    s->w->orders_reading = true;
    rota_worker_read(s, ROTA_WORKER_PURPOSE_ORDERS, 0, ROTA_OP_GET,
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
    rota_text_give(s->mem, s->w->orders);
    s->w->orders = orders[0] == '\0' ? 0 : rota_text_take(s->mem, orders);
}

/* ---- drains ---- */

/* The drain's timeout counts from when the worker read of it first, however often it is read. */
static void set_drain(struct rota_worker_context *s, bool draining, int64_t drain_ms)
{
    struct rota_worker *w = s->w;

    if (draining && !w->draining) {
        w->drain_began = s->now;
        rota_outbox_note(s->out, ROTA_NOTE_DRAINING, NULL, NULL, w->busy, 0, 0);
    } else if (!draining && w->draining) {
        rota_outbox_note(s->out, ROTA_NOTE_DRAIN_OVER, NULL, NULL, 0, 0, 0);
    }
    w->draining = draining;
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
        rota_runs_stop_all(s, ROTA_RUN_CAUSE_HAND_BACK, false);
    else
        rota_outbox_wake(s->out, end);
}

/* ---- cancels ---- */

/* A cancel that was written before the assignment is for an earlier task of that name. */
bool rota_worker_orders_have_cancel(const struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    const char *name = rota_runs_name(s, i);
    const char *rest = orders_of(s);
    struct rota_order order;

    if (r->assignment_czxid >= s->w->orders_mzxid)
        return false;
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL)
        if (!order.drain && order.attempt == r->attempt && strcmp(order.task, name) == 0)
            return true;
    return false;
}

/* The number of lines, each of which may be an order. */
static size_t lines_of(const char *orders)
{
    size_t count = 1;

    while ((orders = strchr(orders, '\n')) != NULL) {
        count++;
        orders++;
    }
    return count;
}

const uint32_t *rota_worker_orders_named(struct rota_worker_context *s, uint32_t *count)
{
    const char *orders = orders_of(s);
    const char *rest = orders;
    struct rota_order order;
    uint32_t *named;

    *count = 0;
    if (!s->w->orders_changed)
        return NULL;
    s->w->orders_changed = false;
    named = rota_outbox_take(s->out, lines_of(orders) * sizeof *named);
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL) {
        uint32_t i = order.drain ? ROTA_MAP_NONE : rota_runs_find(s, order.task);

        if (i != ROTA_MAP_NONE)
            named[(*count)++] = i;
    }
    return named;
}

/* ---- reading ---- */

bool rota_worker_orders_read(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    const char *text, *rest;
    struct rota_order order;
    bool draining = false;
    int64_t drain_ms = 0;

    s->w->orders_reading = false;
    if (e->reply.outcome != ROTA_DONE)
        return r->rc != ROTA_ERR_NO_NODE;
    text = rest = rota_outbox_text_of(s->out, r->data, ROTA_REQUEST_LIMIT);
    while ((rest = rota_order_next(s->out, rest, &order)) != NULL) {
        draining |= order.drain;
        drain_ms = order.drain ? order.drain_ms : drain_ms;
    }
    keep(s, text);
    s->w->orders_mzxid = r->stat.mzxid;
    s->w->orders_changed = true;
    set_drain(s, draining, drain_ms);
    return true;
}

void rota_worker_orders_unread(struct rota_worker_context *s)
{
    s->w->orders_reading = false;
    s->w->orders_wanted = true;
}

void rota_worker_orders_clear(struct rota_worker_context *s)
{
    keep(s, "");
    s->w->orders_wanted = s->w->orders_reading = s->w->orders_changed = s->w->draining = false;
}
