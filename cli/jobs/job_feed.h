/* The client's host: hands payloads in, keeps results until it is their turn, prints them in the
 * order of the input, and lets a task be collected only when its result has been written. */
#ifndef ROTA_CLI_JOBS_JOB_FEED_H
#define ROTA_CLI_JOBS_JOB_FEED_H

#include <uv.h>

#include "cli/jobs/printer.h"
#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"
#include "cli/jobs/source.h"
#include "cli/jobs/terms_options.h"

struct rota_job_feed;
struct rota_job_feed_job;

/* Everything has been handed in, ended and printed, or the client has given up; the exit status is
 * rota_job_feed_status. Said once. */
typedef void (*rota_job_feed_finished_f)(struct rota_job_feed *d);

struct rota_job_feed_config {
    bool results;      /* print results; false: print names as soon as they are acknowledged */
    bool collect;      /* results are collected; false: they stay */
    bool json;         /* one object a line */
    bool errors;       /* print the end of standard error of a failed task */
    const char *input; /* what the input is called in sentences */
    const struct rota_terms_options *terms; /* of every payload, borrowed; NULL: as they are */
    /* An operator is asked about the names, and what came of it is printed; borrowed; NULL: a
     * client is. */
    const struct rota_operator_config *operating;
    char *const *names; /* ends with NULL: tasks to wait for, instead of a source */
};

struct rota_job_feed {
    rota_job_feed_finished_f on_finished;
    void *context; /* the owner's */
    struct rota_job_feed_config config;
    struct rota_screen *screen; /* borrowed */
    struct rota_driver_loop process;
    struct rota_source source;
    struct rota_printer printer;
    struct rota_outbox outbox;      /* where a payload is written with its terms */
    struct rota_job_feed_job *jobs; /* a ring */
    uint64_t capacity;              /* of the ring, a power of two */
    uint64_t oldest;                /* first job that is not over */
    uint64_t turn;                  /* first job that has not gone to the printer */
    uint64_t next;                  /* job number of the next payload */
    uint64_t handed_in;             /* bytes not yet acknowledged */
    uint64_t ended;                 /* jobs whose task has ended */
    uint64_t failed;                /* jobs whose task has ended otherwise than done */
    uint64_t refused;               /* jobs that were not handed in: their payloads cannot be */
    bool contradicted;              /* one of them for its terms */
    uint64_t news;                  /* the job whose task's progress is shown, plus 1; 0: none */
    bool input_ended;
    bool input_failed;
    bool held;     /* nothing more is handed in */
    bool stopping; /* asked to stop; the client hears of it when the printer is idle */
    bool told;     /* the client has heard of it */
    bool finished;
};

/* Prepares a zeroed desk whose callback and context have been set; its source is opened by the
 * caller, its process is started by the caller with the callbacks left alone. Returns 0 or a libuv
 * error. */
int rota_job_feed_open(struct rota_job_feed *d, uv_loop_t *loop,
                       const struct rota_job_feed_config *config, struct rota_screen *screen);

/* Reads a file of lines once before anything of it is handed in. Returns 0, or the exit status when
 * it holds what cannot be a task, of which it has spoken then. What cannot be read twice is not
 * looked at: it is taken as it comes. */
enum rota_exit rota_job_feed_check_input(struct rota_job_feed *d);

/* From now on nothing more is handed in. */
void rota_job_feed_hold(struct rota_job_feed *d);

/* Interrupted: prints what is there, whoever's turn it is, lets it be collected, and stops the
 * client. Again: at once. */
void rota_job_feed_stop(struct rota_job_feed *d);

/* Prints the names of what was handed in and has not been printed: all of them, for whoever waits
 * for these results later knows them from nowhere else. */
void rota_job_feed_say_what_is_left(struct rota_job_feed *d);

/* The exit status so far: of the client, then of the tasks. */
enum rota_exit rota_job_feed_status(const struct rota_job_feed *d);

/* Frees what is left, after the loop's end. */
void rota_job_feed_close(struct rota_job_feed *d);

#endif
