/* Runs of the reader role: one that reads the tree once, and one that creates it. */
#ifndef ROTA_CLI_JOBS_TREE_READER_H
#define ROTA_CLI_JOBS_TREE_READER_H

#include "cli/base/options.h"
#include "model/reader/reader.h"

/* Reads the tree and passes every row to `on_act`. Returns the exit status; its sentence, if any,
 * was printed. */
enum rota_exit rota_tree_reader_run(const struct rota_options *options,
                                    const struct rota_reader_config *reader,
                                    rota_driver_loop_act_f on_act, void *context);

/* Creates the chroot and the tree below it; parts that exist are left as they are. `max_tasks`
 * limits the number of tasks; 0: no limit; -1: keep the present limit. Returns the exit status; its
 * sentence, if any, was printed. */
enum rota_exit rota_tree_reader_create_tree(const struct rota_options *options, int64_t max_tasks);

#endif
