/* The end of a run: the checks that are made when the script is over. */
#ifndef ROTA_HARNESS_PLAY_FINISH_H
#define ROTA_HARNESS_PLAY_FINISH_H

#include "harness/play/run_context.h"

/* Carries out what is still scheduled, then checks progress, the tree, faults that did not fire and
 * marks. */
void rota_finish_run(struct rota_run_context *ctx);

#endif
