/* The statements of a scenario, carried out from top to bottom. */
#ifndef ROTA_HARNESS_PLAY_SCRIPT_H
#define ROTA_HARNESS_PLAY_SCRIPT_H

#include "harness/play/run_context.h"

/* Carries out a statement. A failure is noted in the finding. */
void rota_script_carry_out(struct rota_run_context *ctx, const struct rota_statement *st);

#endif
