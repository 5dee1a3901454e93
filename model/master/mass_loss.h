/* Mass loss: when more than a share of the workers is lost together, as after an outage of the
 * servers, what they held stays where it is for a while, so that those that come back get it back
 * (hazard 24). Nothing of that counts as a loss (rule 7). */
#ifndef ROTA_MODEL_MASTER_MASS_LOSS_H
#define ROTA_MODEL_MASTER_MASS_LOSS_H

#include "model/master/belief.h"

/* A worker is gone that was alive. */
void rota_mass_loss_lost(struct rota_master_context *s);

/* The state of all workers was read for the first time in this reign. */
void rota_mass_loss_recovered(struct rota_master_context *s);

/* A worker is back: it may have what it left. */
void rota_mass_loss_back(struct rota_master_context *s, uint32_t worker);

/* Ends a hold that is over. */
void rota_mass_loss_keep(struct rota_master_context *s);

bool rota_mass_loss_active(const struct rota_master_context *s);

/* Whether the task is to stay with its lost worker for now. */
bool rota_mass_loss_keeps(const struct rota_master_context *s, uint32_t task);

#endif
