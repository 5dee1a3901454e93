/* Inside of the judge: invariant.c speaks about what processes do and about the tree, writes.c
 * about committed transactions. */
#ifndef ROTA_HARNESS_JUDGE_JUDGE_RULES_H
#define ROTA_HARNESS_JUDGE_JUDGE_RULES_H

#include "harness/judge/judge.h"

/* A breach about a task: whoever ran it last is involved too. */
#define ROTA_BREAK_TASK(j, invariant, who, task, ...)                                              \
    do {                                                                                           \
        rota_judge_break((j), ROTA_INVARIANT_##invariant, (who), __VA_ARGS__);                     \
        rota_judge_involve((j), (task)->last_who);                                                 \
    } while (0)

/* Names one more process in the breach. */
void rota_judge_involve(struct rota_judge *j, uint32_t who);

/* A process's name, "somebody" for those that are none. */
const char *rota_judge_name(const struct rota_judge *j, uint32_t who);

bool rota_judge_has_role(const struct rota_judge *j, uint32_t who, enum rota_part role);

/* The process that registers under this name, ROTA_NOBODY if there is none. */
uint32_t rota_judge_worker(const struct rota_judge *j, const char *name);

/* A hash of the result in a status: what follows its first line. */
uint64_t rota_judge_result(struct rota_bytes status);

/* The znode of time 0 of this path, NULL if there was none. */
struct rota_judge_node *rota_judge_base(const struct rota_judge *j, const char *path);

/* A stranger makes this znode, which is nobody's to remove. */
void rota_judge_strange(struct rota_judge *j, const char *path);

/* A hash of bytes, and of data. */
uint64_t rota_judge_data(struct rota_bytes data);
uint64_t rota_judge_hash(const char *bytes, size_t length);

/* The workers that may be lost under a task before it is dead. */
uint32_t rota_judge_losses(const struct rota_judge *j, const struct rota_task *t);

/* Whether this is a word that a status can begin with. */
bool rota_judge_is_state(const char *state);

/* Whether the last run ended with a status after which the task is never tried again. */
bool rota_judge_fatal(const struct rota_task *t);
/* terms-kept: a run of the task has begun, or ended, or the task was skipped. */
void rota_judge_terms_began(struct rota_judge *j, uint32_t who, const struct rota_task *t);
void rota_judge_terms_ended(struct rota_judge *j, uint32_t who, const struct rota_task *t);
void rota_judge_terms_skipped(struct rota_judge *j, uint32_t who, const struct rota_task *t);

/* attempts-bounded: a master has assigned the task to this worker. */
void rota_judge_alone(struct rota_judge *j, uint32_t master, const struct rota_task *t,
                      uint32_t worker);

/* bounded-tries: a process has given up its session. */
void rota_judge_doubted(struct rota_judge *j, uint32_t who);

/* one-writer: a process acts in this session from now on. */
void rota_judge_connected(struct rota_judge *j, uint32_t who, int64_t session);

/* Whether the last run was ended for taking too long. */
bool rota_judge_timed_out(const struct rota_task *t);

#endif
