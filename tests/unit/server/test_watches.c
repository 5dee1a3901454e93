/* Watch events and their order: rules S48-S62. */
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
    bench_connect(b, 1);
    bench_connect(b, 2);
    bench_create(b, 2, "/p", PERSISTENT);
    bench_create(b, 2, "/p/c", PERSISTENT);
    bench_clear(b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_close(*state);
    free(*state);
    return 0;
}

/* Sets a watch of connection 1. */
static void watch(struct bench *b, enum rota_op op, const char *path)
{
    bench_read(b, 1, op, path, true);
    bench_clear(b);
}

/* Compares the events that connection 1 has received from the requests of connection 2. */
static void expect_of_1(struct bench *b, const char *expected)
{
    char received[1024] = "";

    for (const char *line = b->log; *line != '\0';) {
        size_t n = strcspn(line, "\n") + 1;
        size_t used = strlen(received);

        if (strncmp(line, "c1 ", 3) == 0)
            snprintf(received + used, sizeof received - used, "%.*s", (int)n - 3, line + 3);
        line += n;
    }
    assert_string_equal(received, expected);
    bench_clear(b);
}

/* S48 */
static void watch_fires_once_however_often_it_was_set(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_EXISTS, "/p");
    assert_int_equal(rota_server_watch_count(b->server), 1);
    bench_set(b, 2, "/p", "1", -1);
    bench_set(b, 2, "/p", "2", -1);
    expect_of_1(b, "CHANGED /p\n");
    assert_int_equal(rota_server_watch_count(b->server), 0);
}

/* S49 */
static void create_fires_the_node_then_its_parent(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_EXISTS, "/p/new");
    watch(b, ROTA_OP_CHILDREN, "/p");
    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_CHILDREN, "/");
    bench_create(b, 2, "/p/new", PERSISTENT);
    expect_of_1(b, "CREATED /p/new\nCHILD /p\n");
    bench_create(b, 2, "/top", PERSISTENT);
    expect_of_1(b, "CHILD /\n");
    assert_int_equal(rota_server_watch_count(b->server), 1);
}

/* S49 */
static void set_fires_data_and_not_children(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_CHILDREN, "/p");
    watch(b, ROTA_OP_CHILDREN, "/p/c");
    watch(b, ROTA_OP_EXISTS, "/p/c");
    bench_set(b, 2, "/p/c", "", -1); /* the same data fires too */
    expect_of_1(b, "CHANGED /p/c\n");
}

/* S49: a connection is notified once of a deletion, whichever watches it had on the znode */
static void deletion_notifies_a_connection_once(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/p/c");
    watch(b, ROTA_OP_CHILDREN, "/p/c");
    watch(b, ROTA_OP_CHILDREN, "/p");
    bench_delete(b, 2, "/p/c", -1);
    expect_of_1(b, "DELETED /p/c\nCHILD /p\n");
    assert_int_equal(rota_server_watch_count(b->server), 0);
    bench_create(b, 2, "/p/c", PERSISTENT);
    watch(b, ROTA_OP_CHILDREN, "/p/c");
    bench_delete(b, 2, "/p/c", -1);
    expect_of_1(b, "DELETED /p/c\n");
    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_CHILDREN, "/p");
    bench_delete(b, 2, "/p", -1);
    expect_of_1(b, "DELETED /p\n");
}

/* S49: the data watch of one connection does not suppress the child watch of another */
static void deletion_notifies_every_connection(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/p/c");
    bench_connect(b, 3);
    bench_read(b, 3, ROTA_OP_CHILDREN, "/p/c", true);
    bench_clear(b);
    bench_delete(b, 2, "/p/c", -1);
    bench_expect(b, "#6 -/p/c\nc1 DELETED /p/c\nc3 DELETED /p/c\nc2 OK\n");
}

