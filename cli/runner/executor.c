#include "cli/runner/executor.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/runner/guard.h"
#include "cli/runner/process_tree.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    LINE_LIMIT = 1000, /* bytes of a line of standard error; a longer line is cut into pieces */
    ORPHAN_ROUNDS = 1000,
};

#define EXECUTOR_MAGIC ROTA_MAGIC('E', 'X', 'E', 'C')

struct rota_executor_run {
    struct rota_executor_run *next;
    uint64_t run;
    char *task;
    uint32_t logged;   /* bytes that were passed on */
    uint64_t left_out; /* bytes that were not */
    size_t line_length;
    char line[LINE_LIMIT];
};

static struct rota_executor_run **find(struct rota_executor *e, uint64_t run)
{
    struct rota_executor_run **at = &e->first;

    while (*at != NULL && (*at)->run != run)
        at = &(*at)->next;
    return at;
}

static void forget(struct rota_executor_run **at)
{
    struct rota_executor_run *run = *at;

    *at = run->next;
    free(run->task);
    free(run);
}

static void pass_line(struct rota_executor *e, struct rota_executor_run *run)
{
    e->on_line(e, run->task, run->line, run->line_length);
    run->line_length = 0;
}

static void log_errors(struct rota_executor *e, struct rota_executor_run *run,
                       struct rota_bytes text)
{
    const char *data = text.data;
    uint32_t room = e->config.max_log - run->logged;
    uint32_t length = (uint32_t)text.length < room ? (uint32_t)text.length : room;

    if (e->on_line == NULL)
        return;
    if (e->config.max_log != UINT32_MAX)
        run->logged += length;
    run->left_out += (uint32_t)text.length - length;
    for (uint32_t i = 0; i < length; i++) {
        if (run->line_length == LINE_LIMIT)
            pass_line(e, run);
        if (data[i] == '\n')
            pass_line(e, run);
        else
            run->line[run->line_length++] = data[i];
    }
    e->on_line(e, run->task, NULL, 0);
}

/* Passes on a last line without newline, and a line about the bytes that were left out. */
static void end_log(struct rota_executor *e, struct rota_executor_run *run)
{
    if (e->on_line == NULL || (run->line_length == 0 && run->left_out == 0))
        return;
    if (run->line_length > 0)
        pass_line(e, run);
    if (run->left_out > 0) {
        run->line_length = (size_t)snprintf(run->line, sizeof run->line,
                                            "(%" PRIu64 " more bytes left out)", run->left_out);
        pass_line(e, run);
    }
    e->on_line(e, run->task, NULL, 0);
}

static void report(struct rota_executor *e, struct rota_executor_run **at,
                   const struct rota_frame *frame)
{
    struct rota_event event = {.kind = ROTA_EVENT_FINISHED,
                               .finished = {.run = (*at)->run,
                                            .ending = (enum rota_ending)frame->number,
                                            .output = frame->bytes,
                                            .reason = frame->text,
                                            .errors = frame->errors,
                                            .exit_status = frame->status,
                                            .hopeless = frame->hopeless}};

    end_log(e, *at);
    forget(at);
    if (!e->closing)
        e->on_event(e, &event);
}

static void tell_progress(struct rota_executor *e, const struct rota_frame *frame)
{
    struct rota_event event = {.kind = ROTA_EVENT_PROGRESS,
                               .progress = {.run = frame->run, .line = frame->text}};

    if (!e->closing)
        e->on_event(e, &event);
}

static void on_frame(struct rota_channel *channel, const struct rota_frame *frame)
{
    struct rota_executor *e = channel->context;
    struct rota_executor_run **at = find(e, frame->run);

    rota_assert(*at != NULL);
    if (frame->kind == ROTA_FRAME_LOG)
        log_errors(e, *at, frame->bytes);
    else if (frame->kind == ROTA_FRAME_PROGRESS)
        tell_progress(e, frame);
    else if (frame->kind == ROTA_FRAME_FINISHED)
        report(e, at, frame);
}

/* Kills and reaps the processes that a killed guard left behind. */
static void kill_orphans(void)
{
    struct rota_process_tree descendants = {0};

    for (int round = 0; round < ORPHAN_ROUNDS && waitpid(-1, NULL, WNOHANG) >= 0; round++) {
        rota_process_tree_read(&descendants, getpid());
        for (size_t i = 0; i < descendants.count; i++)
            kill(descendants.members[i].pid, SIGKILL);
    }
    rota_process_tree_close(&descendants);
}

/* Called when the guard has ended and its last message was read. */
static void lose_guard(struct rota_executor *e)
{
    struct rota_frame stopped = {.number = ROTA_ENDING_STOPPED, .text = "the guard process ended"};

    if (e->closing || !e->guard_ended || !e->channel.ended)
        return;
    kill_orphans();
    while (e->first != NULL)
        report(e, &e->first, &stopped);
    e->on_lost(e);
}

static void on_end(struct rota_channel *channel)
{
    lose_guard(channel->context);
}

