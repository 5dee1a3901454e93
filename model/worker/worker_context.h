/* The step of a worker under way, the purposes of its requests, and the servers' clock. */
#ifndef ROTA_MODEL_WORKER_WORKER_CONTEXT_H
#define ROTA_MODEL_WORKER_WORKER_CONTEXT_H

#include "model/base/pool.h"
#include "model/seam/outbox.h"
#include "model/worker/state.h"

/* One step: the worker's state, its pool, the outbox of the step and the time. */
struct rota_worker_context {
    struct rota_worker *w;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* The purpose of a request. The index in its tag is that of a run where a task is named. */
enum rota_worker_purpose {
    ROTA_WORKER_PURPOSE_DIRECTORY = 1,   /* exists /assign/<w> */
    ROTA_WORKER_PURPOSE_REGISTER,        /* the multi that registers */
    ROTA_WORKER_PURPOSE_OWN_ZNODE,       /* get /workers/<w>, watched */
    ROTA_WORKER_PURPOSE_ZERO_SLOTS,      /* set /workers/<w> to `slots=0`; the reply is ignored */
    ROTA_WORKER_PURPOSE_DEREGISTER,      /* the multi that deregisters */
    ROTA_WORKER_PURPOSE_ORDERS,          /* get /assign/<w>, watched */
    ROTA_WORKER_PURPOSE_ASSIGNMENTS,     /* children of /assign/<w>, watched */
    ROTA_WORKER_PURPOSE_ASSIGNMENT,      /* get /assign/<w>/<t>, and then */
    ROTA_WORKER_PURPOSE_TASK,            /* get or exists /tasks/<t> */
    ROTA_WORKER_PURPOSE_RESULTS,         /* the multi of results */
    ROTA_WORKER_PURPOSE_RESOLVE,         /* exists /assign/<w>/<t>, behind the barrier */
    ROTA_WORKER_PURPOSE_PROGRESS,        /* the multi of lines of progress */
    ROTA_WORKER_PURPOSE_PROGRESS_DELETE, /* delete /progress/<t>; the reply is ignored */
    ROTA_WORKER_PURPOSE_PROGRESS_CREATE, /* create /progress; the reply is ignored */
};

/* The tag of a request in the present generation. */
uint64_t rota_worker_tag(const struct rota_worker_context *s, enum rota_worker_purpose purpose,
                         uint32_t index);

/* Appends a read. */
void rota_worker_read(struct rota_worker_context *s, enum rota_worker_purpose purpose,
                      uint32_t index, enum rota_op op, const char *path, bool watch);

/* Appends the end of the process. */
void rota_worker_exit(struct rota_worker_context *s, enum rota_exit status, const char *sentence);

/* Ends the process because the server refused a request at `path` with the error `rc`, which no
 * later try changes. */
void rota_worker_forbidden(struct rota_worker_context *s, const char *path, int32_t rc);

/* Ends the session for certain and begins a new one, because of a doubt (rule 10). */
void rota_worker_restart(struct rota_worker_context *s, const char *why);

/* The time of the servers' clock, in milliseconds since 1970. It is never ahead of that clock:
 * it may be late by the time that a reply took. No clock of a machine is compared with it (S19). */
int64_t rota_worker_servers_ms(const struct rota_worker_context *s);

/* A znode that was just read was created at `ctime_ms` by the servers' clock: it shows at least
 * that time. */
void rota_worker_clock_seen(struct rota_worker_context *s, int64_t ctime_ms);

#endif
