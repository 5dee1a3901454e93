/* Standard error of a program that must keep its lease: a slow or paused reader does not block it.
 * Text that is not taken waits in memory, up to a bound. Text beyond the bound is left out, and a
 * line in its place says how many lines are missing. */
#ifndef ROTA_CLI_BASE_LOG_H
#define ROTA_CLI_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "cli/base/byte_buffer.h"

enum { ROTA_LOG_MOST = 1024 * 1024 }; /* bytes that wait */

struct rota_log {
    bool open;
    uint32_t magic; /* while it is open */
    struct rota_byte_buffer waiting;
    uint64_t left_out; /* lines that no sentence has reported yet */
    bool full;         /* lines of the program itself were left out */
    uv_timer_t retry;
};

/* Prepares a zeroed log. It does not keep the loop alive. */
void rota_log_open(struct rota_log *l, uv_loop_t *loop);

/* Appends a copy of a whole line with its newline, or of another unit that must not be torn. If `l`
 * is NULL or not open, the text is written at once and the call may block. */
void rota_log_put(struct rota_log *l, const char *text, size_t length);

/* The same for the output of tasks: it is left out once half of the room is taken, so that a flood
 * of it does not displace the program's own sentences. */
void rota_log_pass(struct rota_log *l, const char *text, size_t length);

/* Writes as much as standard error takes now; the loop writes the rest later. */
void rota_log_flush(struct rota_log *l);

/* Whether text is waiting. */
bool rota_log_is_waiting(const struct rota_log *l);

/* Writes the rest, but waits at most two seconds for a reader that takes nothing; `l` may be freed
 * after the next run of the loop. */
void rota_log_close(struct rota_log *l);

#endif
