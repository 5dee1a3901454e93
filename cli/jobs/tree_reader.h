/* Commands that read the tree once, and the one that makes it. */
#ifndef ROTA_CLI_JOBS_TREE_READER_H
#define ROTA_CLI_JOBS_TREE_READER_H

#include "cli/base/options.h"
#include "model/reader/reader.h"

/* Reads, and hands every row to `on_act`. Returns the exit status; sentences have been printed. */
enum rota_exit rota_tree_reader_run(const struct rota_options *options,
                                    const struct rota_reader_config *reader,
                                    rota_driver_loop_act_f on_act, void *context);

/* Creates the chroot and the tree below it; harmless if they are there. `max_tasks` is the most
 * tasks there may be, 0 for any number, -1 to leave that as it is. */
enum rota_exit rota_tree_reader_create_tree(const struct rota_options *options, int64_t max_tasks);

#endif
