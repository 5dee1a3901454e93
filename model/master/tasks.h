/* Tasks: reading their znodes, and the one place that decides what becomes of a task nobody holds.
 */
#ifndef ROTA_MODEL_MASTER_TASKS_H
#define ROTA_MODEL_MASTER_TASKS_H

#include "model/master/belief.h"

/* Sends the reads that are wanted. */
void rota_tasks_ask(struct rota_master_context *s);

/* Takes in the listing of a directory of tasks. */
void rota_tasks_listed(struct rota_master_context *s, enum rota_directory which,
                       const struct rota_reply *r);

/* Takes in the reply to a read of one task. */
void rota_tasks_replied(struct rota_master_context *s, enum rota_master_purpose what, uint32_t task,
                        const struct rota_event *e);

/* Carries out what has come to its time. */
void rota_tasks_due(struct rota_master_context *s);

/* Decides anew about a task that waits. */
void rota_tasks_decide(struct rota_master_context *s, uint32_t task);

/* The end of `awaited`, in that state or, with NULL, by its removal, is known to a task that waited
 * for it. */
void rota_tasks_unblock(struct rota_master_context *s, uint32_t task, const char *awaited,
                        const char *state);

#endif
