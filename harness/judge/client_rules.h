/* no-task-lost and one-completion, as clients and operators see them. */
#ifndef ROTA_HARNESS_JUDGE_CLIENT_RULES_H
#define ROTA_HARNESS_JUDGE_CLIENT_RULES_H

#include "harness/judge/judge_state.h"

/* A client did something: NAMED, RESULT or COLLECTED. */
void rota_client_rules_acted(struct rota_judge *j, uint32_t who, const struct rota_action *a);

/* An operator got the answer to its request. */
void rota_client_rules_answered(struct rota_judge *j, uint32_t who, const struct rota_action *a);

/* A request is about to leave: a client does not remove a result in the step that delivers it. */
void rota_client_rules_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *r);

#endif
