/* Each invariant is seen to break by exactly what it forbids, and not by what is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/invariant.h"

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

static const struct rota_world_hooks deaf;

/* ---- saying what happened ---- */

static struct rota_change *change(struct court *c, enum rota_op op, const char *path)
{
    struct rota_change *one = &c->changes[c->count++];

    *one = (struct rota_change){.op = op, .path = path, .data = ROTA_NULL_BYTES};
    return one;
}

static void create(struct court *c, const char *path)
{
    change(c, ROTA_OP_CREATE, path);
}

static void erase(struct court *c, const char *path, int64_t czxid)
{
    change(c, ROTA_OP_DELETE, path)->czxid = czxid;
}

static void check(struct court *c, const char *path, int32_t version)
{
    change(c, ROTA_OP_CHECK, path)->version = version;
}

static void set(struct court *c, const char *path, int32_t version)
{
    change(c, ROTA_OP_SET, path)->version = version;
}

/* Commits what was said as one multi of this process. Returns its zxid. */
static int64_t commit(struct court *c, uint32_t who)
{
    struct rota_commit one = {.kind = ROTA_COMMIT_WRITE,
                              .zxid = ++c->zxid,
                              .session = SESSION(who),
                              .multi = true,
                              .changes = c->changes,
                              .change_count = c->count};

    rota_judge_committed(&c->j, who, &one);
    c->count = 0;
    return c->zxid;
}

static void status(struct court *c, const char *path, const char *text)
{
    change(c, ROTA_OP_CREATE, path)->data = (struct rota_bytes){text, (int32_t)strlen(text)};
}

static void elect(struct court *c, uint32_t who, int32_t epoch)
{
    check(c, "/epoch", epoch - 1);
    create(c, "/master");
    set(c, "/epoch", epoch);
    commit(c, who);
}

static int64_t registers(struct court *c, uint32_t who)
{
    change(c, ROTA_OP_CREATE, who == W1 ? "/workers/w1" : "/workers/w2")->owner = SESSION(who);
    return commit(c, who);
}

static int64_t assign(struct court *c, const char *path)
{
    check(c, "/epoch", 1);
    create(c, path);
    return commit(c, M1);
}

static void act_job(struct court *c, enum rota_action_kind kind, const char *name)
{
    struct rota_action a = {.kind = kind};

    a.job.name = name;
    a.job.state = "done";
    rota_judge_acted(&c->j, C1, &a);
}

static void run_with(struct court *c, uint32_t who, const char *task, const char *payload)
{
    struct rota_action a = {.kind = ROTA_ACTION_RUN};

    a.run.fence = rota_server_last_zxid(rota_world_server(c->w));
    a.run.task = task;
    a.run.attempt = 1;
    a.run.payload = (struct rota_bytes){payload, (int32_t)strlen(payload)};
    rota_judge_acted(&c->j, who, &a);
}

static void run(struct court *c, uint32_t who, const char *task)
{
    run_with(c, who, task, "payload");
}

static void end(struct court *c, uint32_t who, char *task, enum rota_ending ending, bool killed)
{
    struct rota_run one = {.task = task, .ending = ending, .killed = killed};

    rota_judge_ended(&c->j, who, &one);
}

/* ---- what the court says ---- */

static void holds(struct court *c)
{
    if (c->j.broken)
        fail_msg("%s: %s", rota_invariant_word(c->j.breach.invariant), c->j.breach.text);
}

static void breaks(struct court *c, enum rota_invariant invariant)
{
    if (!c->j.broken)
        fail_msg("%s was not seen to break", rota_invariant_word(invariant));
    assert_string_equal(rota_invariant_word(c->j.breach.invariant), rota_invariant_word(invariant));
    assert_true(strlen(c->j.breach.text) > 0);
}

static int convene(void **state)
{
    static const char text[] = "scenario \"x\"\ncluster masters=2 workers=2 clients=1 losses=1\n";
    static const char *const names[] = {"m1", "m2", "w1", "w2", "c1"};
    static const enum rota_role roles[] = {ROTA_ROLE_MASTER, ROTA_ROLE_MASTER, ROTA_ROLE_WORKER,
                                           ROTA_ROLE_WORKER, ROTA_ROLE_CLIENT};
    static const char *const paths[] = {"/epoch", "/workers", "/assign", "/tasks"};
    struct rota_world_config config = {.seed = 1, .session_ms = 10000};
    struct rota_submit plan = {.count = 1};
    struct rota_scenario_error error;
    struct court *c = calloc(1, sizeof *c);

    assert_true(rota_scenario_read(&c->s, "x", text, sizeof text - 1, &error));
    c->w = rota_world_open(&config, &deaf, NULL);
    rota_history_init(&c->h, PROCESSES);
    rota_judge_init(&c->j, &c->s, c->w, &c->h);
    for (uint32_t i = 0; i < PROCESSES; i++) {
        struct rota_driver_config driver = {.role = roles[i]};

        rota_world_add(c->w, names[i], &driver);
        rota_history_session(&c->h, SESSION(i), i);
    }
    rota_world_found(c->w, paths, 4);
    rota_judge_remember(&c->j);
    rota_history_want(&c->h, "t1", C1, &plan, "payload");
    *state = c;
    return 0;
}

