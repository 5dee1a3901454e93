#include "backend_sim/net/election.h"

#include "backend_sim/net/forwards.h"
#include "backend_sim/net/leader_clock.h"
#include "backend_sim/net/replication.h"
#include "model/base/assert.h"

enum {
    PATIENCE_TICKS = 5,   /* how long a server waits for its ensemble: syncLimit's default */
    ELECTION_US = 200000, /* an election takes that long at least, and twice that long at most */
    RESUMED_US = 1000,    /* a resumed server answers what has arrived before it gives up */
};

void rota_election_look(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = &e->replicas[server];

    r->mode = ROTA_REPLICA_LOOKING;
    r->give_up = 0;
    r->apply = 0;
    rota_forwards_drop_all(e, server);
    e->sink->close_all(e->context, server);
}

static void follow(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = &e->replicas[server];

    rota_assert(e->leader != ROTA_NOBODY);
    r->mode = server == e->leader ? ROTA_REPLICA_LEADING : ROTA_REPLICA_FOLLOWING;
    r->follows = e->leader;
    rota_replication_catch_up(e, server);
}

static bool is_looking(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].mode == ROTA_REPLICA_LOOKING;
}

/* How many servers that look for a leader this one reaches, itself included. */
static uint32_t supporters(const struct rota_ensemble *e, uint32_t server)
{
    uint32_t with = 0;

    for (uint32_t i = 0; i < e->count; i++)
        with += rota_ensemble_reach(e, server, i) && is_looking(e, i);
    return with;
}

/* The server that has applied most, among those that look for a leader and reach a quorum of such
 * servers; among equals one is drawn. */
static uint32_t elected(struct rota_ensemble *e)
{
    uint32_t best[ROTA_SERVERS_MOST];
    uint32_t count = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        if (!is_looking(e, i) || supporters(e, i) <= e->count / 2)
            continue;
        if (count > 0 && e->replicas[best[0]].applied > e->replicas[i].applied)
            continue;
        if (count > 0 && e->replicas[best[0]].applied < e->replicas[i].applied)
            count = 0;
        best[count++] = i;
    }
    return count == 0 ? ROTA_NOBODY : best[rota_choose(e->choices, ROTA_SITE_ELECT, count)];
}

void rota_election_moment(struct rota_ensemble *e, uint64_t serial)
{
    uint32_t leader;

    if (e->election != serial)
        return;
    e->election = 0;
    if (!rota_ensemble_has_leader(e) && (leader = elected(e)) != ROTA_NOBODY) {
        e->leader = leader;
        rota_server_lead(e->server, ++e->epoch, rota_ensemble_now_ms(e));
        follow(e, leader);
    }
    for (uint32_t i = 0; i < e->count && e->leader != ROTA_NOBODY; i++)
        if (is_looking(e, i) && rota_ensemble_reach(e, i, e->leader) &&
            e->replicas[e->leader].mode == ROTA_REPLICA_LEADING)
            follow(e, i);
    rota_leader_clock_restart(e);
    rota_election_review(e);
}

/* True if an election may change anything. */
static bool election_needed(const struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        if (!rota_replica_is_awake(&e->replicas[i]) || !is_looking(e, i))
            continue;
        if (!rota_ensemble_has_leader(e) || rota_ensemble_reach(e, i, e->leader))
            return true;
    }
    return false;
}

/* A server that is not current gives up after a while; soon, if it reaches a newer leader. */
static void review_patience(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = &e->replicas[server];
    rota_time tick = (rota_time)e->tick_ms * 1000;
    bool newer = rota_ensemble_has_leader(e) && rota_ensemble_reach(e, server, e->leader);
    rota_time wait = RESUMED_US;

    if (!rota_replica_is_awake(r) || is_looking(e, server) || rota_ensemble_is_current(e, server)) {
        r->give_up = 0;
        return;
    }
    if (r->give_up != 0 && !newer)
        return;
    r->give_up = ++e->serials;
    if (!newer)
        wait = PATIENCE_TICKS * tick +
               (rota_time)rota_choose(e->choices, ROTA_SITE_PATIENCE, (uint64_t)tick);
    rota_timeline_put(e->timeline, e->timeline->now + wait, ROTA_MOMENT_GIVE_UP, server,
                      r->give_up);
}

static void begin_election(struct rota_ensemble *e)
{
    rota_time extra = (rota_time)rota_choose(e->choices, ROTA_SITE_ELECT, (uint64_t)ELECTION_US);

    e->election = ++e->serials;
    rota_timeline_put(e->timeline, e->timeline->now + ELECTION_US + extra, ROTA_MOMENT_ELECT, 0,
                      e->election);
}

void rota_election_review(struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        review_patience(e, i);
        rota_replication_arm(e, i);
    }
    for (struct rota_forward *f = e->forwards; f != NULL && rota_ensemble_has_leader(e);
         f = f->next)
        if (f->waits && rota_ensemble_is_current(e, f->connection.server))
            rota_forwards_send(e, f);
    if (e->election == 0 && election_needed(e))
        begin_election(e);
    rota_leader_clock_catch_up(e);
}

void rota_election_give_up_moment(struct rota_ensemble *e, uint32_t server, uint64_t serial)
{
    if (e->replicas[server].give_up != serial)
        return;
    rota_election_look(e, server);
    rota_election_review(e);
}

void rota_election_depose(struct rota_ensemble *e)
{
    uint32_t former = e->leader;

    rota_assert(former != ROTA_NOBODY);
    e->leader = ROTA_NOBODY;
    for (uint32_t i = 0; i < e->count; i++) {
        const struct rota_replica *r = &e->replicas[i];
        bool followed = r->mode == ROTA_REPLICA_FOLLOWING && r->follows == former;

        if (i == former || (followed && rota_replica_is_awake(r)))
            rota_election_look(e, i);
    }
    rota_election_review(e);
}
