/* The log does not block while standard error is not read, and it reports missing lines afterwards.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/base/log.h"

enum { PIPE_SIZE = 65536, LINE = 100, TEXT_SIZE = 2 * ROTA_LOG_MOST };

/* A pipe in the place of standard error. */
struct fixture {
    uv_loop_t loop;
    struct rota_log log;
    int ours;
    int saved;
    char *text; /* read so far, terminated */
    size_t length;
};

static struct fixture *open_fixture(void)
{
    struct fixture *f = calloc(1, sizeof *f);
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE), PIPE_SIZE);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    f->ours = ends[0];
    f->saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    f->text = calloc(TEXT_SIZE, 1);
    assert_int_equal(uv_loop_init(&f->loop), 0);
    rota_log_open(&f->log, &f->loop);
    return f;
}

/* Restores standard error and closes the pipe. */
static void close_pipe(struct fixture *f)
{
    dup2(f->saved, STDERR_FILENO);
    close(f->saved);
    if (f->ours >= 0)
        close(f->ours);
}

static void close_fixture(struct fixture *f)
{
    rota_log_close(&f->log);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    free(f->text);
    free(f);
}

/* Reads the bytes in the pipe. Returns whether there were any. */
static bool read_some(struct fixture *f)
{
    assert_true(f->length < TEXT_SIZE - 1);
    ssize_t count = read(f->ours, f->text + f->length, TEXT_SIZE - 1 - f->length);
    f->length += count > 0 ? (size_t)count : 0;
    return count > 0;
}

/* Runs the loop once; the log's timer must keep it alive for that. */
static void go_round(struct fixture *f)
{
    uv_ref((uv_handle_t *)&f->log.retry);
    uv_run(&f->loop, UV_RUN_ONCE);
    uv_unref((uv_handle_t *)&f->log.retry);
}

/* Reads until nothing waits. */
static void read_all(struct fixture *f)
{
    while (rota_log_is_waiting(&f->log)) {
        read_some(f);
        go_round(f);
    }
    while (read_some(f))
        ;
}

static void put_line(struct fixture *f, int number)
{
    char line[LINE + 1];

    snprintf(line, sizeof line, "%099d\n", number);
    rota_log_put(&f->log, line, LINE);
}

static void text_is_written_at_once_if_it_is_read(void **state)
{
    struct fixture *f = open_fixture();

    (void)state;
    rota_log_put(&f->log, "a\n", 2);
    rota_log_put(&f->log, "b\n", 2);
    assert_false(read_some(f));
    rota_log_flush(&f->log);
    read_some(f);
    bool waiting = rota_log_is_waiting(&f->log);
    close_pipe(f);
    assert_false(waiting);
    assert_string_equal(f->text, "a\nb\n");
    close_fixture(f);
}

static void waiting_lines_are_written_in_order(void **state)
{
    enum { LINES = ROTA_LOG_MOST / LINE / 2 };
    struct fixture *f = open_fixture();

    (void)state;
    for (int i = 0; i < LINES; i++) {
        put_line(f, i);
        rota_log_flush(&f->log);
    }
    bool waiting = rota_log_is_waiting(&f->log);
    read_all(f);
    close_pipe(f);
    assert_true(waiting);
    assert_int_equal(f->length, LINES * LINE);
    for (int i = 0; i < LINES; i++)
        assert_int_equal(strtol(f->text + i * LINE, NULL, 10), i);
    close_fixture(f);
}

static void lines_above_the_limit_are_counted(void **state)
{
    enum { LINES = 2 * ROTA_LOG_MOST / LINE };
    struct fixture *f = open_fixture();
    unsigned left_out = 0;

    (void)state;
    for (int i = 0; i < LINES; i++)
        put_line(f, i);
    read_all(f);
    put_line(f, -1);
    rota_log_flush(&f->log);
    read_all(f);
    close_pipe(f);
    const char *report = strstr(f->text, "rota: standard error was not read in time: ");
    assert_non_null(report);
    assert_int_equal(
        sscanf(report, "rota: standard error was not read in time: %u lines", &left_out), 1);
    assert_int_equal((report - f->text) / LINE, LINES - left_out);
    assert_non_null(strstr(report, "\n-0000"));
    close_fixture(f);
}

/* Output of tasks may be left out, but not the lines of the program itself. */
static void flood_of_task_output_leaves_room_for_the_program(void **state)
{
    enum { LINES = 2 * ROTA_LOG_MOST / LINE, OWN = 1000 };
    struct fixture *f = open_fixture();
    char line[LINE + 1];
    unsigned said = 0;

    (void)state;
    memset(line, 'x', LINE);
    line[LINE - 1] = '\n';
    for (int i = 0; i < LINES; i++) {
        rota_log_pass(&f->log, line, LINE);
        if (i % (LINES / OWN) == 0 && said < OWN)
            put_line(f, (int)said++);
    }
    read_all(f);
    close_pipe(f);
    assert_int_equal(said, OWN);
    for (const char *at = f->text; (at = strstr(at, "\n0000")) != NULL; at++)
        said--;
    assert_int_equal(said, 0);
    assert_non_null(strstr(f->text, " lines left out\n"));
    close_fixture(f);
}

static void reader_that_has_gone_does_not_block(void **state)
{
    struct fixture *f = open_fixture();

    (void)state;
    close(f->ours);
    f->ours = -1;
    for (int i = 0; i < 1000; i++)
        put_line(f, i);
    rota_log_flush(&f->log);
    bool waiting = rota_log_is_waiting(&f->log);
    close_pipe(f);
    assert_false(waiting);
    close_fixture(f);
}

static void close_does_not_wait_without_end(void **state)
{
    struct fixture *f = open_fixture();

    (void)state;
    for (int i = 0; i < 1000; i++)
        put_line(f, i);
    rota_log_close(&f->log);
    close_pipe(f);
    close_fixture(f);
}

static void without_a_log_text_is_written_at_once(void **state)
{
    struct fixture *f = open_fixture();

    (void)state;
    rota_log_put(NULL, "a\n", 2);
    rota_log_flush(NULL);
    rota_log_close(&f->log);
    rota_log_put(&f->log, "b\n", 2);
    read_some(f);
    close_pipe(f);
    assert_false(rota_log_is_waiting(NULL));
    assert_string_equal(f->text, "a\nb\n");
    close_fixture(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_written_at_once_if_it_is_read),
        cmocka_unit_test(waiting_lines_are_written_in_order),
        cmocka_unit_test(lines_above_the_limit_are_counted),
        cmocka_unit_test(flood_of_task_output_leaves_room_for_the_program),
        cmocka_unit_test(reader_that_has_gone_does_not_block),
        cmocka_unit_test(close_does_not_wait_without_end),
        cmocka_unit_test(without_a_log_text_is_written_at_once),
    };

    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
