/* The map from names to numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/base/hash.h"
#include "model/base/map.h"

enum { MANY = 100000 };

static const char *name_of(char text[24], uint32_t i)
{
    snprintf(text, 24, "task-%u", i);
    return text;
}

static void names_are_found_while_others_come_and_go(void **state)
{
    struct rota_pool p;
    struct rota_map m = {0};
    char text[24];

    (void)state;
    rota_pool_init(&p);
    assert_int_equal(rota_map_get(&p, &m, "x"), ROTA_MAP_NONE);
    rota_map_remove(&p, &m, "x");
    for (uint32_t i = 0; i < MANY; i++) {
        rota_ref ref = rota_map_put(&p, &m, name_of(text, i), i);

        assert_string_equal(rota_pool_at(&p, ref), text);
        if (i >= 1000)
            rota_map_remove(&p, &m, name_of(text, i - 1000));
    }
    assert_int_equal(m.length, 1000);
    assert_true(m.capacity <= 8192); /* removed names take no room */
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(rota_map_get(&p, &m, name_of(text, i)),
                         i < MANY - 1000 ? ROTA_MAP_NONE : i);
    rota_map_remove(&p, &m, "never put");
    rota_map_clear(&p, &m);
    assert_int_equal(p.live, 0);
    assert_int_equal(rota_map_get(&p, &m, "task-1"), ROTA_MAP_NONE);
    rota_pool_close(&p);
}

static void putting_a_name_again_changes_only_its_value(void **state)
{
    struct rota_pool p;
    struct rota_map m = {0};
    rota_ref ref;

    (void)state;
    rota_pool_init(&p);
    ref = rota_map_put(&p, &m, "a", 1);
    assert_int_equal(rota_map_put(&p, &m, "a", 2), ref);
    assert_int_equal(rota_map_get(&p, &m, "a"), 2);
    assert_int_equal(m.length, 1);
    rota_map_put(&p, &m, "", 3); /* the empty name is a name */
    assert_int_equal(rota_map_get(&p, &m, ""), 3);
    rota_map_remove(&p, &m, "a");
    assert_int_equal(rota_map_get(&p, &m, "a"), ROTA_MAP_NONE);
    rota_map_clear(&p, &m);
    rota_pool_close(&p);
}

/* The map compares 32 bits of a hash before it compares names. */
static void names_with_the_same_hash_are_two(void **state)
{
    static const char one[] = "task-24358", other[] = "task-46676";
    struct rota_pool p;
    struct rota_map m = {0};

    (void)state;
    assert_int_equal((uint32_t)rota_hash_text(one), (uint32_t)rota_hash_text(other));
    rota_pool_init(&p);
    rota_map_put(&p, &m, one, 1);
    assert_int_equal(rota_map_get(&p, &m, other), ROTA_MAP_NONE);
    rota_map_put(&p, &m, other, 2);
    assert_int_equal(rota_map_get(&p, &m, one), 1);
    rota_map_remove(&p, &m, one);
    assert_int_equal(rota_map_get(&p, &m, other), 2);
    rota_map_clear(&p, &m);
    rota_pool_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_while_others_come_and_go),
        cmocka_unit_test(putting_a_name_again_changes_only_its_value),
        cmocka_unit_test(names_with_the_same_hash_are_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
