/* Orders: drains and cancellations, which the master writes into the data of a worker's /assign/<w>
 * (docs/PROTOCOL.md, "Working"). */
#ifndef ROTA_MODEL_MASTER_ORDERS_H
#define ROTA_MODEL_MASTER_ORDERS_H

#include "model/master/belief.h"

/* The orders of a worker may be stale: this step compares them. */
void rota_master_orders_want(struct rota_master_context *s, uint32_t worker);

/* Writes the orders of workers whose orders are stale. */
void rota_master_orders_send(struct rota_master_context *s);

/* Takes in the reply to such a write that the fence did not refuse. */
void rota_master_orders_replied(struct rota_master_context *s, uint32_t worker,
                                const struct rota_event *e);

#endif
