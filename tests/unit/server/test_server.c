/* Sessions and connections (S66-S74), and the functions for several servers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "system/memory.h"
#include "tests/unit/server/server_bench.h"

#define PERSISTENT ROTA_MODE_PERSISTENT
#define EPHEMERAL  ROTA_MODE_EPHEMERAL

static int setup(void **state)
{
    struct bench *b = rota_memory_zeroed(1, sizeof *b);

    bench_open(b, 1);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    free(*state);
    return 0;
}

static struct rota_operation op_close(void)
{
    return (struct rota_operation){.op = ROTA_OP_CLOSE};
}

static uint32_t negotiated(struct bench *b, uint64_t c, uint32_t timeout_ms)
{
    struct rota_connect connect = {.timeout_ms = timeout_ms};
    struct rota_session_grant grant = {0};

    rota_server_connect(b->server, c, &connect, 0, &grant);
    return grant.timeout_ms;
}

/* S66 */
static void timeout_is_between_2_and_20_ticks(void **state)
{
    struct bench *b = *state;

    assert_int_equal(negotiated(b, 1, 50), 4000);
    assert_int_equal(negotiated(b, 2, 999999), 40000);
    assert_int_equal(negotiated(b, 3, 10000), 10000);
}

/* S4 */
static void session_opens_and_closes_with_one_zxid_each(void **state)
{
    struct bench *b = *state;
    struct rota_connect connect = {.timeout_ms = 10000};
    struct rota_session_grant grant;

    rota_server_connect(b->server, 1, &connect, 0, &grant);
    bench_create(b, 1, "/e", EPHEMERAL);
    bench_request(b, 1, op_close());
    bench_expect(b, "#1 session opened\n#2 +/e\nc1 OK /e\n#3 closed -/e\nc1 OK\n");
    assert_int_equal(rota_server_session_count(b->server), 0);
    assert_int_equal(rota_server_session_of(b->server, 1), 0);
    assert_int_equal(bench_create(b, 1, "/x", PERSISTENT), INT32_MAX); /* no reply */
}

/* S67: later than the timeout by at most a tick, at the end of a bucket */
static void session_expires_at_the_end_of_its_bucket(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant;

    b->now_ms = 1500;
    grant = bench_connect(b, 1);
    bench_create(b, 1, "/e", EPHEMERAL);
    assert_int_equal(rota_server_next_expiry(b->server), 12000);
    assert_true(rota_server_touch(b->server, grant.client_id.id, 2000));
    assert_int_equal(rota_server_expire_due(b->server, 13999), 0);
    assert_int_equal(rota_server_next_expiry(b->server), 14000);
    bench_clear(b);
    assert_int_equal(rota_server_expire_due(b->server, 14000), 1);
    bench_expect(b, "#3 expired -/e\nc1 cut\n");
    assert_int_equal(rota_server_next_expiry(b->server), INT64_MAX);
    assert_false(rota_server_touch(b->server, grant.client_id.id, 14000));
}

/* S67: any request is a touch */
static void request_keeps_the_session_alive(void **state)
{
    struct bench *b = *state;
    struct rota_session_view view;

    bench_connect(b, 1);
    b->now_ms = 5000;
    bench_read(b, 1, ROTA_OP_EXISTS, "/", false);
    assert_true(rota_server_session(b->server, rota_server_session_of(b->server, 1), &view));
    assert_int_equal(view.due_ms, 16000);
    assert_int_equal(view.connection, 1);
    assert_int_equal(view.timeout_ms, 10000);
}

/* S67, S69: in no order, each with its own zxid */
static void paused_server_then_expires_all_sessions_at_once(void **state)
{
    struct bench *b = *state;

    for (uint64_t c = 1; c <= 5; c++) {
        char path[16];

        bench_connect(b, c);
        snprintf(path, sizeof path, "/e%d", (int)c);
        bench_create(b, c, path, EPHEMERAL);
    }
    bench_clear(b);
    assert_int_equal(rota_server_expire_due(b->server, 1000000), 5);
    assert_int_equal(rota_server_last_zxid(b->server), 15);
    assert_int_equal(rota_server_tree(b->server)->count, 4);
    assert_non_null(strstr(b->log, "#15 expired"));
}

