#include "cli/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "model/base/assert.h"

#define LOG_MAGIC ROTA_MAGIC('L', 'O', 'G', '_')

enum {
    PIECE = 1024, /* bytes that a pipe with any room takes without blocking */
    RETRY_MS = 20,
    PATIENCE_MS = 2000,
};

static bool is_writable(int within_ms)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&room, 1, within_ms) > 0;
}

/* Writes a part and returns its length. If standard error cannot be written at all, the whole
 * length is returned, so that the text is dropped. */
static size_t write_part(const char *text, size_t length)
{
    ssize_t count = write(STDERR_FILENO, text, length);

    if (count >= 0)
        return (size_t)count;
    return errno == EINTR || errno == EAGAIN ? 0 : length;
}

/* Appends the sentence about missing lines, once most of the waiting text was taken. Returns
 * whether it did. */
static bool report_left_out(struct rota_log *l)
{
    char line[128];

    if (l->left_out == 0 || l->waiting.length > ROTA_LOG_MOST / 4)
        return false;
    int length = snprintf(line, sizeof line,
                          "rota: standard error was not read in time: %" PRIu64 " lines left out\n",
                          l->left_out);
    l->left_out = 0;
    l->full = false;
    rota_byte_buffer_append(&l->waiting, line, (size_t)length);
    return true;
}

static void write_waiting(struct rota_log *l, int within_ms)
{
    do {
        size_t done = 0;

        while (done < l->waiting.length && is_writable(within_ms)) {
            size_t left = l->waiting.length - done;

            done += write_part(l->waiting.data + done, left < PIECE ? left : PIECE);
        }
        rota_byte_buffer_drop(&l->waiting, done);
    } while (report_left_out(l));
}

static void on_retry(uv_timer_t *timer)
{
    rota_log_flush(rota_cast(struct rota_log, timer->data, LOG_MAGIC));
}

void rota_log_open(struct rota_log *l, uv_loop_t *loop)
{
    rota_assert(!l->open);
    uv_timer_init(loop, &l->retry);
    uv_unref((uv_handle_t *)&l->retry);
    l->magic = LOG_MAGIC;
    l->retry.data = l;
    l->open = true;
}

static void write_all(const char *text, size_t length)
{
    while (length > 0) {
        size_t done = write_part(text, length);

        text += done;
        length -= done;
    }
}

/* Appends the text unless more than `most` bytes would be waiting then. Returns whether it did. */
static bool try_append(struct rota_log *l, const char *text, size_t length, size_t most)
{
    if (l->waiting.length + length > most)
        rota_log_flush(l);
    if (l->waiting.length + length <= most) {
        rota_byte_buffer_append(&l->waiting, text, length);
        return true;
    }
    l->left_out++;
    return false;
}

void rota_log_put(struct rota_log *l, const char *text, size_t length)
{
    if (l == NULL || !l->open)
        write_all(text, length);
    else if (l->full) /* no attempt for each line of a flood: the loop tries again */
        l->left_out++;
    else
        l->full = !try_append(l, text, length, ROTA_LOG_MOST);
}

void rota_log_pass(struct rota_log *l, const char *text, size_t length)
{
    if (l == NULL || !l->open)
        write_all(text, length);
    else if (l->left_out > 0)
        l->left_out++;
    else
        try_append(l, text, length, ROTA_LOG_MOST / 2);
}

void rota_log_flush(struct rota_log *l)
{
    if (l == NULL || !l->open)
        return;
    write_waiting(l, 0);
    if (l->waiting.length > 0 && !uv_is_active((uv_handle_t *)&l->retry))
        uv_timer_start(&l->retry, on_retry, RETRY_MS, RETRY_MS);
    else if (l->waiting.length == 0)
        uv_timer_stop(&l->retry);
}

bool rota_log_is_waiting(const struct rota_log *l)
{
    return l != NULL && l->waiting.length > 0;
}

void rota_log_close(struct rota_log *l)
{
    if (!l->open)
        return;
    write_waiting(l, PATIENCE_MS);
    l->open = false;
    l->magic = 0;
    rota_byte_buffer_close(&l->waiting);
    uv_close((uv_handle_t *)&l->retry, NULL);
}
