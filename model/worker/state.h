/* The state of a worker: plain data, with its records in a pool. */
#ifndef ROTA_MODEL_WORKER_STATE_H
#define ROTA_MODEL_WORKER_STATE_H

#include "model/base/map.h"
#include "model/base/queue.h"
#include "model/base/slab.h"
#include "model/seam/event.h"

struct rota_worker_config {
    char name[200]; /* of its znodes */
    char address[256];
    uint32_t slots;           /* runs at once; 0: 1 */
    int64_t drain_timeout_ms; /* STOP and drains: after that time running tasks are handed back */
    char tags[512];           /* separated by commas; "" for none */
};

enum rota_worker_phase {
    ROTA_WORKER_OUT,         /* no session, or none that answers */
    ROTA_WORKER_CHECKING,    /* looking for /assign/<w>, to create it or to set it */
    ROTA_WORKER_REGISTERING, /* the multi that registers is under way */
    ROTA_WORKER_CONFIRMING,  /* reading /workers/<w> */
    ROTA_WORKER_WAITING,     /* another session holds the name (rule 12) */
    ROTA_WORKER_IN,          /* registered */
    ROTA_WORKER_LEAVING,     /* the multi that deregisters is under way */
};

struct rota_worker {
    struct rota_worker_config config;
    enum rota_worker_phase phase;
    enum rota_lease lease;
    bool up;                        /* requests may be sent */
    bool stopping;                  /* STOP was received */
    bool stop_now;                  /* running tasks are no longer waited for */
    bool list_wanted, list_reading; /* the assignments are to be listed, are being listed */
    bool list_known;                /* they were listed in this session */
    bool zero_slots_sent;           /* `slots=0` was written, or is being written */
    bool writing;                   /* a multi of results is under way */
    bool write_single;              /* the next one carries one result only */
    bool orders_wanted, orders_reading;
    bool orders_changed;   /* the orders have changed, or the runs that they may name */
    bool draining;         /* starts no new run, hands back what has not begun */
    bool progress_new;     /* a run has a line that was not written */
    bool progress_writing; /* a multi of lines is under way */
    uint16_t generation;
    int64_t session;
    int64_t czxid; /* of /workers/<w>: names this incarnation; 0: not registered */
    rota_time session_timeout;
    rota_time deadline;        /* WAITING for the name: until when. Stopping: when running tasks
                                  are handed back. 0: none */
    int64_t servers_ms;        /* the servers' clock when it was read last, in milliseconds since
                                  1970, */
    rota_time servers_read_at; /* and the time of that */
    uint64_t random_state;
    rota_ref orders;      /* text: the data of /assign/<w> as read last; 0: empty */
    int64_t orders_mzxid; /* of that data */
    rota_time drain_began;
    int64_t drain_ms;                 /* the drain's timeout */
    rota_time progress_at;            /* no multi of lines before that time */
    struct rota_array progress_batch; /* the lines in the multi under way */
    uint64_t last_run;                /* the number of the run that was begun last */
    uint32_t busy;                    /* runs between RUN and FINISHED, those being stopped too */
    uint32_t starting;                /* runs that are READING: each takes a slot */
    rota_time next_timeout;           /* no run times out before that time */
    uint32_t list_mark;               /* counts the listings of assignments */
    struct rota_map tasks;            /* names -> index of the run */
    struct rota_slab runs;            /* struct rota_worker_run */
    struct rota_queue waiting;        /* runs that are WAITING */
    struct rota_queue ended;          /* runs that are ENDED */
    struct rota_queue batch;          /* runs that are WRITING, in the order of the multi */
};

#endif