/* S68, S70 */
static void session_outlives_its_connection(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant = bench_connect(b, 1), again;
    struct rota_connect connect = {.client_id = grant.client_id, .timeout_ms = 10000};

    bench_create(b, 1, "/e", EPHEMERAL);
    rota_server_disconnect(b->server, 1);
    assert_true(rota_tree_find(rota_server_tree(b->server), "/e") != 0);
    bench_clear(b);
    assert_int_equal(rota_server_connect(b->server, 2, &connect, 0, &again), ROTA_CONNECT_ACCEPTED);
    bench_expect(b, ""); /* S2: no zxid */
    assert_memory_equal(&again.client_id, &grant.client_id, sizeof grant.client_id);
    assert_int_equal(rota_server_session_of(b->server, 2), grant.client_id.id);
    rota_server_expire(b->server, grant.client_id.id, 0);
    assert_int_equal(rota_server_connect(b->server, 3, &connect, 0, &again), ROTA_CONNECT_EXPIRED);
}

/* S70 */
static void wrong_password_is_refused(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant = bench_connect(b, 1), other = bench_connect(b, 2);
    struct rota_connect connect = {.client_id = grant.client_id, .timeout_ms = 10000};

    assert_memory_not_equal(grant.client_id.password, other.client_id.password, 16);
    connect.client_id.password[3] ^= 1;
    assert_int_equal(rota_server_connect(b->server, 3, &connect, 0, &other), ROTA_CONNECT_EXPIRED);
    assert_int_equal(rota_server_session_of(b->server, 3), 0);
    assert_true(rota_server_touch(b->server, grant.client_id.id, 0));
}

/* S71 */
static void take_over_cuts_the_former_connection(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant = bench_connect(b, 1), again;
    struct rota_connect connect = {.client_id = grant.client_id, .timeout_ms = 4000};

    bench_read(b, 1, ROTA_OP_GET, "/", true);
    bench_clear(b);
    assert_int_equal(rota_server_connect(b->server, 2, &connect, 0, &again), ROTA_CONNECT_ACCEPTED);
    bench_expect(b, "c1 cut\n");
    assert_int_equal(again.timeout_ms, 4000);
    assert_int_equal(rota_server_watch_count(b->server), 0);
    assert_int_equal(rota_server_session_of(b->server, 1), 0);
    rota_server_disconnect(b->server, 1); /* no error, and no effect on the new connection */
    assert_int_equal(rota_server_session_of(b->server, 2), grant.client_id.id);
}

/* S72 */
static void client_that_has_seen_more_is_cut(void **state)
{
    struct bench *b = *state;
    struct rota_connect connect = {.timeout_ms = 10000, .last_zxid = 2};
    struct rota_session_grant grant = bench_connect(b, 1);

    assert_int_equal(rota_server_connect(b->server, 2, &connect, 0, &grant), ROTA_CONNECT_CLOSED);
    bench_expect(b, "");
    connect.last_zxid = 1;
    assert_int_equal(rota_server_connect(b->server, 2, &connect, 0, &grant), ROTA_CONNECT_ACCEPTED);
}

