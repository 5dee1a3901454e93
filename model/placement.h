/* What the master writes while it leads: every multi is fenced by /epoch. */
#ifndef ROTA_MODEL_PLACEMENT_H
#define ROTA_MODEL_PLACEMENT_H

#include "model/ledger.h"

/* A multi of `count` operations, the first of which checks the epoch (hazard 1; not /master: hazard
 * 2). The caller fills the rest. */
struct rota_operation *rota_placement_write(struct rota_step *s, enum rota_ask what, uint32_t index,
                                            uint32_t count);

/* Places ready tasks. */
void rota_placement_go(struct rota_step *s);

/* The history of a task that is about to leave the lost worker it is still assigned to. */
const char *rota_placement_history(struct rota_step *s, uint32_t task);

/* Deletes /assign of workers long gone. */
void rota_placement_sweep(struct rota_step *s);

/* Takes in the reply to one of these multis. False if the fence refused it: the epoch is over. */
bool rota_placement_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                            const struct rota_event *e);

#endif
