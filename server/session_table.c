#include "server/session_table.h"

#include "model/base/assert.h"

uint32_t rota_session_table_negotiate(const struct rota_server *s, uint32_t timeout_ms)
{
    if (timeout_ms < s->config.timeout_least_ms)
        return s->config.timeout_least_ms;
    return timeout_ms > s->config.timeout_most_ms ? s->config.timeout_most_ms : timeout_ms;
}

struct rota_client_id rota_session_table_new_id(struct rota_server *s)
{
    struct rota_client_id made = {.id = ++s->last_session};
    uint64_t x = s->config.seed ^ (uint64_t)made.id * UINT64_C(0xd6e8feb86659fd93);

    for (size_t i = 0; i < sizeof made.password; i++) {
        x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93) + i;
        made.password[i] = (uint8_t)(x >> 40);
    }
    return made;
}

rota_ref rota_session_table_add(struct rota_server *s, const struct rota_client_id *client_id,
                                uint32_t timeout_ms, int64_t now_ms)
{
    rota_ref ref = rota_pool_take(&s->tree.pool, sizeof(struct rota_server_session));

    rota_server_session_at(s, ref)->client_id = *client_id;
    rota_server_session_at(s, ref)->timeout_ms = timeout_ms;
    rota_session_table_renew(s, rota_server_session_at(s, ref), now_ms);
    rota_index_put(&s->tree.pool, &s->sessions, (uint64_t)client_id->id, ref);
    return ref;
}

void rota_session_table_remove(struct rota_server *s, rota_ref ref)
{
    struct rota_server_session *session = rota_server_session_at(s, ref);

    rota_assert(session->ephemerals == 0 && session->ephemeral_count == 0);
    rota_index_remove(&s->tree.pool, &s->sessions, (uint64_t)session->client_id.id);
    rota_pool_give(&s->tree.pool, ref, sizeof *session);
}

void rota_session_table_renew(struct rota_server *s, struct rota_server_session *session,
                              int64_t now_ms)
{
    int64_t tick = s->config.tick_ms;

    session->due_ms = ((now_ms + session->timeout_ms) / tick + 1) * tick;
    if (session->due_ms < s->due_ms)
        s->due_ms = session->due_ms;
}

void rota_session_table_renew_all(struct rota_server *s, int64_t now_ms)
{
    s->due_ms = INT64_MAX;
    for (uint32_t i = 0; i < s->sessions.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->sessions, i);

        if (ref != 0)
            rota_session_table_renew(s, rota_server_session_at(s, ref), now_ms);
    }
}

struct rota_array rota_session_table_due(struct rota_server *s, int64_t now_ms)
{
    struct rota_array due = {0};

    s->due_ms = INT64_MAX;
    for (uint32_t i = 0; i < s->sessions.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->sessions, i);
        int64_t due_ms = ref == 0 ? INT64_MAX : rota_server_session_at(s, ref)->due_ms;

        if (due_ms <= now_ms) {
            uint32_t at = rota_array_push(&s->tree.pool, &due, sizeof ref);

            *(rota_ref *)rota_array_at(&s->tree.pool, &due, at, sizeof ref) = ref;
        } else if (due_ms < s->due_ms) {
            s->due_ms = due_ms;
        }
    }
    return due;
}