/* S73 */
static void restart_keeps_sessions_but_not_connections(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant = bench_connect(b, 1);
    struct rota_server *before = b->server;
    struct rota_connect connect = {.client_id = grant.client_id, .timeout_ms = 10000};

    bench_create(b, 1, "/e", EPHEMERAL);
    bench_read(b, 1, ROTA_OP_GET, "/e", true);
    b->server = rota_server_copy(before, 0, &bench_sink, b);
    rota_server_close(before);
    assert_int_equal(rota_server_last_zxid(b->server), 2);
    assert_int_equal(rota_server_watch_count(b->server), 0);
    assert_int_equal(rota_server_session_of(b->server, 1), 0);
    assert_int_equal(rota_server_connect(b->server, 1, &connect, 0, &grant), ROTA_CONNECT_ACCEPTED);
    assert_true(bench_connect(b, 2).client_id.id > grant.client_id.id);
    bench_request(b, 1, op_close());
    bench_expect(b, "#4 closed -/e\nc1 OK\n");
}

/* S74 */
static void write_of_an_ended_session_is_refused(void **state)
{
    struct bench *b = *state;
    struct rota_session_grant grant = bench_connect(b, 1);
    struct rota_operation ops[] = {op_create("/x", EPHEMERAL)};
    struct rota_request write = {.operation = op_create("/e", EPHEMERAL)};
    struct rota_request multi = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = ops, .operation_count = 1};

    rota_server_write(b->server, 77, grant.client_id.id, NULL, &write, 0);
    bench_expect(b, "#2 +/e\nc77 OK /e\n");
    rota_server_expire(b->server, grant.client_id.id, 0);
    bench_clear(b);
    rota_server_write(b->server, 77, grant.client_id.id, NULL, &write, 0);
    bench_expect(b, "#4 refused SESSION_EXPIRED\nc77 SESSION_EXPIRED\n");
    rota_server_write(b->server, 77, grant.client_id.id, NULL, &multi, 0);
    bench_expect(b, "#5 refused SESSION_EXPIRED\nc77 SESSION_EXPIRED\n");
    write.operation = op_close();
    rota_server_write(b->server, 77, grant.client_id.id, NULL, &write, 0);
    bench_expect(b, "c77 SESSION_EXPIRED\n");
}

/* S5, S69 */
static void new_leader_counts_from_its_epoch_and_renews_all_sessions(void **state)
{
    struct bench *b = *state;

    bench_connect(b, 1);
    rota_server_lead(b->server, 2, 9000);
    assert_int_equal(rota_server_next_expiry(b->server), 20000);
    bench_create(b, 1, "/a", PERSISTENT);
    assert_true(rota_server_last_zxid(b->server) == INT64_C(0x200000001));
}

/* S19 */
static void wall_clock_may_go_backwards(void **state)
{
    struct bench *b = *state;

    bench_connect(b, 1);
    bench_create(b, 1, "/a", PERSISTENT);
    rota_server_set_wall(b->server, 5000000);
    bench_set(b, 1, "/a", "", -1);
    assert_int_equal(b->stat.mtime_ms, 5000000);
    rota_server_set_wall(b->server, 4000000);
    bench_set(b, 1, "/a", "", -1);
    assert_int_equal(b->stat.mtime_ms, 4000000);
}

/* ---- two servers ---- */

struct pair {
    struct bench leader;
    struct bench replica;
    uint64_t random;
};

static void on_commit(void *context, const struct rota_commit *commit)
{
    struct pair *p = context;

    rota_server_apply(p->replica.server, commit, p->leader.now_ms);
}

static void on_nothing_reply(void *context, uint64_t c, const struct rota_reply *reply)
{
    (void)context, (void)c, (void)reply;
}

static void on_nothing_watch(void *context, uint64_t c, enum rota_watch_kind kind, const char *path)
{
    (void)context, (void)c, (void)kind, (void)path;
}

static void on_nothing_cut(void *context, uint64_t c)
{
    (void)context, (void)c;
}

static const struct rota_server_sink leading = {on_nothing_reply, on_nothing_watch, on_nothing_cut,
                                                on_commit};

static uint32_t draw(struct pair *p, uint32_t below)
{
    p->random = p->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(p->random >> 33) % below;
}

