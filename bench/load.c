#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/options.h"
#include "model/client/client.h"
#include "system/memory.h"

enum { SESSION_MS = 10000, CONNECT_MS = 30000, GIVE_UP_MS = 300000 };

struct client {
    struct rota_load *load;
    uv_loop_t loop;
    uv_timer_t time_limit;
    struct rota_driver_loop driver_loop;
    uint64_t *ended; /* jobs that are to be collected */
    uint32_t count;
    char *payload;
    uint64_t began; /* of the measurement, in ns; 0: it has not begun */
    bool warm;      /* the first task was collected */
};

static void submit(struct client *c, uint64_t job)
{
    struct rota_event e = {.kind = ROTA_EVENT_SUBMIT};

    e.job.job = job;
    e.job.payload = (struct rota_bytes){c->payload, (int32_t)c->load->payload};
    rota_driver_loop_notify(&c->driver_loop, &e);
}

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct client *c = d->context;

    if (action->kind == ROTA_ACTION_RESULT) {
        c->load->done += action->job.job > 0 && strcmp(action->job.state, "done") == 0;
        c->ended[c->count++] = action->job.job;
    } else if (action->kind == ROTA_ACTION_COLLECTED && action->job.job == 0) {
        c->warm = true;
    } else if (action->kind == ROTA_ACTION_COLLECTED) {
        c->load->collected++;
        c->load->seconds = (double)(uv_hrtime() - c->began) * 1e-9;
    }
}

static void submit_all(struct client *c)
{
    struct rota_event no_more = {.kind = ROTA_EVENT_CLOSE_INPUT};

    c->began = uv_hrtime();
    for (uint64_t job = 1; job <= c->load->tasks; job++)
        submit(c, job);
    rota_driver_loop_notify(&c->driver_loop, &no_more);
}

static void on_after(struct rota_driver_loop *d)
{
    struct client *c = d->context;
    struct rota_event e = {.kind = ROTA_EVENT_COLLECT};

    for (uint32_t i = 0; i < c->count; i++) {
        e.job.job = c->ended[i];
        rota_driver_loop_notify(d, &e);
    }
    c->count = 0;
    if (c->warm && c->began == 0)
        submit_all(c);
}

static void on_finished(struct rota_driver_loop *d)
{
    struct client *c = d->context;

    uv_close((uv_handle_t *)&c->time_limit, NULL);
}

static void on_time_limit(uv_timer_t *timer)
{
    struct client *c = timer->data;

    rota_driver_loop_stop(&c->driver_loop);
}

static bool run(struct client *c, const char *hosts)
{
    struct rota_options options = {.zk = hosts, .session_ms = SESSION_MS, .connect_ms = CONNECT_MS};
    struct rota_client_config client = {.wait = true, .collect = true};
    struct rota_driver_config config = {.role = &rota_client_role,
                                        .config = &client,
                                        .session = rota_options_session(&options, false)};

    c->driver_loop.on_act = on_act;
    c->driver_loop.on_after = on_after;
    c->driver_loop.on_finished = on_finished;
    c->driver_loop.context = c->time_limit.data = c;
    if (uv_loop_init(&c->loop) != 0 || rota_driver_loop_open(&c->driver_loop, &c->loop) != 0)
        return false;
    uv_timer_init(&c->loop, &c->time_limit);
    uv_timer_start(&c->time_limit, on_time_limit, GIVE_UP_MS, 0);
    rota_driver_loop_start(&c->driver_loop, &config,
                           rota_options_connect(&options, &c->driver_loop, NULL));
    submit(c, 0);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
    return c->driver_loop.driver.status == ROTA_EXIT_DONE;
}

bool rota_load_run(struct rota_load *l, const char *hosts)
{
    struct client *c = rota_memory_zeroed(1, sizeof *c);

    l->done = l->collected = 0;
    l->seconds = 0;
    c->load = l;
    c->ended = rota_memory_zeroed(l->tasks + 1u, sizeof *c->ended);
    c->payload = rota_memory_zeroed(1, l->payload + 1u);
    bool well = run(c, hosts);
    if (!well)
        fprintf(stderr,
                "throughput: only %u of %u tasks were collected; the client ended with %d: %s\n",
                l->collected, l->tasks, (int)c->driver_loop.driver.status,
                c->driver_loop.driver.sentence);
    free(c->ended);
    free(c->payload);
    free(c);
    return well;
}
