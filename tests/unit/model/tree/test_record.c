/* What is written into the tree and sent to a server: records, paths, requests, result codes, the
 * trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/seam/requests.h"
#include "model/base/error.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/seam/request_limits.h"
#include "model/base/trace.h"

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

/* ---- records ---- */

static void worker_record(void **state)
{
    struct rota_worker_record r = {"host:2224", 4, ""};

    expect_bytes(rota_worker_write(*state, &r), "host:2224 slots=4");
    rota_worker_read(*state, bytes("host:2224 slots=4"), &r);
    assert_string_equal(r.address, "host:2224");
    assert_int_equal(r.slots, 4);
}

/* Any client in any language may take part: what it leaves out has a meaning, what it mistypes does
 * no harm. */
static void worker_record_of_others(void **state)
{
    static const struct {
        const char *data;
        const char *address;
        uint32_t slots;
    } cases[] = {
        {"", "", 1},
        {"host:2224", "host:2224", 1}, /* as in the seeds */
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
        rota_worker_read(*state, bytes(cases[i].data), &r);
        assert_string_equal(r.address, cases[i].address);
        assert_int_equal(r.slots, cases[i].slots);
    }
    rota_worker_read(*state, ROTA_NULL_BYTES, &r);
    assert_int_equal(r.slots, 1);
    rota_worker_read(*state, (struct rota_bytes){"h\0st slots=5", 12},
                     &r); /* a NUL ends the text */
    assert_string_equal(r.address, "h");
    assert_int_equal(r.slots, 1);
}

static void worker_tags(void **state)
{
    struct rota_worker_record r = {"host:2224", 4, "gpu,ssd"};

    expect_bytes(rota_worker_write(*state, &r), "host:2224 slots=4 tags=gpu,ssd");
    rota_worker_read(*state, bytes("host:2224 slots=4 tags=gpu,ssd more"), &r);
    assert_string_equal(r.tags, "gpu,ssd");
    assert_int_equal(r.slots, 4);
    assert_string_equal(r.address, "host:2224");
    rota_worker_read(*state, bytes("host:2224 slots=4"), &r);
    assert_string_equal(r.tags, "");
    rota_worker_read(*state, bytes("host:2224 tags= slots=4"), &r);
    assert_string_equal(r.tags, "");
    assert_int_equal(r.slots, 4);
    r.tags = NULL;
    expect_bytes(rota_worker_write(*state, &r), "host:2224 slots=4");
}

static void attempt_record(void **state)
{
    struct rota_attempt_record r = {.attempt = 2, .losses = 1, .epoch = 7};

    expect_bytes(rota_attempt_write(*state, &r), "attempt=2 losses=1 epoch=7");
    r.reason = "";
    expect_bytes(rota_attempt_write(*state, &r), "attempt=2 losses=1 epoch=7");
    r.reason = "attempt=9: it failed";
    expect_bytes(rota_attempt_write(*state, &r),
                 "attempt=2 losses=1 epoch=7 reason=attempt=9: it failed");
    rota_attempt_read(*state, bytes("attempt=2 losses=1 epoch=7 reason=attempt=9: it failed"), &r);
    assert_int_equal(r.attempt, 2);
    assert_int_equal(r.losses, 1);
    assert_int_equal(r.epoch, 7);
    assert_string_equal(r.reason, "attempt=9: it failed");
}

/* What was never the case is not written. */
static void attempt_record_in_full(void **state)
{
    struct rota_attempt_record r = {.attempt = 4,
                                    .losses = 1,
                                    .spared = 2,
                                    .failures = 3,
                                    .epoch = 7,
                                    .delay_ms = 1500,
                                    .reason = "exit status 3",
                                    .history = "1 w1 10 20 lost\n2 w2 30 40 failed no\n"};
    static const char text[] = "attempt=4 losses=1 spared=2 failures=3 epoch=7 delay=1500 "
                               "reason=exit status 3\n1 w1 10 20 lost\n2 w2 30 40 failed no\n";

    expect_bytes(rota_attempt_write(*state, &r), text);
    memset(&r, 0, sizeof r);
    rota_attempt_read(*state, bytes(text), &r);
    assert_int_equal(r.attempt, 4);
    assert_int_equal(r.losses, 1);
    assert_int_equal(r.spared, 2);
    assert_int_equal(r.failures, 3);
    assert_int_equal(r.epoch, 7);
    assert_int_equal(r.delay_ms, 1500);
    assert_string_equal(r.reason, "exit status 3");
    assert_string_equal(r.history, "1 w1 10 20 lost\n2 w2 30 40 failed no\n");
    rota_attempt_read(*state, bytes("attempt=1 losses=0 epoch=2\n"), &r);
    assert_string_equal(r.history, "");
    assert_string_equal(r.reason, "");
    /* What stands in a reason or in a history is not taken for a number. */
    rota_attempt_read(*state, bytes("attempt=1 reason=no delay=5 failures=9\n9 w losses=8"), &r);
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

    return rota_history_add(o, history, &line);
}

