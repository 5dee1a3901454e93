/* Tasks that the scenario submits: their names, their data, and which client has them. */
#ifndef ROTA_HARNESS_PLAY_SUBMISSIONS_H
#define ROTA_HARNESS_PLAY_SUBMISSIONS_H

#include "harness/play/run_context.h"

/* Carries out a submit, of the statement ctx->acting, by client `who`. False if no task is left to
 * submit: all were collected. */
bool rota_submissions_submit(struct rota_run_context *ctx, uint32_t who,
                             const struct rota_submit *submit);

/* Gives a client that has started each of its tasks that it has not collected. */
void rota_submissions_restore(struct rota_run_context *ctx, uint32_t who);

/* Client `who` has the result of a task, or knows that there is none. */
void rota_submissions_answered(struct rota_run_context *ctx, uint32_t who, uint32_t task);

/* A client that runs and waits for the result of a task that several clients have submitted; NULL
 * if there is none. */
const struct rota_shared_submit *rota_submissions_unanswered(const struct rota_run_context *ctx);

/* Lets the clients in turn submit `count` tasks of one second each: NAME-1, NAME-2, ... */
void rota_submissions_add_probe(struct rota_run_context *ctx, const char *name, uint32_t count);

#endif
