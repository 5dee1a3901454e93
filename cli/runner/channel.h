/* The line between a worker and its guard: messages with a length in front, over a socket pair.
 * Both ends are the same program on the same machine, so numbers travel as they are. */
#ifndef ROTA_CLI_RUNNER_CHANNEL_H
#define ROTA_CLI_RUNNER_CHANNEL_H

#include <uv.h>

#include "model/seam/backend.h"

enum rota_frame_kind {
    ROTA_FRAME_RUN,      /* to the guard: begin this */
    ROTA_FRAME_CANCEL,   /* to the guard: end that run, with a grace or at once */
    ROTA_FRAME_LEASE,    /* to the guard: end everything at this time */
    ROTA_FRAME_LOG,      /* to the worker: what a run wrote on standard error */
    ROTA_FRAME_PROGRESS, /* to the worker: how far a run says it is */
    ROTA_FRAME_FINISHED, /* to the worker: a run has ended, the last that is heard of it */
    ROTA_FRAME_KINDS
};

/* A message. Fields a kind does not use are zero. */
struct rota_frame {
    enum rota_frame_kind kind;
    uint64_t run;     /* all but LEASE */
    int64_t number;   /* RUN: fence; CANCEL: 1 at once; LEASE: when, CLOCK_BOOTTIME in
                         microseconds; FINISHED: enum rota_ending */
    uint32_t attempt; /* RUN */
    int32_t status;   /* FINISHED: the exit status, 0 if it did not exit by itself */
    bool hopeless;    /* FINISHED: another attempt would end in the same way */
    const char *text; /* RUN: the task; PROGRESS: the line; FINISHED: the reason; NULL counts
                         as "" */
    struct rota_bytes errors; /* FINISHED: the end of standard error */
    struct rota_bytes bytes;  /* RUN: payload; LOG: what was written; FINISHED: the result */
};

struct rota_channel;

/* A message has come; what it points to is borrowed for the call. */
typedef void (*rota_channel_frame_f)(struct rota_channel *c, const struct rota_frame *frame);

/* The other end is gone; said once, never after close. */
typedef void (*rota_channel_end_f)(struct rota_channel *c);

/* Everything sent has left. Optional. */
typedef void (*rota_channel_drain_f)(struct rota_channel *c);

struct rota_channel {
    rota_channel_frame_f on_frame;
    rota_channel_end_f on_end;
    rota_channel_drain_f on_drain;
    void *context; /* the owner's */
    uv_pipe_t pipe;
    bool ended;
    char *data; /* received and not yet complete */
    size_t length;
    size_t capacity;
};

/* Takes over the descriptor and listens. The caller has set the callbacks and the context.
 * Returns 0 or a libuv error. */
int rota_channel_open(struct rota_channel *c, uv_loop_t *loop, int descriptor);

/* Sends a copy of the message. After the end of the other side it goes nowhere. */
void rota_channel_send(struct rota_channel *c, const struct rota_frame *frame);

/* Bytes sent that have not left yet. */
size_t rota_channel_waiting(const struct rota_channel *c);

/* Stops listening and closes; `c` may be freed once the loop has run on. */
void rota_channel_close(struct rota_channel *c);

#endif
