#include "tests/unit/cli/program.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIME_LIMIT_MS = 90000 }; /* of each wait */

struct writing {
    uv_write_t write;
    char data[];
};

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)handle;
    *buffer = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *pipe, ssize_t count, const uv_buf_t *buffer)
{
    struct program_stream *s = pipe->data;

    if (count > 0) {
        s->data = realloc(s->data, s->length + (size_t)count + 1);
        memcpy(s->data + s->length, buffer->base, (size_t)count);
        s->length += (size_t)count;
        s->data[s->length] = '\0';
    } else if (count < 0) {
        s->open = false;
        uv_close((uv_handle_t *)pipe, NULL);
    }
    free(buffer->base);
}

static void on_exit_of_program(uv_process_t *process, int64_t status, int term_signal)
{
    struct program *p = process->data;

    p->ended = true;
    p->status = (int)status;
    p->signal = term_signal;
    uv_close((uv_handle_t *)process, NULL);
}

static void on_time_limit(uv_timer_t *timer)
{
    ((struct program *)timer->data)->timed_out = true;
}

static void open_stream(struct program *p, struct program_stream *s)
{
    s->program = p;
    s->data = calloc(1, 1);
    s->open = true;
    uv_pipe_init(&p->loop, &s->pipe, 0);
    s->pipe.data = s;
}

struct program *program_start(const char *const *words)
{
    struct program *p = calloc(1, sizeof *p);

    sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN},
              NULL); /* it may not read its input */
    char *argv[PROGRAM_ARGUMENTS + 2] = {ROTA_PROGRAM};
    for (int i = 0; words[i] != NULL; i++)
        argv[i + 1] = (char *)words[i];
    assert_int_equal(uv_loop_init(&p->loop), 0);
    uv_timer_init(&p->loop, &p->time_limit);
    p->time_limit.data = p;
    uv_pipe_init(&p->loop, &p->input, 0);
    open_stream(p, &p->out);
    open_stream(p, &p->err);
    uv_stdio_container_t stdio[] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&p->input},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&p->out.pipe},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&p->err.pipe}};
    uv_process_options_t options = {.file = argv[0],
                                    .args = argv,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = stdio,
                                    .exit_cb = on_exit_of_program};
    p->process.data = p;
    assert_int_equal(uv_spawn(&p->loop, &p->process, &options), 0);
    uv_read_start((uv_stream_t *)&p->out.pipe, on_allocate, on_read);
    uv_read_start((uv_stream_t *)&p->err.pipe, on_allocate, on_read);
    return p;
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    free(write->data);
}

void program_write(struct program *p, const char *data, size_t length)
{
    struct writing *writing = malloc(sizeof *writing + length);

    writing->write.data = writing;
    memcpy(writing->data, data, length);
    uv_buf_t buffer = uv_buf_init(writing->data, (unsigned)length);
    if (uv_write(&writing->write, (uv_stream_t *)&p->input, &buffer, 1, on_written) != 0)
        free(writing);
}

static void on_shut(uv_shutdown_t *request, int status)
{
    (void)status;
    uv_close((uv_handle_t *)request->handle, NULL);
    free(request);
}

void program_close_input(struct program *p)
{
    uv_shutdown_t *request = malloc(sizeof *request);

    if (uv_shutdown(request, (uv_stream_t *)&p->input, on_shut) != 0) {
        free(request);
        uv_close((uv_handle_t *)&p->input, NULL);
    }
}

/* Starts the time limit of one wait. */
static void start_time_limit(struct program *p)
{
    p->timed_out = false;
    uv_update_time(&p->loop);
    uv_timer_start(&p->time_limit, on_time_limit, TIME_LIMIT_MS, 0);
}

void program_await(struct program *p, const struct program_stream *stream, const char *text)
{
    start_time_limit(p);
    while (strstr(stream->data, text) == NULL && stream->open && !p->timed_out)
        uv_run(&p->loop, UV_RUN_ONCE);
    if (strstr(stream->data, text) == NULL)
        fail_msg("\"%s\" was not written; the program wrote: %s%s", text, p->out.data, p->err.data);
}

int program_end(struct program *p)
{
    start_time_limit(p);
    while ((!p->ended || p->out.open || p->err.open) && !p->timed_out)
        uv_run(&p->loop, UV_RUN_ONCE);
    if (p->timed_out)
        fail_msg("the program did not end; it wrote: %s%s", p->out.data, p->err.data);
    return p->signal != 0 ? 256 + p->signal : p->status;
}

int program_run(struct program **p, const char *input, size_t length, const char *const *words)
{
    *p = program_start(words);
    program_write(*p, input, length);
    program_close_input(*p);
    return program_end(*p);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void program_close(struct program *p)
{
    if (!p->ended) {
        uv_process_kill(&p->process, SIGKILL);
        while (!p->ended)
            uv_run(&p->loop, UV_RUN_ONCE);
    }
    uv_walk(&p->loop, close_handle, NULL);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    uv_loop_close(&p->loop);
    free(p->out.data);
    free(p->err.data);
    free(p);
}

void program_file(char path[64], const char *data, size_t length)
{
    snprintf(path, 64, "/tmp/rota-test-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
}

int program_await_number(struct program *p, const char *path)
{
    int number = 0;

    start_time_limit(p);
    while (number == 0 && !p->timed_out) {
        FILE *file = fopen(path, "r");

        assert_non_null(file);
        if (fscanf(file, "%d\n", &number) != 1)
            number = 0;
        fclose(file);
        uv_run(&p->loop, UV_RUN_NOWAIT);
    }
    if (number == 0)
        fail_msg("%s holds no number; the program wrote: %s", path, p->err.data);
    return number;
}

void program_await_death(struct program *p, int pid)
{
    start_time_limit(p);
    while ((kill(pid, 0) == 0 || errno != ESRCH) && !p->timed_out)
        uv_run(&p->loop, UV_RUN_NOWAIT);
    assert_int_equal(kill(pid, 0), -1);
}
