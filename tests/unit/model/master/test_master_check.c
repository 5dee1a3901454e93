/* rota_master_check finds every kind of broken state: a list, a count, a heap, an edge. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/master/assignments.h"
#include "model/master/dependencies.h"
#include "model/master/master.h"
#include "model/master/ready.h"
#include "model/master/timers.h"

/* The records of the state below. */
enum { W1, W2 };
enum { HELD_ONE, HELD_OTHER, LOST, READY, DELAYED, BLOCKED, FINISHING, LISTED };

static struct rota_master master;
static struct rota_pool pool;
static struct rota_outbox outbox;
static struct rota_master_context context = {&master, &pool, &outbox, 0};

static struct rota_master_worker *worker(uint32_t i)
{
    return rota_belief_worker(&context, i);
}

static struct rota_master_task *task(uint32_t i)
{
    return rota_belief_task(&context, i);
}

static void add_worker(const char *name)
{
    uint32_t i = rota_belief_worker_named(&context, name);
    struct rota_master_worker *w = worker(i);

    w->czxid = 10;
    w->slots = 4;
    w->assignable = true;
    w->unconfirmed = w->data_wanted = false;
    master.workers_alive++;
    rota_belief_update_open(&context, i);
}

static void hold(uint32_t i, uint32_t w)
{
    rota_assignments_add(&context, i, w);
    task(i)->state = ROTA_TASK_HELD;
}

static void delay(uint32_t i, int64_t due_ms)
{
    task(i)->state = ROTA_TASK_DELAYED;
    task(i)->due_ms = due_ms;
    rota_timers_put(&context, i, due_ms, false);
}

static void depend(uint32_t i, const char *payload)
{
    struct rota_reply r = {.data = {payload, (int32_t)strlen(payload)}};
    const char *which;

    assert_null(rota_belief_read_terms(&context, i, &r));
    assert_int_equal(rota_dependencies_ask(&context, i, &which), ROTA_FINAL_UNKNOWN);
    task(i)->state = ROTA_TASK_BLOCKED;
}

