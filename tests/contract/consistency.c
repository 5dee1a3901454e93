/* The order of a session's requests, and the outcomes of unknown requests. */
#include <string.h>

#include "tests/contract/tests.h"

void test_pipeline(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation o[] = {op_create("/a", "x", ROTA_MODE_PERSISTENT),
                                 op_get("/a", false),
                                 op_set("/a", "yy", 0),
                                 op_create("/a", "x", ROTA_MODE_PERSISTENT),
                                 op_get("/a", false),
                                 op_delete("/a", 1),
                                 op_exists("/a", false)};
    static const int32_t rcs[] = {ROTA_ERR_OK, ROTA_ERR_OK, ROTA_ERR_OK,     ROTA_ERR_NODE_EXISTS,
                                  ROTA_ERR_OK, ROTA_ERR_OK, ROTA_ERR_NO_NODE};
    enum { COUNT = sizeof rcs / sizeof *rcs };
    uint64_t tags[COUNT];

    for (int i = 0; i < COUNT; i++)
        tags[i] = peer_send(p, &o[i]);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(peer_await(p, tags[i])->rc, rcs[i]);
    assert_int_equal(peer_await(p, tags[1])->data.length, 1);
    assert_int_equal(peer_await(p, tags[4])->data.length, 2);
}

void test_never_back(struct stage *s)
{
    enum { ROUNDS = 100 };
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation set = op_set("/a", "y", -1);
    struct rota_operation get = op_get("/a", false);
    int32_t seen = 0;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    for (int i = 0; i < ROUNDS; i++) {
        int32_t version;

        peer_send(q, &set);
        if (i % 10 == 0)
            seen = peer_do(p, &set)->stat.version;
        version = peer_do(p, &get)->stat.version;
        assert_true(version >= seen);
        seen = version;
    }
}

void test_barrier(struct stage *s)
{
    enum { ROUNDS = 50 };
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation set = op_set("/a", "y", -1);
    struct rota_operation get = op_get("/a", false);
    struct rota_operation sync = op_sync("/a");

    do_create(q, "/a", "x", ROTA_MODE_PERSISTENT);
    for (int i = 0; i < ROUNDS; i++) {
        int32_t version = peer_do(q, &set)->stat.version;

        peer_send(p, &sync);
        assert_int_equal(peer_do(p, &get)->stat.version, version);
    }
}

/* Heals the connection, which was lost at index `from` or later, and waits until the session is
 * connected again. */
static void heal_and_reconnect(struct peer *p, size_t from)
{
    from = await_state(p, ROTA_SESSION_DISCONNECTED, from);
    p->stage->fixture->heal(p->stage->world, p->number);
    await_state(p, ROTA_SESSION_CONNECTED, from);
}

/* Sends a multi of one operation and causes a fault at it: its outcome is unknown. The connection
 * stays lost. Returns the index from which on the loss is recorded. */
static size_t send_with_fault(struct peer *p, enum fault fault, struct rota_operation o)
{
    struct stage *s = p->stage;
    size_t from = p->count;

    s->fixture->fault(s->world, p->number, fault);
    assert_true(rc_is_unknown(peer_multi(p, &o, 1)->rc));
    assert_true(s->fixture->fault_happened(s->world, p->number));
    return from;
}

void test_unknown_is_either(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);

    heal_and_reconnect(p,
                       send_with_fault(p, FAULT_LOST, op_create("/a", "x", ROTA_MODE_PERSISTENT)));
    assert_false(node_exists(p, "/a"));
    heal_and_reconnect(
        p, send_with_fault(p, FAULT_APPLIED, op_create("/b", "x", ROTA_MODE_PERSISTENT)));
    assert_true(node_exists(p, "/b"));
}

void test_late_before_next(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation get = op_get("/a", false);
    int32_t version;
    size_t from;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    from = send_with_fault(p, FAULT_LATE, op_set("/a", "late", -1));
    s->fixture->release(s->world, 0);
    heal_and_reconnect(p, from);
    do_create(p, "/next", "x", ROTA_MODE_PERSISTENT);
    version = peer_do(p, &get)->stat.version;
    for (int i = 0; i < 20; i++) {
        do_sync(q);
        assert_int_equal(peer_do(q, &get)->stat.version, version);
    }
}

void test_late_never_after(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    size_t from;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    from = send_with_fault(p, FAULT_LATE, op_set("/a", "late", -1));
    heal_and_reconnect(p, from);
    do_create(p, "/next", "x", ROTA_MODE_PERSISTENT);
    expect_data(p, "/a", "x");
    s->fixture->release(s->world, 0);
    for (int i = 0; i < 20; i++) {
        do_sync(q);
        expect_data(q, "/a", "x");
    }
}

void test_clock(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    rota_time last = p->backend->ops->now(p->backend);
    uint64_t random = p->backend->ops->random(p->backend);

    for (int i = 0; i < 100; i++) {
        rota_time now;
        uint64_t next;

        do_sync(p);
        now = p->backend->ops->now(p->backend);
        next = p->backend->ops->random(p->backend);
        assert_true(now >= last);
        assert_true(next != random);
        last = now;
        random = next;
    }
}

static bool was_woken(struct peer *p, const void *context)
{
    return p->stage->fixture->wakes(p->stage->world, p->number) > *(const unsigned *)context;
}

void test_wakes(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation sync = op_sync("/");
    unsigned before;

    do_sync(p);
    before = s->fixture->wakes(s->world, 0);
    peer_send(p, &sync);
    peer_until(p, was_woken, &before, "a wake");
}