static void a_history(void **state)
{
    const char *history = history_of(*state, NULL, 1, "lost", "");
    struct rota_history_line line;

    history = history_of(*state, history, 2, "failed", "exit status 3");
    assert_string_equal(history, "1 w1 1700000000123 1700000005123 lost\n"
                                 "2 w1 1700000000123 1700000005123 failed exit status 3\n");
    history = rota_history_next(*state, history, &line);
    assert_int_equal(line.attempt, 1);
    assert_string_equal(line.worker, "w1");
    assert_int_equal(line.began_ms, 1700000000123);
    assert_int_equal(line.ended_ms, 1700000005123);
    assert_string_equal(line.how, "lost");
    assert_string_equal(line.reason, "");
    history = rota_history_next(*state, history, &line);
    assert_int_equal(line.attempt, 2);
    assert_string_equal(line.how, "failed");
    assert_string_equal(line.reason, "exit status 3");
    assert_null(rota_history_next(*state, history, &line));
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

/* It is carried along with each attempt: the oldest lines go. */
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
    const char *rest = rota_history_next(*state, "nonsense\n\n7 w\n8 w 1 2 done", &line);

    assert_int_equal(line.attempt, 0);
    assert_string_equal(line.worker, "");
    assert_int_equal(line.began_ms, 0);
    assert_string_equal(line.how, "");
    rest = rota_history_next(*state, rest, &line);
    assert_int_equal(line.attempt, 0);
    rest = rota_history_next(*state, rest, &line);
    assert_int_equal(line.attempt, 7);
    assert_string_equal(line.worker, "w");
    assert_int_equal(line.ended_ms, 0);
    rest = rota_history_next(*state, rest, &line);
    assert_int_equal(line.attempt, 8);
    assert_string_equal(line.how, "done");
    assert_null(rota_history_next(*state, rest, &line));
    assert_null(rota_history_next(*state, "", &line));
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

/* Data of other programs, as `w` in the seeds, and words of later versions, are no orders. */
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
    expect_bytes(rota_drain_write(*state, 30000), "timeout=30000");
    expect_bytes(rota_drain_write(*state, 0), "timeout=0");
    expect_bytes(rota_drain_write(*state, -1), "");
    assert_int_equal(rota_drain_read(*state, bytes("timeout=30000")), 30000);
    assert_int_equal(rota_drain_read(*state, bytes("timeout=0")), 0);
    assert_int_equal(rota_drain_read(*state, bytes("")), -1);
    assert_int_equal(rota_drain_read(*state, bytes("timeout=-7")), -1);
    expect_bytes(rota_cancel_write(*state, INT64_C(4294967299)), "task=4294967299");
    assert_int_equal(rota_cancel_read(*state, bytes("task=4294967299")), INT64_C(4294967299));
    assert_int_equal(rota_cancel_read(*state, bytes("")), 0);
    assert_int_equal(rota_cancel_read(*state, bytes("because of task 9")), 0);
    assert_int_equal(rota_drain_read(*state, ROTA_NULL_BYTES), -1);
    expect_bytes(rota_bound_write(*state, 1000), "max=1000");
    expect_bytes(rota_bound_write(*state, 0), "");
    expect_bytes(rota_bound_write(*state, -1), "");
    assert_int_equal(rota_bound_read(*state, bytes("max=1000")), 1000);
    assert_int_equal(rota_bound_read(*state, bytes("anything")), 0);
    assert_int_equal(rota_bound_read(*state, ROTA_NULL_BYTES), 0);
}

