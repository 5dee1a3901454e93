/* Traces that a scenario file expects, written anew. */
#ifndef ROTA_HARNESS_PLAY_EXPECTED_TRACE_H
#define ROTA_HARNESS_PLAY_EXPECTED_TRACE_H

#include <stdio.h>

#include "harness/play/run.h"

/* Puts what was traced into the scenario's file, below each `trace` whose lines do not match it.
 * Nothing else in the file changes. False, with a sentence on `err`, if the file cannot be
 * written. */
bool rota_expected_trace_rewrite(const struct rota_scenario *s, const struct rota_finding *finding,
                                 FILE *err);

#endif
