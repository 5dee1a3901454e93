/* The guard and its runs, through the executor of a worker. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "cli/base/alarm.h"
#include "cli/runner/executor.h"
#include "cli/runner/progress_pipe.h"

enum {
    RESULT_LIMIT = 100000,
    LOG_LIMIT = 2000,
    GRACE_MS = 500,
    LONG_MS = 30000,
    TIME_LIMIT_MS = 90000,
    RUNS = 4
};

/* The end of a run. */
struct ended {
    bool known;
    enum rota_ending ending;
    char reason[200];
    char errors[8192];
    int32_t exit_status;
    bool hopeless;
    char progress[256]; /* the last line */
    uint32_t lines;     /* of progress */
    char *output;
    size_t length;
};

struct fixture {
    uv_loop_t loop;
    uv_timer_t time_limit;
    struct rota_executor executor;
    struct ended runs[RUNS];
    bool lost;
    bool timed_out;
    char log[4096]; /* the lines that runs wrote on standard error */
    char file[64];  /* the path of an empty file for the test */
};

static void on_progress(struct fixture *f, const struct rota_event *event)
{
    assert_in_range(event->progress.run, 0, RUNS - 1);
    struct ended *run = &f->runs[event->progress.run];
    assert_false(run->known);
    run->lines++;
    snprintf(run->progress, sizeof run->progress, "%s", event->progress.line);
}

static void on_event(struct rota_executor *e, struct rota_event *event)
{
    struct fixture *f = e->context;

    if (event->kind == ROTA_EVENT_PROGRESS) {
        on_progress(f, event);
        return;
    }
    assert_in_range(event->finished.run, 0, RUNS - 1);
    struct ended *ended = &f->runs[event->finished.run];
    assert_false(ended->known);
    ended->known = true;
    ended->exit_status = event->finished.exit_status;
    ended->hopeless = event->finished.hopeless;
    ended->ending = event->finished.ending;
    ended->length = (size_t)event->finished.output.length;
    ended->output = calloc(ended->length + 1, 1);
    if (ended->length > 0)
        memcpy(ended->output, event->finished.output.data, ended->length);
    snprintf(ended->reason, sizeof ended->reason, "%s", event->finished.reason);
    snprintf(ended->errors, sizeof ended->errors, "%.*s", event->finished.errors.length,
             (const char *)event->finished.errors.data);
}

static void on_line(struct rota_executor *e, const char *task, const char *line, size_t length)
{
    struct fixture *f = e->context;
    size_t end = strlen(f->log);

    assert_string_equal(task, "t1");
    if (line != NULL)
        snprintf(f->log + end, sizeof f->log - end, "%.*s\n", (int)length, line);
}

static void on_lost(struct rota_executor *e)
{
    ((struct fixture *)e->context)->lost = true;
}

static void on_time_limit(uv_timer_t *timer)
{
    ((struct fixture *)timer->data)->timed_out = true;
}

static struct fixture *open_fixture_with(char *const *argv, uint32_t grace_ms)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_int_equal(uv_loop_init(&f->loop), 0);
    uv_timer_init(&f->loop, &f->time_limit);
    f->time_limit.data = f;
    uv_timer_start(&f->time_limit, on_time_limit, TIME_LIMIT_MS, 0);
    f->executor.context = f;
    f->executor.on_event = on_event;
    f->executor.on_line = on_line;
    f->executor.on_lost = on_lost;
    struct rota_executor_config config = {.program = ROTA_PROGRAM,
                                          .worker = "w1",
                                          .argv = argv,
                                          .max_result = RESULT_LIMIT,
                                          .max_log = LOG_LIMIT,
                                          .grace_ms = grace_ms};
    assert_int_equal(rota_executor_open(&f->executor, &f->loop, &config), 0);
    snprintf(f->file, sizeof f->file, "/tmp/rota-test-guard-XXXXXX");
    int descriptor = mkstemp(f->file);
    assert_true(descriptor >= 0);
    close(descriptor);
    return f;
}

static struct fixture *open_fixture(char *const *argv)
{
    return open_fixture_with(argv, GRACE_MS);
}

static void close_fixture(struct fixture *f)
{
    rota_executor_close(&f->executor);
    uv_close((uv_handle_t *)&f->time_limit, NULL);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    unlink(f->file);
    for (int i = 0; i < RUNS; i++)
        free(f->runs[i].output);
    free(f);
}

