/* no-task-lost, no-double-submit, payload-intact and attempts-bounded: what the invariants ask of
 * the znodes of a task. */
#ifndef ROTA_HARNESS_JUDGE_TASK_RULES_H
#define ROTA_HARNESS_JUDGE_TASK_RULES_H

#include "harness/judge/judged_change.h"

/* The znode of the task, its progress or its record under /retry was created, changed or deleted.
 */
void rota_task_rules_changed(const struct rota_judged_change *c, struct rota_task *t);
void rota_task_rules_progress_changed(const struct rota_judged_change *c, struct rota_task *t);
void rota_task_rules_retry_changed(const struct rota_judged_change *c, struct rota_task *t);

/* At the end of a transaction: a task that lost its status has left the tree or was retried by a
 * person; and a task that may be tried again is not dead. */
void rota_task_rules_check_retried(const struct rota_judged_change *c, struct rota_task *t);
void rota_task_rules_check_dead(const struct rota_judged_change *c, const struct rota_task *t);

#endif
