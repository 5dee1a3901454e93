/* The one place that decides what becomes of a task that no worker holds: whether it ends, waits,
 * or may be placed (docs/PROTOCOL.md, "Deciding about a task").
 *
 * Files above this one call it. Files below it cannot: what they learn may change the decision
 * about a task that waits, and they put the task on a list in the belief. The master works that
 * list off after each event and after it has looked at the hold of a mass loss. */
#ifndef ROTA_MODEL_MASTER_DECIDE_H
#define ROTA_MODEL_MASTER_DECIDE_H

#include "model/master/belief.h"

/* Decides about a task whose znodes were read. */
void rota_decide_task(struct rota_master_context *s, uint32_t task);

/* Decides about the tasks on the list, in the order in which they were put there. */
void rota_decide_listed(struct rota_master_context *s);

#endif