static void act(struct fixture *f, const struct rota_action *action)
{
    rota_executor_act(&f->executor, action, rota_clock_boottime(), rota_clock_boottime());
}

static void run_bytes(struct fixture *f, uint64_t run, const void *payload, size_t length)
{
    struct rota_action action = {.kind = ROTA_ACTION_RUN,
                                 .run = {.run = run,
                                         .task = "t1",
                                         .worker = "w1",
                                         .attempt = 2,
                                         .fence = 70 + (int64_t)run,
                                         .payload = {payload, (int32_t)length}}};

    act(f, &action);
}

static void run(struct fixture *f, uint64_t run, const char *command)
{
    run_bytes(f, run, command, strlen(command));
}

/* Runs the loop until that run has ended. */
static struct ended *await(struct fixture *f, uint64_t run)
{
    while (!f->runs[run].known && !f->timed_out)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_false(f->timed_out);
    return &f->runs[run];
}

static struct ended *run_to_end(struct fixture *f, const char *command)
{
    run(f, 0, command);
    return await(f, 0);
}

static void assert_failure(const struct ended *ended, const char *reason)
{
    assert_int_equal(ended->ending, ROTA_ENDING_FAILURE);
    assert_string_equal(ended->reason, reason);
}

static bool is_alive(pid_t pid)
{
    return kill(pid, 0) == 0 || errno != ESRCH;
}

/* Waits until the file holds a number, a process id. */
static pid_t await_pid(struct fixture *f)
{
    int pid = 0;

    while (pid == 0 && !f->timed_out) {
        FILE *file = fopen(f->file, "r");

        assert_non_null(file);
        if (fscanf(file, "%d\n", &pid) != 1)
            pid = 0;
        fclose(file);
        uv_run(&f->loop, UV_RUN_NOWAIT);
    }
    assert_int_not_equal(pid, 0);
    return pid;
}

static void await_death(struct fixture *f, pid_t pid)
{
    while (is_alive(pid) && !f->timed_out)
        uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_false(is_alive(pid));
}

static void standard_output_is_the_result(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    struct ended *ended = run_to_end(f, "printf 'a\\000b\\n'; printf c");
    assert_int_equal(ended->ending, ROTA_ENDING_SUCCESS);
    assert_int_equal(ended->length, 5);
    assert_memory_equal(ended->output, "a\0b\nc", 5);
    close_fixture(f);
}

static void environment_describes_the_task(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    setenv("ROTA_TASK", "of another", 1);
    struct ended *ended = run_to_end(
        f, "echo $ROTA_TASK $ROTA_ATTEMPT $ROTA_FENCE $ROTA_WORKER; env | grep -c ROTA_TASK");
    assert_string_equal(ended->output, "t1 2 70 w1\n1\n");
    close_fixture(f);
}

static void input_of_a_command_is_empty(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    assert_string_equal(run_to_end(f, "cat; echo end")->output, "end\n");
    close_fixture(f);
}

static void output_can_be_opened_by_name(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    assert_string_equal(run_to_end(f, "echo x >/dev/stdout")->output, "x\n");
    close_fixture(f);
}

static void exit_status_is_the_reason(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    struct ended *ended = run_to_end(f, "echo part; echo why >&2; exit 3");
    assert_failure(ended, "exit status 3");
    assert_int_equal(ended->exit_status, 3);
    assert_false(ended->hopeless);
    assert_string_equal(ended->output, "part\n");
    assert_string_equal(ended->errors, "why\n");
    close_fixture(f);
}

static void signal_is_the_reason(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    struct ended *ended = run_to_end(f, "kill -9 $$");
    assert_failure(ended, "killed by signal 9 (Killed)");
    assert_int_equal(ended->exit_status, 0);
    close_fixture(f);
}

static void missing_program_is_the_reason(void **state)
{
    char *argv[] = {"/no/such/program", NULL};
    struct fixture *f = open_fixture(argv);

    (void)state;
    assert_failure(run_to_end(f, "x"), "cannot be started: No such file or directory");
    close_fixture(f);
}

static void command_with_a_nul_byte_is_refused(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    run_bytes(f, 0, "echo a\0b", 8);
    assert_failure(await(f, 0), "the payload holds a NUL byte, which a shell command cannot hold");
    close_fixture(f);
}

