/* The step of the reader under way, the purposes of its requests, and its rows. */
#ifndef ROTA_MODEL_READER_READER_CONTEXT_H
#define ROTA_MODEL_READER_READER_CONTEXT_H

#include "model/base/pool.h"
#include "model/reader/state.h"
#include "model/seam/outbox.h"

/* One step: the reader's state, its pool and the outbox of the step. */
struct rota_reader_context {
    struct rota_reader *r;
    struct rota_pool *mem;
    struct rota_outbox *out;
};

/* The purpose of a request, and the meaning of the index in its tag. */
enum rota_reader_purpose {
    ROTA_READER_PURPOSE_MASTER = 1,  /* get /master */
    ROTA_READER_PURPOSE_EPOCH,       /* exists /epoch */
    ROTA_READER_PURPOSE_TASKS,       /* children of /tasks; STATUS: exists /tasks */
    ROTA_READER_PURPOSE_WORKERS,     /* children of /workers */
    ROTA_READER_PURPOSE_ASSIGN,      /* children of /assign */
    ROTA_READER_PURPOSE_RETRIES,     /* children of /retry */
    ROTA_READER_PURPOSE_CANCELS,     /* children of /cancel */
    ROTA_READER_PURPOSE_DRAINS,      /* children of /drain */
    ROTA_READER_PURPOSE_HELD,        /* children of /assign/<w>; the row of the worker, or its name
                                        in the pool if rows are not workers */
    ROTA_READER_PURPOSE_WORKER,      /* get /workers/<w>; the row */
    ROTA_READER_PURPOSE_ASSIGNMENT,  /* get /assign/<w>/<t>; the row, or HISTORY: the worker's name
                                        in the pool */
    ROTA_READER_PURPOSE_TASK,        /* get /tasks/<t>; the row. HISTORY: exists /tasks/<t> */
    ROTA_READER_PURPOSE_TASK_STATUS, /* get /tasks/<t>/status; the row */
    ROTA_READER_PURPOSE_RETRY,       /* get /retry/<t>; the row */
    ROTA_READER_PURPOSE_CANCEL,      /* get /cancel/<t>; the row */
    ROTA_READER_PURPOSE_PROGRESS,    /* get /progress/<t>; the row */
    ROTA_READER_PURPOSE_WORKER_TAGS, /* get /workers/<w>, for its tags */
    ROTA_READER_PURPOSE_HISTORY,     /* get /history/<t> */
    ROTA_READER_PURPOSE_CREATE,      /* create a znode of the tree */
    ROTA_READER_PURPOSE_EXISTS,      /* exists, of a znode of the tree */
    ROTA_READER_PURPOSE_BOUND,       /* set /tasks */
};

/* A row to be given. Texts are in the pool; 0 is "". */
struct rota_reader_row {
    rota_ref name;         /* of the task or the worker; an attempt: its worker */
    rota_ref worker;       /* of a task or an assignment */
    rota_ref address;      /* of a worker */
    rota_ref state;        /* of a task: its final status; of an attempt: its outcome */
    rota_ref note;         /* an attempt: the reason */
    rota_ref dependencies; /* of a task: names, one a line */
    rota_ref tags;         /* separated by commas; of a task with one at the end */
    int64_t due_ms;        /* of a task: when it may run, since 1970; 0: at once */
    int64_t cancel_czxid;  /* of a task: the czxid in /cancel/<t>; below 0: it names none, and any
                              task that is older than -cancel_czxid is to be cancelled */
    int64_t numbers[4];
    bool gone; /* the znode of the row was removed in the meantime */
    bool retrying;
    bool cancelling;
    bool draining;
};

/* A text of the pool, valid until something is taken from the pool. */
const char *rota_reader_text(const struct rota_reader_context *s, rota_ref ref);

/* Row `i`, valid until something is taken from the pool; the index of a new row with that name. */
struct rota_reader_row *rota_reader_row_at(const struct rota_reader_context *s, uint32_t i);
uint32_t rota_reader_row_add(struct rota_reader_context *s, const char *name);

/* Appends a read of `path`, or a CREATE with empty data. */
void rota_reader_request(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                         uint32_t index, enum rota_op op, const char *path);

/* The names of the children in a reply, sorted, in the outbox's memory. */
const char **rota_reader_sorted_names(struct rota_reader_context *s, const struct rota_reply *r);

/* Appends the end of the process. */
void rota_reader_exit(struct rota_reader_context *s, enum rota_exit status, const char *sentence);

#endif