static int adjourn(void **state)
{
    struct court *c = *state;

    rota_world_close(c->w);
    rota_judge_close(&c->j);
    rota_history_close(&c->h);
    rota_scenario_close(&c->s);
    free(c);
    return 0;
}

/* ---- cases ---- */

/* A whole life, as it should be. */
static void a_life(void **state)
{
    struct court *c = *state;
    int64_t placed;

    registers(c, W1);
    elect(c, M1, 1);
    create(c, "/tasks/t1");
    commit(c, C1);
    act_job(c, ROTA_ACTION_NAMED, "t1");
    placed = assign(c, "/assign/w1/t1");
    run(c, W1, "t1");
    end(c, W1, (char[]){"t1"}, ROTA_ENDING_SUCCESS, false);
    erase(c, "/assign/w1/t1", placed);
    status(c, "/tasks/t1/status", "done\nresult");
    commit(c, W1);
    assert_string_equal(c->h.tasks[0].status, "done");
    assert_int_equal(c->h.undone, 0);
    act_job(c, ROTA_ACTION_RESULT, "t1");
    erase(c, "/tasks/t1/status", 0);
    erase(c, "/tasks/t1", 0);
    commit(c, C1);
    act_job(c, ROTA_ACTION_COLLECTED, "t1");
    assert_int_equal(c->h.uncollected, 0);
    holds(c);
}

