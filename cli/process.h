/* Binds one driver to a uv loop: the backend wakes it, an alarm brings its deadlines, and its
 * host's callbacks are called from the loop. A program may hold several. */
#ifndef ROTA_CLI_PROCESS_H
#define ROTA_CLI_PROCESS_H

#include <uv.h>

#include "cli/alarm.h"
#include "cli/log.h"
#include "model/driver.h"

struct rota_process;

/* An action for the host: RUN, CANCEL, LEASE, NAMED, RESULT, COLLECTED, ROW. It must not tell.
 * Borrowed for the call. Optional. */
typedef void (*rota_process_act_f)(struct rota_process *p, const struct rota_action *action);

/* A line of the trace, without newline. Borrowed for the call. Optional. */
typedef void (*rota_process_trace_f)(struct rota_process *p, const char *line);

/* The driver has made its steps: now the host may tell. Optional. */
typedef void (*rota_process_after_f)(struct rota_process *p);

/* The process has left in good order or given up: `driver.status` and `driver.sentence` say how.
 * Its backend is gone. Said once. */
typedef void (*rota_process_finished_f)(struct rota_process *p);

struct rota_process {
    rota_process_act_f on_act;
    rota_process_trace_f on_trace;
    rota_process_after_f on_after;
    rota_process_finished_f on_finished;
    void *context;        /* the owner's */
    const char *who;      /* in the trace */
    struct rota_log *log; /* of rota_process_print_trace; borrowed */
    struct rota_host host;
    struct rota_driver driver;
    struct rota_backend *backend;
    struct rota_alarm alarm;
    uv_async_t wake;
    rota_time began; /* by the backend's clock */
    bool started;
    bool inside; /* the driver: no telling now */
    bool finished;
};

/* Prepares an instance whose callbacks, context and name have been set; then rota_process_wake may
 * be given to a backend. Returns 0 or a libuv error. */
int rota_process_open(struct rota_process *p, uv_loop_t *loop);

/* What a backend calls, from any thread, when it has events; the context is the process. */
void rota_process_wake(void *process);

/* Takes the backend over and begins. `config` is copied. */
void rota_process_start(struct rota_process *p, const struct rota_driver_config *config,
                        struct rota_backend *backend);

/* Tells the driver, unless it has finished. Never from on_act. */
void rota_process_tell(struct rota_process *p, struct rota_event *event);

/* Tells it to stop: once in good order, twice at once. */
void rota_process_stop(struct rota_process *p);

/* An on_trace that prints into the log. */
void rota_process_print_trace(struct rota_process *p, const char *line);

/* Frees what is left. Needed for one that has not finished or was never started; harmless
 * otherwise. */
void rota_process_close(struct rota_process *p);

#endif
