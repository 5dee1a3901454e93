#include "cli/jobs/job_ring.h"

#include <stdlib.h>

#include "model/base/assert.h"
#include "system/memory.h"

enum { FIRST_CAPACITY = 64 };

struct rota_ring_job *rota_job_ring_at(const struct rota_job_ring *r, uint64_t number)
{
    rota_assert(number >= r->oldest && number < r->next);
    return &r->jobs[number & (r->capacity - 1)];
}

static void grow(struct rota_job_ring *r)
{
    uint64_t capacity = r->capacity > 0 ? 2 * r->capacity : FIRST_CAPACITY;
    struct rota_ring_job *jobs = rota_memory_zeroed(capacity, sizeof *jobs);

    for (uint64_t i = r->oldest; i < r->next; i++)
        jobs[i & (capacity - 1)] = *rota_job_ring_at(r, i);
    free(r->jobs);
    r->jobs = jobs;
    r->capacity = capacity;
}

struct rota_ring_job *rota_job_ring_add(struct rota_job_ring *r)
{
    if (r->next - r->oldest == r->capacity)
        grow(r);
    struct rota_ring_job *job = &r->jobs[r->next++ & (r->capacity - 1)];
    *job = (struct rota_ring_job){0};
    return job;
}

static void free_texts(struct rota_ring_job *job)
{
    free(job->name);
    free(job->state);
    free(job->reason);
    free(job->output);
    free(job->errors);
}

void rota_job_ring_end(struct rota_job_ring *r, uint64_t number)
{
    struct rota_ring_job *job = rota_job_ring_at(r, number);

    free_texts(job);
    *job = (struct rota_ring_job){.ready = job->ready, .put = job->put, .over = true};
}

void rota_job_ring_drop(struct rota_job_ring *r, uint64_t before)
{
    rota_assert(before <= r->next);
    while (r->oldest < before && rota_job_ring_at(r, r->oldest)->over)
        r->oldest++;
}

bool rota_ring_job_has_name(const struct rota_ring_job *job)
{
    return job->name != NULL && job->name[0] != '\0';
}

void rota_job_ring_close(struct rota_job_ring *r)
{
    for (uint64_t i = r->oldest; i < r->next; i++)
        free_texts(rota_job_ring_at(r, i));
    free(r->jobs);
    *r = (struct rota_job_ring){0};
}
