/* What the master tells a worker: drains and cancellations, in the data of its /assign/<w>. */
#ifndef ROTA_MODEL_BRIEFING_H
#define ROTA_MODEL_BRIEFING_H

#include "model/ledger.h"

/* What is to be told may have changed. */
void rota_briefing_want(struct rota_step *s, uint32_t worker);

/* Tells what is to be told. */
void rota_briefing_go(struct rota_step *s);

/* Takes in the reply. False if the fence refused it. */
bool rota_briefing_replied(struct rota_step *s, uint32_t worker, const struct rota_event *e);

#endif
