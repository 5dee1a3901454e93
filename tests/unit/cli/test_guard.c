/* The guard and what runs under it, through the executor that a worker uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "cli/base/alarm.h"
#include "cli/runner/executor.h"
#include "cli/runner/progress_pipe.h"

enum {
    RESULT_LIMIT = 100000,
    LOG_LIMIT = 2000,
    GRACE_MS = 500,
    LONG_MS = 30000,
    PATIENCE_MS = 90000,
    RUNS = 4
};

/* How a run ended. */
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

struct bench {
    uv_loop_t loop;
    uv_timer_t patience;
    struct rota_executor executor;
    struct ended runs[RUNS];
    bool lost;
    bool out_of_patience;
    char log[4096]; /* what runs wrote on standard error, in lines */
    char file[64];  /* a path of its own for a test that needs one */
};

static void on_progress(struct bench *b, const struct rota_event *event)
{
    assert_in_range(event->progress.run, 0, RUNS - 1);
    struct ended *run = &b->runs[event->progress.run];
    assert_false(run->known);
    run->lines++;
    snprintf(run->progress, sizeof run->progress, "%s", event->progress.line);
}

static void on_event(struct rota_executor *e, struct rota_event *event)
{
    struct bench *b = e->context;
    if (event->kind == ROTA_EVENT_PROGRESS) {
        on_progress(b, event);
        return;
    }
    assert_in_range(event->finished.run, 0, RUNS - 1);
    struct ended *ended = &b->runs[event->finished.run];
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
    struct bench *b = e->context;
    size_t end = strlen(b->log);
    assert_string_equal(task, "t1");
    if (line != NULL)
        snprintf(b->log + end, sizeof b->log - end, "%.*s\n", (int)length, line);
}

static void on_lost(struct rota_executor *e)
{
    ((struct bench *)e->context)->lost = true;
}

static void on_patience_over(uv_timer_t *timer)
{
    ((struct bench *)timer->data)->out_of_patience = true;
}

static struct bench *open_bench_with(char *const *argv, uint32_t grace_ms)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_int_equal(uv_loop_init(&b->loop), 0);
    uv_timer_init(&b->loop, &b->patience);
    b->patience.data = b;
    uv_timer_start(&b->patience, on_patience_over, PATIENCE_MS, 0);
    b->executor.context = b;
    b->executor.on_event = on_event;
    b->executor.on_line = on_line;
    b->executor.on_lost = on_lost;
    struct rota_executor_config config = {.program = ROTA_PROGRAM,
                                          .worker = "w1",
                                          .argv = argv,
                                          .max_result = RESULT_LIMIT,
                                          .max_log = LOG_LIMIT,
                                          .grace_ms = grace_ms};
    assert_int_equal(rota_executor_open(&b->executor, &b->loop, &config), 0);
    snprintf(b->file, sizeof b->file, "/tmp/rota-test-guard-XXXXXX");
    int descriptor = mkstemp(b->file);
    assert_true(descriptor >= 0);
    close(descriptor);
    return b;
}

static struct bench *open_bench(char *const *argv)
{
    return open_bench_with(argv, GRACE_MS);
}

static void close_bench(struct bench *b)
{
    rota_executor_close(&b->executor);
    uv_close((uv_handle_t *)&b->patience, NULL);
    uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&b->loop), 0);
    unlink(b->file);
    for (int i = 0; i < RUNS; i++)
        free(b->runs[i].output);
    free(b);
}

static void act(struct bench *b, const struct rota_action *action)
{
    rota_executor_act(&b->executor, action, rota_clock_boottime(), rota_clock_boottime());
}

static void run_bytes(struct bench *b, uint64_t run, const void *payload, size_t length)
{
    struct rota_action action = {.kind = ROTA_ACTION_RUN,
                                 .run = {.run = run,
                                         .task = "t1",
                                         .worker = "w1",
                                         .attempt = 2,
                                         .fence = 70 + (int64_t)run,
                                         .payload = {payload, (int32_t)length}}};
    act(b, &action);
}

