/* The jobs of the client: each is a task that it submits or waits for. */
#ifndef ROTA_MODEL_CLIENT_JOBS_H
#define ROTA_MODEL_CLIENT_JOBS_H

#include "model/client/client_context.h"

enum rota_job_state {
    ROTA_JOB_NEW,        /* in no queue yet */
    ROTA_JOB_TO_CHECK,   /* its dependencies are to be read and marked */
    ROTA_JOB_CHECKING,   /* a dependency is being read or marked */
    ROTA_JOB_TO_CREATE,  /* its task is to be created */
    ROTA_JOB_CREATING,   /* in the multi of creates */
    ROTA_JOB_UNRESOLVED, /* it is not known whether its task exists: the create has an unknown
                            outcome (hazard 5), or a name given by the caller exists, or it is to be
                            refused under such a name */
    ROTA_JOB_TO_WATCH,   /* the task was created */
    ROTA_JOB_WATCHED,    /* the children of the task are being read, or are watched */
    ROTA_JOB_NOT_FOUND,  /* the task does not exist: /tasks is being looked for */
    ROTA_JOB_TO_FETCH,   /* the task has a final status */
    ROTA_JOB_FETCHING,   /* the status is being read */
    ROTA_JOB_REPORTED,   /* RESULT was given; COLLECT is to come */
    ROTA_JOB_TO_COLLECT, /* the task is to be removed */
    ROTA_JOB_COLLECTING, /* in the multi of deletes */
    ROTA_JOB_COMPARING,  /* the task changed: it is being read whether the status is the same */
};

struct rota_job {
    uint64_t id;
    rota_ref name;
    enum rota_job_state state;
    uint32_t next; /* in its queue, or free */
    rota_ref payload;
    int32_t payload_length; /* -1: no data */
    uint32_t held_bytes;    /* of the result that was given */
    int32_t version;        /* of the task, read before its status or with it */
    int64_t status_czxid;   /* of the status that was read; 0: none was */
    bool used;              /* false: the record is free */
    bool submitted;         /* from a SUBMIT; false: from a WAIT */
    bool name_given;        /* by the caller: another client may have given it too */
    bool name_exists;       /* UNRESOLVED: a task of that name certainly exists, or is looked
                               for before a refusal */
    bool has_status;        /* it is to be removed with the task */
    bool awaited;           /* other tasks depend on it: the master removes it */
    bool overwrites;        /* /collect/<t> exists, perhaps for a former status: it is set */
    struct rota_array dependencies; /* rota_ref: their names */
    uint32_t dependencies_marked;   /* the first ones, which are marked as awaited */
    rota_ref progress;              /* the line that was given last */
    rota_ref refusal;               /* UNRESOLVED: why it is refused if the task does not exist */
};

/* A job by index, and its name. Valid until something is taken from the pool. */
struct rota_job *rota_job_at(const struct rota_client_context *s, uint32_t i);
const char *rota_job_name(const struct rota_client_context *s, uint32_t i);

/* A new job; the job with that id, ROTA_MAP_NONE if there is none. */
uint32_t rota_job_add(struct rota_client_context *s, uint64_t id);
uint32_t rota_job_find(const struct rota_client_context *s, uint64_t id);

/* Gives job `i`, which has none, the name of its task. */
void rota_job_set_name(struct rota_client_context *s, uint32_t i, const char *name);

/* Puts job `i`, which is in no queue, into a state, and behind its queue if the state has one. */
void rota_job_enter(struct rota_client_context *s, uint32_t i, enum rota_job_state state);

/* Takes job `i` out of the queue of its state, if it has one. */
void rota_job_leave_queue(struct rota_client_context *s, uint32_t i);

/* The first job of a queue, which is taken out of it. The queue must not be empty. */
uint32_t rota_job_pop(struct rota_client_context *s, struct rota_queue *q);

/* The job behind `i` in its queue, as index + 1; 0 at the end. */
uint32_t rota_job_next(const struct rota_client_context *s, uint32_t i);

/* Gives back the payload of a job that does not need it any more. */
void rota_job_drop_payload(struct rota_client_context *s, uint32_t i);

/* Ends job `i`, which is in no queue: its record is used again. */
void rota_job_end(struct rota_client_context *s, uint32_t i);

/* Appends a read for job `i`. */
void rota_job_read(struct rota_client_context *s, enum rota_client_purpose purpose, uint32_t i,
                   enum rota_op op, const char *path, bool watch);

/* Appends an action about job `i` for the host, and returns it. Valid until the next append; its
 * name is valid for the step, also if the job ends. */
struct rota_action *rota_job_add_action(struct rota_client_context *s, enum rota_action_kind kind,
                                        uint32_t i);

/* Ends job `i` with a RESULT that is no status of its task: `missing` or `refused`. A refusal
 * counts for the exit status. */
void rota_job_report(struct rota_client_context *s, uint32_t i, const char *state,
                     const char *reason);

/* Reads whether the task of job `i`, which is UNRESOLVED, exists. Without a connection that is done
 * at the next UP. */
void rota_job_resolve(struct rota_client_context *s, uint32_t i);

/* Refuses job `i`, which is in no queue. If the caller gave the name, it is first read whether the
 * task exists already under that name: then it was submitted before, and is not refused. */
void rota_job_refuse(struct rota_client_context *s, uint32_t i, const char *why);

/* Asserts that jobs, names, ids, queues and counts are consistent. */
void rota_job_check(const struct rota_client_context *s);

#endif
