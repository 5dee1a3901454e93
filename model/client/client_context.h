/* The step of the client under way, and the purposes of its requests. */
#ifndef ROTA_MODEL_CLIENT_CLIENT_CONTEXT_H
#define ROTA_MODEL_CLIENT_CLIENT_CONTEXT_H

#include "model/base/pool.h"
#include "model/client/state.h"
#include "model/seam/outbox.h"

/* One step: the client's state, its pool, the outbox of the step and the time. */
struct rota_client_context {
    struct rota_client *c;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* The purpose of a request. The index in its tag is that of a job, but for BOUND and the multis. */
enum rota_client_purpose {
    ROTA_CLIENT_PURPOSE_DEPENDENCY = 1, /* get /tasks/<d>, a dependency of the job */
    ROTA_CLIENT_PURPOSE_MARK,           /* set /tasks/<d> to the same payload */
    ROTA_CLIENT_PURPOSE_BOUND,          /* get /tasks: the bound, and the number of tasks */
    ROTA_CLIENT_PURPOSE_SUBMIT,         /* the multi of creates */
    ROTA_CLIENT_PURPOSE_RESOLVE,        /* get or exists /tasks/<t>: was it created? */
    ROTA_CLIENT_PURPOSE_WATCH,          /* children of /tasks/<t>, watched */
    ROTA_CLIENT_PURPOSE_TREE,           /* exists /tasks, when a task was not found */
    ROTA_CLIENT_PURPOSE_RESULT,         /* get /tasks/<t>/status */
    ROTA_CLIENT_PURPOSE_PROGRESS,       /* get /progress/<t> */
    ROTA_CLIENT_PURPOSE_COLLECT,        /* the multi of deletes */
    ROTA_CLIENT_PURPOSE_VERSION,        /* exists /tasks/<t>, whose version was another; then */
    ROTA_CLIENT_PURPOSE_STATUS,         /* exists /tasks/<t>/status */
    ROTA_CLIENT_PURPOSE_RETRY_DELETE,   /* delete /retry/<t> of a withdrawn task */
};

/* The tag of a request in the present generation. */
uint64_t rota_client_tag(const struct rota_client_context *s, enum rota_client_purpose purpose,
                         uint32_t index);

/* Appends the end of the process. */
void rota_client_exit(struct rota_client_context *s, enum rota_exit status, const char *sentence);

/* Ends the process because of a refusal that concerns every job: the tree does not exist, or an
 * access list, a quota or a limit forbids the request. */
void rota_client_give_up(struct rota_client_context *s, int32_t rc);

#endif
