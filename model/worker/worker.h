/* The worker: registers, runs the tasks that are assigned to this incarnation of it, and writes
 * their results (docs/PROTOCOL.md). */
#ifndef ROTA_MODEL_WORKER_WORKER_H
#define ROTA_MODEL_WORKER_WORKER_H

#include "model/base/pool.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"
#include "model/worker/state.h"

/* Initialises. `config` is copied; `seed` is for the jitter of retries. */
void rota_worker_init(struct rota_worker *w, const struct rota_worker_config *config,
                      uint64_t seed);

/* One step: takes an event, appends actions. */
void rota_worker_step(struct rota_worker *w, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Asserts what must always hold between steps. */
void rota_worker_check(const struct rota_worker *w, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_worker_config. */
extern const struct rota_role rota_worker_role;

#endif