/* A leader with two workers, and a task in almost every state. */
static int lead(void **state)
{
    static const char *const tasks[] = {"held-one", "held-other", "lost",      "ready",
                                        "delayed",  "blocked",    "finishing", "listed"};
    struct rota_master_config config = {.id = "m1"};

    (void)state;
    rota_pool_init(&pool);
    rota_outbox_init(&outbox);
    rota_master_init(&master, &config);
    master.phase = ROTA_MASTER_LEADING;
    master.up = master.recovered = true;
    rota_timers_set_clock(&context, 1000000);
    add_worker("w1");
    add_worker("w2");
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        assert_int_equal(rota_belief_task_named(&context, tasks[i]), i);
    hold(HELD_ONE, W1);
    hold(HELD_OTHER, W1);
    hold(LOST, W2);
    rota_assignments_lose(&context, LOST);
    rota_ready_put(&context, LOST);
    rota_ready_put(&context, READY);
    delay(DELAYED, 1005000);
    rota_timers_put(&context, HELD_ONE, 1009000, false);
    depend(BLOCKED, "{\"rota\":1,\"after\":[\"delayed\"]}");
    rota_belief_finish(&context, FINISHING, ROTA_FINISH_DEAD, "five workers were lost");
    rota_belief_want_task(&context, LISTED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    rota_pool_close(&pool);
    rota_outbox_close(&outbox);
    return 0;
}

/* True if the check aborts a process of its own in which the state is broken. */
static bool aborts(void (*break_it)(void))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        struct sigaction fresh = {.sa_handler = SIG_DFL};

        setrlimit(RLIMIT_CORE, &none);
        sigaction(SIGABRT, &fresh, NULL); /* cmocka's handler would go on with the next test */
        close(STDERR_FILENO);
        break_it();
        rota_master_check(&master, &pool);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void break_nothing(void)
{
}

static void a_consistent_state_passes(void **state)
{
    (void)state;
    assert_false(aborts(break_nothing));
}

/* ---- workers and their tasks ---- */

static void drop_the_tasks_of_a_worker(void)
{
    worker(W1)->task_first = 0;
}

static void close_a_circle_of_tasks(void)
{
    task(HELD_ONE)->worker_next = HELD_OTHER + 1;
}

static void break_a_link_back(void)
{
    task(HELD_ONE)->worker_prev = 0;
}

static void miscount_held_tasks(void)
{
    worker(W1)->held++;
    master.assigned++;
}

static void miscount_assigned_tasks(void)
{
    master.assigned--;
}

static void miscount_lost_tasks(void)
{
    worker(W2)->lost_tasks = 0;
}

static void hold_in_a_wrong_state(void)
{
    task(HELD_ONE)->state = ROTA_TASK_LEFT;
}

static void leave_the_open_list(void)
{
    master.open_first = worker(W2)->open_next;
}

static void stay_open_without_slots(void)
{
    worker(W1)->slots = 0;
}

static void close_a_circle_of_attention(void)
{
    worker(W1)->attention_next = W2 + 1;
}

static void miscount_living_workers(void)
{
    master.workers_alive = 1;
}

static void the_lists_of_workers_are_checked(void **state)
{
    (void)state;
    assert_true(aborts(drop_the_tasks_of_a_worker));
    assert_true(aborts(close_a_circle_of_tasks));
    assert_true(aborts(break_a_link_back));
    assert_true(aborts(miscount_held_tasks));
    assert_true(aborts(miscount_assigned_tasks));
    assert_true(aborts(miscount_lost_tasks));
    assert_true(aborts(hold_in_a_wrong_state));
    assert_true(aborts(leave_the_open_list));
    assert_true(aborts(stay_open_without_slots));
    assert_true(aborts(close_a_circle_of_attention));
    assert_true(aborts(miscount_living_workers));
}

/* ---- ready tasks, timers and dependencies ---- */

static void lose_a_ready_entry(void)
{
    task(READY)->ready_turn = 0;
}

static void miscount_ready_entries(void)
{
    master.ready++;
}

static void lose_the_timers(void)
{
    master.timers.length = 0;
}

static void disorder_the_timers(void)
{
    struct rota_timer *first = rota_array_at(&pool, &master.timers, 0, sizeof *first);

    first->due_ms = INT64_MAX;
}

static void lose_an_expiry(void)
{
    task(DELAYED)->expiry_set = true;
}

static void lose_an_edge(void)
{
    task(DELAYED)->dependents = 0;
}

static void link_an_edge_twice(void)
{
    task(READY)->dependents = task(DELAYED)->dependents;
}

static void heaps_and_edges_are_checked(void **state)
{
    (void)state;
    assert_true(aborts(lose_a_ready_entry));
    assert_true(aborts(miscount_ready_entries));
    assert_true(aborts(lose_the_timers));
    assert_true(aborts(disorder_the_timers));
    assert_true(aborts(lose_an_expiry));
    assert_true(aborts(lose_an_edge));
    assert_true(aborts(link_an_edge_twice));
}

/* ---- the lists of tasks, and the state as a whole ---- */

static void lose_a_finishing_task(void)
{
    master.to_finish = (struct rota_task_list){0};
}

static void finish_in_a_wrong_state(void)
{
    task(FINISHING)->state = ROTA_TASK_ENDED;
}

static void list_without_a_queue(void)
{
    task(LISTED)->read_queued = false;
}

static void miscount_requests(void)
{
    task(READY)->requests_pending++;
}

static void leave_a_task_undecided(void)
{
    rota_belief_decide_again(&context, BLOCKED);
}

static void free_a_used_record(void)
{
    master.tasks.free = READY + 1;
}

static void swap_two_names(void)
{
    rota_ref name = task(READY)->name;

    task(READY)->name = task(LISTED)->name;
    task(LISTED)->name = name;
}

static void believe_without_leading(void)
{
    master.phase = ROTA_MASTER_STANDBY;
}

static void lists_and_phase_are_checked(void **state)
{
    (void)state;
    assert_true(aborts(lose_a_finishing_task));
    assert_true(aborts(finish_in_a_wrong_state));
    assert_true(aborts(list_without_a_queue));
    assert_true(aborts(miscount_requests));
    assert_true(aborts(leave_a_task_undecided));
    assert_true(aborts(free_a_used_record));
    assert_true(aborts(swap_two_names));
    assert_true(aborts(believe_without_leading));
}

/* ---- large states ---- */

static void break_every_open_flag(void)
{
    for (uint32_t i = 0; i < master.workers.records.length; i++)
        worker(i)->in_open = !worker(i)->in_open;
}

static void break_every_task(void)
{
    for (uint32_t i = 0; i < master.tasks.records.length; i++)
        task(i)->worker = 1;
}

static void a_large_state_is_checked_in_part(void **state)
{
    char name[16] = "task-000";

    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        name[5] = (char)('0' + i / 100);
        name[6] = (char)('0' + i / 10 % 10);
        name[7] = (char)('0' + i % 10);
        rota_belief_task_named(&context, name);
    }
    assert_false(aborts(break_nothing));
    assert_true(aborts(break_every_open_flag));
    assert_true(aborts(break_every_task));
    assert_true(aborts(leave_a_task_undecided));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_consistent_state_passes, lead, end),
        cmocka_unit_test_setup_teardown(the_lists_of_workers_are_checked, lead, end),
        cmocka_unit_test_setup_teardown(heaps_and_edges_are_checked, lead, end),
        cmocka_unit_test_setup_teardown(lists_and_phase_are_checked, lead, end),
        cmocka_unit_test_setup_teardown(a_large_state_is_checked_in_part, lead, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
