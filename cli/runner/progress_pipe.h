/* The progress of a run: the last line that it wrote on descriptor 3. A new line is passed on at
 * most a few times a second. */
#ifndef ROTA_CLI_RUNNER_PROGRESS_PIPE_H
#define ROTA_CLI_RUNNER_PROGRESS_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum {
    ROTA_PROGRESS_PIPE_LINE = 200,     /* bytes of a line; the rest of a longer line is left out */
    ROTA_PROGRESS_PIPE_PAUSE_MS = 250, /* at least, between two lines that are passed on */
};

struct rota_progress_pipe;

/* The last line, without its newline, never empty; borrowed for the call. */
typedef void (*rota_progress_pipe_line_f)(struct rota_progress_pipe *p, const char *line);

/* The pipe is closed; its memory may be freed. */
typedef void (*rota_progress_pipe_closed_f)(struct rota_progress_pipe *p);

struct rota_progress_pipe {
    rota_progress_pipe_line_f on_line;
    rota_progress_pipe_closed_f on_closed;
    void *context;  /* the owner's */
    uint32_t magic; /* while it is open */
    char line[ROTA_PROGRESS_PIPE_LINE + 1];
    size_t length;
    bool ended;   /* the line is complete; the next byte begins another */
    bool full;    /* nothing more fits into the line */
    bool changed; /* the line was not passed on yet */
    bool paused;  /* until the timer fires */
    uv_timer_t timer;
};

/* Prepares a zeroed instance whose callbacks and context have been set. */
void rota_progress_pipe_open(struct rota_progress_pipe *p, uv_loop_t *loop);

/* Takes bytes that the run wrote. The callback is called from here, or later from the loop. */
void rota_progress_pipe_take(struct rota_progress_pipe *p, const char *data, size_t length);

/* Passes nothing on any more. on_closed is called later, from the loop. */
void rota_progress_pipe_close(struct rota_progress_pipe *p);

#endif
