/* Dependencies: tasks that wait for the end of others. Who waits for whom is kept as edges from the
 * task that is awaited; a name in a specification that nobody knows is looked at. */
#ifndef ROTA_MODEL_MASTER_DEPENDENCIES_H
#define ROTA_MODEL_MASTER_DEPENDENCIES_H

#include "model/master/belief.h"

/* What a task's dependencies say: DONE, it may run; OTHERWISE, one of them was not done, `*which`
 * is its name in the outbox's memory; UNKNOWN, it has to wait, for `*which`. */
enum rota_master_final rota_dependencies_ask(struct rota_master_context *s, uint32_t task,
                                             const char **which);

/* A task has ended, in that state or, with NULL, by being removed: whoever waited for it is told.
 */
void rota_dependencies_ended(struct rota_master_context *s, uint32_t task, const char *state);

/* The task was placed, or has ended: what it came after may be needed no more. */
void rota_dependencies_begun(struct rota_master_context *s, uint32_t task);

/* Whether anybody is known who is to run after the task and has not been placed yet. Until then its
 * end must be there to be read, also for the next master. */
bool rota_dependencies_awaited(struct rota_master_context *s, uint32_t task);

#endif
