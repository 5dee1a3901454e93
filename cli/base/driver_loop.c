#include "cli/base/driver_loop.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "backend_zk/zk.h"
#include "model/base/assert.h"
#include "model/base/trace.h"

#define DRIVER_LOOP_MAGIC ROTA_MAGIC('L', 'O', 'O', 'P')

enum { STEPS_AT_ONCE = 256, LINE_LIMIT = 1024 };

static struct rota_driver_loop *loop_of(struct rota_host *host)
{
    return (struct rota_driver_loop *)((char *)host - offsetof(struct rota_driver_loop, host));
}

static void trace(struct rota_driver_loop *d, const struct rota_note *note)
{
    char line[LINE_LIMIT];

    if (d->on_trace == NULL)
        return;
    rota_time now = d->backend->ops->now(d->backend);
    rota_trace_format(now - d->began, d->name, note, line, sizeof line);
    d->on_trace(d, line);
}

void rota_driver_loop_print_trace(struct rota_driver_loop *d, const char *line)
{
    char text[LINE_LIMIT + 1];
    int length = snprintf(text, sizeof text, "%s\n", line);

    rota_log_put(d->log, text, (size_t)length);
    rota_log_flush(d->log);
}

static void act(struct rota_host *host, const struct rota_action *action)
{
    struct rota_driver_loop *d = loop_of(host);

    if (action->kind == ROTA_ACTION_NOTE)
        trace(d, &action->note);
    else if (action->kind != ROTA_ACTION_EXIT && d->on_act != NULL)
        d->on_act(d, action);
}

static const struct rota_host_ops host_ops = {.act = act};

/* Adds to the sentence of a driver that reached no server what the backend knows about the servers.
 */
static void explain(struct rota_driver_loop *d)
{
    const char *reason = d->backend != NULL ? rota_zk_reason(d->backend) : "";
    size_t length = strlen(d->driver.sentence);

    if (d->driver.status == ROTA_EXIT_UNREACHABLE && length > 0 && reason[0] != '\0')
        snprintf(d->driver.sentence + length, sizeof d->driver.sentence - length, "; %s", reason);
}

void rota_driver_loop_close(struct rota_driver_loop *d)
{
    if (d->magic != DRIVER_LOOP_MAGIC)
        return;
    explain(d);
    if (d->started)
        rota_driver_close(&d->driver);
    d->started = false;
    if (d->backend != NULL)
        d->backend->ops->destroy(d->backend);
    d->backend = NULL;
    d->magic = 0;
    rota_alarm_close(&d->alarm);
    uv_close((uv_handle_t *)&d->wake, NULL);
}

static void finish(struct rota_driver_loop *d)
{
    d->finished = true;
    rota_driver_loop_close(d);
    d->on_finished(d);
}

/* The driver's next deadline as a boot time. The boot time is read first, so that a pause between
 * the two readings makes the alarm early, never late. */
static rota_time next_alarm(const struct rota_driver_loop *d)
{
    rota_time deadline = rota_driver_deadline(&d->driver);
    rota_time boottime = rota_clock_boottime();

    if (deadline == ROTA_NEVER)
        return ROTA_NEVER;
    return boottime + (deadline - d->backend->ops->now(d->backend));
}

/* After the steps: sets the alarm for the next deadline and lets the host add events. */
static void settle(struct rota_driver_loop *d)
{
    if (d->finished)
        return;
    if (d->driver.finished) {
        finish(d);
        return;
    }
    rota_alarm_set(&d->alarm, next_alarm(d));
    if (d->on_after != NULL)
        d->on_after(d);
}

static void run(struct rota_driver_loop *d)
{
    if (!d->started || d->finished)
        return;
    d->inside = true;
    bool more = rota_driver_run(&d->driver, STEPS_AT_ONCE);
    d->inside = false;
    if (more)
        uv_async_send(&d->wake);
    settle(d);
}

static void on_wake(uv_async_t *wake)
{
    run(rota_cast(struct rota_driver_loop, wake->data, DRIVER_LOOP_MAGIC));
}

static void on_alarm(struct rota_alarm *alarm)
{
    run(alarm->context);
}

int rota_driver_loop_open(struct rota_driver_loop *d, uv_loop_t *loop)
{
    rota_assert(d->on_finished != NULL && !d->started);
    d->magic = DRIVER_LOOP_MAGIC;
    d->host.ops = &host_ops;
    d->alarm.on_alarm = on_alarm;
    d->alarm.context = d;
    d->wake.data = d;
    int rc = uv_async_init(loop, &d->wake, on_wake);
    if (rc != 0) {
        d->magic = 0;
        return rc;
    }
    return rota_alarm_open(&d->alarm, loop);
}

void rota_driver_loop_wake(void *context)
{
    struct rota_driver_loop *d = rota_cast(struct rota_driver_loop, context, DRIVER_LOOP_MAGIC);

    uv_async_send(&d->wake);
}

void rota_driver_loop_start(struct rota_driver_loop *d, const struct rota_driver_config *config,
                            struct rota_backend *backend)
{
    rota_assert(d->magic == DRIVER_LOOP_MAGIC && !d->started && backend != NULL);
    d->backend = backend;
    d->began = backend->ops->now(backend);
    d->started = true;
    d->inside = true;
    rota_driver_init(&d->driver, config, backend, &d->host);
    d->inside = false;
    uv_async_send(&d->wake);
}

void rota_driver_loop_notify(struct rota_driver_loop *d, struct rota_event *event)
{
    rota_assert(!d->inside);
    if (!d->started || d->driver.finished)
        return;
    d->inside = true;
    rota_driver_notify(&d->driver, event);
    d->inside = false;
    uv_async_send(&d->wake);
}

void rota_driver_loop_stop(struct rota_driver_loop *d)
{
    struct rota_event stop = {.kind = ROTA_EVENT_STOP};

    rota_driver_loop_notify(d, &stop);
}
