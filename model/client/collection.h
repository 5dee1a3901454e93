/* How the client waits for the ends of tasks, and collects them. */
#ifndef ROTA_MODEL_CLIENT_COLLECTION_H
#define ROTA_MODEL_CLIENT_COLLECTION_H

#include "model/client/jobs.h"

/* Takes a WAIT in; a COLLECT. */
void rota_collection_add(struct rota_client_context *s, const struct rota_event *e);
void rota_collection_take(struct rota_client_context *s, const struct rota_event *e);

/* Watches and fetches as much as there is room for. */
void rota_collection_go(struct rota_client_context *s);

/* Removes what is to be removed, one multi at a time. */
void rota_collection_remove(struct rota_client_context *s);

/* Takes in a watch event. */
void rota_collection_watched(struct rota_client_context *s, const struct rota_event *e);

/* Looks again at every watched task. */
void rota_collection_audit(struct rota_client_context *s);

/* The session has ended, and the watches with it. */
void rota_collection_lost(struct rota_client_context *s);

/* Takes in the reply to a question of its own. */
void rota_collection_replied(struct rota_client_context *s, enum rota_client_purpose what,
                             uint32_t i, const struct rota_event *e);

#endif
