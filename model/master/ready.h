/* Ready tasks, by priority and age: one heap for each kind of task, so that a kind that no worker
 * can take holds up no other. An entry of a task that went another way is stale: it stays in its
 * heap until it comes first. */
#ifndef ROTA_MODEL_MASTER_READY_H
#define ROTA_MODEL_MASTER_READY_H

#include "model/master/belief.h"

/* The needs of the tasks of one kind: tags of the worker, and to run alone if they are suspect. */
struct rota_kind {
    rota_ref tags; /* separated by commas; 0: none */
    bool suspect;
    bool blocked;           /* in this step no worker can take one */
    struct rota_array heap; /* struct rota_ready */
};

/* An entry. */
struct rota_ready {
    int64_t age;           /* czxid of the task */
    uint64_t listed_order; /* of the task */
    uint64_t ready_turn;   /* the task's; if that is another one, the entry is stale */
    uint32_t task;
    int32_t priority;
};

struct rota_kind *rota_ready_kind(const struct rota_master_context *s, uint32_t i);

/* Makes a task READY, and puts it into the heap of its kind. */
void rota_ready_put(struct rota_master_context *s, uint32_t task);

/* A new round of placing: no kind is blocked. */
void rota_ready_unblock(struct rota_master_context *s);

/* The kind whose first task goes next, of those that are not blocked; ROTA_MAP_NONE if there is
 * none. */
uint32_t rota_ready_next(struct rota_master_context *s);

/* The first task of that kind, which stays in the heap; and removes it. */
uint32_t rota_ready_first(const struct rota_master_context *s, uint32_t kind);
void rota_ready_take(struct rota_master_context *s, uint32_t kind);

/* True if `tags`, separated by commas, contains each of the tags in `wanted`. */
bool rota_ready_carries(const char *tags, const char *wanted);

/* Asserts that every heap is in order, and that every READY task has its entry. */
void rota_ready_check(const struct rota_master_context *s);

#endif
