/* Whether progress can be demanded of the world, and how long it may take. */
#ifndef ROTA_HARNESS_PLAY_HEALTH_H
#define ROTA_HARNESS_PLAY_HEALTH_H

#include "harness/play/run_context.h"

/* How long a healthy world may take to end its tasks, beyond their work, and to clean its tree. */
#define ROTA_PROGRESS_US (600 * ROTA_SECOND)

/* Whether the process runs, is not paused and reaches the servers. */
bool rota_health_is_well(const struct rota_process *p);

/* Whether progress can be demanded: servers, a master, a worker, the clients and workers with the
 * tags of all tasks are well, and no process is too slow. */
bool rota_health_is_good(struct rota_run_context *ctx);

/* Whether the messages of a process take so long that its session lives and its work makes no
 * progress. No other process may take away what it holds. */
bool rota_health_is_slow(struct rota_run_context *ctx);

/* The work that is left at most, if each task runs as often as it may. */
rota_span rota_health_work_left(const struct rota_run_context *ctx);

/* Prints the tasks that are pending into the report: for whom, since when. */
void rota_health_report_pending(struct rota_run_context *ctx);

#endif
