/* The terms that a master keeps of a task, and how many tasks it reads at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/master/reads.h"
#include "model/master/terms.h"

struct bench {
    struct rota_master master;
    struct rota_pool mem;
    struct rota_outbox out;
    struct rota_master_context s;
};

static int bench_open(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    assert_non_null(b);
    rota_pool_init(&b->mem);
    rota_outbox_init(&b->out);
    b->s = (struct rota_master_context){&b->master, &b->mem, &b->out, 0};
    *state = b;
    return 0;
}

static int bench_close(void **state)
{
    struct bench *b = *state;

    rota_pool_close(&b->mem);
    rota_outbox_close(&b->out);
    free(b);
    return 0;
}

/* The terms of a task that was created at 1000000 ms. */
static struct rota_master_terms terms_of(struct bench *b, const char *payload)
{
    const struct rota_reply r = {.data = {payload, (int32_t)strlen(payload)},
                                 .stat = {.ctime_ms = 1000000}};
    struct rota_master_terms terms;
    rota_ref ref;

    assert_null(rota_master_terms_read(&b->s, &r, &ref));
    terms = rota_master_terms_at(&b->s, ref);
    return terms;
}

static void the_later_of_two_earliest_times_counts(void **state)
{
    assert_int_equal(terms_of(*state, "{\"rota\":1,\"delay_ms\":5000}").not_before_ms, 1005000);
    assert_int_equal(terms_of(*state, "{\"rota\":1,\"at_ms\":1002000}").not_before_ms, 1002000);
    assert_int_equal(
        terms_of(*state, "{\"rota\":1,\"delay_ms\":5000,\"at_ms\":1002000}").not_before_ms,
        1005000);
    assert_int_equal(
        terms_of(*state, "{\"rota\":1,\"delay_ms\":1000,\"at_ms\":1002000}").not_before_ms,
        1002000);
    assert_int_equal(terms_of(*state, "{\"rota\":1,\"expires_ms\":7000}").expires_ms, 1007000);
    assert_int_equal(terms_of(*state, "{\"rota\":1,\"retries\":1}").not_before_ms, 0);
    assert_int_equal(terms_of(*state, "{\"rota\":1,\"retries\":1}").expires_ms, 0);
    assert_int_equal(terms_of(*state, "a command").keep_ms, -1);
}

static void terms_given_back_leave_no_memory_behind(void **state)
{
    static const char payload[] = "{\"rota\":1,\"tags\":[\"gpu\",\"ssd\"],\"after\":[\"a\",\"b\"]}";
    const struct rota_reply r = {.data = {payload, sizeof payload - 1}};
    struct bench *b = *state;
    rota_ref ref;

    assert_null(rota_master_terms_read(&b->s, &r, &ref));
    assert_string_equal(rota_pool_at(&b->mem, rota_master_terms_at(&b->s, ref).tags), "gpu,ssd");
    assert_string_equal(rota_pool_at(&b->mem, rota_master_terms_at(&b->s, ref).after), "a\nb");
    assert_true(b->mem.live > 0);
    rota_master_terms_give(&b->s, ref);
    assert_int_equal(b->mem.live, 0);
    rota_master_terms_give(&b->s, 0);
}

/* How many tasks the master would read at once. */
static uint32_t reads_at_once(struct bench *b)
{
    for (b->master.reads_pending = 0; rota_reads_allowed(&b->s);)
        b->master.reads_pending++;
    return b->master.reads_pending;
}

static void fewer_tasks_are_read_while_payloads_are_large(void **state)
{
    struct bench *b = *state;
    uint32_t small = reads_at_once(b);

    assert_true(small >= 100 && small <= 1000);
    rota_reads_note_size(&b->s, 1000000);
    assert_true(reads_at_once(b) < 50);
    for (int i = 0; i < 10; i++)
        rota_reads_note_size(&b->s, 100);
    assert_true(reads_at_once(b) < small); /* another large one may come soon */
    for (int i = 0; i < 100; i++)
        rota_reads_note_size(&b->s, 100);
    assert_int_equal(reads_at_once(b), small);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_open, bench_close)
    const struct CMUnitTest tests[] = {
        TEST(the_later_of_two_earliest_times_counts),
        TEST(terms_given_back_leave_no_memory_behind),
        TEST(fewer_tasks_are_read_while_payloads_are_large),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
