/* The runs of a worker: one for each task that is assigned to it, from the listing that shows it
 * until its end is written. */
#ifndef ROTA_MODEL_WORKER_RUNS_H
#define ROTA_MODEL_WORKER_RUNS_H

#include "model/worker/worker_context.h"

enum rota_run_state {
    ROTA_RUN_NEW,     /* in no queue yet */
    ROTA_RUN_WAITING, /* for a slot */
    ROTA_RUN_READING, /* its assignment and its task are being read */
    ROTA_RUN_RUNNING,
    ROTA_RUN_STOPPING,   /* CANCEL was given to the host: `cause` says why */
    ROTA_RUN_ENDED,      /* its result is to be written */
    ROTA_RUN_WRITING,    /* in the multi of results */
    ROTA_RUN_UNRESOLVED, /* the multi has an unknown outcome */
    ROTA_RUN_FOREIGN,    /* assigned to an earlier incarnation: the master moves it */
    ROTA_RUN_STUCK, /* its result cannot be written: it stays until its assignment is removed */
};

/* Why a run was stopped. */
enum rota_run_cause {
    ROTA_RUN_CAUSE_NONE,      /* the worker did not stop it */
    ROTA_RUN_CAUSE_HAND_BACK, /* the worker stops or drains: it is handed back, which counts nothing
                               */
    ROTA_RUN_CAUSE_LEASE,     /* the lease is over: it is handed back, which counts as a loss */
    ROTA_RUN_CAUSE_TIMEOUT,   /* it has failed, whatever the host reports */
    ROTA_RUN_CAUSE_CANCEL,    /* the task is cancelled, whatever the host reports */
};

/* The result of a run: the znode that takes the place of its assignment. */
enum rota_run_result {
    ROTA_RESULT_DONE, /* up to CANCELLED: a status, which is final */
    ROTA_RESULT_FAILED,
    ROTA_RESULT_DEAD,
    ROTA_RESULT_EXPIRED,
    ROTA_RESULT_CANCELLED,
    ROTA_RESULT_HANDED_BACK, /* a record under /retry: the master places the task again */
    ROTA_RESULT_NONE,        /* nothing: the task is gone, or has a status by another client */
};

struct rota_worker_run {
    rota_ref name; /* of the task */
    enum rota_run_state state;
    enum rota_run_cause cause;
    enum rota_run_result result;
    uint32_t next;      /* in its queue, or free */
    uint32_t list_mark; /* the last listing of assignments that showed it */
    uint64_t number;    /* names it for the host; 0: it was not begun */
    bool used;          /* false: the record is free */
    bool busy;          /* between RUN and FINISHED */
    bool superseded; /* its assignment was removed by another client: its result does not count */
    /* Read from its assignment: */
    bool is_ours;             /* it is for this incarnation of the worker */
    int64_t assignment_czxid; /* the fencing token; 0: not read, or gone */
    int64_t began_ms;         /* when it was assigned, by the servers' clock */
    uint32_t attempt, losses, excused_losses, failures;
    /* Read from its task: */
    bool payload_read; /* the task is read with its payload, not only looked for */
    bool has_spec;
    int64_t retries, backoff_ms, backoff_cap_ms, timeout_ms;
    uint8_t fatal[32]; /* a bit for each exit status that is not retried */
    rota_time timeout_at;
    /* To be written: */
    rota_ref history; /* text: of earlier attempts; when it has ended, the data of
                         /history/<t>; 0: "" */
    rota_ref data;    /* bytes: of the status, or of /retry/<t> */
    uint32_t data_length;
    bool history_exists;     /* /history/<t> exists, by another client: it is set, not created */
    rota_ref progress;       /* text: the line that it wrote last; 0: none */
    bool progress_unwritten; /* the line is not in the tree */
    bool progress_exists;    /* /progress/<t> may exist */
};

/* Run `i`, and the name of its task. Valid until something is taken from the pool. */
struct rota_worker_run *rota_runs_at(const struct rota_worker_context *s, uint32_t i);
const char *rota_runs_name(const struct rota_worker_context *s, uint32_t i);

/* A new run; the run of that task; the run that the host knows by that number. ROTA_MAP_NONE if
 * there is none. */
uint32_t rota_runs_add(struct rota_worker_context *s, const char *task);
uint32_t rota_runs_find(const struct rota_worker_context *s, const char *task);
uint32_t rota_runs_find_number(const struct rota_worker_context *s, uint64_t number);

/* Puts run `i`, which is in no queue, into a state, and behind its queue if the state has one. */
void rota_runs_enter(struct rota_worker_context *s, uint32_t i, enum rota_run_state state);

/* Takes run `i` out of the queue of its state, if it has one. */
void rota_runs_leave_queue(struct rota_worker_context *s, uint32_t i);

/* The first run of a queue, which is taken out of it. The queue must not be empty. */
uint32_t rota_runs_pop(struct rota_worker_context *s, struct rota_queue *q);

/* Begins run `i` at the host: its assignment is of this incarnation, and a slot is free. */
void rota_runs_begin(struct rota_worker_context *s, uint32_t i, struct rota_bytes payload);

/* Stops run `i` at the host, with a grace or at once. The first cause stays. */
void rota_runs_stop(struct rota_worker_context *s, uint32_t i, enum rota_run_cause cause,
                    bool at_once);

/* Stops all runs that are RUNNING, and with `at_once` those that are STOPPING. */
void rota_runs_stop_all(struct rota_worker_context *s, enum rota_run_cause cause, bool at_once);

/* Stops the runs that have timed out, and asks to be woken when the next one does. */
void rota_runs_stop_overdue(struct rota_worker_context *s);

/* Takes in that a run has ended at the host, and returns it; ROTA_MAP_NONE if it is of a session
 * that has ended. */
uint32_t rota_runs_finished(struct rota_worker_context *s, uint64_t number);

/* The history of run `i`, in the outbox's memory, "" for none; another one in its place. */
const char *rota_runs_history(const struct rota_worker_context *s, uint32_t i);
void rota_runs_set_history(struct rota_worker_context *s, uint32_t i, const char *history);

/* The data that run `i` is to write, in the outbox's memory; other data in its place. */
struct rota_bytes rota_runs_data(const struct rota_worker_context *s, uint32_t i);
void rota_runs_set_data(struct rota_worker_context *s, uint32_t i, struct rota_bytes data);

/* Gives back the history and the data of run `i`. */
void rota_runs_drop_output(struct rota_worker_context *s, uint32_t i);

/* Gives back run `i`, which is in no queue and not busy. */
void rota_runs_forget(struct rota_worker_context *s, uint32_t i);

/* Gives back all runs: the session has ended. Runs that are busy were stopped. */
void rota_runs_clear(struct rota_worker_context *s);

/* True if a run of this incarnation is left that is not STUCK. */
bool rota_runs_any_left(const struct rota_worker_context *s);

/* True if the result of a run is not written, or may not be. */
bool rota_runs_any_unwritten(const struct rota_worker_context *s);

/* Asserts that runs, names, queues and counts are consistent. */
void rota_runs_check(const struct rota_worker_context *s);

#endif
