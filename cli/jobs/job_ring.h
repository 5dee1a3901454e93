/* The jobs of one client, from the input's item until nothing more is needed of them: a ring that
 * grows, addressed by job number. */
#ifndef ROTA_CLI_JOBS_JOB_RING_H
#define ROTA_CLI_JOBS_JOB_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_ring_job {
    char *name;  /* NULL until the submission is acknowledged */
    char *state; /* final status; NULL until the task has one */
    char *reason;
    char *output;
    size_t output_length;
    char *errors; /* the end of standard error */
    size_t errors_length;
    size_t payload_length; /* until the submission is acknowledged, then 0 */
    uint64_t line;         /* of the input; 0 if the input has no lines */
    bool refused_here;     /* its payload was refused before the client role saw it */
    bool ready;            /* its text can be printed */
    bool put;              /* its text was given to the printer */
    bool printed;
    bool reported; /* the sentence of an earlier job covers this one */
    bool over;     /* nothing more is needed of it */
};

/* Zeroed memory is an empty ring. */
struct rota_job_ring {
    struct rota_ring_job *jobs;
    uint64_t capacity; /* a power of two, or 0 */
    uint64_t oldest;   /* number of the first job that is kept */
    uint64_t next;     /* number of the next job */
};

/* The job with that number, which must be kept. Borrowed until the next add. */
struct rota_ring_job *rota_job_ring_at(const struct rota_job_ring *r, uint64_t number);

/* Appends a zeroed job, whose number is `next`. Borrowed until the next add. */
struct rota_ring_job *rota_job_ring_add(struct rota_job_ring *r);

/* Frees the texts of a job that is over. */
void rota_job_ring_end(struct rota_job_ring *r, uint64_t number);

/* Drops the jobs at the front that are over, up to number `before`. */
void rota_job_ring_drop(struct rota_job_ring *r, uint64_t before);

/* Whether the job has a name that a person can use. */
bool rota_ring_job_has_name(const struct rota_ring_job *job);

/* Frees everything. */
void rota_job_ring_close(struct rota_job_ring *r);

#endif
