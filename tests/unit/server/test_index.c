/* The index: many random puts and removals, compared with an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/index.h"

enum { NUMBERS = 200, STEPS = 20000 };

static uint64_t number_of(uint32_t i)
{
    return i % 2 == 0 ? i : UINT64_C(0x100000000000000) + ((uint64_t)i << 16);
}

static void check_all(const struct rota_pool *p, const struct rota_index *x,
                      const rota_ref expected[NUMBERS])
{
    uint32_t present = 0, cells = 0;

    for (uint32_t i = 0; i < NUMBERS; i++) {
        assert_int_equal(rota_index_get(p, x, number_of(i)), expected[i]);
        present += expected[i] != 0;
    }
    for (uint32_t i = 0; i < x->capacity; i++)
        cells += rota_index_cell(p, x, i) != 0;
    assert_int_equal(x->length, present);
    assert_int_equal(cells, present);
}

static void index_holds_what_was_put(void **state)
{
    struct rota_pool p;
    struct rota_index x = {0};
    rota_ref expected[NUMBERS] = {0};
    uint64_t random = 1;

    (void)state;
    rota_pool_init(&p);
    assert_int_equal(rota_index_get(&p, &x, 1), 0);
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t i;

        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        i = (uint32_t)(random >> 33) % NUMBERS;
        if (expected[i] == 0)
            rota_index_put(&p, &x, number_of(i), expected[i] = step + 1);
        else
            rota_index_remove(&p, &x, number_of(i)), expected[i] = 0;
        if (step % 50 == 0)
            check_all(&p, &x, expected);
    }
    check_all(&p, &x, expected);
    rota_pool_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(index_holds_what_was_put)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
