/* Writes the traces of a run into the scenario file that expects them. */
#ifndef ROTA_HARNESS_PLAY_TRACE_REWRITE_H
#define ROTA_HARNESS_PLAY_TRACE_REWRITE_H

#include "harness/language/scenario.h"
#include "harness/play/finding.h"

/* Replaces the lines of each `trace` that do not match what was traced. Nothing else in the file
 * changes. False, with a sentence on `err`, if the file cannot be written. */
bool rota_trace_rewrite(const struct rota_scenario *s, const struct rota_finding *finding,
                        FILE *err);

#endif
