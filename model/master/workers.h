/* Workers: reading their znodes, and deleting the ones that dead workers leave. */
#ifndef ROTA_MODEL_MASTER_WORKERS_H
#define ROTA_MODEL_MASTER_WORKERS_H

#include "model/master/belief.h"

/* Sends the reads that are wanted. */
void rota_workers_read(struct rota_master_context *s);

/* Every worker's assignments are to be read again. */
void rota_workers_audit(struct rota_master_context *s);

/* Takes in the listing of /assign, /workers or /drain. */
void rota_workers_listed(struct rota_master_context *s, enum rota_directory which,
                         const struct rota_reply *r);

/* Takes in the reply to a read of one of the worker's znodes. */
void rota_workers_replied(struct rota_master_context *s, enum rota_master_purpose purpose,
                          uint32_t worker, const struct rota_event *e);

/* A watch fired: if the path is a worker's znode, it is to be read again. */
void rota_workers_watched(struct rota_master_context *s, enum rota_watch_kind kind,
                          const char *path);

/* Deletes /assign/<w> and /drain/<w> of workers that have been dead for a session timeout and hold
 * nothing. */
void rota_workers_sweep(struct rota_master_context *s);

/* Takes in the reply to such a deletion that the fence did not refuse. */
void rota_workers_swept(struct rota_master_context *s, uint32_t worker, const struct rota_event *e);

#endif
