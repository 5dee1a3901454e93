/* One run under the guard: a program in a session of its own, its input fed, its output kept within
 * bounds, and everything it leaves behind ended with it. */
#ifndef ROTA_CLI_RUNNER_CHILD_H
#define ROTA_CLI_RUNNER_CHILD_H

#include <uv.h>

#include "cli/runner/channel.h"
#include "cli/runner/process_tree.h"
#include "cli/runner/progress_pipe.h"
#include "model/seam/event.h"

enum {
    ROTA_CHILD_TAIL = 4096, /* bytes of standard error kept for a failure */
};

struct rota_child;

/* The same for every run of a guard. Borrowed by its children. */
struct rota_child_config {
    char *const *argv;   /* the program that gets the payload on standard input; NULL: /bin/sh -c */
    const char *worker;  /* ROTA_WORKER */
    uint32_t max_result; /* bytes of standard output */
    uint32_t grace_ms;   /* from TERM to KILL */
    struct rota_child *const *first; /* the list of all runs of this guard */
};

/* Standard error, as it comes; borrowed for the call. */
typedef void (*rota_child_log_f)(struct rota_child *c, struct rota_bytes text);

/* How far the run is: the last line it wrote on descriptor 3, a few times a second at most;
 * borrowed for the call. */
typedef void (*rota_child_progress_f)(struct rota_child *c, const char *line);

/* The run has ended: `ending`, `reason`, `exit_status`, `output` and `tail` are final. Called once,
 * never within start. */
typedef void (*rota_child_finished_f)(struct rota_child *c);

/* The child's memory may be freed; nothing follows. */
typedef void (*rota_child_closed_f)(struct rota_child *c);

struct rota_child {
    struct rota_child *next; /* the owner's list */
    void *context;           /* the owner's */
    rota_child_log_f on_log;
    rota_child_progress_f on_progress;
    rota_child_finished_f on_finished;
    rota_child_closed_f on_closed;
    uint64_t run;
    enum rota_ending ending;
    char reason[160];
    int32_t exit_status; /* 0 if it did not exit by itself */
    bool hopeless;       /* it failed, and would again */
    char *output;
    size_t output_length;
    size_t output_capacity;
    char tail[2 * ROTA_CHILD_TAIL];
    size_t tail_length;

    const struct rota_child_config *config;
    char *task_entry; /* "ROTA_TASK=...", which its descendants inherit */
    char fence_entry[64];
    char *payload;
    size_t payload_length;
    pid_t pid; /* 0: not running */
    bool stop_asked;
    bool overflowed;
    bool settling; /* the main process has ended */
    bool reported;
    uint32_t rounds;
    uint32_t handles; /* open ones */
    uint32_t pipes;   /* of output and errors still open */
    uv_process_t process;
    uv_pipe_t pipe[4];
    uv_timer_t timer;
    uv_write_t write;
    struct rota_progress_pipe_pipe progress;
};

/* Starts what a RUN frame asks for. The owner has set the callbacks and the context of a zeroed
 * child. A program that cannot be started is a failed run, reported like any other. */
void rota_child_start(struct rota_child *c, uv_loop_t *loop, const struct rota_child_config *config,
                      const struct rota_frame *frame);

/* Ends the run, at once or with a grace. It is reported as stopped, whatever it did meanwhile. */
void rota_child_stop(struct rota_child *c, bool at_once);

/* Pauses and resumes what is read from standard error, so that nothing piles up. */
void rota_child_pause_log(struct rota_child *c);
void rota_child_resume_log(struct rota_child *c);

#endif
