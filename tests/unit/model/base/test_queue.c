/* Queues of records in an array. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/queue.h"

struct record {
    uint32_t number;
    uint32_t next;
};

struct line {
    struct rota_pool pool;
    struct rota_array records;
    struct rota_queue queue;
};

static struct rota_links links(const struct line *l)
{
    return (struct rota_links){&l->pool, &l->records, sizeof(struct record),
                               offsetof(struct record, next)};
}

static void line_open(struct line *l, uint32_t count)
{
    memset(l, 0, sizeof *l);
    rota_pool_init(&l->pool);
    for (uint32_t i = 0; i < count; i++)
        rota_array_push(&l->pool, &l->records, sizeof(struct record));
    for (uint32_t i = 0; i < count; i++)
        rota_queue_push(&l->queue, links(l), i);
}

/* Checks that the queue holds exactly these records in this order; UINT32_MAX ends them. */
static void expect_line(struct line *l, const uint32_t *expected)
{
    uint32_t i = l->queue.head;
    uint32_t length = 0;

    for (; *expected != UINT32_MAX; expected++, length++) {
        assert_int_equal(i, *expected + 1);
        i = rota_queue_next(links(l), i - 1);
    }
    assert_int_equal(i, 0);
    assert_int_equal(l->queue.length, length);
    rota_queue_check(&l->queue, links(l));
}

static void records_leave_in_the_order_they_came(void **state)
{
    struct line l;

    (void)state;
    line_open(&l, 3);
    expect_line(&l, (const uint32_t[]){0, 1, 2, UINT32_MAX});
    assert_int_equal(rota_queue_pop(&l.queue, links(&l)), 0);
    assert_int_equal(rota_queue_next(links(&l), 0), 0); /* a record outside has no link */
    rota_queue_push(&l.queue, links(&l), 0);
    expect_line(&l, (const uint32_t[]){1, 2, 0, UINT32_MAX});
    for (uint32_t i = 0; i < 3; i++)
        rota_queue_pop(&l.queue, links(&l));
    assert_int_equal(l.queue.tail, 0);
    rota_queue_push(&l.queue, links(&l), 2);
    expect_line(&l, (const uint32_t[]){2, UINT32_MAX});
    rota_pool_close(&l.pool);
}

static void a_record_is_removed_from_any_place(void **state)
{
    struct line l;

    (void)state;
    line_open(&l, 5);
    assert_true(rota_queue_remove(&l.queue, links(&l), 2)); /* the middle */
    assert_int_equal(rota_queue_next(links(&l), 2), 0);
    expect_line(&l, (const uint32_t[]){0, 1, 3, 4, UINT32_MAX});
    assert_true(rota_queue_remove(&l.queue, links(&l), 4)); /* the end */
    expect_line(&l, (const uint32_t[]){0, 1, 3, UINT32_MAX});
    assert_true(rota_queue_remove(&l.queue, links(&l), 0)); /* the beginning */
    expect_line(&l, (const uint32_t[]){1, 3, UINT32_MAX});
    assert_false(rota_queue_remove(&l.queue, links(&l), 2)); /* gone already */
    rota_queue_push(&l.queue, links(&l), 2);
    expect_line(&l, (const uint32_t[]){1, 3, 2, UINT32_MAX});
    assert_true(rota_queue_remove(&l.queue, links(&l), 1));
    assert_true(rota_queue_remove(&l.queue, links(&l), 3));
    assert_true(rota_queue_remove(&l.queue, links(&l), 2));
    expect_line(&l, (const uint32_t[]){UINT32_MAX});
    assert_false(rota_queue_remove(&l.queue, links(&l), 2));
    rota_pool_close(&l.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_leave_in_the_order_they_came),
        cmocka_unit_test(a_record_is_removed_from_any_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
