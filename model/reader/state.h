/* The state of the reader: plain data, with its records in a pool. */
#ifndef ROTA_MODEL_READER_STATE_H
#define ROTA_MODEL_READER_STATE_H

#include "model/base/map.h"
#include "model/seam/event.h"

/* The commands of a person. Each but INIT gives rows as ROW actions: their kind in quotes, their
 * cells, their numbers. */
enum rota_reader_command {
    ROTA_READER_LIST_TASKS,   /* "task": name, state, worker, note; attempt, bytes of the payload,
                                 priority. The state is the final status, or `cancelling`,
                                 `assigned`, `retrying`, `blocked` (by a dependency), `delayed`,
                                 `waiting`. Sorted by name */
    ROTA_READER_LIST_WORKERS, /* "worker": name, address, tags, `draining` or ""; slots, number of
                                 assignments. Sorted by name */
    ROTA_READER_LIST_ASSIGNMENTS, /* "assignment": worker, task; attempt, losses, epoch. Sorted by
                                     worker */
    ROTA_READER_STATUS,  /* "status", one row: master, "" if there is no leader; epoch, workers,
                            tasks, assignments */
    ROTA_READER_INIT,    /* creates the tree; harmless if the tree exists */
    ROTA_READER_HISTORY, /* "attempt": worker, outcome, reason; attempt, began_ms, ended_ms, fence;
                            a number is 0 if it is not known. The outcome of an attempt under way is
                            `assigned`, its ended_ms is 0 */
};

struct rota_reader_config {
    enum rota_reader_command command;
    char chroot[256];  /* INIT: created with its parents, by a handle without chroot; "": none */
    char task[256];    /* HISTORY: the task's name */
    int64_t max_tasks; /* INIT: the bound on the number of tasks, 0 for no bound; -1: not changed */
    int64_t now_ms; /* LIST_TASKS: the time by this machine's clock, since 1970, only for display;
                       0: the latest time found in the tree */
};

enum rota_reader_phase {
    ROTA_READER_PHASE_LISTS, /* the lists are read */
    ROTA_READER_PHASE_ROWS,  /* the znodes of each row are read */
    ROTA_READER_PHASE_TAGS,  /* LIST_TASKS: the tags of the workers are read */
};

struct rota_reader {
    struct rota_reader_config config;
    enum rota_reader_phase phase;
    bool up;               /* requests may be sent */
    bool create_forbidden; /* INIT: a create was refused by an access list */
    bool existence_read;   /* INIT: it was asked whether each znode exists */
    bool bound_sent;       /* INIT: the bound on the number of tasks was written */
    bool task_exists;      /* HISTORY */
    uint16_t generation;
    uint32_t replies_pending;
    uint32_t next_row;                          /* the first row whose znodes were not asked for */
    int64_t epoch, workers, tasks, assignments; /* STATUS */
    int64_t latest_ms;                          /* LIST_TASKS: the latest time found in the tree */
    rota_ref master;                            /* STATUS: the data of /master */
    rota_ref history;                           /* HISTORY: lines of attempts that have ended */
    struct rota_map names;                      /* of tasks or workers -> index of the row */
    struct rota_array rows;                     /* struct rota_reader_row */
    struct rota_array worker_tags;              /* LIST_TASKS: rota_ref, the tags of each worker */
};

#endif
