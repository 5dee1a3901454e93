/* one-assignment, and what attempts-bounded, capacity and no-needless-rerun ask of assignments. */
#ifndef ROTA_HARNESS_JUDGE_ASSIGNMENT_RULES_H
#define ROTA_HARNESS_JUDGE_ASSIGNMENT_RULES_H

#include "harness/judge/judged_change.h"

/* A request leaves a process: if a master sends an assignment, it is for the present incarnation of
 * its worker. */
void rota_assignment_rules_leaving(struct rota_judge *j, uint32_t who,
                                   const struct rota_request *r);

/* An assignment of the task was created or deleted. */
void rota_assignment_rules_made(const struct rota_judged_change *c, struct rota_task *t);
void rota_assignment_rules_ended(const struct rota_judged_change *c, struct rota_task *t);

/* At the end of a transaction: the task has at most one of an assignment, a status and a record
 * under /retry; and a worker that gave up its assignment wrote what became of the task. */
void rota_assignment_rules_check_count(const struct rota_judged_change *c,
                                       const struct rota_task *t);
void rota_assignment_rules_check_released(const struct rota_judged_change *c,
                                          const struct rota_task *t);

#endif
