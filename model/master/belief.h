/* The master's belief about workers and tasks: records by name and by index, the texts they hold,
 * and the lists in which they wait to be read, decided about and finished. */
#ifndef ROTA_MODEL_MASTER_BELIEF_H
#define ROTA_MODEL_MASTER_BELIEF_H

#include "model/master/terms.h"

/* A worker, known by its znodes. */
struct rota_master_worker {
    rota_ref name;
    uint32_t attention_next;       /* in the list of workers to be read, or of free records */
    uint32_t open_next, open_prev; /* in the list of workers with free slots */
    uint32_t orders_next;          /* in the list of workers whose orders may be stale */
    uint32_t task_first;           /* first of the tasks it holds */
    uint32_t batch_first;          /* first of the tasks in the multi under way */
    uint32_t held;                 /* number of tasks it holds, those under way included */
    uint32_t lost_tasks;           /* number of tasks it lost that are not placed elsewhere yet */
    uint32_t slots;
    uint32_t reads_pending; /* requests under way that read its znodes */
    uint32_t listed_mark;   /* the last listing of /workers that showed it */
    int64_t czxid;          /* of /workers/<w>: names the incarnation; 0: not alive */
    int64_t batch_czxid;    /* of the incarnation that the batch under way is for */
    int32_t version;        /* of /assign/<w> */
    bool used;
    bool assignable;               /* /assign/<w> exists, and writing to it was not forbidden */
    bool data_wanted, list_wanted; /* its data, or its assignments, are to be read */
    bool unwatched;                /* read without watches: their byte budget is used up */
    bool unread;                   /* its assignments were never listed */
    bool unconfirmed;              /* its data is to be read or being read: it may be gone */
    bool in_attention, in_open, in_orders;
    bool sweeping;       /* the multi that deletes /assign/<w> is under way */
    bool exclusive;      /* it holds a suspect task, and gets no other one */
    bool drain;          /* /drain/<w> exists: it gets nothing new */
    bool drain_known;    /* and was read */
    uint32_t drain_mark; /* the last listing of /drain that showed it */
    int64_t drain_ms;    /* the drain's timeout; -1: the worker's own */
    rota_time sweep_at;  /* when /assign/<w> of a dead worker may be deleted; 0: it is not dead */
    rota_ref tags;       /* separated by commas; 0: none */
    rota_ref orders;     /* the data of /assign/<w>, as cached; 0: empty */
    rota_ref orders_pending; /* the data in the multi under way; 0: none is */
};

enum rota_master_task_state {
    ROTA_TASK_LISTED,    /* seen in a listing, to be read */
    ROTA_TASK_READING,   /* its znodes are being read */
    ROTA_TASK_READY,     /* may be placed */
    ROTA_TASK_DELAYED,   /* waits for its time */
    ROTA_TASK_BLOCKED,   /* waits for tasks that it depends on */
    ROTA_TASK_STAYING,   /* stays with its lost worker for now */
    ROTA_TASK_PLACING,   /* in a multi under way, to `worker` */
    ROTA_TASK_HELD,      /* under /assign/<worker> */
    ROTA_TASK_LEFT,      /* no longer under /assign: it has probably ended */
    ROTA_TASK_ENDED,     /* has a final status, or is gone */
    ROTA_TASK_FINISHING, /* in the list `to_finish` or `finishing` */
};

/* The kind of write that a FINISHING task waits for. */
enum rota_finish_kind {
    ROTA_FINISH_DROP,   /* the task is gone: what is left of it beside /tasks is deleted */
    ROTA_FINISH_TIDY,   /* it has a final status: what would hold or move it is deleted */
    ROTA_FINISH_SWEEP,  /* no client collects it: it is deleted with its final status */
    ROTA_FINISH_DEAD,   /* from here on: it gets this final status */
    ROTA_FINISH_FAILED, /* its specification cannot be carried out */
    ROTA_FINISH_CANCELLED,
    ROTA_FINISH_EXPIRED,
    ROTA_FINISH_SKIPPED,
};

/* The final status of a task, as far as tasks that depend on it need it. */
enum rota_master_final {
    ROTA_FINAL_UNKNOWN,
    ROTA_FINAL_DONE,
    ROTA_FINAL_NOT_DONE, /* another status, or the task was removed */
};

