/* One run under the guard: a program in a session of its own. The guard writes its input, keeps its
 * output within bounds, and kills the processes that the run leaves behind. */
#ifndef ROTA_CLI_RUNNER_CHILD_H
#define ROTA_CLI_RUNNER_CHILD_H

#include <uv.h>

#include "cli/runner/channel.h"
#include "cli/runner/process_tree.h"
#include "cli/runner/progress_pipe.h"
#include "model/seam/event.h"

enum {
    ROTA_CHILD_TAIL = 4096, /* bytes of the end of standard error that are kept for a failure */
};

struct rota_child;

/* The same for all runs of a guard. Borrowed by its children. */
struct rota_child_config {
    char *const *argv;   /* the program that gets the payload on standard input; NULL: /bin/sh -c */
    const char *worker;  /* the value of ROTA_WORKER */
    uint32_t max_result; /* limit of standard output in bytes */
    uint32_t grace_ms;   /* from SIGTERM to SIGKILL */
    struct rota_child *const *first; /* the list of all runs of this guard */
};

/* The run has written on standard error; borrowed for the call. */
typedef void (*rota_child_log_f)(struct rota_child *c, struct rota_bytes text);

/* The run has written a new last line on descriptor 3. Called a few times a second at most;
 * borrowed for the call. */
typedef void (*rota_child_progress_f)(struct rota_child *c, const char *line);

/* The run has ended: `ending`, `reason`, `exit_status`, `output` and `tail` are final. Called once,
 * from the loop. */
typedef void (*rota_child_finished_f)(struct rota_child *c);

/* All handles are closed; the child's memory may be freed. */
typedef void (*rota_child_closed_f)(struct rota_child *c);

struct rota_child {
    struct rota_child *next; /* the owner's list */
    void *context;           /* the owner's */
    rota_child_log_f on_log;
    rota_child_progress_f on_progress;
    rota_child_finished_f on_finished;
    rota_child_closed_f on_closed;
    uint32_t magic; /* from the start to on_closed */
    uint64_t run;
    enum rota_ending ending;
    char reason[160];
    int32_t exit_status; /* 0 if a signal ended it */
    bool hopeless;       /* it failed, and another attempt would fail in the same way */
    struct rota_byte_buffer output;
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
    bool settling; /* the main process has ended, what it left behind is being killed */
    bool reported;
    uint32_t rounds;
    uint32_t handles; /* that are open */
    uint32_t pipes;   /* of output and errors that are open */
    uv_process_t process;
    uv_pipe_t pipe[4];
    uv_timer_t timer;
    uv_write_t write;
    struct rota_progress_pipe progress;
};

/* Starts the run of a RUN frame. The owner has set the callbacks and the context of a zeroed child.
 * A program that cannot be started is a failed run and is reported like any other. */
void rota_child_start(struct rota_child *c, uv_loop_t *loop, const struct rota_child_config *config,
                      const struct rota_frame *frame);

/* Ends the run, at once or with a grace. It is reported as stopped, even if it succeeds meanwhile.
 */
void rota_child_stop(struct rota_child *c, bool at_once);

/* Stops and continues the reading of standard error, so that unsent bytes do not pile up. */
void rota_child_pause_log(struct rota_child *c);
void rota_child_resume_log(struct rota_child *c);

/* Whether a process is the main process of one of the runs of a list. */
bool rota_child_is_main(const struct rota_child *first, pid_t pid);

/* Whether the guard has a child that is not the main process of one of these runs. A process that a
 * run leaves behind becomes such a child, so without one the whole of /proc need not be searched.
 */
bool rota_child_has_adopted(const struct rota_child *first);

#endif
