/* attempts-bounded: from the second lost worker on a task runs alone on its worker. */
#ifndef ROTA_HARNESS_JUDGE_ISOLATION_RULE_H
#define ROTA_HARNESS_JUDGE_ISOLATION_RULE_H

#include "harness/judge/judge_state.h"

/* A master has assigned the task to this worker. */
void rota_isolation_rule_assigned(struct rota_judge *j, uint32_t master, const struct rota_task *t,
                                  uint32_t worker);

#endif
