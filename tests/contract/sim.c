/* The contract on simulated clients and links, in virtual time. */
#include <stdlib.h>

#include "system/memory.h"
#include "tests/contract/contract.h"
#include "tests/room/room.h"

enum { STEP_US = 5000 };

struct world {
    struct room room;
    uint32_t faults[PEERS]; /* the network's count of faults before */
};

static struct world *sim_begin(void *context)
{
    struct rota_server_config config = {
        .seed = 1, .tick_ms = 200, .timeout_least_ms = 200, .timeout_most_ms = 60000};
    struct world *w = rota_memory_zeroed(1, sizeof *w);

    (void)context;
    room_open(&w->room, &config, 1);
    w->room.keeps_late = true;
    return w;
}

static void sim_end(struct world *w)
{
    room_close(&w->room);
    free(w);
}

static struct rota_backend *sim_backend(struct world *w, unsigned peer, uint32_t session_timeout_ms)
{
    return room_client(&w->room, peer, session_timeout_ms);
}

static void sim_wait(struct world *w)
{
    room_pass(&w->room, STEP_US);
}

static void sim_cut(struct world *w, unsigned peer)
{
    room_cut(&w->room, peer);
}

static void sim_heal(struct world *w, unsigned peer)
{
    room_heal(&w->room, peer);
}

static void sim_fault(struct world *w, unsigned peer, enum fault fault)
{
    static const enum rota_connection_fault faults[] = {
        ROTA_CONNECTION_FAULT_LOST, ROTA_CONNECTION_FAULT_APPLIED, ROTA_CONNECTION_FAULT_LATE};

    w->faults[peer] = w->room.net.faults;
    room_fault(&w->room, peer, faults[fault]);
}

static bool sim_fault_happened(struct world *w, unsigned peer)
{
    return w->room.net.faults > w->faults[peer];
}

static void sim_release(struct world *w, unsigned peer)
{
    room_release(&w->room, peer);
}

static void sim_silence(struct world *w, unsigned peer)
{
    room_silence(&w->room, peer, false);
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
    .fault_happened = sim_fault_happened,
    .release = sim_release,
    .silence = sim_silence,
};

int main(void)
{
    return contract_run(&sim) != 0;
}
