/* How a failed run is reported. */
#ifndef ROTA_HARNESS_PLAY_FAILURE_H
#define ROTA_HARNESS_PLAY_FAILURE_H

#include "harness/play/run_context.h"

/* Notes a failure with a sentence; only the first one counts. `st` is the statement that failed, or
 * NULL. */
void rota_play_fail(struct rota_run_context *ctx, enum rota_verdict verdict,
                    const struct rota_statement *st, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* After a failed run: prints the last lines of the processes involved, and how to replay the run.
 */
void rota_failure_print_context(struct rota_run_context *ctx);

#endif