static void command_above_the_limit_is_refused(void **state)
{
    enum { SIZE = 131072 };
    struct fixture *f = open_fixture(NULL);
    char *command = malloc(SIZE);

    (void)state;
    memset(command, ' ', SIZE);
    run_bytes(f, 0, command, SIZE);
    assert_failure(await(f, 0),
                   "the command is longer than 131071 bytes, the system's limit for sh -c");
    assert_true(f->runs[0].hopeless);
    run_bytes(f, 1, command, SIZE - 1);
    assert_int_equal(await(f, 1)->ending, ROTA_ENDING_SUCCESS);
    free(command);
    close_fixture(f);
}

static void program_gets_the_payload(void **state)
{
    char *argv[] = {"sh", "-c", "wc -c; echo \"$1\"", "sh", "an argument", NULL};
    enum { SIZE = 1000000 };
    struct fixture *f = open_fixture(argv);
    char *payload = calloc(SIZE, 1);

    (void)state;
    run_bytes(f, 0, payload, SIZE);
    assert_string_equal(await(f, 0)->output, "1000000\nan argument\n");
    run_bytes(f, 1, NULL, 0);
    assert_string_equal(await(f, 1)->output, "0\nan argument\n");
    free(payload);
    close_fixture(f);
}

static void program_may_ignore_its_input(void **state)
{
    char *argv[] = {"sh", "-c", "exec <&-; echo done", NULL};
    enum { SIZE = 1000000 };
    struct fixture *f = open_fixture(argv);
    char *payload = calloc(SIZE, 1);

    (void)state;
    run_bytes(f, 0, payload, SIZE);
    assert_string_equal(await(f, 0)->output, "done\n");
    assert_int_equal(f->runs[0].ending, ROTA_ENDING_SUCCESS);
    free(payload);
    close_fixture(f);
}

static void result_has_a_limit(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    run(f, 0, "head -c 100000 /dev/zero");
    run(f, 1, "head -c 100001 /dev/zero");
    run(f, 2, "yes");
    assert_int_equal(await(f, 0)->ending, ROTA_ENDING_SUCCESS);
    assert_failure(await(f, 1), "standard output is longer than 100000 bytes");
    assert_failure(await(f, 2), "standard output is longer than 100000 bytes");
    assert_true(f->runs[1].hopeless && f->runs[2].hopeless);
    for (int i = 0; i < 3; i++)
        assert_int_equal(f->runs[i].length, RESULT_LIMIT);
    assert_memory_equal(f->runs[2].output, "y\ny\n", 4);
    close_fixture(f);
}

static void end_of_standard_error_is_kept(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    struct ended *ended = run_to_end(f, "yes a-line | head -n 300000 >&2; echo last >&2; exit 1");
    assert_failure(ended, "exit status 1");
    assert_int_equal(strlen(ended->errors), 4096);
    assert_string_equal(ended->errors + 4096 - 12, "a-line\nlast\n");
    close_fixture(f);
}

/* The log of each run is limited, and a line says how much was left out. */
static void log_has_a_limit(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    run(f, 0, "echo one >&2; printf two >&2");
    await(f, 0);
    assert_string_equal(f->log, "one\ntwo\n");
    f->log[0] = '\0';
    run(f, 1, "head -c 1990 /dev/zero | tr '\\0' '\\n' >&2; echo 123456789 >&2");
    await(f, 1);
    assert_int_equal(strlen(f->log), LOG_LIMIT);
    f->log[0] = '\0';
    run(f, 2,
        "head -c 1990 /dev/zero | tr '\\0' '\\n' >&2; echo 1234567890 >&2; echo end >&2; exit 1");
    assert_string_equal(await(f, 2)->errors + strlen(f->runs[2].errors) - 4, "end\n");
    assert_string_equal(f->log + 1990, "1234567890\n(5 more bytes left out)\n");
    close_fixture(f);
}

static void background_process_ends_with_its_task(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    struct ended *ended = run_to_end(f, "sleep 1000 & echo $!");
    assert_int_equal(ended->ending, ROTA_ENDING_SUCCESS);
    await_death(f, (pid_t)strtol(ended->output, NULL, 10));
    close_fixture(f);
}

