/* Mass loss: when more than a share of the workers is lost together, as after an outage of the
 * servers, what they held stays where it is for a while, so that those that come back get it back
 * (hazard 24). Nothing of that counts as a loss (rule 7). */
#ifndef ROTA_MODEL_HOLD_H
#define ROTA_MODEL_HOLD_H

#include "model/ledger.h"

/* A worker is gone that was alive. */
void rota_hold_lost(struct rota_step *s);

/* The state of all workers was read for the first time in this reign. */
void rota_hold_recovered(struct rota_step *s);

/* A worker is back: it may have what it left. */
void rota_hold_back(struct rota_step *s, uint32_t worker);

/* Ends a hold that is over. */
void rota_hold_keep(struct rota_step *s);

bool rota_hold_active(const struct rota_step *s);

/* Whether the task is to stay with its lost worker for now. */
bool rota_hold_keeps(const struct rota_step *s, uint32_t task);

#endif
