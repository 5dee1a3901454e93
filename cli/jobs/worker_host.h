/* A worker in its place: its role, and the hands that run what the role wants run. */
#ifndef ROTA_CLI_JOBS_WORKER_HOST_H
#define ROTA_CLI_JOBS_WORKER_HOST_H

#include "cli/runner/executor.h"
#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"

struct rota_worker_host;

/* The role has left; its guard is ending what is left of the work. Said once. */
typedef void (*rota_worker_host_finished_f)(struct rota_worker_host *s);

struct rota_worker_host {
    rota_worker_host_finished_f on_finished;
    void *context;              /* the owner's */
    struct rota_screen *screen; /* borrowed; what tasks write on standard error goes there */
    bool names;                 /* with the task's name before it */
    bool guard_lost;
    struct rota_driver_loop process;
    struct rota_executor executor;
};

/* Starts the guard, so before any ZooKeeper handle is open. The owner has set the callback, the
 * context and the screen of a zeroed station; it starts `process`, its callbacks left alone.
 * Returns 0 or a libuv error. */
int rota_worker_host_open(struct rota_worker_host *s, uv_loop_t *loop,
                          const struct rota_executor_config *config);

/* Ends a station whose process was never started. */
void rota_worker_host_close(struct rota_worker_host *s);

#endif
