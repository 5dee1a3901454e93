/* The registration of a worker: creates /workers/<w> and sets /assign/<w>, confirms whose znode it
 * is, waits for a name that another session holds, and deregisters. */
#ifndef ROTA_MODEL_WORKER_REGISTRATION_H
#define ROTA_MODEL_WORKER_REGISTRATION_H

#include "model/worker/worker_context.h"

/* Begins to register. */
void rota_registration_begin(struct rota_worker_context *s);

/* Reads whose znode /workers/<w> is. */
void rota_registration_confirm(struct rota_worker_context *s);

/* While another session holds the name: reads again when the time for that is over, or asks to be
 * woken then. */
void rota_registration_wait(struct rota_worker_context *s);

/* Writes `slots=0`, unless that was done: the master assigns no more. */
void rota_registration_zero_slots(struct rota_worker_context *s);

/* Deregisters. */
void rota_registration_end(struct rota_worker_context *s);

/* Reads the own znode with a watch. */
void rota_registration_read_own_znode(struct rota_worker_context *s);

/* Take in the reply to the request of that purpose. */
void rota_registration_directory_read(struct rota_worker_context *s, const struct rota_event *e);
void rota_registration_written(struct rota_worker_context *s, const struct rota_event *e);
void rota_registration_own_znode_read(struct rota_worker_context *s, const struct rota_event *e);
void rota_registration_ended(struct rota_worker_context *s, const struct rota_event *e);

#endif
