/* How the master reads the tree into its ledger. */
#ifndef ROTA_MODEL_ROSTER_H
#define ROTA_MODEL_ROSTER_H

#include "model/ledger.h"

/* Sends whatever reads are wanted. */
void rota_roster_ask(struct rota_step *s);

/* Takes in the reply to a read. */
void rota_roster_replied(struct rota_step *s, enum rota_ask what, uint32_t index,
                         const struct rota_event *e);

/* Takes in a watch event: wants what it concerns read again. */
void rota_roster_watched(struct rota_step *s, enum rota_watch_kind kind, const char *path);

#endif
