/* The data of znodes: what is written, what is read, and what is read when other programs wrote it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/tree/record.h"

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

static struct rota_bytes bytes(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

static void expect_bytes(struct rota_bytes actual, const char *expected)
{
    assert_int_equal(actual.length, strlen(expected));
    assert_memory_equal(actual.data, expected, strlen(expected));
}

static void worker_record(void **state)
{
    struct rota_worker_record r = {"host:2224", 4, ""};

    expect_bytes(rota_worker_record_write(*state, &r), "host:2224 slots=4");
    rota_worker_record_read(*state, bytes("host:2224 slots=4"), &r);
    assert_string_equal(r.address, "host:2224");
    assert_int_equal(r.slots, 4);
}

/* Clients in any language may write these records: missing parts have defaults, and errors do no
 * harm. */
static void worker_record_of_others(void **state)
{
    static const struct {
        const char *data;
        const char *address;
        uint32_t slots;
    } cases[] = {
        {"", "", 1},
        {"host:2224", "host:2224", 1}, /* as a plain ZooKeeper client writes it */
        {"host:2224 slots=0", "host:2224", 0},
        {"slots=3", "slots=3", 3},
        {"host slots=", "host", 1},
        {"host slots=-4", "host", 1},
        {"host slots=four", "host", 1},
        {"host slots=4x", "host", 1},
        {"host slots=4x slots=5", "host", 5},
        {"host myslots=9", "host", 1},
        {"host slotsize=9", "host", 1},
        {"host slots=99999999999999999999999", "host", 4096},
        {"host slots=9 tag=a", "host", 9},
    };
    struct rota_worker_record r;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rota_worker_record_read(*state, bytes(cases[i].data), &r);
        assert_string_equal(r.address, cases[i].address);
        assert_int_equal(r.slots, cases[i].slots);
    }
    rota_worker_record_read(*state, ROTA_NULL_BYTES, &r);
    assert_int_equal(r.slots, 1);
    rota_worker_record_read(*state, (struct rota_bytes){"h\0st slots=5", 12},
                            &r); /* a NUL ends the text */
    assert_string_equal(r.address, "h");
    assert_int_equal(r.slots, 1);
}

static void worker_tags(void **state)
{
    struct rota_worker_record r = {"host:2224", 4, "gpu,ssd"};

    expect_bytes(rota_worker_record_write(*state, &r), "host:2224 slots=4 tags=gpu,ssd");
    rota_worker_record_read(*state, bytes("host:2224 slots=4 tags=gpu,ssd more"), &r);
    assert_string_equal(r.tags, "gpu,ssd");
    assert_int_equal(r.slots, 4);
    assert_string_equal(r.address, "host:2224");
    rota_worker_record_read(*state, bytes("host:2224 slots=4"), &r);
    assert_string_equal(r.tags, "");
    rota_worker_record_read(*state, bytes("host:2224 tags= slots=4"), &r);
    assert_string_equal(r.tags, "");
    assert_int_equal(r.slots, 4);
    r.tags = NULL;
    expect_bytes(rota_worker_record_write(*state, &r), "host:2224 slots=4");
}

static void attempt_record(void **state)
{
    struct rota_attempt_record r = {.attempt = 2, .losses = 1, .epoch = 7};

    expect_bytes(rota_attempt_record_write(*state, &r), "attempt=2 losses=1 epoch=7");
    r.reason = "";
    expect_bytes(rota_attempt_record_write(*state, &r), "attempt=2 losses=1 epoch=7");
    r.reason = "attempt=9: it failed";
    expect_bytes(rota_attempt_record_write(*state, &r),
                 "attempt=2 losses=1 epoch=7 reason=attempt=9: it failed");
    rota_attempt_record_read(*state,
                             bytes("attempt=2 losses=1 epoch=7 reason=attempt=9: it failed"), &r);
    assert_int_equal(r.attempt, 2);
    assert_int_equal(r.losses, 1);
    assert_int_equal(r.epoch, 7);
    assert_string_equal(r.reason, "attempt=9: it failed");
}

