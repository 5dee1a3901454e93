/* The host of a worker: joins its role with the executor that runs the tasks. */
#ifndef ROTA_CLI_JOBS_WORKER_HOST_H
#define ROTA_CLI_JOBS_WORKER_HOST_H

#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"
#include "cli/runner/executor.h"

struct rota_worker_host;

/* The role has ended; its guard still ends what is left of the runs. Called once. */
typedef void (*rota_worker_host_finished_f)(struct rota_worker_host *h);

struct rota_worker_host {
    rota_worker_host_finished_f on_finished;
    void *context;              /* the owner's */
    struct rota_screen *screen; /* borrowed; shows what tasks write on standard error */
    bool names;                 /* show the task's name before each line */
    bool guard_lost;
    struct rota_driver_loop driver_loop;
    struct rota_executor executor;
};

/* Starts the guard, so it must be called before any ZooKeeper handle is open. The owner has set the
 * callback, the context and the screen of a zeroed host; it starts `driver_loop` without touching
 * its callbacks. Returns 0 or a libuv error. */
int rota_worker_host_open(struct rota_worker_host *h, uv_loop_t *loop,
                          const struct rota_executor_config *config);

/* Closes a host whose driver loop was never started. */
void rota_worker_host_close(struct rota_worker_host *h);

#endif
