#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/memory.h"
#include "cli/base/options.h"
#include "model/client/client.h"

enum { SESSION_MS = 10000, CONNECT_MS = 30000, GIVE_UP_MS = 300000 };

struct client {
    struct rota_load *load;
    uv_loop_t loop;
    uv_timer_t bound;
    struct rota_driver_loop process;
    uint64_t *ended; /* jobs to be collected */
    uint32_t count;
    char *payload;
    uint64_t began; /* ns; 0: the first task is not collected yet */
    bool warm;      /* it is */
};

static void submit(struct client *c, uint64_t job)
{
    struct rota_event e = {.kind = ROTA_EVENT_SUBMIT};

    e.job.job = job;
    e.job.payload = (struct rota_bytes){c->payload, (int32_t)c->load->payload};
    rota_driver_loop_tell(&c->process, &e);
}

static void on_act(struct rota_driver_loop *p, const struct rota_action *action)
{
    struct client *c = p->context;

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
    rota_driver_loop_tell(&c->process, &no_more);
}

static void on_after(struct rota_driver_loop *p)
{
    struct client *c = p->context;
    struct rota_event e = {.kind = ROTA_EVENT_COLLECT};

    for (uint32_t i = 0; i < c->count; i++) {
        e.job.job = c->ended[i];
        rota_driver_loop_tell(p, &e);
    }
    c->count = 0;
    if (c->warm && c->began == 0)
        submit_all(c);
}

static void on_finished(struct rota_driver_loop *p)
{
    struct client *c = p->context;

    uv_close((uv_handle_t *)&c->bound, NULL);
}

static void on_bound(uv_timer_t *timer)
{
    struct client *c = timer->data;

    rota_driver_loop_stop(&c->process);
}

static bool run(struct client *c, const char *hosts)
{
    struct rota_options options = {.zk = hosts, .session_ms = SESSION_MS, .connect_ms = CONNECT_MS};
    struct rota_client_config client = {.wait = true, .collect = true};
    struct rota_driver_config config = {.role = &rota_client_role,
                                        .config = &client,
                                        .session = rota_options_session(&options, false)};

    c->process.on_act = on_act;
    c->process.on_after = on_after;
    c->process.on_finished = on_finished;
    c->process.context = c->bound.data = c;
    if (uv_loop_init(&c->loop) != 0 || rota_driver_loop_open(&c->process, &c->loop) != 0)
        return false;
    uv_timer_init(&c->loop, &c->bound);
    uv_timer_start(&c->bound, on_bound, GIVE_UP_MS, 0);
    rota_driver_loop_start(&c->process, &config, rota_options_connect(&options, &c->process, NULL));
    submit(c, 0);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    uv_loop_close(&c->loop);
    return c->process.driver.status == ROTA_EXIT_DONE;
}

bool rota_load_run(struct rota_load *l, const char *hosts)
{
    struct client *c = rota_zeroed(1, sizeof *c);

    l->done = l->collected = 0;
    l->seconds = 0;
    c->load = l;
    c->ended = rota_zeroed(l->tasks + 1u, sizeof *c->ended);
    c->payload = rota_zeroed(1, l->payload + 1u);
    bool well = run(c, hosts);
    if (!well)
        fprintf(stderr, "throughput: %u of %u tasks were collected; the client left with %d: %s\n",
                l->collected, l->tasks, (int)c->process.driver.status, c->process.driver.sentence);
    free(c->ended);
    free(c->payload);
    free(c);
    return well;
}
