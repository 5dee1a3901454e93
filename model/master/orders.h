/* What the master tells a worker: drains and cancellations, in the data of its /assign/<w>. */
#ifndef ROTA_MODEL_MASTER_ORDERS_H
#define ROTA_MODEL_MASTER_ORDERS_H

#include "model/master/belief.h"

/* What is to be told may have changed. */
void rota_master_orders_want(struct rota_master_context *s, uint32_t worker);

/* Tells what is to be told. */
void rota_master_orders_go(struct rota_master_context *s);

/* Takes in the reply. False if the fence refused it. */
bool rota_master_orders_replied(struct rota_master_context *s, uint32_t worker,
                                const struct rota_event *e);

#endif
