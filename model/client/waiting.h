/* How the client waits for the final statuses of tasks, fetches them and gives the results, and how
 * it reads the progress of the tasks that it watches. */
#ifndef ROTA_MODEL_CLIENT_WAITING_H
#define ROTA_MODEL_CLIENT_WAITING_H

#include "model/client/jobs.h"

/* Takes in a WAIT. */
void rota_waiting_add(struct rota_client_context *s, const struct rota_event *e);

/* Watches and fetches as much as there is room for, and reads progress. */
void rota_waiting_go(struct rota_client_context *s);

/* Reads every watched task again now and then, because a watch event can be missed. */
void rota_waiting_audit(struct rota_client_context *s);

/* Takes in a watch event. */
void rota_waiting_watched(struct rota_client_context *s, const struct rota_event *e);

/* The session has ended, and the watches with it. */
void rota_waiting_lost(struct rota_client_context *s);

/* Take in the reply to the request of job `i` of that purpose. */
void rota_waiting_children_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e);
void rota_waiting_tree_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e);
void rota_waiting_result_read(struct rota_client_context *s, uint32_t i,
                              const struct rota_event *e);
void rota_waiting_progress_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e);

#endif
