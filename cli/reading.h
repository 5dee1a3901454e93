/* Commands that read the tree once, and the one that makes it. */
#ifndef ROTA_CLI_READING_H
#define ROTA_CLI_READING_H

#include "cli/options.h"
#include "model/reader.h"

/* Reads, and hands every row to `on_act`. Returns the exit status; sentences have been printed. */
enum rota_exit rota_reading_run(const struct rota_options *options,
                                const struct rota_reader_config *reader, rota_process_act_f on_act,
                                void *context);

/* Creates the chroot and the tree below it; harmless if they are there. `max_tasks` is the most
 * tasks there may be, 0 for any number, -1 to leave that as it is. */
enum rota_exit rota_reading_create_tree(const struct rota_options *options, int64_t max_tasks);

#endif