/* S49 */
static void refusals_and_access_lists_fire_nothing(void **state)
{
    struct bench *b = *state;
    struct rota_acl acl = {ROTA_PERM_ALL, "world", "anyone"};
    struct rota_operation fails[] = {op_set("/p", "x", -1), op_check("/p", 7)};

    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_CHILDREN, "/p");
    bench_request(
        b, 2,
        (struct rota_operation){
            .op = ROTA_OP_SET_ACL, .path = "/p", .version = -1, .acl = &acl, .acl_count = 1});
    bench_set(b, 2, "/p", "x", 7);
    bench_multi(b, 2, fails, 2);
    bench_delete(b, 2, "/p", -1);
    expect_of_1(b, "");
}

/* S50 */
static void failed_reads_set_no_watch_except_exists(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/none");
    watch(b, ROTA_OP_CHILDREN, "/none");
    assert_int_equal(rota_server_watch_count(b->server), 0);
    watch(b, ROTA_OP_EXISTS, "/none");
    assert_int_equal(rota_server_watch_count(b->server), 1);
    bench_create(b, 2, "/none", PERSISTENT);
    expect_of_1(b, "CREATED /none\n");
}

/* CVE-2024-23944, repaired in Debian's 3.8.0 */
static void connection_without_read_permission_is_not_notified(void **state)
{
    struct bench *b = *state;
    struct rota_acl nobody = {ROTA_PERM_ALL, "digest", "nobody:x"};
    struct rota_operation o = op_create("/p/secret", PERSISTENT);

    o.acl = &nobody;
    o.acl_count = 1;
    watch(b, ROTA_OP_EXISTS, "/p/secret");
    watch(b, ROTA_OP_CHILDREN, "/p");
    bench_request(b, 2, o);
    expect_of_1(b, "CHILD /p\n");
    watch(b, ROTA_OP_EXISTS, "/p/secret");
    bench_delete(b, 2, "/p/secret", -1);
    expect_of_1(b, "");
}

/* S54 */
static void own_events_come_before_the_own_reply(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/p");
    bench_set(b, 1, "/p", "x", -1);
    bench_expect(b, "#5 =/p\nc1 CHANGED /p\nc1 OK\n");
}

/* S45 */
static void multi_fires_the_watches_of_every_operation(void **state)
{
    struct bench *b = *state;
    struct rota_operation ops[] = {op_create("/p/x", PERSISTENT), op_delete("/p/x", -1),
                                   op_set("/p", "x", -1)};

    watch(b, ROTA_OP_EXISTS, "/p/x");
    watch(b, ROTA_OP_CHILDREN, "/p");
    watch(b, ROTA_OP_GET, "/p");
    bench_multi(b, 2, ops, 3);
    expect_of_1(b, "CREATED /p/x\nCHILD /p\nCHANGED /p\n");
}

/* S57, S68 */
static void lost_connection_loses_its_watches(void **state)
{
    struct bench *b = *state;

    watch(b, ROTA_OP_GET, "/p");
    watch(b, ROTA_OP_EXISTS, "/none");
    bench_read(b, 2, ROTA_OP_GET, "/p", true);
    bench_clear(b);
    rota_server_disconnect(b->server, 1);
    assert_int_equal(rota_server_watch_count(b->server), 1);
    bench_set(b, 2, "/p", "x", -1);
    bench_expect(b, "#5 =/p\nc2 CHANGED /p\nc2 OK\n");
    assert_int_equal(rota_server_session_count(b->server), 2);
}

static void set_watches(struct bench *b, int64_t zxid, const char *data, const char *exist,
                        const char *child)
{
    const char *const *paths[] = {&data, &exist, &child};
    struct rota_watch_paths lists[ROTA_WATCH_LISTS];

    for (int i = 0; i < ROTA_WATCH_LISTS; i++)
        lists[i] = (struct rota_watch_paths){paths[i], *paths[i] == NULL ? 0 : 1};
    rota_server_set_watches(b->server, 1, zxid, lists, b->now_ms);
}

/* S58 */
static void set_watches_fires_for_missed_changes(void **state)
{
    struct bench *b = *state;

    set_watches(b, 5, "/gone", NULL, NULL);
    bench_expect(b, "c1 DELETED /gone\n");
    set_watches(b, 5, NULL, NULL, "/gone");
    bench_expect(b, "c1 DELETED /gone\n");
    set_watches(b, 3, "/p/c", "/p", "/p");
    bench_expect(b, "c1 CHANGED /p/c\nc1 CREATED /p\n"
                    "c1 CHILD /p\n");
    assert_int_equal(rota_server_watch_count(b->server), 0);
}