/* Numbers that are 0 are not written. */
static void attempt_record_in_full(void **state)
{
    struct rota_attempt_record r = {.attempt = 4,
                                    .losses = 1,
                                    .excused_losses = 2,
                                    .failures = 3,
                                    .epoch = 7,
                                    .delay_ms = 1500,
                                    .reason = "exit status 3",
                                    .history = "1 w1 10 20 lost\n2 w2 30 40 failed no\n"};
    static const char text[] = "attempt=4 losses=1 spared=2 failures=3 epoch=7 delay=1500 "
                               "reason=exit status 3\n1 w1 10 20 lost\n2 w2 30 40 failed no\n";

    expect_bytes(rota_attempt_record_write(*state, &r), text);
    memset(&r, 0, sizeof r);
    rota_attempt_record_read(*state, bytes(text), &r);
    assert_int_equal(r.attempt, 4);
    assert_int_equal(r.losses, 1);
    assert_int_equal(r.excused_losses, 2);
    assert_int_equal(r.failures, 3);
    assert_int_equal(r.epoch, 7);
    assert_int_equal(r.delay_ms, 1500);
    assert_string_equal(r.reason, "exit status 3");
    assert_string_equal(r.history, "1 w1 10 20 lost\n2 w2 30 40 failed no\n");
    rota_attempt_record_read(*state, bytes("attempt=1 losses=0 epoch=2\n"), &r);
    assert_string_equal(r.history, "");
    assert_string_equal(r.reason, "");
    /* Text in a reason or in a history is not read as a number. */
    rota_attempt_record_read(*state, bytes("attempt=1 reason=no delay=5 failures=9\n9 w losses=8"),
                             &r);
    assert_int_equal(r.delay_ms, 0);
    assert_int_equal(r.failures, 0);
    assert_int_equal(r.losses, 0);
}

/* ---- histories ---- */

static const char *history_of(struct rota_outbox *o, const char *history, uint32_t attempt,
                              const char *how, const char *reason)
{
    struct rota_history_line line = {.attempt = attempt,
                                     .worker = "w1",
                                     .began_ms = 1700000000123,
                                     .ended_ms = 1700000005123,
                                     .how = how,
                                     .reason = reason};

    return rota_history_line_add(o, history, &line);
}

static void a_history(void **state)
{
    const char *history = history_of(*state, NULL, 1, "lost", "");
    struct rota_history_line line;

    history = history_of(*state, history, 2, "failed", "exit status 3");
    assert_string_equal(history, "1 w1 1700000000123 1700000005123 lost\n"
                                 "2 w1 1700000000123 1700000005123 failed exit status 3\n");
    history = rota_history_line_next(*state, history, &line);
    assert_int_equal(line.attempt, 1);
    assert_string_equal(line.worker, "w1");
    assert_int_equal(line.began_ms, 1700000000123);
    assert_int_equal(line.ended_ms, 1700000005123);
    assert_string_equal(line.how, "lost");
    assert_string_equal(line.reason, "");
    history = rota_history_line_next(*state, history, &line);
    assert_int_equal(line.attempt, 2);
    assert_string_equal(line.how, "failed");
    assert_string_equal(line.reason, "exit status 3");
    assert_null(rota_history_line_next(*state, history, &line));
}

