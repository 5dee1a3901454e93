/* A judge with a history that a test makes up, transaction by transaction. */
#ifndef ROTA_TESTS_UNIT_HARNESS_JUDGE_BENCH_H
#define ROTA_TESTS_UNIT_HARNESS_JUDGE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/judge.h"

/* The processes m1, m2, w1, w2 and c1. None of them runs; their sessions are 100 and up. */
enum { M1, M2, W1, W2, C1, PROCESSES };
#define SESSION(who) (100 + (int64_t)(who))

struct judge_bench {
    struct rota_scenario s;
    struct rota_world *w;
    struct rota_history h;
    struct rota_judge j;
    int64_t zxid;
    struct rota_change changes[8];
    uint32_t count;
};

/* Begins one change of the next transaction. */
struct rota_change *bench_change(struct judge_bench *b, enum rota_op op, const char *path);

/* Changes of the next transaction. */
void bench_create(struct judge_bench *b, const char *path);
void bench_create_with(struct judge_bench *b, const char *path, const char *text);
void bench_delete(struct judge_bench *b, const char *path, int64_t czxid);
void bench_check(struct judge_bench *b, const char *path, int32_t version);
void bench_set(struct judge_bench *b, const char *path, int32_t version);

/* Commits these changes as one multi of this process. Returns its zxid. */
int64_t bench_commit(struct judge_bench *b, uint32_t who);

/* c1 got this result, or did something else with a task. */
void bench_act_result(struct judge_bench *b, const char *name, const char *state,
                      const char *output);
void bench_act_job(struct judge_bench *b, enum rota_action_kind kind, const char *name);

/* A master wins this epoch. */
void bench_elect(struct judge_bench *b, uint32_t who, int32_t epoch);

/* A worker registers. Returns the zxid. */
int64_t bench_register(struct judge_bench *b, uint32_t who);

/* The session of a worker ends, and its znode is deleted. */
void bench_expire(struct judge_bench *b, uint32_t who);

/* m1 makes an assignment. Returns its zxid. */
int64_t bench_assign_with(struct judge_bench *b, const char *path, const char *record);
int64_t bench_assign(struct judge_bench *b, const char *path);

/* t1 is submitted, m1 leads, and both workers are registered. */
void bench_begin(struct judge_bench *b);

/* The worker `from` is lost, and m1 gives its assignment to the other one. Returns the zxid. */
int64_t bench_reassign(struct judge_bench *b, uint32_t from, int64_t czxid, const char *record);

/* A worker writes how the run of t1 ended, and gives up the assignment. */
void bench_complete(struct judge_bench *b, uint32_t who, int64_t czxid, const char *text);
void bench_hand_back(struct judge_bench *b, uint32_t who, int64_t czxid);

/* A run begins: of any task with this payload, or of t1 with its own. A run of t1 ends. */
void bench_run_with(struct judge_bench *b, uint32_t who, const char *task, int64_t fence,
                    const char *payload);
void bench_run(struct judge_bench *b, uint32_t who, int64_t fence);
void bench_end_as(struct judge_bench *b, uint32_t who, enum rota_ending ending, bool killed);
void bench_end(struct judge_bench *b, uint32_t who, enum rota_ending ending);

/* t1 is assigned to w1, runs there and succeeds; its status is not written yet. Returns the zxid of
 * the assignment. */
int64_t bench_succeed(struct judge_bench *b);

/* Fail the test unless no invariant, or exactly this one, is broken. */
void bench_holds(struct judge_bench *b);
void bench_breaks(struct judge_bench *b, enum rota_invariant invariant);

/* Setup and teardown of a test. */
int bench_setup(void **state);
int bench_teardown(void **state);

#endif
