/* The processes of cancel, retry and drain: each statement has one of its own. */
#ifndef ROTA_HARNESS_PLAY_OPERATORS_H
#define ROTA_HARNESS_PLAY_OPERATORS_H

#include "harness/play/run_context.h"

/* Carries out the cancel, the retry or the drain of a worker of the statement ctx->acting. A cancel
 * or a drain of an object that does not exist yet waits until it does. Returns NULL, or why nothing
 * is done. */
const char *rota_operators_cancel(struct rota_run_context *ctx, const char *task);
const char *rota_operators_retry(struct rota_run_context *ctx, const char *task);
const char *rota_operators_drain(struct rota_run_context *ctx, uint32_t who);

/* An operator that starts again makes its request again. */
void rota_operators_restarted(struct rota_run_context *ctx, uint32_t who);

/* A task or a worker exists now: the operator that waits for it starts. */
void rota_operators_name_appeared(struct rota_run_context *ctx, const char *name);

/* The action of the statement ctx->acting waits for this task or process. */
void rota_operators_await(struct rota_run_context *ctx, const char *name);

#endif
