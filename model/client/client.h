/* The client: submits tasks, waits for their final statuses, gives the results and collects the
 * tasks (docs/PROTOCOL.md).
 *
 * When all jobs have ended after CLOSE_INPUT, the client exits: with ROTA_EXIT_REFUSED if a job was
 * refused, with ROTA_EXIT_FAILED if a job ended in another state than done. */
#ifndef ROTA_MODEL_CLIENT_CLIENT_H
#define ROTA_MODEL_CLIENT_CLIENT_H

#include "model/base/pool.h"
#include "model/client/state.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"

/* Initialises. `config` is copied. */
void rota_client_init(struct rota_client *c, const struct rota_client_config *config);

/* One step: takes an event, appends actions. */
void rota_client_step(struct rota_client *c, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Asserts what must always hold between steps. */
void rota_client_check(const struct rota_client *c, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_client_config. */
extern const struct rota_role rota_client_role;

#endif
