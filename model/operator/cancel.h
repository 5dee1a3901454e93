/* The operator's cancel: creates /cancel/<t> and waits for the final status of the task. The status
 * says what won the race, the cancellation or another end of the task. */
#ifndef ROTA_MODEL_OPERATOR_CANCEL_H
#define ROTA_MODEL_OPERATOR_CANCEL_H

#include "model/operator/jobs.h"

/* Begins, or continues, with the read that tells how far job `i` is. */
void rota_operator_cancel_look(struct rota_operator_context *s, uint32_t i);

/* Takes in a watch event on the task of job `i`. */
void rota_operator_cancel_watched(struct rota_operator_context *s, uint32_t i,
                                  enum rota_watch_kind kind);

/* Take in the reply to the request of job `i` of that purpose. */
void rota_operator_cancel_task_read(struct rota_operator_context *s, uint32_t i,
                                    const struct rota_reply *r);
void rota_operator_cancel_marked(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r);
void rota_operator_cancel_written(struct rota_operator_context *s, uint32_t i,
                                  const struct rota_reply *r);
void rota_operator_cancel_children_read(struct rota_operator_context *s, uint32_t i,
                                        const struct rota_reply *r);
void rota_operator_cancel_status_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r);

#endif
