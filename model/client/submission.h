/* How the client puts tasks into the tree. */
#ifndef ROTA_MODEL_CLIENT_SUBMISSION_H
#define ROTA_MODEL_CLIENT_SUBMISSION_H

#include "model/client/jobs.h"

/* Takes a SUBMIT in. */
void rota_submission_add(struct rota_client_context *s, const struct rota_event *e);

/* Puts what is to be put, one multi at a time. */
void rota_submission_go(struct rota_client_context *s);

/* Behind a barrier: asks what became of creates of unknown outcome. */
void rota_submission_resolve(struct rota_client_context *s);

/* Takes in the reply to a question of its own. */
void rota_submission_replied(struct rota_client_context *s, enum rota_client_purpose what,
                             uint32_t i, const struct rota_event *e);

#endif
