/* The contract on simulated clients and links, in virtual time. */
#include <stdlib.h>

#include "tests/contract/contract.h"
#include "tests/room/room.h"

enum { STEP_US = 5000, LATE_US = 600000000 };

struct world {
    struct room room;
    uint32_t struck[PEERS]; /* net.struck when a fault was armed */
    bool silent[PEERS];
    struct rota_held kept; /* what FAULT_LATE took off its way */
};

static struct world *sim_begin(void *context)
{
    struct rota_server_config config = {
        .seed = 1, .tick_ms = 200, .timeout_least_ms = 200, .timeout_most_ms = 60000};
    struct world *w = calloc(1, sizeof(*w));

    (void)context;
    assert_non_null(w);
    room_open(&w->room, &config);
    return w;
}

static void sim_end(struct world *w)
{
    rota_held_clear(&w->kept);
    room_close(&w->room);
    free(w);
}

static struct rota_backend *sim_backend(struct world *w, unsigned peer, uint32_t session_timeout_ms)
{
    return room_client(&w->room, peer, session_timeout_ms);
}

/* Whether it is a message of a silent peer, which stalls. */
static bool stalls(struct world *w, const struct rota_moment *m)
{
    struct rota_link *l;

    if (m->kind != ROTA_MOMENT_UP && m->kind != ROTA_MOMENT_DOWN)
        return false;
    l = rota_link_find(&w->room.net, m->who, m->serial);
    if (l == NULL || !w->silent[l->who] || (m->kind == ROTA_MOMENT_DOWN && !l->attached))
        return false;
    *(m->kind == ROTA_MOMENT_UP ? &l->up.stalled : &l->down.stalled) = true;
    return true;
}

static void sim_wait(struct world *w)
{
    rota_time until = w->room.net.now + STEP_US;
    struct rota_net *n = &w->room.net;
    struct rota_moment m;

    while (room_take(&w->room, until, &m)) {
        if (!stalls(w, &m))
            room_happen(&w->room, &m);
        if (n->held_count > 0) {
            rota_held_clear(&w->kept);
            w->kept = n->held[--n->held_count];
        }
    }
    n->now = until;
}

static void sim_cut(struct world *w, unsigned peer)
{
    w->room.clients[peer].blocked = true;
    rota_sim_client_cut(&w->room.clients[peer]);
}

/* What stood still on the links of the peer goes on. */
static void sim_heal(struct world *w, unsigned peer)
{
    w->room.clients[peer].blocked = false;
    w->silent[peer] = false;
    for (uint32_t i = 0; i < w->room.net.link_count; i++) {
        struct rota_link *l = w->room.net.links[i];

        if (l->end == ROTA_LINK_FREE || l->who != peer)
            continue;
        if (l->up.stalled)
            rota_timeline_put(&w->room.timeline, w->room.net.now, ROTA_MOMENT_UP, l->slot,
                              l->serial);
        l->up.stalled = false;
        rota_link_unstall(&w->room.net, l);
    }
}

static void sim_fault(struct world *w, unsigned peer, enum fault fault)
{
    static const enum rota_fate fates[] = {ROTA_FATE_LOST, ROTA_FATE_APPLIED, ROTA_FATE_LATE};

    w->struck[peer] = w->room.net.struck;
    w->room.clients[peer].fate = fates[fault];
    w->room.clients[peer].late_most = LATE_US;
    w->room.clients[peer].blocked = true;
}

static bool sim_struck(struct world *w, unsigned peer)
{
    return w->room.net.struck > w->struck[peer];
}

/* A server knows no packet of a connection whose session has come back by another one. */
static void sim_release(struct world *w, unsigned peer)
{
    if (w->kept.request == NULL)
        return;
    if (w->room.clients[peer].state != ROTA_SIM_CLIENT_CONNECTED)
        rota_server_write(w->room.net.server, 0, w->kept.session, w->kept.proof,
                          &w->kept.request->request, rota_net_now_ms(&w->room.net));
    rota_held_clear(&w->kept);
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
