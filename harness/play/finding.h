/* The verdict on a run of a scenario, what was found in it, and how it was run. */
#ifndef ROTA_HARNESS_PLAY_FINDING_H
#define ROTA_HARNESS_PLAY_FINDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/language/invariant.h"

/* The values are the exit statuses of `rota sim`. */
enum rota_verdict {
    ROTA_VERDICT_HELD = 0,
    ROTA_VERDICT_FAILED = 1,       /* an expectation, an invariant, a fault that never fired */
    ROTA_VERDICT_WRONG = 2,        /* the file or the command line is wrong */
    ROTA_VERDICT_NO_PROGRESS = 3,  /* something is pending and nothing more will happen */
    ROTA_VERDICT_UNREPEATABLE = 4, /* the same seed gave another trace */
};

struct rota_finding {
    enum rota_verdict verdict;
    enum rota_invariant invariant; /* that broke; ROTA_INVARIANTS: none */
    int64_t time;                  /* virtual, microseconds */
    uint64_t events;
    uint64_t hash; /* of the trace and of all delivered events */
    char *report;  /* why it failed, lines of text; NULL if it held. Owned */
    char **traces; /* the trace from each statement `trace` on. Owned */
    uint32_t trace_count;
    uint32_t trace_capacity;
};

struct rota_injector;

/* How a scenario is run, beside what its file says. */
struct rota_play_options {
    uint64_t seed;
    uint32_t order;                 /* of the steps of `permute`; 0: as written */
    FILE *trace;                    /* takes the trace lines; NULL: they are dropped */
    struct rota_injector *injector; /* NULL: the script is judged as it is written */
    bool lenient;                   /* the expected traces are not compared */
};

/* The word of a verdict, such as "failed". Static storage. */
const char *rota_verdict_word(enum rota_verdict verdict);

/* The worse of two verdicts: the one that makes the other meaningless. */
int rota_verdict_worse(int a, int b);

/* Frees what the finding owns. */
void rota_finding_close(struct rota_finding *finding);

#endif
