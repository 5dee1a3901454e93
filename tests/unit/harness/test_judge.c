/* Each invariant is seen to break by exactly what it forbids, and not by what is right: where tasks
 * stand and run, how often, and what is left. */
#include "tests/unit/harness/court.h"

#include "backend_sim/world/world_servers.h"

/* ---- cases ---- */

/* A whole life, as it should be. */
static void a_life(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nresult");
    assert_string_equal(c->h.tasks[0].status, "done");
    assert_int_equal(c->h.undone, 0);
    court_act_result(c, "t1", "done", "result");
    court_erase(c, "/tasks/t1/status", 0);
    court_erase(c, "/tasks/t1", 0);
    court_commit(c, C1);
    court_act_job(c, ROTA_ACTION_COLLECTED, "t1");
    assert_int_equal(c->h.uncollected, 0);
    court_holds(c);
}

/* ---- one-assignment ---- */

static void two_assignments(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_assign(c, "/assign/w1/t1");
    court_holds(c);
    court_assign(c, "/assign/w2/t1");
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
    assert_non_null(strstr(c->j.breach.text, "t1 is assigned to w1 since zxid 5 and to w2 since "
                                             "zxid 6"));
}

/* Whoever registered under that name meanwhile would get it. */
static void an_assignment_to_whoever_is_there(void **state)
{
    static const struct {
        const char *path;
        int32_t version;
    } checks[] = {{"/assign/w2", 0}, {"/assign/w1", -1}, {"/workers/w1", 0}};

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        struct court *c = NULL;
        void *fresh = NULL;

        (void)state;
        court_convene(&fresh);
        c = fresh;
        court_begin(c);
        court_check(c, "/epoch", 1);
        court_check(c, checks[i].path, checks[i].version);
        court_create(c, "/assign/w1/t1");
        court_commit(c, M1);
        court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
        court_adjourn(&fresh);
    }
}

static void moving_an_assignment(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_expires(c, W1);
    court_reassign(c, W1, placed, "attempt=2 losses=1");
    court_holds(c);
}

static void a_status_beside_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_assign(c, "/assign/w1/t1");
    court_check(c, "/epoch", 1);
    court_create_with(c, "/tasks/t1/status", "expired");
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void an_assignment_beside_a_status(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, court_succeed(c), "done\nx");
    court_holds(c);
    court_assign(c, "/assign/w2/t1");
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* Workers in the manner of the seeds leave the assignment behind. */
static void a_foreign_status_beside_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_assign(c, "/assign/w1/t1");
    court_create_with(c, "/tasks/t1/status", "done");
    court_commit(c, ROTA_NOBODY);
    court_holds(c);
}

