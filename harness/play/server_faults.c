#include "harness/play/server_faults.h"

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/play/condition.h"

bool rota_servers_meant(const struct rota_script_action *d)
{
    return d->who.kind == ROTA_WHO_SERVER || d->kind == ROTA_SCRIPT_ELECT ||
           d->kind == ROTA_SCRIPT_PARTITION;
}

/* Who is named takes a side; who is not reaches everyone. */
static bool partition(struct rota_world *w, const struct rota_history *h,
                      const struct rota_script_action *d)
{
    for (uint32_t i = 0; i < d->member_count; i++) {
        const struct rota_partition_member *one = &d->members[i];

        if (one->who.kind == ROTA_WHO_SERVER)
            rota_world_put_server_on_side(w, one->who.number - 1, one->side);
        for (uint32_t who = 0; who < rota_world_count(w); who++) {
            if (rota_who_includes(one->who, who, w, h))
                rota_world_put_on_side(w, who, one->side);
        }
    }
    rota_world_cut_across(w);
    return true;
}

bool rota_servers_suffer(struct rota_world *w, const struct rota_scenario *s,
                         const struct rota_history *h, const struct rota_script_action *d)
{
    uint32_t server = d->who.kind == ROTA_WHO_SERVER ? d->who.number - 1 : 0;
    bool up = rota_world_server_up(w, server);
    bool cut;

    switch (d->kind) {
    case ROTA_SCRIPT_ELECT:
        return rota_world_elect(w);
    case ROTA_SCRIPT_PARTITION:
        return partition(w, h, d);
    case ROTA_SCRIPT_DISCONNECT:
        cut = rota_world_put_server_on_side(w, server, ROTA_SIDE_ALONE);
        rota_world_cut_across(w);
        return cut;
    case ROTA_SCRIPT_HEAL:
        rota_world_put_server_on_side(w, server, 0);
        return true;
    case ROTA_SCRIPT_LAG:
        rota_world_lag(w, server, d->span);
        return s->cluster.servers > 1;
    case ROTA_SCRIPT_PAUSE:
        rota_world_pause_server(w, server);
        return up;
    case ROTA_SCRIPT_RESUME:
        rota_world_resume_server(w, server);
        return !up;
    case ROTA_SCRIPT_START:
        rota_world_start_server(w, server);
        return !up;
    default:
        rota_world_crash_server(w, server);
        if (d->kind == ROTA_SCRIPT_RESTART)
            rota_world_start_server(w, server);
        return up || d->kind == ROTA_SCRIPT_RESTART;
    }
}

void rota_servers_heal(struct rota_world *w, const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->cluster.servers; i++)
        rota_world_put_server_on_side(w, i, 0);
}
