/* The pool and the arrays in it. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/pool.h"

static void memory_is_zeroed_and_survives_growth(void **state)
{
    struct rota_pool p;
    rota_ref first, big;

    (void)state;
    rota_pool_init(&p);
    first = rota_pool_take(&p, 20);
    memset(rota_pool_at(&p, first), 0xab, 20);
    big = rota_pool_take(&p, 1000000); /* moves the block */
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(((uint8_t *)rota_pool_at(&p, first))[i], 0xab);
    for (size_t i = 0; i < 1000000; i++)
        assert_int_equal(((uint8_t *)rota_pool_at(&p, big))[i], 0);
    assert_int_equal((uintptr_t)rota_pool_at(&p, big) % 16, 0);
    rota_pool_close(&p);
}

static void memory_given_back_is_used_again_and_zeroed(void **state)
{
    struct rota_pool p;
    rota_ref a, b;
    uint64_t used;

    (void)state;
    rota_pool_init(&p);
    a = rota_pool_take(&p, 100);
    b = rota_pool_take(&p, 100);
    memset(rota_pool_at(&p, a), 1, 100);
    memset(rota_pool_at(&p, b), 1, 100);
    used = p.used;
    rota_pool_give(&p, a, 100);
    rota_pool_give(&p, b, 100);
    rota_pool_give(&p, 0, 100); /* 0 is no place */
    assert_int_equal(p.live, 0);
    assert_int_equal(rota_pool_take(&p, 128), b); /* the same power of two */
    assert_int_equal(rota_pool_take(&p, 65), a);
    assert_int_equal(p.used, used);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(((uint8_t *)rota_pool_at(&p, b))[i], 0);
    rota_pool_close(&p);
}

/* Equal sequences of calls lead to equal bytes, so a state is identified by hashing it. */
static void equal_histories_make_equal_bytes(void **state)
{
    struct rota_pool p, q, copy;

    (void)state;
    rota_pool_init(&p);
    rota_pool_init(&q);
    rota_pool_init(&copy);
    rota_pool_copy(&copy, &p); /* an empty pool too */
    assert_int_equal(copy.size, 0);
    for (int i = 0; i < 50; i++) {
        rota_ref a = rota_text_take(&p, "one text");
        rota_ref b = rota_text_take(&q, "one text");

        assert_int_equal(a, b);
        if (i % 3 == 0) {
            rota_text_give(&p, a);
            rota_text_give(&q, b);
        }
    }
    assert_int_equal(p.used, q.used);
    assert_memory_equal(p.base, q.base, p.used);
    assert_memory_equal(p.free, q.free, sizeof p.free);
    rota_pool_copy(&copy, &p);
    assert_memory_equal(copy.base, q.base, q.used);
    assert_ptr_not_equal(copy.base, p.base);
    rota_pool_close(&p);
    rota_pool_close(&q);
    rota_pool_close(&copy);
}

static void an_array_grows_and_is_given_back(void **state)
{
    struct rota_pool p;
    struct rota_array a = {0};

    (void)state;
    rota_pool_init(&p);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(rota_array_push(&p, &a, sizeof i), i);
        assert_int_equal(*(uint32_t *)rota_array_at(&p, &a, i, sizeof i), 0);
        *(uint32_t *)rota_array_at(&p, &a, i, sizeof i) = i * 7;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(*(uint32_t *)rota_array_at(&p, &a, i, sizeof i), i * 7);
    a.length -= 2; /* the owner removes elements by counting less */
    assert_int_equal(rota_array_push(&p, &a, sizeof(uint32_t)), 998);
    assert_int_equal(*(uint32_t *)rota_array_at(&p, &a, 998, sizeof(uint32_t)), 0);
    rota_array_clear(&p, &a, sizeof(uint32_t));
    assert_int_equal(p.live, 0);
    assert_int_equal(a.length, 0);
    rota_array_clear(&p, &a, sizeof(uint32_t)); /* an empty array too */
    rota_text_give(&p, 0);
    rota_pool_close(&p);
}

int main(void)
{
    mallopt(M_PERTURB, 0xa5); /* memory of malloc is not zero by chance */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_survives_growth),
        cmocka_unit_test(memory_given_back_is_used_again_and_zeroed),
        cmocka_unit_test(equal_histories_make_equal_bytes),
        cmocka_unit_test(an_array_grows_and_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