/* A reason of several lines, or of any length, is one line of bounded length. */
static void a_line_of_history_is_one_line(void **state)
{
    char reason[1000];

    assert_string_equal(history_of(*state, "", 1, "failed", "one\ntwo"),
                        "1 w1 1700000000123 1700000005123 failed one\n");
    assert_string_equal(history_of(*state, "", 1, "failed", "\ntwo"),
                        "1 w1 1700000000123 1700000005123 failed\n");
    memset(reason, 'x', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    assert_true(strlen(history_of(*state, "", 1, "failed", reason)) < 300);
}

static uint32_t count_lines(const char *text)
{
    uint32_t lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* Each attempt copies the history, so the oldest lines are dropped. */
static void a_history_is_bounded(void **state)
{
    const char *history = "";
    char reason[180];

    for (uint32_t attempt = 1; attempt <= 100; attempt++) {
        history = history_of(*state, history, attempt, "lost", "");
        assert_true(strlen(history) <= 4096);
        assert_int_equal(count_lines(history), attempt < 40 ? attempt : 40);
    }
    assert_int_equal(strncmp(history, "61 w1 ", 6), 0);
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    for (uint32_t attempt = 101; attempt <= 150; attempt++) {
        history = history_of(*state, history, attempt, "failed", reason);
        assert_true(strlen(history) <= 4096);
    }
    assert_true(count_lines(history) > 10);
    assert_non_null(strstr(history, "\n150 w1 "));
}

static void history_of_others(void **state)
{
    struct rota_history_line line;
    const char *rest = rota_history_line_next(*state, "nonsense\n\n7 w\n8 w 1 2 done", &line);

    assert_int_equal(line.attempt, 0);
    assert_string_equal(line.worker, "");
    assert_int_equal(line.began_ms, 0);
    assert_string_equal(line.how, "");
    rest = rota_history_line_next(*state, rest, &line);
    assert_int_equal(line.attempt, 0);
    rest = rota_history_line_next(*state, rest, &line);
    assert_int_equal(line.attempt, 7);
    assert_string_equal(line.worker, "w");
    assert_int_equal(line.ended_ms, 0);
    rest = rota_history_line_next(*state, rest, &line);
    assert_int_equal(line.attempt, 8);
    assert_string_equal(line.how, "done");
    assert_null(rota_history_line_next(*state, rest, &line));
    assert_null(rota_history_line_next(*state, "", &line));
}

/* ---- orders ---- */

static void orders(void **state)
{
    struct rota_order cancel = {.attempt = 3, .task = "a task"};
    struct rota_order drain = {.drain = true, .drain_ms = 60000};
    const char *text = rota_order_add(*state, "", &cancel);
    struct rota_order order;

    text = rota_order_add(*state, text, &drain);
    assert_string_equal(text, "cancel 3 a task\ndrain 60000\n");
    text = rota_order_next(*state, text, &order);
    assert_false(order.drain);
    assert_int_equal(order.attempt, 3);
    assert_string_equal(order.task, "a task");
    text = rota_order_next(*state, text, &order);
    assert_true(order.drain);
    assert_int_equal(order.drain_ms, 60000);
    assert_null(rota_order_next(*state, text, &order));
    assert_null(rota_order_next(*state, "", &order));
}

/* Data of other programs, such as `w`, and words of later versions are not orders. */
static void orders_of_others(void **state)
{
    const char *text = "w\n\nhurry 1 t\ndrain\ncancel\ncancel x t\ndrains 5\ndrain -1\nend";
    struct rota_order order;

    text = rota_order_next(*state, text, &order);
    assert_true(order.drain);
    assert_int_equal(order.drain_ms, -1);
    text = rota_order_next(*state, text, &order);
    assert_false(order.drain);
    assert_int_equal(order.attempt, 0);
    assert_string_equal(order.task, "");
    text = rota_order_next(*state, text, &order);
    assert_int_equal(order.attempt, 0);
    assert_string_equal(order.task, "t");
    text = rota_order_next(*state, text, &order);
    assert_true(order.drain);
    assert_int_equal(order.drain_ms, -1);
    assert_null(rota_order_next(*state, text, &order));
}

static void drains_and_bounds(void **state)
{
    expect_bytes(rota_drain_record_write(*state, 30000), "timeout=30000");
    expect_bytes(rota_drain_record_write(*state, 0), "timeout=0");
    expect_bytes(rota_drain_record_write(*state, -1), "");
    assert_int_equal(rota_drain_record_read(*state, bytes("timeout=30000")), 30000);
    assert_int_equal(rota_drain_record_read(*state, bytes("timeout=0")), 0);
    assert_int_equal(rota_drain_record_read(*state, bytes("")), -1);
    assert_int_equal(rota_drain_record_read(*state, bytes("timeout=-7")), -1);
    expect_bytes(rota_cancel_record_write(*state, INT64_C(4294967299)), "task=4294967299");
    assert_int_equal(rota_cancel_record_read(*state, bytes("task=4294967299")),
                     INT64_C(4294967299));
    assert_int_equal(rota_cancel_record_read(*state, bytes("")), 0);
    assert_int_equal(rota_cancel_record_read(*state, bytes("because of task 9")), 0);
    expect_bytes(rota_collect_record_write(*state, INT64_C(4294967299)), "status=4294967299");
    assert_int_equal(rota_collect_record_read(*state, bytes("status=4294967299")),
                     INT64_C(4294967299));
    expect_bytes(rota_collect_record_write(*state, 0), "");
    assert_int_equal(rota_collect_record_read(*state, bytes("")), 0);
    assert_int_equal(rota_drain_record_read(*state, ROTA_NULL_BYTES), -1);
    expect_bytes(rota_bound_record_write(*state, 1000), "max=1000");
    expect_bytes(rota_bound_record_write(*state, 0), "");
    expect_bytes(rota_bound_record_write(*state, -1), "");
    assert_int_equal(rota_bound_record_read(*state, bytes("max=1000")), 1000);
    assert_int_equal(rota_bound_record_read(*state, bytes("anything")), 0);
    assert_int_equal(rota_bound_record_read(*state, ROTA_NULL_BYTES), 0);
}

static void attempt_record_of_others(void **state)
{
    struct rota_attempt_record r;
    char *long_text = rota_outbox_take(*state, 10000);

    rota_attempt_record_read(*state, ROTA_NULL_BYTES, &r);
    assert_int_equal(r.attempt, 1);
    assert_int_equal(r.losses, 0);
    assert_int_equal(r.epoch, 0);
    assert_string_equal(r.reason, "");
    rota_attempt_record_read(*state, bytes("python program.py losses=99999999999"), &r);
    assert_int_equal(r.attempt, 1);
    assert_int_equal(r.losses, 1000000);
    memset(long_text, 'x', 9999); /* longer than what is read */
    rota_attempt_record_read(*state, bytes(long_text), &r);
    assert_int_equal(r.attempt, 1);
}

/* The first line is the state, then comes the output; without output the data is exactly `done`. */
static void status_record(void **state)
{
    struct rota_status_record r = {
        .state = "done", .reason = "", .output = {"", 0}, .errors = ROTA_NULL_BYTES};

    expect_bytes(rota_status_record_write(*state, &r), "done");
    r.output = bytes("one\ntwo\n");
    expect_bytes(rota_status_record_write(*state, &r), "done\none\ntwo\n");
    r.state = "failed";
    r.reason = "exit status 3";
    expect_bytes(rota_status_record_write(*state, &r),
                 "failed errors=0: exit status 3\none\ntwo\n");
    r.errors = bytes("oh\n");
    expect_bytes(rota_status_record_write(*state, &r),
                 "failed errors=3: exit status 3\none\ntwo\noh\n");
    rota_status_record_read(*state, bytes("failed errors=3: exit: status 3\none\ntwo\noh\n"), &r);
    assert_string_equal(r.state, "failed");
    assert_string_equal(r.reason, "exit: status 3");
    expect_bytes(r.output, "one\ntwo\n");
    expect_bytes(r.errors, "oh\n");
    r = (struct rota_status_record){
        .state = "failed", .reason = "", .output = ROTA_NULL_BYTES, .errors = bytes("oh\n")};
    expect_bytes(rota_status_record_write(*state, &r), "failed errors=3: \noh\n");
}

/* `errors=` says more bytes than there are behind the first line: all of them are output. */
static void status_record_with_a_wrong_count(void **state)
{
    struct rota_status_record r;

    rota_status_record_read(*state, bytes("failed errors=4: exit status 3\nabc"), &r);
    assert_string_equal(r.reason, "exit status 3");
    expect_bytes(r.output, "abc");
    expect_bytes(r.errors, "");
}

static void status_record_is_any_bytes(void **state)
{
    struct rota_status_record r = {
        .state = "done", .reason = "", .output = {"a\0b\n", 4}, .errors = {"", 0}};
    struct rota_bytes data = rota_status_record_write(*state, &r);

    assert_int_equal(data.length, 9);
    rota_status_record_read(*state, data, &r);
    assert_int_equal(r.output.length, 4);
    assert_memory_equal(r.output.data, "a\0b\n", 4);
    assert_int_equal(r.errors.length, 0);
}

static void status_record_of_others(void **state)
{
    struct rota_status_record r;

    rota_status_record_read(*state, ROTA_NULL_BYTES, &r);
    assert_string_equal(r.state, "");
    assert_int_equal(r.output.length, 0);
    rota_status_record_read(*state, bytes("done\n"), &r);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.output.length, 0);
    rota_status_record_read(*state, bytes("failed errors=500: x\nshort"),
                            &r); /* more than the data has */
    expect_bytes(r.output, "short");
    assert_int_equal(r.errors.length, 0);
    rota_status_record_read(*state, bytes("failed errors=99999999999999999999: x\nshort"), &r);
    expect_bytes(r.output, "short");
    rota_status_record_read(*state, bytes("dead: 5 workers were lost"), &r);
    assert_string_equal(r.state, "dead");
    assert_string_equal(r.reason, "5 workers were lost");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(worker_record, setup, teardown),
        cmocka_unit_test_setup_teardown(worker_record_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(worker_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(attempt_record, setup, teardown),
        cmocka_unit_test_setup_teardown(attempt_record_in_full, setup, teardown),
        cmocka_unit_test_setup_teardown(a_history, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_of_history_is_one_line, setup, teardown),
        cmocka_unit_test_setup_teardown(a_history_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(history_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(orders, setup, teardown),
        cmocka_unit_test_setup_teardown(orders_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(drains_and_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(attempt_record_of_others, setup, teardown),
        cmocka_unit_test_setup_teardown(status_record, setup, teardown),
        cmocka_unit_test_setup_teardown(status_record_with_a_wrong_count, setup, teardown),
        cmocka_unit_test_setup_teardown(status_record_is_any_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(status_record_of_others, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
