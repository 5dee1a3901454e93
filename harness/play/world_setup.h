/* Builds the world of a scenario: its servers, processes and tree. */
#ifndef ROTA_HARNESS_PLAY_WORLD_SETUP_H
#define ROTA_HARNESS_PLAY_WORLD_SETUP_H

#include "harness/play/run_context.h"

/* Opens ctx->w with the servers and the processes of the scenario, none of which runs. */
void rota_world_setup_open(struct rota_run_context *ctx);

/* Creates the tree that the scenario begins with. */
void rota_world_setup_tree(struct rota_run_context *ctx);

#endif
