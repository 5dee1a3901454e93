/* The main function of a program that is one role without a host: a master, or a reader. */
#ifndef ROTA_CLI_JOBS_ROLE_MAIN_H
#define ROTA_CLI_JOBS_ROLE_MAIN_H

#include "cli/base/driver_loop.h"
#include "cli/base/options.h"

/* Runs one role on a real ZooKeeper to its end. SIGINT, SIGTERM and SIGHUP stop it. Prints its
 * trace under `name` if the options ask for it, and the sentence with which it ended. `on_act` may
 * be NULL; `context` becomes the context of its driver loop. Returns the exit status. */
enum rota_exit rota_role_main_run(const struct rota_options *options,
                                  const struct rota_driver_config *config, const char *name,
                                  rota_driver_loop_act_f on_act, void *context);

#endif