/* A task, known by its znodes. */
struct rota_master_task {
    rota_ref name;
    enum rota_master_task_state state;
    uint32_t worker;       /* HELD, PLACING: the worker */
    uint32_t lost_worker;  /* the lost worker it is still assigned to */
    uint32_t worker_next;  /* in the list of its worker's tasks, or of free records */
    uint32_t worker_prev;  /* in the list of its worker's tasks */
    uint32_t list_next;    /* in a batch or a struct rota_task_list */
    uint64_t listed_order; /* of being listed: breaks ties of age within one multi */
    uint64_t ready_turn;   /* READY: tells its entry in a heap from stale ones */
    uint32_t tasks_mark;   /* the last listing of /tasks that showed it */
    uint32_t assign_mark;  /* the last listing of its worker that showed it */
    uint32_t generation;   /* grows when the record is used for another task */
    uint32_t attempt;      /* number of the attempt that runs or ran last; 0: never placed */
    uint32_t losses, excused_losses, failures;
    int64_t czxid;           /* of /tasks/<t>: its age; 0 until read */
    int64_t assigned_czxid;  /* of its assignment, or just above that of its worker; 0: unread */
    int64_t cancel_czxid;    /* the czxid of the task that /cancel/<t> names; below 0: it means any
                                task older than the czxid -cancel_czxid; 0: not read */
    int64_t assigned_ms;     /* when it was placed, by the servers' clock; 0: not known */
    int64_t due_ms;          /* DELAYED: until when. ENDED: when it may be swept; 0: not known */
    int64_t retry_due_ms;    /* with `has_retry`: not before */
    int32_t version;         /* of /tasks/<t>: above 0 if other tasks depend or depended on it */
    int32_t collect_version; /* of /collect, when no known task depended on it */
    int64_t left_czxid;      /* of the status that /collect/<t> names; 0: it names none */
    int64_t left_mzxid;      /* of /collect/<t>, as read with the status; 0: not read */
    int32_t left_version;    /* the same */
    rota_ref terms;          /* of its specification: terms.h; 0: none */
    rota_ref history;        /* of its attempts, while it is not assigned; 0: none */
    rota_ref finish_reason;  /* FINISHING: the reason in the final status; 0: none */
    uint32_t dependents;     /* first edge to the tasks that depend on it */
    enum rota_finish_kind finish;
    enum rota_master_final final;
    uint8_t requests_pending; /* requests under way */
    uint32_t finish_parts;    /* bits of what the multi under way writes of it: finish.c */
    bool used;
    bool has_retry;           /* /retry/<t> exists */
    bool has_cancel;          /* /cancel/<t> exists, perhaps for a former task of the name */
    bool has_collect;         /* /collect/<t> exists, perhaps for a former status of the name */
    bool collect_former;      /* and was written before the present status */
    bool has_history;         /* /history/<t> exists */
    bool read_queued;         /* in the queue of tasks to be read */
    bool left_worker;         /* its assignment went since it was read: perhaps handed back */
    bool dependencies_linked; /* the tasks it depends on have an edge to it */
    bool expiry_set;          /* a timer for its expiry is set */
    bool status_missing;      /* ENDED: its status was deleted, and the task still exists */
    bool undecided;           /* in the list of tasks about which the step decides again */
    bool mass_lost;           /* lost in a mass loss: counts no loss, and goes back to its worker */
};

/* The purpose of a request; the tag of a request holds it, the generation of belief and an index.
 */
enum rota_master_purpose {
    ROTA_MASTER_PURPOSE_LOCK = 1,
    ROTA_MASTER_PURPOSE_EPOCH,
    ROTA_MASTER_PURPOSE_CREATE_TREE,
    ROTA_MASTER_PURPOSE_ELECTION,
    ROTA_MASTER_PURPOSE_HANDOVER,
    ROTA_MASTER_PURPOSE_DIRECTORY,   /* index: enum rota_directory */
    ROTA_MASTER_PURPOSE_ORDERS,      /* worker: get /assign/<w> */
    ROTA_MASTER_PURPOSE_WORKER,      /* worker: get /workers/<w> */
    ROTA_MASTER_PURPOSE_ASSIGNMENTS, /* worker: children of /assign/<w> */
    ROTA_MASTER_PURPOSE_DRAIN,       /* worker: get /drain/<w> */
    ROTA_MASTER_PURPOSE_ASSIGNMENT,  /* task: get /assign/<w>/<t> */
    ROTA_MASTER_PURPOSE_RETRY,       /* task: get /retry/<t> */
    ROTA_MASTER_PURPOSE_CANCEL,      /* task: get /cancel/<t> */
    ROTA_MASTER_PURPOSE_TASK,        /* task: get /tasks/<t> */
    ROTA_MASTER_PURPOSE_COLLECT,     /* task: get /collect/<t> */
    ROTA_MASTER_PURPOSE_STATUS_STAT, /* task: exists /tasks/<t>/status */
    ROTA_MASTER_PURPOSE_STATUS,      /* task: get /tasks/<t>/status */
    ROTA_MASTER_PURPOSE_AUDIT,       /* task: exists /tasks/<t> while it is held or has ended */
    ROTA_MASTER_PURPOSE_PLACE,       /* worker: the multi that places its batch */
    ROTA_MASTER_PURPOSE_FINISH,      /* the multi that finishes tasks */
    ROTA_MASTER_PURPOSE_ORDER,       /* worker: the multi that writes its orders */
    ROTA_MASTER_PURPOSE_SWEEP,       /* worker: the multi that deletes /assign/<w> */
    ROTA_MASTER_PURPOSE_CLOCK,       /* the multi whose Stat shows the servers' time */
};

/* The tag of a request that is sent in the present generation of belief. */
uint64_t rota_belief_tag(const struct rota_master_context *s, enum rota_master_purpose purpose,
                         uint32_t index);

/* Ends the process with that exit status: nothing may be sent afterwards. `sentence` may be NULL.
 */
