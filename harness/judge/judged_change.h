/* One change of a committed transaction, with its meaning, and the records that changes write. */
#ifndef ROTA_HARNESS_JUDGE_JUDGED_CHANGE_H
#define ROTA_HARNESS_JUDGE_JUDGED_CHANGE_H

#include "harness/judge/judge_state.h"
#include "harness/judge/znode_path.h"

struct rota_judged_change {
    struct rota_judge *j;
    uint32_t who; /* the process whose request it was, or ROTA_NOBODY */
    const struct rota_commit *commit;
    const struct rota_change *change;
    struct rota_znode_path at;
};

/* The name of the process that asked for it. */
const char *rota_judged_change_author(const struct rota_judged_change *c);

/* Whether a process of this part asked for it. */
bool rota_judged_change_is_from(const struct rota_judged_change *c, enum rota_part part);

/* Whether a master, a worker or a client of rota asked for it. Other programs may change the tree
 * as they like. */
bool rota_judged_change_is_ours(const struct rota_judged_change *c);

/* The number after `key` in the first line of a record; `otherwise` if the key is missing. */
uint32_t rota_record_number(struct rota_bytes data, const char *key, uint32_t otherwise);

/* How many lines the data has after the first `skipped`. */
uint32_t rota_record_lines(struct rota_bytes data, uint32_t skipped);

#endif
