/* What the reader's own files share: what was read so far, and how it asks. Only they include this.
 */
#ifndef ROTA_MODEL_READING_H
#define ROTA_MODEL_READING_H

#include "model/ask.h"
#include "model/reader.h"

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

enum rota_look_ask {
    ROTA_LOOK_MASTER = 1,
    ROTA_LOOK_EPOCH,
    ROTA_LOOK_LIST_TASKS,
    ROTA_LOOK_LIST_WORKERS,
    ROTA_LOOK_LIST_ASSIGN,
    ROTA_LOOK_LIST_RETRY,
    ROTA_LOOK_LIST_CANCEL,
    ROTA_LOOK_LIST_DRAIN,
    ROTA_LOOK_HOLDS,      /* index: of the item, or the worker's name in the pool */
    ROTA_LOOK_WORKER,     /* index: of the item */
    ROTA_LOOK_ASSIGNMENT, /* index: of the item, or the worker's name in the pool */
    ROTA_LOOK_TASK,
    ROTA_LOOK_STATE,
    ROTA_LOOK_RETRY,
    ROTA_LOOK_CANCEL,
    ROTA_LOOK_PROGRESS,
    ROTA_LOOK_CARRIED, /* get /workers/<w>, for its tags */
    ROTA_LOOK_PAST,    /* get /history/<t> */
    ROTA_LOOK_MAKE,
    ROTA_LOOK_MADE,
    ROTA_LOOK_BOUND,
};

/* A step under way. */
struct rota_look {
    struct rota_reader *r;
    struct rota_pool *mem;
    struct rota_outbox *out;
};

/* A text of the pool; valid until something is taken from it. */
const char *rota_look_text(const struct rota_look *s, rota_ref ref);

/* An item by index, valid until something is taken from the pool; a new one. */
struct rota_item *rota_look_item(const struct rota_look *s, uint32_t i);
uint32_t rota_look_new(struct rota_look *s, const char *name);

/* Appends a request without data. */
void rota_look_ask(struct rota_look *s, enum rota_look_ask what, uint32_t index, enum rota_op op,
                   const char *path);

/* The names of a reply, sorted, in the outbox's memory. */
const char **rota_look_sorted(struct rota_look *s, const struct rota_reply *r);

/* The reader is at its end. */
void rota_look_leave(struct rota_look *s, enum rota_exit status, const char *sentence);

/* Lists of what there is: asks for them, takes a reply in, and goes on when all were heard: asks
 * for more, or gives the rows and leaves. */
void rota_inventory_begin(struct rota_look *s);
void rota_inventory_replied(struct rota_look *s, enum rota_look_ask what, uint32_t index,
                            const struct rota_reply *r);
void rota_inventory_go_on(struct rota_look *s);

/* The attempts of one task, in the same manner. */
void rota_biography_begin(struct rota_look *s);
void rota_biography_replied(struct rota_look *s, enum rota_look_ask what, uint32_t index,
                            const struct rota_reply *r);
void rota_biography_go_on(struct rota_look *s);

/* The making of the tree. */
void rota_foundation_begin(struct rota_look *s);
void rota_foundation_replied(struct rota_look *s, enum rota_look_ask what,
                             const struct rota_reply *r);
void rota_foundation_go_on(struct rota_look *s);

#endif
