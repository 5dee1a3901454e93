/* Dependencies: which tasks wait for the final status of which others. They are kept as edges from
 * the task that is waited for; a name in a specification that is not in the cache is read. */
#ifndef ROTA_MODEL_MASTER_DEPENDENCIES_H
#define ROTA_MODEL_MASTER_DEPENDENCIES_H

#include "model/master/belief.h"

/* Whether the task's dependencies allow it to run. DONE: all are done. NOT_DONE: `*which`, a name
 * in the outbox's memory, has another final status. UNKNOWN: it has to wait, among others for
 * `*which`. The first call links the task to its dependencies. */
enum rota_master_final rota_dependencies_ask(struct rota_master_context *s, uint32_t task,
                                             const char **which);

/* The task has that final status or, with NULL, was removed. If it is `done`, the tasks that are
 * blocked by it are decided about again; otherwise they are skipped. */
void rota_dependencies_ended(struct rota_master_context *s, uint32_t task, const char *state);

/* The task was placed, or has ended: the tasks that it depends on may not be needed any more. */
void rota_dependencies_begun(struct rota_master_context *s, uint32_t task);

/* True if a known task depends on this one and was not placed yet. Until then the final status must
 * stay in the tree, so that the next master can read it as well. */
bool rota_dependencies_awaited(struct rota_master_context *s, uint32_t task);

/* Asserts that every edge is in exactly one list. */
void rota_dependencies_check(const struct rota_master_context *s);

#endif
