/* How the master reads the tree into its ledger. */
#ifndef ROTA_MODEL_MASTER_WORKERS_H
#define ROTA_MODEL_MASTER_WORKERS_H

#include "model/master/belief.h"

/* Sends whatever reads are wanted. */
void rota_workers_ask(struct rota_master_context *s);

/* Takes in the reply to a read. */
void rota_workers_replied(struct rota_master_context *s, enum rota_master_purpose what,
                          uint32_t index, const struct rota_event *e);

/* Takes in a watch event: wants what it concerns read again. */
void rota_workers_watched(struct rota_master_context *s, enum rota_watch_kind kind,
                          const char *path);

#endif
