/* What the master has told a worker: the orders in the data of /assign/<w> (docs/PROTOCOL.md,
 * "Working"). Inside of the worker.
 *
 * Orders stand there until the master takes them away, and they are followed as they stand: a
 * cancel may come before the task it names is known here, or after its attempt has ended. */
#ifndef ROTA_MODEL_WORKER_ORDERS_H
#define ROTA_MODEL_WORKER_ORDERS_H

#include "model/worker/runs.h"

/* Reads the orders, if that is wanted. */
void rota_worker_orders_ask(struct rota_worker_context *s);

/* Takes in the reply, kept until the next one. False if the worker's place under /assign is gone.
 */
bool rota_worker_orders_replied(struct rota_worker_context *s, const struct rota_event *e);

/* Cancels what they name among the runs held, if either has changed. */
void rota_worker_orders_follow(struct rota_worker_context *s);

/* Whether they cancel run `i`, whose assignment has been read. */
bool rota_worker_orders_cancel(struct rota_worker_context *s, uint32_t i);

/* While draining: past its time ends what runs, to be handed back in good order; until then asks to
 * be woken. */
void rota_worker_orders_drain(struct rota_worker_context *s);

/* Forgets them: the session is over, and the next registration empties them. */
void rota_worker_orders_clear(struct rota_worker_context *s);

#endif
