/* A program that is one process and nothing else: a master, or a reader. */
#ifndef ROTA_CLI_JOBS_RUN_ONE_H
#define ROTA_CLI_JOBS_RUN_ONE_H

#include "cli/base/options.h"
#include "cli/base/driver_loop.h"

/* Runs one process on the real ZooKeeper to its end, on a loop of its own. SIGINT, SIGTERM and
 * SIGHUP stop it. Prints its trace as `who` if the options are verbose, and the sentence it leaves
 * with. `on_act` may be NULL; `context` is the process's. Returns the exit status. */
enum rota_exit rota_run_one(const struct rota_options *options,
                            const struct rota_driver_config *config, const char *who,
                            rota_driver_loop_act_f on_act, void *context);

#endif
