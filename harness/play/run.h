/* Carrying out one scenario: the script paces a world, conditions and invariants judge it. */
#ifndef ROTA_HARNESS_PLAY_RUN_H
#define ROTA_HARNESS_PLAY_RUN_H

#include <stdio.h>

#include "harness/play/injector.h"
#include "harness/language/scenario.h"

enum rota_verdict {
    ROTA_VERDICT_HELD = 0,
    ROTA_VERDICT_FAILED = 1,       /* an expectation, an invariant, a fault that never fired */
    ROTA_VERDICT_WRONG = 2,        /* the file or the command line */
    ROTA_VERDICT_NO_PROGRESS = 3,  /* something is pending and nothing more will happen */
    ROTA_VERDICT_UNREPEATABLE = 4, /* the same seed gave another trace */
};

struct rota_finding {
    enum rota_verdict verdict;
    enum rota_invariant invariant; /* that broke, ROTA_INVARIANTS for none */
    int64_t time;                  /* virtual, microseconds */
    uint64_t events;
    uint64_t hash; /* of the trace and of all delivered events */
    char *report;  /* why it failed, lines of text; NULL if it held. Freed by rota_finding_close */
    char **traces; /* what was traced from each statement `trace` on; the same */
    uint32_t trace_count;
};

/* How a scenario is run, beside what its file says. */
struct rota_play_options {
    uint64_t seed;
    uint32_t order;                 /* of the steps of `permute`; 0: as written */
    FILE *trace;                    /* where trace lines go, NULL for nowhere */
    struct rota_injector *injector; /* NULL: the script is judged as it stands */
    bool lenient;                   /* what `trace` expects is not compared */
};

/* Runs the scenario once. What `trace` expects is compared only under the file's own seed and in
 * the order that is written: others tell another story. */
void rota_scenario_play(const struct rota_scenario *s, const struct rota_play_options *course,
                        struct rota_finding *finding);

/* Plays it in the order that is written, under this seed. Trace lines go to `trace`, unless it is
 * NULL. */
void rota_scenario_run(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                       struct rota_finding *finding);

/* The same while searching: the injector's faults strike, `until` and `expect` only pace the
 * script, and what a fault of the script finds does not matter. When the script is over every fault
 * ends, everybody is healed and started, and progress is demanded. Judged are the invariants alone.
 */
void rota_scenario_search(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                          struct rota_injector *injector, struct rota_finding *finding);

/* Frees the report and the traces. */
void rota_finding_close(struct rota_finding *finding);

#endif
