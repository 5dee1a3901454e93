/* Sessions and handles. */
#include <string.h>

#include "tests/contract/tests.h"

enum { SESSION_MS = 10000, SHORT_MS = 6000 };

void test_first_event(struct stage *s)
{
    struct peer *p = peer_make(s, 0, SESSION_MS);
    struct rota_operation create = op_create("/a", "x", ROTA_MODE_PERSISTENT);
    const struct rota_handle_event *first;
    uint64_t tag;

    peer_open(p, NULL);
    tag = peer_send(p, &create);
    peer_await(p, tag);
    first = &p->records[0].event;
    assert_int_equal(first->kind, ROTA_HANDLE_SESSION);
    assert_int_equal(first->session.state, ROTA_SESSION_CONNECTED);
    assert_true(first->session.client_id.id != 0);
    assert_int_equal(first->session.timeout_ms, SESSION_MS);
}

void test_loss_announced(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation sync = op_sync("/");
    struct rota_operation get = op_get("/", false);
    size_t from;
    uint64_t first;
    uint64_t second;

    from = p->count;
    s->fixture->fault(s->world, 0, FAULT_LOST);
    first = peer_send(p, &sync);
    second = peer_send(p, &get);
    assert_true(rc_is_unknown(peer_await(p, first)->rc));
    assert_true(rc_is_unknown(peer_await(p, second)->rc));
    from = await_state(p, ROTA_SESSION_DISCONNECTED, from);
    assert_true(from < index_of_reply(p, first));
    assert_true(index_of_reply(p, first) < index_of_reply(p, second));
}

void test_session_resumed(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_client_id id = session_of(p);
    size_t from = p->count;

    do_create(p, "/e", "x", ROTA_MODE_EPHEMERAL);
    s->fixture->cut(s->world, 0);
    from = await_state(p, ROTA_SESSION_DISCONNECTED, from);
    s->fixture->heal(s->world, 0);
    await_state(p, ROTA_SESSION_CONNECTED, from);
    assert_int_equal(session_of(p).id, id.id);
    assert_memory_equal(session_of(p).password, id.password, sizeof id.password);
    assert_true(node_exists(p, "/e"));
}

void test_silence_is_loss(struct stage *s)
{
    struct peer *p = peer_make(s, 0, SHORT_MS);
    struct rota_operation get = op_get("/", false);
    rota_time began;
    uint64_t tag;

    peer_open(p, NULL);
    await_state(p, ROTA_SESSION_CONNECTED, 0);
    do_sync(p);
    s->fixture->silence(s->world, 0);
    began = p->backend->ops->now(p->backend);
    tag = peer_send(p, &get);
    assert_true(rc_is_unknown(peer_await(p, tag)->rc));
    assert_true(p->backend->ops->now(p->backend) - began < SHORT_MS * 1000);
    await_state(p, ROTA_SESSION_DISCONNECTED, 0);
}

void test_ephemeral_ends(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_client_id id = session_of(p);
    struct rota_stat stat = do_create(p, "/e", "x", ROTA_MODE_EPHEMERAL);

    assert_int_equal(stat.ephemeral_owner, id.id);
    do_create(p, "/f", "x", ROTA_MODE_EPHEMERAL);
    do_create(p, "/stays", "x", ROTA_MODE_PERSISTENT);
    assert_true(node_exists(q, "/e"));
    expire(p);
    assert_false(node_exists(q, "/e"));
    assert_false(node_exists(q, "/f"));
    assert_true(node_exists(q, "/stays"));
}

void test_dead_handle(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation multi[] = {op_set("/a", "y", -1), op_delete("/b", -1)};

    expire(p);
    do_refused(p, op_get("/a", true), ROTA_ERR_INVALID_STATE);
    do_refused(p, op_create("/a", "x", ROTA_MODE_PERSISTENT), ROTA_ERR_INVALID_STATE);
    do_refused(p, op_sync("/"), ROTA_ERR_INVALID_STATE);
    assert_int_equal(peer_multi(p, multi, 2)->rc, ROTA_ERR_INVALID_STATE);
    peer_close(p);
    do_refused(p, op_get("/a", false), ROTA_ERR_INVALID_STATE);
}

void test_handle_number(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    size_t second;

    assert_int_equal(p->handle, 1);
    do_sync(p);
    peer_close(p);
    for (size_t i = 0; i < p->count; i++)
        assert_int_equal(p->records[i].event.handle, 1);
    second = p->count;
    peer_open(p, NULL);
    assert_int_equal(p->handle, 2);
    await_state(p, ROTA_SESSION_CONNECTED, second);
    do_sync(p);
    for (size_t i = second; i < p->count; i++)
        assert_int_equal(p->records[i].event.handle, 2);
}

void test_fresh_session(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_client_id id = session_of(p);
    struct rota_operation get = op_get("/a", true);
    size_t from;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    assert_int_equal(peer_do(p, &get)->rc, ROTA_ERR_OK);
    expire(p);
    from = p->count;
    peer_open(p, NULL);
    await_state(p, ROTA_SESSION_CONNECTED, from);
    assert_int_not_equal(session_of(p).id, id.id);
    do_set(q, "/a", "y");
    do_sync(p);
    do_sync(p);
    assert_int_equal(count_watches(p), 0);
}

void test_taken_over(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_make(s, 1, SESSION_MS);
    struct peer *witness = peer_connect(s, 2);
    struct rota_client_id id = session_of(p);

    do_create(p, "/e", "x", ROTA_MODE_EPHEMERAL);
    disconnect(p);
    peer_open(q, &id);
    await_state(q, ROTA_SESSION_CONNECTED, 0);
    assert_int_equal(session_of(q).id, id.id);
    assert_true(node_exists(witness, "/e"));
    peer_close(q);
    assert_false(node_exists(witness, "/e"));
    reconnect(p);
    await_state(p, ROTA_SESSION_EXPIRED, 0);
}

void test_taken_over_late(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_make(s, 1, SESSION_MS);
    struct rota_client_id id = session_of(p);

    peer_close(p);
    peer_open(q, &id);
    await_state(q, ROTA_SESSION_EXPIRED, 0);
    assert_int_equal(index_of_state(q, ROTA_SESSION_CONNECTED, 0), NOWHERE);
}

void test_closed(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation get = op_get("/e", true);
    size_t end;

    do_create(p, "/e", "x", ROTA_MODE_EPHEMERAL);
    peer_do(p, &get);
    peer_close(p);
    assert_false(node_exists(q, "/e"));
    end = p->count - 1;
    assert_int_equal(count_watches(p), 0);
    assert_int_equal(index_of_state(p, ROTA_SESSION_CLOSED, 0), end);
    do_refused(p, op_get("/", false), ROTA_ERR_INVALID_STATE);
    assert_int_equal(index_of_state(p, ROTA_SESSION_CLOSED, end + 1), NOWHERE);
}

void test_unreachable(struct stage *s)
{
    struct peer *p = peer_make(s, UNREACHABLE, SESSION_MS);

    peer_open(p, NULL);
    await_state(p, ROTA_SESSION_UNREACHABLE, 0);
    do_refused(p, op_get("/", false), ROTA_ERR_INVALID_STATE);
    peer_close(p);
}