/* S58 */
static void set_watches_sets_the_other_watches_again(void **state)
{
    struct bench *b = *state;

    set_watches(b, 5, "/p/c", "/p/none", "/p");
    bench_expect(b, "");
    assert_int_equal(rota_server_watch_count(b->server), 3);
    bench_create(b, 2, "/p/none", PERSISTENT);
    bench_set(b, 2, "/p/c", "x", -1);
    expect_of_1(b, "CREATED /p/none\nCHILD /p\nCHANGED /p/c\n");
}

/* S59: the packet has 28 bytes and, for each path, 4 bytes more than its length; its limit is that
 * of every request (S35) */
static void set_watches_too_large_cuts_the_connection(void **state)
{
    struct bench *b = *state;
    enum { LONG = 1045, LENGTH = 999, LAST = 408 }; /* 28 + 1045 * (4 + 999) + 4 + 408 = 1048575 */
    char path[LENGTH + 1], last[LAST + 2];
    const char *paths[LONG + 1];
    struct rota_watch_paths lists[ROTA_WATCH_LISTS] = {{NULL, 0}, {paths, LONG + 1}, {NULL, 0}};

    memset(path, 'x', sizeof path);
    memset(last, 'x', sizeof last);
    path[0] = last[0] = '/';
    path[LENGTH] = last[LAST] = '\0';
    for (int i = 0; i < LONG; i++)
        paths[i] = path;
    paths[LONG] = last;
    rota_server_set_watches(b->server, 1, 0, lists, 0);
    bench_expect(b, "");
    assert_int_equal(rota_server_watch_count(b->server), 2);
    last[LAST] = 'x';
    last[LAST + 1] = '\0';
    rota_server_set_watches(b->server, 1, 0, lists, 0);
    bench_expect(b, "c1 cut\n");
}

/* S62: the first deletion under a parent fires its watch, later ones find no watch */
static void end_of_a_session_fires_watches_of_its_ephemerals(void **state)
{
    struct bench *b = *state;
    char expected[128];

    bench_create(b, 2, "/p/e1", EPHEMERAL);
    bench_create(b, 2, "/p/e2", EPHEMERAL);
    watch(b, ROTA_OP_GET, "/p/e1");
    watch(b, ROTA_OP_GET, "/p/e2");
    watch(b, ROTA_OP_CHILDREN, "/p");
    bench_request(b, 2, (struct rota_operation){.op = ROTA_OP_CLOSE});
    snprintf(expected, sizeof expected, "DELETED /p/e%c\nCHILD /p\nDELETED /p/e%c\n",
             strstr(b->log, "DELETED /p/e")[12], strrchr(b->log, '/')[2]);
    expect_of_1(b, expected);
    assert_int_equal(rota_tree_stat(rota_server_tree(b->server),
                                    rota_tree_find(rota_server_tree(b->server), "/p"))
                         .pzxid,
                     rota_server_last_zxid(b->server));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(watch_fires_once_however_often_it_was_set),
        CASE(create_fires_the_node_then_its_parent),
        CASE(set_fires_data_and_not_children),
        CASE(deletion_notifies_a_connection_once),
        CASE(deletion_notifies_every_connection),
        CASE(refusals_and_access_lists_fire_nothing),
        CASE(failed_reads_set_no_watch_except_exists),
        CASE(connection_without_read_permission_is_not_notified),
        CASE(own_events_come_before_the_own_reply),
        CASE(multi_fires_the_watches_of_every_operation),
        CASE(lost_connection_loses_its_watches),
        CASE(set_watches_fires_for_missed_changes),
        CASE(set_watches_sets_the_other_watches_again),
        CASE(set_watches_too_large_cuts_the_connection),
        CASE(end_of_a_session_fires_watches_of_its_ephemerals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
