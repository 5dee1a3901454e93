/* The client's jobs, and what the client's own files share: the step under way and how it asks.
 * Only they include this. */
#ifndef ROTA_MODEL_CLIENT_JOBS_H
#define ROTA_MODEL_CLIENT_JOBS_H

#include "model/seam/requests.h"
#include "model/client/client.h"

enum rota_job_state {
    ROTA_JOB_LOOK,    /* the tasks it comes after are to be looked at */
    ROTA_JOB_LOOKING, /* one of them is being looked at */
    ROTA_JOB_PUT,     /* to be created */
    ROTA_JOB_PUTTING, /* in a multi of creates */
    ROTA_JOB_DOUBT,   /* created, perhaps: to be resolved behind a barrier (hazard 5). Or its name,
                         which was given, is taken: by the same task? */
    ROTA_JOB_PENDING, /* created, to be watched */
    ROTA_JOB_WATCHED, /* its children are watched, or asked for */
    ROTA_JOB_MISSING, /* is not there: is the tree? */
    ROTA_JOB_ENDED,   /* has a status, to be fetched */
    ROTA_JOB_FETCHING,
    ROTA_JOB_REPORTED,   /* RESULT was given */
    ROTA_JOB_COLLECT,    /* to be removed */
    ROTA_JOB_COLLECTING, /* in a multi of deletes */
    ROTA_JOB_COMPARING,  /* it was changed: has it still the end that was read? */
};

struct rota_job {
    uint64_t id;
    rota_ref name;
    enum rota_job_state state;
    uint32_t next;
    rota_ref payload;
    int32_t payload_length; /* -1: no data */
    uint32_t held;          /* bytes of the result that was given */
    int32_t version;        /* of its task, seen before its end or with it */
    int64_t end;            /* czxid of the status that was read; 0: none was */
    bool used;
    bool submitted;          /* by us: named is to be said */
    bool given;              /* the name was: another client may have given it, too */
    bool taken;              /* DOUBT: the name is, for certain */
    bool has_status;         /* to be removed with the task */
    bool awaited;            /* others wait for its end: it is not for us to remove */
    uint32_t looked;         /* of the tasks it comes after, those that are marked as awaited */
    struct rota_array after; /* rota_ref: their names */
    rota_ref progress;       /* the line told last */
    rota_ref refusal;        /* DOUBT: why it is refused if it is not there */
};

/* What it asks: for the submission up to RESOLVE, then for the collection. */
enum rota_client_purpose {
    ROTA_CLIENT_PURPOSE_DEPENDENCY = 1, /* get /tasks/<a>, which a job comes after */
    ROTA_CLIENT_PURPOSE_MARK,           /* set /tasks/<a>, as it is: it is awaited from then on */
    ROTA_CLIENT_PURPOSE_BOUND,          /* get /tasks: how many tasks there may be, and are */
    ROTA_CLIENT_PURPOSE_SUBMIT,
    ROTA_CLIENT_PURPOSE_RESOLVE,  /* exists or get /tasks/<t> after an unknown create, or a taken
                                     name */
    ROTA_CLIENT_PURPOSE_TREE,     /* exists /tasks, when a task is missing that was not ours */
    ROTA_CLIENT_PURPOSE_WATCH,    /* children of /tasks/<t> */
    ROTA_CLIENT_PURPOSE_RESULT,   /* get /tasks/<t>/status */
    ROTA_CLIENT_PURPOSE_PROGRESS, /* get /progress/<t> */
    ROTA_CLIENT_PURPOSE_COLLECT,
    ROTA_CLIENT_PURPOSE_VERSION,      /* exists /tasks/<t>, and then */
    ROTA_CLIENT_PURPOSE_STATUS,       /* exists /tasks/<t>/status, whose removal was refused */
    ROTA_CLIENT_PURPOSE_RETRY_DELETE, /* delete /retry/<t> of a withdrawn task */
};

enum { ROTA_CLIENT_BATCH = 500 }; /* jobs in one multi */

/* A step under way. */
struct rota_client_context {
    struct rota_client *c;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

/* A job by index, and its name; valid until something is taken from the pool. */
struct rota_job *rota_job_at(const struct rota_client_context *s, uint32_t i);
const char *rota_job_name(const struct rota_client_context *s, uint32_t i);

/* Where the links of the client's queues are. */
struct rota_links rota_job_links(const struct rota_client_context *s);

/* Puts a job at the end of a queue, in that state. */
void rota_job_queue(struct rota_client_context *s, struct rota_queue *q, uint32_t i,
                    enum rota_job_state state);

/* Appends a read about a job, in the present generation. */
void rota_job_read(struct rota_client_context *s, enum rota_client_purpose what, uint32_t i,
                   enum rota_op op, const char *path, bool watch);

/* The tag of a question asked in the present generation of belief. */
uint64_t rota_job_tag(const struct rota_client_context *s, enum rota_client_purpose what,
                      uint32_t i);

/* The client is at its end. */
void rota_client_leave(struct rota_client_context *s, enum rota_exit status, const char *sentence);

/* A new job; the job of that id, ROTA_MAP_NONE if there is none. */
uint32_t rota_job_new(struct rota_client_context *s, uint64_t id);
uint32_t rota_job_find(const struct rota_client_context *s, uint64_t id);

/* Gives a job the name of its task. */
void rota_job_call(struct rota_client_context *s, uint32_t i, const char *name);

/* Forgets the payload of a job that does not need it any more. */
void rota_job_unload(struct rota_client_context *s, uint32_t i);

/* A job is over: its record is used again. */
void rota_job_end(struct rota_client_context *s, uint32_t i);

/* Tells the host about a job; the name lives in the outbox, for the record may go. Valid until the
 * next append. */
struct rota_action *rota_job_tell(struct rota_client_context *s, enum rota_action_kind kind,
                                  uint32_t i);

/* The job's task ends without having a status to read; so does the job. With the state `refused` it
 * is one of those that make the exit status. */
void rota_job_report(struct rota_client_context *s, uint32_t i, const char *state,
                     const char *reason);

/* Asks what stands under the name of a job in doubt; without a connection, with the next one. */
void rota_job_resolve(struct rota_client_context *s, uint32_t i);

/* Refuses a job that is in no queue, unless its task is there already under the name it was given:
 * that is looked at first. */
void rota_job_refuse(struct rota_client_context *s, uint32_t i, const char *why);

/* Leaves for a refusal that no job can change. */
void rota_client_impossible(struct rota_client_context *s, int32_t rc);

#endif
