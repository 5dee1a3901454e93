#include "cli/jobs/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "model/base/assert.h"

#define SOURCE_MAGIC ROTA_MAGIC('S', 'R', 'C', 'E')

enum { CHUNK = 64 * 1024 };

static void fail(struct rota_source *s, int rc)
{
    s->ended = true;
    s->error = strerror(-rc);
}

/* Makes room for a chunk behind the bytes that were read. */
static char *make_room(struct rota_source *s)
{
    rota_byte_buffer_drop(&s->input, s->from);
    s->scanned -= s->from;
    s->from = 0;
    return rota_byte_buffer_reserve(&s->input, CHUNK);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    *buffer =
        uv_buf_init(make_room(rota_cast(struct rota_source, handle->data, SOURCE_MAGIC)), CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct rota_source *s = rota_cast(struct rota_source, stream->data, SOURCE_MAGIC);

    (void)buffer;
    if (count == 0)
        return;
    s->reading = false;
    uv_read_stop(stream);
    if (count > 0)
        s->input.length += (size_t)count;
    else if (count == UV_EOF)
        s->ended = true;
    else
        fail(s, (int)count);
    s->on_ready(s);
}

static void read_file(struct rota_source *s)
{
    char *room = make_room(s);
    ssize_t count = read(s->descriptor, room, CHUNK);

    if (count > 0)
        s->input.length += (size_t)count;
    else if (count == 0)
        s->ended = true;
    else if (errno != EINTR)
        fail(s, -errno);
}

static int open_stream(struct rota_source *s, int descriptor, uv_handle_type type)
{
    int rc;

    if (type == UV_TTY) {
        rc = uv_tty_init(s->loop, &s->tty, descriptor, 0);
    } else {
        rc = uv_pipe_init(s->loop, &s->pipe, 0);
        if (rc == 0)
            rc = uv_pipe_open(&s->pipe, descriptor);
    }
    s->magic = SOURCE_MAGIC;
    s->handle.data = s;
    s->streaming = rc == 0;
    return rc;
}

int rota_source_open_lines(struct rota_source *s, uv_loop_t *loop, const char *path)
{
    int descriptor = STDIN_FILENO;

    rota_assert(s->on_ready != NULL);
    s->loop = loop;
    s->descriptor = -1;
    if (strcmp(path, "-") != 0)
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -errno;
    uv_handle_type type = uv_guess_handle(descriptor);
    if (type == UV_TTY || type == UV_NAMED_PIPE || type == UV_TCP)
        return open_stream(s, descriptor, type);
    s->descriptor = descriptor;
    return 0;
}

int rota_source_open_whole(struct rota_source *s, const char *path)
{
    s->whole = true;
    s->descriptor = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    return s->descriptor < 0 ? -errno : 0;
}

void rota_source_open_text(struct rota_source *s, const char *text)
{
    s->whole = true;
    s->descriptor = -1;
    rota_byte_buffer_reserve(&s->input, 1); /* an empty payload is no missing one */
    rota_byte_buffer_append(&s->input, text, strlen(text));
    s->ended = true;
}

static enum rota_supply give_whole(struct rota_source *s, struct rota_bytes *item)
{
    if (s->line > 0)
        return ROTA_SUPPLY_END;
    while (!s->ended && s->input.length <= ROTA_PAYLOAD_LIMIT)
        read_file(s);
    if (s->error != NULL)
        return ROTA_SUPPLY_ERROR;
    s->line = 1;
    *item = (struct rota_bytes){s->input.data, (int32_t)s->input.length};
    return s->input.length <= ROTA_PAYLOAD_LIMIT ? ROTA_SUPPLY_ITEM : ROTA_SUPPLY_TOO_LONG;
}

/* The bytes up to the next newline, or up to the end of a last line without one. NULL if the end of
 * the line was not read yet. */
static const char *find_line(struct rota_source *s, size_t *length)
{
    if (s->input.data == NULL)
        return NULL;
    const char *begin = s->input.data + s->from;
    const char *newline = memchr(s->input.data + s->scanned, '\n', s->input.length - s->scanned);
    if (newline == NULL && !(s->ended && (s->input.length > s->from || s->skipping))) {
        s->scanned = s->input.length;
        return NULL;
    }
    *length = newline != NULL ? (size_t)(newline - begin) : s->input.length - s->from;
    s->from += *length + (newline != NULL ? 1 : 0);
    s->scanned = s->from;
    s->line++;
    return begin;
}

/* Drops the bytes of a line that is above the limit. */
static void skip_overlong(struct rota_source *s)
{
    if (!s->skipping && s->input.length - s->from <= ROTA_PAYLOAD_LIMIT)
        return;
    s->skipping = true;
    s->from = s->scanned = s->input.length;
}

static enum rota_supply judge(struct rota_source *s, const char *begin, size_t length,
                              struct rota_bytes *item)
{
    bool overlong = s->skipping || length > ROTA_PAYLOAD_LIMIT;

    s->skipping = false;
    if (overlong)
        return ROTA_SUPPLY_TOO_LONG;
    if (memchr(begin, '\0', length) != NULL)
        return ROTA_SUPPLY_NUL;
    *item = (struct rota_bytes){begin, (int32_t)length};
    return ROTA_SUPPLY_ITEM;
}

/* Reads more, now or later from the loop. */
static enum rota_supply get_more(struct rota_source *s)
{
    if (!s->streaming) {
        read_file(s);
        return ROTA_SUPPLY_ITEM;
    }
    if (!s->reading)
        uv_read_start(&s->stream, on_allocate, on_read);
    s->reading = true;
    return ROTA_SUPPLY_WAIT;
}

enum rota_supply rota_source_next(struct rota_source *s, struct rota_bytes *item)
{
    size_t length;

    if (s->whole)
        return give_whole(s, item);
    for (;;) {
        const char *begin = find_line(s, &length);

        if (begin != NULL && (length > 0 || s->skipping))
            return judge(s, begin, length, item);
        if (begin != NULL)
            continue;
        if (s->error != NULL)
            return ROTA_SUPPLY_ERROR;
        if (s->ended)
            return ROTA_SUPPLY_END;
        skip_overlong(s);
        if (get_more(s) == ROTA_SUPPLY_WAIT)
            return ROTA_SUPPLY_WAIT;
    }
}

int64_t rota_source_place(const struct rota_source *s)
{
    return s->whole || s->streaming || s->descriptor == STDIN_FILENO
               ? -1
               : (int64_t)lseek(s->descriptor, 0, SEEK_CUR);
}

void rota_source_return(struct rota_source *s, int64_t place)
{
    if (lseek(s->descriptor, (off_t)place, SEEK_SET) < 0)
        fail(s, -errno);
    else
        s->ended = false;
    s->skipping = false;
    s->from = s->scanned = s->input.length = 0;
    s->line = 0;
}

void rota_source_close(struct rota_source *s)
{
    if (s->streaming && !uv_is_closing(&s->handle))
        uv_close(&s->handle, NULL);
    else if (s->descriptor > STDERR_FILENO)
        close(s->descriptor);
    s->descriptor = -1;
    s->magic = 0;
    rota_byte_buffer_close(&s->input);
}
