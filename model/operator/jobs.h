/* The jobs of the operator: each is one task or one worker that the command names. A job has at
 * most one request under way. */
#ifndef ROTA_MODEL_OPERATOR_JOBS_H
#define ROTA_MODEL_OPERATOR_JOBS_H

#include "model/operator/operator_context.h"

enum rota_operator_job_state {
    ROTA_OPERATOR_JOB_PENDING,  /* to be begun, or begun again */
    ROTA_OPERATOR_JOB_ASKING,   /* the reply to a request has not come */
    ROTA_OPERATOR_JOB_WATCHING, /* waits for a watch event or the audit */
    ROTA_OPERATOR_JOB_ENDED,
};

struct rota_operator_job {
    uint64_t id;
    rota_ref name; /* of the task or the worker */
    enum rota_operator_job_state state;
    uint32_t next;
    bool sent;             /* CANCEL, RETRY, UNDRAIN: the write was sent, and may have been done */
    bool written;          /* CANCEL, DRAIN: the write was done */
    bool overwrites;       /* CANCEL, RETRY, DRAIN: the znode to be written exists already */
    bool unwatched;        /* read without a watch, whose byte budget is used up: the audit reads */
    bool has_cancel;       /* RETRY: /cancel/<t> exists, and is to be deleted */
    bool has_collect;      /* RETRY: /collect/<t> exists, and is to be deleted */
    bool has_history;      /* RETRY: /history/<t> exists, and is to be deleted */
    bool task_read_only;   /* RETRY: the version of /tasks/<t> cannot be raised */
    int64_t task_czxid;    /* CANCEL: of the task that was found first; 0: none was */
    int64_t status_czxid;  /* RETRY: of the status that was read last */
    int64_t deleted_czxid; /* RETRY: of the status that the write that was sent deletes */
    rota_ref history;      /* RETRY: lines of earlier attempts */
};

/* Job `i`, and the name of its task or worker. Valid until something is taken from the pool. */
struct rota_operator_job *rota_operator_job_at(const struct rota_operator_context *s, uint32_t i);
const char *rota_operator_job_name(const struct rota_operator_context *s, uint32_t i);

/* Takes in a WAIT: makes a job, or ends it at once if its name is not valid or was given before. */
void rota_operator_job_add(struct rota_operator_context *s, const struct rota_event *e);

/* Takes the first pending job out of its queue, to be begun. There must be one. */
uint32_t rota_operator_job_take(struct rota_operator_context *s);

/* The job that watches the task or the worker of that name; ROTA_MAP_NONE if none does. */
uint32_t rota_operator_job_watching(const struct rota_operator_context *s, const char *name);

/* Makes job `i`, which is active, pending again. */
void rota_operator_job_restart(struct rota_operator_context *s, uint32_t i);

/* Ends job `i` with a RESULT action, which is returned for its output to be filled in, and is valid
 * until the next append. `state` and `reason` are borrowed for the step; `as_asked` is true if the
 * state is the one that the command asks for. */
struct rota_action *rota_operator_job_end(struct rota_operator_context *s, uint32_t i,
                                          bool as_asked, const char *state, const char *reason);

/* Ends job `i` because its task or worker does not exist. */
void rota_operator_job_missing(struct rota_operator_context *s, uint32_t i);

/* Append a request for job `i`, which is ASKING from then on: one that the caller fills, a read, a
 * CHILDREN with a watch (without one if the job is `unwatched`), a multi that the caller fills. */
struct rota_request *rota_operator_job_request(struct rota_operator_context *s,
                                               enum rota_operator_purpose purpose, uint32_t i);
void rota_operator_job_read(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                            uint32_t i, enum rota_op op, const char *path);
void rota_operator_job_watch(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                             uint32_t i, const char *path);
struct rota_operation *rota_operator_job_multi(struct rota_operator_context *s,
                                               enum rota_operator_purpose purpose, uint32_t i,
                                               uint32_t count);

/* Asserts that jobs, names, the queue and the counts are consistent. */
void rota_operator_job_check(const struct rota_operator_context *s);

#endif
