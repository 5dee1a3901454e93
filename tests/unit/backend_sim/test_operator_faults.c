/* The operator in a world: each of its requests in turn meets each fate, and what was asked for
 * comes to pass all the same, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/world/world.h"
#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/operator/operator.h"
#include "model/worker/worker.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)

enum { MASTER, WORKER, CLIENT, OPERATOR };

/* A town of four, and the misfortune of one request. */
struct town {
    struct rota_world *w;
    enum rota_connection_fault fault;
    uint32_t nth;   /* of the operator's requests, counted from 1; 0: none */
    uint32_t asked; /* by the operator so far */
    uint32_t runs;
    rota_time work;
    bool fail;      /* the first run does */
    char state[16]; /* what came of the operator's job */
};

static void on_before(void *context, uint32_t who, const struct rota_request *request)
{
    struct town *t = context;

    (void)request;
    if (who == OPERATOR && ++t->asked == t->nth)
        rota_world_lose_next(t->w, who, t->fault, SECOND);
}

static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    struct town *t = context;

    if (who == OPERATOR && a->kind == ROTA_ACTION_RESULT) {
        assert_string_equal(t->state, "");
        snprintf(t->state, sizeof t->state, "%s", a->job.state);
    }
}

static struct rota_work_plan on_plan(void *context, uint32_t who, const struct rota_action *a)
{
    struct town *t = context;

    (void)who;
    (void)a;
    t->runs++;
    return (struct rota_work_plan){.duration = t->work, .exit_status = t->fail && t->runs == 1};
}

static const struct rota_world_hooks hooks = {
    .before = on_before, .acted = on_acted, .plan = on_plan};

static void found(struct town *t, bool collect, enum rota_operator_command what)
{
    static const char *const paths[] = {"/epoch",  "/workers", "/assign",  "/tasks",   "/retry",
                                        "/cancel", "/drain",   "/collect", "/history", "/progress"};
    struct rota_world_config config = {.seed = t->nth + 1, .latency = MS, .session_ms = 4000};
    struct rota_master_config m1 = {.id = "m1"};
    struct rota_worker_config w1 = {.name = "w1", .slots = 1};
    struct rota_client_config c1 = {.wait = true, .collect = collect};
    struct rota_operator_config o1 = {.command = what, .wait = true, .timeout_ms = -1};
    struct rota_driver_config master = {.role = &rota_master_role, .config = &m1};
    struct rota_driver_config worker = {
        .role = &rota_worker_role, .config = &w1, .session = {.lease = true}};
    struct rota_driver_config client = {.role = &rota_client_role, .config = &c1};
    struct rota_driver_config person = {.role = &rota_operator_role, .config = &o1};

    t->w = rota_world_open(&config, &hooks, t);
    rota_world_create_znodes(t->w, paths, sizeof paths / sizeof *paths);
    rota_world_start(t->w, rota_world_add(t->w, "m1", ROTA_PART_MASTER, &master));
    rota_world_start(t->w, rota_world_add(t->w, "w1", ROTA_PART_WORKER, &worker));
    rota_world_start(t->w, rota_world_add(t->w, "c1", ROTA_PART_CLIENT, &client));
    rota_world_add(t->w, "o1", ROTA_PART_OPERATOR, &person);
    rota_world_run(t->w, SECOND);
}

static void submit(struct town *t, uint64_t job, const char *name)
{
    struct rota_bytes payload = {"x", 1};

    rota_world_submit(t->w, CLIENT, job, name, &payload);
    rota_world_run(t->w, rota_world_now(t->w) + SECOND);
}

/* The operator comes, asks, and leaves. */
static void ask(struct town *t, const char *name)
{
    rota_world_start(t->w, OPERATOR);
    rota_world_submit(t->w, OPERATOR, 0, name, NULL);
    rota_world_close_input(t->w, OPERATOR);
    rota_world_run(t->w, rota_world_now(t->w) + 30 * SECOND);
    assert_int_equal(rota_world_process(t->w, OPERATOR)->state, ROTA_PROCESS_LEFT);
}

