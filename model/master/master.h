/* The master: elects itself, keeps the roster, places tasks (docs/PROTOCOL.md).
 *
 * What it believes about workers and tasks is a cache of the tree. It is dropped whole after every
 * doubt (a lost connection, a deposition, a new session) and read again behind a barrier. */
#ifndef ROTA_MODEL_MASTER_MASTER_H
#define ROTA_MODEL_MASTER_MASTER_H

#include "model/seam/event.h"
#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"

struct rota_master_config {
    char id[64];       /* never empty; written into /master */
    char address[256]; /* "host:port", or "host pid" of a master that listens nowhere */
    uint32_t losses;   /* workers lost under a task before it is dead; 0 means 5 */
    int64_t keep_ms; /* how long the end of a task stays if nobody collects it; 0 means a day. Never
                        shorter than the session's timeout */
    uint32_t hold_above; /* share of workers, in percent: when more are lost together, what they
                            left is held back for a while (hazard 24); 0 means 50, 100 never */
    int64_t hold_ms;     /* how long; 0 means 15 s */
};

enum rota_master_phase {
    ROTA_MASTER_OUT,      /* no session, or none that answers */
    ROTA_MASTER_LOOKING,  /* reading /master */
    ROTA_MASTER_COUNTING, /* reading /epoch */
    ROTA_MASTER_FOUNDING, /* creating what is missing of the tree */
    ROTA_MASTER_RUNNING,  /* the multi that makes a master is under way */
    ROTA_MASTER_STANDBY,  /* somebody else leads */
    ROTA_MASTER_LEADING,
    ROTA_MASTER_HANDOVER, /* giving the lock back */
};

/* The directories a master lists. */
enum rota_directory {
    ROTA_DIRECTORY_ASSIGN,
    ROTA_DIRECTORY_WORKERS,
    ROTA_DIRECTORY_DRAIN,
    ROTA_DIRECTORY_RETRY,
    ROTA_DIRECTORY_CANCEL,
    ROTA_DIRECTORY_COLLECT,
    ROTA_DIRECTORY_HISTORY,
    ROTA_DIRECTORY_TASKS,
    ROTA_DIRECTORIES
};

struct rota_listing {
    bool wanted; /* it changed, or was never read */
    bool reading;
    bool read;       /* at least once since belief was dropped */
    bool blind;      /* without a watch: their budget is used up, the audit covers it */
    rota_time asked; /* when it was last asked for */
    rota_time next;  /* not before, for the long ones (hazard 18) */
};

/* Tasks whose order is waited for in a list, index + 1. */
struct rota_task_list {
    uint32_t first, last;
    uint32_t length;
};

struct rota_master {
    struct rota_master_config config;
    enum rota_master_phase phase;
    bool up;
    bool stopping;
    bool recovered;      /* everything was read once since the election */
    bool ran;            /* an election multi of this session had no known outcome */
    int32_t ran_version; /* the version of /epoch it expected */
    int32_t epoch;       /* mine, while leading */
    int64_t session;
    rota_time timeout;   /* of the session, microseconds */
    int64_t lock_czxid;  /* of /master, when it looks like mine */
    uint32_t founding;   /* creates under way */
    uint16_t generation; /* of belief: replies to older questions are recognised by it */

    struct rota_listing list[ROTA_DIRECTORIES];
    rota_time audit_at;
    int64_t counter_next;     /* of creates under /tasks, to be told of; 0: the first */
    struct rota_map workers;  /* name -> index */
    struct rota_array worker; /* struct rota_master_worker */
    uint32_t free_worker;     /* index + 1 */
    uint32_t unread;          /* workers whose tasks were never read */
    uint32_t attention;       /* first worker with something to ask, index + 1 */
    uint32_t open;            /* first worker that may get tasks, index + 1 */
    uint32_t gone;            /* workers waiting to be swept */
    uint32_t alive;
    struct rota_map tasks;  /* name -> index */
    struct rota_array task; /* struct rota_master_task */
    uint32_t free_task;     /* index + 1 */
    uint32_t asking;        /* reads of single tasks under way */
    uint32_t asking_ends;   /* of these, reads of a status alone */
    uint32_t payload_seen;  /* bytes of large payloads read of late */
    struct rota_array asks; /* uint32_t: tasks to be read, a queue from asks_head */
    uint32_t asks_head;
    uint64_t listed;         /* tasks listed so far */
    uint32_t mark;           /* of listings: what was not seen in one is gone */
    uint32_t audited;        /* the task the last audit of those that have ended came to */
    bool all_listed;         /* the last listing of /tasks was taken in whole */
    uint32_t listings;       /* of /tasks, asked for so far */
    int32_t collect_version; /* of /collect, and how many listings of /tasks came before it */
    uint32_t collect_read;
    uint32_t assigned; /* tasks under /assign, as believed */

    struct rota_map kinds;  /* of ready tasks, by what they want of a worker -> index */
    struct rota_array kind; /* struct rota_kind */
    uint32_t ready;         /* in their heaps */
    uint64_t turns;         /* given out to what was put into a heap */

    struct rota_array agenda; /* struct rota_timer: a heap, the soonest first */
    uint32_t agenda_most;     /* above so many the obsolete ones are sorted out */
    int64_t clock_ms;         /* the servers' clock at... */
    rota_time clock_at;       /* ...this time of ours; ROTA_NEVER: not known */
    bool clock_asking;

    struct rota_task_list ending; /* to be ended or cleared away */
    struct rota_task_list ending_now;
    struct rota_array edge; /* struct rota_edge: who waits for whose end */
    uint32_t free_edge;     /* index + 1 */
    uint32_t orders;        /* first worker whose orders may be out of date, index + 1 */

    rota_time hold_until;   /* what the lost left behind stays until then; 0: no hold */
    rota_time window_began; /* of losses that are counted together */
    uint32_t window_lost, window_alive;
};

/* Initialises. `config` is copied. `seed` feeds what little chance a master needs. */
void rota_master_init(struct rota_master *m, const struct rota_master_config *config,
                      uint64_t seed);

/* One step: takes an event, appends what is to be done. */
void rota_master_step(struct rota_master *m, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Checks what must always hold between steps. */
void rota_master_check(const struct rota_master *m, const struct rota_pool *mem);

#endif
