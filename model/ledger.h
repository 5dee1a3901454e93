/* The master's belief about workers and tasks, as records. Inside of the master: ledger.c
 * remembers, placement.c writes the tree, roster.c reads it, master.c elects. */
#ifndef ROTA_MODEL_LEDGER_H
#define ROTA_MODEL_LEDGER_H

#include "model/ask.h"
#include "model/master.h"

/* One step's surroundings, passed along. */
struct rota_step {
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
    bool alone;         /* holds a suspect task: nothing beside it */
    rota_time sweep_at; /* dead: when its /assign may go, if it is empty; 0: not dead */
};

enum rota_task_state {
    ROTA_TASK_LISTED,   /* seen in /tasks or /retry, to be read */
    ROTA_TASK_READING,  /* its znodes are being read */
    ROTA_TASK_READY,    /* may be placed */
    ROTA_TASK_PLACING,  /* in a multi under way to `worker` */
    ROTA_TASK_HELD,     /* under /assign/<worker> */
    ROTA_TASK_LEFT,     /* was there: ended, most likely */
    ROTA_TASK_ENDED,    /* has a status */
    ROTA_TASK_CLEARING, /* a multi that ends it or drops its assignment is under way */
};

struct rota_master_task {
    rota_ref name;
    enum rota_task_state state;
    uint32_t worker;       /* HELD, PLACING: by whom, index + 1 */
    uint32_t from;         /* still assigned to this lost one, index + 1: to be moved */
    uint32_t next, before; /* among the tasks of a worker, or free, index + 1 */
    uint32_t batch_next;
    uint64_t order;   /* of being listed: breaks ties of age within one multi */
    uint32_t mark;    /* last /tasks listing that showed it */
    uint32_t seen;    /* last listing of its worker that showed it */
    uint32_t attempt; /* of the run it is in or had last; 0: never placed */
    uint32_t losses;
    int64_t czxid;  /* of /tasks/<t>: its age; 0 until read */
    int64_t placed; /* czxid of its assignment, or just above that of its worker; 0: unread */
    uint8_t asking; /* reads under way */
    bool used, retry, queued;
};

struct rota_ready {
    int64_t age;
    uint64_t order;
    uint32_t task;
};

/* What a request was for; its tag carries this, the generation of belief and an index. */
enum rota_ask {
    ROTA_ASK_LOCK = 1,
    ROTA_ASK_EPOCH,
    ROTA_ASK_FOUND,
    ROTA_ASK_RUN,
    ROTA_ASK_HANDOVER,
    ROTA_ASK_WORKERS,
    ROTA_ASK_ASSIGN,
    ROTA_ASK_RETRIES,
    ROTA_ASK_TASKS,
    ROTA_ASK_VERSION,    /* worker: exists /assign/<w> */
    ROTA_ASK_WORKER,     /* worker: get /workers/<w> */
    ROTA_ASK_HOLDS,      /* worker: children of /assign/<w> */
    ROTA_ASK_ASSIGNMENT, /* task: get /assign/<w>/<t> */
    ROTA_ASK_RETRY,      /* task: get /retry/<t> */
    ROTA_ASK_TASK,       /* task: exists /tasks/<t> */
    ROTA_ASK_AUDIT,      /* task: exists /tasks/<t> while it is held */
    ROTA_ASK_PLACE,      /* worker: the multi that places its batch */
    ROTA_ASK_CLEAR,      /* task: the multi that ends it or drops its assignment */
    ROTA_ASK_SWEEP,      /* worker: the multi that deletes /assign/<w> */
};

/* The tag of a question asked in the present generation of belief. */
uint64_t rota_ledger_tag(const struct rota_step *s, enum rota_ask what, uint32_t index);

/* Records by index, valid until something is taken from the pool. */
struct rota_master_worker *rota_ledger_worker(const struct rota_step *s, uint32_t i);
struct rota_master_task *rota_ledger_task(const struct rota_step *s, uint32_t i);
const char *rota_ledger_worker_name(const struct rota_step *s, uint32_t i);
const char *rota_ledger_task_name(const struct rota_step *s, uint32_t i);

/* The record of that name, new if it was unknown. A new worker is to be read. */
uint32_t rota_ledger_worker_named(struct rota_step *s, const char *name);
uint32_t rota_ledger_task_named(struct rota_step *s, const char *name);

/* Removes the record of a worker or a task nobody asks about. */
void rota_ledger_forget_worker(struct rota_step *s, uint32_t worker);
void rota_ledger_forget_task(struct rota_step *s, uint32_t task);

/* Whether a task's record may go once /tasks does not show it any more. */
bool rota_ledger_forgettable(const struct rota_master_task *t);

/* Forgets everything. */
void rota_ledger_clear(struct rota_step *s);

/* Wants every list read. */
void rota_ledger_want_all(struct rota_step *s);

/* Wants a worker's data and list read. */
void rota_ledger_want(struct rota_step *s, uint32_t worker, bool data, bool list);

/* The queue of tasks to be read. */
void rota_ledger_queue(struct rota_step *s, uint32_t task);
uint32_t rota_ledger_dequeue(struct rota_step *s);

/* A task is to be looked at again, unless it is on its way somewhere; the same for one that has
 * left its worker or had ended. */
void rota_ledger_doubt(struct rota_step *s, uint32_t task);
void rota_ledger_look(struct rota_step *s, uint32_t task);

/* Puts a task among those a worker holds; takes it out of there. */
void rota_ledger_hold(struct rota_step *s, uint32_t task, uint32_t worker);
void rota_ledger_release(struct rota_step *s, uint32_t task);

/* A task's worker is lost: the assignment is to be moved. It has been moved, or is gone. */
void rota_ledger_move(struct rota_step *s, uint32_t task);
void rota_ledger_moved(struct rota_step *s, uint32_t task);

/* A worker's or an assignment's data became known: what the incarnation does not hold is to be
 * moved. */
void rota_ledger_settle(struct rota_step *s, uint32_t worker);
void rota_ledger_settle_task(struct rota_step *s, uint32_t task);

/* How many more tasks a worker may get, and its place in the list of those that may get any. */
uint32_t rota_ledger_room(const struct rota_step *s, uint32_t worker);
void rota_ledger_open(struct rota_step *s, uint32_t worker);

#endif
