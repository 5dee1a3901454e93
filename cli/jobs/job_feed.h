/* The host of a client: submits the payloads of an input, keeps results until it is their turn,
 * prints them in the order of the input, and lets a task be collected only after its result has
 * been written. An operator role is fed in the same way, with names instead of payloads. */
#ifndef ROTA_CLI_JOBS_JOB_FEED_H
#define ROTA_CLI_JOBS_JOB_FEED_H

#include <uv.h>

#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"
#include "cli/jobs/job_report.h"
#include "cli/jobs/job_ring.h"
#include "cli/jobs/printer.h"
#include "cli/jobs/source.h"
#include "cli/jobs/terms_options.h"

struct rota_job_feed;

/* All jobs were submitted, have ended and are printed, or the client has given up; the exit status
 * is rota_job_feed_status. Called once. */
typedef void (*rota_job_feed_finished_f)(struct rota_job_feed *f);

struct rota_job_feed_config {
    bool results;      /* print results; false: print names as soon as they are acknowledged */
    bool collect;      /* tasks are collected; false: they stay in the tree */
    bool json;         /* print one object a line */
    bool errors;       /* print the end of standard error of a failed task */
    const char *input; /* what the input is called in sentences */
    const struct rota_terms_options *terms; /* of every payload, borrowed; NULL: none */
    /* The request of an operator for the names, whose outcomes are printed; borrowed; NULL: the
     * role is a client. */
    const struct rota_operator_config *operating;
    char *const *names; /* ends with NULL: tasks to wait for, instead of a source */
};

struct rota_job_feed {
    rota_job_feed_finished_f on_finished;
    void *context; /* the owner's */
    struct rota_job_feed_config config;
    struct rota_screen *screen; /* borrowed */
    struct rota_driver_loop driver_loop;
    struct rota_source source;
    struct rota_printer printer;
    struct rota_outbox outbox; /* memory for a payload with its terms */
    struct rota_job_ring jobs;
    struct rota_job_report report;
    uint64_t next_to_print;   /* number of the first job that was not given to the printer */
    uint64_t unacknowledged;  /* bytes of payload that were submitted and not acknowledged */
    uint64_t ended;           /* jobs whose task has a final status */
    uint64_t failed;          /* those of them that are not done */
    uint64_t refused;         /* jobs whose payload was refused here, before the client saw it */
    bool terms_contradicted;  /* one of them because the options contradict the payload */
    uint64_t job_in_progress; /* the job whose progress is shown, plus 1; 0: none */
    bool input_ended;
    bool input_failed;
    bool held;         /* nothing more is submitted */
    bool stopping;     /* the client is stopped as soon as the printer is idle */
    bool client_stops; /* the client has received the stop event */
    bool finished;
};

/* Prepares a zeroed feed whose callback and context have been set. The caller opens its source and
 * starts its driver loop, without touching the callbacks of either. Returns 0 or a libuv error. */
int rota_job_feed_open(struct rota_job_feed *f, uv_loop_t *loop,
                       const struct rota_job_feed_config *config, struct rota_screen *screen);

/* Reads a file of lines once before any of them is submitted. Returns 0, or the exit status if a
 * line cannot be a task; such lines have been reported then. An input that cannot be read twice is
 * not checked. */
enum rota_exit rota_job_feed_check_input(struct rota_job_feed *f);

/* From now on nothing more is submitted. */
void rota_job_feed_hold(struct rota_job_feed *f);

/* On an interrupt: prints the results that have come, without waiting for their turn, lets their
 * tasks be collected, and stops the client. The second call stops it at once. */
void rota_job_feed_stop(struct rota_job_feed *f);

/* The exit status so far: the client's if it gave up, else that of the tasks. */
enum rota_exit rota_job_feed_status(const struct rota_job_feed *f);

/* Frees what is left, after the end of the loop. */
void rota_job_feed_close(struct rota_job_feed *f);

#endif
