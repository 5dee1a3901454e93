#include "cli/runner/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/base/assert.h"
#include "system/memory.h"

extern char **environ;

#define CHILD_MAGIC ROTA_MAGIC('C', 'H', 'L', 'D')

enum { INPUT, OUTPUT, ERRORS, PROGRESS, PIPES };
enum {
    SETTLE_MS = 2,                /* between two searches for what a run left behind */
    SETTLE_ROUNDS = 500,          /* after so many searches the run ends all the same */
    SHELL_LIMIT = 128 * 1024 - 1, /* Linux: MAX_ARG_STRLEN with its NUL */
};

static struct rota_child *child_of(void *data)
{
    return rota_cast(struct rota_child, data, CHILD_MAGIC);
}

static void fail(struct rota_child *c, const char *reason)
{
    c->ending = ROTA_ENDING_FAILURE;
    snprintf(c->reason, sizeof c->reason, "%s", reason);
}

static void judge(struct rota_child *c, int64_t status, int term_signal)
{
    char reason[128];

    if (c->stop_asked) {
        c->ending = ROTA_ENDING_STOPPED;
    } else if (c->overflowed) {
        snprintf(reason, sizeof reason, "standard output is longer than %u bytes",
                 c->config->max_result);
        c->hopeless = true;
        fail(c, reason);
    } else if (term_signal != 0) {
        snprintf(reason, sizeof reason, "killed by signal %d (%s)", term_signal,
                 strsignal(term_signal));
        fail(c, reason);
    } else if (status != 0) {
        snprintf(reason, sizeof reason, "exit status %d", (int)status);
        fail(c, reason);
    } else {
        c->ending = ROTA_ENDING_SUCCESS;
    }
}

static void release_handle(struct rota_child *c)
{
    if (--c->handles > 0)
        return;
    free(c->task_entry);
    free(c->payload);
    rota_byte_buffer_close(&c->output);
    c->magic = 0;
    c->on_closed(c);
}

static void on_handle_closed(uv_handle_t *handle)
{
    release_handle(child_of(handle->data));
}

static void on_progress_closed(struct rota_progress_pipe *p)
{
    release_handle(p->context);
}

static void close_handle(uv_handle_t *handle)
{
    if (handle->data != NULL && !uv_is_closing(handle))
        uv_close(handle, on_handle_closed);
}

/* Reports the end of the run and begins to close all handles. */
static void finish(struct rota_child *c)
{
    if (c->reported)
        return;
    c->reported = true;
    c->on_finished(c);
    for (int i = INPUT; i < PIPES; i++)
        close_handle((uv_handle_t *)&c->pipe[i]);
    close_handle((uv_handle_t *)&c->process);
    close_handle((uv_handle_t *)&c->timer);
    rota_progress_pipe_close(&c->progress);
}

static void signal_group(const struct rota_child *c, int number)
{
    if (c->pid > 0 && !c->settling)
        kill(-c->pid, number);
}

static bool is_left_behind(const struct rota_child *c, const struct rota_process_info *process)
{
    return process->group == c->pid || process->session == c->pid ||
           (rota_process_tree_environment_has(process->pid, c->fence_entry) &&
            rota_process_tree_environment_has(process->pid, c->task_entry));
}

bool rota_child_is_main(const struct rota_child *first, pid_t pid)
{
    for (const struct rota_child *c = first; c != NULL; c = c->next)
        if (c->pid == pid && !c->settling)
            return true;
    return false;
}

bool rota_child_has_adopted(const struct rota_child *first)
{
    struct rota_process_tree children = {0};
    bool found = !rota_process_tree_read_children(&children);

    for (uint32_t i = 0; i < children.count; i++)
        found = found || !rota_child_is_main(first, children.members[i].pid);
    rota_process_tree_close(&children);
    return found;
}

/* Kills the processes that the run left behind: those of its group, those of its session, and those
 * that its environment identifies. Returns whether there were any. */
