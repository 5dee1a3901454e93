/* A client that submits tasks as fast as the servers accept them, and collects the results. */
#ifndef ROTA_BENCH_LOAD_H
#define ROTA_BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct rota_load {
    uint32_t tasks;     /* to be submitted, besides a first one that is not measured */
    uint32_t payload;   /* bytes of each */
    uint32_t done;      /* tasks whose final status is done */
    uint32_t collected; /* tasks that were removed from the tree */
    double seconds;     /* from the first submission to the last collection */
};

/* Runs the client and fills in the last three fields. All tasks are submitted at once. Gives up
 * after five minutes. False, with a sentence on standard error, if the client did not end in good
 * order. */
bool rota_load_run(struct rota_load *l, const char *hosts);

#endif
