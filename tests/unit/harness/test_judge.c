/* Each invariant is broken by what it forbids, and not by what is right: where tasks are assigned
 * and run, how often, and what is left in the tree. */
#include "backend_sim/world/world_servers.h"
#include "tests/unit/harness/judge_bench.h"

/* ---- cases ---- */

/* A whole life without a breach. */
static void task_is_completed_and_collected(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nresult");
    assert_string_equal(b->h.tasks[0].status, "done");
    assert_int_equal(b->h.undone, 0);
    bench_act_result(b, "t1", "done", "result");
    bench_delete(b, "/tasks/t1/status", 0);
    bench_delete(b, "/tasks/t1", 0);
    bench_commit(b, C1);
    bench_act_job(b, ROTA_ACTION_COLLECTED, "t1");
    assert_int_equal(b->h.uncollected, 0);
    bench_holds(b);
}

/* ---- one-assignment ---- */

static void two_assignments(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_assign(b, "/assign/w1/t1");
    bench_holds(b);
    bench_assign(b, "/assign/w2/t1");
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
    assert_non_null(strstr(b->j.breach.text, "t1 is assigned to w1 since zxid 5 and to w2 since "
                                             "zxid 6"));
}

/* A later incarnation of the same name would get the assignment. */
static void an_assignment_without_checking_the_incarnation(void **state)
{
    static const struct {
        const char *path;
        int32_t version;
    } checks[] = {{"/assign/w2", 0}, {"/assign/w1", -1}, {"/workers/w1", 0}};

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct judge_bench *b = NULL;
        void *fresh = NULL;

        (void)state;
        bench_setup(&fresh);
        b = fresh;
        bench_begin(b);
        bench_check(b, "/epoch", 1);
        bench_check(b, checks[i].path, checks[i].version);
        bench_create(b, "/assign/w1/t1");
        bench_commit(b, M1);
        bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
        bench_teardown(&fresh);
    }
}

/* The judge knows which incarnation was registered when a request left, and when it was applied. */
static void an_assignment_sent_for_a_former_incarnation(void **state)
{
    struct rota_operation create = {.op = ROTA_OP_CREATE, .path = "/assign/w1/t1"};
    const struct rota_request sent = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = &create, .operation_count = 1};
    struct judge_bench *b = *state;

    bench_begin(b);
    rota_judge_leaving(&b->j, M1, &sent);
    bench_expire(b, W1);
    bench_register(b, W1);
    bench_assign(b, "/assign/w1/t1");
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* The worker is gone when its assignment is made: the master moves it. */
static void an_assignment_to_a_worker_that_is_gone(void **state)
{
    struct rota_operation create = {.op = ROTA_OP_CREATE, .path = "/assign/w1/t1"};
    const struct rota_request sent = {
        .operation = {.op = ROTA_OP_MULTI}, .operations = &create, .operation_count = 1};
    struct judge_bench *b = *state;

    bench_begin(b);
    rota_judge_leaving(&b->j, M1, &sent);
    bench_expire(b, W1);
    bench_assign(b, "/assign/w1/t1");
    bench_holds(b);
}

static void moving_an_assignment(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_expire(b, W1);
    bench_reassign(b, W1, placed, "attempt=2 losses=1");
    bench_holds(b);
}

static void a_status_next_to_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_assign(b, "/assign/w1/t1");
    bench_check(b, "/epoch", 1);
    bench_create_with(b, "/tasks/t1/status", "expired");
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void an_assignment_next_to_a_status(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, bench_succeed(b), "done\nx");
    bench_holds(b);
    bench_assign(b, "/assign/w2/t1");
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* A worker that is a plain ZooKeeper client leaves the assignment behind. */
static void a_foreign_status_next_to_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_assign(b, "/assign/w1/t1");
    bench_create_with(b, "/tasks/t1/status", "done");
    bench_commit(b, ROTA_NOBODY);
    bench_holds(b);
}

