/* The paths of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/tree/path.h"

static int setup(void **state)
{
    struct rota_outbox *o = malloc(sizeof *o);

    rota_outbox_init(o);
    *state = o;
    return 0;
}

static int teardown(void **state)
{
    rota_outbox_close(*state);
    free(*state);
    return 0;
}

static void each_object_has_its_path(void **state)
{
    assert_string_equal(rota_path_worker(*state, "w"), "/workers/w");
    assert_string_equal(rota_path_assign(*state, "w"), "/assign/w");
    assert_string_equal(rota_path_assignment(*state, "w", "t"), "/assign/w/t");
    assert_string_equal(rota_path_task(*state, "t"), "/tasks/t");
    assert_string_equal(rota_path_status(*state, "t"), "/tasks/t/status");
    assert_string_equal(rota_path_retry(*state, "t"), "/retry/t");
    assert_string_equal(rota_path_below("/tasks/t", "/tasks"), "t");
    assert_string_equal(rota_path_below("/assign/w/t", "/assign/w"), "t");
    assert_null(rota_path_below("/tasks", "/tasks"));
    assert_null(rota_path_below("/tasksx/t", "/tasks"));
    assert_null(rota_path_below("/other/t", "/tasks"));
}

static void the_tree_is_listed_parents_first(void **state)
{
    uint32_t count;
    const char *const *tree = rota_path_tree(&count);

    (void)state;
    assert_true(count >= 10);
    assert_string_equal(tree[0], ROTA_PATH_EPOCH);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++) {
            assert_string_not_equal(tree[i], tree[k]);
            assert_null(rota_path_below(tree[k], tree[i]));
        }
}

static void a_name_is_one_element_of_a_path(void **state)
{
    assert_true(rota_path_name_valid(*state, "t 1"));
    assert_true(rota_path_name_valid(*state, "..."));
    assert_false(rota_path_name_valid(*state, ""));
    assert_false(rota_path_name_valid(*state, "a/b"));
    assert_false(rota_path_name_valid(*state, ".."));
    assert_false(rota_path_name_valid(*state, "a\x01"));
    assert_true(rota_path_name_valid(*state, "\xc3\xa4"));
    assert_false(rota_path_name_valid(*state, "a\xff"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_object_has_its_path, setup, teardown),
        cmocka_unit_test_setup_teardown(the_tree_is_listed_parents_first, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_is_one_element_of_a_path, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
