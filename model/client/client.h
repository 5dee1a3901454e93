/* The client: puts tasks, waits for their ends, collects them (docs/PROTOCOL.md). */
#ifndef ROTA_MODEL_CLIENT_CLIENT_H
#define ROTA_MODEL_CLIENT_CLIENT_H

#include "model/seam/event.h"
#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"
#include "model/seam/role.h"
#include "model/base/queue.h"

struct rota_client_config {
    bool wait;    /* wait for every job's task; false: a job ends once it is NAMED */
    bool collect; /* remove a task when COLLECT says so; false keeps it (RESULT is then the end of a
                     job) */
    bool withdraw;   /* STOP removes what has not ended yet */
    uint32_t window; /* tasks watched at once; 0 means 1000 */
    bool progress;   /* look now and then how far the tasks are: PROGRESS actions */
};

struct rota_client {
    struct rota_client_config config;
    bool up;
    bool closed; /* no more SUBMIT and WAIT will come */
    bool stopping;
    bool leaving;    /* with the next reply to a collect */
    bool putting;    /* a multi of creates is under way */
    bool collecting; /* a multi of deletes is under way */
    bool put_alone;  /* the next multi carries one job only */
    bool counting;   /* it is being read how many tasks there may be, and are */
    bool counted;    /* that was read, since the last multi if there is a bound */
    int64_t most;    /* tasks there may be at once; 0: any number */
    int64_t backlog; /* tasks there were */
    int64_t session;
    uint32_t named; /* names chosen so far */
    uint16_t generation;
    uint32_t failures;   /* jobs that ended otherwise than done */
    uint32_t refusals;   /* of them, those that were refused */
    uint32_t live;       /* jobs that have not ended */
    uint32_t watching;   /* tasks watched or being asked about */
    uint32_t fetching;   /* results being read */
    uint32_t looking;    /* jobs of which a task they come after is being looked at */
    uint32_t asking;     /* clean-up requests under way while withdrawing */
    uint64_t held_bytes; /* of results given and not yet collected */
    rota_time audit_at;
    rota_time progress_at;
    uint32_t progress_next;                    /* the first job not asked about this time */
    struct rota_map names;                     /* of tasks -> index of the job */
    struct rota_map ids;                       /* of jobs, as text -> index */
    struct rota_map marking;                   /* of tasks being marked as awaited -> index */
    struct rota_array job;                     /* struct rota_job */
    uint32_t free_job;                         /* index + 1 */
    struct rota_queue look;                    /* the tasks they come after, first */
    struct rota_queue put, putting_now, doubt; /* to be created, in the multi, perhaps created */
    struct rota_queue pending;                 /* created, to be watched */
    struct rota_queue ended;                   /* seen to have a status, to be fetched */
    struct rota_queue collect, collecting_now; /* to be removed, in the multi */
};

/* When all jobs have ended after CLOSE_INPUT it leaves: with ROTA_EXIT_REFUSED if one was refused,
 * ROTA_EXIT_FAILED if one ended otherwise than done. */

/* Initialises. `config` is copied. */
void rota_client_init(struct rota_client *c, const struct rota_client_config *config,
                      uint64_t seed);

/* One step: takes an event, appends what is to be done. */
void rota_client_step(struct rota_client *c, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Checks what must always hold between steps. */
void rota_client_check(const struct rota_client *c, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_client_config. */
extern const struct rota_role rota_client_role;

#endif
