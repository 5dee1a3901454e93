#include "backend_sim/net/leader_clock.h"

void rota_leader_clock_arm_expiry(struct rota_ensemble *e)
{
    int64_t next_ms = rota_server_next_expiry(e->server);
    rota_time now = e->timeline->now;
    rota_time next = next_ms >= INT64_MAX / 1000 ? ROTA_NEVER : next_ms * 1000;

    if (next == ROTA_NEVER || next >= e->expiry)
        return;
    if (next <= now)
        next = now + 1000;
    e->expiry = next;
    rota_timeline_put(e->timeline, next, ROTA_MOMENT_EXPIRY, 0, 0);
}

void rota_leader_clock_arm_reap(struct rota_ensemble *e)
{
    int64_t next_ms = rota_server_next_reap(e->server, rota_ensemble_now_ms(e));

    if (e->reap != ROTA_NEVER || next_ms == INT64_MAX)
        return;
    e->reap = next_ms * 1000;
    rota_timeline_put(e->timeline, e->reap, ROTA_MOMENT_REAP, 0, 0);
}

void rota_leader_clock_expire(struct rota_ensemble *e)
{
    if (e->timeline->now < e->expiry || !rota_ensemble_has_leader(e))
        return;
    rota_server_expire_due(e->server, rota_ensemble_now_ms(e));
    e->expiry = ROTA_NEVER;
    rota_leader_clock_arm_expiry(e);
}

void rota_leader_clock_reap(struct rota_ensemble *e)
{
    if (e->timeline->now < e->reap || !rota_ensemble_has_leader(e))
        return;
    rota_server_reap(e->server, rota_ensemble_now_ms(e));
    e->reap = ROTA_NEVER;
    rota_leader_clock_arm_reap(e);
}

void rota_leader_clock_restart(struct rota_ensemble *e)
{
    e->expiry = e->reap = ROTA_NEVER;
    rota_leader_clock_arm_expiry(e);
    rota_leader_clock_arm_reap(e);
}

void rota_leader_clock_catch_up(struct rota_ensemble *e)
{
    rota_leader_clock_expire(e);
    rota_leader_clock_reap(e);
}
