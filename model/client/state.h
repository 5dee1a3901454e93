/* The state of the client: plain data, with its records in a pool. */
#ifndef ROTA_MODEL_CLIENT_STATE_H
#define ROTA_MODEL_CLIENT_STATE_H

#include "model/base/map.h"
#include "model/base/queue.h"
#include "model/base/slab.h"
#include "model/seam/event.h"

struct rota_client_config {
    bool wait;       /* a job ends with its RESULT; false: a job ends once it is NAMED */
    bool collect;    /* remove a task after COLLECT; false: keep it, and the job ends with RESULT */
    bool withdraw;   /* STOP removes the tasks that have no final status yet */
    bool progress;   /* read the progress of tasks now and then, for PROGRESS actions */
    uint32_t window; /* tasks watched at once; 0: 1000 */
};

struct rota_client {
    struct rota_client_config config;
    bool up;            /* requests may be sent */
    bool closed;        /* no more SUBMIT and WAIT will come */
    bool stopping;      /* STOP was received: the tasks are withdrawn */
    bool leaving;       /* STOP was received: exits after the reply to the multi of deletes */
    bool creating;      /* a multi of creates is under way */
    bool create_single; /* the next one carries one job only */
    bool collecting;    /* a multi of deletes is under way */
    bool bound_reading; /* the bound and the backlog are being read */
    bool bound_known;   /* they were read; with a bound, since the last multi of creates */
    int64_t bound;      /* on the number of tasks; 0: none */
    int64_t backlog;    /* number of tasks in the tree */
    int64_t session;
    uint16_t generation;
    uint32_t names_chosen;
    uint32_t failures;             /* jobs that ended in another state than done */
    uint32_t refusals;             /* of them, those that were refused */
    uint32_t watching;             /* jobs that are WATCHED */
    uint32_t fetching;             /* jobs that are FETCHING */
    uint32_t dependency_requests;  /* under way, that read or mark dependencies */
    uint32_t retry_deletes;        /* under way, while withdrawing */
    uint64_t held_bytes;           /* of results that were given and are not to be collected yet */
    rota_time audit_at;            /* when the watched tasks are read again */
    rota_time progress_at;         /* when progress is read again */
    uint32_t progress_next;        /* the job with which that begins */
    struct rota_map names;         /* of tasks -> index of the job */
    struct rota_map ids;           /* of jobs, as text -> index */
    struct rota_map marks_pending; /* names of dependencies being marked -> index of a job */
    struct rota_slab jobs;         /* struct rota_job */
    /* Jobs by their state, in order of arrival. */
    struct rota_queue to_check, to_create, in_create, unresolved, to_watch, to_fetch;
    struct rota_queue to_collect, in_collect;
};

#endif
