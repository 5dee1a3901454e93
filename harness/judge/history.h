/* What has happened in a world as far as conditions and invariants ask for it: tasks, processes,
 * sessions. It is told by committed transactions and by what processes did, never by the state of a
 * role. */
#ifndef ROTA_HARNESS_JUDGE_HISTORY_H
#define ROTA_HARNESS_JUDGE_HISTORY_H

#include "backend_sim/world/world.h"
#include "harness/language/scenario.h"
#include "harness/judge/task_terms.h"

#define ROTA_NO_TASK UINT32_MAX

/* An assignment that exists. */
struct rota_assigned {
    uint32_t who; /* ROTA_NOBODY for a worker that is no process of this world */
    int64_t zxid;
};

/* A task, from the moment somebody wants it or it appears in the tree. */
struct rota_task {
    char *name;  /* in the scenario */
    char *own;   /* in the tree, if its client has chosen another one; else NULL */
    bool wanted; /* a submit of the scenario names it */
    uint32_t client;
    struct rota_submit plan; /* its strings are the scenario's */
    char *payload;
    int32_t payload_length;
    char *tags;  /* that its payload asks for; plan.tags points to them */
    char *after; /* the same of plan.after */
    char *wire;  /* what its client writes; NULL: not known */
    int32_t wire_length;
    bool acknowledged; /* its client was told that it is in the tree */
    bool told;         /* its client was told the result */
    uint32_t told_who; /* by whom, the last time, */
    uint32_t told_at;  /* and in which step of his */
    bool collected;    /* its client was told that it has left the tree */
    bool refused;      /* its client was told that it will never be in it */
    bool given_up;     /* its client died before it knew what it is called: nobody waits for it */
    rota_time since;   /* when it last changed */

    bool exists; /* /tasks/<t> */
    rota_time created;
    rota_time due;       /* it is not to begin before */
    uint32_t placements; /* assignments made, in this life */
    uint32_t lives;      /* how often it was created */
    uint32_t others;     /* submits of its name by clients other than its own */
    bool orphan;         /* created again by a session whose process is dead: nobody waits for it */
    int64_t czxid;
    char status[16];   /* state of the last status, "" if there was none in any life */
    char former[16];   /* the same before it was sent back */
    bool has_status;   /* /tasks/<t>/status exists */
    uint32_t statuses; /* created in this life */
    int64_t status_zxid;
    rota_time status_time;
    uint32_t status_who;
    uint64_t result; /* a hash of what follows the first line of the last status */
    bool swept;      /* removed by a master, its retention over */
    bool cancelled;  /* somebody asked for its end */
    bool left;       /* its client has left it to a master to collect */

    uint32_t assigned;               /* assignments that exist */
    struct rota_assigned holders[2]; /* the first of them */
    char worker[24];                 /* of the last one made */
    int64_t assign_zxid;
    uint32_t losses; /* as the last assignment of this life says */
    uint32_t spared; /* the same: workers lost with many others */
    uint32_t lost;   /* assignments that a master took from lost workers, in this life */

    /* Transactions, by zxid. */
    int64_t let_go;       /* its worker gave up its assignment */
    int64_t let_go_czxid; /* which one that was */
    int64_t status_gone;  /* its status was deleted */
    int64_t retry_made;   /* its record under /retry was written */
    int64_t sent_back;    /* somebody sent it back: its present life began; 0: by its creation */

    uint32_t progress;  /* lines of progress that were written */
    uint32_t told_ends; /* ends of attempts that its history tells */
    bool retry;         /* /retry/<t> exists */

    uint32_t executions;
    uint32_t attempts;  /* highest number seen */
    uint32_t kills;     /* runs that ended their worker, in this life */
    uint32_t failures;  /* runs that failed and were written down so, in this life */
    uint32_t last_who;  /* who began the last run of this life, ROTA_NOBODY if none was */
    int64_t last_fence; /* zxid of the assignment that it ran under */
    rota_time last_began;
    rota_time last_ended; /* 0: it has not ended */
    enum rota_ending last_ending;
    int32_t last_exit; /* its exit status */
};

enum { ROTA_TALLIES = 4 };

