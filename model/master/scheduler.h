/* What the master writes while it leads: every multi is fenced by /epoch. */
#ifndef ROTA_MODEL_MASTER_SCHEDULER_H
#define ROTA_MODEL_MASTER_SCHEDULER_H

#include "model/master/belief.h"

/* A multi of `count` operations, the first of which checks the epoch (hazard 1; not /master: hazard
 * 2). The caller fills the rest. */
struct rota_operation *rota_scheduler_write(struct rota_master_context *s,
                                            enum rota_master_purpose what, uint32_t index,
                                            uint32_t count);

/* Places ready tasks. */
void rota_scheduler_go(struct rota_master_context *s);

/* The history of a task that is about to leave the lost worker it is still assigned to. */
const char *rota_scheduler_history(struct rota_master_context *s, uint32_t task);

/* Deletes /assign of workers long gone. */
void rota_scheduler_sweep(struct rota_master_context *s);

/* Takes in the reply to one of these multis. False if the fence refused it: the epoch is over. */
bool rota_scheduler_replied(struct rota_master_context *s, enum rota_master_purpose what,
                            uint32_t index, const struct rota_event *e);

#endif
