#include "backend_sim/world/world_faults.h"

#include <stdio.h>

#include "backend_sim/world/process.h"
#include "backend_sim/world/world_trace.h"
#include "model/base/assert.h"

bool rota_world_expire(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = rota_process_at(w, who);

    if (p->state != ROTA_PROCESS_RUNNING || p->client.client_id.id == 0 ||
        !rota_server_expire(rota_ensemble_server(w->net.ensemble), p->client.client_id.id,
                            rota_timeline_now_ms(&w->timeline)))
        return false;
    p->expired_at = w->timeline.now;
    rota_world_note(w, who, "the server ended its session");
    rota_process_report_fault(p);
    return true;
}

void rota_world_disconnect(struct rota_world *w, uint32_t who)
{
    rota_world_note(w, who, "cut off");
    rota_process_at(w, who)->client.blocked = true;
    rota_world_cut(w, who);
}

void rota_world_heal(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = rota_process_at(w, who);

    if (!p->client.blocked)
        return;
    rota_world_note(w, who, "can reach the server again");
    p->client.blocked = false;
}

void rota_world_cut(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = rota_process_at(w, who);

    rota_process_report_fault(p);
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_sim_client_cut(&p->client);
    rota_process_pump_if_idle(p);
}

void rota_world_lose_next(struct rota_world *w, uint32_t who, enum rota_connection_fault fault,
                          rota_time late_most)
{
    static const char *const texts[] = {"", "the next request is lost with its connection",
                                        "the next reply is lost with its connection",
                                        "the next request will be executed late",
                                        "the next request will be throttled"};
    struct rota_process *p = rota_process_at(w, who);

    rota_assert(fault != ROTA_CONNECTION_FAULT_NONE);
    rota_process_report_fault(p);
    rota_world_note(w, who, texts[fault]);
    rota_sim_client_plan_fault(&p->client, (struct rota_planned_fault){fault, late_most});
}

uint32_t rota_world_faults_met(const struct rota_world *w)
{
    return w->net.faults;
}

void rota_world_slow(struct rota_world *w, uint32_t who, rota_time extra)
{
    struct rota_process *p = rota_process_at(w, who);

    p->client.slow = extra;
    if (p->state == ROTA_PROCESS_RUNNING && p->client.link != NULL)
        p->client.link->latency = w->net.latency + extra;
}

void rota_world_skew(struct rota_world *w, uint32_t who, int32_t percent)
{
    struct rota_process *p = rota_process_at(w, who);
    char text[64];

    if (p->client.clock.skew_percent == percent)
        return;
    snprintf(text, sizeof text, percent == 0 ? "its clock is right" : "its clock runs %+d%%",
             percent);
    rota_world_note(w, who, text);
    rota_clock_skew(&p->client.clock, w->timeline.now, percent);
    rota_process_rearm(p);
}

void rota_world_put_on_side(struct rota_world *w, uint32_t who, uint32_t side)
{
    struct rota_process *p = rota_process_at(w, who);

    if (p->client.side == side)
        return;
    rota_world_note(w, who,
                    side > 0 ? "is on one side of a partition" : "reaches all others again");
    p->client.side = side;
}

void rota_world_cut_across(struct rota_world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct rota_process *p = w->processes[i];

        if (p->state == ROTA_PROCESS_RUNNING && p->client.link != NULL &&
            !rota_sim_client_reaches(&p->client, p->client.link->connection.server))
            rota_world_cut(w, i);
    }
}
