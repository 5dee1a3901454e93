/* The operator in a world: each connection fault hits each of its requests in turn, and its command
 * is carried out all the same, once. */
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

/* A cluster of four processes, and the fault of one request. */
struct cluster {
    struct rota_world *w;
    enum rota_connection_fault fault;
    uint32_t nth;      /* the operator's request that it hits, counted from 1; 0: none */
    uint32_t requests; /* of the operator so far */
    uint32_t runs;
    rota_time work;
    bool fail;      /* the first run fails */
    char state[16]; /* the result of the operator's job */
};

static void on_before(void *context, uint32_t who, const struct rota_request *request)
{
    struct cluster *c = context;

    (void)request;
    if (who == OPERATOR && ++c->requests == c->nth)
        rota_world_lose_next(c->w, who, c->fault, SECOND);
}

static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    struct cluster *c = context;

    if (who == OPERATOR && a->kind == ROTA_ACTION_RESULT) {
        assert_string_equal(c->state, "");
        snprintf(c->state, sizeof c->state, "%s", a->job.state);
    }
}

static struct rota_work_plan on_plan(void *context, uint32_t who, const struct rota_action *a)
{
    struct cluster *c = context;

    (void)who;
    (void)a;
    c->runs++;
    return (struct rota_work_plan){.duration = c->work, .exit_status = c->fail && c->runs == 1};
}

static const struct rota_world_hooks hooks = {
    .before = on_before, .acted = on_acted, .plan = on_plan};

static void open_cluster(struct cluster *c, bool collect, enum rota_operator_command command)
{
    static const char *const paths[] = {"/epoch",  "/workers", "/assign",  "/tasks",   "/retry",
                                        "/cancel", "/drain",   "/collect", "/history", "/progress"};
    struct rota_world_config config = {.seed = c->nth + 1, .latency = MS, .session_ms = 4000};
    struct rota_master_config m1 = {.id = "m1"};
    struct rota_worker_config w1 = {.name = "w1", .slots = 1};
    struct rota_client_config c1 = {.wait = true, .collect = collect};
    struct rota_operator_config o1 = {.command = command, .wait = true, .timeout_ms = -1};
    struct rota_driver_config master = {.role = &rota_master_role, .config = &m1};
    struct rota_driver_config worker = {
        .role = &rota_worker_role, .config = &w1, .session = {.lease = true}};
    struct rota_driver_config client = {.role = &rota_client_role, .config = &c1};
    struct rota_driver_config operator= {.role = &rota_operator_role, .config = &o1};

    c->w = rota_world_open(&config, &hooks, c);
    rota_world_create_znodes(c->w, paths, sizeof paths / sizeof *paths);
    rota_world_start(c->w, rota_world_add(c->w, "m1", ROTA_PART_MASTER, &master));
    rota_world_start(c->w, rota_world_add(c->w, "w1", ROTA_PART_WORKER, &worker));
    rota_world_start(c->w, rota_world_add(c->w, "c1", ROTA_PART_CLIENT, &client));
    rota_world_add(c->w, "o1", ROTA_PART_OPERATOR, &operator);
    rota_world_run(c->w, SECOND);
}

static void submit(struct cluster *c, uint64_t job, const char *name)
{
    struct rota_bytes payload = {"x", 1};

    rota_world_submit(c->w, CLIENT, job, name, &payload);
    rota_world_run(c->w, rota_world_now(c->w) + SECOND);
}

/* The operator starts, does its job, and leaves. */
static void operate(struct cluster *c, const char *name)
{
    rota_world_start(c->w, OPERATOR);
    rota_world_submit(c->w, OPERATOR, 0, name, NULL);
    rota_world_close_input(c->w, OPERATOR);
    rota_world_run(c->w, rota_world_now(c->w) + 30 * SECOND);
    assert_int_equal(rota_world_process(c->w, OPERATOR)->state, ROTA_PROCESS_LEFT);
}

