/* The rules for the znodes of workers: /workers/<w>, /assign/<w> and /drain/<w>. */
#ifndef ROTA_HARNESS_JUDGE_WORKER_RULES_H
#define ROTA_HARNESS_JUDGE_WORKER_RULES_H

#include "harness/judge/judged_change.h"

void rota_worker_rules_worker_changed(const struct rota_judged_change *c);
void rota_worker_rules_place_changed(const struct rota_judged_change *c);
void rota_worker_rules_drain_changed(const struct rota_judged_change *c);

#endif
