/* Tasks: listing them, and reading their znodes. */
#ifndef ROTA_MODEL_MASTER_TASKS_H
#define ROTA_MODEL_MASTER_TASKS_H

#include "model/master/belief.h"

/* Sends the reads that are wanted, as far as they are allowed. */
void rota_tasks_read(struct rota_master_context *s);

/* Looks whether tasks that are held or have ended are still what they are believed to be. */
void rota_tasks_audit(struct rota_master_context *s);

/* Takes in the listing of /tasks, or of a directory with znodes of tasks. */
void rota_tasks_listed(struct rota_master_context *s, enum rota_directory which,
                       const struct rota_reply *r);

/* Takes in the reply to a read of one of the task's znodes. */
void rota_tasks_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                        uint32_t task, const struct rota_event *e);

/* Goes on with the tasks whose timers are due, as far as reads are allowed. */
void rota_tasks_due(struct rota_master_context *s);

#endif
