/* The history of a world, as conditions and invariants need it: tasks, processes and sessions. It
 * is learned from committed transactions and from what processes did, never from the state of a
 * role.
 */
#ifndef ROTA_HARNESS_JUDGE_HISTORY_H
#define ROTA_HARNESS_JUDGE_HISTORY_H

#include "backend_sim/world/world.h"
#include "harness/judge/task_terms.h"
#include "harness/language/scenario.h"

#define ROTA_NO_TASK UINT32_MAX

/* An assignment that exists. */
struct rota_assignment {
    uint32_t who; /* ROTA_NOBODY for a worker that is no process of this world */
    int64_t zxid;
};

/* A task, from the moment that it is submitted or appears in the tree. A life of a task begins with
 * its creation, and again when it is retried after its final status. */
struct rota_task {
    char *name;      /* in the scenario */
    char *tree_name; /* in the tree, if its client chose another name; else NULL */
    bool submitted;  /* a submit of the scenario made it */
    uint32_t client;
    struct rota_submit plan; /* the scenario owns its texts */
    char *payload;
    int32_t payload_length;
    char *tags;  /* that its payload asks for; plan.tags points to them */
    char *after; /* the same for plan.after */
    char *data;  /* what its client writes into its znode; NULL: unknown */
    int32_t data_length;
    bool acknowledged;       /* its client knows that it is in the tree */
    bool delivered;          /* its client has the result, */
    uint32_t delivered_by;   /* from this process, the last time, */
    uint32_t delivered_step; /* in this step of the process */
    bool collected;          /* its client knows that it has left the tree */
    bool refused;            /* its client knows that it will never be in the tree */
    bool abandoned;          /* its client died before it knew the name: no process waits for it */
    rota_time changed_at;

    bool exists; /* /tasks/<t> */
    rota_time created;
    rota_time due;           /* it must not begin before */
    uint32_t times_assigned; /* in this life */
    uint32_t lives;          /* how often it was created */
    uint32_t other_submits;  /* of its name, by clients other than its own */
    bool foreign;            /* another program created its present life: it may stay */
    bool orphan; /* created again by a session whose process is dead: no process waits for it */
    int64_t czxid;
    char status[16]; /* the first word of the last status; "" if there was none in any life */
    char former_status[16]; /* the same before it was retried */
    bool has_status;        /* /tasks/<t>/status exists */
    uint32_t statuses;      /* created in this life */
    int64_t status_zxid;
    rota_time status_time;
    uint32_t status_author;
    uint64_t result_hash;   /* of what follows the first line of the last status */
    bool removed_by_master; /* after its retention */
    bool cancel_requested;
    bool left_to_master; /* its client has left the collection to a master */

    uint32_t assignment_count;             /* assignments that exist */
    struct rota_assignment assignments[2]; /* the first of them */
    char worker[24];                       /* of the last one made */
    int64_t assign_zxid;
    uint32_t sent_by;        /* the master that last sent a create of an assignment, */
    uint32_t sent_to;        /* to this worker, */
    int64_t sent_for;        /* whose registration was of this zxid then; 0: it had none */
    uint32_t losses;         /* as the last assignment of this life says */
    uint32_t excused_losses; /* the same: workers lost together with many others */
    uint32_t workers_lost;   /* assignments that a master took from lost workers, in this life */

    /* Transactions, by zxid. */
    int64_t released_zxid;       /* its worker gave up an assignment, */
    int64_t released_czxid;      /* which was created there */
    int64_t status_deleted_zxid; /* its status was deleted */
    int64_t retry_zxid;          /* its record under /retry was written */
    int64_t retried_zxid;        /* a retry began its present life; 0: its creation did */

    uint32_t progress_lines; /* that were written */
    uint32_t recorded_ends;  /* ended attempts in its history in the tree */
    bool has_retry;          /* /retry/<t> exists */

    uint32_t executions;
    uint32_t attempts;    /* the highest number seen */
    uint32_t kills;       /* runs that ended their worker, in this life */
    uint32_t failures;    /* runs that failed, and whose failure was written, in this life */
    uint32_t last_worker; /* that began the last run of this life; ROTA_NOBODY: none did */
    int64_t last_fence;   /* zxid of the assignment of that run */
    rota_time last_began;
    rota_time last_ended; /* 0: it has not ended */
    enum rota_ending last_ending;
    int32_t last_exit; /* its exit status */
};

