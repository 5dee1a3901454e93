/* The step of the operator under way, and the purposes of its requests. */
#ifndef ROTA_MODEL_OPERATOR_OPERATOR_CONTEXT_H
#define ROTA_MODEL_OPERATOR_OPERATOR_CONTEXT_H

#include "model/base/pool.h"
#include "model/operator/state.h"
#include "model/seam/outbox.h"

/* One step: the operator's state, its pool, the outbox of the step and the time. */
struct rota_operator_context {
    struct rota_operator *p;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* The purpose of a request. The index in its tag is that of a job, except for the first. */
enum rota_operator_purpose {
    ROTA_OPERATOR_PURPOSE_TREE = 1,          /* exists /tasks, first in every session */
    ROTA_OPERATOR_PURPOSE_CANCEL_TASK,       /* get /tasks/<t> */
    ROTA_OPERATOR_PURPOSE_CANCEL_MARK,       /* set /tasks/<t> to the same payload */
    ROTA_OPERATOR_PURPOSE_CANCEL_WRITE,      /* the multi */
    ROTA_OPERATOR_PURPOSE_CANCEL_CHILDREN,   /* children of /tasks/<t>, watched */
    ROTA_OPERATOR_PURPOSE_CANCEL_STATUS,     /* get /tasks/<t>/status */
    ROTA_OPERATOR_PURPOSE_RETRY_STATUS,      /* get /tasks/<t>/status */
    ROTA_OPERATOR_PURPOSE_RETRY_NO_STATUS,   /* exists /tasks/<t>, which has no status */
    ROTA_OPERATOR_PURPOSE_RETRY_HISTORY,     /* get /history/<t> */
    ROTA_OPERATOR_PURPOSE_RETRY_CANCEL,      /* exists /cancel/<t> */
    ROTA_OPERATOR_PURPOSE_RETRY_COLLECT,     /* exists /collect/<t> */
    ROTA_OPERATOR_PURPOSE_RETRY_RECORD,      /* exists /retry/<t> */
    ROTA_OPERATOR_PURPOSE_RETRY_TASK,        /* get /tasks/<t> */
    ROTA_OPERATOR_PURPOSE_RETRY_WRITE,       /* the multi */
    ROTA_OPERATOR_PURPOSE_DRAIN_WRITE,       /* the multi */
    ROTA_OPERATOR_PURPOSE_DRAIN_ASSIGNMENTS, /* children of /assign/<w>, watched */
    ROTA_OPERATOR_PURPOSE_UNDRAIN_WRITE,     /* delete /drain/<w> */
};

/* True if the command names workers, false if it names tasks. */
bool rota_operator_is_for_workers(const struct rota_operator_context *s);

/* Appends the end of the process. */
void rota_operator_exit(struct rota_operator_context *s, enum rota_exit status,
                        const char *sentence);

/* Ends the process because of a refusal that concerns every job: the tree does not exist, or an
 * access list, a quota or a limit forbids the request. */
void rota_operator_give_up(struct rota_operator_context *s, int32_t rc);

#endif
