#include "backend_sim/net/ensemble_state.h"

bool rota_ensemble_is_single(const struct rota_ensemble *e)
{
    return e->count == 1;
}

int64_t rota_ensemble_now_ms(const struct rota_ensemble *e)
{
    return rota_timeline_now_ms(e->timeline);
}

rota_time rota_ensemble_hop(struct rota_ensemble *e)
{
    uint64_t latency = (uint64_t)e->latency;

    return (rota_time)(latency / 2 + rota_choose(e->choices, ROTA_SITE_LATENCY, latency + 1));
}

bool rota_replica_is_awake(const struct rota_replica *r)
{
    return !r->down && !r->paused;
}

bool rota_ensemble_reach(const struct rota_ensemble *e, uint32_t a, uint32_t b)
{
    const struct rota_replica *x = &e->replicas[a];
    const struct rota_replica *y = &e->replicas[b];

    return rota_replica_is_awake(x) && rota_replica_is_awake(y) &&
           (a == b || rota_sides_meet(x->side, y->side));
}

/* True if more than half of the servers reach `leader` and follow it; it counts itself. */
static bool has_quorum(const struct rota_ensemble *e, uint32_t leader)
{
    uint32_t with = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        const struct rota_replica *r = &e->replicas[i];
        bool follows = r->mode == ROTA_REPLICA_FOLLOWING && r->follows == leader;

        with += rota_ensemble_reach(e, leader, i) && (i == leader || follows);
    }
    return with > e->count / 2;
}

bool rota_ensemble_is_current(const struct rota_ensemble *e, uint32_t server)
{
    const struct rota_replica *r = &e->replicas[server];

    if (e->leader == ROTA_NOBODY || !rota_replica_is_awake(r) || r->mode == ROTA_REPLICA_LOOKING)
        return false;
    if (r->mode == ROTA_REPLICA_LEADING)
        return server == e->leader && has_quorum(e, server);
    return r->follows == e->leader && rota_ensemble_reach(e, server, e->leader);
}

bool rota_ensemble_has_leader(const struct rota_ensemble *e)
{
    return e->leader != ROTA_NOBODY && rota_ensemble_is_current(e, e->leader);
}