/* How often something has happened since. */
struct rota_tally {
    uint64_t hash; /* what it was */
    rota_time since;
    uint32_t count;
};

struct rota_party {
    bool leading;         /* its notes say that it acts as leader */
    bool connected;       /* and that a server serves it */
    bool holding;         /* and that it holds what was lost in a mass loss */
    uint32_t steps;       /* events it has heard */
    uint32_t running;     /* runs it has begun and that have not ended */
    uint32_t assigned;    /* assignments ever committed to it */
    uint32_t held;        /* those that its present incarnation has */
    int64_t misfortune;   /* last zxid when something last befell it, -1 for never */
    int64_t owner;        /* workers: the session of /workers/<w> */
    int64_t czxid;        /* workers: of /workers/<w> */
    uint32_t watch_bytes; /* the most it ever watched */
    int64_t session;      /* it has acted in last, 0: in none */
    uint32_t session_of;  /* the incarnation of the process that did */
    struct rota_tally refusals[ROTA_TALLIES]; /* of the requests that were refused last */
    uint32_t oldest;
    struct rota_tally doubts; /* sessions given up */
};

struct rota_session_owner {
    int64_t session;
    uint32_t who;
    bool closed;
};

struct rota_history {
    struct rota_pool pool;
    struct rota_map names; /* task -> index */
    struct rota_task *tasks;
    uint32_t task_count;
    uint32_t task_capacity;
    uint32_t unnamed;     /* tasks whose clients choose their names and have not yet */
    uint32_t unended;     /* wanted tasks without any status so far */
    uint32_t undone;      /* wanted tasks whose last status is not `done` */
    uint32_t uncollected; /* wanted tasks that are not collected */
    struct rota_party *parties;
    uint32_t party_count;
    struct rota_session_owner *sessions;
    uint32_t session_count;
    uint32_t session_capacity;
};

/* Prepares for `parties` processes. */
void rota_history_init(struct rota_history *h, uint32_t parties);

/* Frees the memory. */
void rota_history_close(struct rota_history *h);

/* The index of a task, ROTA_NO_TASK if nobody ever heard of it. */
uint32_t rota_history_find(const struct rota_history *h, const char *name);

/* The index of a task, made if it is new. */
uint32_t rota_history_task(struct rota_history *h, const char *name);

/* Somebody wants this task now; `plan` says how its runs go. */
uint32_t rota_history_want(struct rota_history *h, const char *name, uint32_t client,
                           const struct rota_submit *plan, const char *payload);

/* Its client was told that it will never be in the tree: nobody waits for it any more. */
void rota_history_refuse(struct rota_history *h, uint32_t task);

/* What a task is called in the tree. */
const char *rota_history_own(const struct rota_history *h, const char *name);

/* A client is about to create this znode for a task whose name it has chosen itself: it is told by
 * what is written into it. */
void rota_history_christen(struct rota_history *h, uint32_t client, const char *own,
                           struct rota_bytes data);

/* Nobody waits for the task any more: its client died before it knew its name. */
void rota_history_give_up(struct rota_history *h, uint32_t task);

/* Notes what the task's client writes for it; copied. */
void rota_history_wire(struct rota_history *h, uint32_t task, struct rota_bytes bytes);

/* Notes the terms that its payload sets, and what a worker is to get; taken over. */
void rota_history_charter(struct rota_history *h, uint32_t task, struct rota_task_terms *charter);

/* Notes the first or a new status of a task and counts. */
void rota_history_status(struct rota_history *h, uint32_t task, const char *state, size_t length);

/* Whose session it is, ROTA_NOBODY if it belongs to no process. */
uint32_t rota_history_owner(const struct rota_history *h, int64_t session);

/* The last session of this process, 0 if it had none. */
int64_t rota_history_latest(const struct rota_history *h, uint32_t who);

/* Notes that a session has ended; and whether one has. */
void rota_history_close_session(struct rota_history *h, int64_t session);
bool rota_history_closed(const struct rota_history *h, int64_t session);

/* Notes whose session it is. */
void rota_history_session(struct rota_history *h, int64_t session, uint32_t who);

#endif
