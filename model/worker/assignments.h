/* The assignments of a worker: lists them, reads each with its task, and begins its run when a slot
 * is free, or ends it without beginning it. */
#ifndef ROTA_MODEL_WORKER_ASSIGNMENTS_H
#define ROTA_MODEL_WORKER_ASSIGNMENTS_H

#include "model/worker/runs.h"

/* Lists the assignments, if that is wanted. */
void rota_worker_assignments_list(struct rota_worker_context *s);

/* Reads waiting runs to begin them, as slots are free. None while the lease is low (hazard 7),
 * while stopping or while draining. */
void rota_worker_assignments_begin(struct rota_worker_context *s);

/* Reads all waiting runs to hand them back. */
void rota_worker_assignments_hand_back(struct rota_worker_context *s);

/* If the orders, or the runs that they may name, have changed: cancels the attempts that they name.
 * A run that has not begun is read, to be ended without beginning; a running one is stopped with a
 * grace. It is too late for a run that has ended. */
void rota_worker_assignments_follow_orders(struct rota_worker_context *s);

/* Take in the reply, or that none came. rota_worker_assignments_listed returns false if /assign/<w>
 * does not exist. */
bool rota_worker_assignments_listed(struct rota_worker_context *s, const struct rota_event *e);
void rota_worker_assignments_unlisted(struct rota_worker_context *s);
void rota_worker_assignments_read(struct rota_worker_context *s, uint32_t i,
                                  const struct rota_event *e);
void rota_worker_assignments_task_read(struct rota_worker_context *s, uint32_t i,
                                       const struct rota_event *e);
void rota_worker_assignments_task_unread(struct rota_worker_context *s, uint32_t i);

/* Forgets the listing: the session has ended. */
void rota_worker_assignments_clear(struct rota_worker_context *s);

#endif
