/* What must always hold, judged from committed transactions and from what processes did. It shares
 * no logic with the roles: paths and meanings are written here once more, from docs/PROTOCOL.md.
 *
 * A breach names the task, the transactions or processes that contradict each other, and the step:
 * how many events the process had heard. The judge keeps the history up to date while it looks, and
 * stops at the first breach. */
#ifndef ROTA_HARNESS_JUDGE_JUDGE_H
#define ROTA_HARNESS_JUDGE_JUDGE_H

#include "harness/judge/history.h"

enum { ROTA_INVOLVED_MOST = 4 };

struct rota_breach {
    enum rota_invariant invariant;
    rota_time time;
    char text[400]; /* what is wrong, with task, zxids and processes */
    uint32_t involved[ROTA_INVOLVED_MOST];
    uint32_t involved_count;
};

/* A znode of time 0, or one that a stranger made since. */
struct rota_judge_node {
    char *path;
    uint64_t data; /* a hash */
    bool strange;  /* a stranger's: it may be there or not, and hold what it will */
};

struct rota_judge {
    const struct rota_scenario *s; /* borrowed */
    struct rota_world *w;          /* borrowed */
    struct rota_history *h;        /* borrowed */
    int32_t epoch;                 /* version of /epoch */
    int64_t epoch_holder;          /* session that won it, 0 for none */
    int64_t epoch_zxid;            /* when */
    struct rota_judge_node *base;  /* the tree of time 0, and strangers' znodes */
    uint32_t base_count;
    uint32_t base_capacity;
    bool suspected;    /* some task was assigned that is to run alone */
    uint32_t *touched; /* the tasks of a transaction */
    uint32_t touched_capacity;
    bool broken;
    struct rota_breach breach;
};

/* Begins to judge a world that has not seen a transaction. Everything is borrowed. */
void rota_judge_init(struct rota_judge *j, const struct rota_scenario *s, struct rota_world *w,
                     struct rota_history *h);

/* Remembers the tree as it is: that of time 0. */
void rota_judge_remember(struct rota_judge *j);

/* Frees the memory. */
void rota_judge_close(struct rota_judge *j);

/* The world's hooks of the same names. */
void rota_judge_stepping(struct rota_judge *j, uint32_t who);
void rota_judge_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *commit);
void rota_judge_acted(struct rota_judge *j, uint32_t who, const struct rota_action *action);
void rota_judge_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run);
void rota_judge_misfortune(struct rota_judge *j, uint32_t who);

/* The world's hook `before`. */
void rota_judge_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *request);

/* The world's hook `applied`, for what was not done. */
void rota_judge_refused(struct rota_judge *j, uint32_t who, const struct rota_request *request,
                        int32_t rc);

/* Whether the tree is what it was at time 0, but for what the living leave in it; otherwise `path`
 * of `size` bytes names a znode that is too much, or missing. */
bool rota_judge_tree(const struct rota_judge *j, char *path, size_t size);

/* Names a breach, unless the scenario does without the invariant or there is one already. */
void rota_judge_break(struct rota_judge *j, enum rota_invariant invariant, uint32_t who,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
