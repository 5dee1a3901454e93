#include "server/server_state.h"

#include "system/memory.h"

void *rota_buffer_need(struct rota_buffer *b, size_t bytes)
{
    if (b->size < bytes) {
        b->size = bytes * 2;
        b->at = rota_memory_grow(b->at, b->size);
    }
    return b->at;
}

struct rota_server_session *rota_server_session_at(const struct rota_server *s, rota_ref session)
{
    return rota_pool_at(&s->tree.pool, session);
}

rota_ref rota_server_session_find(const struct rota_server *s, int64_t id)
{
    return rota_index_get(&s->tree.pool, &s->sessions, (uint64_t)id);
}

struct rota_server_connection *rota_server_connection_at(const struct rota_server *s,
                                                         rota_ref connection)
{
    return rota_pool_at(&s->tree.pool, connection);
}

rota_ref rota_server_connection_find(const struct rota_server *s, uint64_t number)
{
    return rota_index_get(&s->tree.pool, &s->connections, number);
}

bool rota_server_permits(const struct rota_server *s, rota_ref node, uint32_t perms,
                         rota_ref connection)
{
    const struct rota_identities *identities =
        connection == 0 ? NULL : &rota_server_connection_at(s, connection)->identities;

    return rota_auth_permits(&s->tree, rota_tree_node(&s->tree, node)->acl, perms, identities);
}
