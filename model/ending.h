/* The end of tasks by the master's hand, and clearing away what is left of them: in bounded multis,
 * one at a time, each fenced. */
#ifndef ROTA_MODEL_ENDING_H
#define ROTA_MODEL_ENDING_H

#include "model/ledger.h"

/* Decides a task's end; `why`, which may be NULL, says more to people. */
void rota_ending_decide(struct rota_step *s, uint32_t task, enum rota_verdict verdict,
                        const char *why);

/* Writes what was decided. */
void rota_ending_go(struct rota_step *s);

/* Takes in the reply. False if the fence refused it. */
bool rota_ending_replied(struct rota_step *s, const struct rota_event *e);

#endif
