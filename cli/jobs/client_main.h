/* The main function of a program that is one client, or one operator: submit, wait, cancel, retry,
 * drain, undrain. */
#ifndef ROTA_CLI_JOBS_CLIENT_MAIN_H
#define ROTA_CLI_JOBS_CLIENT_MAIN_H

#include "cli/base/options.h"
#include "cli/jobs/job_feed.h"

/* Opens the source of payloads. Returns 0 or a libuv error. */
typedef int (*rota_client_main_open_f)(struct rota_source *source, uv_loop_t *loop,
                                       const void *context);

/* Runs a client on a real ZooKeeper to its end. `open_source` is NULL if the config has names.
 * After an interrupt it names the tasks that are left. Returns the exit status. */
enum rota_exit rota_client_main_run(const struct rota_options *options,
                                    const struct rota_job_feed_config *config,
                                    rota_client_main_open_f open_source, const void *context);

#endif
