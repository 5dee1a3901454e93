/* Tasks: reading their znodes, and the one place that decides what becomes of a task nobody holds.
 */
#ifndef ROTA_MODEL_DOCKET_H
#define ROTA_MODEL_DOCKET_H

#include "model/ledger.h"

/* Sends the reads that are wanted. */
void rota_docket_ask(struct rota_step *s);

/* Takes in the listing of a directory of tasks. */
void rota_docket_listed(struct rota_step *s, enum rota_directory which, const struct rota_reply *r);

/* Takes in the reply to a read of one task. */
void rota_docket_replied(struct rota_step *s, enum rota_ask what, uint32_t task,
                         const struct rota_event *e);

/* Carries out what has come to its time. */
void rota_docket_due(struct rota_step *s);

/* Decides anew about a task that waits. */
void rota_docket_decide(struct rota_step *s, uint32_t task);

/* The end of `awaited`, in that state or, with NULL, by its removal, is known to a task that waited
 * for it. */
void rota_docket_unblock(struct rota_step *s, uint32_t task, const char *awaited,
                         const char *state);

#endif
