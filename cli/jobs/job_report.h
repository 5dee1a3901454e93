/* The sentences of a client about its jobs, on standard error: refused payloads, tasks that are not
 * done, and names of tasks whose result was not printed. */
#ifndef ROTA_CLI_JOBS_JOB_REPORT_H
#define ROTA_CLI_JOBS_JOB_REPORT_H

#include "cli/base/screen.h"
#include "cli/jobs/job_ring.h"

struct rota_job_report {
    struct rota_screen *screen; /* borrowed */
    struct rota_job_ring *jobs; /* borrowed */
    const char *input;          /* what the input is called in sentences, borrowed */
};

/* Says that a payload of the input cannot be a task, and why; `line` is 0 if the input has no
 * lines. */
void rota_job_report_refusal(const struct rota_job_report *r, uint64_t line, const char *why);

/* Says how a job ended that is not done, unless the sentence of an earlier job covers it; with
 * `errors` also the end of its standard error. */
void rota_job_report_failure(const struct rota_job_report *r, uint64_t number, bool errors);

/* Names each job whose result was not printed. The names of submitted tasks appear nowhere else,
 * and `rota wait` needs them. Returns their number. */
uint64_t rota_job_report_unprinted(const struct rota_job_report *r);

#endif