static void daemon_ends_with_its_task(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char command[200];

    (void)state;
    snprintf(command, sizeof command,
             "setsid sh -c 'sleep 1000 & echo $! >%s; wait' & "
             "until test -s %s; do :; done",
             f->file, f->file);
    run(f, 1, "exec sleep 1000");
    assert_int_equal(run_to_end(f, command)->ending, ROTA_ENDING_SUCCESS);
    await_death(f, await_pid(f));
    assert_false(f->runs[1].known); /* the other run goes on */
    close_fixture(f);
}

/* It is known to be left behind only because it is older than all runs that still run. */
static void daemon_of_unknown_origin_ends_with_the_older_runs(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char command[300];

    (void)state;
    run(f, 1, "exec sleep 1000");
    snprintf(command, sizeof command,
             "setsid env -i /bin/sh -c 'sleep 1000 & echo $! >%s; wait' & "
             "until test -s %s; do :; done",
             f->file, f->file);
    assert_int_equal(run_to_end(f, command)->ending, ROTA_ENDING_SUCCESS);
    pid_t pid = await_pid(f);
    run(f, 2, "sleep 0.1; echo later");
    await(f, 2);
    assert_true(is_alive(pid)); /* it may belong to run 1, which still runs */
    run(f, 3, "exec sleep 1000");
    act(f,
        &(struct rota_action){.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 1, .at_once = true}});
    assert_int_equal(await(f, 1)->ending, ROTA_ENDING_STOPPED);
    await_death(f, pid);
    assert_false(f->runs[3].known); /* the run that began later goes on */
    close_fixture(f);
}

static void cancel_allows_a_grace_period(void **state)
{
    struct fixture *f = open_fixture_with(NULL, LONG_MS);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];

    (void)state;
    snprintf(command, sizeof command,
             "trap 'echo bye; exit 0' TERM; echo $$ >%s; while :; do sleep 0.01; done", f->file);
    run(f, 0, command);
    await_pid(f);
    act(f, &cancel);
    struct ended *ended = await(f, 0);
    assert_int_equal(ended->ending, ROTA_ENDING_STOPPED);
    assert_string_equal(ended->output, "bye\n");
    close_fixture(f);
}

static void grace_period_ends(void **state)
{
    struct fixture *f = open_fixture(NULL);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];

    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             f->file);
    run(f, 0, command);
    pid_t pid = await_pid(f);
    act(f, &cancel);
    assert_int_equal(await(f, 0)->ending, ROTA_ENDING_STOPPED);
    await_death(f, pid);
    close_fixture(f);
}

static void grace_period_is_as_long_as_configured(void **state)
{
    struct fixture *f = open_fixture(NULL);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];

    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             f->file);
    run(f, 0, command);
    await_pid(f);
    rota_time begin = rota_clock_boottime();
    act(f, &cancel);
    await(f, 0);
    assert_in_range(rota_clock_boottime() - begin, GRACE_MS * 1000, LONG_MS * 1000);
    close_fixture(f);
}

static void closed_outputs_do_not_end_a_run(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char command[200];

    (void)state;
    snprintf(command, sizeof command,
             "echo a; exec >&- 2>&- 3>&-; echo $$ >%s; while test -s %s; do :; done; exit 5",
             f->file, f->file);
    run(f, 0, command);
    await_pid(f);
    run(f, 1, "exit 0");
    await(f, 1);
    assert_false(f->runs[0].known);
    assert_int_equal(truncate(f->file, 0), 0);
    assert_failure(await(f, 0), "exit status 5");
    assert_string_equal(f->runs[0].output, "a\n");
    close_fixture(f);
}

/* Waits until the run's last line of progress is this one. */
static void await_progress(struct fixture *f, uint64_t run, const char *line)
{
    while (strcmp(f->runs[run].progress, line) != 0 && !f->timed_out)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_string_equal(f->runs[run].progress, line);
}

static void last_line_of_progress_is_passed_on(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    run(f, 0, "printf '10 %%\\n20 %%\\n\\n30\\t%%\\n' >&3; exec sleep 1000");
    await_progress(f, 0, "30 %");
    assert_int_equal(f->runs[0].lines, 1);
    run(f, 1, "printf 'half a line' >&3; exec sleep 1000");
    await_progress(f, 1, "half a line");
    run(f, 2,
        "i=0; while test $i -lt 300; do printf é >&3; i=$((i + 1)); done; printf '\\rx' >&3;"
        "exec sleep 1000");
    await_progress(f, 2, "x");
    close_fixture(f);
}

