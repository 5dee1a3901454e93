/* Commands that read the tree once, and the one that makes it. */
#ifndef ROTA_CLI_READING_H
#define ROTA_CLI_READING_H

#include "cli/options.h"
#include "model/reader.h"

/* Reads, and hands every row to `on_act`. Returns the exit status; sentences have been printed. */
enum rota_exit rota_reading_run(const struct rota_options *options, enum rota_reading what,
                                rota_process_act_f on_act, void *context);

/* Creates the chroot and the tree below it; harmless if they are there. */
enum rota_exit rota_reading_create_tree(const struct rota_options *options);

#endif
