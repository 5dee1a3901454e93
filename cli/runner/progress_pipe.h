/* What a run writes on descriptor 3 says how far it is. The last line wins, and it is passed on a
 * few times a second however often it changes. */
#ifndef ROTA_CLI_RUNNER_PROGRESS_PIPE_H
#define ROTA_CLI_RUNNER_PROGRESS_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

enum {
    ROTA_PROGRESS_PIPE_LINE = 200,     /* bytes of a line; what is beyond is left out */
    ROTA_PROGRESS_PIPE_PAUSE_MS = 250, /* between two lines that are passed on */
};

struct rota_progress_pipe_pipe;

/* The last line, without its end, never empty; borrowed for the call. */
typedef void (*rota_progress_pipe_line_f)(struct rota_progress_pipe_pipe *p, const char *line);

struct rota_progress_pipe_pipe {
    rota_progress_pipe_line_f on_line;
    void *context; /* the owner's */
    char line[ROTA_PROGRESS_PIPE_LINE + 1];
    size_t length;
    bool ended;  /* the line: what comes next begins another */
    bool full;   /* nothing more fits into the line */
    bool news;   /* not yet passed on */
    bool paused; /* until the timer comes */
    uv_timer_t timer;
};

/* Prepares a zeroed instance whose callback and context have been set. */
void rota_progress_pipe_open(struct rota_progress_pipe_pipe *p, uv_loop_t *loop);

/* Takes bytes as they come. A line is passed on from within, or later from the loop. */
void rota_progress_pipe_take(struct rota_progress_pipe_pipe *p, const char *data, size_t length);

/* Says nothing more; `on_closed` comes from the loop with the timer, whose data is `p`. */
void rota_progress_pipe_close(struct rota_progress_pipe_pipe *p, uv_close_cb on_closed);

#endif
