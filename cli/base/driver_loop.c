#include "cli/base/driver_loop.h"

#include <stddef.h>
#include <stdio.h>

#include "model/base/assert.h"
#include "model/base/trace.h"

enum { STEPS_AT_ONCE = 256, LINE_LIMIT = 1024 };

static struct rota_driver_loop *of_host(struct rota_host *host)
{
    return (struct rota_driver_loop *)((char *)host - offsetof(struct rota_driver_loop, host));
}

static void trace(struct rota_driver_loop *p, const struct rota_note *note)
{
    char line[LINE_LIMIT];
    if (p->on_trace == NULL)
        return;
    rota_time now = p->backend->ops->now(p->backend);
    rota_trace_format(now - p->began, p->who, note, line, sizeof line);
    p->on_trace(p, line);
}

void rota_driver_loop_print_trace(struct rota_driver_loop *p, const char *line)
{
    char text[LINE_LIMIT + 1];
    int length = snprintf(text, sizeof text, "%s\n", line);
    rota_log_put(p->log, text, (size_t)length);
    rota_log_flush(p->log);
}

static void act(struct rota_host *host, const struct rota_action *action)
{
    struct rota_driver_loop *p = of_host(host);
    if (action->kind == ROTA_ACTION_NOTE)
        trace(p, &action->note);
    else if (action->kind != ROTA_ACTION_EXIT && p->on_act != NULL)
        p->on_act(p, action);
}

static const struct rota_host_ops host_ops = {.act = act};

void rota_driver_loop_close(struct rota_driver_loop *p)
{
    if (p->started)
        rota_driver_close(&p->driver);
    p->started = false;
    if (p->backend != NULL)
        p->backend->ops->destroy(p->backend);
    p->backend = NULL;
    rota_alarm_close(&p->alarm);
    if (!uv_is_closing((uv_handle_t *)&p->wake))
        uv_close((uv_handle_t *)&p->wake, NULL);
}

static void finish(struct rota_driver_loop *p)
{
    p->finished = true;
    rota_driver_loop_close(p);
    p->on_finished(p);
}

/* Boot time of the driver's next deadline. The boot time is read first: a pause in between makes
 * the alarm early, never late. */
static rota_time next_alarm(const struct rota_driver_loop *p)
{
    rota_time deadline = rota_driver_deadline(&p->driver);
    rota_time boottime = rota_clock_boottime();
    if (deadline == ROTA_NEVER)
        return ROTA_NEVER;
    return boottime + (deadline - p->backend->ops->now(p->backend));
}

/* After every step: the host may tell, and the loop learns when to come back. */
static void settle(struct rota_driver_loop *p)
{
    if (p->finished)
        return;
    if (p->driver.finished)
        finish(p);
    else {
        rota_alarm_set(&p->alarm, next_alarm(p));
        if (p->on_after != NULL)
            p->on_after(p);
    }
}

static void run(struct rota_driver_loop *p)
{
    if (!p->started || p->finished)
        return;
    p->inside = true;
    bool more = rota_driver_run(&p->driver, STEPS_AT_ONCE);
    p->inside = false;
    if (more)
        uv_async_send(&p->wake);
    settle(p);
}

static void on_wake(uv_async_t *wake)
{
    run(wake->data);
}

static void on_alarm(struct rota_alarm *alarm)
{
    run(alarm->context);
}

int rota_driver_loop_open(struct rota_driver_loop *p, uv_loop_t *loop)
{
    p->host.ops = &host_ops;
    p->alarm.on_alarm = on_alarm;
    p->alarm.context = p;
    p->wake.data = p;
    int rc = uv_async_init(loop, &p->wake, on_wake);
    return rc == 0 ? rota_alarm_open(&p->alarm, loop) : rc;
}

void rota_driver_loop_wake(void *process)
{
    uv_async_send(&((struct rota_driver_loop *)process)->wake);
}

void rota_driver_loop_start(struct rota_driver_loop *p, const struct rota_driver_config *config,
                            struct rota_backend *backend)
{
    rota_assert(!p->started);
    p->backend = backend;
    p->began = backend->ops->now(backend);
    p->started = true;
    p->inside = true;
    rota_driver_init(&p->driver, config, backend, &p->host);
    p->inside = false;
    uv_async_send(&p->wake);
}

void rota_driver_loop_tell(struct rota_driver_loop *p, struct rota_event *event)
{
    rota_assert(!p->inside);
    if (!p->started || p->driver.finished)
        return;
    p->inside = true;
    rota_driver_tell(&p->driver, event);
    p->inside = false;
    uv_async_send(&p->wake);
}

void rota_driver_loop_stop(struct rota_driver_loop *p)
{
    struct rota_event stop = {.kind = ROTA_EVENT_STOP};
    rota_driver_loop_tell(p, &stop);
}
