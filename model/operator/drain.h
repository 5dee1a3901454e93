/* The operator's drain and undrain: /drain/<w> is created, and deleted. */
#ifndef ROTA_MODEL_OPERATOR_DRAIN_H
#define ROTA_MODEL_OPERATOR_DRAIN_H

#include "model/operator/jobs.h"

/* Begins to drain the worker of job `i`, or reads whether it holds assignments still. */
void rota_operator_drain_look(struct rota_operator_context *s, uint32_t i);

/* Begins to undrain the worker of job `i`. */
void rota_operator_undrain_look(struct rota_operator_context *s, uint32_t i);

/* Take in the reply to the request of job `i` of that purpose. */
void rota_operator_drain_written(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r);
void rota_operator_drain_assignments_read(struct rota_operator_context *s, uint32_t i,
                                          const struct rota_reply *r);
void rota_operator_undrain_written(struct rota_operator_context *s, uint32_t i,
                                   const struct rota_reply *r);

#endif
