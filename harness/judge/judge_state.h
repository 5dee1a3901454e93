/* The state of the judge, and what its rules share: how a broken invariant is reported, and facts
 * about processes and tasks. */
#ifndef ROTA_HARNESS_JUDGE_JUDGE_STATE_H
#define ROTA_HARNESS_JUDGE_JUDGE_STATE_H

#include "harness/judge/history.h"

enum { ROTA_INVOLVED_MAX = 4 };

/* A broken invariant. */
struct rota_breach {
    enum rota_invariant invariant;
    rota_time time;
    char text[400]; /* what is wrong, with task, zxids and processes */
    uint32_t involved[ROTA_INVOLVED_MAX];
    uint32_t involved_count;
};

/* A znode that exists from the start, or that another program has created since. */
struct rota_judge_node {
    char *path;
    uint64_t data_hash;
    bool foreign; /* of another program: it may be missing, and hold anything */
};

struct rota_judge {
    const struct rota_scenario *s; /* borrowed */
    struct rota_world *w;          /* borrowed */
    struct rota_history *h;        /* borrowed */
    int32_t epoch;                 /* version of /epoch */
    int64_t epoch_holder;          /* the session that won it; 0: none */
    int64_t epoch_zxid;            /* when it was won */
    struct rota_judge_node *nodes; /* see expected_tree.h */
    uint32_t node_count;
    uint32_t node_capacity;
    bool has_suspects; /* a task was assigned that must run alone */
    uint32_t *touched; /* the tasks of a transaction */
    uint32_t touched_capacity;
    bool broken;
    struct rota_breach breach;
};

/* A breach about a task: the worker that ran it last is involved, too. */
#define ROTA_BREAK_TASK(j, invariant, who, task, ...)                                              \
    do {                                                                                           \
        rota_judge_break((j), ROTA_INVARIANT_##invariant, (who), __VA_ARGS__);                     \
        rota_judge_involve((j), (task)->last_worker);                                              \
    } while (0)

/* Reports that `who` broke an invariant, unless the scenario turns the invariant off or there is a
 * breach already. `who` is ROTA_NOBODY if no process did. */
void rota_judge_break(struct rota_judge *j, enum rota_invariant invariant, uint32_t who,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Names one more process in the breach; ROTA_NOBODY adds none. */
void rota_judge_involve(struct rota_judge *j, uint32_t who);

/* The name of a process, "another client" for ROTA_NOBODY. Borrowed from the world. */
const char *rota_judge_name(const struct rota_judge *j, uint32_t who);

bool rota_judge_is(const struct rota_judge *j, uint32_t who, enum rota_part part);

/* The process that registers under this name; ROTA_NOBODY if there is none. */
uint32_t rota_judge_worker(const struct rota_judge *j, const char *name);

/* Hashes of a znode's data, and of the result in a status, which follows its first line. */
uint64_t rota_judge_hash_data(struct rota_bytes data);
uint64_t rota_judge_hash_result(struct rota_bytes status);

/* The tree of the servers. */
const struct rota_tree *rota_judge_tree(const struct rota_judge *j);

/* The task with this name, added if it is new. Borrowed until the next task is added. */
struct rota_task *rota_judge_task(struct rota_judge *j, const char *name);

/* How many workers a task may lose before it is dead. */
uint32_t rota_judge_losses(const struct rota_judge *j, const struct rota_task *t);

/* Whether a status can begin with this word. */
bool rota_judge_is_final(const char *state);

/* Whether the last run ended with an exit status that is not retried, or for taking too long. */
bool rota_judge_ended_fatally(const struct rota_task *t);
bool rota_judge_timed_out(const struct rota_task *t);

#endif
