/* Carries out the actions of statements: finds the processes, and does the action to each. */
#ifndef ROTA_HARNESS_PLAY_ACTIONS_H
#define ROTA_HARNESS_PLAY_ACTIONS_H

#include "harness/play/run_context.h"

/* Carries out the action of a statement. An action that applies to no process fails the scenario.
 */
void rota_actions_do(struct rota_run_context *ctx, const struct rota_statement *st);

/* Carries out a call whose time has come. */
void rota_actions_called(struct rota_run_context *ctx, uint64_t id);

/* A process has started, or with `session` has a session: actions that wait for that are done. */
void rota_actions_process_ready(struct rota_run_context *ctx, uint32_t who, bool session);

#endif
