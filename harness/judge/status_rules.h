/* one-completion and stale-result-refused: what a status says has happened, and its author had the
 * right to write it. */
#ifndef ROTA_HARNESS_JUDGE_STATUS_RULES_H
#define ROTA_HARNESS_JUDGE_STATUS_RULES_H

#include "harness/judge/judged_change.h"

/* A process has created, changed or deleted the status of this task. */
void rota_status_rules_changed(const struct rota_judged_change *c, uint32_t task);

/* A result, or a record under /retry, is written by a worker with the assignment that it gives up,
 * by a master, and by no client. */
void rota_status_rules_check_right(const struct rota_judged_change *c, const struct rota_task *t);

#endif