static rota_ref find(const struct cluster *c, const char *path)
{
    return rota_tree_find(rota_server_tree(rota_world_server(c->w)), path);
}

static uint32_t children(const struct cluster *c, const char *path)
{
    return rota_tree_node(rota_server_tree(rota_world_server(c->w)), find(c, path))
        ->children.length;
}

typedef void (*script_f)(struct cluster *c);

/* Runs the script without a fault, then with each fault of each request of the operator. */
static void run_all(script_f script, uint32_t least)
{
    struct cluster t = {.nth = 0};
    uint32_t requests;

    script(&t);
    requests = t.requests;
    rota_world_close(t.w);
    assert_true(requests >= least);
    for (uint32_t nth = 1; nth <= requests; nth++)
        for (int fault = ROTA_CONNECTION_FAULT_LOST; fault <= ROTA_CONNECTION_FAULT_LATE; fault++) {
            t = (struct cluster){.nth = nth, .fault = (enum rota_connection_fault)fault};
            script(&t);
            assert_int_equal(rota_world_faults_met(t.w), 1);
            rota_world_close(t.w);
        }
}

static void cancelled(struct cluster *c)
{
    c->work = 3600 * SECOND;
    open_cluster(c, true, ROTA_OPERATOR_CANCEL);
    submit(c, 0, "t1");
    submit(c, 1, "t2");
    operate(c, "t1");
    assert_string_equal(c->state, "cancelled");
    assert_int_equal(c->runs, 2); /* t2 runs now */
    rota_world_run(c->w, rota_world_now(c->w) + 30 * SECOND);
    assert_int_equal(children(c, "/tasks"), 1);
    assert_int_equal(children(c, "/cancel"), 0);
}

static void cancelled_before_it_began(struct cluster *c)
{
    c->work = 3600 * SECOND;
    open_cluster(c, true, ROTA_OPERATOR_CANCEL);
    submit(c, 0, "t1");
    submit(c, 1, "t2");
    operate(c, "t2");
    assert_string_equal(c->state, "cancelled");
    assert_int_equal(c->runs, 1);
    rota_world_run(c->w, rota_world_now(c->w) + 30 * SECOND);
    assert_int_equal(children(c, "/tasks"), 1);
    assert_int_equal(children(c, "/cancel"), 0);
}

static void retried(struct cluster *c)
{
    c->fail = true;
    open_cluster(c, false, ROTA_OPERATOR_RETRY);
    submit(c, 0, "t1");
    assert_int_not_equal(find(c, "/tasks/t1/status"), 0);
    operate(c, "t1");
    assert_string_equal(c->state, "waiting");
    assert_int_equal(c->runs, 2);
    assert_int_not_equal(find(c, "/tasks/t1/status"), 0);
    assert_int_equal(children(c, "/retry"), 0);
}

static void drained(struct cluster *c)
{
    c->work = 5 * SECOND;
    open_cluster(c, true, ROTA_OPERATOR_DRAIN);
    submit(c, 0, "t1");
    operate(c, "w1");
    assert_string_equal(c->state, "drained");
    assert_int_equal(children(c, "/assign/w1"), 0);
    submit(c, 1, "t2");
    rota_world_run(c->w, rota_world_now(c->w) + 10 * SECOND);
    assert_int_equal(c->runs, 1);
}

static void every_fault_of_cancel(void **state)
{
    (void)state;
    run_all(cancelled, 5);
}

static void every_fault_of_an_early_cancel(void **state)
{
    (void)state;
    run_all(cancelled_before_it_began, 5);
}

static void every_fault_of_retry(void **state)
{
    (void)state;
    run_all(retried, 6);
}

static void every_fault_of_drain(void **state)
{
    (void)state;
    run_all(drained, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_of_cancel),
        cmocka_unit_test(every_fault_of_an_early_cancel),
        cmocka_unit_test(every_fault_of_retry),
        cmocka_unit_test(every_fault_of_drain),
    };

    return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
