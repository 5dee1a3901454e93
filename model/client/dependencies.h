/* The dependencies of a job: the tasks that its task depends on, by its specification. Before the
 * task is created each of them must exist and be marked as awaited: its version is above 0 from
 * then on, so that its client does not remove it before the master has read its final status
 * (docs/PROTOCOL.md, "Dependencies"). */
#ifndef ROTA_MODEL_CLIENT_DEPENDENCIES_H
#define ROTA_MODEL_CLIENT_DEPENDENCIES_H

#include "model/client/jobs.h"
#include "model/tree/spec.h"

/* Keeps the names of the dependencies of job `i`. */
void rota_job_dependencies_add(struct rota_client_context *s, uint32_t i,
                               const struct rota_spec *spec);

/* The name of dependency `k` of job `i`. Valid until something is taken from the pool. */
const char *rota_job_dependencies_name(const struct rota_client_context *s, uint32_t i, uint32_t k);

/* Reads the next dependency of job `i`, which is in no queue. If all are marked, the job is to be
 * created. If the dependency cannot be read now, the job waits in its queue. */
void rota_job_dependencies_check(struct rota_client_context *s, uint32_t i);

/* Does that for the jobs that wait in the queue, as many as may send requests. To be called after a
 * reply or an UP: nothing else changes what they wait for. */
void rota_job_dependencies_go(struct rota_client_context *s);

/* Refuses job `i`, which is in no queue, because of the error `rc` of its dependency `k`. */
void rota_job_dependencies_refuse(struct rota_client_context *s, uint32_t i, uint32_t k,
                                  int32_t rc);

/* Take in the reply to the request of job `i` of that purpose. */
void rota_job_dependencies_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e);
void rota_job_dependencies_marked(struct rota_client_context *s, uint32_t i,
                                  const struct rota_event *e);

#endif
