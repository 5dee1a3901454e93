/* The reader: reads the tree once for a person, without watches, gives rows and exits; or creates
 * the tree (`rota init`). If the connection is lost, it begins again at the next UP. */
#ifndef ROTA_MODEL_READER_READER_H
#define ROTA_MODEL_READER_READER_H

#include "model/base/pool.h"
#include "model/reader/state.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"

/* Initialises. `config` is copied. */
void rota_reader_init(struct rota_reader *r, const struct rota_reader_config *config);

/* One step: takes an event, appends actions. */
void rota_reader_step(struct rota_reader *r, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out);

/* Asserts what must always hold between steps. */
void rota_reader_check(const struct rota_reader *r, const struct rota_pool *mem);

/* The table by which a driver runs it; its config is struct rota_reader_config. */
extern const struct rota_role rota_reader_role;

#endif
