/* What a worker holds: the runs of the tasks assigned to it. Inside of the worker: worker.c
 * registers and leaves, work.c reads what is assigned and starts it, notice.c reads what the master
 * tells, progress.c says how far the runs are, result.c decides what becomes of what has ended and
 * writes that down. */
#ifndef ROTA_MODEL_WORKER_RUNS_H
#define ROTA_MODEL_WORKER_RUNS_H

#include "model/seam/requests.h"
#include "model/tree/spec.h"
#include "model/worker/worker.h"

/* One step's surroundings, passed along. */
struct rota_worker_context {
    struct rota_worker *w;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* What a request was for. */
enum rota_worker_purpose {
    ROTA_WORKER_PURPOSE_DIRECTORY = 1, /* exists /assign/<w> */
    ROTA_WORKER_PURPOSE_REGISTER,
    ROTA_WORKER_PURPOSE_OWN_ZNODE, /* get /workers/<w> */
    ROTA_WORKER_PURPOSE_SLOTS,     /* the write that says slots=0 */
    ROTA_WORKER_PURPOSE_DEREGISTER,
    ROTA_WORKER_PURPOSE_ASSIGNMENTS, /* from here on work.c asks */
    ROTA_WORKER_PURPOSE_ASSIGNMENT,
    ROTA_WORKER_PURPOSE_TASK,
    ROTA_WORKER_PURPOSE_RESOLVE, /* result.c */
    ROTA_WORKER_PURPOSE_RESULTS,
    ROTA_WORKER_PURPOSE_ORDERS,   /* notice.c */
    ROTA_WORKER_PURPOSE_PROGRESS, /* progress.c */
    ROTA_WORKER_PURPOSE_PROGRESS_DELETE,
};

enum rota_run_state {
    ROTA_RUN_WAITING, /* for a slot */
    ROTA_RUN_READING, /* its assignment and its payload are being read */
    ROTA_RUN_RUNNING,
    ROTA_RUN_ENDING,  /* being ended: `why` says what becomes of it */
    ROTA_RUN_ENDED,   /* its end is to be written */
    ROTA_RUN_WRITING, /* in a multi under way */
    ROTA_RUN_DOUBT,   /* its end was written, perhaps: to be resolved */
    ROTA_RUN_IGNORED, /* of a former incarnation: the master will move it */
    ROTA_RUN_STUCK,   /* its end cannot be written: it stays until somebody removes it */
};

/* Why a run is being ended. */
enum rota_run_why {
    ROTA_RUN_ITSELF,    /* it is not: whatever ends it, it is not the worker */
    ROTA_RUN_ASKED,     /* the worker stops: handed back in good order */
    ROTA_RUN_CUT_OFF,   /* the lease is over: handed back as a loss */
    ROTA_RUN_TIMED_OUT, /* a failure, however it ends */
    ROTA_RUN_CANCELLED, /* the task's end, however it ends */
};

/* What is written at the end. */
enum rota_run_result {
    ROTA_RESULT_DONE, /* a status: the task has ended */
    ROTA_RESULT_FAILED,
    ROTA_RESULT_DEAD,
    ROTA_RESULT_EXPIRED,
    ROTA_RESULT_CANCELLED,
    ROTA_RESULT_BACK, /* handed back: the master places it again */
    ROTA_RESULT_DROP, /* nothing: the task is gone, or has ended by another hand */
};

struct rota_worker_run {
    rota_ref name;
    enum rota_run_state state;
    enum rota_run_why why;
    enum rota_run_result result;
    uint32_t next; /* in its queue, or free, index + 1 */
    uint32_t mark;
    uint32_t attempt, losses, spared, failures; /* as in its assignment */
    uint64_t run;                               /* names it towards the host; 0: never started */
    int64_t placed;   /* czxid of the assignment: the fencing token; 0: not read */
    int64_t began_ms; /* when it was placed, by the servers' clock */
    rota_ref history; /* text: of former attempts; once it has ended, what goes to /history */
    rota_ref data;    /* bytes: what takes the assignment's place */
    uint32_t data_length;
    rota_time due;   /* when it has had its time */
    int64_t retries; /* of its specification, from here on */
    int64_t backoff_ms, backoff_cap_ms, timeout_ms;
    uint8_t fatal[32];
    bool given; /* there was a specification */
    bool used, busy, superseded;
    bool assigned;       /* the assignment was read and is ours */
    bool whole;          /* its payload is being read, not only looked for */
    bool history_there;  /* /history/<t> exists, left by another hand: it is set */
    rota_ref progress;   /* text: the last line it wrote; 0: none */
    bool progress_new;   /* that was not written yet */
    bool progress_there; /* /progress/<t> exists, perhaps */
};

/* The tag of a question asked in the present generation of belief. */
uint64_t rota_runs_tag(const struct rota_worker_context *s, enum rota_worker_purpose what,
                       uint32_t index);

/* Run `i`, its task's name, and the links of its queue. Addresses are valid until the pool's next
 * take. */
struct rota_worker_run *rota_runs_run(const struct rota_worker_context *s, uint32_t i);
const char *rota_runs_name(const struct rota_worker_context *s, uint32_t i);
struct rota_links rota_runs_links(const struct rota_worker_context *s);

/* What the servers' clock shows now, in milliseconds since 1970: never more than it does, less by
 * what a reply took, and at least the time of anything read (S19: no clock of a machine is
 * compared with it). */
int64_t rota_runs_server_ms(const struct rota_worker_context *s);

/* Reads what is assigned, if that is wanted. */
void rota_runs_list(struct rota_worker_context *s);

/* Starts what waits, as slots are free; none while the lease is low (hazard 7), while stopping or
 * while draining. */
void rota_runs_start(struct rota_worker_context *s);

/* Takes in how a run ended. */
void rota_runs_finished(struct rota_worker_context *s, const struct rota_event *e);

/* Takes in how far a run is. */
void rota_runs_progress(struct rota_worker_context *s, const struct rota_event *e);

/* Orders name run `i`: if they cancel its attempt, what waits is ended without being started and
 * what runs is ended with a grace. For what has ended it is too late. */
void rota_runs_cancel(struct rota_worker_context *s, uint32_t i);

/* Ends what has had its time, and asks to be woken when the next one has. */
void rota_runs_overdue(struct rota_worker_context *s);

/* Ends all that runs. */
void rota_runs_end_all(struct rota_worker_context *s, enum rota_run_why why, bool at_once);

/* Gives back what has not been started. */
void rota_runs_hand_back(struct rota_worker_context *s);

/* Whether anything assigned to this incarnation is held still. */
bool rota_runs_left(const struct rota_worker_context *s);

/* Whether anything that has ended is still to be written, or may be. */
bool rota_runs_unwritten(const struct rota_worker_context *s);

/* Drops a run. Its process must have ended. */
void rota_runs_forget(struct rota_worker_context *s, uint32_t i);

/* Forgets everything: the session is over. What runs must have been ended. */
void rota_runs_clear(struct rota_worker_context *s);

/* Takes in a reply. False if the worker's place under /assign is gone. */
bool rota_runs_replied(struct rota_worker_context *s, enum rota_worker_purpose what, uint32_t index,
                       const struct rota_event *e);

#endif
