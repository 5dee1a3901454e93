/* The tree without a server: the znodes of a new tree, adding and detaching znodes, the order of
 * children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/java_text.h"
#include "server/tree.h"

static rota_ref add(struct rota_tree *t, const char *path, const char *data)
{
    char above[64];
    struct rota_bytes bytes = {data, data == NULL ? -1 : (int32_t)strlen(data)};

    snprintf(above, sizeof above, "%.*s", (int)(strrchr(path, '/') - path), path);
    return rota_tree_add(t, rota_tree_find(t, above), path, bytes, 7, 70);
}

/* S10 */
static void new_tree_has_the_znodes_of_a_new_server(void **state)
{
    struct rota_tree t;
    struct rota_stat stat;

    (void)state;
    rota_tree_init(&t, 1);
    assert_int_equal(t.count, 4);
    stat = rota_tree_stat(&t, rota_tree_find(&t, "/"));
    assert_int_equal(stat.cversion, -1);
    assert_int_equal(stat.num_children, 1);
    stat = rota_tree_stat(&t, rota_tree_find(&t, "/zookeeper"));
    assert_int_equal(stat.cversion, -2);
    assert_int_equal(stat.num_children, 2);
    assert_int_equal(stat.czxid, 0);
    stat = rota_tree_stat(&t, rota_tree_find(&t, "/zookeeper/quota"));
    assert_int_equal(stat.cversion, 0);
    assert_int_equal(stat.aversion, 0);
    stat = rota_tree_stat(&t, rota_tree_find(&t, "/zookeeper/config"));
    assert_int_equal(stat.aversion, -1);
    assert_true(rota_tree_find(&t, "") == t.root);
    rota_tree_close(&t);
}

/* S14, S21 */
static void added_node_is_found_with_its_data_and_stat(void **state)
{
    struct rota_tree t;
    struct rota_stat stat;
    rota_ref a;

    (void)state;
    rota_tree_init(&t, 1);
    a = add(&t, "/a", "text");
    add(&t, "/a/b", NULL);
    assert_int_equal(rota_tree_find(&t, "/a"), a);
    assert_string_equal(rota_tree_path(&t, rota_tree_find(&t, "/a/b")), "/a/b");
    assert_string_equal(rota_tree_name(&t, rota_tree_find(&t, "/a/b")), "b");
    assert_memory_equal(rota_tree_data(&t, a).data, "text", 4);
    stat = rota_tree_stat(&t, a);
    assert_int_equal(stat.czxid, 7);
    assert_int_equal(stat.mzxid, 7);
    assert_int_equal(stat.pzxid, 7);
    assert_int_equal(stat.mtime_ms, 70);
    assert_int_equal(stat.data_length, 4);
    assert_int_equal(stat.num_children, 1);
    assert_int_equal(rota_tree_find(&t, "/a/c"), 0);
    rota_tree_close(&t);
}

/* S33 */
static void no_data_is_not_empty_data(void **state)
{
    struct rota_tree t;

    (void)state;
    rota_tree_init(&t, 1);
    assert_int_equal(rota_tree_data(&t, add(&t, "/none", NULL)).length, -1);
    assert_int_equal(rota_tree_data(&t, add(&t, "/empty", "")).length, 0);
    assert_int_equal(rota_tree_stat(&t, rota_tree_find(&t, "/none")).data_length, 0);
    rota_tree_close(&t);
}

static void detached_node_can_be_attached_again(void **state)
{
    struct rota_tree t;
    rota_ref a;
    uint64_t live;

    (void)state;
    rota_tree_init(&t, 1);
    a = add(&t, "/a", "text");
    add(&t, "/b", "");
    rota_tree_detach(&t, a);
    assert_int_equal(rota_tree_find(&t, "/a"), 0);
    assert_int_equal(t.count, 5);
    assert_string_equal(rota_tree_path(&t, a), "/a");
    rota_tree_attach(&t, t.root, a);
    assert_int_equal(rota_tree_find(&t, "/a"), a);
    assert_memory_equal(rota_tree_data(&t, a).data, "text", 4);
    assert_int_equal(t.count, 6);
    rota_tree_detach(&t, a);
    rota_tree_free(&t, a);
    live = t.pool.live;
    for (int i = 0; i < 1000; i++) { /* only the map of paths keeps its memory */
        a = add(&t, "/a", "text");
        rota_tree_detach(&t, a);
        rota_tree_free(&t, a);
    }
    assert_in_range(t.pool.live, live, live + 1000);
    rota_tree_close(&t);
}

static void walk_visits_every_node_once_parents_first(void **state)
{
    struct rota_tree t;
    bool seen[64] = {0};
    uint32_t count = 0;

    (void)state;
    rota_tree_init(&t, 5);
    for (int i = 0; i < 20; i++) {
        char path[32];

        snprintf(path, sizeof path, i % 2 == 0 ? "/n%d" : "/n%d/m", i / 2 * 2);
        rota_tree_node(&t, add(&t, path, ""))->aversion = i;
    }
    for (rota_ref n = t.root; n != 0; n = rota_tree_next(&t, n)) {
        const char *path = rota_tree_path(&t, n);

        count++;
        if (strncmp(path, "/n", 2) != 0)
            continue;
        assert_false(seen[rota_tree_node(&t, n)->aversion]);
        seen[rota_tree_node(&t, n)->aversion] = true;
        if (rota_tree_node(&t, n)->aversion % 2 == 1)
            assert_true(seen[rota_tree_node(&t, n)->aversion - 1]);
    }
    assert_int_equal(count, t.count);
    rota_tree_close(&t);
}