static void attempt_record_of_others(void **state)
{
    struct rota_attempt_record r;
    char *long_text = rota_outbox_take(*state, 10000);

    rota_attempt_read(*state, ROTA_NULL_BYTES, &r);
    assert_int_equal(r.attempt, 1);
    assert_int_equal(r.losses, 0);
    assert_int_equal(r.epoch, 0);
    assert_string_equal(r.reason, "");
    rota_attempt_read(*state, bytes("python program.py losses=99999999999"), &r);
    assert_int_equal(r.attempt, 1);
    assert_int_equal(r.losses, 1000000);
    memset(long_text, 'x', 9999); /* read up to a limit */
    rota_attempt_read(*state, bytes(long_text), &r);
    assert_int_equal(r.attempt, 1);
}

/* The first line is the state, the output follows: a task without output has exactly `done`. */
static void status_record(void **state)
{
    struct rota_status_record r = {
        .state = "done", .reason = "", .output = {"", 0}, .errors = ROTA_NULL_BYTES};

    expect_bytes(rota_status_write(*state, &r), "done");
    r.output = bytes("one\ntwo\n");
    expect_bytes(rota_status_write(*state, &r), "done\none\ntwo\n");
    r.state = "failed";
    r.reason = "exit status 3";
    expect_bytes(rota_status_write(*state, &r), "failed errors=0: exit status 3\none\ntwo\n");
    r.errors = bytes("oh\n");
    expect_bytes(rota_status_write(*state, &r), "failed errors=3: exit status 3\none\ntwo\noh\n");
    rota_status_read(*state, bytes("failed errors=3: exit: status 3\none\ntwo\noh\n"), &r);
    assert_string_equal(r.state, "failed");
    assert_string_equal(r.reason, "exit: status 3");
    expect_bytes(r.output, "one\ntwo\n");
    expect_bytes(r.errors, "oh\n");
    r = (struct rota_status_record){
        .state = "failed", .reason = "", .output = ROTA_NULL_BYTES, .errors = bytes("oh\n")};
    expect_bytes(rota_status_write(*state, &r), "failed errors=3: \noh\n");
}

static void status_record_is_any_bytes(void **state)
{
    struct rota_status_record r = {
        .state = "done", .reason = "", .output = {"a\0b\n", 4}, .errors = {"", 0}};
    struct rota_bytes data = rota_status_write(*state, &r);

    assert_int_equal(data.length, 9);
    rota_status_read(*state, data, &r);
    assert_int_equal(r.output.length, 4);
    assert_memory_equal(r.output.data, "a\0b\n", 4);
    assert_int_equal(r.errors.length, 0);
}

static void status_record_of_others(void **state)
{
    struct rota_status_record r;

    rota_status_read(*state, ROTA_NULL_BYTES, &r);
    assert_string_equal(r.state, "");
    assert_int_equal(r.output.length, 0);
    rota_status_read(*state, bytes("done\n"), &r);
    assert_string_equal(r.state, "done");
    assert_int_equal(r.output.length, 0);
    rota_status_read(*state, bytes("failed errors=500: x\nshort"), &r); /* more than there is */
    expect_bytes(r.output, "short");
    assert_int_equal(r.errors.length, 0);
    rota_status_read(*state, bytes("failed errors=99999999999999999999: x\nshort"), &r);
    expect_bytes(r.output, "short");
    rota_status_read(*state, bytes("dead: 5 workers were lost"), &r);
    assert_string_equal(r.state, "dead");
    assert_string_equal(r.reason, "5 workers were lost");
}

/* ---- paths ---- */

static void paths(void **state)
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

