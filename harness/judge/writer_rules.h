/* one-writer: masters write under the epoch that they won, and each role writes only its own
 * znodes. */
#ifndef ROTA_HARNESS_JUDGE_WRITER_RULES_H
#define ROTA_HARNESS_JUDGE_WRITER_RULES_H

#include "harness/judge/judged_change.h"

/* A master has committed a transaction. */
void rota_writer_rules_check_master(struct rota_judge *j, uint32_t who,
                                    const struct rota_commit *commit);

/* A process has changed a znode. */
void rota_writer_rules_check_author(const struct rota_judged_change *c);

#endif
