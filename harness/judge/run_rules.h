/* The rules for runs: where tasks run, how often, with which payload. */
#ifndef ROTA_HARNESS_JUDGE_RUN_RULES_H
#define ROTA_HARNESS_JUDGE_RUN_RULES_H

#include "harness/judge/judge_state.h"

/* A worker begins a run. */
void rota_run_rules_began(struct rota_judge *j, uint32_t who, const struct rota_action *a);

/* The run has ended. */
void rota_run_rules_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run);

#endif
