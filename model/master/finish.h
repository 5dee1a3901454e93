/* Finishing: final statuses that the master writes, and deletions of what is left of tasks; in
 * bounded multis, one at a time. rota_belief_finish says what is to be written. */
#ifndef ROTA_MODEL_MASTER_FINISH_H
#define ROTA_MODEL_MASTER_FINISH_H

#include "model/master/belief.h"

/* Sends the next multi, unless one is under way or there is nothing to write. */
void rota_finish_send(struct rota_master_context *s);

/* Takes in the reply to such a multi that the fence did not refuse. */
void rota_finish_replied(struct rota_master_context *s, const struct rota_event *e);

#endif