static bool sweep(struct rota_child *c)
{
    bool found = false;
    struct rota_process_tree descendants = {0};

    if (c->pid == 0 || !rota_child_has_adopted(*c->config->first))
        return false;
    rota_process_tree_read(&descendants, getpid());
    for (size_t i = 0; i < descendants.count; i++)
        descendants.members[i].marked = is_left_behind(c, &descendants.members[i]);
    rota_process_tree_spread(&descendants);
    for (size_t i = 0; i < descendants.count; i++)
        if (descendants.members[i].marked) {
            kill(descendants.members[i].pid, SIGKILL);
            found = true;
        }
    rota_process_tree_close(&descendants);
    return found;
}

/* Called after the main process has ended: finishes the run when nothing of it is left and its
 * pipes have been read. */
static void settle(struct rota_child *c)
{
    if (c->reported)
        return;
    bool left = sweep(c);
    if ((!left && c->pipes == 0) || ++c->rounds > SETTLE_ROUNDS)
        finish(c);
}

static void on_settle(uv_timer_t *timer)
{
    settle(child_of(timer->data));
}

static void on_grace_over(uv_timer_t *timer)
{
    signal_group(child_of(timer->data), SIGKILL);
}

static void on_main_exit(uv_process_t *process, int64_t status, int term_signal)
{
    struct rota_child *c = child_of(process->data);

    signal_group(c, SIGKILL);
    c->exit_status = term_signal == 0 ? (int32_t)status : 0;
    judge(c, status, term_signal);
    c->settling = true;
    rota_child_resume_log(c);
    uv_timer_start(&c->timer, on_settle, c->pipes == 0 ? 0 : SETTLE_MS, SETTLE_MS);
}

static void end_with_grace(struct rota_child *c)
{
    signal_group(c, SIGTERM);
    uv_timer_start(&c->timer, on_grace_over, c->config->grace_ms, 0);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(rota_memory_grow(NULL, suggested), (unsigned)suggested);
}

static void keep_output(struct rota_child *c, const char *data, size_t length)
{
    size_t room = c->config->max_result - c->output.length;

    if (length > room && !c->overflowed) {
        c->overflowed = true;
        if (!c->settling)
            end_with_grace(c);
        else if (!c->stop_asked)
            judge(c, 0, 0);
    }
    rota_byte_buffer_append(&c->output, data, length < room ? length : room);
}

/* Keeps the last bytes. The buffer has twice that size, so that they are moved seldom. */
static void keep_tail(struct rota_child *c, const char *data, size_t length)
{
    if (length >= ROTA_CHILD_TAIL) {
        data += length - ROTA_CHILD_TAIL;
        length = ROTA_CHILD_TAIL;
        c->tail_length = 0;
    } else if (c->tail_length + length > sizeof c->tail) {
        size_t keep = ROTA_CHILD_TAIL;

        memmove(c->tail, c->tail + c->tail_length - keep, keep);
        c->tail_length = keep;
    }
    memcpy(c->tail + c->tail_length, data, length);
    c->tail_length += length;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct rota_child *c = child_of(stream->data);
    bool is_progress = stream == (uv_stream_t *)&c->pipe[PROGRESS];

    if (count > 0 && is_progress) {
        rota_progress_pipe_take(&c->progress, buffer->base, (size_t)count);
    } else if (count > 0 && stream == (uv_stream_t *)&c->pipe[OUTPUT]) {
        keep_output(c, buffer->base, (size_t)count);
    } else if (count > 0) {
        keep_tail(c, buffer->base, (size_t)count);
        c->on_log(c, (struct rota_bytes){buffer->base, (int32_t)count});
    }
    free(buffer->base);
    if (count >= 0)
        return;
    c->pipes -= !is_progress;
    close_handle((uv_handle_t *)stream);
    if (c->settling && c->pipes == 0)
        settle(c);
}