/* A run can stop its guard by a signal. Only its worker can notice and continue it. */
static void on_child_signal(uv_signal_t *handle, int number)
{
    struct rota_executor *e = rota_cast(struct rota_executor, handle->data, EXECUTOR_MAGIC);
    siginfo_t info = {0};

    (void)number;
    while (!e->guard_ended && waitid(P_PID, (id_t)e->guard.pid, &info, WSTOPPED | WNOHANG) == 0 &&
           info.si_pid != 0) {
        kill(e->guard.pid, SIGCONT);
        info.si_pid = 0;
    }
}

static void stop_watching(struct rota_executor *e)
{
    if (!uv_is_closing((uv_handle_t *)&e->guard_signal))
        uv_close((uv_handle_t *)&e->guard_signal, NULL);
}

static void on_guard_exit(uv_process_t *guard, int64_t status, int term_signal)
{
    struct rota_executor *e = rota_cast(struct rota_executor, guard->data, EXECUTOR_MAGIC);

    (void)status;
    (void)term_signal;
    uv_close((uv_handle_t *)guard, NULL);
    stop_watching(e);
    e->guard_ended = true;
    lose_guard(e);
}

/* Starts the guard with its end of the channel. Returns 0 or a libuv error. */
static int spawn_guard(struct rota_executor *e, uv_loop_t *loop, int descriptor)
{
    enum { FIXED = 5 };
    const struct rota_executor_config *config = &e->config;
    char max_result[32];
    char grace_ms[32];
    size_t count = 0;

    snprintf(max_result, sizeof max_result, "%u", config->max_result);
    snprintf(grace_ms, sizeof grace_ms, "%u", config->grace_ms);
    while (config->argv != NULL && config->argv[count] != NULL)
        count++;
    char **argv = rota_memory_zeroed(FIXED + count + 1, sizeof *argv);
    char *own[FIXED] = {"rota", "guard", max_result, grace_ms, (char *)config->worker};
    memcpy(argv, own, sizeof own);
    if (count > 0)
        memcpy(argv + FIXED, config->argv, count * sizeof *argv);
    uv_stdio_container_t stdio[] = {{.flags = UV_IGNORE},
                                    {.flags = UV_IGNORE},
                                    {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
                                    {.flags = UV_INHERIT_FD, .data.fd = descriptor}};
    uv_process_options_t options = {.file = config->program != NULL ? config->program
                                                                    : "/proc/self/exe",
                                    .args = argv,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = ROTA_GUARD_DESCRIPTOR + 1,
                                    .stdio = stdio,
                                    .exit_cb = on_guard_exit};
    e->guard.data = e;
    e->guard_signal.data = e;
    uv_signal_init(loop, &e->guard_signal);
    uv_signal_start(&e->guard_signal, on_child_signal, SIGCHLD);
    int rc = uv_spawn(loop, &e->guard, &options);
    if (rc != 0) {
        uv_close((uv_handle_t *)&e->guard, NULL);
        stop_watching(e);
    }
    free(argv);
    return rc;
}

int rota_executor_open(struct rota_executor *e, uv_loop_t *loop,
                       const struct rota_executor_config *config)
{
    uv_os_sock_t ends[2];

    rota_assert(e->on_event != NULL && e->on_lost != NULL);
    e->magic = EXECUTOR_MAGIC;
    e->config = *config;
    e->channel.context = e;
    e->channel.on_frame = on_frame;
    e->channel.on_end = on_end;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int rc = uv_socketpair(SOCK_STREAM, 0, ends, 0, 0);
    if (rc != 0)
        return rc;
    rc = spawn_guard(e, loop, ends[1]);
    close(ends[1]);
    if (rc == 0)
        rc = rota_channel_open(&e->channel, loop, ends[0]);
    e->open = rc == 0;
    return rc;
}

static void run(struct rota_executor *e, const struct rota_action *action)
{
    struct rota_executor_run *run = rota_memory_zeroed(1, sizeof *run);

    run->next = e->first;
    run->run = action->run.run;
    run->task = rota_memory_text(action->run.task);
    e->first = run;
    struct rota_frame frame = {.kind = ROTA_FRAME_RUN,
                               .run = action->run.run,
                               .number = action->run.fence,
                               .attempt = action->run.attempt,
                               .text = action->run.task,
                               .bytes = action->run.payload};
    rota_channel_send(&e->channel, &frame);
}

void rota_executor_act(struct rota_executor *e, const struct rota_action *action,
                       rota_time boottime, rota_time backend_now)
{
    rota_assert(e->open);
    if (e->channel.ended)
        return;
    struct rota_frame frame = {0};
    if (action->kind == ROTA_ACTION_RUN) {
        run(e, action);
    } else if (action->kind == ROTA_ACTION_CANCEL) {
        frame.kind = ROTA_FRAME_CANCEL;
        frame.run = action->cancel.run;
        frame.number = action->cancel.at_once;
        rota_channel_send(&e->channel, &frame);
    } else if (action->kind == ROTA_ACTION_LEASE) {
        frame.kind = ROTA_FRAME_LEASE;
        frame.number = action->lease.until == ROTA_NEVER
                           ? ROTA_NEVER
                           : boottime + (action->lease.until - backend_now);
        rota_channel_send(&e->channel, &frame);
    }
}

void rota_executor_close(struct rota_executor *e)
{
    e->closing = true;
    while (e->first != NULL)
        forget(&e->first);
    if (e->open)
        rota_channel_close(&e->channel);
    e->open = false;
}
