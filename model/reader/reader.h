/* The reader: looks at the tree for people, once, without a watch; and makes it (`rota init`). */
#ifndef ROTA_MODEL_READER_READER_H
#define ROTA_MODEL_READER_READER_H

#include "model/seam/event.h"
#include "model/base/map.h"
#include "model/seam/outbox.h"
#include "model/base/pool.h"
#include "model/seam/role.h"

/* What is read, and the ROW actions that come of it, sorted by their first cells. */
enum rota_reader_command {
    ROTA_READER_LIST_TASKS,   /* "task": name, state, worker, note; numbers: attempt, payload bytes,
                             priority. The state it ended in, or `cancelling`, `assigned`,
                             `retrying`, `blocked` (by what it comes after), `delayed`, `waiting` */
    ROTA_READER_LIST_WORKERS, /* "worker": name, address, tags, `draining` or ""; numbers: slots,
                             tasks held */
    ROTA_READER_LIST_ASSIGNMENTS, /* "assignment": worker, task; numbers: attempt, losses, epoch */
    ROTA_READER_STATUS,  /* "status": master ("" if none leads); numbers: epoch, workers, tasks,
                             assignments */
    ROTA_READER_INIT,    /* no rows: creates the tree, harmless if it is there */
    ROTA_READER_HISTORY, /* "attempt": worker, how, reason; numbers: attempt, began_ms, ended_ms,
                             fence; 0: not known. How an attempt under way stands is `assigned`, and
                             its ended_ms 0 */
};

struct rota_reader_config {
    enum rota_reader_command command;
    char chroot[256]; /* INIT: created with its parents, by a handle without chroot; "" for none */
    char task[256];   /* HISTORY: of which task */
    int64_t
        max_tasks;  /* INIT: the most tasks there may be at once, 0 for any number; -1 leaves it */
    int64_t now_ms; /* TASKS: the time by this machine's clock, since 1970, for what is shown only;
                       0: the latest time seen in the tree */
};

enum rota_reader_phase {
    ROTA_READER_PHASE_LISTS, /* the lists are read */
    ROTA_READER_PHASE_ITEMS, /* now one by one */
    ROTA_READER_PHASE_TAGS,  /* TASKS: the tags of workers */
};

struct rota_reader {
    struct rota_reader_config config;
    enum rota_reader_phase phase;
    bool up;
    bool refused; /* INIT: a create, for want of permission */
    bool looked;  /* INIT: whether it is all there */
    bool bound;   /* INIT: the bound is being written */
    uint16_t generation;
    uint32_t asking; /* replies awaited */
    uint32_t next;   /* first item not asked about */
    int64_t epoch;
    int64_t workers, tasks, assignments;
    int64_t seen_ms;           /* TASKS: the latest time in the tree */
    rota_ref master;           /* data of /master */
    struct rota_map names;     /* of tasks or workers -> item */
    struct rota_array item;    /* struct rota_item */
    struct rota_array carried; /* TASKS: rota_ref, the tags of each worker */
    bool there;                /* HISTORY: the task */
    rota_ref past;             /* HISTORY: lines of attempts that have ended */
};

/* Initialises. `config` is copied. */
void rota_reader_init(struct rota_reader *r, const struct rota_reader_config *config);

/* One step: takes an event, appends what is to be done. */
void rota_reader_step(struct rota_reader *r, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* The table by which a driver runs it; its config is struct rota_reader_config. */
extern const struct rota_role rota_reader_role;

#endif
