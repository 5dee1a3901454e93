/* Judges committed transactions: takes in each of their changes, and asks the rules. */
#ifndef ROTA_HARNESS_JUDGE_WRITES_H
#define ROTA_HARNESS_JUDGE_WRITES_H

#include "harness/judge/judge_state.h"

/* The servers have committed this transaction, which `who`, or ROTA_NOBODY, asked for. */
void rota_writes_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *commit);

#endif
