/* The master: elects itself, keeps a cache of the tree, and assigns tasks to workers
 * (docs/PROTOCOL.md). */
#ifndef ROTA_MODEL_MASTER_MASTER_H
#define ROTA_MODEL_MASTER_MASTER_H

#include "model/master/state.h"
#include "model/seam/role.h"

/* Initialises. `config` is copied. */
void rota_master_init(struct rota_master *m, const struct rota_master_config *config);

/* One step: takes an event, appends requests and actions to `out`. */
void rota_master_step(struct rota_master *m, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Asserts what must hold between steps. Takes a bounded time: of a small master it checks every
 * record, of a large one a few. */
void rota_master_check(const struct rota_master *m, const struct rota_pool *mem);

/* The table by which a driver runs a master; its config is struct rota_master_config. */
extern const struct rota_role rota_master_role;

#endif
