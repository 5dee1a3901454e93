/* What the reader's own files share: what was read so far, and how it asks. Only they include this.
 */
#ifndef ROTA_MODEL_READER_READER_CONTEXT_H
#define ROTA_MODEL_READER_READER_CONTEXT_H

#include "model/seam/requests.h"
#include "model/reader/reader.h"

/* One row to be. Texts are in the pool; 0 is "". */
struct rota_item {
    rota_ref name;    /* task, worker */
    rota_ref worker;  /* of a task or an assignment */
    rota_ref address; /* of a worker */
    rota_ref state;   /* of a task: the one it ended in */
    rota_ref note;
    rota_ref after; /* of a task: the names it comes after, a line each */
    rota_ref tags;  /* with commas between */
    int64_t due_ms; /* of a task: not before, since 1970; 0: at once */
    int64_t meant;  /* of a task that is cancelled: its czxid; below 0: any older than that */
    int64_t numbers[4];
    bool gone;
    bool retrying;
    bool cancelling;
    bool draining;
};

enum rota_reader_purpose {
    ROTA_READER_PURPOSE_MASTER = 1,
    ROTA_READER_PURPOSE_EPOCH,
    ROTA_READER_PURPOSE_TASKS,
    ROTA_READER_PURPOSE_WORKERS,
    ROTA_READER_PURPOSE_ASSIGN,
    ROTA_READER_PURPOSE_RETRIES,
    ROTA_READER_PURPOSE_CANCELS,
    ROTA_READER_PURPOSE_DRAINS,
    ROTA_READER_PURPOSE_HELD,       /* index: of the item, or the worker's name in the pool */
    ROTA_READER_PURPOSE_WORKER,     /* index: of the item */
    ROTA_READER_PURPOSE_ASSIGNMENT, /* index: of the item, or the worker's name in the pool */
    ROTA_READER_PURPOSE_TASK,
    ROTA_READER_PURPOSE_STATUS,
    ROTA_READER_PURPOSE_RETRY,
    ROTA_READER_PURPOSE_CANCEL,
    ROTA_READER_PURPOSE_PROGRESS,
    ROTA_READER_PURPOSE_WORKER_TAGS, /* get /workers/<w>, for its tags */
    ROTA_READER_PURPOSE_HISTORY,     /* get /history/<t> */
    ROTA_READER_PURPOSE_CREATE,
    ROTA_READER_PURPOSE_EXISTS,
    ROTA_READER_PURPOSE_BOUND,
};

/* A step under way. */
struct rota_reader_context {
    struct rota_reader *r;
    struct rota_pool *mem;
    struct rota_outbox *out;
};

/* A text of the pool; valid until something is taken from it. */
const char *rota_reader_text(const struct rota_reader_context *s, rota_ref ref);

/* An item by index, valid until something is taken from the pool; a new one. */
struct rota_item *rota_reader_item(const struct rota_reader_context *s, uint32_t i);
uint32_t rota_reader_new(struct rota_reader_context *s, const char *name);

/* Appends a request without data. */
void rota_reader_ask(struct rota_reader_context *s, enum rota_reader_purpose what, uint32_t index,
                     enum rota_op op, const char *path);

/* The names of a reply, sorted, in the outbox's memory. */
const char **rota_reader_sorted(struct rota_reader_context *s, const struct rota_reply *r);

/* The reader is at its end. */
void rota_reader_leave(struct rota_reader_context *s, enum rota_exit status, const char *sentence);

/* Lists of what there is: asks for them, takes a reply in, and goes on when all were heard: asks
 * for more, or gives the rows and leaves. */
void rota_reader_list_begin(struct rota_reader_context *s);
void rota_reader_list_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                              uint32_t index, const struct rota_reply *r);
void rota_reader_list_go_on(struct rota_reader_context *s);

/* The attempts of one task, in the same manner. */
void rota_reader_history_begin(struct rota_reader_context *s);
void rota_reader_history_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                                 uint32_t index, const struct rota_reply *r);
void rota_reader_history_go_on(struct rota_reader_context *s);

/* The making of the tree. */
void rota_reader_init_begin(struct rota_reader_context *s);
void rota_reader_init_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                              const struct rota_reply *r);
void rota_reader_init_go_on(struct rota_reader_context *s);

#endif