static void long_progress_is_cut_between_characters(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char line[256] = "x";

    (void)state;
    for (int i = 0; i < 99; i++)
        snprintf(line + strlen(line), 3, "é");
    run(f, 0,
        "printf x%s $(for i in $(seq 10); do printf éééééééééééé; done) >&3;"
        "exec sleep 1000");
    await_progress(f, 0, line);
    close_fixture(f);
}

static void flood_of_progress_does_not_block(void **state)
{
    struct fixture *f = open_fixture(NULL);
    rota_time begin = rota_clock_boottime();

    (void)state;
    run(f, 0, "seq 300000 >&3; echo end");
    assert_string_equal(await(f, 0)->output, "end\n");
    assert_in_range(f->runs[0].lines, 1,
                    2 + (rota_clock_boottime() - begin) / (ROTA_PROGRESS_PIPE_PAUSE_MS * 1000));
    run(f, 1, "exec 3>&-; echo end");
    assert_string_equal(await(f, 1)->output, "end\n");
    assert_int_equal(f->runs[1].lines, 0);
    close_fixture(f);
}

static void cancel_at_once_has_no_grace(void **state)
{
    struct fixture *f = open_fixture_with(NULL, LONG_MS);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0, .at_once = true}};
    char command[200];

    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             f->file);
    run(f, 0, command);
    await_pid(f);
    act(f, &cancel);
    rota_time begin = rota_clock_boottime();
    assert_int_equal(await(f, 0)->ending, ROTA_ENDING_STOPPED);
    assert_in_range(rota_clock_boottime() - begin, 0, LONG_MS * 1000 - 1);
    close_fixture(f);
}

static void end_of_the_lease_ends_all_runs(void **state)
{
    struct fixture *f = open_fixture(NULL);
    struct rota_action lease = {.kind = ROTA_ACTION_LEASE};

    (void)state;
    lease.lease.until = rota_clock_boottime() + 60000000;
    act(f, &lease);
    run(f, 0, "exec sleep 1000");
    run(f, 1, "exec sleep 1000");
    lease.lease.until = rota_clock_boottime() + 50000;
    act(f, &lease);
    assert_int_equal(await(f, 0)->ending, ROTA_ENDING_STOPPED);
    assert_int_equal(await(f, 1)->ending, ROTA_ENDING_STOPPED);
    run(f, 2, "exec sleep 1000"); /* begun after the end of the lease */
    assert_int_equal(await(f, 2)->ending, ROTA_ENDING_STOPPED);
    lease.lease.until = ROTA_NEVER;
    act(f, &lease);
    run(f, 3, "echo again");
    assert_string_equal(await(f, 3)->output, "again\n");
    close_fixture(f);
}

/* A worker in a process of its own is killed while it has a run. */
static void killed_worker_leaves_nothing(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char command[200];

    (void)state;
    snprintf(command, sizeof command, "setsid env -i sleep 1000 & echo $! >%s; exec sleep 1000",
             f->file);
    pid_t worker = fork();
    if (worker == 0) {
        struct fixture *own = open_fixture(NULL);

        unlink(own->file);
        run(own, 0, command);
        await(own, 0);
        _exit(0);
    }
    pid_t pid = await_pid(f);
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    await_death(f, pid);
    close_fixture(f);
}

/* The main function of a process: begins a run, sets a lease that ends soon, and stops itself. */
static void be_a_worker_that_stops(const char *file)
{
    struct fixture *own = open_fixture(NULL);
    struct rota_action lease = {.kind = ROTA_ACTION_LEASE};
    char command[200];

    snprintf(command, sizeof command, "echo $$ >%s; echo $$ >%s; exec sleep 1000", file, own->file);
    run(own, 0, command);
    await_pid(own);
    unlink(own->file);
    lease.lease.until = rota_clock_boottime() + 500000;
    act(own, &lease);
    raise(SIGSTOP);
    _exit(0);
}

static void stopped_worker_is_ended_by_the_lease(void **state)
{
    struct fixture *f = open_fixture(NULL);
    int status;

    (void)state;
    pid_t worker = fork();
    if (worker == 0)
        be_a_worker_that_stops(f->file);
    assert_int_equal(waitpid(worker, &status, WUNTRACED), worker);
    assert_true(WIFSTOPPED(status));
    await_death(f, await_pid(f));
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    close_fixture(f);
}

