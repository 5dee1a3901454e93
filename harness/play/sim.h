/* `rota sim run` and `rota sim check`: runs scenario files one after the other. */
#ifndef ROTA_HARNESS_PLAY_SIM_H
#define ROTA_HARNESS_PLAY_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/play/run.h"

/* The result of one file. */
struct rota_sim_result {
    const char *file;
    const char *title; /* NULL: the file is wrong */
    enum rota_verdict verdict;
    uint64_t seed;
    uint32_t runs;      /* one for each order of the steps of `permute` */
    int64_t time;       /* virtual, microseconds; of all runs, as the next two */
    uint64_t events;    /* delivered */
    uint64_t hash;      /* of the traces */
    double seconds;     /* real time, with the repetition */
    const char *report; /* why it failed, lines of text; "" if it held */
};

struct rota_sim_options {
    const char *const *files;
    uint32_t file_count;
    bool has_seed; /* `seed` replaces the files' own */
    uint64_t seed;
    uint32_t order;             /* the only order of steps to run, counted from 1; 0: all */
    const char *const *injects; /* faults at places, such as crash@m1:17; see place.h */
    uint32_t inject_count;      /* 0: the script is judged as it is written */
    bool rewrite;               /* replace the expected traces that do not match */
    const char *trace_file;     /* where the trace goes; "-" for `out`, NULL for nowhere */
    FILE *out;                  /* one line for each scenario; NULL for stdout */
    FILE *err;                  /* why a scenario failed; NULL for stderr */
    /* If set, it is called instead of printing lines on `out`. Everything is borrowed for the call.
     */
    void (*tell)(void *context, const struct rota_sim_result *result);
    void *context;
};

/* Prints the result as one line. */
void rota_sim_print(const struct rota_sim_result *result, FILE *out);

/* Runs every file, in every order of its steps, twice, and compares the traces. Returns the exit
 * status of docs/SCENARIOS.md: 0 if all held, else the worst one. */
int rota_sim_run(const struct rota_sim_options *options);

/* Reads every file and runs none. Returns 0 or ROTA_VERDICT_WRONG. */
int rota_sim_check(const struct rota_sim_options *options);

#endif