void rota_belief_leave(struct rota_master_context *s, enum rota_exit status, const char *sentence);

/* ---- records ---- */

/* Record `i` and its name, valid until something is taken from the pool. */
struct rota_master_worker *rota_belief_worker(const struct rota_master_context *s, uint32_t i);
struct rota_master_task *rota_belief_task(const struct rota_master_context *s, uint32_t i);
const char *rota_belief_worker_name(const struct rota_master_context *s, uint32_t i);
const char *rota_belief_task_name(const struct rota_master_context *s, uint32_t i);

/* The index of the record with that name, which is made if there is none. A new worker is to be
 * read; a new task is ENDED. */
uint32_t rota_belief_worker_named(struct rota_master_context *s, const char *name);
uint32_t rota_belief_task_named(struct rota_master_context *s, const char *name);

/* The name stands for another task than before: nothing that is known of the former one counts. */
void rota_belief_renew_task(struct rota_master_context *s, uint32_t task);

/* Removes a record. No request about it may be under way, and no list may hold it. */
void rota_belief_forget_worker(struct rota_master_context *s, uint32_t worker);
void rota_belief_forget_task(struct rota_master_context *s, uint32_t task);

/* True if the task's record may be removed once /tasks no longer shows the task. */
bool rota_belief_forgettable(const struct rota_master_task *t);

/* Drops the whole cache, and begins a new generation of belief. */
void rota_belief_clear(struct rota_master_context *s);

/* Gives the text `old` of the pool back and keeps a copy of `text` in its place; 0 for NULL and "".
 * `text` must not lie in the pool. */
rota_ref rota_belief_keep(struct rota_master_context *s, rota_ref old, const char *text);

/* A text of the pool, valid until something is taken from the pool; "" for 0. */
const char *rota_belief_text(const struct rota_master_context *s, rota_ref text);

/* ---- what is known of a task ---- */

/* Reads the task's terms from the payload in `r`. Returns NULL, or a sentence why the specification
 * cannot be carried out; the task then has every default. */
const char *rota_belief_read_terms(struct rota_master_context *s, uint32_t task,
                                   const struct rota_reply *r);

/* The task's terms, those of its specification or the defaults. */
struct rota_master_terms rota_belief_terms(const struct rota_master_context *s, uint32_t task);

/* When the task expires, by the servers' clock; 0: never. A task that was placed before does not
 * expire: it began in time, and runs again as a retry or because an operator asked for it. */
int64_t rota_belief_expires_ms(const struct rota_master_context *s, uint32_t task);

/* True if /cancel/<t> was read and means this task, not a former one of the name. */
bool rota_belief_cancelled(const struct rota_master_task *t);

/* True if the task waits for something: a worker, a time, another task, or its lost worker. */
bool rota_belief_waits(const struct rota_master_task *t);

/* ---- what is to be read ---- */

/* Requests a listing of every directory, and sets the time of the next audit. */
void rota_belief_want_all(struct rota_master_context *s);

/* Marks a worker's data, or the list of its assignments, as to be read. */
void rota_belief_want_worker(struct rota_master_context *s, uint32_t worker, bool data, bool list);

/* Queues a task that is LEFT or ENDED, so that its znodes are read; leaves any other alone. */
void rota_belief_want_task(struct rota_master_context *s, uint32_t task);

/* Queues a task that waits or is ENDED, so that its znodes are read and it is decided about anew.
 */
void rota_belief_reread_task(struct rota_master_context *s, uint32_t task);

/* Appends a task to the queue of those to be read; takes the first of a queue that is not empty. */
void rota_belief_queue(struct rota_master_context *s, uint32_t task);
uint32_t rota_belief_dequeue(struct rota_master_context *s);

/* ---- lists of tasks ---- */

/* Appends a task, which is in no other list; takes the first one, index + 1, 0 if there is none. */
void rota_belief_append(struct rota_master_context *s, struct rota_task_list *list, uint32_t task);
uint32_t rota_belief_shift(struct rota_master_context *s, struct rota_task_list *list);

/* A task that waits is decided about again in this step: see decide.h. For the files below it. */
void rota_belief_decide_again(struct rota_master_context *s, uint32_t task);

/* The next multi of finish.h writes `kind` of a task that no worker holds. `reason`, which may be
 * NULL, tells people why. */
void rota_belief_finish(struct rota_master_context *s, uint32_t task, enum rota_finish_kind kind,
                        const char *reason);

/* ---- workers with free slots ---- */

/* The number of tasks that a worker may get. */
uint32_t rota_belief_free_slots(const struct rota_master_context *s, uint32_t worker);

/* Puts the worker into the list of those with free slots, or takes it out, as it is now. */
void rota_belief_update_open(struct rota_master_context *s, uint32_t worker);

/* ---- checks ---- */

/* Asserts that the record is consistent with its neighbours. */
void rota_belief_check_worker(const struct rota_master_context *s, uint32_t worker);
void rota_belief_check_task(const struct rota_master_context *s, uint32_t task);

/* Asserts the same of all records, and that every count and list agrees with them. */
void rota_belief_check(const struct rota_master_context *s);

#endif