static struct rota_operation draw_operation(struct pair *p, char path[32])
{
    struct rota_operation o = {.path = path, .version = (int32_t)draw(p, 4) - 1};
    static const enum rota_op kinds[] = {ROTA_OP_CREATE, ROTA_OP_CREATE, ROTA_OP_DELETE,
                                         ROTA_OP_SET, ROTA_OP_CHECK};

    o.op = kinds[draw(p, 5)];
    o.mode = (enum rota_mode)draw(p, 5);
    o.data = (struct rota_bytes){"0123456789", (int32_t)draw(p, 12) - 1};
    if (o.op == ROTA_OP_DELETE)
        o.version = -1;
    if (draw(p, 3) == 0)
        snprintf(path, 32, "/%c", (char)('a' + draw(p, 3)));
    else
        snprintf(path, 32, "/%c/%c", (char)('a' + draw(p, 3)), (char)('a' + draw(p, 3)));
    return o;
}

static void random_write(struct pair *p, uint64_t connection)
{
    struct rota_operation ops[4];
    char paths[4][32];
    uint32_t count = draw(p, 4) == 0 ? 1 + draw(p, 4) : 0;
    struct rota_request r = {.operation = {.op = ROTA_OP_MULTI}, .operations = ops};

    for (uint32_t i = 0; i < count; i++)
        ops[i] = draw_operation(p, paths[i]);
    r.operation_count = count;
    if (count == 0)
        r.operation = draw_operation(p, paths[0]);
    rota_server_request(p->leader.server, connection, &r, p->leader.now_ms);
}

/* Whether two trees are the same except for the order of children. */
static void assert_same_tree(const struct rota_tree *a, const struct rota_tree *b)
{
    assert_int_equal(a->count, b->count);
    for (rota_ref n = a->root; n != 0; n = rota_tree_next(a, n)) {
        rota_ref m = rota_tree_find(b, rota_tree_path(a, n));
        struct rota_stat one = rota_tree_stat(a, n), other;
        struct rota_bytes bytes = rota_tree_data(a, n);

        assert_int_not_equal(m, 0);
        other = rota_tree_stat(b, m);
        assert_memory_equal(&one, &other, STAT_BYTES);
        assert_int_equal(bytes.length, rota_tree_data(b, m).length);
        if (bytes.length > 0)
            assert_memory_equal(bytes.data, rota_tree_data(b, m).data, (size_t)bytes.length);
    }
}

/* The commits alone produce the same tree: the sink receives every change. */
static void replica_that_applies_the_commits_is_the_same_tree(void **state)
{
    struct pair *p = rota_memory_zeroed(1, sizeof *p);

    (void)state;
    p->random = 42;
    bench_open(&p->replica, 2);
    p->leader.server = rota_server_open(&(struct rota_server_config){.seed = 1}, &leading, p);
    for (uint64_t step = 0; step < 20000; step++) {
        uint64_t c = 1 + draw(p, 3);
        struct rota_connect connect = {.timeout_ms = 10000};
        struct rota_session_grant grant;

        p->leader.now_ms++;
        if (rota_server_session_of(p->leader.server, c) == 0)
            rota_server_connect(p->leader.server, c, &connect, p->leader.now_ms, &grant);
        random_write(p, c);
        if (draw(p, 100) == 0)
            rota_server_expire(p->leader.server, rota_server_session_of(p->leader.server, c),
                               p->leader.now_ms);
        if (draw(p, 100) == 0)
            rota_server_reap(p->leader.server, p->leader.now_ms);
        if (step % 100 == 0)
            assert_same_tree(rota_server_tree(p->leader.server),
                             rota_server_tree(p->replica.server));
        assert_int_equal(rota_server_last_zxid(p->leader.server),
                         rota_server_last_zxid(p->replica.server));
    }
    bench_close(&p->leader);
    bench_close(&p->replica);
    free(p);
}