/* A run that stops its guard ends as usual, and so do later runs. */
static void stopped_guard_is_continued(void **state)
{
    struct fixture *f = open_fixture(NULL);

    (void)state;
    run(f, 0, "kill -STOP $PPID; kill -STOP $PPID; echo 1");
    assert_string_equal(await(f, 0)->output, "1\n");
    run(f, 1, "echo 2");
    assert_string_equal(await(f, 1)->output, "2\n");
    assert_false(f->lost);
    close_fixture(f);
}

/* A worker and its guard are stopped, and the worker is killed. No other process knows the guard.
 */
static void killed_worker_of_a_stopped_guard_leaves_nothing(void **state)
{
    struct fixture *f = open_fixture(NULL);
    char command[200];
    int status;

    (void)state;
    snprintf(command, sizeof command,
             "kill -STOP $(ps -o ppid= $PPID) $PPID; echo $$ >%s; "
             "exec sleep 1000",
             f->file);
    pid_t worker = fork();
    if (worker == 0) {
        struct fixture *own = open_fixture(NULL);

        unlink(own->file);
        run(own, 0, command);
        await(own, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(worker, &status, WUNTRACED), worker);
    assert_true(WIFSTOPPED(status));
    pid_t pid = await_pid(f);
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    await_death(f, pid);
    close_fixture(f);
}

static void lose_guard(int number)
{
    struct fixture *f = open_fixture(NULL);
    char command[200];

    snprintf(command, sizeof command, "echo $$ >%s; exec sleep 1000", f->file);
    run(f, 0, command);
    pid_t pid = await_pid(f);
    uv_process_kill(&f->executor.guard, number);
    assert_int_equal(await(f, 0)->ending, ROTA_ENDING_STOPPED);
    while (!f->lost && !f->timed_out)
        uv_run(&f->loop, UV_RUN_ONCE);
    assert_true(f->lost);
    await_death(f, pid);
    close_fixture(f);
}

static void terminated_guard_is_reported_as_lost(void **state)
{
    (void)state;
    lose_guard(SIGTERM);
}

static void killed_guard_leaves_nothing(void **state)
{
    (void)state;
    lose_guard(SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_output_is_the_result),
        cmocka_unit_test(environment_describes_the_task),
        cmocka_unit_test(input_of_a_command_is_empty),
        cmocka_unit_test(output_can_be_opened_by_name),
        cmocka_unit_test(exit_status_is_the_reason),
        cmocka_unit_test(signal_is_the_reason),
        cmocka_unit_test(missing_program_is_the_reason),
        cmocka_unit_test(command_with_a_nul_byte_is_refused),
        cmocka_unit_test(command_above_the_limit_is_refused),
        cmocka_unit_test(program_gets_the_payload),
        cmocka_unit_test(program_may_ignore_its_input),
        cmocka_unit_test(result_has_a_limit),
        cmocka_unit_test(end_of_standard_error_is_kept),
        cmocka_unit_test(log_has_a_limit),
        cmocka_unit_test(background_process_ends_with_its_task),
        cmocka_unit_test(daemon_ends_with_its_task),
        cmocka_unit_test(daemon_of_unknown_origin_ends_with_the_older_runs),
        cmocka_unit_test(cancel_allows_a_grace_period),
        cmocka_unit_test(grace_period_ends),
        cmocka_unit_test(grace_period_is_as_long_as_configured),
        cmocka_unit_test(cancel_at_once_has_no_grace),
        cmocka_unit_test(closed_outputs_do_not_end_a_run),
        cmocka_unit_test(last_line_of_progress_is_passed_on),
        cmocka_unit_test(long_progress_is_cut_between_characters),
        cmocka_unit_test(flood_of_progress_does_not_block),
        cmocka_unit_test(end_of_the_lease_ends_all_runs),
        cmocka_unit_test(killed_worker_leaves_nothing),
        cmocka_unit_test(stopped_worker_is_ended_by_the_lease),
        cmocka_unit_test(stopped_guard_is_continued),
        cmocka_unit_test(killed_worker_of_a_stopped_guard_leaves_nothing),
        cmocka_unit_test(terminated_guard_is_reported_as_lost),
        cmocka_unit_test(killed_guard_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
