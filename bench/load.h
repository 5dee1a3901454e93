/* A client that submits tasks as fast as they are taken, and collects what comes of them. */
#ifndef ROTA_BENCH_LOAD_H
#define ROTA_BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

struct rota_load {
    uint32_t tasks;     /* to be submitted, beside one that goes first and is not measured */
    uint32_t payload;   /* bytes of each */
    uint32_t done;      /* tasks that ended as done */
    uint32_t collected; /* tasks that left the tree after it */
    double seconds;     /* from the first submission to the last collection */
};

/* Fills in the last three; all tasks are known to the client at once. Gives up after five minutes.
 * False with a sentence on standard error if the client left otherwise than in good order. */
bool rota_load_run(struct rota_load *l, const char *hosts);

#endif
