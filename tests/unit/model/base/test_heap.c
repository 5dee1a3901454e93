/* The binary heap: the order in which elements leave, in a pool and outside of one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/base/heap.h"

enum { MANY = 2000 };

struct element {
    int64_t key;
    uint32_t order; /* of its arrival */
    uint32_t filling;
};

static bool key_before(const void *a, const void *b)
{
    const struct element *one = a, *other = b;

    return one->key < other->key;
}

static bool order_before(const void *a, const void *b)
{
    const struct element *one = a, *other = b;

    return one->key != other->key ? one->key < other->key : one->order < other->order;
}

/* A fixed sequence of numbers that looks like chance. */
static uint32_t next_number(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct rota_heap heap_of(struct element *elements, uint32_t length)
{
    return (struct rota_heap){elements, length, sizeof *elements, order_before};
}

static void elements_leave_in_order_and_equal_ones_by_arrival(void **state)
{
    struct element elements[MANY];
    struct element last = {INT64_MIN, 0, 0};
    uint32_t length = 0;
    uint32_t seed = 1;

    (void)state;
    while (length < MANY) {
        elements[length] = (struct element){next_number(&seed) % 50, length, 0};
        length++;
        rota_heap_rise(heap_of(elements, length), length - 1);
    }
    rota_heap_check(heap_of(elements, length));
    for (; length > 0; length--) {
        assert_true(order_before(&last, &elements[0]));
        last = elements[0];
        rota_heap_remove_first(heap_of(elements, length));
        if (length % 100 == 0)
            rota_heap_check(heap_of(elements, length - 1));
    }
}

/* Puts and takes in turn, against a search of the whole array. */
static void the_first_is_the_least_after_any_sequence_of_calls(void **state)
{
    struct element elements[MANY];
    uint32_t length = 0;
    uint32_t seed = 7;

    (void)state;
    for (uint32_t step = 0; step < MANY; step++) {
        if (length > 0 && next_number(&seed) % 3 == 0) {
            rota_heap_remove_first(heap_of(elements, length--));
        } else {
            elements[length++] = (struct element){next_number(&seed) % 1000, step, 0};
            rota_heap_rise(heap_of(elements, length), length - 1);
        }
        for (uint32_t i = 1; i < length; i++)
            assert_true(order_before(&elements[0], &elements[i]));
    }
}

static void any_array_is_put_in_order(void **state)
{
    struct element elements[MANY];
    uint32_t seed = 3;

    (void)state;
    for (uint32_t length = 0; length < 40; length++) {
        for (uint32_t i = 0; i < length; i++)
            elements[i] = (struct element){next_number(&seed) % 10, i, 0};
        rota_heap_order(heap_of(elements, length));
        rota_heap_check(heap_of(elements, length));
    }
}

static void a_pool_s_array_is_a_heap_too(void **state)
{
    struct rota_pool pool;
    struct rota_array array = {0};

    (void)state;
    rota_pool_init(&pool);
    rota_heap_check(rota_heap_of(&pool, &array, sizeof(struct element), key_before));
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t at = rota_array_push(&pool, &array, sizeof(struct element));
        struct element *e = rota_array_at(&pool, &array, at, sizeof *e);

        *e = (struct element){(i * 37) % 100, i, 0};
        rota_heap_rise(rota_heap_of(&pool, &array, sizeof *e, key_before), at);
    }
    for (int64_t key = 0; key < 100; key++) {
        const struct element *first = rota_array_at(&pool, &array, 0, sizeof *first);

        assert_int_equal(first->key, key);
        rota_heap_remove_first(rota_heap_of(&pool, &array, sizeof *first, key_before));
        array.length--;
    }
    rota_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_leave_in_order_and_equal_ones_by_arrival),
        cmocka_unit_test(the_first_is_the_least_after_any_sequence_of_calls),
        cmocka_unit_test(any_array_is_put_in_order),
        cmocka_unit_test(a_pool_s_array_is_a_heap_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