static rota_ref find(const struct town *t, const char *path)
{
    return rota_tree_find(rota_server_tree(rota_world_server(t->w)), path);
}

static uint32_t children(const struct town *t, const char *path)
{
    return rota_tree_node(rota_server_tree(rota_world_server(t->w)), find(t, path))
        ->children.length;
}

typedef void (*story_f)(struct town *t);

/* Tells the story without a misfortune, then with each fate of each request it takes. */
static void tell(story_f story, uint32_t least)
{
    struct town t = {.nth = 0};
    uint32_t requests;

    story(&t);
    requests = t.asked;
    rota_world_close(t.w);
    assert_true(requests >= least);
    for (uint32_t nth = 1; nth <= requests; nth++)
        for (int fault = ROTA_CONNECTION_FAULT_LOST; fault <= ROTA_CONNECTION_FAULT_LATE; fault++) {
            t = (struct town){.nth = nth, .fault = (enum rota_connection_fault)fault};
            story(&t);
            assert_int_equal(rota_world_faults_met(t.w), 1);
            rota_world_close(t.w);
        }
}

static void cancelled(struct town *t)
{
    t->work = 3600 * SECOND;
    found(t, true, ROTA_OPERATOR_CANCEL);
    submit(t, 0, "t1");
    submit(t, 1, "t2");
    ask(t, "t1");
    assert_string_equal(t->state, "cancelled");
    assert_int_equal(t->runs, 2); /* t2 has its place now */
    rota_world_run(t->w, rota_world_now(t->w) + 30 * SECOND);
    assert_int_equal(children(t, "/tasks"), 1);
    assert_int_equal(children(t, "/cancel"), 0);
}

static void cancelled_in_time(struct town *t)
{
    t->work = 3600 * SECOND;
    found(t, true, ROTA_OPERATOR_CANCEL);
    submit(t, 0, "t1");
    submit(t, 1, "t2");
    ask(t, "t2");
    assert_string_equal(t->state, "cancelled");
    assert_int_equal(t->runs, 1);
    rota_world_run(t->w, rota_world_now(t->w) + 30 * SECOND);
    assert_int_equal(children(t, "/tasks"), 1);
    assert_int_equal(children(t, "/cancel"), 0);
}

static void sent_back(struct town *t)
{
    t->fail = true;
    found(t, false, ROTA_OPERATOR_RETRY);
    submit(t, 0, "t1");
    assert_int_not_equal(find(t, "/tasks/t1/status"), 0);
    ask(t, "t1");
    assert_string_equal(t->state, "waiting");
    assert_int_equal(t->runs, 2);
    assert_int_not_equal(find(t, "/tasks/t1/status"), 0);
    assert_int_equal(children(t, "/retry"), 0);
}

static void drained(struct town *t)
{
    t->work = 5 * SECOND;
    found(t, true, ROTA_OPERATOR_DRAIN);
    submit(t, 0, "t1");
    ask(t, "w1");
    assert_string_equal(t->state, "drained");
    assert_int_equal(children(t, "/assign/w1"), 0);
    submit(t, 1, "t2");
    rota_world_run(t->w, rota_world_now(t->w) + 10 * SECOND);
    assert_int_equal(t->runs, 1);
}

static void of_cancel(void **state)
{
    (void)state;
    tell(cancelled, 5);
}

static void of_cancel_in_time(void **state)
{
    (void)state;
    tell(cancelled_in_time, 5);
}

static void of_retry(void **state)
{
    (void)state;
    tell(sent_back, 6);
}

static void of_drain(void **state)
{
    (void)state;
    tell(drained, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_cancel),
        cmocka_unit_test(of_cancel_in_time),
        cmocka_unit_test(of_retry),
        cmocka_unit_test(of_drain),
    };

    return cmocka_run_group_tests_name("operating", tests, NULL, NULL);
}
