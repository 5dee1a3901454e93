/* Runs jobs in child processes, by default as many as there are cores. A job that crashes its
 * process costs that job alone. Jobs write their results into memory that all processes share. */
#ifndef ROTA_HARNESS_SEARCH_PARALLEL_H
#define ROTA_HARNESS_SEARCH_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_parallel {
    uint32_t processes; /* 0: one for each core */
    uint32_t timeout_s; /* a job that takes longer, in real time, is killed; 0: no limit */
    /* Runs job `job`, in a child. Jobs begin in order, each once. */
    void (*run)(void *context, uint64_t job);
    /* The process of this job was killed by that signal; 0: it has exited. */
    void (*died)(void *context, uint64_t job, int signal);
    /* Called some times a second with the number of finished jobs; optional. */
    void (*progress)(void *context, uint64_t done, uint64_t count);
    /* Called some times a second: whether all is to end now; optional. */
    bool (*stopped)(void *context);
    void *context;
};

/* Zeroed memory that children inherit as the same memory. Without memory the program ends. */
void *rota_parallel_share(size_t size);
void rota_parallel_unshare(void *memory, size_t size);

/* Runs jobs 0 to count - 1 and returns when all are done. False if it was stopped before: jobs that
 * were running are not finished. The caller should flush its streams first. */
bool rota_parallel_run(const struct rota_parallel *p, uint64_t count);

#endif