static void run(struct bench *b, uint64_t run, const char *command)
{
    run_bytes(b, run, command, strlen(command));
}

/* Lets the loop go on until that run has ended. */
static struct ended *await(struct bench *b, uint64_t run)
{
    while (!b->runs[run].known && !b->out_of_patience)
        uv_run(&b->loop, UV_RUN_ONCE);
    assert_false(b->out_of_patience);
    return &b->runs[run];
}

static struct ended *run_to_end(struct bench *b, const char *command)
{
    run(b, 0, command);
    return await(b, 0);
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
static pid_t await_pid(struct bench *b)
{
    int pid = 0;
    while (pid == 0 && !b->out_of_patience) {
        FILE *file = fopen(b->file, "r");
        assert_non_null(file);
        if (fscanf(file, "%d\n", &pid) != 1)
            pid = 0;
        fclose(file);
        uv_run(&b->loop, UV_RUN_NOWAIT);
    }
    assert_int_not_equal(pid, 0);
    return pid;
}

static void await_death(struct bench *b, pid_t pid)
{
    while (is_alive(pid) && !b->out_of_patience)
        uv_run(&b->loop, UV_RUN_NOWAIT);
    assert_false(is_alive(pid));
}

static void output_is_the_result(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    struct ended *ended = run_to_end(b, "printf 'a\\000b\\n'; printf c");
    assert_int_equal(ended->ending, ROTA_ENDING_SUCCESS);
    assert_int_equal(ended->length, 5);
    assert_memory_equal(ended->output, "a\0b\nc", 5);
    close_bench(b);
}

static void task_knows_itself(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    setenv("ROTA_TASK", "of another", 1);
    struct ended *ended = run_to_end(
        b, "echo $ROTA_TASK $ROTA_ATTEMPT $ROTA_FENCE $ROTA_WORKER; env | grep -c ROTA_TASK");
    assert_string_equal(ended->output, "t1 2 70 w1\n1\n");
    close_bench(b);
}

static void input_of_a_command_is_empty(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    assert_string_equal(run_to_end(b, "cat; echo end")->output, "end\n");
    close_bench(b);
}

static void output_can_be_opened_by_name(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    assert_string_equal(run_to_end(b, "echo x >/dev/stdout")->output, "x\n");
    close_bench(b);
}

static void exit_status_is_the_reason(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    struct ended *ended = run_to_end(b, "echo part; echo why >&2; exit 3");
    assert_failure(ended, "exit status 3");
    assert_int_equal(ended->exit_status, 3);
    assert_false(ended->hopeless);
    assert_string_equal(ended->output, "part\n");
    assert_string_equal(ended->errors, "why\n");
    close_bench(b);
}

static void signal_is_the_reason(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    struct ended *ended = run_to_end(b, "kill -9 $$");
    assert_failure(ended, "killed by signal 9 (Killed)");
    assert_int_equal(ended->exit_status, 0);
    close_bench(b);
}

static void missing_program_is_the_reason(void **state)
{
    char *argv[] = {"/no/such/program", NULL};
    struct bench *b = open_bench(argv);
    (void)state;
    assert_failure(run_to_end(b, "x"), "cannot run: No such file or directory");
    close_bench(b);
}

static void nul_byte_is_refused_not_cut(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    run_bytes(b, 0, "echo a\0b", 8);
    assert_failure(await(b, 0), "the payload holds a NUL byte, which a shell command cannot");
    close_bench(b);
}

static void overlong_command_is_refused(void **state)
{
    enum { SIZE = 131072 };
    struct bench *b = open_bench(NULL);
    char *command = malloc(SIZE);
    (void)state;
    memset(command, ' ', SIZE);
    run_bytes(b, 0, command, SIZE);
    assert_failure(await(b, 0),
                   "the command is longer than 131071 bytes, the system's limit for sh -c");
    assert_true(b->runs[0].hopeless);
    run_bytes(b, 1, command, SIZE - 1);
    assert_int_equal(await(b, 1)->ending, ROTA_ENDING_SUCCESS);
    free(command);
    close_bench(b);
}

static void program_gets_the_payload(void **state)
{
    char *argv[] = {"sh", "-c", "wc -c; echo \"$1\"", "sh", "an argument", NULL};
    enum { SIZE = 1000000 };
    struct bench *b = open_bench(argv);
    char *payload = calloc(SIZE, 1);
    (void)state;
    run_bytes(b, 0, payload, SIZE);
    assert_string_equal(await(b, 0)->output, "1000000\nan argument\n");
    run_bytes(b, 1, NULL, 0);
    assert_string_equal(await(b, 1)->output, "0\nan argument\n");
    free(payload);
    close_bench(b);
}

static void program_need_not_read(void **state)
{
    char *argv[] = {"sh", "-c", "exec <&-; echo done", NULL};
    enum { SIZE = 1000000 };
    struct bench *b = open_bench(argv);
    char *payload = calloc(SIZE, 1);
    (void)state;
    run_bytes(b, 0, payload, SIZE);
    assert_string_equal(await(b, 0)->output, "done\n");
    assert_int_equal(b->runs[0].ending, ROTA_ENDING_SUCCESS);
    free(payload);
    close_bench(b);
}

static void result_has_a_limit(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    run(b, 0, "head -c 100000 /dev/zero");
    run(b, 1, "head -c 100001 /dev/zero");
    run(b, 2, "yes");
    assert_int_equal(await(b, 0)->ending, ROTA_ENDING_SUCCESS);
    assert_failure(await(b, 1), "result above 100000 bytes");
    assert_failure(await(b, 2), "result above 100000 bytes");
    assert_true(b->runs[1].hopeless && b->runs[2].hopeless);
    for (int i = 0; i < 3; i++)
        assert_int_equal(b->runs[i].length, RESULT_LIMIT);
    assert_memory_equal(b->runs[2].output, "y\ny\n", 4);
    close_bench(b);
}

static void end_of_errors_is_kept(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    struct ended *ended = run_to_end(b, "yes a-line | head -n 300000 >&2; echo last >&2; exit 1");
    assert_failure(ended, "exit status 1");
    assert_int_equal(strlen(ended->errors), 4096);
    assert_string_equal(ended->errors + 4096 - 12, "a-line\nlast\n");
    close_bench(b);
}

/* What goes to the log is bounded for each run, and how much was left out is said. */
static void log_has_a_limit(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    run(b, 0, "echo one >&2; printf two >&2");
    await(b, 0);
    assert_string_equal(b->log, "one\ntwo\n");
    b->log[0] = '\0';
    run(b, 1, "head -c 1990 /dev/zero | tr '\\0' '\\n' >&2; echo 123456789 >&2");
    await(b, 1);
    assert_int_equal(strlen(b->log), LOG_LIMIT);
    b->log[0] = '\0';
    run(b, 2,
        "head -c 1990 /dev/zero | tr '\\0' '\\n' >&2; echo 1234567890 >&2; echo end >&2; exit 1");
    assert_string_equal(await(b, 2)->errors + strlen(b->runs[2].errors) - 4, "end\n");
    assert_string_equal(b->log + 1990, "1234567890\n(5 bytes more left out)\n");
    close_bench(b);
}

static void background_process_ends_with_its_task(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    struct ended *ended = run_to_end(b, "sleep 1000 & echo $!");
    assert_int_equal(ended->ending, ROTA_ENDING_SUCCESS);
    await_death(b, (pid_t)strtol(ended->output, NULL, 10));
    close_bench(b);
}

static void daemon_ends_with_its_task(void **state)
{
    struct bench *b = open_bench(NULL);
    char command[200];
    (void)state;
    snprintf(command, sizeof command,
             "setsid sh -c 'sleep 1000 & echo $! >%s; wait' & "
             "until test -s %s; do :; done",
             b->file, b->file);
    run(b, 1, "exec sleep 1000");
    assert_int_equal(run_to_end(b, command)->ending, ROTA_ENDING_SUCCESS);
    await_death(b, await_pid(b));
    assert_false(b->runs[1].known); /* the neighbour goes on */
    close_bench(b);
}

/* Nothing tells whose it was, but that it began before all that run now. */
static void nobodys_daemon_ends_with_those_beside_it(void **state)
{
    struct bench *b = open_bench(NULL);
    char command[300];
    (void)state;
    run(b, 1, "exec sleep 1000");
    snprintf(command, sizeof command,
             "setsid env -i /bin/sh -c 'sleep 1000 & echo $! >%s; wait' & "
             "until test -s %s; do :; done",
             b->file, b->file);
    assert_int_equal(run_to_end(b, command)->ending, ROTA_ENDING_SUCCESS);
    pid_t pid = await_pid(b);
    run(b, 2, "sleep 0.1; echo later");
    await(b, 2);
    assert_true(is_alive(pid)); /* it may be that of run 1, which goes on beside it */
    run(b, 3, "exec sleep 1000");
    act(b,
        &(struct rota_action){.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 1, .at_once = true}});
    assert_int_equal(await(b, 1)->ending, ROTA_ENDING_STOPPED);
    await_death(b, pid);
    assert_false(b->runs[3].known); /* the one that began later goes on */
    close_bench(b);
}

