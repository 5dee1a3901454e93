#include "backend_sim/world/world_servers.h"

#include "backend_sim/net/ensemble.h"
#include "backend_sim/world/world_trace.h"

/* Writes a line into the trace in the name of a server. */
static void note(struct rota_world *w, uint32_t server, const char *text)
{
    rota_world_note(w, ROTA_NOBODY - server, text);
}

void rota_world_pause_server(struct rota_world *w, uint32_t server)
{
    note(w, server, "paused");
    rota_ensemble_pause(w->net.ensemble, server);
}

void rota_world_resume_server(struct rota_world *w, uint32_t server)
{
    note(w, server, "resumed");
    rota_ensemble_resume(w->net.ensemble, server);
}

void rota_world_crash_server(struct rota_world *w, uint32_t server)
{
    note(w, server, "crashed");
    rota_ensemble_crash(w->net.ensemble, server);
}

void rota_world_start_server(struct rota_world *w, uint32_t server)
{
    if (!rota_ensemble_is_down(w->net.ensemble, server))
        return;
    note(w, server, "started");
    rota_ensemble_start(w->net.ensemble, server);
}

bool rota_world_server_up(const struct rota_world *w, uint32_t server)
{
    const struct rota_ensemble *e = w->net.ensemble;

    return !rota_ensemble_is_down(e, server) && !rota_ensemble_is_paused(e, server);
}

bool rota_world_servers_well(const struct rota_world *w)
{
    return rota_ensemble_is_healthy(w->net.ensemble);
}

bool rota_world_elect(struct rota_world *w)
{
    uint32_t leader = rota_ensemble_leader(w->net.ensemble);

    if (leader == ROTA_NOBODY)
        return false;
    note(w, leader, "steps down as the leader");
    return rota_ensemble_elect(w->net.ensemble);
}

void rota_world_lag(struct rota_world *w, uint32_t server, rota_time lag)
{
    note(w, server, lag > 0 ? "falls behind" : "catches up");
    rota_ensemble_lag(w->net.ensemble, server, lag);
}

bool rota_world_put_server_on_side(struct rota_world *w, uint32_t server, uint32_t side)
{
    struct rota_ensemble *e = w->net.ensemble;

    if (rota_ensemble_side(e, server) == side)
        return false;
    note(w, server,
         side == ROTA_SIDE_ALONE ? "is cut off"
         : side > 0              ? "is on one side of a partition"
                                 : "reaches all others again");
    rota_ensemble_set_side(e, server, side);
    return true;
}

const struct rota_server *rota_world_server(const struct rota_world *w)
{
    return rota_ensemble_server(w->net.ensemble);
}

void rota_world_create_znodes(struct rota_world *w, const char *const *paths, uint32_t count)
{
    struct rota_server *server = rota_ensemble_server(w->net.ensemble);
    int64_t now_ms = rota_timeline_now_ms(&w->timeline);
    struct rota_request request = {.operation = {.op = ROTA_OP_CREATE, .data = ROTA_NULL_BYTES}};
    int64_t session = rota_server_open_session(server, 1000, now_ms).client_id.id;

    for (uint32_t i = 0; i < count; i++) {
        request.operation.path = paths[i];
        rota_server_write(server, 0, session, NULL, &request, now_ms);
    }
    request.operation = (struct rota_operation){.op = ROTA_OP_CLOSE};
    rota_server_write(server, 0, session, NULL, &request, now_ms);
    rota_ensemble_apply_all(w->net.ensemble);
}

void rota_world_count_up(struct rota_world *w, const char *path, int32_t creates)
{
    rota_ensemble_set_creates(w->net.ensemble, path, creates);
}
