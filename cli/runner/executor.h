/* The worker's hands: what its role wants run goes to the guard, what the guard reports comes back
 * as events for the role. */
#ifndef ROTA_CLI_RUNNER_EXECUTOR_H
#define ROTA_CLI_RUNNER_EXECUTOR_H

#include <uv.h>

#include "cli/runner/channel.h"
#include "model/seam/event.h"

struct rota_executor;

/* A run has ended, or says how far it is: FINISHED or PROGRESS, to be told to the driver. Borrowed
 * for the call; comes from the loop, never within act. */
typedef void (*rota_executor_event_f)(struct rota_executor *e, struct rota_event *event);

/* A line that a run wrote on standard error, without its end; one longer than a thousand bytes
 * comes in pieces; or, at the run's end, how much of it was too much. Borrowed for the call; NULL
 * when no more follows for now. Optional. */
typedef void (*rota_executor_line_f)(struct rota_executor *e, const char *task, const char *line,
                                     size_t length);

/* The guard is gone without having been asked. What it ran has been killed, and every run reported
 * as stopped. */
typedef void (*rota_executor_lost_f)(struct rota_executor *e);

struct rota_executor_config {
    const char *program; /* the executable of rota; NULL: this one */
    const char *worker;  /* ROTA_WORKER */
    char *const *argv;   /* ends with NULL: gets the payload on standard input; NULL: /bin/sh -c */
    uint32_t max_result; /* bytes */
    uint32_t grace_ms;   /* from TERM to KILL */
    uint32_t max_log;    /* bytes of a run's standard error that are passed on; UINT32_MAX: all */
};

struct rota_executor_run;

struct rota_executor {
    rota_executor_event_f on_event;
    rota_executor_line_f on_line;
    rota_executor_lost_f on_lost;
    void *context; /* the owner's */
    struct rota_executor_config config;
    struct rota_channel channel;
    uv_process_t guard;
    uv_signal_t guard_signal;        /* SIGCHLD: the guard may have been stopped */
    struct rota_executor_run *first; /* runs that have not been reported */
    bool open;
    bool closing;
    bool guard_ended;
};

/* Starts the guard, and makes this process the one that inherits what a killed guard leaves behind;
 * it has no other children. A guard that somebody stops is continued at once: stopped, it would
 * neither begin nor end anything. Call it before any ZooKeeper handle is open (S87). The caller has
 * set the callbacks and the context; what `config` points to is borrowed until close. Returns 0 or
 * a libuv error. */
int rota_executor_open(struct rota_executor *e, uv_loop_t *loop,
                       const struct rota_executor_config *config);

/* Carries out RUN, CANCEL and LEASE. `backend_now` is the backend's time, read after `boottime`: so
 * a pause between the two shortens the lease and never lengthens it. */
void rota_executor_act(struct rota_executor *e, const struct rota_action *action,
                       rota_time boottime, rota_time backend_now);

/* Lets the guard end whatever runs, and itself; it has done so when the loop has nothing left of
 * the executor. */
void rota_executor_close(struct rota_executor *e);

#endif
