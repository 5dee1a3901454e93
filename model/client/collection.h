/* How the client removes tasks: those whose results have reached their reader, and those that are
 * withdrawn. */
#ifndef ROTA_MODEL_CLIENT_COLLECTION_H
#define ROTA_MODEL_CLIENT_COLLECTION_H

#include "model/client/jobs.h"

/* Takes in a COLLECT. */
void rota_collection_add(struct rota_client_context *s, const struct rota_event *e);

/* Sends the next multi of deletes, if none is under way. */
void rota_collection_go(struct rota_client_context *s);

/* The session has ended. */
void rota_collection_lost(struct rota_client_context *s);

/* Take in the reply to the request of that purpose. */
void rota_collection_written(struct rota_client_context *s, const struct rota_event *e);
void rota_collection_version_read(struct rota_client_context *s, uint32_t i,
                                  const struct rota_event *e);
void rota_collection_status_read(struct rota_client_context *s, uint32_t i,
                                 const struct rota_event *e);
void rota_collection_retry_deleted(struct rota_client_context *s);

#endif
