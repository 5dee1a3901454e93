/* Tasks that may be placed, in the order of priority and age: one heap for each kind of worker they
 * want, so that those nobody can take hold up no others. */
#ifndef ROTA_MODEL_MASTER_READY_H
#define ROTA_MODEL_MASTER_READY_H

#include "model/master/belief.h"

/* What tasks want of a worker: tags, and to be alone when they are suspect (rule 7). */
struct rota_kind {
    rota_ref tags; /* with commas between; 0: none */
    bool suspect;
    bool blocked;           /* in this step nobody can take one */
    struct rota_array heap; /* struct rota_ready */
};

struct rota_ready {
    int64_t age;
    uint64_t listed_order;
    uint64_t ready_turn; /* the task's, or it went another way meanwhile */
    uint32_t task;
    int32_t priority;
};

struct rota_kind *rota_ready_kind(const struct rota_master_context *s, uint32_t i);

/* Puts a task among them. */
void rota_ready_put(struct rota_master_context *s, uint32_t task);

/* The kind whose first task goes next, of those that are not blocked; ROTA_MAP_NONE if none is. */
uint32_t rota_ready_next(struct rota_master_context *s);

/* Its first task, which stays; and takes it out. */
uint32_t rota_ready_first(const struct rota_master_context *s, uint32_t kind);
void rota_ready_take(struct rota_master_context *s, uint32_t kind);

/* A new step: no kind is blocked. */
void rota_ready_open(struct rota_master_context *s);

/* Whether so many workers were lost under the task that it runs alone. */
bool rota_ready_suspect(const struct rota_master_task *t);

/* Whether `tags`, with commas between, holds every one of `wanted`. */
bool rota_ready_carries(const char *tags, const char *wanted);

#endif
