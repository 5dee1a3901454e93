#include "backend_sim/net/replica.h"

void rota_replica_reply(struct rota_replica *r, uint64_t connection, const struct rota_reply *reply)
{
    struct rota_ensemble *e = r->ensemble;

    e->rc = reply->rc;
    if (connection != e->muted)
        e->sink->reply(e->context, connection, reply, rota_server_last_zxid(r->server));
}

void rota_replica_watch(struct rota_replica *r, uint64_t connection, enum rota_watch_kind kind,
                        const char *path)
{
    struct rota_ensemble *e = r->ensemble;

    if (connection != e->muted)
        e->sink->watch(e->context, connection, kind, path);
}

void rota_replica_cut(struct rota_replica *r, uint64_t connection)
{
    r->ensemble->sink->cut(r->ensemble->context, connection);
}

static void on_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    rota_replica_reply(context, connection, reply);
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    rota_replica_watch(context, connection, kind, path);
}

static void on_cut(void *context, uint64_t connection)
{
    rota_replica_cut(context, connection);
}

const struct rota_server_sink rota_replica_sink = {on_reply, on_watch, on_cut, NULL};

void rota_replica_connect(struct rota_replica *r, uint64_t connection, uint32_t who,
                          const struct rota_connect *connect)
{
    struct rota_ensemble *e = r->ensemble;
    struct rota_session_grant grant = {0};
    enum rota_connect_result result;

    e->acting = who;
    result = rota_server_connect(r->server, connection, connect, rota_ensemble_now_ms(e), &grant);
    e->acting = ROTA_NOBODY;
    e->sink->connected(e->context, connection, result, &grant);
}

void rota_replica_refuse(struct rota_replica *r, uint64_t connection)
{
    r->ensemble->sink->connected(r->ensemble->context, connection, ROTA_CONNECT_EXPIRED, NULL);
}

void rota_replica_close(struct rota_replica *r, uint64_t connection)
{
    rota_server_disconnect(r->server, connection);
    rota_replica_cut(r, connection);
}