static void work_a_round(struct bench *b)
{
    struct rota_operation ops[] = {op_create("/r/x", PERSISTENT), op_delete("/r/x", -1),
                                   op_check("/r", 99)};
    char path[32];

    bench_connect(b, 1);
    bench_create(b, 1, "/r", PERSISTENT);
    for (int i = 0; i < 20; i++) {
        snprintf(path, sizeof path, "/r/%d", i);
        bench_read(b, 1, ROTA_OP_EXISTS, path, true);
        bench_create(b, 1, path, i % 2 == 0 ? EPHEMERAL : PERSISTENT);
        bench_read(b, 1, ROTA_OP_CHILDREN, path, true);
        bench_set(b, 1, path, "a text that needs some room", -1);
        if (i % 2 != 0)
            bench_delete(b, 1, path, -1);
        bench_clear(b);
    }
    bench_multi(b, 1, ops, 3);
    bench_multi(b, 1, ops, 2);
    bench_request(b, 1, op_close());
    bench_connect(b, 1);
    bench_delete(b, 1, "/r", -1);
    bench_request(b, 1, op_close());
}

static void memory_does_not_grow_with_work(void **state)
{
    struct bench *b = *state;
    uint64_t live = 0;

    for (int round = 0; round < 200; round++) {
        work_a_round(b);
        if (round == 100)
            live = rota_server_tree(b->server)->pool.live;
    }
    assert_int_equal(rota_server_tree(b->server)->count, 4);
    assert_in_range(rota_server_tree(b->server)->pool.live, live / 2, live * 2);
}

/* S94: connections of a replica are notified when the replica applies */
static void replica_notifies_its_own_watchers(void **state)
{
    struct bench *b = *state;
    struct rota_change change = {.op = ROTA_OP_SET, .path = "/", .data = {"x", 1}};
    struct rota_client_id id = {.id = 9};
    struct rota_connect connect = {.client_id = id, .timeout_ms = 10000};
    struct rota_session_grant grant;

    rota_server_apply(b->server,
                      &(struct rota_commit){.kind = ROTA_COMMIT_SESSION_OPENED,
                                            .zxid = 5,
                                            .session = 9,
                                            .client_id = id,
                                            .timeout_ms = 10000},
                      0);
    assert_int_equal(rota_server_connect(b->server, 1, &connect, 0, &grant), ROTA_CONNECT_ACCEPTED);
    bench_read(b, 1, ROTA_OP_GET, "/", true);
    bench_clear(b);
    rota_server_apply(b->server,
                      &(struct rota_commit){.zxid = 7, .changes = &change, .change_count = 1}, 0);
    bench_expect(b, "c1 CHANGED /\n");
    bench_read(b, 1, ROTA_OP_GET, "/", false);
    assert_int_equal(b->stat.mzxid, 7);
    bench_clear(b);
    rota_server_apply(
        b->server,
        &(struct rota_commit){.kind = ROTA_COMMIT_SESSION_CLOSED, .zxid = 8, .session = 9}, 0);
    bench_expect(b, "c1 cut\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(timeout_is_between_2_and_20_ticks),
        CASE(session_opens_and_closes_with_one_zxid_each),
        CASE(session_expires_at_the_end_of_its_bucket),
        CASE(request_keeps_the_session_alive),
        CASE(paused_server_then_expires_all_sessions_at_once),
        CASE(session_outlives_its_connection),
        CASE(wrong_password_is_refused),
        CASE(take_over_cuts_the_former_connection),
        CASE(client_that_has_seen_more_is_cut),
        CASE(restart_keeps_sessions_but_not_connections),
        CASE(write_of_an_ended_session_is_refused),
        CASE(new_leader_counts_from_its_epoch_and_renews_all_sessions),
        CASE(wall_clock_may_go_backwards),
        cmocka_unit_test(replica_that_applies_the_commits_is_the_same_tree),
        CASE(memory_does_not_grow_with_work),
        CASE(replica_notifies_its_own_watchers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
