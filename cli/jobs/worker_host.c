#include "cli/jobs/worker_host.h"

static void on_act(struct rota_driver_loop *p, const struct rota_action *action)
{
    struct rota_worker_host *s = p->context;
    rota_time boottime = rota_clock_boottime();
    if (action->kind == ROTA_ACTION_RUN)
        s->screen->counts.running++;
    rota_executor_act(&s->executor, action, boottime, p->backend->ops->now(p->backend));
}

static void on_event(struct rota_executor *e, struct rota_event *event)
{
    struct rota_worker_host *s = e->context;
    if (event->kind == ROTA_EVENT_FINISHED)
        s->screen->counts.running--;
    rota_driver_loop_tell(&s->process, event);
}

static void on_line(struct rota_executor *e, const char *task, const char *line, size_t length)
{
    struct rota_worker_host *s = e->context;
    if (line != NULL)
        rota_screen_line(s->screen, s->names ? task : NULL, line, length);
    else
        rota_screen_flush(s->screen);
}

static void on_guard_lost(struct rota_executor *e)
{
    struct rota_worker_host *s = e->context;
    s->guard_lost = true;
    rota_screen_say(s->screen, "the guard process is gone and its runs have been killed; leaving, "
                               "so that other workers do the work");
    rota_driver_loop_stop(&s->process);
    rota_driver_loop_stop(&s->process);
}

static void on_process_finished(struct rota_driver_loop *p)
{
    struct rota_worker_host *s = p->context;
    rota_executor_close(&s->executor);
    s->on_finished(s);
}

int rota_worker_host_open(struct rota_worker_host *s, uv_loop_t *loop,
                          const struct rota_executor_config *config)
{
    s->process.context = s;
    s->process.on_act = on_act;
    s->process.on_finished = on_process_finished;
    s->executor.context = s;
    s->executor.on_event = on_event;
    s->executor.on_line = on_line;
    s->executor.on_lost = on_guard_lost;
    int rc = rota_executor_open(&s->executor, loop, config);
    return rc == 0 ? rota_driver_loop_open(&s->process, loop) : rc;
}

void rota_worker_host_close(struct rota_worker_host *s)
{
    rota_driver_loop_close(&s->process);
    rota_executor_close(&s->executor);
}
