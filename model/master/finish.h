/* The end of tasks by the master's hand, and clearing away what is left of them: in bounded multis,
 * one at a time, each fenced. */
#ifndef ROTA_MODEL_MASTER_FINISH_H
#define ROTA_MODEL_MASTER_FINISH_H

#include "model/master/belief.h"

/* Decides a task's end; `why`, which may be NULL, says more to people. */
void rota_finish_decide(struct rota_master_context *s, uint32_t task, enum rota_finish_kind verdict,
                        const char *why);

/* Writes what was decided. */
void rota_finish_go(struct rota_master_context *s);

/* Takes in the reply. False if the fence refused it. */
bool rota_finish_replied(struct rota_master_context *s, const struct rota_event *e);

#endif
