/* Standard error that is not read holds nobody up, and says afterwards what is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/base/log.h"

enum { PIPE_SIZE = 65536, LINE = 100, TEXT_SIZE = 2 * ROTA_LOG_MOST };

/* A pipe in the place of standard error. */
struct bench {
    uv_loop_t loop;
    struct rota_log log;
    int ours;
    int saved;
    char *text; /* read so far, terminated */
    size_t length;
};

static struct bench *open_bench(void)
{
    struct bench *b = calloc(1, sizeof *b);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE), PIPE_SIZE);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    b->ours = ends[0];
    b->saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    b->text = calloc(TEXT_SIZE, 1);
    assert_int_equal(uv_loop_init(&b->loop), 0);
    rota_log_open(&b->log, &b->loop);
    return b;
}

/* Nobody writes or reads there any more. */
static void close_pipe(struct bench *b)
{
    dup2(b->saved, STDERR_FILENO);
    close(b->saved);
    if (b->ours >= 0)
        close(b->ours);
}

static void close_bench(struct bench *b)
{
    rota_log_close(&b->log);
    uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&b->loop), 0);
    free(b->text);
    free(b);
}

/* Reads what is there; whether there was anything. */
static bool read_some(struct bench *b)
{
    assert_true(b->length < TEXT_SIZE - 1);
    ssize_t count = read(b->ours, b->text + b->length, TEXT_SIZE - 1 - b->length);
    b->length += count > 0 ? (size_t)count : 0;
    return count > 0;
}

/* The loop goes round, kept alive for one round by the timer of its own. */
static void go_round(struct bench *b)
{
    uv_ref((uv_handle_t *)&b->log.retry);
    uv_run(&b->loop, UV_RUN_ONCE);
    uv_unref((uv_handle_t *)&b->log.retry);
}

/* Reads until nothing waits. */
static void read_all(struct bench *b)
{
    while (rota_log_is_waiting(&b->log)) {
        read_some(b);
        go_round(b);
    }
    while (read_some(b))
        continue;
}

static void put_line(struct bench *b, int number)
{
    char line[LINE + 1];
    snprintf(line, sizeof line, "%099d\n", number);
    rota_log_put(&b->log, line, LINE);
}

static void what_is_taken_goes_at_once(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    rota_log_put(&b->log, "a\n", 2);
    rota_log_put(&b->log, "b\n", 2);
    assert_false(read_some(b));
    rota_log_flush(&b->log);
    read_some(b);
    bool waiting = rota_log_is_waiting(&b->log);
    close_pipe(b);
    assert_false(waiting);
    assert_string_equal(b->text, "a\nb\n");
    close_bench(b);
}

static void what_waits_comes_in_order(void **state)
{
    enum { LINES = ROTA_LOG_MOST / LINE / 2 };
    struct bench *b = open_bench();
    (void)state;
    for (int i = 0; i < LINES; i++) {
        put_line(b, i);
        rota_log_flush(&b->log);
    }
    bool waiting = rota_log_is_waiting(&b->log);
    read_all(b);
    close_pipe(b);
    assert_true(waiting);
    assert_int_equal(b->length, LINES * LINE);
    for (int i = 0; i < LINES; i++)
        assert_int_equal(strtol(b->text + i * LINE, NULL, 10), i);
    close_bench(b);
}

static void what_is_too_much_is_counted(void **state)
{
    enum { LINES = 2 * ROTA_LOG_MOST / LINE };
    struct bench *b = open_bench();
    unsigned left_out = 0;
    (void)state;
    for (int i = 0; i < LINES; i++)
        put_line(b, i);
    read_all(b);
    put_line(b, -1);
    rota_log_flush(&b->log);
    read_all(b);
    close_pipe(b);
    const char *told = strstr(b->text, "rota: standard error was not taken: ");
    assert_non_null(told);
    assert_int_equal(sscanf(told, "rota: standard error was not taken: %u lines", &left_out), 1);
    assert_int_equal((told - b->text) / LINE, LINES - left_out);
    assert_non_null(strstr(told, "\n-0000"));
    close_bench(b);
}

/* What tasks say may be left out; what the program itself says meanwhile is there. */
static void flood_of_others_leaves_room_for_ones_own(void **state)
{
    enum { LINES = 2 * ROTA_LOG_MOST / LINE, OWN = 1000 };
    struct bench *b = open_bench();
    char line[LINE + 1];
    unsigned said = 0;
    (void)state;
    memset(line, 'x', LINE);
    line[LINE - 1] = '\n';
    for (int i = 0; i < LINES; i++) {
        rota_log_pass(&b->log, line, LINE);
        if (i % (LINES / OWN) == 0 && said < OWN)
            put_line(b, (int)said++);
    }
    read_all(b);
    close_pipe(b);
    assert_int_equal(said, OWN);
    for (const char *at = b->text; (at = strstr(at, "\n0000")) != NULL; at++)
        said--;
    assert_int_equal(said, 0);
    assert_non_null(strstr(b->text, " lines left out\n"));
    close_bench(b);
}

static void reader_that_is_gone_holds_nobody_up(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    close(b->ours);
    b->ours = -1;
    for (int i = 0; i < 1000; i++)
        put_line(b, i);
    rota_log_flush(&b->log);
    bool waiting = rota_log_is_waiting(&b->log);
    close_pipe(b);
    assert_false(waiting);
    close_bench(b);
}

static void end_does_not_wait_for_ever(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    for (int i = 0; i < 1000; i++)
        put_line(b, i);
    rota_log_close(&b->log);
    close_pipe(b);
    close_bench(b);
}

static void without_a_log_it_is_written(void **state)
{
    struct bench *b = open_bench();
    (void)state;
    rota_log_put(NULL, "a\n", 2);
    rota_log_flush(NULL);
    rota_log_close(&b->log);
    rota_log_put(&b->log, "b\n", 2);
    read_some(b);
    close_pipe(b);
    assert_false(rota_log_is_waiting(NULL));
    assert_string_equal(b->text, "a\nb\n");
    close_bench(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_goes_at_once),
        cmocka_unit_test(what_waits_comes_in_order),
        cmocka_unit_test(what_is_too_much_is_counted),
        cmocka_unit_test(flood_of_others_leaves_room_for_ones_own),
        cmocka_unit_test(reader_that_is_gone_holds_nobody_up),
        cmocka_unit_test(end_does_not_wait_for_ever),
        cmocka_unit_test(without_a_log_it_is_written),
    };
    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