enum { ROTA_WINDOWS = 4 };

/* How often something has happened since a time. */
struct rota_window {
    uint64_t hash; /* of what happened */
    rota_time since;
    uint32_t count;
};

struct rota_process_record {
    bool leading;                 /* its notes say that it acts as leader, */
    bool connected;               /* that a server serves it, */
    bool holding;                 /* and that it holds back tasks of workers lost together */
    uint32_t steps;               /* events it has handled */
    uint32_t running;             /* runs it has begun that have not ended */
    uint32_t times_assigned;      /* assignments ever committed to it */
    uint32_t assignment_count;    /* assignments of its present incarnation */
    int64_t fault_zxid;           /* the last zxid when it last had a fault; -1: it never had one */
    int64_t registered_session;   /* workers: the owner of /workers/<w> */
    int64_t registered_czxid;     /* workers: of /workers/<w> */
    uint32_t watch_bytes_max;     /* the most it ever watched */
    int64_t session;              /* that it acted in last; 0: in none */
    uint32_t session_incarnation; /* of the process that acted in it */
    struct rota_window refusals[ROTA_WINDOWS]; /* of the requests that were refused last */
    uint32_t oldest_refusal;
    struct rota_window dropped_sessions; /* that it gave up itself */
};

struct rota_history_session {
    int64_t session;
    uint32_t who;
    bool closed;
};

struct rota_history {
    struct rota_pool pool;
    struct rota_map names; /* of tasks -> index */
    struct rota_task *tasks;
    uint32_t task_count;
    uint32_t task_capacity;
    uint32_t unnamed;     /* tasks whose clients choose their names and have not done so yet */
    uint32_t unended;     /* submitted tasks without any status so far */
    uint32_t undone;      /* submitted tasks whose last status is not `done` */
    uint32_t uncollected; /* submitted tasks that are not collected */
    struct rota_process_record *processes;
    uint32_t process_count;
    struct rota_history_session *sessions;
    uint32_t session_count;
    uint32_t session_capacity;
};

/* Prepares for so many processes. */
void rota_history_init(struct rota_history *h, uint32_t process_count);

/* Frees the memory. */
void rota_history_close(struct rota_history *h);

/* The index of a task by one of its names; ROTA_NO_TASK if it is unknown. */
uint32_t rota_history_find(const struct rota_history *h, const char *name);

/* The index of a task, added if it is new. Pointers into h->tasks are invalid after that. */
uint32_t rota_history_task(struct rota_history *h, const char *name);

/* A client submits this task; `plan` says how its runs go. Returns its index. */
uint32_t rota_history_submit(struct rota_history *h, const char *name, uint32_t client,
                             const struct rota_submit *plan, const char *payload);

/* The client was notified that the task will never be in the tree. */
void rota_history_refuse(struct rota_history *h, uint32_t task);

/* The name of a task in the tree. */
const char *rota_history_tree_name(const struct rota_history *h, const char *name);

/* A client is about to create the task `tree_name` under a name of its own choice. `data`, which it
 * writes there, tells which task of the scenario that is. */
void rota_history_learn_name(struct rota_history *h, uint32_t client, const char *tree_name,
                             struct rota_bytes data);

/* The client died before it knew the name of the task: no process waits for it any more. */
void rota_history_abandon(struct rota_history *h, uint32_t task);

/* Notes what the client writes for the task; copied. */
void rota_history_set_data(struct rota_history *h, uint32_t task, struct rota_bytes bytes);

/* Notes the terms in the payload of a task. The history takes over what they own. */
void rota_history_set_terms(struct rota_history *h, uint32_t task, struct rota_task_terms *terms);

/* Notes a new status of a task, by its first word, and counts. */
void rota_history_status(struct rota_history *h, uint32_t task, const char *state, size_t length);

/* Notes that this process has opened the session. */
void rota_history_open_session(struct rota_history *h, int64_t session, uint32_t who);

/* Notes the end of a session; and whether a session has ended or is unknown. */
void rota_history_close_session(struct rota_history *h, int64_t session);
bool rota_history_session_closed(const struct rota_history *h, int64_t session);

/* The process of a session; ROTA_NOBODY if it belongs to none. */
uint32_t rota_history_owner(const struct rota_history *h, int64_t session);

/* The last session of a process; 0 if it had none. */
int64_t rota_history_latest_session(const struct rota_history *h, uint32_t who);

#endif