/* S30: what the C client accepts. */
static void path_rules(void **state)
{
    static const struct {
        const char *path;
        bool plain, sequential;
    } cases[] = {
        {"/", true, true},        {"/a", true, true},         {"/a/b", true, true},
        {"/a/", false, true},     {"/a/b/", false, true},     {NULL, false, false},
        {"", false, false},       {"a", false, false},        {"//", false, false},
        {"/a//b", false, false},  {"/.", false, false},       {"/..", false, false},
        {"/a/./b", false, false}, {"/a/../b", false, false},  {"/...", true, true},
        {"/.a", true, true},      {"/a.", true, true},        {"/ab/..c", true, true},
        {"/a\x01", false, false}, {"/a\x1e/b", false, false}, {"/a\x1f", true, true},
        {"/a\x7f", true, true},   {"/\xc3\xa4", true, true},  {"/a b", true, true},
        {"/.x/.y", true, true},   {"/x./y", true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(rota_path_valid(cases[i].path, false), cases[i].plain);
        assert_int_equal(rota_path_valid(cases[i].path, true), cases[i].sequential);
    }
}

/* ---- requests ---- */

static size_t size_of(const struct rota_operation *o)
{
    struct rota_request r = {.operation = *o};

    return rota_request_bytes(&r, 0);
}

/* S35: for a setData on "/big", 1 048 551 bytes are the last that a server takes. */
static void the_largest_request(void **state)
{
    struct rota_operation o = {.op = ROTA_OP_SET, .path = "/big", .data = {"", 1048551}};
    struct rota_request r = {.operation = o};

    (void)state;
    assert_int_equal(rota_request_bytes(&r, 0), ROTA_REQUEST_LIMIT);
    r.operation.data.length++;
    assert_int_equal(rota_request_bytes(&r, 0), ROTA_REQUEST_LIMIT + 1);
    r.operation.data.length -= 6; /* a chroot counts, too */
    assert_int_equal(rota_request_bytes(&r, 5), ROTA_REQUEST_LIMIT);
}

/* Sizes as they are on the wire: header 8, each text and each buffer with a length of 4. */
static void sizes_of_requests(void **state)
{
    const struct rota_acl acl = {ROTA_PERM_ALL, "digest", "u:p"};
    const struct rota_operation multi[] = {{.op = ROTA_OP_CHECK, .path = "/a"},
                                           {.op = ROTA_OP_DELETE, .path = "/a"}};
    const struct rota_request r = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = multi, .operation_count = 2};

    (void)state;
#define SIZE(...) size_of(&(struct rota_operation){__VA_ARGS__})
    assert_int_equal(SIZE(.op = ROTA_OP_SET, .path = "/a", .data = ROTA_NULL_BYTES), 8 + 6 + 4 + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_GET, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_EXISTS, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_CHILDREN, .path = "/a"), 8 + 6 + 1);
    assert_int_equal(SIZE(.op = ROTA_OP_SYNC, .path = "/a"), 8 + 6);
    assert_int_equal(SIZE(.op = ROTA_OP_GET_ACL, .path = "/a"), 8 + 6);
    assert_int_equal(SIZE(.op = ROTA_OP_CLOSE), 8);
    assert_int_equal(SIZE(.op = ROTA_OP_MULTI), 8 + 9);
    assert_int_equal(SIZE(.op = ROTA_OP_ADD_AUTH, .scheme = "digest", .data = {"u:p", 3}),
                     8 + 4 + 10 + 7);
    assert_int_equal(SIZE(.op = ROTA_OP_SET_ACL, .path = "/a", .acl = &acl, .acl_count = 1),
                     8 + 6 + 4 + (4 + 10 + 7) + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"xy", 2}),
                     8 + 6 + 6 + 4 + (4 + 9 + 10) + 4);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"", 0}, .acl = &acl,
                          .acl_count = 1, .mode = ROTA_MODE_TTL),
                     8 + 6 + 4 + 4 + (4 + 10 + 7) + 4 + 8);
    assert_int_equal(SIZE(.op = ROTA_OP_CREATE, .path = "/a", .data = {"", 0}, .acl = &acl,
                          .acl_count = 0, .mode = ROTA_MODE_TTL_SEQUENTIAL),
                     8 + 6 + 4 + 4 + 4 + 8);
    assert_int_equal(rota_request_bytes(&r, 0), 8 + (9 + 10) + (9 + 10) + 9);
    assert_int_equal(rota_operation_bytes(&(struct rota_operation){.op = ROTA_OP_MULTI}, 0), 0);
#undef SIZE
}

static bool valid(enum rota_op op, const char *path, enum rota_mode mode)
{
    struct rota_request r = {.operation = {.op = op, .path = path, .mode = mode, .ttl_ms = 1}};

    return rota_request_valid(&r);
}

static bool multi_valid(enum rota_op op, const char *path, enum rota_mode mode)
{
    struct rota_operation o[] = {{.op = ROTA_OP_CHECK, .path = "/a"},
                                 {.op = op, .path = path, .mode = mode}};
    struct rota_request r = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = o, .operation_count = 2};

    return rota_request_valid(&r);
}

