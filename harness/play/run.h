/* Runs one scenario: the script paces a world, conditions and invariants judge it. */
#ifndef ROTA_HARNESS_PLAY_RUN_H
#define ROTA_HARNESS_PLAY_RUN_H

#include "harness/language/scenario.h"
#include "harness/play/finding.h"
#include "harness/play/injector.h"

/* Runs the scenario once and fills the finding, which the caller closes.
 *
 * Expected traces are compared only under the file's own seed and in the written order, since other
 * runs have another trace. With an injector the run is a search: the injector's faults are put at
 * their places, `until` and `expect` only pace the script, and an action of the script that cannot
 * be done is no failure. When the script is over, every fault ends, all processes are healed and
 * started, and progress is demanded. Only the invariants are judged. */
void rota_scenario_play(const struct rota_scenario *s, const struct rota_play_options *options,
                        struct rota_finding *finding);

/* Runs it in the written order, under this seed. Trace lines go to `trace`, unless it is NULL. */
void rota_scenario_run(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                       struct rota_finding *finding);

/* The same with an injector. */
void rota_scenario_search(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                          struct rota_injector *injector, struct rota_finding *finding);

#endif
