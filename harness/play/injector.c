#include "harness/play/injector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world.h"
#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/language/value.h"
#include "model/base/assert.h"

enum {
    SESSIONS_PAST = 2, /* how many session timeouts are past a session, beside two ticks */
    LATE_PART = 5,     /* a late request is done within this part of the session timeout */
};

/* Numbers of rota_world_call_at that are the injector's: a bit, what to do, for whom. */
#define CALL_OURS (UINT64_C(1) << 63)
#define CALL_WHO  UINT64_C(0xffffffff)

enum call {
    CALL_RESUME,
    CALL_HEAL,
    CALL_CATCH_UP,
};

static const struct {
    const char *word;
    bool step;
    bool request;
} injuries[ROTA_FAULTS] = {
#define X(name, word, step, request) {word, step, request},
    ROTA_FAULT_MAP(X)
#undef X
};

#define CONNLOSS (1u << ROTA_FAULT_LOST | 1u << ROTA_FAULT_APPLIED | 1u << ROTA_FAULT_LATE)

const char *rota_fault_word(enum rota_fault injury)
{
    return injuries[injury].word;
}

uint32_t rota_fault_read(const char *word)
{
    if (strcmp(word, "connloss") == 0)
        return CONNLOSS;
    if (strcmp(word, "all") == 0)
        return (1u << ROTA_FAULTS) - 1;
    for (uint32_t i = 0; i < ROTA_FAULTS; i++) {
        if (strcmp(word, injuries[i].word) == 0)
            return 1u << i;
    }
    return 0;
}

/* ---- places as text ---- */

/* The letters of their names. */
static const char roles[] = "mwco";

enum { OPERATORS = 3 }; /* the last of them */

static uint32_t role_of(const struct rota_cluster *c, uint32_t who)
{
    return who < c->masters                             ? 0
           : who < c->masters + c->workers              ? 1
           : who < c->masters + c->workers + c->clients ? 2
                                                        : OPERATORS;
}

static uint32_t everybody(const struct rota_cluster *c)
{
    return c->masters + c->workers + c->clients + c->operators;
}

/* The number of the first process of a role. */
static uint32_t first_of(const struct rota_cluster *c, uint32_t role)
{
    return role == 0   ? 0
           : role == 1 ? c->masters
           : role == 2 ? c->masters + c->workers
                       : c->masters + c->workers + c->clients;
}

static uint32_t count_of(const struct rota_cluster *c, uint32_t role)
{
    return role == 0 ? c->masters : role == 1 ? c->workers : role == 2 ? c->clients : c->operators;
}

void rota_place_format(const struct rota_place *p, const struct rota_cluster *cluster, char *text)
{
    uint32_t role = role_of(cluster, p->who);
    int length = snprintf(text, ROTA_PLACE_TEXT, "%s@%c%u:%u", rota_fault_word(p->injury),
                          roles[role], p->who - first_of(cluster, role) + 1, p->step);

    if (p->request > 0)
        snprintf(text + length, (size_t)(ROTA_PLACE_TEXT - length), ".%u", p->request);
}

/* Reads digits up to `stop`, which is passed over, or to the end. */
static bool read_number(const char **text, char stop, uint32_t *number)
{
    const char stops[] = {stop, '\0'};
    size_t length = strcspn(*text, stops);
    uint64_t read;

    if (!rota_number_read(*text, length, UINT32_MAX, &read))
        return false;
    *number = (uint32_t)read;
    *text += length + ((*text)[length] != '\0');
    return true;
}

const char *rota_place_read(const char *text, const struct rota_cluster *cluster,
                            struct rota_place *p)
{
    const char *at = strchr(text, '@');
    const char *role;
    uint32_t number, i = 0;
    bool at_request;

    memset(p, 0, sizeof *p);
    if (at == NULL)
        return "a place reads FAULT@WHO:STEP or FAULT@WHO:STEP.REQUEST, such as crash@m1:17";
    while (i < ROTA_FAULTS && (strlen(injuries[i].word) != (size_t)(at - text) ||
                               memcmp(injuries[i].word, text, (size_t)(at - text)) != 0))
        i++;
    if (i == ROTA_FAULTS)
        return "a fault is crash, restart, pause, expire, disconnect, isolate, lost, applied or "
               "late";
    p->injury = (enum rota_fault)i;
    role = at[1] == '\0' ? NULL : strchr(roles, at[1]);
    if (role == NULL)
        return "who is a master, a worker, a client or an operator, such as m1";
    i = (uint32_t)(role - roles);
    at += 2;
    if (strchr(at, ':') == NULL || !read_number(&at, ':', &number) || number == 0 ||
        number > count_of(cluster, i))
        return "there is nobody of that name in this scenario";
    p->who = first_of(cluster, i) + number - 1;
    at_request = strchr(at, '.') != NULL;
    if (!read_number(&at, '.', &p->step) || (at_request && !read_number(&at, '\0', &p->request)) ||
        *at != '\0')
        return "a step is a whole number, and so is a request";
    if (at_request ? p->request == 0 || !injuries[p->injury].request : !injuries[p->injury].step)
        return at_request ? "this fault strikes before a step, not at a request"
                          : "this fault strikes at a request, such as lost@m1:17.1";
    return NULL;
}

/* ---- what the faults do ---- */

