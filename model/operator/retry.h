/* The operator's retry: deletes the final status of a task and creates /retry/<t>, so that the
 * master places the task again. First it reads all znodes that the multi changes. */
#ifndef ROTA_MODEL_OPERATOR_RETRY_H
#define ROTA_MODEL_OPERATOR_RETRY_H

#include "model/operator/jobs.h"

/* Begins, or begins again, with the status of job `i`. */
void rota_operator_retry_look(struct rota_operator_context *s, uint32_t i);

/* Take in the reply to the request of job `i` of that purpose. */
void rota_operator_retry_status_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r);
void rota_operator_retry_no_status_read(struct rota_operator_context *s, uint32_t i,
                                        const struct rota_reply *r);
void rota_operator_retry_history_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r);
void rota_operator_retry_cancel_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r);
void rota_operator_retry_collect_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r);
void rota_operator_retry_record_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r);
void rota_operator_retry_task_read(struct rota_operator_context *s, uint32_t i,
                                   const struct rota_reply *r);
void rota_operator_retry_written(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r);

#endif
