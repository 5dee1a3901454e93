/* Simulated clients on a simulated server, in virtual time. */
#include <stdlib.h>

#include "backend_sim/client.h"
#include "model/assert.h"
#include "tests/conformance/subject.h"

#define WALL_MS INT64_C(1600000000000)

enum { LATENCY_US = 1000, TIMEOUT_MOST_MS = 60000 };

struct world {
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_sim_client clients[PEERS_MOST];
};

static void on_commit(void *context, uint32_t who, const struct rota_commit *commit)
{
    (void)context;
    (void)who;
    (void)commit;
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    (void)context;
    (void)who;
    (void)request;
    (void)rc;
}

static void on_dropped(void *context, uint32_t who, const struct rota_request *request)
{
    (void)context;
    (void)who;
    (void)request;
}

static const struct rota_net_hooks hooks = {on_commit, on_applied, on_dropped};

static struct world *simulated_begin(void)
{
    struct world *w = calloc(1, sizeof *w);
    struct rota_server_config config = {
        .seed = 1, .tick_ms = TICK_MS, .timeout_most_ms = TIMEOUT_MOST_MS, .wall_ms = WALL_MS};

    rota_assert(w != NULL);
    rota_choices_init(&w->choices, 1);
    rota_net_init(&w->net, &config, &hooks, w, &w->timeline, &w->choices, LATENCY_US);
    return w;
}

static void simulated_end(struct world *w)
{
    rota_net_close(&w->net);
    rota_timeline_close(&w->timeline);
    rota_choices_close(&w->choices);
    free(w);
}

static struct rota_backend *simulated_backend(struct world *w, uint32_t peer,
                                              uint32_t session_timeout_ms)
{
    rota_sim_client_init(&w->clients[peer], &w->net, peer, session_timeout_ms);
    return &w->clients[peer].head;
}

static void message_moment(struct world *w, const struct rota_moment *m)
{
    struct rota_link *l = rota_link_find(&w->net, m->who, m->serial);
    struct rota_message *message;
    struct rota_sim_client *c;

    if (l == NULL)
        return;
    if (m->kind == ROTA_MOMENT_UP) {
        rota_link_arrive_up(&w->net, l);
        return;
    }
    if (!l->attached)
        return;
    c = &w->clients[l->who];
    message = rota_link_take_down(&w->net, l);
    if (c->link == l)
        rota_sim_client_hear(c, message);
    rota_message_free(&w->net, message);
}

static void simulated_wait(struct world *w)
{
    struct rota_moment m;

    if (!rota_timeline_take(&w->timeline, &m))
        return;
    w->net.now = m.time;
    switch (m.kind) {
    case ROTA_MOMENT_UP:
    case ROTA_MOMENT_DOWN:
        message_moment(w, &m);
        break;
    case ROTA_MOMENT_EXPIRY:
        rota_net_expire_due(&w->net);
        break;
    case ROTA_MOMENT_CLIENT:
        if (w->clients[m.who].owner == m.serial)
            rota_sim_client_tick(&w->clients[m.who]);
        break;
    default:
        break;
    }
}

static void simulated_cut(struct world *w, uint32_t peer)
{
    w->clients[peer].blocked = true;
    rota_sim_client_cut(&w->clients[peer]);
}

static void simulated_heal(struct world *w, uint32_t peer)
{
    w->clients[peer].blocked = false;
}

static void simulated_fault(struct world *w, uint32_t peer, enum fault fault)
{
    w->clients[peer].blocked = true;
    w->clients[peer].fate = fault == FAULT_LOST ? ROTA_FATE_LOST : ROTA_FATE_APPLIED;
}

static void simulated_stop(struct world *w)
{
    rota_net_crash_server(&w->net);
}

static bool simulated_start(struct world *w)
{
    rota_net_start_server(&w->net);
    return true;
}

const struct fixture fixture_simulated = {
    .name = "simulated",
    .connections = true,
    .begin = simulated_begin,
    .end = simulated_end,
    .backend = simulated_backend,
    .wait = simulated_wait,
    .cut = simulated_cut,
    .heal = simulated_heal,
    .fault = simulated_fault,
    .stop = simulated_stop,
    .start = simulated_start,
};
