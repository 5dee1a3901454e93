/* Binds one driver to a uv loop: the backend wakes it, an alarm brings its deadlines, and its
 * host's callbacks are called from the loop. A program may hold several. */
#ifndef ROTA_CLI_BASE_DRIVER_LOOP_H
#define ROTA_CLI_BASE_DRIVER_LOOP_H

#include <uv.h>

#include "cli/base/alarm.h"
#include "cli/base/log.h"
#include "model/driver.h"

struct rota_driver_loop;

/* An action for the host: RUN, CANCEL, LEASE, NAMED, RESULT, COLLECTED, ROW. It must not tell.
 * Borrowed for the call. Optional. */
typedef void (*rota_driver_loop_act_f)(struct rota_driver_loop *p,
                                       const struct rota_action *action);

/* A line of the trace, without newline. Borrowed for the call. Optional. */
typedef void (*rota_driver_loop_trace_f)(struct rota_driver_loop *p, const char *line);

/* The driver has made its steps: now the host may tell. Optional. */
typedef void (*rota_driver_loop_after_f)(struct rota_driver_loop *p);

/* The process has left in good order or given up: `driver.status` and `driver.sentence` say how.
 * Its backend is gone. Said once. */
typedef void (*rota_driver_loop_finished_f)(struct rota_driver_loop *p);

struct rota_driver_loop {
    rota_driver_loop_act_f on_act;
    rota_driver_loop_trace_f on_trace;
    rota_driver_loop_after_f on_after;
    rota_driver_loop_finished_f on_finished;
    void *context;        /* the owner's */
    const char *who;      /* in the trace */
    struct rota_log *log; /* of rota_driver_loop_print_trace; borrowed */
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

/* Prepares an instance whose callbacks, context and name have been set; then rota_driver_loop_wake
 * may be given to a backend. Returns 0 or a libuv error. */
int rota_driver_loop_open(struct rota_driver_loop *p, uv_loop_t *loop);

/* What a backend calls, from any thread, when it has events; the context is the process. */
void rota_driver_loop_wake(void *process);

/* Takes the backend over and begins. `config` is copied. */
void rota_driver_loop_start(struct rota_driver_loop *p, const struct rota_driver_config *config,
                            struct rota_backend *backend);

/* Tells the driver, unless it has finished. Never from on_act. */
void rota_driver_loop_tell(struct rota_driver_loop *p, struct rota_event *event);

/* Tells it to stop: once in good order, twice at once. */
void rota_driver_loop_stop(struct rota_driver_loop *p);

/* An on_trace that prints into the log. */
void rota_driver_loop_print_trace(struct rota_driver_loop *p, const char *line);

/* Frees what is left. Needed for one that has not finished or was never started; harmless
 * otherwise. */
void rota_driver_loop_close(struct rota_driver_loop *p);

#endif
