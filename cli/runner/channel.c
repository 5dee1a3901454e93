#include "cli/runner/channel.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

#define CHANNEL_MAGIC ROTA_MAGIC('C', 'H', 'N', 'L')
#define SENDING_MAGIC ROTA_MAGIC('S', 'E', 'N', 'D')

/* In front of each message. */
struct head {
    uint32_t kind;
    uint32_t attempt;
    uint64_t run;
    int64_t number;
    uint32_t text_size; /* with its NUL */
    uint32_t errors_length;
    uint32_t bytes_length;
    int32_t status;
    uint32_t hopeless;
    uint32_t unused;
};

/* A message that is being written. */
struct sending {
    uint32_t magic;
    uv_write_t write;
    struct rota_channel *channel;
    char data[];
};

static size_t head_total(const struct head *head)
{
    return sizeof *head + head->text_size + head->errors_length + head->bytes_length;
}

static uint32_t bytes_length(struct rota_bytes bytes)
{
    return bytes.length > 0 ? (uint32_t)bytes.length : 0;
}

static char *append(char *at, const void *data, size_t size)
{
    if (size > 0)
        memcpy(at, data, size);
    return at + size;
}

/* Reports to the owner, once, that the other end is gone. */
static void end(struct rota_channel *c)
{
    if (c->ended)
        return;
    c->ended = true;
    uv_read_stop((uv_stream_t *)&c->pipe);
    c->on_end(c);
}

/* Passes on the first message. Returns its size, 0 if it is not complete. */
static size_t take_one(struct rota_channel *c, const char *data, size_t length)
{
    struct head head;

    if (length < sizeof head)
        return 0;
    memcpy(&head, data, sizeof head);
    rota_assert(head.kind < ROTA_FRAME_KINDS);
    if (length < head_total(&head))
        return 0;
    const char *text = data + sizeof head;
    const char *errors = text + head.text_size;
    struct rota_frame frame = {.kind = (enum rota_frame_kind)head.kind,
                               .run = head.run,
                               .number = head.number,
                               .attempt = head.attempt,
                               .status = head.status,
                               .hopeless = head.hopeless != 0,
                               .text = text,
                               .errors = {errors, (int32_t)head.errors_length},
                               .bytes = {errors + head.errors_length, (int32_t)head.bytes_length}};
    c->on_frame(c, &frame);
    return head_total(&head);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct rota_channel *c = rota_cast(struct rota_channel, handle->data, CHANNEL_MAGIC);

    *buffer = uv_buf_init(rota_byte_buffer_reserve(&c->received, suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    (void)buffer;
    struct rota_channel *c = rota_cast(struct rota_channel, stream->data, CHANNEL_MAGIC);
    if (count < 0) {
        end(c);
        return;
    }
    c->received.length += (size_t)count;
    size_t done = 0;
    size_t size;
    while (!c->ended &&
           (size = take_one(c, c->received.data + done, c->received.length - done)) > 0)
        done += size;
    rota_byte_buffer_drop(&c->received, done);
}

static void on_sent(uv_write_t *write, int status)
{
    struct sending *sending = rota_cast(struct sending, write->data, SENDING_MAGIC);
    struct rota_channel *c = sending->channel;

    sending->magic = 0;
    free(sending);
    if (status == UV_ECANCELED || c->ended)
        return;
    if (status < 0)
        end(c);
    else if (c->on_drain != NULL && rota_channel_waiting(c) == 0)
        c->on_drain(c);
}

int rota_channel_open(struct rota_channel *c, uv_loop_t *loop, int descriptor)
{
    rota_assert(c->on_frame != NULL && c->on_end != NULL);
    int rc = uv_pipe_init(loop, &c->pipe, 0);
    if (rc == 0)
        rc = uv_pipe_open(&c->pipe, descriptor);
    c->magic = CHANNEL_MAGIC;
    c->pipe.data = c;
    if (rc == 0)
        rc = uv_read_start((uv_stream_t *)&c->pipe, on_allocate, on_read);
    return rc;
}

void rota_channel_send(struct rota_channel *c, const struct rota_frame *frame)
{
    rota_assert(c->magic == CHANNEL_MAGIC && frame->kind < ROTA_FRAME_KINDS);
    if (c->ended)
        return;
    const char *text = frame->text != NULL ? frame->text : "";
    struct head head = {.kind = frame->kind,
                        .attempt = frame->attempt,
                        .status = frame->status,
                        .hopeless = frame->hopeless,
                        .run = frame->run,
                        .number = frame->number,
                        .text_size = (uint32_t)strlen(text) + 1,
                        .errors_length = bytes_length(frame->errors),
                        .bytes_length = bytes_length(frame->bytes)};
    struct sending *sending = rota_memory_grow(NULL, sizeof *sending + head_total(&head));
    sending->magic = SENDING_MAGIC;
    sending->channel = c;
    sending->write.data = sending;
    char *at = append(sending->data, &head, sizeof head);
    at = append(at, text, head.text_size);
    at = append(at, frame->errors.data, head.errors_length);
    append(at, frame->bytes.data, head.bytes_length);
    uv_buf_t buffer = uv_buf_init(sending->data, (unsigned)head_total(&head));
    int rc = uv_write(&sending->write, (uv_stream_t *)&c->pipe, &buffer, 1, on_sent);
    if (rc != 0)
        free(sending); /* on_read will report that the other end is gone */
}

size_t rota_channel_waiting(const struct rota_channel *c)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe);
}

static void on_closed(uv_handle_t *handle)
{
    struct rota_channel *c = rota_cast(struct rota_channel, handle->data, CHANNEL_MAGIC);

    rota_byte_buffer_close(&c->received);
    c->magic = 0;
}

void rota_channel_close(struct rota_channel *c)
{
    c->ended = true;
    if (!uv_is_closing((uv_handle_t *)&c->pipe))
        uv_close((uv_handle_t *)&c->pipe, on_closed);
}
