/* Jobs done by child processes, as many as there are cores. A job that brings its process down
 * costs that job alone. What a job finds out goes into memory that all of them share. */
#ifndef ROTA_HARNESS_SEARCH_PARALLEL_H
#define ROTA_HARNESS_SEARCH_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_parallel {
    uint32_t hands;      /* processes; 0: one for each core */
    uint32_t patience_s; /* a job that takes longer on the clock of the wall is ended; 0: never */
    /* Does job `job`, in a child. Jobs are begun in order, each once. */
    void (*work)(void *context, uint64_t job);
    /* This job's process was ended by that signal, or with 0 has left. */
    void (*died)(void *context, uint64_t job, int signal);
    /* Told some times a second how many are done; optional. */
    void (*progress)(void *context, uint64_t done, uint64_t count);
    /* Asked some times a second whether all is to end now; optional. */
    bool (*stopped)(void *context);
    void *context;
};

/* Zeroed memory that children inherit as the same memory. Ends the program if there is none. */
void *rota_parallel_share(size_t size);
void rota_parallel_unshare(void *memory, size_t size);

/* Has jobs 0 to count - 1 done, and returns when all are; false if it was stopped before: what was
 * under way then is left undone. Streams of the program should be flushed before. */
bool rota_parallel_run(const struct rota_parallel *crew, uint64_t count);

#endif
