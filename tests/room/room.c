#include "tests/room/room.h"

#include "model/base/assert.h"
#include "model/base/error.h"

enum { LATENCY_US = 1000, LATE_US = 600000000 };

static void on_commit(void *context, uint32_t who, const struct rota_commit *commit)
{
    (void)context;
    (void)who;
    (void)commit;
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    struct room *r = context;

    (void)who;
    (void)request;
    r->applied += rc == ROTA_ERR_OK;
}

static void on_dropped(void *context, uint32_t who, const struct rota_request *request)
{
    struct room *r = context;

    (void)who;
    (void)request;
    r->dropped++;
}

static const struct rota_net_hooks hooks = {on_commit, on_applied, on_dropped};

void room_open(struct room *r, const struct rota_server_config *config, uint32_t servers)
{
    const struct rota_ensemble_config ensemble = {
        .server = config, .servers = servers, .latency = LATENCY_US};

    *r = (struct room){0};
    rota_choices_init(&r->choices, config->seed);
    rota_net_init(&r->net, &ensemble, &hooks, r, &r->timeline, &r->choices);
}

void room_close(struct room *r)
{
    rota_late_write_clear(&r->kept);
    rota_net_close(&r->net);
    rota_timeline_close(&r->timeline);
    rota_choices_close(&r->choices);
}

struct rota_backend *room_client(struct room *r, uint32_t who, uint32_t timeout_ms)
{
    rota_assert(who < ROOM_CLIENTS);
    rota_sim_client_init(&r->clients[who], &r->net, who, timeout_ms);
    return &r->clients[who].head;
}

static void arrive_down(struct room *r, const struct rota_moment *m)
{
    struct rota_link *l = rota_link_find(&r->net, m->who, m->serial);
    struct rota_message *message;

    if (l == NULL || !l->attached)
        return;
    if (r->clients[l->connection.who].paused) {
        l->down.stalled = true;
        return;
    }
    message = rota_link_take_down(&r->net, l);
    rota_sim_client_receive(&r->clients[l->connection.who], message);
    rota_message_free(&r->net, message);
}

bool room_take(struct room *r, rota_time until, struct rota_moment *m)
{
    if (rota_timeline_next(&r->timeline) > until || !rota_timeline_take(&r->timeline, m))
        return false;
    r->timeline.now = m->time;
    return true;
}

/* Whether it is a message from or to a client that is cut off in that direction: then it stalls. */
static bool stalls(struct room *r, const struct rota_moment *m)
{
    struct rota_link *l;

    if (m->kind != ROTA_MOMENT_UP && m->kind != ROTA_MOMENT_DOWN)
        return false;
    l = rota_link_find(&r->net, m->who, m->serial);
    if (l == NULL || !(m->kind == ROTA_MOMENT_UP ? r->silent : r->deaf)[l->connection.who] ||
        (m->kind == ROTA_MOMENT_DOWN && !l->attached))
        return false;
    *(m->kind == ROTA_MOMENT_UP ? &l->up.stalled : &l->down.stalled) = true;
    return true;
}

void room_happen(struct room *r, const struct rota_moment *m)
{
    struct rota_late_write late;

    if (stalls(r, m))
        return;
    if (m->kind == ROTA_MOMENT_DOWN)
        arrive_down(r, m);
    else if (!rota_net_moment(&r->net, m) && m->kind == ROTA_MOMENT_CLIENT &&
             r->clients[m->who].serial == m->serial)
        rota_sim_client_tick(&r->clients[m->who]);
    rota_ensemble_check(r->net.ensemble);
    for (uint32_t i = 0; i < ROOM_CLIENTS; i++)
        if (r->clients[i].net != NULL)
            rota_sim_client_check(&r->clients[i]);
    if (r->keeps_late && rota_ensemble_take_late(r->net.ensemble, &late)) {
        rota_late_write_clear(&r->kept);
        r->kept = late;
    }
}

void room_pass(struct room *r, rota_time span)
{
    rota_time until = r->timeline.now + span;
    struct rota_moment m;

    while (room_take(r, until, &m))
        room_happen(r, &m);
    r->timeline.now = until;
}

void room_cut(struct room *r, uint32_t who)
{
    r->clients[who].blocked = true;
    r->silent[who] = r->deaf[who] = false;
    rota_sim_client_cut(&r->clients[who]);
    for (uint32_t i = 0; i < r->net.link_count; i++) {
        struct rota_link *l = r->net.links[i];

        if (l->end != ROTA_LINK_FREE && l->connection.who == who)
            rota_link_cut(&r->net, l);
    }
}

void room_block(struct room *r, uint32_t who)
{
    r->clients[who].blocked = true;
}

void room_silence(struct room *r, uint32_t who, bool arrives)
{
    r->silent[who] = !arrives;
    r->deaf[who] = true;
}

void room_heal(struct room *r, uint32_t who)
{
    r->clients[who].blocked = false;
    r->silent[who] = r->deaf[who] = false;
    for (uint32_t i = 0; i < r->net.link_count; i++) {
        struct rota_link *l = r->net.links[i];

        if (l->end == ROTA_LINK_FREE || l->connection.who != who)
            continue;
        rota_link_unstall_up(&r->net, l);
        rota_link_unstall_down(&r->net, l);
    }
}

void room_fault(struct room *r, uint32_t who, enum rota_connection_fault fault)
{
    r->clients[who].fault = (struct rota_planned_fault){fault, LATE_US};
    r->clients[who].blocked = true;
}

void room_release(struct room *r, uint32_t who)
{
    if (r->kept.request == NULL)
        return;
    if (r->clients[who].state != ROTA_SIM_CLIENT_CONNECTED)
        rota_server_write(rota_ensemble_server(r->net.ensemble), 0, r->kept.session,
                          r->kept.identities, r->kept.request->request,
                          rota_timeline_now_ms(&r->timeline));
    rota_late_write_clear(&r->kept);
}
