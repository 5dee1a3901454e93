#include "harness/play/injector.h"

#include <stdlib.h>

#include "backend_sim/world/world.h"
#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/play/world_action.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    SESSIONS_PAST = 2, /* session timeouts that outlast a session, with two ticks */
    LATE_PART = 5,     /* a late request is applied within this part of the session timeout */
};

/* Numbers of rota_world_call_at that belong to the injector: a bit, what to do, and the process. */
#define CALL_OURS (UINT64_C(1) << 63)
#define CALL_WHO  UINT64_C(0xffffffff)

enum call {
    CALL_RESUME,
    CALL_HEAL,
    CALL_CATCH_UP,
};

/* ---- faults ---- */

static void call_in(struct rota_injector *i, rota_time span, enum call call, uint32_t who)
{
    rota_world_call_at(i->w, rota_world_now(i->w) + span, CALL_OURS | (uint64_t)call << 32 | who);
}

/* Long enough for the server to end a session, and for what follows from that. */
static rota_time past_session(const struct rota_injector *i)
{
    return SESSIONS_PAST * i->s->cluster.session + 2 * i->s->cluster.tick;
}

/* Sets the lag of every server but the one that this process is connected to; the normal lag is set
 * for all of them. */
static void lag_others(struct rota_injector *i, uint32_t who, rota_time lag)
{
    const struct rota_sim_client *c = &rota_world_process(i->w, who)->client;

    for (uint32_t server = 0; server < i->s->cluster.servers; server++)
        if (lag == i->s->cluster.lag || c->link == NULL || c->link->connection.server != server)
            rota_world_lag(i->w, server, lag);
}

/* In an ensemble: the process may connect to another server at once, which lags. */
static void lose_server(struct rota_injector *i, uint32_t who)
{
    lag_others(i, who, i->s->cluster.session / 4);
    call_in(i, i->s->cluster.session / 2, CALL_CATCH_UP, who);
    rota_world_note(i->w, who, "loses its server");
    rota_world_cut(i->w, who);
}

