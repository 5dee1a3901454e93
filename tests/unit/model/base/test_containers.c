/* What a role keeps things in: the pool, and the map, the queue and the outbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"
#include "model/base/queue.h"

enum { MANY = 100000 };

/* ---- pool ---- */

static void pool_gives_zeroed_memory_that_survives_growth(void **state)
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

static void pool_reuses_what_was_given_back_zeroed(void **state)
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
    rota_pool_give(&p, 0, 100); /* no place: nothing to give */
    assert_int_equal(p.live, 0);
    assert_int_equal(rota_pool_take(&p, 128), b); /* the same power of two */
    assert_int_equal(rota_pool_take(&p, 65), a);
    assert_int_equal(p.used, used);
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(((uint8_t *)rota_pool_at(&p, b))[i], 0);
    rota_pool_close(&p);
}

/* States that were reached the same way are the same bytes: a world is identified by hashing them.
 */
static void pool_is_canonical_and_copies_whole(void **state)
{
    struct rota_pool p, q, copy;

    (void)state;
    rota_pool_init(&p);
    rota_pool_init(&q);
    rota_pool_init(&copy);
    rota_pool_copy(&copy, &p); /* an empty one, too */
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

static void array_grows_and_is_given_back(void **state)
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
    rota_array_clear(&p, &a, sizeof(uint32_t));
    assert_int_equal(p.live, 0);
    assert_int_equal(a.length, 0);
    rota_array_clear(&p, &a, sizeof(uint32_t)); /* an empty one, too */
    rota_text_give(&p, 0);
    rota_pool_close(&p);
}

/* ---- map ---- */

static const char *name_of(char text[24], uint32_t i)
{
    snprintf(text, 24, "task-%u", i);
    return text;
}

/* Every name is found at every time although half of them leave while others come. */
static void map_keeps_many_names_through_churn(void **state)
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
    assert_true(m.capacity <= 8192); /* what left takes no room for ever */
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(rota_map_get(&p, &m, name_of(text, i)),
                         i < MANY - 1000 ? ROTA_MAP_NONE : i);
    rota_map_remove(&p, &m, "never put");
    rota_map_clear(&p, &m);
    assert_int_equal(p.live, 0);
    assert_int_equal(rota_map_get(&p, &m, "task-1"), ROTA_MAP_NONE);
    rota_pool_close(&p);
}

static void map_put_again_changes_the_value_and_keeps_the_name(void **state)
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

/* ---- queue ---- */

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

/* Whether the queue holds exactly these, in this order, ended by UINT32_MAX. */
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
}

static void queue_is_first_in_first_out(void **state)
{
    struct line l;

    (void)state;
    line_open(&l, 3);
    expect_line(&l, (const uint32_t[]){0, 1, 2, UINT32_MAX});
    assert_int_equal(rota_queue_pop(&l.queue, links(&l)), 0);
    rota_queue_push(&l.queue, links(&l), 0);
    expect_line(&l, (const uint32_t[]){1, 2, 0, UINT32_MAX});
    for (uint32_t i = 0; i < 3; i++)
        rota_queue_pop(&l.queue, links(&l));
    assert_int_equal(l.queue.tail, 0);
    rota_queue_push(&l.queue, links(&l), 2);
    expect_line(&l, (const uint32_t[]){2, UINT32_MAX});
    rota_pool_close(&l.pool);
}

static void queue_loses_a_record_from_anywhere(void **state)
{
    struct line l;

    (void)state;
    line_open(&l, 5);
    assert_true(rota_queue_remove(&l.queue, links(&l), 2)); /* the middle */
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

/* ---- outbox ---- */

static void outbox_holds_actions_and_what_they_point_to(void **state)
{
    struct rota_outbox o;
    const char *texts[5000];

    (void)state;
    rota_outbox_init(&o);
    for (int i = 0; i < 5000; i++) { /* many blocks: none of them moves */
        texts[i] = rota_outbox_text(&o, "text number %d", i);
        rota_outbox_add(&o, ROTA_ACTION_NOTE)->note.name = texts[i];
    }
    assert_int_equal(o.length, 5000);
    for (int i = 0; i < 5000; i++) {
        char expected[32];

        snprintf(expected, sizeof expected, "text number %d", i);
        assert_string_equal(o.actions[i].note.name, expected);
    }
    rota_outbox_reset(&o);
    assert_int_equal(o.length, 0);
    rota_outbox_reset(&o);
    rota_outbox_close(&o);
}

static void outbox_takes_blocks_larger_than_its_own(void **state)
{
    struct rota_outbox o;
    uint8_t *small, *big;

    (void)state;
    rota_outbox_init(&o);
    small = rota_outbox_take(&o, 10);
    memset(small, 0xcd, 10);
    big = rota_outbox_take(&o, 2000000);
    assert_int_equal(big[0], 0);
    assert_int_equal(big[1999999], 0);
    memset(big, 0xef, 2000000);
    assert_int_equal(small[9], 0xcd);
    rota_outbox_reset(
        &o); /* large blocks are given back, one small one is kept, zeroed on taking */
    small = rota_outbox_take(&o, 10);
    assert_int_equal(small[9], 0);
    assert_int_equal((uintptr_t)rota_outbox_take(&o, 0) % _Alignof(max_align_t), 0);
    rota_outbox_close(&o);
}

static void outbox_wakes_at_the_earliest_time(void **state)
{
    struct rota_outbox o;

    (void)state;
    rota_outbox_init(&o);
    assert_true(o.wake == ROTA_NEVER);
    rota_outbox_wake(&o, 50);
    rota_outbox_wake(&o, 70);
    assert_int_equal(o.wake, 50);
    rota_outbox_wake(&o, 20);
    assert_int_equal(o.wake, 20);
    rota_outbox_reset(&o);
    assert_true(o.wake == ROTA_NEVER);
    rota_outbox_note(&o, ROTA_NOTE_ASSIGNED, "t", "w", 1, 2, 3);
    assert_int_equal(o.actions[0].kind, ROTA_ACTION_NOTE);
    assert_string_equal(o.actions[0].note.other, "w");
    assert_int_equal(o.actions[0].note.c, 3);
    rota_outbox_close(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_gives_zeroed_memory_that_survives_growth),
        cmocka_unit_test(pool_reuses_what_was_given_back_zeroed),
        cmocka_unit_test(pool_is_canonical_and_copies_whole),
        cmocka_unit_test(array_grows_and_is_given_back),
        cmocka_unit_test(map_keeps_many_names_through_churn),
        cmocka_unit_test(map_put_again_changes_the_value_and_keeps_the_name),
        cmocka_unit_test(queue_is_first_in_first_out),
        cmocka_unit_test(queue_loses_a_record_from_anywhere),
        cmocka_unit_test(outbox_holds_actions_and_what_they_point_to),
        cmocka_unit_test(outbox_takes_blocks_larger_than_its_own),
        cmocka_unit_test(outbox_wakes_at_the_earliest_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