/* S43, S44: a container or a read in a multi, or a bad path, would end the process in the C client.
 */
static void what_the_client_library_survives(void **state)
{
    (void)state;
    assert_true(valid(ROTA_OP_CREATE, "/a", ROTA_MODE_CONTAINER));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_SEQUENTIAL));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_EPHEMERAL_SEQUENTIAL));
    assert_true(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_TTL_SEQUENTIAL));
    assert_false(valid(ROTA_OP_CREATE, "/a/", ROTA_MODE_EPHEMERAL));
    assert_false(valid(ROTA_OP_SET, "/a/", ROTA_MODE_SEQUENTIAL));
    assert_false(valid(ROTA_OP_GET, "a", ROTA_MODE_PERSISTENT));
    assert_true(valid(ROTA_OP_ADD_AUTH, NULL, ROTA_MODE_PERSISTENT));
    assert_true(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_EPHEMERAL_SEQUENTIAL));
    assert_true(multi_valid(ROTA_OP_DELETE, "/a", ROTA_MODE_PERSISTENT));
    assert_true(multi_valid(ROTA_OP_SET, "/a", ROTA_MODE_PERSISTENT));
    assert_false(multi_valid(ROTA_OP_SET, "/a/../b", ROTA_MODE_PERSISTENT));
    assert_false(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_CONTAINER));
    assert_false(multi_valid(ROTA_OP_CREATE, "/a", ROTA_MODE_TTL));
    assert_false(multi_valid(ROTA_OP_GET, "/a", ROTA_MODE_PERSISTENT));
}

static bool ttl_valid(enum rota_mode mode, int64_t ttl_ms)
{
    struct rota_request r = {
        .operation = {.op = ROTA_OP_CREATE, .path = "/a", .mode = mode, .ttl_ms = ttl_ms}};

    return rota_request_valid(&r);
}

/* S2: the library itself refuses a TTL out of its range. */
static void times_to_live(void **state)
{
    (void)state;
    assert_true(ttl_valid(ROTA_MODE_TTL, 1));
    assert_true(ttl_valid(ROTA_MODE_TTL, 0xffffffffff));
    assert_false(ttl_valid(ROTA_MODE_TTL, 0));
    assert_false(ttl_valid(ROTA_MODE_TTL_SEQUENTIAL, -1));
    assert_false(ttl_valid(ROTA_MODE_TTL_SEQUENTIAL, 0x10000000000));
    assert_true(ttl_valid(ROTA_MODE_PERSISTENT, 0));
}

static void writes_are_told_from_reads(void **state)
{
    static const enum rota_op writes[] = {ROTA_OP_CREATE, ROTA_OP_DELETE, ROTA_OP_SET,
                                          ROTA_OP_SET_ACL, ROTA_OP_MULTI};
    static const enum rota_op reads[] = {ROTA_OP_GET,     ROTA_OP_EXISTS,   ROTA_OP_CHILDREN,
                                         ROTA_OP_GET_ACL, ROTA_OP_ADD_AUTH, ROTA_OP_SYNC};

    (void)state;
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        assert_true(rota_request_writes(&(struct rota_request){.operation.op = writes[i]}));
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
        assert_false(rota_request_writes(&(struct rota_request){.operation.op = reads[i]}));
}

/* ---- asking ---- */

static void tags_say_what_was_asked(void **state)
{
    uint64_t tag = rota_request_tag(255, 65535, UINT32_MAX);

    assert_int_equal(rota_request_tag_kind(tag), 255);
    assert_int_equal(rota_request_tag_generation(tag), 65535);
    assert_int_equal(rota_request_tag_index(tag), UINT32_MAX);
    tag = rota_request_tag(1, 2, 3);
    assert_int_equal(rota_request_tag_kind(tag), 1);
    assert_int_equal(rota_request_tag_generation(tag), 2);
    assert_int_equal(rota_request_tag_index(tag), 3);
    rota_request_add_read(*state, tag, ROTA_OP_GET, "/a", true);
    assert_int_equal(((struct rota_outbox *)*state)->actions[0].request.tag, tag);
}

/* ---- result codes ---- */