static void cancel_gives_a_grace(void **state)
{
    struct bench *b = open_bench_with(NULL, LONG_MS);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];
    (void)state;
    snprintf(command, sizeof command,
             "trap 'echo bye; exit 0' TERM; echo $$ >%s; while :; do sleep 0.01; done", b->file);
    run(b, 0, command);
    await_pid(b);
    act(b, &cancel);
    struct ended *ended = await(b, 0);
    assert_int_equal(ended->ending, ROTA_ENDING_STOPPED);
    assert_string_equal(ended->output, "bye\n");
    close_bench(b);
}

static void grace_ends(void **state)
{
    struct bench *b = open_bench(NULL);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             b->file);
    run(b, 0, command);
    pid_t pid = await_pid(b);
    act(b, &cancel);
    assert_int_equal(await(b, 0)->ending, ROTA_ENDING_STOPPED);
    await_death(b, pid);
    close_bench(b);
}

static void grace_is_as_long_as_told(void **state)
{
    struct bench *b = open_bench(NULL);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0}};
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             b->file);
    run(b, 0, command);
    await_pid(b);
    rota_time begin = rota_clock_boottime();
    act(b, &cancel);
    await(b, 0);
    assert_in_range(rota_clock_boottime() - begin, GRACE_MS * 1000, LONG_MS * 1000);
    close_bench(b);
}