static void a_run_without_an_assignment(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_run(c, W1, c->zxid);
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

static void a_run_of_the_assignment_of_another(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_run(c, W1, court_assign(c, "/assign/w2/t1"));
    court_breaks(c, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* w1's session ends, and what ran under it goes on. */
static void runs_on(struct court *c, rota_time expired_at)
{
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    rota_world_process(c->w, W1)->expired_at = expired_at;
    court_expires(c, W1);
    court_run(c, W2, court_reassign(c, W1, placed, "attempt=2 losses=1"));
}

static void a_run_that_outlives_its_session(void **state)
{
    runs_on(*state, 0);
    court_breaks(*state, ROTA_INVARIANT_ONE_ASSIGNMENT);
}

/* Whose session is ended before its time cannot know it. */
static void a_run_whose_session_was_ended(void **state)
{
    runs_on(*state, 1);
    court_holds(*state);
}

/* It need not know yet that its session has ended. */
static void a_run_of_one_that_was_lost(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_expires(c, W1);
    court_run(c, W2, court_reassign(c, W1, placed, "attempt=2 losses=1"));
    court_run(c, W1, placed);
    court_holds(c);
}

/* ---- payload-intact, capacity ---- */

static void another_payload(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_run_with(c, W1, "t1", court_assign(c, "/assign/w1/t1"), "payloaf");
    court_breaks(c, ROTA_INVARIANT_PAYLOAD_INTACT);
}

static void a_longer_payload(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_run_with(c, W1, "t1", court_assign(c, "/assign/w1/t1"), "payload2");
    court_breaks(c, ROTA_INVARIANT_PAYLOAD_INTACT);
}

static void too_many_runs(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    court_run(c, W1, court_assign(c, "/assign/w1/t1"));
    court_holds(c);
    placed = court_assign(c, "/assign/w1/t2");
    court_run_with(c, W1, "t2", placed, "x");
    court_breaks(c, ROTA_INVARIANT_CAPACITY);
}

static void tags_that_it_does_not_carry(void **state)
{
    struct court *c = *state;
    struct rota_worker_tags tags[] = {{1, "ssd,gpu"}};

    c->s.worker_tags = tags;
    c->s.worker_tags_count = 1;
    c->h.tasks[0].plan.tags = "gpu";
    court_begin(c);
    court_run(c, W1, court_assign(c, "/assign/w1/t1"));
    court_holds(c);
    c->h.tasks[0].plan.tags = "gpu,hdd";
    court_end(c, W1, ROTA_ENDING_STOPPED);
    court_expires(c, W1);
    court_run(c, W2, court_reassign(c, W1, c->zxid, "attempt=2 losses=1"));
    court_breaks(c, ROTA_INVARIANT_CAPACITY);
    c->s.worker_tags = NULL; /* they are no scenario's to free */
    c->s.worker_tags_count = 0;
}

/* ---- no-needless-rerun ---- */

/* w1 hands t1 back without a reason. */
static void a_needless_rerun(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    court_hands_back(c, W1, placed);
    court_run(c, W2, court_assign(c, "/assign/w2/t1"));
    court_breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void an_excused_rerun(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_expires(c, W1);
    court_end(c, W1, ROTA_ENDING_STOPPED);
    court_run(c, W2, court_reassign(c, W1, placed, "attempt=2 losses=1"));
    court_holds(c);
}

/* What befell it before the assignment excuses nothing. */
static void an_old_excuse(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->h.parties[W1].misfortune = 4;
    placed = court_succeed(c);
    assert_int_equal(placed, 5);
    court_hands_back(c, W1, placed);
    court_run(c, W2, court_assign(c, "/assign/w2/t1"));
    court_breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void the_excuse_of_a_master(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    c->h.parties[M1].misfortune = c->zxid + 1;
    court_hands_back(c, W1, placed);
    court_run(c, W2, court_assign(c, "/assign/w2/t1"));
    court_breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void twice_under_one_assignment(void **state)
{
    struct court *c = *state;
    int64_t placed = court_succeed(c);

    rota_judge_misfortune(&c->j, W1);
    c->h.parties[W1].misfortune = c->zxid;
    court_run(c, W1, placed);
    court_breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void taken_from_the_living(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_reassign(c, W1, placed, "attempt=2 losses=0");
    court_breaks(c, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

static void taken_from_a_former_incarnation(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_registers(c, W1);
    court_reassign(c, W1, placed, "attempt=2 losses=0");
    court_holds(c);
}

static void a_drained_worker(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_create(c, "/drain/w1");
    court_commit(c, ROTA_NOBODY);
    c->h.parties[W1].misfortune += c->zxid; /* this court's zxids are its own */
    court_end(c, W1, ROTA_ENDING_STOPPED);
    court_hands_back(c, W1, placed);
    court_run(c, W2, court_assign(c, "/assign/w2/t1"));
    court_holds(c);
}

/* ---- attempts-bounded ---- */

static void a_task_that_goes_on_killing(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->s.cluster.losses = 1;
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end_as(c, W1, ROTA_ENDING_STOPPED, true);
    court_expires(c, W1);
    court_holds(c);
    court_run(c, W2, court_reassign(c, W1, placed, "attempt=2 losses=0"));
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_task_placed_after_its_losses(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_expires(c, W1);
    court_holds(c);
    court_reassign(c, W1, placed, "attempt=2 losses=2");
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void forgotten_losses(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign_with(c, "/assign/w1/t1", "attempt=2 losses=1");
    court_expires(c, W1);
    court_reassign(c, W1, placed, "attempt=1 losses=0");
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_failure_that_runs_again(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_FAILURE);
    court_hands_back(c, W1, placed);
    court_run(c, W1, court_assign_with(c, "/assign/w1/t1", "attempt=2 losses=0 failures=1"));
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void forgotten_failures(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->h.tasks[0].plan.retries = 5;
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_FAILURE);
    court_hands_back(c, W1, placed);
    court_holds(c);
    court_assign_with(c, "/assign/w1/t1", "attempt=2 losses=0 failures=0");
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

/* It may be tried once more, and not twice. */
static void a_failure_too_many(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->h.tasks[0].plan.retries = 1;
    court_begin(c);
    for (uint32_t i = 0; i < 2; i++) {
        placed = court_assign_with(c, "/assign/w1/t1", i == 0 ? "losses=0" : "failures=1");
        court_run(c, W1, placed);
        court_end(c, W1, ROTA_ENDING_FAILURE);
        court_hands_back(c, W1, placed);
    }
    court_holds(c);
    court_run(c, W1, court_assign_with(c, "/assign/w1/t1", "failures=2"));
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

/* What took too long counts as a failure; what was stopped for less has no excuse. */
static void try_stopped(struct court *c, rota_span timeout)
{
    int64_t placed;

    c->h.tasks[0].plan.retries = 1;
    c->h.tasks[0].plan.timeout = timeout;
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_STOPPED);
    court_hands_back(c, W1, placed);
    court_run(c, W2, court_assign_with(c, "/assign/w2/t1", "failures=1"));
}

static void a_run_that_took_too_long(void **state)
{
    try_stopped(*state, 1000);
    court_holds(*state);
}

static void a_run_stopped_too_early(void **state)
{
    try_stopped(*state, 1001);
    court_breaks(*state, ROTA_INVARIANT_NO_NEEDLESS_RERUN);
}

/* A run of t1 under an assignment to w1 ends with status 9, after which it is never tried again. */
static int64_t end_fatally(struct court *c)
{
    int64_t placed;

    c->h.tasks[0].plan.retries = 5;
    c->h.tasks[0].plan.fatal[1] = 2;
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_FAILURE);
    c->h.tasks[0].last_exit = 9;
    return placed;
}

static void a_fatal_end_that_is_tried_again(void **state)
{
    struct court *c = *state;

    court_hands_back(c, W1, end_fatally(c));
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void a_fatal_end(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, end_fatally(c), "failed errors=0: exit status 9");
    court_holds(c);
}

static void a_fatal_end_called_dead(void **state)
{
    struct court *c = *state;

    court_completes(c, W1, end_fatally(c), "dead errors=0: exit status 9");
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void dropped_without_a_word(void **state)
{
    struct court *c = *state;
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_erase(c, "/assign/w1/t1", placed);
    court_commit(c, W1);
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void dead_too_early(void **state)
{
    struct court *c = *state;

    court_begin(c);
    court_check(c, "/epoch", 1);
    court_create_with(c, "/tasks/t1/status", "dead");
    court_commit(c, M1);
    court_breaks(c, ROTA_INVARIANT_ATTEMPTS_BOUNDED);
}

static void dead_in_time(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->s.cluster.losses = 1;
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_expires(c, W1);
    court_check(c, "/epoch", 1);
    court_erase(c, "/assign/w1/t1", placed);
    court_create_with(c, "/tasks/t1/status", "dead");
    court_commit(c, M1);
    court_holds(c);
}

/* ---- terms-kept ---- */

/* A run of t1 on w1 begins, that long after the task was made. */
static void run_after(struct court *c, rota_span later)
{
    int64_t placed = court_assign(c, "/assign/w1/t1");

    rota_world_run(c->w, rota_world_now(c->w) + later);
    court_run(c, W1, placed);
}

static void a_run_before_its_time(void **state)
{
    struct court *c = *state;

    court_begin(c);
    c->h.tasks[0].due = rota_world_now(c->w) + 10000;
    run_after(c, 8000); /* time stamps are rounded by two milliseconds at most */
    court_holds(c);
}

static void a_run_long_before_its_time(void **state)
{
    struct court *c = *state;

    court_begin(c);
    c->h.tasks[0].due = rota_world_now(c->w) + 10000;
    run_after(c, 7999);
    court_breaks(c, ROTA_INVARIANT_TERMS_KEPT);
}

static void run_expired(struct court *c, rota_span later)
{
    c->h.tasks[0].plan.expires = 1000;
    court_begin(c);
    run_after(c, later);
}

static void a_run_just_before_it_expires(void **state)
{
    run_expired(*state, 1001000);
    court_holds(*state);
}

static void a_run_that_has_expired(void **state)
{
    run_expired(*state, 1001001);
    court_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* t1 comes after t2, which has ended so. */
static void come_after(struct court *c, const char *status)
{
    static char after[] = "t2";
    struct rota_submit plan = {.count = 1};
    uint32_t other;

    court_begin(c);
    other = rota_history_want(&c->h, "t2", C1, &plan, "payload");
    rota_history_status(&c->h, other, status, strlen(status));
    c->h.tasks[0].plan.after = after;
}

static void a_run_after_another_was_done(void **state)
{
    come_after(*state, "done");
    run_after(*state, 0);
    court_holds(*state);
    ((struct court *)*state)->h.tasks[0].plan.after = NULL;
}

static void a_run_before_another_was_done(void **state)
{
    come_after(*state, "failed");
    run_after(*state, 0);
    court_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
    ((struct court *)*state)->h.tasks[0].plan.after = NULL;
}

static void end_as_skipped(struct court *c, const char *status)
{
    come_after(c, status);
    court_check(c, "/epoch", 1);
    court_create_with(c, "/tasks/t1/status", "skipped");
    court_commit(c, M1);
    c->h.tasks[0].plan.after = NULL;
}

static void skipped_for_one_that_failed(void **state)
{
    end_as_skipped(*state, "failed");
    court_holds(*state);
}

static void skipped_though_all_was_done(void **state)
{
    end_as_skipped(*state, "done");
    court_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* It ends a millisecond behind that. */
static void run_for(struct court *c, rota_span took)
{
    c->h.tasks[0].plan.timeout = 1000;
    court_begin(c);
    run_after(c, 0);
    rota_world_run(c->w, rota_world_now(c->w) + took);
    court_end(c, W1, ROTA_ENDING_STOPPED);
}

static void a_run_ended_in_time(void **state)
{
    run_for(*state, 1000000);
    court_holds(*state);
}

static void a_run_ended_too_late(void **state)
{
    run_for(*state, 1000001);
    court_breaks(*state, ROTA_INVARIANT_TERMS_KEPT);
}

/* ---- bounded-watches, bounded-tree ---- */

static void too_many_watches(void **state)
{
    struct court *c = *state;

    rota_world_process(c->w, M1)->client.watch_bytes_most = 786432;
    rota_judge_misfortune(&c->j, M1);
    court_holds(c);
    rota_world_process(c->w, M1)->client.watch_bytes_most = 786433;
    rota_judge_misfortune(&c->j, M1);
    court_breaks(c, ROTA_INVARIANT_BOUNDED_WATCHES);
}

static void too_many_watches_without_misfortune(void **state)
{
    struct rota_action a = {.kind = ROTA_ACTION_NOTE, .note = {.kind = ROTA_NOTE_SWEPT}};
    struct court *c = *state;

    rota_world_process(c->w, M1)->client.watch_bytes_most = 786433;
    rota_judge_acted(&c->j, M1, &a);
    court_breaks(c, ROTA_INVARIANT_BOUNDED_WATCHES);
}

static void a_tree_with_something_left(void **state)
{
    static const char *const left[] = {"/tasks/t1", "/retry", "/workers/w1", "/assign/w3"};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        struct court *c = NULL;
        void *fresh = NULL;
        char path[64];

        (void)state;
        court_convene(&fresh);
        c = fresh;
        assert_true(rota_judge_tree(&c->j, path, sizeof path));
        rota_world_create_znodes(c->w, left + i, 1);
        assert_false(rota_judge_tree(&c->j, path, sizeof path));
        assert_string_equal(path, left[i]);
        court_adjourn(&fresh);
    }
}

/* ---- breaches ---- */

/* The first breach stays, and `without` takes an invariant off. */
static void the_first_breach(void **state)
{
    struct court *c = *state;
    int64_t placed;

    c->s.without[ROTA_INVARIANT_NO_DOUBLE_SUBMIT] = true;
    court_create(c, "/tasks/other");
    court_commit(c, C1);
    court_holds(c);
    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run_with(c, W1, "t1", placed, "x");
    court_run_with(c, W1, "t1", placed, "payload");
    court_breaks(c, ROTA_INVARIANT_PAYLOAD_INTACT);
}

/* A breach names the step: how many events that process had heard. */
static void a_breach_names_the_step(void **state)
{
    struct court *c = *state;

    for (uint32_t i = 0; i < 17; i++)
        rota_judge_stepping(&c->j, W1);
    court_begin(c);
    court_run(c, W1, c->zxid);
    assert_non_null(strstr(c->j.breach.text, "; step w1:17"));
    assert_int_equal(c->j.breach.involved[0], W1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, court_convene, court_adjourn)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_life),
        CASE(two_assignments),
        CASE(an_assignment_to_whoever_is_there),
        CASE(moving_an_assignment),
        CASE(a_status_beside_an_assignment),
        CASE(an_assignment_beside_a_status),
        CASE(a_foreign_status_beside_an_assignment),
        CASE(a_run_without_an_assignment),
        CASE(a_run_of_the_assignment_of_another),
        CASE(a_run_that_outlives_its_session),
        CASE(a_run_whose_session_was_ended),
        CASE(a_run_of_one_that_was_lost),
        CASE(another_payload),
        CASE(a_longer_payload),
        CASE(too_many_runs),
        CASE(tags_that_it_does_not_carry),
        CASE(a_needless_rerun),
        CASE(an_excused_rerun),
        CASE(an_old_excuse),
        CASE(the_excuse_of_a_master),
        CASE(twice_under_one_assignment),
        CASE(taken_from_the_living),
        CASE(taken_from_a_former_incarnation),
        CASE(a_drained_worker),
        CASE(a_task_that_goes_on_killing),
        CASE(a_task_placed_after_its_losses),
        CASE(forgotten_losses),
        CASE(a_failure_that_runs_again),
        CASE(forgotten_failures),
        CASE(a_failure_too_many),
        CASE(a_run_that_took_too_long),
        CASE(a_run_stopped_too_early),
        CASE(a_fatal_end_that_is_tried_again),
        CASE(a_fatal_end),
        CASE(a_fatal_end_called_dead),
        CASE(dropped_without_a_word),
        CASE(dead_too_early),
        CASE(dead_in_time),
        CASE(a_run_before_its_time),
        CASE(a_run_long_before_its_time),
        CASE(a_run_just_before_it_expires),
        CASE(a_run_that_has_expired),
        CASE(a_run_after_another_was_done),
        CASE(a_run_before_another_was_done),
        CASE(skipped_for_one_that_failed),
        CASE(skipped_though_all_was_done),
        CASE(a_run_ended_in_time),
        CASE(a_run_ended_too_late),
        CASE(too_many_watches),
        CASE(too_many_watches_without_misfortune),
        CASE(a_tree_with_something_left),
        CASE(the_first_breach),
        CASE(a_breach_names_the_step),
    };

    return cmocka_run_group_tests_name("invariant", tests, NULL, NULL);
}