static void every_code_has_a_name_and_a_sentence(void **state)
{
    static const struct {
        int32_t code;
        const char *name;
    } codes[] = {
#define X(name, number, sentence) {number, #name},
        ROTA_ERROR_MAP(X)
#undef X
    };

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const char *sentence = rota_error_sentence(codes[i].code);

        assert_string_equal(rota_error_name(codes[i].code), codes[i].name);
        assert_true(strlen(sentence) > 3);
        assert_true(sentence[strlen(sentence) - 1] != '.');
    }
    assert_int_equal(ROTA_ERR_SESSION_EXPIRED, -112); /* ZooKeeper's own numbers */
    assert_string_equal(rota_error_name(-9999), "UNKNOWN");
    assert_string_equal(rota_error_sentence(1), "an error this program does not know");
}

/* ---- the trace ---- */

static void expect_line(int64_t time_us, const char *who, struct rota_note note,
                        const char *expected)
{
    char text[200];
    size_t length = rota_trace_format(time_us, who, &note, text, sizeof text);

    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void trace_lines_keep_their_columns(void **state)
{
    struct rota_note note = {
        .kind = ROTA_NOTE_REASSIGNED, .name = "t1", .other = "w2", .a = 2, .b = 1};

    (void)state;
    expect_line(12340999, "m1", note,
                "[   12.340s] m1     reassigned t1 to w2 (attempt 2, losses 1)");
    expect_line(0, "w1", note, "[    0.000s]   w1   reassigned t1 to w2 (attempt 2, losses 1)");
    expect_line(99999999999, "c1", note,
                "[99999.999s]     c1 reassigned t1 to w2 (attempt 2, losses 1)");
    note = (struct rota_note){.kind = ROTA_NOTE_RECOVERED, .a = 1, .b = -2, .c = INT64_MAX};
    expect_line(0, "m1", note,
                "[    0.000s] m1     took over: 1 workers, -2 assignments, "
                "9223372036854775807 tasks listed");
    note = (struct rota_note){.kind = ROTA_NOTE_ASSIGNED};
    expect_line(0, "m1", note, "[    0.000s] m1     assigned  to  (attempt 0)");
}

/* Of a line that does not fit, as much is written as fits, and it is always terminated. */
static void trace_lines_are_cut(void **state)
{
    struct rota_note note = {.kind = ROTA_NOTE_RESULT, .name = "a-long-name", .other = "done"};
    char whole[100], text[100];
    size_t length = rota_trace_format(5000, "c1", &note, whole, sizeof whole);

    (void)state;
    for (size_t size = 1; size <= length + 1; size++) {
        memset(text, '?', sizeof text);
        assert_int_equal(rota_trace_format(5000, "c1", &note, text, size), size - 1);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], '?');
    }
}

static void every_note_has_a_name_and_a_sentence(void **state)
{
    char text[200];

    (void)state;
    for (int kind = 0; kind < ROTA_NOTE_KINDS; kind++) {
        struct rota_note note = {
            .kind = (enum rota_note_kind)kind, .name = "n", .other = "o", .a = 1, .b = 2, .c = 3};

        assert_true(strlen(rota_note_name(note.kind)) > 1);
        assert_true(rota_note_format(&note, text, sizeof text) > 0);
        assert_null(strchr(text, '%'));
    }
    assert_string_equal(rota_note_name(ROTA_NOTE_ELECTED), "ELECTED");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(worker_record),
        TEST(worker_record_of_others),
        TEST(worker_tags),
        TEST(attempt_record),
        TEST(attempt_record_in_full),
        TEST(a_history),
        TEST(a_line_of_history_is_one_line),
        TEST(a_history_is_bounded),
        TEST(history_of_others),
        TEST(orders),
        TEST(orders_of_others),
        TEST(drains_and_bounds),
        TEST(attempt_record_of_others),
        TEST(status_record),
        TEST(status_record_is_any_bytes),
        TEST(status_record_of_others),
        TEST(paths),
        TEST(path_rules),
        TEST(the_largest_request),
        TEST(sizes_of_requests),
        TEST(what_the_client_library_survives),
        TEST(times_to_live),
        TEST(writes_are_told_from_reads),
        TEST(tags_say_what_was_asked),
        TEST(every_code_has_a_name_and_a_sentence),
        TEST(trace_lines_keep_their_columns),
        TEST(trace_lines_are_cut),
        TEST(every_note_has_a_name_and_a_sentence),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
