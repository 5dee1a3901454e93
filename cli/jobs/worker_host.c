#include "cli/jobs/worker_host.h"

#include "model/base/assert.h"

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct rota_worker_host *h = d->context;
    rota_time boottime = rota_clock_boottime();

    if (action->kind == ROTA_ACTION_RUN)
        h->screen->counts.running++;
    rota_executor_act(&h->executor, action, boottime, d->backend->ops->now(d->backend));
}

static void on_event(struct rota_executor *e, struct rota_event *event)
{
    struct rota_worker_host *h = e->context;

    if (event->kind == ROTA_EVENT_FINISHED) {
        rota_assert(h->screen->counts.running > 0);
        h->screen->counts.running--;
    }
    rota_driver_loop_notify(&h->driver_loop, event);
}

static void on_line(struct rota_executor *e, const char *task, const char *line, size_t length)
{
    struct rota_worker_host *h = e->context;

    if (line != NULL)
        rota_screen_line(h->screen, h->names ? task : NULL, line, length);
    else
        rota_screen_flush(h->screen);
}

static void on_guard_lost(struct rota_executor *e)
{
    struct rota_worker_host *h = e->context;

    h->guard_lost = true;
    rota_screen_say(h->screen, "the guard process has ended and its runs were killed; the worker "
                               "stops, so that other workers run the tasks");
    rota_driver_loop_stop(&h->driver_loop);
    rota_driver_loop_stop(&h->driver_loop);
}

static void on_driver_finished(struct rota_driver_loop *d)
{
    struct rota_worker_host *h = d->context;

    rota_executor_close(&h->executor);
    h->on_finished(h);
}

int rota_worker_host_open(struct rota_worker_host *h, uv_loop_t *loop,
                          const struct rota_executor_config *config)
{
    rota_assert(h->on_finished != NULL && h->screen != NULL);
    h->driver_loop.context = h;
    h->driver_loop.on_act = on_act;
    h->driver_loop.on_finished = on_driver_finished;
    h->executor.context = h;
    h->executor.on_event = on_event;
    h->executor.on_line = on_line;
    h->executor.on_lost = on_guard_lost;
    int rc = rota_executor_open(&h->executor, loop, config);
    return rc == 0 ? rota_driver_loop_open(&h->driver_loop, loop) : rc;
}

void rota_worker_host_close(struct rota_worker_host *h)
{
    rota_driver_loop_close(&h->driver_loop);
    rota_executor_close(&h->executor);
}
