#include "backend_sim/net/forwards.h"

#include <stdlib.h>

#include "backend_sim/net/replica.h"
#include "model/base/assert.h"
#include "system/memory.h"

static void free_forward(struct rota_forward *f)
{
    rota_request_copy_drop(f->request);
    free(f->identities);
    free(f->reply);
    free(f);
}

struct rota_forward *rota_forwards_add(struct rota_ensemble *e, const struct rota_connection *c)
{
    struct rota_forward **place = &e->forwards;
    struct rota_forward *f = rota_memory_zeroed(1, sizeof *f);

    rota_assert(c->number != 0 && c->server < e->count);
    while (*place != NULL)
        place = &(*place)->next;
    *place = f;
    f->serial = ++e->serials;
    f->connection = *c;
    return f;
}

void rota_forwards_send(struct rota_ensemble *e, struct rota_forward *f)
{
    rota_time hop = f->connection.server == e->leader ? 0 : rota_ensemble_hop(e);

    f->waits = false;
    rota_timeline_put(e->timeline, e->timeline->now + hop, ROTA_MOMENT_FORWARD, 0, f->serial);
}

struct rota_forward *rota_forwards_find(const struct rota_ensemble *e, uint64_t serial)
{
    struct rota_forward *f = e->forwards;

    while (f != NULL && f->serial != serial)
        f = f->next;
    return f;
}

static void unlink_forward(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_forward **place = &e->forwards;

    while (*place != f) {
        rota_assert(*place != NULL);
        place = &(*place)->next;
    }
    *place = f->next;
}

void rota_forwards_drop(struct rota_ensemble *e, struct rota_forward *f)
{
    unlink_forward(e, f);
    if (f->request != NULL && !f->done)
        e->sink->dropped(e->context, f->connection.who, f->request->request);
    free_forward(f);
}

void rota_forwards_drop_all(struct rota_ensemble *e, uint32_t server)
{
    struct rota_forward *f = e->forwards;

    while (f != NULL) {
        struct rota_forward *next = f->next;

        if (f->connection.server == server)
            rota_forwards_drop(e, f);
        f = next;
    }
}

void rota_forwards_disconnect(struct rota_ensemble *e, uint64_t connection)
{
    for (struct rota_forward *f = e->forwards; f != NULL; f = f->next)
        if (f->connection.number == connection)
            f->disconnected = true;
}

static void answer_connect(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_replica *r = &e->replicas[f->connection.server];

    if (f->session_ended)
        rota_replica_refuse(r, f->connection.number);
    else
        rota_replica_connect(r, f->connection.number, f->connection.who, &f->connect);
}

static void answer_request(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_replica *r = &e->replicas[f->connection.server];

    if (f->lose || f->reply == NULL)
        return;
    rota_replica_reply(r, f->connection.number, f->reply);
    if (f->request->request->operation.op == ROTA_OP_CLOSE)
        rota_server_disconnect(r->server, f->connection.number);
    e->sink->ready(e->context, f->connection.number);
}

bool rota_forwards_is_deliverable(const struct rota_ensemble *e, const struct rota_forward *f)
{
    return f->done && f->position <= e->replicas[f->connection.server].applied;
}

void rota_forwards_deliver(struct rota_ensemble *e, uint32_t server)
{
    struct rota_forward *f = e->forwards;

    while (f != NULL) {
        struct rota_forward *next = f->next;

        if (f->connection.server == server && rota_forwards_is_deliverable(e, f)) {
            unlink_forward(e, f);
            if (!f->disconnected && f->request == NULL)
                answer_connect(e, f);
            else if (!f->disconnected)
                answer_request(e, f);
            free_forward(f);
        }
        f = next;
    }
}

void rota_forwards_before_apply(struct rota_ensemble *e, uint32_t server,
                                const struct rota_commit *commit)
{
    for (const struct rota_forward *f = e->forwards; f != NULL; f = f->next)
        if (f->connection.server == server && f->done && f->request != NULL && !f->lose &&
            f->request->request->operation.op == ROTA_OP_CLOSE && f->session == commit->session)
            rota_server_disconnect(e->replicas[server].server, f->connection.number);
}

void rota_forwards_close(struct rota_ensemble *e)
{
    while (e->forwards != NULL) {
        struct rota_forward *f = e->forwards;

        e->forwards = f->next;
        free_forward(f);
    }
    free(e->routes);
}

/* ---- the connections of sessions ---- */

struct rota_session_route *rota_session_route_find(const struct rota_ensemble *e, int64_t session)
{
    for (uint32_t i = e->route_count; i > 0; i--)
        if (e->routes[i - 1].session == session)
            return &e->routes[i - 1];
    return NULL;
}

const struct rota_session_route *rota_session_route_set(struct rota_ensemble *e, int64_t session,
                                                        uint64_t connection)
{
    struct rota_session_route *route = rota_session_route_find(e, session);

    if (route == NULL) {
        e->routes =
            rota_memory_extend(e->routes, e->route_count, &e->route_capacity, sizeof *e->routes);
        route = &e->routes[e->route_count++];
        *route = (struct rota_session_route){.session = session, .position = e->appended};
    }
    route->connection = connection;
    return route;
}