static void closed_outputs_do_not_end_a_run(void **state)
{
    struct bench *b = open_bench(NULL);
    char command[200];
    (void)state;
    snprintf(command, sizeof command,
             "echo a; exec >&- 2>&- 3>&-; echo $$ >%s; while test -s %s; do :; done; exit 5",
             b->file, b->file);
    run(b, 0, command);
    await_pid(b);
    run(b, 1, "exit 0");
    await(b, 1);
    assert_false(b->runs[0].known);
    assert_int_equal(truncate(b->file, 0), 0);
    assert_failure(await(b, 0), "exit status 5");
    assert_string_equal(b->runs[0].output, "a\n");
    close_bench(b);
}

/* Waits until the run's last line of progress is this one. */
static void await_progress(struct bench *b, uint64_t run, const char *line)
{
    while (strcmp(b->runs[run].progress, line) != 0 && !b->out_of_patience)
        uv_run(&b->loop, UV_RUN_ONCE);
    assert_string_equal(b->runs[run].progress, line);
}

static void last_line_of_progress_wins(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    run(b, 0, "printf '10 %%\\n20 %%\\n\\n30\\t%%\\n' >&3; exec sleep 1000");
    await_progress(b, 0, "30 %");
    assert_int_equal(b->runs[0].lines, 1);
    run(b, 1, "printf 'half a line' >&3; exec sleep 1000");
    await_progress(b, 1, "half a line");
    run(b, 2,
        "i=0; while test $i -lt 300; do printf é >&3; i=$((i + 1)); done; printf '\\rx' >&3;"
        "exec sleep 1000");
    await_progress(b, 2, "x");
    close_bench(b);
}

