/* The master's orders to this worker: the data of /assign/<w> (docs/PROTOCOL.md, "Working").
 *
 * Orders stay there until the master removes them, so they are followed as a state: a cancel may
 * come before the worker knows the task that it names, or after its attempt has ended. */
#ifndef ROTA_MODEL_WORKER_ORDERS_H
#define ROTA_MODEL_WORKER_ORDERS_H

#include "model/worker/runs.h"

/* Reads the orders, if that is wanted. */
void rota_worker_orders_request(struct rota_worker_context *s);

/* Take in the reply, or that none came. rota_worker_orders_read returns false if /assign/<w> does
 * not exist. */
bool rota_worker_orders_read(struct rota_worker_context *s, const struct rota_event *e);
void rota_worker_orders_unread(struct rota_worker_context *s);

/* If the orders, or the runs that they may name, have changed: the runs that a cancel names, in the
 * order of the orders, in the outbox's memory; `*count` is their number, otherwise 0. */
const uint32_t *rota_worker_orders_named(struct rota_worker_context *s, uint32_t *count);

/* True if the orders cancel the attempt of run `i`, whose assignment was read. */
bool rota_worker_orders_have_cancel(const struct rota_worker_context *s, uint32_t i);

/* While draining: stops the running tasks, to be handed back, once the drain's timeout is over;
 * before that asks to be woken. */
void rota_worker_orders_drain(struct rota_worker_context *s);

/* Forgets the orders: the session has ended, and the next registration empties them. */
void rota_worker_orders_clear(struct rota_worker_context *s);

#endif