/* The action of a scenario that does the fault. */
static struct rota_script_action action_of(const struct rota_injector *i, enum rota_fault fault)
{
    static const struct rota_script_action actions[ROTA_FAULTS] = {
#define X(name, word, step, request, action, connection_fault)                                     \
    {.kind = ROTA_SCRIPT_##action, .fault = ROTA_CONNECTION_FAULT_##connection_fault},
        ROTA_FAULT_MAP(X)
#undef X
    };
    struct rota_script_action action;

    rota_assert(fault < ROTA_FAULTS);
    action = actions[fault];
    if (fault == ROTA_FAULT_LATE)
        action.span = i->s->cluster.session / LATE_PART;
    return action;
}

static void inject(struct rota_injector *i, const struct rota_place *p)
{
    struct rota_script_action action = action_of(i, p->fault);

    if (p->fault == ROTA_FAULT_DISCONNECT && i->s->cluster.servers > 1) {
        lose_server(i, p->who);
        return;
    }
    if (p->fault == ROTA_FAULT_DISCONNECT)
        call_in(i, i->s->cluster.session / 2, CALL_HEAL, p->who);
    else if (p->fault == ROTA_FAULT_ISOLATE)
        call_in(i, past_session(i), CALL_HEAL, p->who);
    else if (p->fault == ROTA_FAULT_PAUSE)
        call_in(i, past_session(i), CALL_RESUME, p->who);
    rota_world_action_do(i->w, p->who, &action);
}

/* ---- places as they come ---- */

static bool is_due(const struct rota_injector *i, const struct rota_place *p)
{
    if (i->fired_count < i->number_count)
        return i->seen == i->numbers[i->fired_count];
    for (uint32_t k = 0; k < i->place_count; k++) {
        const struct rota_place *one = &i->places[k];

        if (one->fault == p->fault && one->who == p->who && one->step == p->step &&
            one->request == p->request)
            return true;
    }
    return false;
}

static bool fits(uint32_t fault, const struct rota_place *p)
{
    if (p->request == 0)
        return rota_fault_fits_step((enum rota_fault)fault);
    /* A crash before the first request is a crash before the step. */
    return rota_fault_fits_request((enum rota_fault)fault) &&
           !(fault == ROTA_FAULT_CRASH && p->request == 1);
}

/* A step or a request has come: every kind of fault that fits is a place of its own here. */
static void come(struct rota_injector *i, uint32_t who)
{
    struct rota_place p = {.who = who, .step = i->steps[who], .request = i->requests[who]};

    for (uint32_t k = 0; k < ROTA_FAULTS; k++) {
        if ((i->kinds & 1u << k) == 0 || !fits(k, &p))
            continue;
        p.fault = (enum rota_fault)k;
        i->seen++;
        if (!is_due(i, &p) || i->fired_count == ROTA_PLACES_MAX)
            continue;
        i->fired[i->fired_count++] = p;
        i->seen = 0;
        inject(i, &p);
        if (k == ROTA_FAULT_CRASH || k == ROTA_FAULT_RESTART)
            return;
    }
}

/* Whether the places of this process count. */
static bool counts(const struct rota_injector *i, uint32_t who)
{
    const struct rota_cluster *c = &i->s->cluster;

    return !i->over && who < rota_place_process_count(c) && !i->excluded[rota_place_part(c, who)];
}

void rota_injector_step(struct rota_injector *i, uint32_t who)
{
    if (!counts(i, who))
        return;
    i->steps[who]++;
    i->requests[who] = 0;
    come(i, who);
}

void rota_injector_request(struct rota_injector *i, uint32_t who)
{
    if (!counts(i, who))
        return;
    i->requests[who]++;
    come(i, who);
}

bool rota_injector_called(struct rota_injector *i, uint64_t id)
{
    uint32_t who = (uint32_t)(id & CALL_WHO);

    if ((id & CALL_OURS) == 0)
        return false;
    switch ((enum call)((id & ~CALL_OURS) >> 32)) {
    case CALL_RESUME:
        rota_world_resume(i->w, who);
        break;
    case CALL_HEAL:
        rota_world_heal(i->w, who);
        break;
    case CALL_CATCH_UP:
        lag_others(i, who, i->s->cluster.lag);
        break;
    }
    return true;
}

/* ---- a run ---- */

void rota_injector_begin(struct rota_injector *i, const struct rota_scenario *s,
                         struct rota_world *w)
{
    uint32_t count = rota_place_process_count(&s->cluster);

    rota_assert(i->steps == NULL); /* the run before has ended */
    i->s = s;
    i->w = w;
    i->fired_count = 0;
    i->seen = 0;
    i->over = false;
    i->steps = rota_memory_zeroed(count, sizeof *i->steps);
    i->requests = rota_memory_zeroed(count, sizeof *i->requests);
}

void rota_injector_end(struct rota_injector *i)
{
    free(i->steps);
    free(i->requests);
    i->steps = NULL;
    i->requests = NULL;
}

static void heal_servers(struct rota_injector *i)
{
    for (uint32_t server = 0; server < i->s->cluster.servers; server++) {
        rota_world_put_server_on_side(i->w, server, 0);
        rota_world_start_server(i->w, server);
        if (!rota_world_server_up(i->w, server))
            rota_world_resume_server(i->w, server);
        if (i->s->cluster.servers > 1)
            rota_world_lag(i->w, server, i->s->cluster.lag);
    }
}

void rota_injector_heal(struct rota_injector *i)
{
    i->over = true;
    heal_servers(i);
    for (uint32_t who = 0; who < rota_world_count(i->w); who++) {
        rota_world_heal(i->w, who);
        rota_world_put_on_side(i->w, who, 0);
        rota_world_slow(i->w, who, 0);
        rota_world_skew(i->w, who, 0);
        rota_world_resume(i->w, who);
    }
    rota_injector_revive(i);
}

void rota_injector_revive(struct rota_injector *i)
{
    const struct rota_cluster *c = &i->s->cluster;

    for (uint32_t who = 0; who < rota_place_process_count(c); who++) {
        const struct rota_process *p = rota_world_process(i->w, who);
        bool is_operator = rota_place_part(c, who) == ROTA_PART_OPERATOR;
        bool died_at_work = p->state == ROTA_PROCESS_ABSENT && p->incarnation > 0;

        if (!is_operator || died_at_work)
            rota_world_start(i->w, who);
    }
}