static void overlong_progress_is_cut_between_characters(void **state)
{
    struct bench *b = open_bench(NULL);
    char line[256] = "x";
    (void)state;
    for (int i = 0; i < 99; i++)
        snprintf(line + strlen(line), 3, "é");
    run(b, 0,
        "printf x%s $(for i in $(seq 10); do printf éééééééééééé; done) >&3;"
        "exec sleep 1000");
    await_progress(b, 0, line);
    close_bench(b);
}

static void flood_of_progress_holds_nobody_up(void **state)
{
    struct bench *b = open_bench(NULL);
    rota_time begin = rota_clock_boottime();
    (void)state;
    run(b, 0, "seq 300000 >&3; echo end");
    assert_string_equal(await(b, 0)->output, "end\n");
    assert_in_range(b->runs[0].lines, 1,
                    2 + (rota_clock_boottime() - begin) / (ROTA_PROGRESS_PIPE_PAUSE_MS * 1000));
    run(b, 1, "exec 3>&-; echo end");
    assert_string_equal(await(b, 1)->output, "end\n");
    assert_int_equal(b->runs[1].lines, 0);
    close_bench(b);
}

static void cancel_at_once_has_no_grace(void **state)
{
    struct bench *b = open_bench_with(NULL, LONG_MS);
    struct rota_action cancel = {.kind = ROTA_ACTION_CANCEL, .cancel = {.run = 0, .at_once = true}};
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "trap '' TERM; echo $$ >%s; while :; do sleep 1000; done",
             b->file);
    run(b, 0, command);
    await_pid(b);
    act(b, &cancel);
    rota_time begin = rota_clock_boottime();
    assert_int_equal(await(b, 0)->ending, ROTA_ENDING_STOPPED);
    assert_in_range(rota_clock_boottime() - begin, 0, LONG_MS * 1000 - 1);
    close_bench(b);
}

static void lease_ends_everything(void **state)
{
    struct bench *b = open_bench(NULL);
    struct rota_action lease = {.kind = ROTA_ACTION_LEASE};
    (void)state;
    lease.lease.until = rota_clock_boottime() + 60000000;
    act(b, &lease);
    run(b, 0, "exec sleep 1000");
    run(b, 1, "exec sleep 1000");
    lease.lease.until = rota_clock_boottime() + 50000;
    act(b, &lease);
    assert_int_equal(await(b, 0)->ending, ROTA_ENDING_STOPPED);
    assert_int_equal(await(b, 1)->ending, ROTA_ENDING_STOPPED);
    run(b, 2, "exec sleep 1000"); /* too late to begin */
    assert_int_equal(await(b, 2)->ending, ROTA_ENDING_STOPPED);
    lease.lease.until = ROTA_NEVER;
    act(b, &lease);
    run(b, 3, "echo again");
    assert_string_equal(await(b, 3)->output, "again\n");
    close_bench(b);
}

/* A worker's process of its own, killed while it has work running. */
static void killed_worker_leaves_nothing(void **state)
{
    struct bench *b = open_bench(NULL);
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "setsid env -i sleep 1000 & echo $! >%s; exec sleep 1000",
             b->file);
    pid_t worker = fork();
    if (worker == 0) {
        struct bench *own = open_bench(NULL);
        unlink(own->file);
        run(own, 0, command);
        await(own, 0);
        _exit(0);
    }
    pid_t pid = await_pid(b);
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    await_death(b, pid);
    close_bench(b);
}

/* In a process of its own: has work running under a lease that soon ends, and stops itself. */
static void be_a_worker_that_stops(const char *file)
{
    struct bench *own = open_bench(NULL);
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
    struct bench *b = open_bench(NULL);
    int status;
    (void)state;
    pid_t worker = fork();
    if (worker == 0)
        be_a_worker_that_stops(b->file);
    assert_int_equal(waitpid(worker, &status, WUNTRACED), worker);
    assert_true(WIFSTOPPED(status));
    await_death(b, await_pid(b));
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    close_bench(b);
}

