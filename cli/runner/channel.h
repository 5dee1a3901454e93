/* The channel between a worker and its guard: messages with their length in front, over a socket
 * pair. Both ends are the same program on the same machine, so numbers are sent in host order. */
#ifndef ROTA_CLI_RUNNER_CHANNEL_H
#define ROTA_CLI_RUNNER_CHANNEL_H

#include <uv.h>

#include "cli/base/byte_buffer.h"
#include "model/seam/backend.h"

enum rota_frame_kind {
    ROTA_FRAME_RUN,      /* to the guard: begin this run */
    ROTA_FRAME_CANCEL,   /* to the guard: end this run, with a grace or at once */
    ROTA_FRAME_LEASE,    /* to the guard: end all runs at this time */
    ROTA_FRAME_LOG,      /* to the worker: bytes that a run wrote on standard error */
    ROTA_FRAME_PROGRESS, /* to the worker: the last line of progress of a run */
    ROTA_FRAME_FINISHED, /* to the worker: a run has ended; no message about it follows */
    ROTA_FRAME_KINDS
};

/* A message. The fields that a kind does not use are zero. */
struct rota_frame {
    enum rota_frame_kind kind;
    uint64_t run;     /* all but LEASE */
    int64_t number;   /* RUN: fence; CANCEL: 1 for at once; LEASE: CLOCK_BOOTTIME in microseconds;
                         FINISHED: enum rota_ending */
    uint32_t attempt; /* RUN */
    int32_t status;   /* FINISHED: the exit status, 0 if a signal ended the run */
    bool hopeless;    /* FINISHED: another attempt would fail in the same way */
    const char
        *text; /* RUN: the task; PROGRESS: the line; FINISHED: the reason; NULL is sent as "" */
    struct rota_bytes errors; /* FINISHED: the end of standard error */
    struct rota_bytes bytes;  /* RUN: payload; LOG: the bytes; FINISHED: the result */
};

struct rota_channel;

/* A message has arrived. It and the memory it points to are borrowed for the call. */
typedef void (*rota_channel_frame_f)(struct rota_channel *c, const struct rota_frame *frame);

/* The other end has closed the channel or died. Called once, never after close. */
typedef void (*rota_channel_end_f)(struct rota_channel *c);

/* Everything that was sent has been written. Optional. */
typedef void (*rota_channel_drain_f)(struct rota_channel *c);

struct rota_channel {
    rota_channel_frame_f on_frame;
    rota_channel_end_f on_end;
    rota_channel_drain_f on_drain;
    void *context;  /* the owner's */
    uint32_t magic; /* while it is open */
    uv_pipe_t pipe;
    bool ended;
    struct rota_byte_buffer received; /* not a complete message yet */
};

/* Takes over the descriptor and begins to receive. The caller has set the callbacks and the
 * context. Returns 0 or a libuv error. */
int rota_channel_open(struct rota_channel *c, uv_loop_t *loop, int descriptor);

/* Sends a copy of the message. It is dropped if the other end is gone. */
void rota_channel_send(struct rota_channel *c, const struct rota_frame *frame);

/* The number of bytes that were sent and not written yet. */
size_t rota_channel_waiting(const struct rota_channel *c);

/* Stops receiving and closes; `c` may be freed after the next run of the loop. */
void rota_channel_close(struct rota_channel *c);

#endif
