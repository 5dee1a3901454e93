/* A worker in its place: its role, and the hands that run what the role wants run. */
#ifndef ROTA_CLI_STATION_H
#define ROTA_CLI_STATION_H

#include "cli/executor.h"
#include "cli/process.h"
#include "cli/screen.h"

struct rota_station;

/* The role has left; its guard is ending what is left of the work. Said once. */
typedef void (*rota_station_finished_f)(struct rota_station *s);

struct rota_station {
    rota_station_finished_f on_finished;
    void *context;              /* the owner's */
    struct rota_screen *screen; /* borrowed; what tasks write on standard error goes there */
    bool names;                 /* with the task's name before it */
    bool guard_lost;
    struct rota_process process;
    struct rota_executor executor;
};

/* Starts the guard, so before any ZooKeeper handle is open. The owner has set the callback, the
 * context and the screen of a zeroed station; it starts `process`, its callbacks left alone.
 * Returns 0 or a libuv error. */
int rota_station_open(struct rota_station *s, uv_loop_t *loop,
                      const struct rota_executor_config *config);

/* Ends a station whose process was never started. */
void rota_station_close(struct rota_station *s);

#endif
