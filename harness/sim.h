/* `rota sim run`: scenario files, one after the other. */
#ifndef ROTA_HARNESS_SIM_H
#define ROTA_HARNESS_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rota_sim_options {
    const char *const *files;
    uint32_t file_count;
    bool has_seed; /* `seed` takes the place of the files' own */
    uint64_t seed;
    const char *const *injects; /* faults at places, such as crash@m1:17; see injector.h */
    uint32_t inject_count;      /* 0: the script is judged as it stands */
    const char *trace_file;     /* where the trace goes, "-" for `out`; NULL for nowhere */
    FILE *out;                  /* one line a scenario; NULL for stdout */
    FILE *err;                  /* why one failed; NULL for stderr */
};

/* The worse of two exit statuses: what makes the others meaningless comes first. */
int rota_sim_worse(int a, int b);

/* Runs every file, twice, and compares the traces. Returns the exit status of docs/SCENARIOS.md: 0
 * if all held, else the worst. */
int rota_sim_run(const struct rota_sim_options *options);

#endif
