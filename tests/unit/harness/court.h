/* A court: a judge with a history that a test makes up, transaction by transaction. */
#ifndef ROTA_TESTS_UNIT_HARNESS_COURT_H
#define ROTA_TESTS_UNIT_HARNESS_COURT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/judge.h"

/* m1, m2, w1, w2 and c1, none of which runs; their sessions are 100 and up. */
enum { M1, M2, W1, W2, C1, PROCESSES };
#define SESSION(who) (100 + (int64_t)(who))

struct court {
    struct rota_scenario s;
    struct rota_world *w;
    struct rota_history h;
    struct rota_judge j;
    int64_t zxid;
    struct rota_change changes[8];
    uint32_t count;
};

/* Begins one change of the next transaction. */
struct rota_change *court_change(struct court *c, enum rota_op op, const char *path);

/* Changes of the next transaction. */
void court_create(struct court *c, const char *path);
void court_create_with(struct court *c, const char *path, const char *text);
void court_erase(struct court *c, const char *path, int64_t czxid);
void court_check(struct court *c, const char *path, int32_t version);
void court_set(struct court *c, const char *path, int32_t version);

/* Commits what was said as one multi of this process. Returns its zxid. */
int64_t court_commit(struct court *c, uint32_t who);

/* c1 says what it was told, and other things. */
void court_act_result(struct court *c, const char *name, const char *state, const char *output);
void court_act_job(struct court *c, enum rota_action_kind kind, const char *name);

/* A master wins this epoch. */
void court_elect(struct court *c, uint32_t who, int32_t epoch);

/* A worker registers. Returns the zxid. */
int64_t court_registers(struct court *c, uint32_t who);

/* The session of a worker ends, and its znode with it. */
void court_expires(struct court *c, uint32_t who);

/* m1 makes an assignment. Returns its zxid. */
int64_t court_assign_with(struct court *c, const char *path, const char *record);
int64_t court_assign(struct court *c, const char *path);

/* t1 is submitted, m1 leads, both workers are there. */
void court_begin(struct court *c);

/* Its worker is lost, and the assignment goes to the other one. Returns the zxid. */
int64_t court_reassign(struct court *c, uint32_t from, int64_t czxid, const char *record);

/* A worker writes how the run of t1 ended, and gives the assignment up. */
void court_completes(struct court *c, uint32_t who, int64_t czxid, const char *text);
void court_hands_back(struct court *c, uint32_t who, int64_t czxid);

/* A run begins, of t1 with its own payload; a run of t1 ends. */
void court_run_with(struct court *c, uint32_t who, const char *task, int64_t fence,
                    const char *payload);
void court_run(struct court *c, uint32_t who, int64_t fence);
void court_end_as(struct court *c, uint32_t who, enum rota_ending ending, bool killed);
void court_end(struct court *c, uint32_t who, enum rota_ending ending);

/* t1 is assigned to w1, runs there and succeeds, all but written down. Returns the assignment's
 * zxid. */
int64_t court_succeed(struct court *c);

/* Fails the test unless nothing, or this, was seen to break. */
void court_holds(struct court *c);
void court_breaks(struct court *c, enum rota_invariant invariant);

/* Setup and teardown of a test. */
int court_convene(void **state);
int court_adjourn(void **state);

#endif
