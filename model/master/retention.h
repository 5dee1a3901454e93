/* Retention: what becomes of a task that has ended. Its final status stays for the clients that may
 * collect it and for the tasks that depend on it; then the master deletes it with the task
 * (docs/PROTOCOL.md, "Deciding about a task"). */
#ifndef ROTA_MODEL_MASTER_RETENTION_H
#define ROTA_MODEL_MASTER_RETENTION_H

#include "model/master/belief.h"

/* True if a task with that Stat has a final status, or had one. In that case a client collects it
 * by two deletes, and it must not run again between them. Two things begin such a task anew: a
 * record under /retry, and an assignment that is younger than the deletion of the status. */
bool rota_retention_ended(const struct rota_master_task *t, const struct rota_stat *stat);

/* A task was read that has ended; `exists`: it is still in the tree. */
void rota_retention_begin(struct rota_master_context *s, uint32_t task, bool exists);

/* Take in the reply to a get of /collect/<t>, and to an exists and a get of the status. */
void rota_retention_collect_read(struct rota_master_context *s, uint32_t task,
                                 const struct rota_event *e);
void rota_retention_stat_read(struct rota_master_context *s, uint32_t task,
                              const struct rota_event *e);
void rota_retention_status_read(struct rota_master_context *s, uint32_t task,
                                const struct rota_event *e);

/* The retention of the task's final status is over, or it was to be looked at again now. */
void rota_retention_due(struct rota_master_context *s, uint32_t task);

#endif
