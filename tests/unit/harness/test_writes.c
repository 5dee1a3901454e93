/* Each invariant is seen to break by exactly what it forbids, and not by what is right: who writes
 * what, how tasks begin and end. */
#include "tests/unit/harness/court.h"

#include "backend_sim/world/world_servers.h"

/* ---- one-writer ---- */

static void a_write_without_the_epoch(void **state)
{
    court_elect(*state, M1, 1);
    court_create(*state, "/assign/w1/t1");
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_an_old_epoch(void **state)
{
    court_elect(*state, M1, 1);
    court_check(*state, "/epoch", 0);
    court_create(*state, "/assign/w1/t1");
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_the_epoch_of_another(void **state)
{
    court_elect(*state, M1, 1);
    court_elect(*state, M2, 2);
    court_holds(*state);
    court_check(*state, "/epoch", 2);
    court_create(*state, "/assign/w1/t1");
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_lock_without_the_epoch(void **state)
{
    court_create(*state, "/master");
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_lock_that_raises_too_much(void **state)
{
    court_check(*state, "/epoch", 0);
    court_create(*state, "/master");
    court_set(*state, "/epoch", 2);
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void an_epoch_without_the_lock(void **state)
{
    court_elect(*state, M1, 1);
    court_check(*state, "/epoch", 1);
    court_set(*state, "/epoch", 2);
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

/* Directories are made by whoever finds them missing; what lies in them is not. */
static void founding(void **state)
{
    court_create(*state, "/tasks");
    court_commit(*state, M1);
    court_holds(*state);
    court_create(*state, "/cancel/t1");
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void the_lock_of_another(void **state)
{
    struct court *c = *state;

    court_elect(c, M1, 1);
    court_check(c, "/epoch", 1);
    court_change(c, ROTA_OP_DELETE, "/master")->owner = SESSION(M2);
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ONE_WRITER);
}

static void handing_over(void **state)
{
    struct court *c = *state;

    court_elect(c, M1, 1);
    court_check(c, "/epoch", 1);
    court_change(c, ROTA_OP_DELETE, "/master")->owner = SESSION(M1);
    court_commit(c, M1);
    court_holds(c);
}

/* Each role has znodes that only it writes. */
static void what_is_not_its_to_write(void **state)
{
    static const struct {
        uint32_t who;
        enum rota_op op;
        const char *path;
    } writes[] = {
        {W1, ROTA_OP_CREATE, "/assign/w1/t1"},
        {W1, ROTA_OP_DELETE, "/assign/w2/t1"},
        {W1, ROTA_OP_CREATE, "/workers/w2"},
        {W1, ROTA_OP_DELETE, "/assign/w2"},
        {W1, ROTA_OP_CREATE, "/tasks/t1"},
        {W1, ROTA_OP_DELETE, "/tasks/t1"},
        {W1, ROTA_OP_DELETE, "/tasks/t1/status"},
        {W1, ROTA_OP_CREATE, "/master"},
        {W1, ROTA_OP_SET, "/epoch"},
        {W1, ROTA_OP_DELETE, "/retry/t1"},
        {C1, ROTA_OP_DELETE, "/assign/w1/t1"},
        {C1, ROTA_OP_CREATE, "/assign/w1/t1"},
        {C1, ROTA_OP_DELETE, "/workers/w1"},
        {W1, ROTA_OP_SET, "/tasks/t1"},
        {C1, ROTA_OP_DELETE, "/retry/t1"},
        {C1, ROTA_OP_SET, "/epoch"},
    };

    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        struct court *c = NULL;
        void *fresh = NULL;

        (void)state;
        court_convene(&fresh);
        c = fresh;
        court_begin(c);
        c->h.tasks[0].assigned = 2; /* whoever deletes one finds it */
        court_change(c, writes[i].op, writes[i].path);
        court_commit(c, writes[i].who);
        if (!c->j.broken)
            fail_msg("%s was written", writes[i].path);
        court_breaks(c, ROTA_INVARIANT_ONE_WRITER);
        court_adjourn(&fresh);
    }
}

/* ---- one-completion ---- */

static void a_second_status(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_check(c, "/epoch", 1);
    court_erase(c, "/tasks/t1/status", 0);
    court_create_with(c, "/tasks/t1/status", "expired");
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_changed_status(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_set(c, "/tasks/t1/status", 1);
    court_commit(c, C1);
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_status_taken_back(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_erase(c, "/tasks/t1/status", 0);
    court_commit(c, C1);
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

/* A person sends it back: a new life, with a status of its own. */
static void a_life_sent_back(void **state)
{
    struct court *c = *state;
    int64_t placed;

    placed = court_succeed(c);
    c->h.tasks[0].last_ending = ROTA_ENDING_FAILURE;
    court_completes(c, W1, placed, "failed errors=0: x");
    court_erase(c, "/tasks/t1/status", 0);
    court_create_with(c, "/retry/t1", "attempt=1 losses=0");
    court_commit(c, ROTA_NOBODY);
    placed = court_assign_with(c, "/assign/w2/t1", "attempt=2 losses=0");
    court_run(c, W2, placed);
    court_end(c, W2, ROTA_ENDING_SUCCESS);
    court_completes(c, W2, placed, "done\nx");
    court_holds(c);
}

static void a_state_that_is_none(void **state)
{
    court_completes(*state, W1, court_succeed(*state), "finished");
    court_breaks(*state, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_cancellation_nobody_asked_for(void **state)
{
    court_completes(*state, W1, court_succeed(*state), "cancelled");
    court_breaks(*state, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_cancellation(void **state)
{
    int64_t placed = court_succeed(*state);

    court_create(*state, "/cancel/t1");
    court_commit(*state, ROTA_NOBODY);
    court_completes(*state, W1, placed, "cancelled");
    court_holds(*state);
}

static void done_without_a_run(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_completes(c, W1, court_assign(c, "/assign/w1/t1"), "done");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void done_and_still_running(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_completes(c, W1, placed, "done");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void done_and_it_failed(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_FAILURE);
    court_completes(c, W1, placed, "done");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void failed_without_a_run(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_completes(c, W1, court_assign(c, "/assign/w1/t1"), "failed errors=0: x");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void told_another_state(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_act_result(c, "t1", "failed", "x");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void told_another_result(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_act_result(c, "t1", "done", "y");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

static void told_before_its_end(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_act_result(c, "t1", "done", "");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

/* ---- no-task-lost ---- */

static void a_lost_task(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_check(c, "/epoch", 1);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_result_nobody_had(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_erase(c, "/tasks/t1/status", 0);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, C1);
    court_breaks(c, ROTA_INVARIANT_NO_TASK_LOST);
}

/* A master sweeps what nobody collects, when its time is over. */
static void sweep(struct court *c, rota_time after)
{
    court_completes(c, W1, court_succeed(c), "done\nx");
    rota_world_run(c->w, rota_world_now(c->w) + after);
    court_check(c, "/epoch", 1);
    court_erase(c, "/tasks/t1/status", 0);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, M1);
}

static void a_result_swept_too_early(void **state)
{
    sweep(*state, INT64_C(86399) * 1000000);
    court_breaks(*state, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_result_swept(void **state)
{
    sweep(*state, INT64_C(86400) * 1000000);
    court_act_result(*state, "t1", "missing", "");
    court_holds(*state);
}

static void an_empty_acknowledgement(void **state)
{
    court_act_job(*state, ROTA_ACTION_NAMED, "t1");
    court_breaks(*state, ROTA_INVARIANT_NO_TASK_LOST);
}

static void told_that_it_is_missing(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_act_result(c, "t1", "missing", "");
    court_breaks(c, ROTA_INVARIANT_NO_TASK_LOST);
}

/* ---- no-double-submit ---- */

static void a_second_task(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_act_result(c, "t1", "done", "x");
    court_erase(c, "/tasks/t1/status", 0);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, C1);
    court_holds(c);
    court_create(c, "/tasks/t1");
    court_commit(c, C1);
    court_breaks(c, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

/* The first of two submits by name lands last, out of the session of a dead process. */
static void a_task_that_nobody_waits_for(void **state)
{
    struct court *c = *state;
    char path[64];

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_act_result(c, "t1", "done", "x");
    court_erase(c, "/tasks/t1/status", 0);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, C1);
    rota_history_session(&c->h, 999, C1);
    court_create(c, "/tasks/t1");
    court_commit(c, C1);
    court_run(c, W2, court_assign(c, "/assign/w2/t1"));
    court_holds(c);
    rota_world_create_znodes(c->w, (const char *const[]){"/tasks/t1"}, 1);
    assert_true(rota_judge_tree(&c->j, path, sizeof path));
}

static void a_task_nobody_submitted(void **state)
{
    court_create(*state, "/tasks/other");
    court_commit(*state, C1);
    court_breaks(*state, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

/* ---- stale-result-refused ---- */

/* The assignment is older than the worker's registration: it was made to its former incarnation. */
static void a_result_of_a_former_incarnation(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    court_registers(c, W1);
    court_completes(c, W1, placed, "done\nx");
    court_breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_result_without_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_create_with(c, "/tasks/t1/status", "done");
    court_commit(c, W1);
    court_breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_result_by_a_client(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_create_with(c, "/tasks/t1/status", "cancelled");
    court_commit(c, C1);
    court_breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_record_without_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_create(c, "/retry/t1");
    court_commit(c, W1);
    court_breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void progress_without_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_assign(c, "/assign/w1/t1");
    court_create_with(c, "/progress/t1", "1 of 2");
    court_commit(c, W1);
    court_holds(c);
    court_create_with(c, "/progress/t1", "2 of 2");
    court_commit(c, W2);
    court_breaks(c, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void progress_by_a_master(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_check(c, "/epoch", 1);
    court_create_with(c, "/progress/t1", "1 of 2");
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ONE_WRITER);
}

/* Its client had read the end before it was sent back, and tells that one. */
static void told_of_a_former_life(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    c->h.tasks[0].last_ending = ROTA_ENDING_FAILURE;
    court_completes(c, W1, placed, "failed errors=0: x");
    court_erase(c, "/tasks/t1/status", 0);
    court_create_with(c, "/retry/t1", "attempt=1 losses=0");
    court_commit(c, ROTA_NOBODY);
    court_act_result(c, "t1", "failed", "");
    court_holds(c);
    court_act_result(c, "t1", "dead", "");
    court_breaks(c, ROTA_INVARIANT_ONE_COMPLETION);
}

/* ---- what may not stand together, or be asked for again ---- */

static void a_registration_that_raises_nothing(void **state)
{
    struct court *c = *state;

    court_change(c, ROTA_OP_CREATE, "/workers/w1")->owner = SESSION(W1);
    court_commit(c, W1);
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void the_place_of_a_living_worker(void **state)
{
    court_begin(*state);
    court_check(*state, "/epoch", 1);
    court_erase(*state, "/assign/w1", 0);
    court_commit(*state, M1);
    court_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_record_beside_an_assignment(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    court_hands_back(c, W1, placed);
    court_holds(c);
    court_check(c, "/epoch", 1);
    court_check(c, "/assign/w2", 0);
    court_create_with(c, "/assign/w2/t1", "attempt=2 losses=0 failures=1");
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void more_than_it_has_slots(void **state)
{
    court_begin(*state);
    court_assign(*state, "/assign/w1/t1");
    court_holds(*state);
    court_assign(*state, "/assign/w1/t2");
    court_breaks(*state, ROTA_INVARIANT_CAPACITY);
}

static void asking_again_and_again(void **state)
{
    struct court *c = *state;
    struct rota_request one = {.operation = {.op = ROTA_OP_SET, .path = "/tasks/t1"}};

    for (int i = 0; i < 20; i++)
        rota_judge_refused(&c->j, C1, &one, ROTA_ERR_BAD_VERSION);
    court_holds(c);
    rota_judge_refused(&c->j, C1, &one, ROTA_ERR_BAD_VERSION);
    court_breaks(c, ROTA_INVARIANT_BOUNDED_TRIES);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, court_convene, court_adjourn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_write_without_the_epoch),
        CASE(a_write_under_an_old_epoch),
        CASE(a_write_under_the_epoch_of_another),
        CASE(a_lock_without_the_epoch),
        CASE(a_lock_that_raises_too_much),
        CASE(an_epoch_without_the_lock),
        CASE(founding),
        CASE(the_lock_of_another),
        CASE(handing_over),
        CASE(what_is_not_its_to_write),
        CASE(a_second_status),
        CASE(a_changed_status),
        CASE(a_status_taken_back),
        CASE(a_life_sent_back),
        CASE(a_state_that_is_none),
        CASE(a_cancellation_nobody_asked_for),
        CASE(a_cancellation),
        CASE(done_without_a_run),
        CASE(done_and_still_running),
        CASE(done_and_it_failed),
        CASE(failed_without_a_run),
        CASE(told_another_state),
        CASE(told_another_result),
        CASE(told_before_its_end),
        CASE(a_lost_task),
        CASE(a_result_nobody_had),
        CASE(a_result_swept_too_early),
        CASE(a_result_swept),
        CASE(an_empty_acknowledgement),
        CASE(told_that_it_is_missing),
        CASE(a_second_task),
        CASE(a_task_that_nobody_waits_for),
        CASE(a_task_nobody_submitted),
        CASE(a_result_of_a_former_incarnation),
        CASE(a_result_without_an_assignment),
        CASE(a_result_by_a_client),
        CASE(a_record_without_an_assignment),
        CASE(a_registration_that_raises_nothing),
        CASE(the_place_of_a_living_worker),
        CASE(a_record_beside_an_assignment),
        CASE(more_than_it_has_slots),
        CASE(asking_again_and_again),
        CASE(progress_without_an_assignment),
        CASE(progress_by_a_master),
        CASE(told_of_a_former_life),
    };

    return cmocka_run_group_tests_name("writes", tests, NULL, NULL);
}
