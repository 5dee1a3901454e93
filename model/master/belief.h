/* The master's belief about workers and tasks, as records. Inside of the master: ledger.c
 * remembers, roster.c reads directories and workers, docket.c reads tasks and decides what becomes
 * of them; ready.c, agenda.c and after.c keep those that wait: for a worker, for a time, for other
 * tasks; placement.c, ending.c and briefing.c write; hold.c holds back; master.c elects. */
#ifndef ROTA_MODEL_MASTER_BELIEF_H
#define ROTA_MODEL_MASTER_BELIEF_H

#include "model/seam/requests.h"
#include "model/master/master.h"

/* One step's surroundings, passed along. */
struct rota_master_context {
    struct rota_master *m;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

struct rota_master_worker {
    rota_ref name;
    uint32_t next_free;              /* in the free list, index + 1 */
    uint32_t attention;              /* next in that list; its own index + 1 at the end */
    uint32_t open_next, open_before; /* in the list of workers that may get tasks, index + 1 */
    uint32_t tasks;                  /* first of the tasks it holds, index + 1 */
    uint32_t batch;                  /* first of the tasks in the multi under way, index + 1 */
    uint32_t held;                   /* tasks held and under way */
    uint32_t moving;                 /* tasks it lost that are not placed elsewhere yet */
    uint32_t slots;
    uint32_t asking;      /* reads under way */
    uint32_t listed;      /* last listing of /workers that showed it */
    int64_t czxid;        /* of /workers/<w>, names the incarnation; 0: not alive */
    int64_t placed_after; /* czxid of the incarnation the batch under way is for */
    int32_t version;      /* of /assign/<w> */
    bool used;
    bool placeable; /* /assign/<w> exists */
    bool want_data, want_list;
    bool blind;  /* read without watches: their budget is used up */
    bool unread; /* what it holds was never read */
    bool unsettled, in_attention, in_open, sweeping;
    bool alone;           /* holds a suspect task: nothing beside it */
    rota_time sweep_at;   /* dead: when its /assign may go, if it is empty; 0: not dead */
    rota_ref tags;        /* with commas between; 0: none */
    bool drain;           /* /drain/<w> is there: nothing new */
    bool drain_known;     /* and was read */
    uint32_t drain_mark;  /* last listing of /drain that showed it */
    int64_t drain_ms;     /* -1: as the worker has it */
    rota_ref orders;      /* the data of /assign/<w>, as believed; 0: empty */
    rota_ref ordering;    /* in the multi under way; 0: none is */
    uint32_t orders_next; /* in the list of those whose orders may be out of date, index + 1 */
    bool in_orders;
};

enum rota_master_task_state {
    ROTA_TASK_LISTED,   /* seen somewhere, to be read */
    ROTA_TASK_READING,  /* its znodes are being read */
    ROTA_TASK_READY,    /* may be placed */
    ROTA_TASK_PARKED,   /* its time has not come */
    ROTA_TASK_BLOCKED,  /* waits for other tasks */
    ROTA_TASK_STAYING,  /* held back with its lost worker */
    ROTA_TASK_PLACING,  /* in a multi under way to `worker` */
    ROTA_TASK_HELD,     /* under /assign/<worker> */
    ROTA_TASK_LEFT,     /* was there: ended, most likely */
    ROTA_TASK_ENDED,    /* has a status */
    ROTA_TASK_CLEARING, /* in `ending` or `ending_now` */
};

/* What is to become of a task that is CLEARING. */
enum rota_finish_kind {
    ROTA_FINISH_DROP,  /* it is gone: what is left of it beside /tasks goes */
    ROTA_FINISH_TIDY,  /* it has ended: what would hold or move it goes */
    ROTA_FINISH_SWEEP, /* nobody collects it: it goes with its status */
    ROTA_FINISH_DEAD,
    ROTA_FINISH_FAILED, /* its specification cannot be carried out */
    ROTA_FINISH_CANCELLED,
    ROTA_FINISH_EXPIRED,
    ROTA_FINISH_SKIPPED,
};

/* How a task has ended, as far as others that wait for it care. */
enum rota_end {
    ROTA_END_UNKNOWN,
    ROTA_END_DONE,
    ROTA_END_OTHERWISE,
};

/* What a specification says; tasks without one have none of these. */
struct rota_master_terms {
    int64_t not_before_ms; /* by the servers' clock, since 1970; 0: at once */
    int64_t expires_ms;    /* likewise; 0: never */
    int64_t keep_ms;       /* -1: as the master has it */
    uint32_t losses;       /* 0: as the master has it */
    int32_t priority;
    rota_ref tags;  /* with commas between; 0: none */
    rota_ref after; /* names, a line each; 0: none */
};

struct rota_master_task {
    rota_ref name;
    enum rota_master_task_state state;
    uint32_t worker;       /* HELD, PLACING: by whom, index + 1 */
    uint32_t from;         /* still assigned to this lost one, index + 1: to be moved */
    uint32_t next, before; /* among the tasks of a worker, or free, index + 1 */
    uint32_t batch_next;   /* in the multi that places it, or among those to be ended, index + 1 */
    uint64_t order;        /* of being listed: breaks ties of age within one multi */
    uint64_t turn;         /* READY: tells its place in a heap from former ones */
    uint32_t mark;         /* last /tasks listing that showed it */
    uint32_t seen;         /* last listing of its worker that showed it */
    uint32_t stamp;        /* grows when the record is used for another task */
    uint32_t attempt;      /* of the run it is in or had last; 0: never placed */
    uint32_t losses, spared, failures;
    int64_t czxid;    /* of /tasks/<t>: its age; 0 until read */
    int64_t placed;   /* czxid of its assignment, or just above that of its worker; 0: unread */
    int64_t meant;    /* what /cancel/<t> says: the czxid of the task, or, below 0, that it is any
                         which is older than the czxid -meant; 0: not read */
    int64_t began_ms; /* when it was placed, by the servers' clock; 0: not known */
    int64_t due_ms;   /* PARKED: until when. ENDED: when it may be swept; 0: not known */
    int64_t retry_ms; /* with `retry`: not before */
    int32_t version;  /* of /tasks/<t>: above 0 when others wait, or waited, for its end */
    int32_t collect_version; /* of /collect, when nobody was seen to wait for it */
    rota_ref terms;          /* struct rota_master_terms; 0: none */
    rota_ref history;        /* of its attempts, while it is not assigned; 0: none */
    rota_ref note;           /* why it is to be ended; 0: nothing more to say */
    uint32_t waiters;        /* first edge to those that wait for its end, index + 1 */
    enum rota_finish_kind verdict;
    enum rota_end end;
    uint8_t asking; /* requests under way */
    uint32_t parts; /* bits of what the multi under way writes of it: ending.c */
    bool used, retry, queued;
    bool left;     /* its worker, since its znodes were read: it may have been handed back */
    bool linked;   /* those it comes after know that it waits */
    bool expiring; /* the agenda holds its expiry */
    bool bare;     /* ENDED: its status was taken away, and it is there still */
    bool cancel;   /* /cancel/<t> is there, perhaps for a former task of the name */
    bool collect;  /* /collect/<t> is there */
    bool told;     /* /history/<t> is there */
    bool mass;     /* lost with many others: it counts nothing, and it goes back to its worker */
};

/* Who waits for the end of the task whose list this is in. */
struct rota_edge {
    uint32_t waiter;
    uint32_t stamp;
    uint32_t next; /* index + 1 */
};

/* What a request was for; its tag carries this, the generation of belief and an index. */
enum rota_request_add {
    ROTA_ASK_LOCK = 1,
    ROTA_ASK_EPOCH,
    ROTA_ASK_FOUND,
    ROTA_ASK_RUN,
    ROTA_ASK_HANDOVER,
    ROTA_ASK_LIST,       /* index: which directory */
    ROTA_ASK_VERSION,    /* worker: get /assign/<w> */
    ROTA_ASK_WORKER,     /* worker: get /workers/<w> */
    ROTA_ASK_HOLDS,      /* worker: children of /assign/<w> */
    ROTA_ASK_DRAIN,      /* worker: get /drain/<w> */
    ROTA_ASK_ASSIGNMENT, /* task: get /assign/<w>/<t> */
    ROTA_ASK_RETRY,      /* task: get /retry/<t> */
    ROTA_ASK_CANCEL,     /* task: get /cancel/<t> */
    ROTA_ASK_TASK,       /* task: get /tasks/<t> */
    ROTA_ASK_STATUS,     /* task: exists /tasks/<t>/status */
    ROTA_ASK_END,        /* task: get /tasks/<t>/status */
    ROTA_ASK_AUDIT,      /* task: exists /tasks/<t> while it is held */
    ROTA_ASK_PLACE,      /* worker: the multi that places its batch */
    ROTA_ASK_ENDING,     /* the multi that ends tasks, or clears away what is left of them */
    ROTA_ASK_ORDER,      /* worker: the multi that tells it something */
    ROTA_ASK_SWEEP,      /* worker: the multi that deletes /assign/<w> */
    ROTA_ASK_CLOCK,      /* the multi that shows what time it is */
};

/* The tag of a question asked in the present generation of belief. */
uint64_t rota_belief_tag(const struct rota_master_context *s, enum rota_request_add what,
                         uint32_t index);

/* Records by index, valid until something is taken from the pool. */
struct rota_master_worker *rota_belief_worker(const struct rota_master_context *s, uint32_t i);
struct rota_master_task *rota_belief_task(const struct rota_master_context *s, uint32_t i);
const char *rota_belief_worker_name(const struct rota_master_context *s, uint32_t i);
const char *rota_belief_task_name(const struct rota_master_context *s, uint32_t i);

/* The record of that name, new if it was unknown. A new worker is to be read. */
uint32_t rota_belief_worker_named(struct rota_master_context *s, const char *name);
uint32_t rota_belief_task_named(struct rota_master_context *s, const char *name);

/* Texts of records: gives one back and keeps another in its place, which is not in the pool; 0 for
 * NULL and "". And the text kept, "" for 0. */
rota_ref rota_belief_keep(struct rota_master_context *s, rota_ref old, const char *text);
const char *rota_belief_text(const struct rota_master_context *s, rota_ref text);

/* The task's terms: those of its specification, or none. Valid until something is taken from the
 * pool. */
struct rota_master_terms rota_belief_terms(const struct rota_master_context *s, uint32_t task);

/* When the task expires, by the servers' clock; 0: never, or it was placed before: it had its
 * chance, and what comes now is a retry, or a person asked for it. */
int64_t rota_belief_expires_ms(const struct rota_master_context *s, uint32_t task);

/* Whether the task is to be cancelled: /cancel/<t> was read and means it, not a former one of its
 * name. */
bool rota_belief_cancelled(const struct rota_master_task *t);

/* Takes down what a payload says; NULL, or a sentence why it cannot be carried out. */
const char *rota_belief_agree(struct rota_master_context *s, uint32_t task,
                              const struct rota_reply *r);

/* Appends to a list of tasks, takes its first, index + 1. */
void rota_belief_append(struct rota_master_context *s, struct rota_task_list *list, uint32_t task);
uint32_t rota_belief_shift(struct rota_master_context *s, struct rota_task_list *list);

/* Removes the record of a worker or a task nobody asks about. */
void rota_belief_forget_worker(struct rota_master_context *s, uint32_t worker);
void rota_belief_forget_task(struct rota_master_context *s, uint32_t task);

/* Whether a task's record may go once /tasks does not show it any more. */
bool rota_belief_forgettable(const struct rota_master_task *t);

/* Forgets everything. */
void rota_belief_clear(struct rota_master_context *s);

/* Wants every list read. */
void rota_belief_want_all(struct rota_master_context *s);

/* Wants a worker's data and list read. */
void rota_belief_want(struct rota_master_context *s, uint32_t worker, bool data, bool list);

/* The queue of tasks to be read. */
void rota_belief_queue(struct rota_master_context *s, uint32_t task);
uint32_t rota_belief_dequeue(struct rota_master_context *s);

/* The name stands for another task than before: nothing that was put down for that one counts. */
void rota_belief_renew(struct rota_master_context *s, uint32_t task);

/* Whether a task waits for something: a worker, a time, another task, the end of a hold. */
bool rota_belief_waits(const struct rota_master_task *t);

/* A task is to be looked at again, unless it is on its way somewhere; the same for one that has
 * left its worker or had ended. */
void rota_belief_doubt(struct rota_master_context *s, uint32_t task);
void rota_belief_look(struct rota_master_context *s, uint32_t task);

/* Puts a task among those a worker holds; takes it out of there. */
void rota_belief_hold(struct rota_master_context *s, uint32_t task, uint32_t worker);
void rota_belief_release(struct rota_master_context *s, uint32_t task);

/* A task's worker is lost: the assignment is to be moved. It has been moved, or is gone. */
void rota_belief_move(struct rota_master_context *s, uint32_t task);
void rota_belief_moved(struct rota_master_context *s, uint32_t task);

/* A worker's or an assignment's data became known: what the incarnation does not hold is to be
 * moved. */
void rota_belief_settle(struct rota_master_context *s, uint32_t worker);
void rota_belief_settle_task(struct rota_master_context *s, uint32_t task);

/* How many more tasks a worker may get, and its place in the list of those that may get any. */
uint32_t rota_belief_room(const struct rota_master_context *s, uint32_t worker);
void rota_belief_open(struct rota_master_context *s, uint32_t worker);

#endif
