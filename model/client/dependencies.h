/* The tasks that a job's task comes after, as its specification says. Each must be there before,
 * and is marked as awaited: its version is above 0 from then on, so that nobody collects it before
 * its end was seen (docs/PROTOCOL.md). */
#ifndef ROTA_MODEL_CLIENT_DEPENDENCIES_H
#define ROTA_MODEL_CLIENT_DEPENDENCIES_H

#include "model/client/jobs.h"
#include "model/tree/spec.h"

/* Remembers what a job comes after. */
void rota_job_dependencies_add(struct rota_client_context *s, uint32_t i,
                               const struct rota_spec *spec);

/* The name of number `k` of them. Borrowed until something is taken from the pool. */
const char *rota_job_dependencies_name(const struct rota_client_context *s, uint32_t i, uint32_t k);

/* Looks at the next of them; when all are marked, the job can be put. */
void rota_job_dependencies_look(struct rota_client_context *s, uint32_t i);

/* Looks for the jobs that wait for that, some at a time. Only an answer or a connection can change
 * what they wait for. */
void rota_job_dependencies_go(struct rota_client_context *s);

/* Refuses a job for what number `k` of them is not. */
void rota_job_dependencies_refuse(struct rota_client_context *s, uint32_t i, uint32_t k,
                                  int32_t rc);

/* Takes in the reply to a question of its own. */
void rota_job_dependencies_replied(struct rota_client_context *s, enum rota_client_purpose what,
                                   uint32_t i, const struct rota_event *e);

#endif