static void on_progress_line(struct rota_progress_pipe *p, const char *line)
{
    struct rota_child *c = p->context;

    c->on_progress(c, line);
}

/* The program has read its input, or has closed it; both are allowed. */
static void on_written(uv_write_t *write, int status)
{
    struct rota_child *c = child_of(write->data);

    (void)status;
    close_handle((uv_handle_t *)&c->pipe[INPUT]);
}

/* Makes a pipe, not a socket, since a program may open /dev/stdout by name, which a socket does not
 * allow. `theirs` becomes the program's end. */
static int open_pipe(struct rota_child *c, uv_loop_t *loop, int which, int *theirs)
{
    int ends[2];
    int ours = which == INPUT ? 1 : 0;

    *theirs = -1;
    int rc = uv_pipe(ends, 0, 0);
    if (rc != 0)
        return rc;
    *theirs = ends[1 - ours];
    uv_pipe_init(loop, &c->pipe[which], 0);
    c->pipe[which].data = c;
    c->handles++;
    rc = uv_pipe_open(&c->pipe[which], ends[ours]);
    if (rc != 0)
        close(ends[ours]);
    return rc;
}

static bool is_own(const char *entry)
{
    static const char *const names[] = {
        "ROTA_TASK=", "ROTA_ATTEMPT=", "ROTA_FENCE=", "ROTA_WORKER="};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* The guard's environment with the four entries of the task. The caller frees the list, not the
 * entries. */
static char **make_environment(const struct rota_child *c, char *attempt, char *worker)
{
    size_t count = 0;

    while (environ[count] != NULL)
        count++;
    char **list = rota_memory_zeroed(count + 5, sizeof *list);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_own(environ[i]))
            list[length++] = environ[i];
    list[length++] = c->task_entry;
    list[length++] = (char *)c->fence_entry;
    list[length++] = attempt;
    list[length++] = worker;
    return list;
}

/* Begins the program with its four descriptors. Returns 0 or a libuv error. */
static int spawn(struct rota_child *c, uv_loop_t *loop, const struct rota_frame *frame,
                 const int *theirs)
{
    char attempt[64];
    char worker[256];
    char *shell[] = {"/bin/sh", "-c", c->payload, NULL};

    snprintf(attempt, sizeof attempt, "ROTA_ATTEMPT=%u", frame->attempt);
    snprintf(worker, sizeof worker, "ROTA_WORKER=%s", c->config->worker);
    char **argv = c->config->argv != NULL ? (char **)c->config->argv : shell;
    char **environment = make_environment(c, attempt, worker);
    uv_stdio_container_t stdio[PIPES];
    for (int i = INPUT; i < PIPES; i++) {
        stdio[i].flags = theirs[i] >= 0 ? UV_INHERIT_FD : UV_IGNORE;
        stdio[i].data.fd = theirs[i];
    }
    uv_process_options_t options = {.file = argv[0],
                                    .args = argv,
                                    .env = environment,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = PIPES,
                                    .stdio = stdio,
                                    .exit_cb = on_main_exit};
    c->process.data = c;
    c->handles++;
    int rc = uv_spawn(loop, &c->process, &options);
    free(environment);
    return rc;
}

static void write_input(struct rota_child *c)
{
    uv_buf_t buffer = uv_buf_init(c->payload, (unsigned)c->payload_length);

    c->write.data = c;
    if (uv_write(&c->write, (uv_stream_t *)&c->pipe[INPUT], &buffer, 1, on_written) != 0)
        close_handle((uv_handle_t *)&c->pipe[INPUT]);
}

/* The pipe of the progress is not counted, so an open one does not keep the run from ending. */
static void listen_to(struct rota_child *c, int which)
{
    c->pipes += which != PROGRESS;
    uv_read_start((uv_stream_t *)&c->pipe[which], on_allocate, on_read);
}

/* A run that cannot begin is reported from the loop, like any other. */
static void refuse(struct rota_child *c, const char *reason)
{
    fail(c, reason);
    c->settling = true;
    uv_timer_start(&c->timer, on_settle, 0, SETTLE_MS);
}

