/* The executor of a worker: it passes runs from the role to the guard, and reports of the guard
 * back to the role as events. */
#ifndef ROTA_CLI_RUNNER_EXECUTOR_H
#define ROTA_CLI_RUNNER_EXECUTOR_H

#include <uv.h>

#include "cli/runner/channel.h"
#include "model/seam/event.h"

struct rota_executor;

/* A run has ended or reported progress: a FINISHED or PROGRESS event for the driver. Borrowed for
 * the call. Called from the loop, never from rota_executor_act. */
typedef void (*rota_executor_event_f)(struct rota_executor *e, struct rota_event *event);

/* A line that a run wrote on standard error, without its newline. A line above a thousand bytes
 * comes in pieces. At the end of a run that wrote too much, a last line says how much was left out.
 * `line` is NULL when no more lines follow for now. Borrowed for the call. Optional. */
typedef void (*rota_executor_line_f)(struct rota_executor *e, const char *task, const char *line,
                                     size_t length);

/* The guard ended unasked. Its runs were killed and reported as stopped. */
typedef void (*rota_executor_lost_f)(struct rota_executor *e);

struct rota_executor_config {
    const char *program; /* the executable of rota; NULL: this one */
    const char *worker;  /* the value of ROTA_WORKER */
    char *const *argv;   /* the program that gets the payload on standard input, ends with NULL;
                            NULL: /bin/sh -c */
    uint32_t max_result; /* limit of standard output in bytes */
    uint32_t grace_ms;   /* from SIGTERM to SIGKILL */
    uint32_t max_log;    /* bytes of a run's standard error that are passed on; UINT32_MAX: all */
};

struct rota_executor_run;

struct rota_executor {
    rota_executor_event_f on_event;
    rota_executor_line_f on_line;
    rota_executor_lost_f on_lost;
    void *context;  /* the owner's */
    uint32_t magic; /* from open on */
    struct rota_executor_config config;
    struct rota_channel channel;
    uv_process_t guard;
    uv_signal_t guard_signal;        /* SIGCHLD, sent if the guard was stopped */
    struct rota_executor_run *first; /* runs that have not ended */
    bool open;
    bool closing;
    bool guard_ended;
};

/* Starts the guard. This process then adopts the processes that a killed guard leaves behind, so it
 * must have no other children. A guard that is stopped by a signal is continued at once, since a
 * stopped guard neither begins nor ends runs. Must be called before any ZooKeeper handle is open,
 * since the guard would inherit its sockets (S87). The caller has set the callbacks and the
 * context; the strings of `config` are borrowed until close. Returns 0 or a libuv error. */
int rota_executor_open(struct rota_executor *e, uv_loop_t *loop,
                       const struct rota_executor_config *config);

/* Carries out RUN, CANCEL and LEASE. `backend_now` is the backend's time and must be read after
 * `boottime`, so that a pause between the two readings shortens the lease and never extends it. */
void rota_executor_act(struct rota_executor *e, const struct rota_action *action,
                       rota_time boottime, rota_time backend_now);

/* Tells the guard to kill all runs and to end. It has ended when the loop has no handle of the
 * executor left. */
void rota_executor_close(struct rota_executor *e);

#endif
