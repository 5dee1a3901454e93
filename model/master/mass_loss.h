/* Mass loss: more than a share of the workers is lost together, as after an outage of the servers.
 * Then their tasks stay where they are for a while (the hold), so that workers that return get them
 * back (hazard 24). None of these losses counts (rule 7). */
#ifndef ROTA_MODEL_MASTER_MASS_LOSS_H
#define ROTA_MODEL_MASTER_MASS_LOSS_H

#include "model/master/belief.h"

/* A worker that was alive is gone. */
void rota_mass_loss_count(struct rota_master_context *s);

/* All workers were read for the first time since the election: some may have been lost before. */
void rota_mass_loss_recover(struct rota_master_context *s);

/* A worker has returned: its tasks are decided about again. */
void rota_mass_loss_return(struct rota_master_context *s, uint32_t worker);

/* Ends a hold that is over: all tasks that stayed are decided about again. */
void rota_mass_loss_end(struct rota_master_context *s);

/* True during a hold. */
bool rota_mass_loss_active(const struct rota_master_context *s);

/* True if the task is to stay with its lost worker for now. */
bool rota_mass_loss_holds(const struct rota_master_context *s, uint32_t task);

#endif
