/* The slab: indexes that stay, records that are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/slab.h"

enum { MANY = 300 };

struct record {
    uint64_t value;
    uint32_t reuses;
    uint32_t next; /* the slab's while the record is free */
};

#define SHAPE sizeof(struct record), offsetof(struct record, next)

static struct record *at(const struct rota_pool *p, const struct rota_slab *s, uint32_t i)
{
    return rota_slab_at(p, s, i, sizeof(struct record));
}

static void a_record_keeps_its_index_and_what_is_in_it(void **state)
{
    struct rota_pool pool;
    struct rota_slab slab = {0};

    (void)state;
    rota_pool_init(&pool);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_int_equal(rota_slab_take(&pool, &slab, SHAPE), i);
        assert_int_equal(at(&pool, &slab, i)->value, 0);
        *at(&pool, &slab, i) = (struct record){.value = i, .next = UINT32_MAX};
    }
    assert_int_equal(slab.used, MANY);
    for (uint32_t i = 0; i < MANY; i += 2)
        rota_slab_give(&pool, &slab, i, SHAPE);
    for (uint32_t i = 1; i < MANY; i += 2)
        assert_int_equal(at(&pool, &slab, i)->value, i);
    rota_slab_check(&pool, &slab, SHAPE);
    rota_slab_clear(&pool, &slab, sizeof(struct record));
    assert_int_equal(pool.live, 0);
    rota_slab_check(&pool, &slab, SHAPE);
    rota_pool_close(&pool);
}

static void the_record_given_back_last_is_taken_first_and_is_zero(void **state)
{
    static const struct record zero;
    struct rota_pool pool;
    struct rota_slab slab = {0};

    (void)state;
    rota_pool_init(&pool);
    for (uint32_t i = 0; i < 4; i++) {
        rota_slab_take(&pool, &slab, SHAPE);
        memset(at(&pool, &slab, i), 0xff, sizeof(struct record));
    }
    rota_slab_give(&pool, &slab, 1, SHAPE);
    rota_slab_give(&pool, &slab, 3, SHAPE);
    rota_slab_check(&pool, &slab, SHAPE);
    assert_int_equal(rota_slab_take(&pool, &slab, SHAPE), 3);
    assert_memory_equal(at(&pool, &slab, 3), &zero, sizeof zero);
    assert_int_equal(rota_slab_take(&pool, &slab, SHAPE), 1);
    assert_memory_equal(at(&pool, &slab, 1), &zero, sizeof zero);
    assert_int_equal(rota_slab_take(&pool, &slab, SHAPE), 4);
    rota_pool_close(&pool);
}

static void an_owner_may_count_how_often_a_record_is_reused(void **state)
{
    struct rota_pool pool;
    struct rota_slab slab = {0};

    (void)state;
    rota_pool_init(&pool);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(rota_slab_take(&pool, &slab, SHAPE), 0);
        assert_int_equal(at(&pool, &slab, 0)->reuses, i);
        rota_slab_give(&pool, &slab, 0, SHAPE);
        at(&pool, &slab, 0)->reuses = i + 1;
    }
    assert_int_equal(slab.used, 0);
    rota_slab_check(&pool, &slab, SHAPE);
    rota_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_keeps_its_index_and_what_is_in_it),
        cmocka_unit_test(the_record_given_back_last_is_taken_first_and_is_zero),
        cmocka_unit_test(an_owner_may_count_how_often_a_record_is_reused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
