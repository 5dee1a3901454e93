#include "cli/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/base/memory.h"

enum {
    PIECE = 1024, /* bytes that a pipe which takes anything takes without waiting */
    RETRY_MS = 20,
    PATIENCE_MS = 2000,
};

static bool is_taken(int within_ms)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&room, 1, within_ms) > 0;
}

/* Writes a part. Returns how much; all of it if nobody is there to read it. */
static size_t write_part(const char *text, size_t length)
{
    ssize_t count = write(STDERR_FILENO, text, length);
    if (count >= 0)
        return (size_t)count;
    return errno == EINTR || errno == EAGAIN ? 0 : length;
}

static void append(struct rota_log *l, const char *text, size_t length)
{
    if (l->length + length > l->capacity) {
        l->capacity = 2 * (l->length + length);
        l->data = rota_grow(l->data, l->capacity);
    }
    memcpy(l->data + l->length, text, length);
    l->length += length;
}

/* Once most of what waited has been taken. Returns whether there is something to tell. */
static bool tell_what_was_left_out(struct rota_log *l)
{
    char line[128];
    if (l->left_out == 0 || l->length > ROTA_LOG_MOST / 4)
        return false;
    int length =
        snprintf(line, sizeof line,
                 "rota: standard error was not taken: %" PRIu64 " lines left out\n", l->left_out);
    l->left_out = 0;
    l->full = false;
    append(l, line, (size_t)length);
    return true;
}

static void write_what_is_taken(struct rota_log *l, int within_ms)
{
    do {
        size_t done = 0;
        while (done < l->length && is_taken(within_ms)) {
            size_t left = l->length - done;
            done += write_part(l->data + done, left < PIECE ? left : PIECE);
        }
        l->length -= done;
        if (done > 0)
            memmove(l->data, l->data + done, l->length);
    } while (tell_what_was_left_out(l));
}

static void on_retry(uv_timer_t *timer)
{
    rota_log_flush(timer->data);
}

void rota_log_open(struct rota_log *l, uv_loop_t *loop)
{
    uv_timer_init(loop, &l->retry);
    uv_unref((uv_handle_t *)&l->retry);
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

/* Appends it unless more than `most` bytes would wait then. Returns whether it did. */
static bool fits(struct rota_log *l, const char *text, size_t length, size_t most)
{
    if (l->length + length > most)
        rota_log_flush(l);
    if (l->length + length <= most) {
        append(l, text, length);
        return true;
    }
    l->left_out++;
    return false;
}

void rota_log_put(struct rota_log *l, const char *text, size_t length)
{
    if (l == NULL || !l->open)
        write_all(text, length);
    else if (l->full) /* not tried for each of many: the loop does */
        l->left_out++;
    else
        l->full = !fits(l, text, length, ROTA_LOG_MOST);
}

void rota_log_pass(struct rota_log *l, const char *text, size_t length)
{
    if (l == NULL || !l->open)
        write_all(text, length);
    else if (l->left_out > 0)
        l->left_out++;
    else
        fits(l, text, length, ROTA_LOG_MOST / 2);
}

void rota_log_flush(struct rota_log *l)
{
    if (l == NULL || !l->open)
        return;
    write_what_is_taken(l, 0);
    if (l->length > 0 && !uv_is_active((uv_handle_t *)&l->retry))
        uv_timer_start(&l->retry, on_retry, RETRY_MS, RETRY_MS);
    else if (l->length == 0)
        uv_timer_stop(&l->retry);
}

bool rota_log_is_waiting(const struct rota_log *l)
{
    return l != NULL && l->length > 0;
}

void rota_log_close(struct rota_log *l)
{
    if (!l->open)
        return;
    write_what_is_taken(l, PATIENCE_MS);
    l->open = false;
    free(l->data);
    l->data = NULL;
    l->length = 0;
    uv_close((uv_handle_t *)&l->retry, NULL);
}