/* Whatever stops it: it goes on, and so does all it is asked for. */
static void stopped_guard_goes_on(void **state)
{
    struct bench *b = open_bench(NULL);
    (void)state;
    run(b, 0, "kill -STOP $PPID; kill -STOP $PPID; echo 1");
    assert_string_equal(await(b, 0)->output, "1\n");
    run(b, 1, "echo 2");
    assert_string_equal(await(b, 1)->output, "2\n");
    assert_false(b->lost);
    close_bench(b);
}

/* A worker and its guard are stopped, and the worker is killed: nobody else knows of the guard. */
static void killed_worker_of_a_stopped_guard_leaves_nothing(void **state)
{
    struct bench *b = open_bench(NULL);
    char command[200];
    int status;
    (void)state;
    snprintf(command, sizeof command,
             "kill -STOP $(ps -o ppid= $PPID) $PPID; echo $$ >%s; "
             "exec sleep 1000",
             b->file);
    pid_t worker = fork();
    if (worker == 0) {
        struct bench *own = open_bench(NULL);
        unlink(own->file);
        run(own, 0, command);
        await(own, 0);
        _exit(0);
    }
    assert_int_equal(waitpid(worker, &status, WUNTRACED), worker);
    assert_true(WIFSTOPPED(status));
    pid_t pid = await_pid(b);
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    await_death(b, pid);
    close_bench(b);
}

static void lose_guard(int number)
{
    struct bench *b = open_bench(NULL);
    char command[200];
    snprintf(command, sizeof command, "echo $$ >%s; exec sleep 1000", b->file);
    run(b, 0, command);
    pid_t pid = await_pid(b);
    uv_process_kill(&b->executor.guard, number);
    assert_int_equal(await(b, 0)->ending, ROTA_ENDING_STOPPED);
    while (!b->lost && !b->out_of_patience)
        uv_run(&b->loop, UV_RUN_ONCE);
    assert_true(b->lost);
    await_death(b, pid);
    close_bench(b);
}

static void guard_asked_to_end_is_lost(void **state)
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
        cmocka_unit_test(output_is_the_result),
        cmocka_unit_test(task_knows_itself),
        cmocka_unit_test(input_of_a_command_is_empty),
        cmocka_unit_test(output_can_be_opened_by_name),
        cmocka_unit_test(exit_status_is_the_reason),
        cmocka_unit_test(signal_is_the_reason),
        cmocka_unit_test(missing_program_is_the_reason),
        cmocka_unit_test(nul_byte_is_refused_not_cut),
        cmocka_unit_test(overlong_command_is_refused),
        cmocka_unit_test(program_gets_the_payload),
        cmocka_unit_test(program_need_not_read),
        cmocka_unit_test(result_has_a_limit),
        cmocka_unit_test(end_of_errors_is_kept),
        cmocka_unit_test(log_has_a_limit),
        cmocka_unit_test(background_process_ends_with_its_task),
        cmocka_unit_test(daemon_ends_with_its_task),
        cmocka_unit_test(nobodys_daemon_ends_with_those_beside_it),
        cmocka_unit_test(cancel_gives_a_grace),
        cmocka_unit_test(grace_ends),
        cmocka_unit_test(grace_is_as_long_as_told),
        cmocka_unit_test(cancel_at_once_has_no_grace),
        cmocka_unit_test(closed_outputs_do_not_end_a_run),
        cmocka_unit_test(last_line_of_progress_wins),
        cmocka_unit_test(overlong_progress_is_cut_between_characters),
        cmocka_unit_test(flood_of_progress_holds_nobody_up),
        cmocka_unit_test(lease_ends_everything),
        cmocka_unit_test(killed_worker_leaves_nothing),
        cmocka_unit_test(stopped_worker_is_ended_by_the_lease),
        cmocka_unit_test(stopped_guard_goes_on),
        cmocka_unit_test(killed_worker_of_a_stopped_guard_leaves_nothing),
        cmocka_unit_test(guard_asked_to_end_is_lost),
        cmocka_unit_test(killed_guard_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