static void call_in(struct rota_injector *i, rota_time span, enum call call, uint32_t who)
{
    rota_world_call_at(i->w, rota_world_now(i->w) + span, CALL_OURS | (uint64_t)call << 32 | who);
}

/* Long enough for the server to have ended a session, and for what follows. */
static rota_time past_session(const struct rota_injector *i)
{
    return SESSIONS_PAST * i->s->cluster.session + 2 * i->s->cluster.tick;
}

/* Every server but the one this process is connected to falls behind, or catches up. */
static void lag_others(struct rota_injector *i, uint32_t who, rota_time lag)
{
    const struct rota_sim_client *c = &rota_world_process(i->w, who)->client;

    for (uint32_t server = 0; server < i->s->cluster.servers; server++) {
        if (lag == i->s->cluster.lag || c->link == NULL || c->link->connection.server != server)
            rota_world_lag(i->w, server, lag);
    }
}

static void disconnect(struct rota_injector *i, uint32_t who)
{
    if (i->s->cluster.servers > 1) {
        lag_others(i, who, i->s->cluster.session / 4);
        call_in(i, i->s->cluster.session / 2, CALL_CATCH_UP, who);
        rota_world_note(i->w, who, "loses its server");
        rota_world_cut(i->w, who);
    } else {
        call_in(i, i->s->cluster.session / 2, CALL_HEAL, who);
        rota_world_disconnect(i->w, who);
    }
}

static void strike(struct rota_injector *i, const struct rota_place *p)
{
    switch (p->injury) {
    case ROTA_FAULT_CRASH:
    case ROTA_FAULT_RESTART:
        rota_world_crash(i->w, p->who, p->injury == ROTA_FAULT_RESTART);
        break;
    case ROTA_FAULT_PAUSE:
        call_in(i, past_session(i), CALL_RESUME, p->who);
        rota_world_pause(i->w, p->who, false);
        break;
    case ROTA_FAULT_EXPIRE:
        rota_world_expire(i->w, p->who);
        break;
    case ROTA_FAULT_DISCONNECT:
        disconnect(i, p->who);
        break;
    case ROTA_FAULT_ISOLATE:
        call_in(i, past_session(i), CALL_HEAL, p->who);
        rota_world_disconnect(i->w, p->who);
        break;
    case ROTA_FAULT_LOST:
        rota_world_lose_next(i->w, p->who, ROTA_CONNECTION_FAULT_LOST, 0);
        break;
    case ROTA_FAULT_APPLIED:
        rota_world_lose_next(i->w, p->who, ROTA_CONNECTION_FAULT_APPLIED, 0);
        break;
    case ROTA_FAULT_LATE:
        rota_world_lose_next(i->w, p->who, ROTA_CONNECTION_FAULT_LATE,
                             i->s->cluster.session / LATE_PART);
        break;
    case ROTA_FAULTS:
        rota_assert(p->injury != ROTA_FAULTS);
        break;
    }
}

/* ---- places as they come ---- */

static bool wanted(struct rota_injector *i, const struct rota_place *p)
{
    if (i->fired_count < i->number_count)
        return i->seen == i->numbers[i->fired_count];
    for (uint32_t k = 0; k < i->place_count; k++) {
        const struct rota_place *one = &i->places[k];

        if (one->injury == p->injury && one->who == p->who && one->step == p->step &&
            one->request == p->request)
            return true;
    }
    return false;
}

/* Every kind of fault that fits is a place of its own here. */
static void come(struct rota_injector *i, uint32_t who)
{
    struct rota_place p = {.who = who, .step = i->steps[who], .request = i->requests[who]};

    for (uint32_t k = 0; k < ROTA_FAULTS; k++) {
        if ((i->kinds & 1u << k) == 0 ||
            (p.request == 0 ? !injuries[k].step : !injuries[k].request))
            continue;
        /* To die before the first request is to die before the step. */
        if (k == ROTA_FAULT_CRASH && p.request == 1)
            continue;
        p.injury = (enum rota_fault)k;
        i->seen++;
        if (!wanted(i, &p) || i->fired_count == ROTA_PLACES_MOST)
            continue;
        i->fired[i->fired_count++] = p;
        i->seen = 0;
        strike(i, &p);
        if (k == ROTA_FAULT_CRASH || k == ROTA_FAULT_RESTART)
            return;
    }
}

/* Whether what this process does is counted, and what strikes it. */
static bool counts(const struct rota_injector *i, uint32_t who)
{
    return !i->over && who < everybody(&i->s->cluster) && !i->spared[role_of(&i->s->cluster, who)];
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
    uint32_t count = everybody(&s->cluster);

    i->s = s;
    i->w = w;
    i->fired_count = 0;
    i->seen = 0;
    i->over = false;
    i->steps = calloc(count + 1, sizeof *i->steps);
    i->requests = calloc(count + 1, sizeof *i->requests);
    rota_assert(i->steps != NULL && i->requests != NULL);
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

    for (uint32_t who = 0; who < everybody(c); who++) {
        const struct rota_process *p = rota_world_process(i->w, who);

        if (role_of(c, who) < OPERATORS ||
            (p->state == ROTA_PROCESS_ABSENT && p->incarnation > 0)) /* it has died at work */
            rota_world_start(i->w, who);
    }
}