static void refuse_for_good(struct rota_child *c, const char *reason)
{
    c->hopeless = true;
    refuse(c, reason);
}

static void launch(struct rota_child *c, uv_loop_t *loop, const struct rota_frame *frame)
{
    int theirs[PIPES] = {-1, -1, -1, -1};
    int rc = 0;

    for (int i = c->config->argv != NULL ? INPUT : OUTPUT; rc == 0 && i < PIPES; i++)
        rc = open_pipe(c, loop, i, &theirs[i]);
    if (rc == 0)
        rc = spawn(c, loop, frame, theirs);
    for (int i = INPUT; i < PIPES; i++)
        if (theirs[i] >= 0)
            close(theirs[i]);
    if (rc != 0) {
        char reason[128];

        snprintf(reason, sizeof reason, "cannot be started: %s", strerror(-rc));
        refuse(c, reason);
        return;
    }
    c->pid = uv_process_get_pid(&c->process);
    for (int i = OUTPUT; i < PIPES; i++)
        listen_to(c, i);
    if (c->config->argv != NULL)
        write_input(c);
}

static void remember(struct rota_child *c, const struct rota_frame *frame)
{
    size_t size = strlen(frame->text) + sizeof "ROTA_TASK=";

    c->run = frame->run;
    c->task_entry = rota_memory_grow(NULL, size);
    snprintf(c->task_entry, size, "ROTA_TASK=%s", frame->text);
    snprintf(c->fence_entry, sizeof c->fence_entry, "ROTA_FENCE=%lld", (long long)frame->number);
    c->payload_length = frame->bytes.length > 0 ? (size_t)frame->bytes.length : 0;
    c->payload = rota_memory_zeroed(c->payload_length + 1, 1);
    if (c->payload_length > 0)
        memcpy(c->payload, frame->bytes.data, c->payload_length);
}

void rota_child_start(struct rota_child *c, uv_loop_t *loop, const struct rota_child_config *config,
                      const struct rota_frame *frame)
{
    rota_assert(c->handles == 0 && c->on_finished != NULL && c->on_closed != NULL);
    rota_assert(frame->kind == ROTA_FRAME_RUN && frame->text != NULL);
    c->magic = CHILD_MAGIC;
    c->config = config;
    remember(c, frame);
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    c->progress.context = c;
    c->progress.on_line = on_progress_line;
    c->progress.on_closed = on_progress_closed;
    rota_progress_pipe_open(&c->progress, loop);
    c->handles += 2;
    if (config->argv == NULL && memchr(c->payload, '\0', c->payload_length) != NULL)
        refuse_for_good(c, "the payload holds a NUL byte, which a shell command cannot hold");
    else if (config->argv == NULL && c->payload_length > SHELL_LIMIT)
        refuse_for_good(c, "the command is longer than 131071 bytes, the system's limit for sh -c");
    else
        launch(c, loop, frame);
}

void rota_child_stop(struct rota_child *c, bool at_once)
{
    c->ending = ROTA_ENDING_STOPPED;
    if (at_once)
        signal_group(c, SIGKILL);
    else if (!c->stop_asked && !c->settling)
        end_with_grace(c);
    c->stop_asked = true;
}

void rota_child_pause_log(struct rota_child *c)
{
    uv_handle_t *pipe = (uv_handle_t *)&c->pipe[ERRORS];

    if (c->pid > 0 && !uv_is_closing(pipe) && !c->settling)
        uv_read_stop((uv_stream_t *)pipe);
}

void rota_child_resume_log(struct rota_child *c)
{
    uv_handle_t *pipe = (uv_handle_t *)&c->pipe[ERRORS];

    if (c->pid > 0 && !uv_is_closing(pipe))
        uv_read_start((uv_stream_t *)pipe, on_allocate, on_read);
}
