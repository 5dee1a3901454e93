/* The master's belief about workers and tasks, and how it is read from the tree. Inside of the master:
 * master.c elects, roster.c reads, placement.c writes. */
#ifndef ROTA_MODEL_ROSTER_H
#define ROTA_MODEL_ROSTER_H

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
    uint32_t next_free;  /* in the free list, index + 1 */
    uint32_t attention;  /* next in that list; its own index + 1 at the end */
    uint32_t open_next, open_before; /* in the list of workers that may get tasks, index + 1 */
    uint32_t tasks;      /* first of the tasks it holds, index + 1 */
    uint32_t batch;      /* first of the tasks in the multi under way, index + 1 */
    uint32_t held;       /* tasks held and under way */
    uint32_t moving;     /* tasks it lost that are not placed elsewhere yet */
    uint32_t slots;
    uint32_t asking;     /* reads under way */
    uint32_t listed;     /* last listing of /workers that showed it */
    int64_t czxid;       /* of /workers/<w>, names the incarnation; 0: not alive */
    int64_t placed_after; /* czxid of the incarnation the batch under way is for */
    int32_t version;     /* of /assign/<w> */
    bool used;
    bool placeable;      /* /assign/<w> exists */
    bool want_data, want_list;
    bool blind;          /* read without watches: their budget is used up */
    bool unsettled, in_attention, in_open, sweeping;
    bool alone;          /* holds a suspect task: nothing beside it */
    rota_time sweep_at;  /* dead: when its /assign may go, if it is empty; 0: not dead */
};

enum rota_task_state {
    ROTA_TASK_LISTED,    /* seen in /tasks or /retry, to be read */
    ROTA_TASK_READING,   /* its znodes are being read */
    ROTA_TASK_READY,     /* may be placed */
    ROTA_TASK_PLACING,   /* in a multi under way to `worker` */
    ROTA_TASK_HELD,      /* under /assign/<worker> */
    ROTA_TASK_LEFT,      /* was there: ended, most likely */
    ROTA_TASK_ENDED,     /* has a status */
    ROTA_TASK_CLEARING,  /* a multi that ends it or drops its assignment is under way */
};

struct rota_master_task {
    rota_ref name;
    enum rota_task_state state;
    uint32_t worker;       /* HELD, PLACING: by whom, index + 1 */
    uint32_t from;         /* still assigned to this lost one, index + 1: to be moved */
    uint32_t next, before; /* among the tasks of a worker, or free, index + 1 */
    uint32_t batch_next;
    uint32_t mark;         /* last /tasks listing that showed it */
    uint32_t seen;         /* last listing of its worker that showed it */
    uint32_t attempt;      /* of the run it is in or had last; 0: never placed */
    uint32_t losses;
    int64_t czxid;         /* of /tasks/<t>: its age; 0 until read */
    int64_t placed;        /* czxid of its assignment, or just above that of its worker; 0: unread */
    uint8_t asking;        /* reads under way */
    bool used, retry, queued;
};

struct rota_ready {
    int64_t age;
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

/* ---- master.c ---- */

/* Appends a request with its tag. */
struct rota_request *rota_master_ask(struct rota_step *s, enum rota_ask what, uint32_t index);

/* The same for one operation on a path. */
void rota_master_read(struct rota_step *s, enum rota_ask what, uint32_t index, enum rota_op op,
                      const char *path, bool watch);

/* A fenced multi of `count` operations, the first of which checks the epoch; the caller fills the rest. */
struct rota_operation *rota_master_write(struct rota_step *s, enum rota_ask what, uint32_t index,
                                         uint32_t count);

/* A fenced write was refused at the fence: stop leading. */
void rota_master_depose(struct rota_step *s, int32_t rc);

/* Where a refused multi failed: the index of its first operation with an error. */
uint32_t rota_master_failed_at(const struct rota_reply *r);

/* ---- roster.c ---- */

struct rota_master_worker *rota_roster_worker(const struct rota_step *s, uint32_t i);
struct rota_master_task *rota_roster_task(const struct rota_step *s, uint32_t i);
const char *rota_roster_worker_name(const struct rota_step *s, uint32_t i);
const char *rota_roster_task_name(const struct rota_step *s, uint32_t i);

/* Forgets everything. */
void rota_roster_clear(struct rota_step *s);

/* Wants everything read. */
void rota_roster_want_all(struct rota_step *s);

/* Takes in a reply, a watch. */
void rota_roster_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                         const struct rota_event *e);
void rota_roster_watched(struct rota_step *s, enum rota_watch_kind kind, const char *path);

/* Sends whatever reads are wanted. */
void rota_roster_ask(struct rota_step *s);

/* A task is to be looked at again: read it and decide. */
void rota_roster_doubt(struct rota_step *s, uint32_t task);

/* Wants a worker's data and list read again. */
void rota_roster_want(struct rota_step *s, uint32_t worker, bool data, bool list);

/* Puts a task among those a worker holds; takes it out of there. */
void rota_roster_hold(struct rota_step *s, uint32_t task, uint32_t worker);
void rota_roster_release(struct rota_step *s, uint32_t task);

/* A task's worker is lost: the assignment is to be moved. It has been moved, or is gone. */
void rota_roster_move(struct rota_step *s, uint32_t task);
void rota_roster_moved(struct rota_step *s, uint32_t task);

/* A worker's data or tasks changed: what its incarnation does not hold is to be moved. */
void rota_roster_settle(struct rota_step *s, uint32_t worker);

/* Puts a worker into the list of those that may get tasks, or takes it out, as its slots demand. */
void rota_roster_open(struct rota_step *s, uint32_t worker);

/* How many more tasks a worker may get. */
uint32_t rota_roster_room(const struct rota_step *s, uint32_t worker);

/* ---- placement.c ---- */

/* Places ready tasks. */
void rota_placement_go(struct rota_step *s);

/* Puts a task into the queue of ready ones. */
void rota_placement_ready(struct rota_step *s, uint32_t task);

/* Ends a task whose workers kept dying, or drops an assignment whose task is gone or has ended. */
void rota_placement_clear(struct rota_step *s, uint32_t task, bool dead);

/* Takes in a reply to one of placement's multis. */
void rota_placement_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                            const struct rota_event *e);

/* Deletes /assign of workers long gone. */
void rota_placement_sweep(struct rota_step *s);

#endif
