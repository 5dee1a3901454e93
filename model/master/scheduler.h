/* The scheduler: places ready tasks on workers with free slots. */
#ifndef ROTA_MODEL_MASTER_SCHEDULER_H
#define ROTA_MODEL_MASTER_SCHEDULER_H

#include "model/master/belief.h"

/* Places ready tasks: the most urgent first, each on the least loaded worker. One multi for each
 * worker, at most one of them under way. */
void rota_scheduler_place(struct rota_master_context *s);

/* Takes in the reply to such a multi that the fence did not refuse. */
void rota_scheduler_placed(struct rota_master_context *s, uint32_t worker,
                           const struct rota_event *e);

#endif
