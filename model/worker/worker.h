/* The worker: registers, runs what was assigned to this incarnation of it, reports
 * (docs/PROTOCOL.md). */
#ifndef ROTA_MODEL_WORKER_WORKER_H
#define ROTA_MODEL_WORKER_WORKER_H

#include "model/base/map.h"
#include "model/base/pool.h"
#include "model/base/queue.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"

struct rota_worker_config {
    char name[200]; /* the znode's name */
    char address[256];
    uint32_t slots;           /* runs at once; 0 means 1 */
    int64_t drain_timeout_ms; /* STOP and drains: how long running work may finish before it is
                                 handed back */
    char tags[512];           /* with commas between; "" for none */
};

enum rota_worker_phase {
    ROTA_WORKER_OUT,         /* no session, or none that answers */
    ROTA_WORKER_CHECKING,    /* reading /assign/<w>, to create or to set it */
    ROTA_WORKER_REGISTERING, /* the multi that registers is under way */
    ROTA_WORKER_CONFIRMING,  /* reading /workers/<w> */
    ROTA_WORKER_WAITING,     /* another session holds the name (rule 12) */
    ROTA_WORKER_IN,          /* registered */
    ROTA_WORKER_LEAVING,     /* the multi that says goodbye is under way */
};

struct rota_worker {
    struct rota_worker_config config;
    enum rota_worker_phase phase;
    enum rota_lease lease;
    bool up;
    bool stopping;
    bool at_once; /* stopping without waiting for what runs */
    bool list_wanted, listing, list_known;
    bool saying;  /* `slots=0` was written or is being written */
    bool writing; /* a multi of results is under way */
    bool alone;   /* the next one carries one result only */
    int64_t session;
    rota_time timeout;  /* of the session, microseconds */
    rota_time deadline; /* WAITING: until when; stopping: when what runs is handed back */
    int64_t czxid;      /* of /workers/<w>: this incarnation */
    uint16_t generation;
    uint64_t next_run;
    uint32_t busy;     /* runs between RUN and FINISHED, those being ended too */
    uint32_t starting; /* slots set aside for runs whose payload is being read */
    rota_time due;     /* no run has had its time before that */
    int64_t server_ms; /* the servers' clock as last seen, at the local time below */
    rota_time server_at;
    uint64_t chance; /* state of its own random numbers */
    bool orders_wanted, orders_reading;
    bool orders_due;       /* they have changed, or the runs they may name */
    rota_ref orders;       /* text: the data of /assign/<w> as last read */
    int64_t orders_mzxid;  /* when they were written */
    bool draining;         /* nothing new is started, what waits is handed back */
    rota_time drain_began; /* what runs may go on so long from here on: */
    int64_t drain_ms;
    bool progress_new;         /* some run has a line that was not written */
    bool progress_writing;     /* a multi of lines is under way */
    rota_time progress_at;     /* no other before that */
    struct rota_array telling; /* what is in it */
    struct rota_map tasks;
    struct rota_array run; /* struct rota_worker_run */
    uint32_t free_run;     /* index + 1 */
    uint32_t mark;
    struct rota_queue waiting; /* for a slot */
    struct rota_queue ended;   /* to be written */
    struct rota_queue batch;   /* in the multi under way */
};

/* Initialises. `config` is copied. */
void rota_worker_init(struct rota_worker *w, const struct rota_worker_config *config,
                      uint64_t seed);

/* One step: takes an event, appends what is to be done. */
void rota_worker_step(struct rota_worker *w, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Checks what must always hold between steps. */
void rota_worker_check(const struct rota_worker *w, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_worker_config. */
extern const struct rota_role rota_worker_role;

#endif
