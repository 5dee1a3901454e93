/* The state of a master: plain data in the role's struct and in its pool. Records are referred to
 * by index; a member that links records or may be absent holds index + 1, and 0 for none.
 *
 * The master's belief about workers and tasks is a cache of the tree. It is dropped whole after
 * every doubt (a lost connection, a deposition, a new session) and read again behind a barrier. */
#ifndef ROTA_MODEL_MASTER_STATE_H
#define ROTA_MODEL_MASTER_STATE_H

#include "model/base/map.h"
#include "model/base/pool.h"
#include "model/base/slab.h"
#include "model/seam/outbox.h"

struct rota_master_config {
    char id[64];       /* never empty; written into /master */
    char address[256]; /* "host:port", or "host pid" of a master that listens nowhere */
    uint32_t losses;   /* workers lost under a task before it is dead; 0 means 5 */
    int64_t keep_ms;   /* retention of a final status that no client collects; 0 means a day. Never
                          shorter than the session's timeout */
    uint32_t hold_above; /* a mass loss: more than this share of the workers, in percent, is lost
                            together (hazard 24); 0 means 50, 100 never */
    int64_t hold_ms;     /* how long the tasks of a mass loss stay with their workers; 0 means
                            15 s */
};

enum rota_master_phase {
    ROTA_MASTER_OFFLINE,       /* no session, or none that answers */
    ROTA_MASTER_READING_LOCK,  /* reading /master */
    ROTA_MASTER_READING_EPOCH, /* reading /epoch */
    ROTA_MASTER_CREATING_TREE, /* creating the missing znodes of the tree */
    ROTA_MASTER_ELECTING,      /* the multi that makes a master is under way */
    ROTA_MASTER_STANDBY,       /* another process leads */
    ROTA_MASTER_LEADING,
    ROTA_MASTER_HANDING_OVER, /* deleting the lock */
};

/* The directories that a master lists. Those up to CANCEL are listed before /tasks (rule 3). */
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
    bool wanted; /* the directory changed, or was never listed */
    bool reading;
    bool read;       /* at least once since the cache was dropped */
    bool unwatched;  /* listed without a watch: their byte budget is used up, the audit covers it */
    rota_time asked; /* when the request was sent */
    rota_time next;  /* not before, for the long ones (hazard 18) */
};

/* Tasks in the order in which they were appended, linked by `list_next`. */
struct rota_task_list {
    uint32_t first, last;
    uint32_t length;
};

struct rota_master {
    struct rota_master_config config;
    enum rota_master_phase phase;
    bool up;
    bool recovered;           /* everything was read once since the election */
    bool election_unknown;    /* an election multi of this session has no known outcome */
    int32_t election_version; /* the version of /epoch that it checked */
    int32_t epoch;            /* this master's, while it leads */
    int64_t session;
    rota_time timeout;        /* of the session, microseconds */
    int64_t lock_czxid;       /* of /master, if the lock may be this master's; else 0 */
    uint32_t creates_pending; /* of the tree */
    uint16_t generation;      /* of belief: replies to older requests are recognised by it */

    struct rota_listing listing[ROTA_DIRECTORIES];
    uint32_t listing_mark;     /* number of the latest listing: what it does not show is gone */
    uint32_t task_listings;    /* listings of /tasks that were requested so far */
    bool all_listed;           /* every task of the latest listing of /tasks is in the cache */
    int32_t assign_version;    /* of /assign, as listed: a worker raises it when it deregisters */
    bool assign_stale;         /* it was refused: /assign is to be listed before it is used again */
    int32_t collect_version;   /* of /collect, as listed */
    uint32_t collect_listing;  /* task_listings when /collect was listed */
    int64_t counter_report_at; /* creates under /tasks at the next report; 0: at the first */
    rota_time audit_at;
    uint32_t audit_position; /* the task at which the latest audit of ended tasks stopped */

    struct rota_map worker_names; /* name -> index */
    struct rota_slab workers;     /* struct rota_master_worker */
    uint32_t workers_alive;
    uint32_t workers_unread;   /* workers whose assignments were never listed */
    uint32_t workers_to_sweep; /* dead workers whose /assign/<w> is still to be deleted */
    uint32_t attention_first;  /* first worker that is to be read */
    uint32_t open_first;       /* first worker with a free slot */
    uint32_t orders_first;     /* first worker whose orders may be stale */

    struct rota_map task_names; /* name -> index */
    struct rota_slab tasks;     /* struct rota_master_task */
    uint64_t tasks_listed;      /* new tasks in listings so far */
    uint32_t assigned;          /* tasks under /assign, those under way included */
    struct rota_array to_read;  /* uint32_t: tasks to be read, a queue from to_read_head on */
    uint32_t to_read_head;
    uint32_t reads_pending;          /* requests under way that read a single task */
    uint32_t status_reads_pending;   /* of these, reads of a status alone */
    uint32_t payload_bytes;          /* size of the large payloads read lately */
    struct rota_task_list undecided; /* tasks about which the step decides again */
    struct rota_task_list to_finish; /* tasks that get a final status or are cleared away */
    struct rota_task_list finishing; /* those of them in the multi under way */

    struct rota_slab edges; /* of dependencies.c: which task depends on which */

    struct rota_map kinds;  /* of ready tasks, by what they need of a worker -> index */
    struct rota_array kind; /* struct rota_kind */
    uint32_t ready;         /* entries in their heaps, stale ones included */
    uint64_t ready_turns;   /* entries that were ever put into a heap */

    struct rota_array timers; /* struct rota_timer: a heap, the earliest first */
    uint32_t timers_limit;    /* above that number stale ones are removed */
    int64_t clock_ms;         /* the servers' clock at... */
    rota_time clock_at;       /* ...this time of ours; ROTA_NEVER: not known */
    bool clock_pending;       /* a look at the servers' clock is under way */

    rota_time hold_until;   /* tasks of a mass loss stay until then; 0: there is no hold */
    rota_time window_start; /* losses within a session timeout of it count together */
    uint32_t window_lost, window_alive;
};

/* One step's surroundings, passed along. */
struct rota_master_context {
    struct rota_master *m;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

#endif
