/* The operator: carries out what a person asks for about tasks and workers (docs/PROTOCOL.md). Each
 * WAIT event names a task or a worker as a job, and each job ends with a RESULT action: its `state`
 * is the outcome, its `reason` says more.
 *
 * Every request can be repeated without harm. A request whose outcome is unknown is sent again
 * behind the barrier.
 *
 * When all jobs have ended after CLOSE_INPUT, the operator exits: with ROTA_EXIT_REFUSED if a job
 * was refused, with ROTA_EXIT_FAILED if a job ended in another state than the command asks for. */
#ifndef ROTA_MODEL_OPERATOR_OPERATOR_H
#define ROTA_MODEL_OPERATOR_OPERATOR_H

#include "model/base/pool.h"
#include "model/operator/state.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"

/* Initialises. `config` is copied. */
void rota_operator_init(struct rota_operator *p, const struct rota_operator_config *config);

/* One step: takes an event, appends actions. */
void rota_operator_step(struct rota_operator *p, struct rota_pool *mem,
                        const struct rota_event *event, struct rota_outbox *out);

/* Asserts what must always hold between steps. */
void rota_operator_check(const struct rota_operator *p, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_operator_config. */
extern const struct rota_role rota_operator_role;

#endif
