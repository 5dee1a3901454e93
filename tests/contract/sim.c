/* The contract on simulated clients and links, in virtual time. */
#include <stdlib.h>

#include "backend_sim/client.h"
#include "tests/contract/contract.h"

enum { LATENCY_US = 1000, STEP_US = 5000, LATE_US = 600000000 };

struct world {
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_sim_client clients[PEERS];
    uint32_t struck[PEERS]; /* net.struck when a fault was armed */
    bool silent[PEERS];
    struct rota_held kept; /* what FAULT_LATE took off its way */
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

static struct world *sim_begin(void *context)
{
    struct rota_server_config config = {
        .seed = 1, .tick_ms = 200, .timeout_least_ms = 200, .timeout_most_ms = 60000};
    struct world *w = calloc(1, sizeof(*w));

    (void)context;
    assert_non_null(w);
    rota_choices_init(&w->choices, 1);
    rota_net_init(&w->net, &config, &hooks, w, &w->timeline, &w->choices, LATENCY_US);
    return w;
}

static void forget(struct world *w)
{
    rota_parcel_drop(w->kept.request);
    w->kept = (struct rota_held){0};
}

static void sim_end(struct world *w)
{
    forget(w);
    rota_net_close(&w->net);
    rota_timeline_close(&w->timeline);
    rota_choices_close(&w->choices);
    free(w);
}

static struct rota_backend *sim_backend(struct world *w, unsigned peer, uint32_t session_timeout_ms)
{
    rota_sim_client_init(&w->clients[peer], &w->net, peer, session_timeout_ms);
    return &w->clients[peer].head;
}

static void arrive(struct world *w, const struct rota_moment *m)
{
    struct rota_link *l = rota_link_find(&w->net, m->who, m->serial);
    struct rota_message *message;

    if (l == NULL || (m->kind == ROTA_MOMENT_DOWN && !l->attached))
        return;
    if (w->silent[l->who]) {
        *(m->kind == ROTA_MOMENT_UP ? &l->up.stalled : &l->down.stalled) = true;
    } else if (m->kind == ROTA_MOMENT_UP) {
        rota_link_arrive_up(&w->net, l);
    } else {
        message = rota_link_take_down(&w->net, l);
        rota_sim_client_hear(&w->clients[l->who], message);
        rota_message_free(&w->net, message);
    }
}

static void happen(struct world *w, const struct rota_moment *m)
{
    switch (m->kind) {
    case ROTA_MOMENT_LATE:
        rota_net_late(&w->net, m->serial);
        break;
    case ROTA_MOMENT_EXPIRY:
        rota_net_expire_due(&w->net);
        break;
    case ROTA_MOMENT_CLIENT:
        if (w->clients[m->who].owner == m->serial)
            rota_sim_client_tick(&w->clients[m->who]);
        break;
    default:
        arrive(w, m);
        break;
    }
    if (w->net.held_count > 0) {
        forget(w);
        w->kept = w->net.held[--w->net.held_count];
    }
}

static void sim_wait(struct world *w)
{
    rota_time until = w->net.now + STEP_US;
    struct rota_moment m;

    while (rota_timeline_next(&w->timeline) <= until && rota_timeline_take(&w->timeline, &m)) {
        w->net.now = m.time;
        happen(w, &m);
    }
    w->net.now = until;
}

static void sim_cut(struct world *w, unsigned peer)
{
    w->clients[peer].blocked = true;
    rota_sim_client_cut(&w->clients[peer]);
}

/* What stood still on the links of the peer goes on. */
static void sim_heal(struct world *w, unsigned peer)
{
    w->clients[peer].blocked = false;
    w->silent[peer] = false;
    for (uint32_t i = 0; i < w->net.link_count; i++) {
        struct rota_link *l = w->net.links[i];

        if (l->end == ROTA_LINK_FREE || l->who != peer)
            continue;
        if (l->up.stalled)
            rota_timeline_put(&w->timeline, w->net.now, ROTA_MOMENT_UP, l->slot, l->serial);
        l->up.stalled = false;
        rota_link_unstall(&w->net, l);
    }
}

static void sim_fault(struct world *w, unsigned peer, enum fault fault)
{
    static const enum rota_fate fates[] = {ROTA_FATE_LOST, ROTA_FATE_APPLIED, ROTA_FATE_LATE};

    w->struck[peer] = w->net.struck;
    w->clients[peer].fate = fates[fault];
    w->clients[peer].late_most = LATE_US;
    w->clients[peer].blocked = true;
}

static bool sim_struck(struct world *w, unsigned peer)
{
    return w->net.struck > w->struck[peer];
}

/* A server knows no packet of a connection whose session has come back by another one. */
static void sim_release(struct world *w, unsigned peer)
{
    if (w->kept.request == NULL)
        return;
    if (w->clients[peer].state != ROTA_SIM_CLIENT_CONNECTED)
        rota_server_write(w->net.server, 0, w->kept.session, &w->kept.request->request,
                          rota_net_now_ms(&w->net));
    forget(w);
}

static void sim_silence(struct world *w, unsigned peer)
{
    w->silent[peer] = true;
}

static const struct fixture sim = {
    .name = "simulated",
    .abilities = ABLE_CUT | ABLE_FAULT | ABLE_LATE | ABLE_SILENCE,
    .begin = sim_begin,
    .end = sim_end,
    .backend = sim_backend,
    .wait = sim_wait,
    .cut = sim_cut,
    .heal = sim_heal,
    .fault = sim_fault,
    .struck = sim_struck,
    .release = sim_release,
    .silence = sim_silence,
};

int main(void)
{
    return contract_run(&sim) != 0;
}
