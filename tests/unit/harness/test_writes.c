/* Each invariant is broken by what it forbids, and not by what is right: which process writes which
 * znode, and how tasks begin and end. */
#include "backend_sim/world/world_servers.h"
#include "tests/unit/harness/judge_bench.h"

/* ---- one-writer ---- */

static void a_write_without_the_epoch(void **state)
{
    bench_elect(*state, M1, 1);
    bench_create(*state, "/assign/w1/t1");
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_an_old_epoch(void **state)
{
    bench_elect(*state, M1, 1);
    bench_check(*state, "/epoch", 0);
    bench_create(*state, "/assign/w1/t1");
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_write_under_the_epoch_of_another_master(void **state)
{
    bench_elect(*state, M1, 1);
    bench_elect(*state, M2, 2);
    bench_holds(*state);
    bench_check(*state, "/epoch", 2);
    bench_create(*state, "/assign/w1/t1");
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_lock_without_the_epoch(void **state)
{
    bench_create(*state, "/master");
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_lock_that_raises_too_much(void **state)
{
    bench_check(*state, "/epoch", 0);
    bench_create(*state, "/master");
    bench_set(*state, "/epoch", 2);
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void an_epoch_without_the_lock(void **state)
{
    bench_elect(*state, M1, 1);
    bench_check(*state, "/epoch", 1);
    bench_set(*state, "/epoch", 2);
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

/* Any master may create a missing directory, but not the znodes in it. */
static void creating_directories(void **state)
{
    bench_create(*state, "/tasks");
    bench_commit(*state, M1);
    bench_holds(*state);
    bench_create(*state, "/cancel/t1");
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void the_lock_of_another_master(void **state)
{
    struct judge_bench *b = *state;

    bench_elect(b, M1, 1);
    bench_check(b, "/epoch", 1);
    bench_change(b, ROTA_OP_DELETE, "/master")->owner = SESSION(M2);
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ONE_WRITER);
}

static void handing_over(void **state)
{
    struct judge_bench *b = *state;

    bench_elect(b, M1, 1);
    bench_check(b, "/epoch", 1);
    bench_change(b, ROTA_OP_DELETE, "/master")->owner = SESSION(M1);
    bench_commit(b, M1);
    bench_holds(b);
}

/* Each role has znodes that only it writes. */
static void znodes_of_other_roles(void **state)
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
        {W1, ROTA_OP_SET, "/retry"},
        {C1, ROTA_OP_SET, "/assign"},
        {C1, ROTA_OP_DELETE, "/retry/t1"},
        {C1, ROTA_OP_SET, "/epoch"},
    };

    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        struct judge_bench *b = NULL;
        void *fresh = NULL;

        (void)state;
        bench_setup(&fresh);
        b = fresh;
        bench_begin(b);
        b->h.tasks[0].assignment_count = 2; /* the process that deletes it */
        bench_change(b, writes[i].op, writes[i].path);
        bench_commit(b, writes[i].who);
        if (!b->j.broken)
            fail_msg("%s was written", writes[i].path);
        bench_breaks(b, ROTA_INVARIANT_ONE_WRITER);
        bench_teardown(&fresh);
    }
}

/* ---- one-completion ---- */

static void a_second_status(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_check(b, "/epoch", 1);
    bench_delete(b, "/tasks/t1/status", 0);
    bench_create_with(b, "/tasks/t1/status", "expired");
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_changed_status(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_set(b, "/tasks/t1/status", 1);
    bench_commit(b, C1);
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_deleted_status(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_commit(b, C1);
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

/* A person retries it: a new life, with a status of its own. */
static void a_retried_task(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    placed = bench_succeed(b);
    b->h.tasks[0].last_ending = ROTA_ENDING_FAILURE;
    bench_complete(b, W1, placed, "failed errors=0: x");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_create_with(b, "/retry/t1", "attempt=1 losses=0");
    bench_commit(b, ROTA_NOBODY);
    placed = bench_assign_with(b, "/assign/w2/t1", "attempt=2 losses=0");
    bench_run(b, W2, placed);
    bench_end(b, W2, ROTA_ENDING_SUCCESS);
    bench_complete(b, W2, placed, "done\nx");
    bench_holds(b);
}

static void an_unknown_state(void **state)
{
    bench_complete(*state, W1, bench_succeed(*state), "finished");
    bench_breaks(*state, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_cancellation_without_a_request(void **state)
{
    bench_complete(*state, W1, bench_succeed(*state), "cancelled");
    bench_breaks(*state, ROTA_INVARIANT_ONE_COMPLETION);
}

static void a_cancellation(void **state)
{
    int64_t placed = bench_succeed(*state);

    bench_create(*state, "/cancel/t1");
    bench_commit(*state, ROTA_NOBODY);
    bench_complete(*state, W1, placed, "cancelled");
    bench_holds(*state);
}

static void done_without_a_run(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_complete(b, W1, bench_assign(b, "/assign/w1/t1"), "done");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void done_and_still_running(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_complete(b, W1, placed, "done");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void done_and_it_failed(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_FAILURE);
    bench_complete(b, W1, placed, "done");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void failed_without_a_run(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_complete(b, W1, bench_assign(b, "/assign/w1/t1"), "failed errors=0: x");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void delivering_another_state(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_act_result(b, "t1", "failed", "x");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void delivering_another_result(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_act_result(b, "t1", "done", "y");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

static void delivering_a_state_too_early(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_act_result(b, "t1", "done", "");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

/* ---- no-task-lost ---- */

static void a_lost_task(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_check(b, "/epoch", 1);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_result_removed_before_delivery(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, C1);
    bench_breaks(b, ROTA_INVARIANT_NO_TASK_LOST);
}

/* A master removes a result that is not collected, after its retention. */
static void sweep(struct judge_bench *b, rota_time after)
{
    bench_complete(b, W1, bench_succeed(b), "done\nx");
    rota_world_run(b->w, rota_world_now(b->w) + after);
    bench_check(b, "/epoch", 1);
    bench_delete(b, "/tasks/t1/status", 0);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, M1);
}

static void a_result_removed_by_a_master_too_early(void **state)
{
    sweep(*state, INT64_C(86399) * 1000000);
    bench_breaks(*state, ROTA_INVARIANT_NO_TASK_LOST);
}

static void a_result_removed_by_a_master_after_its_retention(void **state)
{
    sweep(*state, INT64_C(86400) * 1000000);
    bench_act_result(*state, "t1", "missing", "");
    bench_holds(*state);
}

static void an_empty_acknowledgement(void **state)
{
    bench_act_job(*state, ROTA_ACTION_NAMED, "t1");
    bench_breaks(*state, ROTA_INVARIANT_NO_TASK_LOST);
}

static void delivering_missing(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_act_result(b, "t1", "missing", "");
    bench_breaks(b, ROTA_INVARIANT_NO_TASK_LOST);
}

/* ---- no-double-submit ---- */

static void a_second_task(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_act_result(b, "t1", "done", "x");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, C1);
    bench_holds(b);
    bench_create(b, "/tasks/t1");
    bench_commit(b, C1);
    bench_breaks(b, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

/* The first of two submits by name arrives last, from the session of a dead process. */
static void a_late_submit_of_a_dead_client(void **state)
{
    struct judge_bench *b = *state;
    char path[64];

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_act_result(b, "t1", "done", "x");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, C1);
    rota_history_open_session(&b->h, 999, C1);
    bench_create(b, "/tasks/t1");
    bench_commit(b, C1);
    bench_run(b, W2, bench_assign(b, "/assign/w2/t1"));
    bench_holds(b);
    rota_world_create_znodes(b->w, (const char *const[]){"/tasks/t1"}, 1);
    assert_true(rota_judge_check_tree(&b->j, path, sizeof path));
}

static void a_task_without_a_submit(void **state)
{
    bench_create(*state, "/tasks/other");
    bench_commit(*state, C1);
    bench_breaks(*state, ROTA_INVARIANT_NO_DOUBLE_SUBMIT);
}

/* ---- stale-result-refused ---- */

/* The assignment is older than the registration of the worker: it was made to its incarnation
 * before. */
static void a_result_of_a_former_incarnation(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    bench_register(b, W1);
    bench_complete(b, W1, placed, "done\nx");
    bench_breaks(b, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_result_without_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_create_with(b, "/tasks/t1/status", "done");
    bench_commit(b, W1);
    bench_breaks(b, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_result_by_a_client(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_create_with(b, "/tasks/t1/status", "cancelled");
    bench_commit(b, C1);
    bench_breaks(b, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void a_record_without_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_create(b, "/retry/t1");
    bench_commit(b, W1);
    bench_breaks(b, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void progress_without_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_assign(b, "/assign/w1/t1");
    bench_create_with(b, "/progress/t1", "1 of 2");
    bench_commit(b, W1);
    bench_holds(b);
    bench_create_with(b, "/progress/t1", "2 of 2");
    bench_commit(b, W2);
    bench_breaks(b, ROTA_INVARIANT_STALE_RESULT_REFUSED);
}

static void progress_by_a_master(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_check(b, "/epoch", 1);
    bench_create_with(b, "/progress/t1", "1 of 2");
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ONE_WRITER);
}

/* Its client had read the status before the retry, and delivers that one. */
static void delivering_the_status_of_the_life_before(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    b->h.tasks[0].last_ending = ROTA_ENDING_FAILURE;
    bench_complete(b, W1, placed, "failed errors=0: x");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_create_with(b, "/retry/t1", "attempt=1 losses=0");
    bench_commit(b, ROTA_NOBODY);
    bench_act_result(b, "t1", "failed", "");
    bench_holds(b);
    bench_act_result(b, "t1", "dead", "");
    bench_breaks(b, ROTA_INVARIANT_ONE_COMPLETION);
}

/* ---- what may not exist together, and repeated requests ---- */

static void a_registration_without_a_new_incarnation(void **state)
{
    struct judge_bench *b = *state;

    bench_change(b, ROTA_OP_CREATE, "/workers/w1")->owner = SESSION(W1);
    bench_commit(b, W1);
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* The version of a place begins again when the next worker of that name makes it. */
static void a_goodbye_that_does_not_raise_assign(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_delete(b, "/workers/w1", 0);
    bench_delete(b, "/assign/w1", 0);
    bench_set(b, "/assign", 1);
    bench_commit(b, W1);
    bench_holds(b);
    bench_delete(b, "/workers/w2", 0);
    bench_delete(b, "/assign/w2", 0);
    bench_commit(b, W2);
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void the_place_of_a_living_worker(void **state)
{
    bench_begin(*state);
    bench_check(*state, "/epoch", 1);
    bench_delete(*state, "/assign/w1", 0);
    bench_commit(*state, M1);
    bench_breaks(*state, ROTA_INVARIANT_ONE_WRITER);
}

static void a_retry_record_next_to_an_assignment(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    bench_hand_back(b, W1, placed);
    bench_holds(b);
    bench_check(b, "/epoch", 1);
    bench_check(b, "/assign/w2", 0);
    bench_create_with(b, "/assign/w2/t1", "attempt=2 losses=0 failures=1");
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void more_assignments_than_slots(void **state)
{
    bench_begin(*state);
    bench_assign(*state, "/assign/w1/t1");
    bench_holds(*state);
    bench_assign(*state, "/assign/w1/t2");
    bench_breaks(*state, ROTA_INVARIANT_CAPACITY);
}

static void repeating_a_refused_request(void **state)
{
    struct judge_bench *b = *state;
    struct rota_request one = {.operation = {.op = ROTA_OP_SET, .path = "/tasks/t1"}};

    for (int i = 0; i < 20; i++)
        rota_judge_refused(&b->j, C1, &one, ROTA_ERR_BAD_VERSION);
    bench_holds(b);
    rota_judge_refused(&b->j, C1, &one, ROTA_ERR_BAD_VERSION);
    bench_breaks(b, ROTA_INVARIANT_BOUNDED_TRIES);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_write_without_the_epoch),
        CASE(a_write_under_an_old_epoch),
        CASE(a_write_under_the_epoch_of_another_master),
        CASE(a_lock_without_the_epoch),
        CASE(a_lock_that_raises_too_much),
        CASE(an_epoch_without_the_lock),
        CASE(creating_directories),
        CASE(the_lock_of_another_master),
        CASE(handing_over),
        CASE(znodes_of_other_roles),
        CASE(a_second_status),
        CASE(a_changed_status),
        CASE(a_deleted_status),
        CASE(a_retried_task),
        CASE(an_unknown_state),
        CASE(a_cancellation_without_a_request),
        CASE(a_cancellation),
        CASE(done_without_a_run),
        CASE(done_and_still_running),
        CASE(done_and_it_failed),
        CASE(failed_without_a_run),
        CASE(delivering_another_state),
        CASE(delivering_another_result),
        CASE(delivering_a_state_too_early),
        CASE(a_lost_task),
        CASE(a_result_removed_before_delivery),
        CASE(a_result_removed_by_a_master_too_early),
        CASE(a_result_removed_by_a_master_after_its_retention),
        CASE(an_empty_acknowledgement),
        CASE(delivering_missing),
        CASE(a_second_task),
        CASE(a_late_submit_of_a_dead_client),
        CASE(a_task_without_a_submit),
        CASE(a_result_of_a_former_incarnation),
        CASE(a_result_without_an_assignment),
        CASE(a_result_by_a_client),
        CASE(a_record_without_an_assignment),
        CASE(a_registration_without_a_new_incarnation),
        CASE(a_goodbye_that_does_not_raise_assign),
        CASE(the_place_of_a_living_worker),
        CASE(a_retry_record_next_to_an_assignment),
        CASE(more_assignments_than_slots),
        CASE(repeating_a_refused_request),
        CASE(progress_without_an_assignment),
        CASE(progress_by_a_master),
        CASE(delivering_the_status_of_the_life_before),
    };

    return cmocka_run_group_tests_name("writes", tests, NULL, NULL);
}