static void a_run_without_an_assignment(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_run(b, W1, b->zxid);
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void a_run_under_the_assignment_of_another_worker(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_run(b, W1, bench_assign(b, "/assign/w2/t1"));
    bench_breaks(b, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* w1's session ends, and its run goes on. */
static void runs_on(struct judge_bench *b, rota_time expired_at)
{
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    rota_world_process(b->w, W1)->expired_at = expired_at;
    bench_expire(b, W1);
    bench_run(b, W2, bench_reassign(b, W1, placed, "attempt=2 losses=1"));
}

static void a_run_that_outlives_its_session(void **state)
{
    runs_on(*state, 0);
    bench_breaks(*state, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* A worker whose session is ended early cannot know it. */
static void a_run_whose_session_was_ended(void **state)
{
    runs_on(*state, 1);
    bench_holds(*state);
}

/* The worker may not know yet that its session has ended. */
static void a_run_on_a_lost_worker(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_expire(b, W1);
    bench_run(b, W2, bench_reassign(b, W1, placed, "attempt=2 losses=1"));
    bench_run(b, W1, placed);
    bench_holds(b);
}

/* ---- payload-intact, capacity ---- */

static void another_payload(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_run_with(b, W1, "t1", bench_assign(b, "/assign/w1/t1"), "payloaf");
    bench_breaks(b, ROTA_INVARIANT_PAYLOAD_INTACT);
}

static void a_longer_payload(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_run_with(b, W1, "t1", bench_assign(b, "/assign/w1/t1"), "payload2");
    bench_breaks(b, ROTA_INVARIANT_PAYLOAD_INTACT);
}

static void too_many_runs(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    bench_run(b, W1, bench_assign(b, "/assign/w1/t1"));
    bench_holds(b);
    placed = bench_assign(b, "/assign/w1/t2");
    bench_run_with(b, W1, "t2", placed, "x");
    bench_breaks(b, ROTA_INVARIANT_CAPACITY);
}

static void tags_that_the_worker_lacks(void **state)
{
    struct judge_bench *b = *state;
    struct rota_worker_tags tags[] = {{1, "ssd,gpu"}};

    b->s.worker_tags = tags;
    b->s.worker_tags_count = 1;
    b->h.tasks[0].plan.tags = "gpu";
    bench_begin(b);
    bench_run(b, W1, bench_assign(b, "/assign/w1/t1"));
    bench_holds(b);
    b->h.tasks[0].plan.tags = "gpu,hdd";
    bench_end(b, W1, ROTA_ENDING_STOPPED);
    bench_expire(b, W1);
    bench_run(b, W2, bench_reassign(b, W1, b->zxid, "attempt=2 losses=1"));
    bench_breaks(b, ROTA_INVARIANT_CAPACITY);
    b->s.worker_tags = NULL; /* the scenario does not own them */
    b->s.worker_tags_count = 0;
}

/* ---- no-needless-rerun ---- */

/* w1 hands t1 back without a reason. */
static void a_needless_rerun(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    bench_hand_back(b, W1, placed);
    bench_run(b, W2, bench_assign(b, "/assign/w2/t1"));
    bench_breaks(b, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void an_excused_rerun(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_expire(b, W1);
    bench_end(b, W1, ROTA_ENDING_STOPPED);
    bench_run(b, W2, bench_reassign(b, W1, placed, "attempt=2 losses=1"));
    bench_holds(b);
}

/* A fault before the assignment excuses nothing. */
static void an_old_excuse(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->h.processes[W1].fault_zxid = 4;
    placed = bench_succeed(b);
    assert_int_equal(placed, 5);
    bench_hand_back(b, W1, placed);
    bench_run(b, W2, bench_assign(b, "/assign/w2/t1"));
    bench_breaks(b, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void the_excuse_of_a_master(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    b->h.processes[M1].fault_zxid = b->zxid + 1;
    bench_hand_back(b, W1, placed);
    bench_run(b, W2, bench_assign(b, "/assign/w2/t1"));
    bench_breaks(b, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void twice_under_one_assignment(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed = bench_succeed(b);

    rota_judge_fault(&b->j, W1);
    b->h.processes[W1].fault_zxid = b->zxid;
    bench_run(b, W1, placed);
    bench_breaks(b, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void taken_from_a_living_worker(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_reassign(b, W1, placed, "attempt=2 losses=0");
    bench_breaks(b, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void taken_from_a_former_incarnation(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_register(b, W1);
    bench_reassign(b, W1, placed, "attempt=2 losses=0");
    bench_holds(b);
}

static void a_drained_worker(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_create(b, "/drain/w1");
    bench_commit(b, ROTA_NOBODY);
    b->h.processes[W1].fault_zxid += b->zxid; /* the zxids of this test are its own */
    bench_end(b, W1, ROTA_ENDING_STOPPED);
    bench_hand_back(b, W1, placed);
    bench_run(b, W2, bench_assign(b, "/assign/w2/t1"));
    bench_holds(b);
}

/* ---- attempts-bounded ---- */

static void a_task_that_keeps_killing_workers(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->s.cluster.losses = 1;
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end_as(b, W1, ROTA_ENDING_STOPPED, true);
    bench_expire(b, W1);
    bench_holds(b);
    bench_run(b, W2, bench_reassign(b, W1, placed, "attempt=2 losses=0"));
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_task_assigned_after_its_last_loss(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_expire(b, W1);
    bench_holds(b);
    bench_reassign(b, W1, placed, "attempt=2 losses=2");
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void forgotten_losses(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign_with(b, "/assign/w1/t1", "attempt=2 losses=1");
    bench_expire(b, W1);
    bench_reassign(b, W1, placed, "attempt=1 losses=0");
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_failure_without_retries_runs_again(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_FAILURE);
    bench_hand_back(b, W1, placed);
    bench_run(b, W1, bench_assign_with(b, "/assign/w1/t1", "attempt=2 losses=0 failures=1"));
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void forgotten_failures(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->h.tasks[0].plan.retries = 5;
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_FAILURE);
    bench_hand_back(b, W1, placed);
    bench_holds(b);
    bench_assign_with(b, "/assign/w1/t1", "attempt=2 losses=0 failures=0");
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

/* It may be retried once, and not twice. */
static void one_failure_too_many(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->h.tasks[0].plan.retries = 1;
    bench_begin(b);
    for (uint32_t i = 0; i < 2; i++) {
        placed = bench_assign_with(b, "/assign/w1/t1", i == 0 ? "losses=0" : "failures=1");
        bench_run(b, W1, placed);
        bench_end(b, W1, ROTA_ENDING_FAILURE);
        bench_hand_back(b, W1, placed);
    }
    bench_holds(b);
    bench_run(b, W1, bench_assign_with(b, "/assign/w1/t1", "failures=2"));
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

/* A run that took too long counts as a failure; one that was stopped early has no excuse. */
static void check_stopped_run(struct judge_bench *b, rota_span timeout)
{
    int64_t placed;

    b->h.tasks[0].plan.retries = 1;
    b->h.tasks[0].plan.timeout = timeout;
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_STOPPED);
    bench_hand_back(b, W1, placed);
    bench_run(b, W2, bench_assign_with(b, "/assign/w2/t1", "failures=1"));
}

static void a_run_that_took_too_long(void **state)
{
    check_stopped_run(*state, 1000);
    bench_holds(*state);
}

static void a_run_stopped_too_early(void **state)
{
    check_stopped_run(*state, 1001);
    bench_breaks(*state, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

/* A run of t1 under an assignment to w1 ends with status 9, which is not retried. */
static int64_t end_fatally(struct judge_bench *b)
{
    int64_t placed;

    b->h.tasks[0].plan.retries = 5;
    b->h.tasks[0].plan.fatal[1] = 2;
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_FAILURE);
    b->h.tasks[0].last_exit = 9;
    return placed;
}

static void a_fatal_exit_status_that_is_retried(void **state)
{
    struct judge_bench *b = *state;

    bench_hand_back(b, W1, end_fatally(b));
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_fatal_exit_status(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, end_fatally(b), "failed errors=0: exit status 9");
    bench_holds(b);
}

static void a_fatal_exit_status_called_dead(void **state)
{
    struct judge_bench *b = *state;

    bench_complete(b, W1, end_fatally(b), "dead errors=0: exit status 9");
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void an_assignment_given_up_without_a_record(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_delete(b, "/assign/w1/t1", placed);
    bench_commit(b, W1);
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void dead_after_too_few_losses(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    bench_check(b, "/epoch", 1);
    bench_create_with(b, "/tasks/t1/status", "dead");
    bench_commit(b, M1);
    bench_breaks(b, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void dead_after_enough_losses(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->s.cluster.losses = 1;
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_expire(b, W1);
    bench_check(b, "/epoch", 1);
    bench_delete(b, "/assign/w1/t1", placed);
    bench_create_with(b, "/tasks/t1/status", "dead");
    bench_commit(b, M1);
    bench_holds(b);
}

/* ---- terms-kept ---- */

/* A run of t1 on w1 begins so long after the task was created. */
static void run_after(struct judge_bench *b, rota_span later)
{
    int64_t placed = bench_assign(b, "/assign/w1/t1");

    rota_world_run(b->w, rota_world_now(b->w) + later);
    bench_run(b, W1, placed);
}

static void a_run_before_its_time(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    b->h.tasks[0].due = rota_world_now(b->w) + 10000;
    run_after(b, 8000); /* time stamps are off by two milliseconds at most */
    bench_holds(b);
}

static void a_run_long_before_its_time(void **state)
{
    struct judge_bench *b = *state;

    bench_begin(b);
    b->h.tasks[0].due = rota_world_now(b->w) + 10000;
    run_after(b, 7999);
    bench_breaks(b, ROTA_INVARIANT_TERMS_KEPT);
}

static void run_expired(struct judge_bench *b, rota_span later)
{
    b->h.tasks[0].plan.expires = 1000;
    bench_begin(b);
    run_after(b, later);
}

static void a_run_just_before_it_expires(void **state)
{
    run_expired(*state, 1001000);
    bench_holds(*state);
}

static void a_run_that_has_expired(void **state)
{
    run_expired(*state, 1001001);
    bench_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* t1 depends on t2, which has ended with this state. */
static void end_dependency_as(struct judge_bench *b, const char *status)
{
    static char after[] = "t2";
    struct rota_submit plan = {.count = 1};
    uint32_t other;

    bench_begin(b);
    other = rota_history_submit(&b->h, "t2", C1, &plan, "payload");
    rota_history_status(&b->h, other, status, strlen(status));
    b->h.tasks[0].plan.after = after;
}

static void a_run_after_its_dependency(void **state)
{
    end_dependency_as(*state, "done");
    run_after(*state, 0);
    bench_holds(*state);
    ((struct judge_bench *)*state)->h.tasks[0].plan.after = NULL;
}

static void a_run_before_its_dependency(void **state)
{
    end_dependency_as(*state, "failed");
    run_after(*state, 0);
    bench_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
    ((struct judge_bench *)*state)->h.tasks[0].plan.after = NULL;
}

static void end_as_skipped(struct judge_bench *b, const char *status)
{
    end_dependency_as(b, status);
    bench_check(b, "/epoch", 1);
    bench_create_with(b, "/tasks/t1/status", "skipped");
    bench_commit(b, M1);
    b->h.tasks[0].plan.after = NULL;
}

static void skipped_after_a_failed_dependency(void **state)
{
    end_as_skipped(*state, "failed");
    bench_holds(*state);
}

static void skipped_although_all_dependencies_are_done(void **state)
{
    end_as_skipped(*state, "done");
    bench_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* The run ends a millisecond after that time. */
static void run_for(struct judge_bench *b, rota_span took)
{
    b->h.tasks[0].plan.timeout = 1000;
    bench_begin(b);
    run_after(b, 0);
    rota_world_run(b->w, rota_world_now(b->w) + took);
    bench_end(b, W1, ROTA_ENDING_STOPPED);
}

static void a_run_ended_in_time(void **state)
{
    run_for(*state, 1000000);
    bench_holds(*state);
}

static void a_run_ended_too_late(void **state)
{
    run_for(*state, 1000001);
    bench_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* ---- bounded-watches, bounded-tree ---- */

static void too_many_watches(void **state)
{
    struct judge_bench *b = *state;

    rota_world_process(b->w, M1)->client.watches.bytes_most = 786432;
    rota_judge_fault(&b->j, M1);
    bench_holds(b);
    rota_world_process(b->w, M1)->client.watches.bytes_most = 786433;
    rota_judge_fault(&b->j, M1);
    bench_breaks(b, ROTA_INVARIANT_BOUNDED_WATCHES);
}

static void too_many_watches_without_a_fault(void **state)
{
    struct rota_action a = {.kind = ROTA_ACTION_NOTE, .note = {.kind = ROTA_NOTE_SWEPT}};
    struct judge_bench *b = *state;

    rota_world_process(b->w, M1)->client.watches.bytes_most = 786433;
    rota_judge_acted(&b->j, M1, &a);
    bench_breaks(b, ROTA_INVARIANT_BOUNDED_WATCHES);
}

static void a_tree_with_something_left(void **state)
{
    static const char *const left[] = {"/tasks/t1", "/retry", "/workers/w1", "/assign/w3",
                                       "/zookeeperX"};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        struct judge_bench *b = NULL;
        void *fresh = NULL;
        char path[64];

        (void)state;
        bench_setup(&fresh);
        b = fresh;
        assert_true(rota_judge_check_tree(&b->j, path, sizeof path));
        rota_world_create_znodes(b->w, left + i, 1);
        assert_false(rota_judge_check_tree(&b->j, path, sizeof path));
        assert_string_equal(path, left[i]);
        bench_teardown(&fresh);
    }
}

/* ---- breaches ---- */

/* The first breach stays, and `without` turns an invariant off. */
static void the_first_breach(void **state)
{
    struct judge_bench *b = *state;
    int64_t placed;

    b->s.without[ROTA_INVARIANT_NO_DOUBLE_SUBMIT] = true;
    bench_create(b, "/tasks/other");
    bench_commit(b, C1);
    bench_holds(b);
    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run_with(b, W1, "t1", placed, "x");
    bench_run_with(b, W1, "t1", placed, "payload");
    bench_breaks(b, ROTA_INVARIANT_PAYLOAD_INTACT);
}

/* A breach names the step: how many events the process has handled. */
static void a_breach_names_the_step(void **state)
{
    struct judge_bench *b = *state;

    for (uint32_t i = 0; i < 17; i++)
        rota_judge_stepping(&b->j, W1);
    bench_begin(b);
    bench_run(b, W1, b->zxid);
    assert_non_null(strstr(b->j.breach.text, "; step w1:17"));
    assert_int_equal(b->j.breach.involved[0], W1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(task_is_completed_and_collected),
        CASE(two_assignments),
        CASE(an_assignment_without_checking_the_incarnation),
        CASE(an_assignment_sent_for_a_former_incarnation),
        CASE(an_assignment_to_a_worker_that_is_gone),
        CASE(moving_an_assignment),
        CASE(a_status_next_to_an_assignment),
        CASE(an_assignment_next_to_a_status),
        CASE(a_foreign_status_next_to_an_assignment),
        CASE(a_run_without_an_assignment),
        CASE(a_run_under_the_assignment_of_another_worker),
        CASE(a_run_that_outlives_its_session),
        CASE(a_run_whose_session_was_ended),
        CASE(a_run_on_a_lost_worker),
        CASE(another_payload),
        CASE(a_longer_payload),
        CASE(too_many_runs),
        CASE(tags_that_the_worker_lacks),
        CASE(a_needless_rerun),
        CASE(an_excused_rerun),
        CASE(an_old_excuse),
        CASE(the_excuse_of_a_master),
        CASE(twice_under_one_assignment),
        CASE(taken_from_a_living_worker),
        CASE(taken_from_a_former_incarnation),
        CASE(a_drained_worker),
        CASE(a_task_that_keeps_killing_workers),
        CASE(a_task_assigned_after_its_last_loss),
        CASE(forgotten_losses),
        CASE(a_failure_without_retries_runs_again),
        CASE(forgotten_failures),
        CASE(one_failure_too_many),
        CASE(a_run_that_took_too_long),
        CASE(a_run_stopped_too_early),
        CASE(a_fatal_exit_status_that_is_retried),
        CASE(a_fatal_exit_status),
        CASE(a_fatal_exit_status_called_dead),
        CASE(an_assignment_given_up_without_a_record),
        CASE(dead_after_too_few_losses),
        CASE(dead_after_enough_losses),
        CASE(a_run_before_its_time),
        CASE(a_run_long_before_its_time),
        CASE(a_run_just_before_it_expires),
        CASE(a_run_that_has_expired),
        CASE(a_run_after_its_dependency),
        CASE(a_run_before_its_dependency),
        CASE(skipped_after_a_failed_dependency),
        CASE(skipped_although_all_dependencies_are_done),
        CASE(a_run_ended_in_time),
        CASE(a_run_ended_too_late),
        CASE(too_many_watches),
        CASE(too_many_watches_without_a_fault),
        CASE(a_tree_with_something_left),
        CASE(the_first_breach),
        CASE(a_breach_names_the_step),
    };

    return cmocka_run_group_tests_name("invariant", tests, NULL, NULL);
}