enum { MANY = 50 };

/* Writes the children of /p, two digits each. */
static void order_of(uint64_t seed, char order[2 * MANY + 1])
{
    struct rota_tree t;
    rota_ref parent, child;

    rota_tree_init(&t, seed);
    parent = add(&t, "/p", "");
    for (int i = 0; i < MANY; i++) {
        char path[16];

        snprintf(path, sizeof path, "/p/%02d", i);
        add(&t, path, "");
    }
    memset(order, 0, 2 * MANY + 1);
    for (uint32_t i = 0; (child = rota_tree_child(&t, parent, i)) != 0; i++)
        snprintf(order + 2 * i, 3, "%s", rota_tree_name(&t, child));
    assert_int_equal(strlen(order), 2 * MANY);
    rota_tree_close(&t);
}

/* S37 */
static void order_of_children_depends_on_the_seed_and_is_not_sorted(void **state)
{
    char one[2 * MANY + 1], same[2 * MANY + 1], other[2 * MANY + 1];
    int rising = 0;

    (void)state;
    order_of(1, one);
    order_of(1, same);
    order_of(2, other);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    for (int i = 1; i < MANY; i++)
        rising += memcmp(one + 2 * i - 2, one + 2 * i, 2) < 0;
    assert_in_range(rising, MANY / 4, MANY * 3 / 4);
}

static void copy_is_another_tree(void **state)
{
    struct rota_tree t, copy;

    (void)state;
    rota_tree_init(&t, 1);
    rota_tree_init(&copy, 2);
    add(&t, "/a", "text");
    rota_tree_copy(&copy, &t);
    add(&t, "/b", "");
    assert_int_not_equal(rota_tree_find(&copy, "/a"), 0);
    assert_int_equal(rota_tree_find(&copy, "/b"), 0);
    assert_memory_equal(rota_tree_data(&copy, rota_tree_find(&copy, "/a")).data, "text", 4);
    rota_tree_close(&t);
    rota_tree_close(&copy);
}

static void access_list_is_stored_once(void **state)
{
    struct rota_tree t;
    struct rota_acl acl[] = {{ROTA_PERM_ALL, "world", "anyone"}, {ROTA_PERM_READ, "digest", "u:p"}};
    uint32_t both;

    (void)state;
    rota_tree_init(&t, 1);
    assert_int_equal(rota_tree_acl_put(&t, acl, 1), 0);
    both = rota_tree_acl_put(&t, acl, 2);
    assert_int_equal(rota_tree_acl_put(&t, acl, 2), both);
    assert_int_not_equal(rota_tree_acl_put(&t, acl + 1, 1), both);
    assert_int_equal(rota_tree_acl_count(&t, both), 2);
    assert_string_equal(rota_tree_acl(&t, both, 1).id, "u:p");
    rota_tree_close(&t);
}

/* S31: a character outside of the basic plane is stored as two surrogates, which a restart loses.
 */
static void surrogates_are_lost_by_a_reload(void **state)
{
    struct rota_acl acl[] = {{ROTA_PERM_ALL, "digest", "\xed\xa0\xbd\xed\xb8\x80:x"},
                             {ROTA_PERM_READ, "digest", "\xed\x9f\xbf\xee\x80\x80:\xed\xa0\x80"}};
    struct rota_tree t;
    uint32_t both;

    (void)state;
    rota_tree_init(&t, 1);
    both = rota_tree_acl_put(&t, acl, 2);
    rota_tree_acl_reload(&t);
    assert_string_equal(rota_tree_acl(&t, both, 0).id, "\xef\xbf\xbd\xef\xbf\xbd:x");
    assert_string_equal(rota_tree_acl(&t, both, 1).id, "\xed\x9f\xbf\xee\x80\x80:\xef\xbf\xbd");
    rota_tree_close(&t);
}

static void paths_that_a_server_accepts(void **state)
{
    static const char *const good[] = {"/",    "/a",        "/a/b",          "/..a", "/a..",
                                       "/...", "/\xc3\xa4", "/\xe2\x82\xac", "/a b"};
    static const char *const bad[] = {"",
                                      "a",
                                      "//",
                                      "/a/",
                                      "/a//b",
                                      "/.",
                                      "/a/../b",
                                      "/a/.",
                                      "/..",
                                      "/\x1f",
                                      "/\x7f",
                                      "/\xc2\x80",
                                      "/\xc2\x9f",
                                      "/\xef\xbf\xb0",
                                      "/\xee\x80\x80",
                                      "/\xf0\x9f\x98\x80",
                                      "/\xff",
                                      "/\xc3"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(rota_java_text_is_path(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (rota_java_text_is_path(bad[i]))
            fail_msg("path %zu was accepted: %s", i, bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_tree_has_the_znodes_of_a_new_server),
        cmocka_unit_test(added_node_is_found_with_its_data_and_stat),
        cmocka_unit_test(no_data_is_not_empty_data),
        cmocka_unit_test(detached_node_can_be_attached_again),
        cmocka_unit_test(walk_visits_every_node_once_parents_first),
        cmocka_unit_test(order_of_children_depends_on_the_seed_and_is_not_sorted),
        cmocka_unit_test(copy_is_another_tree),
        cmocka_unit_test(access_list_is_stored_once),
        cmocka_unit_test(surrogates_are_lost_by_a_reload),
        cmocka_unit_test(paths_that_a_server_accepts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
