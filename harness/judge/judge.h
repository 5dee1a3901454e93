/* Judges a world by its invariants, from committed transactions and from what processes did. It
 * shares no logic with the roles: paths and meanings are written here once more, from
 * docs/PROTOCOL.md.
 *
 * A breach names the task, the transactions or processes that contradict each other, and the step:
 * how many events the process has handled. The judge keeps the history up to date while it looks,
 * and stops at the first breach. */
#ifndef ROTA_HARNESS_JUDGE_JUDGE_H
#define ROTA_HARNESS_JUDGE_JUDGE_H

#include "harness/judge/judge_state.h"

/* Begins to judge a world without any transaction so far. Everything is borrowed. */
void rota_judge_init(struct rota_judge *j, const struct rota_scenario *s, struct rota_world *w,
                     struct rota_history *h);

/* Remembers the tree as it is now: what must be left at the end. */
void rota_judge_remember_tree(struct rota_judge *j);

/* Whether the tree is the remembered one, but for what running processes need. If not, `path` of
 * `size` bytes names a znode that is left over or missing. */
bool rota_judge_check_tree(const struct rota_judge *j, char *path, size_t size);

/* Frees the memory. */
void rota_judge_close(struct rota_judge *j);

/* The hooks of a world with the same names; `leaving` is for its hook `before`. */
void rota_judge_stepping(struct rota_judge *j, uint32_t who);
void rota_judge_leaving(struct rota_judge *j, uint32_t who, const struct rota_request *request);
void rota_judge_committed(struct rota_judge *j, uint32_t who, const struct rota_commit *commit);
void rota_judge_acted(struct rota_judge *j, uint32_t who, const struct rota_action *action);
void rota_judge_ended(struct rota_judge *j, uint32_t who, const struct rota_work *run);

/* For the world's hook `applied`, if the request was refused. */
void rota_judge_refused(struct rota_judge *j, uint32_t who, const struct rota_request *request,
                        int32_t rc);

/* A process has a fault (the world's hook `fault`). */
void rota_judge_fault(struct rota_judge *j, uint32_t who);

#endif
