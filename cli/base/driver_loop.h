/* Runs one driver on a uv loop: the backend wakes it, an alarm fires at its deadlines, and the
 * callbacks of its host are called from the loop. A program may have several. */
#ifndef ROTA_CLI_BASE_DRIVER_LOOP_H
#define ROTA_CLI_BASE_DRIVER_LOOP_H

#include <uv.h>

#include "cli/base/alarm.h"
#include "cli/base/log.h"
#include "model/driver.h"

struct rota_driver_loop;

/* An action for the host: RUN, CANCEL, LEASE, NAMED, RESULT, COLLECTED, ROW. The callback must not
 * call rota_driver_loop_notify. Borrowed for the call. Optional. */
typedef void (*rota_driver_loop_act_f)(struct rota_driver_loop *d,
                                       const struct rota_action *action);

/* A line of the trace, without its newline. Borrowed for the call. Optional. */
typedef void (*rota_driver_loop_trace_f)(struct rota_driver_loop *d, const char *line);

/* The driver has taken its steps; now the host may call rota_driver_loop_notify. Optional. */
typedef void (*rota_driver_loop_after_f)(struct rota_driver_loop *d);

/* The role has ended in good order or given up; `driver.status` and `driver.sentence` say which.
 * Its backend is destroyed. Called once. */
typedef void (*rota_driver_loop_finished_f)(struct rota_driver_loop *d);

struct rota_driver_loop {
    rota_driver_loop_act_f on_act;
    rota_driver_loop_trace_f on_trace;
    rota_driver_loop_after_f on_after;
    rota_driver_loop_finished_f on_finished;
    void *context;        /* the owner's */
    uint32_t magic;       /* while it is open */
    const char *name;     /* of the process in the trace */
    struct rota_log *log; /* for rota_driver_loop_print_trace; borrowed */
    struct rota_host host;
    struct rota_driver driver;
    struct rota_backend *backend;
    struct rota_alarm alarm;
    uv_async_t wake;
    rota_time began; /* on the backend's clock */
    bool started;
    bool inside; /* a call of the driver: rota_driver_loop_notify is not allowed */
    bool finished;
};

/* Prepares an instance whose callbacks, context and name have been set. After that,
 * rota_driver_loop_wake can be given to a backend. Returns 0 or a libuv error. */
int rota_driver_loop_open(struct rota_driver_loop *d, uv_loop_t *loop);

/* A backend calls this, from any thread, when it has events. The context is the instance. */
void rota_driver_loop_wake(void *context);

/* Takes the backend over and starts the driver. `config` is copied. */
void rota_driver_loop_start(struct rota_driver_loop *d, const struct rota_driver_config *config,
                            struct rota_backend *backend);

/* Passes an event to the driver, unless it has finished. Must not be called from on_act. */
void rota_driver_loop_notify(struct rota_driver_loop *d, struct rota_event *event);

/* Stops the role in good order; the second call stops it at once. */
void rota_driver_loop_stop(struct rota_driver_loop *d);

/* An on_trace that prints into the log. */
void rota_driver_loop_print_trace(struct rota_driver_loop *d, const char *line);

/* Frees everything. Needed only for an instance that has not finished or was never started; does
 * nothing if it is not open. */
void rota_driver_loop_close(struct rota_driver_loop *d);

#endif
