/* The traces that a scenario expects: what was traced since each statement `trace`. */
#ifndef ROTA_HARNESS_PLAY_EXPECTED_TRACE_H
#define ROTA_HARNESS_PLAY_EXPECTED_TRACE_H

#include "harness/play/run_context.h"

/* From here on the trace is kept for this statement. The trace of the statement before it is
 * compared. */
void rota_expected_trace_begin(struct rota_run_context *ctx, const struct rota_statement *st);

/* The trace is at its end: the last one is compared. */
void rota_expected_trace_end(struct rota_run_context *ctx);

#endif
