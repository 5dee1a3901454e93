/* Watches. When a sync and a read after it have been answered, every event of earlier changes has
 * been delivered: then these tests know that no further event will come. */
#include "tests/contract/tests.h"

/* After this, the events of all earlier changes have been delivered. */
static void settle(struct peer *p)
{
    do_sync(p);
    do_sync(p);
}

static void watch(struct peer *p, struct rota_operation o)
{
    assert_int_equal(peer_do(p, &o)->rc, ROTA_ERR_OK);
}

void test_watch_fires_once(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);

    do_create(q, "/d", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    watch(p, op_get("/d", true));
    do_set(q, "/d", "x"); /* the same data fires too: S49 */
    await_watch(p, ROTA_WATCH_CHANGED, "/d", 0);
    watch(p, op_children("/d", true));
    do_create(q, "/d/a", "x", ROTA_MODE_PERSISTENT);
    await_watch(p, ROTA_WATCH_CHILD, "/d", 0);
    do_refused(p, op_exists("/e", true), ROTA_ERR_NO_NODE);
    do_create(q, "/e", "x", ROTA_MODE_PERSISTENT);
    await_watch(p, ROTA_WATCH_CREATED, "/e", 0);
    watch(p, op_exists("/e", true));
    do_delete(q, "/e");
    await_watch(p, ROTA_WATCH_DELETED, "/e", 0);
    do_set(q, "/d", "y");
    do_create(q, "/d/b", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/e", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    assert_int_equal(count_watches(p), 4);
    watch(p, op_children("/d", true));
    do_set(q, "/d/a", "y"); /* neither data nor grandchildren fire a child watch */
    do_create(q, "/d/a/c", "y", ROTA_MODE_PERSISTENT);
    settle(p);
    assert_int_equal(count_watches(p), 4);
}

void test_watch_before_data(struct stage *s)
{
    enum { ROUNDS = 40 };
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation get = op_get("/a", false);
    size_t from = 0;

    do_create(q, "/a", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    for (int32_t round = 1; round <= ROUNDS; round++) {
        struct rota_operation set = op_set("/a", "y", -1);
        const struct rota_reply *r;

        watch(p, op_get("/a", true));
        peer_send(q, &set);
        do {
            r = peer_do(p, &get);
        } while (r->stat.version < round);
        from = index_of_watch(p, ROTA_WATCH_CHANGED, "/a", from) + 1;
        assert_true(from != NOWHERE + 1 && from <= index_of_reply(p, r->tag));
    }
}

void test_own_watch_before_reply(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct rota_operation set = op_set("/a", "y", -1);
    struct rota_operation create = op_create("/a/b", "y", ROTA_MODE_PERSISTENT);
    uint64_t tag;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    watch(p, op_get("/a", true));
    watch(p, op_children("/a", true));
    tag = peer_send(p, &set);
    peer_await(p, tag);
    assert_true(index_of_watch(p, ROTA_WATCH_CHANGED, "/a", 0) < index_of_reply(p, tag));
    tag = peer_send_multi(p, &create, 1);
    peer_await(p, tag);
    assert_true(index_of_watch(p, ROTA_WATCH_CHILD, "/a", 0) < index_of_reply(p, tag));
}

void test_watch_of_failed_read(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);

    do_refused(p, op_get("/a", true), ROTA_ERR_NO_NODE);
    do_refused(p, op_children("/a", true), ROTA_ERR_NO_NODE);
    do_create(q, "/a", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/a/b", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    assert_int_equal(count_watches(p), 0);
    do_refused(p, op_exists("/b", true), ROTA_ERR_NO_NODE);
    do_create(q, "/b", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    assert_int_equal(count_watches(p), 1);
}

void test_watch_once_a_path(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);

    do_create(q, "/a", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    watch(p, op_get("/a", true));
    watch(p, op_get("/a", true));
    watch(p, op_exists("/a", true));
    do_set(q, "/a", "y");
    settle(p);
    assert_int_equal(count_watches(p), 1);
    watch(p, op_get("/a", true));
    watch(p, op_children("/a", true));
    do_delete(q, "/a");
    settle(p);
    assert_int_equal(count_watches(p), 2);
    await_watch(p, ROTA_WATCH_DELETED, "/a", 0);
}

void test_watch_no_session(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    size_t from;

    do_create(p, "/a", "x", ROTA_MODE_PERSISTENT);
    watch(p, op_get("/a", true));
    watch(p, op_children("/a", true));
    do_refused(p, op_exists("/b", true), ROTA_ERR_NO_NODE);
    from = p->count;
    s->fixture->cut(s->world, 0);
    from = await_state(p, ROTA_SESSION_DISCONNECTED, from) + 1;
    s->fixture->heal(s->world, 0);
    await_state(p, ROTA_SESSION_CONNECTED, from);
    settle(p);
    assert_int_equal(count_watches(p), 0);
    assert_int_equal(index_of_state(p, ROTA_SESSION_DISCONNECTED, from), NOWHERE);
}

void test_watch_survives(struct stage *s)
{
    struct peer *p = peer_connect(s, 0);
    struct peer *q = peer_connect(s, 1);
    struct rota_operation get = op_get("/a", false);
    size_t from;
    size_t reply;

    do_create(q, "/a", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/b", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/gone", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/d", "x", ROTA_MODE_PERSISTENT);
    settle(p);
    watch(p, op_get("/a", true));
    watch(p, op_get("/b", true));
    watch(p, op_get("/gone", true));
    watch(p, op_children("/d", true));
    do_refused(p, op_exists("/new", true), ROTA_ERR_NO_NODE);
    s->fixture->cut(s->world, 0);
    from = await_state(p, ROTA_SESSION_DISCONNECTED, 0);
    do_set(q, "/a", "y");
    do_set(q, "/a", "z");
    do_delete(q, "/gone");
    do_create(q, "/d/x", "x", ROTA_MODE_PERSISTENT);
    do_create(q, "/new", "x", ROTA_MODE_PERSISTENT);
    s->fixture->heal(s->world, 0);
    from = await_state(p, ROTA_SESSION_CONNECTED, from);
    reply = index_of_reply(p, peer_do(p, &get)->tag);
    assert_in_range(index_of_watch(p, ROTA_WATCH_CHANGED, "/a", 0), from + 1, reply - 1);
    assert_in_range(index_of_watch(p, ROTA_WATCH_DELETED, "/gone", 0), from + 1, reply - 1);
    assert_in_range(index_of_watch(p, ROTA_WATCH_CHILD, "/d", 0), from + 1, reply - 1);
    assert_in_range(index_of_watch(p, ROTA_WATCH_CREATED, "/new", 0), from + 1, reply - 1);
    assert_int_equal(count_watches(p), 4);
    do_set(q, "/b", "y");
    await_watch(p, ROTA_WATCH_CHANGED, "/b", 0);
}
