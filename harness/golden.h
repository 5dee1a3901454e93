/* Traces that a scenario file expects, written anew. */
#ifndef ROTA_HARNESS_GOLDEN_H
#define ROTA_HARNESS_GOLDEN_H

#include <stdio.h>

#include "harness/run.h"

/* Puts what was traced into the scenario's file, below each `trace` whose lines do not match it.
 * Nothing else in the file changes. False, with a sentence on `err`, if the file cannot be
 * written. */
bool rota_golden_rewrite(const struct rota_scenario *s, const struct rota_finding *finding,
                         FILE *err);

#endif
