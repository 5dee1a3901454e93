/* terms-kept: the terms of a submit are kept, however often the task is assigned. */
#ifndef ROTA_HARNESS_JUDGE_TERMS_RULES_H
#define ROTA_HARNESS_JUDGE_TERMS_RULES_H

#include "harness/judge/judge_state.h"

/* A run of the task has begun, or ended. */
void rota_terms_rules_began(struct rota_judge *j, uint32_t who, const struct rota_task *t);
void rota_terms_rules_ended(struct rota_judge *j, uint32_t who, const struct rota_task *t);

/* The task was skipped. */
void rota_terms_rules_skipped(struct rota_judge *j, uint32_t who, const struct rota_task *t);

#endif
