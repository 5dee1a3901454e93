/* Simulated clients on a simulated server, in virtual time. */
#include <stdlib.h>

#include "system/memory.h"
#include "tests/conformance/fixture.h"
#include "tests/room/room.h"

#define WALL_MS INT64_C(1600000000000)

enum { TIMEOUT_MOST_MS = 60000 };

struct world {
    struct room room;
};

static struct world *simulated_begin(void)
{
    struct world *w = rota_memory_zeroed(1, sizeof *w);
    struct rota_server_config config = {.seed = 1,
                                        .tick_ms = TICK_MS,
                                        .timeout_most_ms = TIMEOUT_MOST_MS,
                                        .wall_ms = WALL_MS,
                                        .reap_ms = REAP_MS};

    room_open(&w->room, &config, 1);
    w->room.keeps_late = true;
    return w;
}

static void simulated_end(struct world *w)
{
    room_close(&w->room);
    free(w);
}

static struct rota_backend *simulated_backend(struct world *w, uint32_t peer,
                                              uint32_t session_timeout_ms)
{
    return room_client(&w->room, peer, session_timeout_ms);
}

static void simulated_wait(struct world *w)
{
    struct rota_moment m;

    if (room_take(&w->room, ROTA_NEVER, &m))
        room_happen(&w->room, &m);
}

static void simulated_cut(struct world *w, uint32_t peer)
{
    room_cut(&w->room, peer);
}

static void simulated_block(struct world *w, uint32_t peer)
{
    room_block(&w->room, peer);
}

/* The server notices at once. */
static bool simulated_settle(struct world *w, uint32_t peer)
{
    (void)peer;
    return w != NULL;
}

static void simulated_heal(struct world *w, uint32_t peer)
{
    room_heal(&w->room, peer);
}

static void simulated_fault(struct world *w, uint32_t peer, enum fault fault)
{
    static const enum rota_connection_fault faults[] = {
        ROTA_CONNECTION_FAULT_LOST, ROTA_CONNECTION_FAULT_APPLIED, ROTA_CONNECTION_FAULT_LATE};

    room_fault(&w->room, peer, faults[fault]);
}

static void simulated_release(struct world *w, uint32_t peer)
{
    room_release(&w->room, peer);
}

static void simulated_silence(struct world *w, uint32_t peer, bool arrives)
{
    room_silence(&w->room, peer, arrives);
}

static void simulated_pause(struct world *w)
{
    rota_ensemble_pause(w->room.net.ensemble, 0);
}

static void simulated_resume(struct world *w)
{
    rota_ensemble_resume(w->room.net.ensemble, 0);
}

static void simulated_stop(struct world *w)
{
    rota_late_write_clear(&w->room.kept);
    rota_ensemble_crash(w->room.net.ensemble, 0);
}

static bool simulated_start(struct world *w)
{
    rota_ensemble_start(w->room.net.ensemble, 0);
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
    .block = simulated_block,
    .settle = simulated_settle,
    .heal = simulated_heal,
    .fault = simulated_fault,
    .release = simulated_release,
    .silence = simulated_silence,
    .pause = simulated_pause,
    .resume = simulated_resume,
    .stop = simulated_stop,
    .start = simulated_start,
};