static void a_write_without_the_epoch(void **state)
{
    elect(*state, M1, 1);
    create(*state, "/assign/w1/t1");
    commit(*state, M1);
    breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_an_old_epoch(void **state)
{
    elect(*state, M1, 1);
    check(*state, "/epoch", 0);
    create(*state, "/assign/w1/t1");
    commit(*state, M1);
    breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_the_epoch_of_another(void **state)
{
    elect(*state, M1, 1);
    elect(*state, M2, 2);
    holds(*state);
    check(*state, "/epoch", 2);
    create(*state, "/assign/w1/t1");
    commit(*state, M1);
    breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_lock_without_the_epoch(void **state)
{
    create(*state, "/master");
    commit(*state, M1);
    breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void two_assignments(void **state)
{
    elect(*state, M1, 1);
    assign(*state, "/assign/w1/t1");
    holds(*state);
    assign(*state, "/assign/w2/t1");
    breaks(*state, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void moving_an_assignment(void **state)
{
    struct court *c = *state;

    elect(c, M1, 1);
    assign(c, "/assign/w1/t1");
    check(c, "/epoch", 1);
    erase(c, "/assign/w1/t1", 0);
    create(c, "/assign/w2/t1");
    commit(c, M1);
    holds(c);
}

static void a_status_beside_an_assignment(void **state)
{
    struct court *c = *state;

    registers(c, W1);
    elect(c, M1, 1);
    assign(c, "/assign/w1/t1");
    check(c, "/epoch", 1);
    status(c, "/tasks/t1/status", "dead");
    commit(c, M1);
    breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void a_second_status(void **state)
{
    struct court *c = *state;

    elect(c, M1, 1);
    check(c, "/epoch", 1);
    status(c, "/tasks/t1/status", "dead");
    commit(c, M1);
    check(c, "/epoch", 1);
    erase(c, "/tasks/t1/status", 0);
    status(c, "/tasks/t1/status", "done");
    commit(c, M1);
    breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_changed_status(void **state)
{
    struct court *c = *state;

    elect(c, M1, 1);
    check(c, "/epoch", 1);
    status(c, "/tasks/t1/status", "dead");
    commit(c, M1);
    set(c, "/tasks/t1/status", 1);
    commit(c, C1);
    breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_lost_task(void **state)
{
    struct court *c = *state;

    create(c, "/tasks/t1");
    commit(c, C1);
    act_job(c, ROTA_ACTION_NAMED, "t1");
    elect(c, M1, 1);
    check(c, "/epoch", 1);
    erase(c, "/tasks/t1", 0);
    commit(c, M1);
    breaks(c, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_result_nobody_had(void **state)
{
    struct court *c = *state;

    create(c, "/tasks/t1");
    commit(c, C1);
    elect(c, M1, 1);
    check(c, "/epoch", 1);
    status(c, "/tasks/t1/status", "dead");
    commit(c, M1);
    erase(c, "/tasks/t1/status", 0);
    erase(c, "/tasks/t1", 0);
    commit(c, C1);
    breaks(c, ROTA_INVARIANT_NO_TASK_LOST);
}

static void an_empty_acknowledgement(void **state)
{
    act_job(*state, ROTA_ACTION_NAMED, "t1");
    breaks(*state, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_second_task(void **state)
{
    struct court *c = *state;

    create(c, "/tasks/t1");
    commit(c, C1);
    act_job(c, ROTA_ACTION_RESULT, "t1");
    erase(c, "/tasks/t1", 0);
    commit(c, C1);
    create(c, "/tasks/t1");
    commit(c, C1);
    breaks(c, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

static void a_task_nobody_submitted(void **state)
{
    create(*state, "/tasks/other");
    commit(*state, C1);
    breaks(*state, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

static void another_payload(void **state)
{
    run_with(*state, W1, "t1", "payloaf");
    breaks(*state, ROTA_INVARIANT_PAYLOAD_INTACT);
}

static void too_many_runs(void **state)
{
    run(*state, W1, "t1");
    holds(*state);
    run(*state, W1, "t2");
    breaks(*state, ROTA_INVARIANT_CAPACITY);
}

/* The assignment is older than the worker's registration: it was made to its former incarnation. */
static void a_result_of_a_former_incarnation(void **state)
{
    struct court *c = *state;
    int64_t placed;

    registers(c, W1);
    elect(c, M1, 1);
    placed = assign(c, "/assign/w1/t1");
    registers(c, W1);
    erase(c, "/assign/w1/t1", placed);
    status(c, "/tasks/t1/status", "done");
    commit(c, W1);
    breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_result_without_an_assignment(void **state)
{
    struct court *c = *state;

    registers(c, W1);
    status(c, "/tasks/t1/status", "done");
    commit(c, W1);
    breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_needless_rerun(void **state)
{
    struct court *c = *state;

    rota_judge_misfortune(&c->j, W1);
    rota_world_found(c->w, (const char *const[]){"/x"}, 1);
    run(c, W1, "t1");
    end(c, W1, (char[]){"t1"}, ROTA_ENDING_SUCCESS, false);
    run(c, W2, "t1");
    breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void an_excused_rerun(void **state)
{
    struct court *c = *state;

    run(c, W1, "t1");
    end(c, W1, (char[]){"t1"}, ROTA_ENDING_STOPPED, false);
    rota_judge_misfortune(&c->j, W1);
    run(c, W2, "t1");
    holds(c);
}

static void a_task_that_goes_on_killing(void **state)
{
    struct court *c = *state;

    run(c, W1, "t1");
    end(c, W1, (char[]){"t1"}, ROTA_ENDING_STOPPED, true);
    rota_judge_misfortune(&c->j, W1);
    holds(c);
    run(c, W2, "t1");
    breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_failure_that_runs_again(void **state)
{
    struct court *c = *state;

    run(c, W1, "t1");
    end(c, W1, (char[]){"t1"}, ROTA_ENDING_FAILURE, false);
    run(c, W1, "t1");
    breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void too_many_watches(void **state)
{
    struct court *c = *state;

    rota_world_process(c->w, M1)->client.watch_bytes_most = 786433;
    rota_judge_misfortune(&c->j, M1);
    breaks(c, ROTA_INVARIANT_BOUNDED_WATCHES);
}

static void a_tree_with_something_left(void **state)
{
    static const char *const left[] = {"/tasks/t1"};
    struct court *c = *state;
    char path[64];

    assert_true(rota_judge_tree(&c->j, path, sizeof path));
    rota_world_found(c->w, left, 1);
    assert_false(rota_judge_tree(&c->j, path, sizeof path));
    assert_string_equal(path, "/tasks/t1");
}

/* The first breach stays, and `without` takes an invariant off. */
static void the_first_breach(void **state)
{
    struct court *c = *state;

    c->s.without[ROTA_INVARIANT_NO_DOUBLE_SUBMIT] = true;
    create(c, "/tasks/other");
    commit(c, C1);
    holds(c);
    run_with(c, W1, "t1", "x");
    run_with(c, W1, "t2", "x");
    breaks(c, ROTA_INVARIANT_PAYLOAD_INTACT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, convene, adjourn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_life),
        CASE(a_write_without_the_epoch),
        CASE(a_write_under_an_old_epoch),
        CASE(a_write_under_the_epoch_of_another),
        CASE(a_lock_without_the_epoch),
        CASE(two_assignments),
        CASE(moving_an_assignment),
        CASE(a_status_beside_an_assignment),
        CASE(a_second_status),
        CASE(a_changed_status),
        CASE(a_lost_task),
        CASE(a_result_nobody_had),
        CASE(an_empty_acknowledgement),
        CASE(a_second_task),
        CASE(a_task_nobody_submitted),
        CASE(another_payload),
        CASE(too_many_runs),
        CASE(a_result_of_a_former_incarnation),
        CASE(a_result_without_an_assignment),
        CASE(a_needless_rerun),
        CASE(an_excused_rerun),
        CASE(a_task_that_goes_on_killing),
        CASE(a_failure_that_runs_again),
        CASE(too_many_watches),
        CASE(a_tree_with_something_left),
        CASE(the_first_breach),
    };

    return cmocka_run_group_tests_name("invariant", tests, NULL, NULL);
}
