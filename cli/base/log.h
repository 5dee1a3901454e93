/* Standard error of a program that has a lease to keep: whoever reads it may be slow or pause
 * without holding up the work. What is not taken waits, up to a bound; what comes above it is left
 * out, and in its place a line says how many lines that were. */
#ifndef ROTA_CLI_BASE_LOG_H
#define ROTA_CLI_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { ROTA_LOG_MOST = 1024 * 1024 }; /* bytes that wait */

struct rota_log {
    bool open;
    char *data;
    size_t length; /* waiting */
    size_t capacity;
    uint64_t left_out; /* pieces, since the line that told of them */
    bool full;         /* the program's own were among them */
    uv_timer_t retry;
};

/* Prepares a zeroed instance. It does not keep the loop alive. */
void rota_log_open(struct rota_log *l, uv_loop_t *loop);

/* Appends a copy of a whole line with its end, or of something else that belongs together. A log
 * that is NULL or not open writes at once, and waits if it must. */
void rota_log_put(struct rota_log *l, const char *text, size_t length);

/* The same for what others say, as tasks do: it is left out once half of the room is taken, so that
 * no flood of it takes the place of the program's own sentences. */
void rota_log_pass(struct rota_log *l, const char *text, size_t length);

/* Writes what is taken now; the rest follows from the loop. */
void rota_log_flush(struct rota_log *l);

/* Whether something waits. */
bool rota_log_is_waiting(const struct rota_log *l);

/* Writes the rest as long as it is taken, but waits no longer than two seconds for that; `l` may be
 * freed once the loop has run on. */
void rota_log_close(struct rota_log *l);

#endif
