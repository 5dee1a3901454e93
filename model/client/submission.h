/* How the client submits tasks: checks them, chooses their names, creates them in multis, and finds
 * out what became of a create with an unknown outcome. */
#ifndef ROTA_MODEL_CLIENT_SUBMISSION_H
#define ROTA_MODEL_CLIENT_SUBMISSION_H

#include "model/client/jobs.h"

/* Takes in a SUBMIT. */
void rota_submission_add(struct rota_client_context *s, const struct rota_event *e);

/* Sends the next multi of creates, or reads the bound before, if there is nothing under way. */
void rota_submission_go(struct rota_client_context *s);

/* To be called behind a barrier: asks what became of creates with an unknown outcome. */
void rota_submission_resolve(struct rota_client_context *s);

/* Take in the reply to the request of that purpose. */
void rota_submission_bound_read(struct rota_client_context *s, const struct rota_event *e);
void rota_submission_written(struct rota_client_context *s, const struct rota_event *e);
void rota_submission_resolved(struct rota_client_context *s, uint32_t i,
                              const struct rota_event *e);

#endif
