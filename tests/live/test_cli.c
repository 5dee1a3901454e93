/* The program on a real ZooKeeper: its commands as processes, and the tree after they have ended.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/live/zkserver.h"
#include "tests/unit/cli/program.h"

enum { MANY = 60 };

struct fixture {
    struct rota_zkserver server;
    char zk[64];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct rota_zkserver_config config = {0};

    if (!rota_zkserver_start(&f->server, &config)) {
        fprintf(stderr, "%s\n", f->server.error);
        return -1;
    }
    snprintf(f->zk, sizeof f->zk, "%s/rota", f->server.hosts);
    setenv("ROTA_ZK", f->zk, 1);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    rota_zkserver_close(&f->server);
    free(f);
    return 0;
}

/* A master that leads and a worker that is registered. */
struct pair {
    struct program *master;
    struct program *worker;
};

static struct program *start_master(const char *id)
{
    return PROGRAM_START("master", "--id", id, "--session", "2s");
}

static struct program *start_worker(const char *name)
{
    return PROGRAM_START("worker", "--name", name, "--slots", "4", "--session", "2s", "--shell");
}

static struct pair start_pair(void)
{
    struct pair pair = {start_master("m1"), start_worker("w1")};

    program_await(pair.master, &pair.master->err, "elected leader");
    program_await(pair.worker, &pair.worker->err, "registered");
    return pair;
}

/* Sends SIGTERM and expects the end in good order. */
static void stop(struct program *p)
{
    uv_process_kill(&p->process, SIGTERM);
    assert_int_equal(program_end(p), 0);
    program_close(p);
}

static void stop_pair(struct pair pair)
{
    stop(pair.worker);
    stop(pair.master);
}

static void kill_at_once(struct program *p)
{
    uv_process_kill(&p->process, SIGKILL);
    assert_int_equal(program_end(p), 256 + SIGKILL);
    program_close(p);
}

static void assert_nothing_left(void)
{
    static const char *const kinds[] = {"tasks", "assignments"};

    for (int i = 0; i < 2; i++) {
        struct program *p;

        assert_int_equal(PROGRAM_RUN(&p, "", "list", kinds[i]), 0);
        assert_string_equal(p->out.data, "");
        program_close(p);
    }
}

static void missing_tree_is_reported(void **state)
{
    struct fixture *f = *state;
    char zk[128];
    static const char *const commands[][4] = {
        {"status"}, {"list", "tasks"}, {"submit", "x"}, {"master"}};

    snprintf(zk, sizeof zk, "%s/no/such/place", f->server.hosts);
    setenv("ROTA_ZK", zk, 1);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct program *p;

        if (program_run(&p, "", 0, commands[i]) != 3)
            fail_msg("%s ended with %d: %s", commands[i][0], p->status, p->err.data);
        assert_non_null(strstr(p->err.data, "rota init"));
        program_close(p);
    }
    setenv("ROTA_ZK", f->zk, 1);
}

static void init_twice_is_harmless(void **state)
{
    struct program *p;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(PROGRAM_RUN(&p, "", "init"), 0);
        assert_string_equal(p->err.data, "");
        program_close(p);
    }
    assert_int_equal(PROGRAM_RUN(&p, "", "status", "--json"), 0);
    assert_string_equal(p->out.data, "{\"master\":null,\"epoch\":0,\"workers\":0,\"tasks\":0,"
                                     "\"assignments\":0}\n");
    program_close(p);
}

static void result_of_a_submitted_task_is_printed(void **state)
{
    struct pair pair = start_pair();
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--wait", "echo hello; echo aside >&2"), 0);
    assert_string_equal(p->out.data, "hello\n");
    program_close(p);
    program_await(pair.worker, &pair.worker->err, ": aside\n");
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--wait", "echo part; echo why >&2; exit 7"), 1);
    assert_string_equal(p->out.data, "part\n");
    assert_non_null(strstr(p->err.data, "failed: exit status 7\nwhy\n"));
    program_close(p);
    assert_nothing_left();
    stop_pair(pair);
}

static void result_is_printed_later_by_name(void **state)
{
    struct pair pair = start_pair();
    struct program *p;
    char name[300];

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "echo later"), 0);
    assert_int_equal(sscanf(p->out.data, "%299s", name), 1);
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "wait", "--keep", name), 0);
    assert_string_equal(p->out.data, "later\n");
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "list", "tasks"), 0);
    assert_non_null(strstr(p->out.data, name));
    assert_non_null(strstr(p->out.data, "done"));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "wait", name, "--json"), 0);
    assert_non_null(strstr(p->out.data, "\"output\":\"later\\n\""));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "wait", name), 1);
    assert_non_null(strstr(p->err.data, "missing"));
    program_close(p);
    assert_nothing_left();
    stop_pair(pair);
}

static void lists_show_running_tasks(void **state)
{
    struct pair pair = start_pair();
    struct program *p;
    struct program *submit = PROGRAM_START("submit", "--wait", "exec sleep 1000", "--verbose");

    (void)state;
    program_await(pair.worker, &pair.worker->err, "running ");
    assert_int_equal(PROGRAM_RUN(&p, "", "list", "assignments"), 0);
    assert_memory_equal(p->out.data, "WORKER  TASK", 12);
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "list", "tasks", "--json"), 0);
    assert_non_null(strstr(p->out.data, "\"state\":\"assigned\",\"worker\":\"w1\",\"attempt\":1"));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "list", "workers", "--json"), 0);
    assert_non_null(strstr(p->out.data, "\"worker\":\"w1\""));
    assert_non_null(strstr(p->out.data, "\"slots\":4,\"tasks\":1"));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "status"), 0);
    assert_non_null(strstr(p->out.data, "master       m1 "));
    program_close(p);
    uv_process_kill(&submit->process, SIGINT);
    assert_int_equal(program_end(submit), 130);
    assert_non_null(strstr(submit->err.data, "rota: no result was printed for: task-"));
    program_close(submit);
    kill_at_once(pair.worker);
    kill_at_once(pair.master);
}

/* The test before left a task that never ends. Its worker is stopped, and then at once. */
static void abandoned_task_is_assigned_again(void **state)
{
    struct pair pair = start_pair();

    (void)state;
    program_await(pair.worker, &pair.worker->err, "running ");
    uv_process_kill(&pair.worker->process, SIGTERM);
    program_await(pair.worker, &pair.worker->err, "stopping");
    uv_process_kill(&pair.worker->process, SIGTERM);
    assert_int_equal(program_end(pair.worker), 0);
    assert_non_null(strstr(pair.worker->err.data, "handed back"));
    program_close(pair.worker);
    stop(pair.master);
}

static void program_gets_any_bytes(void **state)
{
    char path[64];
    struct program *p;
    struct program *master = start_master("m1");

    (void)state;
    program_file(path, "a\0b\nc", 5);
    /* The worker also runs the task that the test before left behind, and so ends it. */
    struct program *worker = PROGRAM_START("worker", "--name", "w1", "--slots", "4", "--session",
                                           "2s", "--exec", "od", "-An", "-c");
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--wait", "--payload-file", path), 0);
    assert_string_equal(p->out.data, "   a  \\0   b  \\n   c\n");
    program_close(p);
    stop(worker);
    stop(master);
    unlink(path);
}

static void payload_above_the_limit_is_refused(void **state)
{
    enum { SIZE = 1000001 };
    char path[64];
    char *payload = calloc(SIZE, 1);
    struct program *p;

    (void)state;
    program_file(path, payload, SIZE);
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--payload-file", path), 4);
    assert_non_null(strstr(p->err.data, "longer than 1000000 bytes"));
    assert_string_equal(p->out.data, "");
    program_close(p);
    unlink(path);
    free(payload);
}

static void second_worker_of_the_same_name_is_refused(void **state)
{
    struct program *first = start_worker("w1");

    (void)state;
    program_await(first, &first->err, "registered");
    struct program *second = start_worker("w1");
    assert_int_equal(program_end(second), 4);
    assert_non_null(strstr(second->err.data, "w1"));
    program_close(second);
    stop(first);
}

static void run_leaves_nothing_in_the_tree(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "echo a\nfalse\necho b\n", "run", "--session", "2s"), 1);
    assert_string_equal(p->out.data, "a\nb\n");
    program_close(p);
    assert_nothing_left();
}

static void interrupted_run_leaves_nothing_in_the_tree(void **state)
{
    struct program *p = PROGRAM_START("run", "--session", "2s", "--jobs", "2", "--verbose");

    (void)state;
    program_write(p, "exec sleep 1000\necho b\nexec sleep 1000\nexec sleep 1000\n", 55);
    program_close_input(p);
    program_await(p, &p->err, "result of");
    uv_process_kill(&p->process, SIGINT);
    assert_int_equal(program_end(p), 130);
    assert_string_equal(p->out.data, "b\n");
    program_close(p);
    assert_nothing_left();
}

/* The leader and a worker are killed while tasks run, and both are started again. */
static void kills_lose_nothing(void **state)
{
    char lines[64 * MANY] = "";
    char results[8 * MANY] = "";
    char path[64];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(lines + strlen(lines), 64, "sleep 0.05; echo %d\n", i);
        snprintf(results + strlen(results), 8, "%d\n", i);
    }
    program_file(path, lines, strlen(lines));
    struct pair pair = start_pair();
    struct program *standby = start_master("m2");
    struct program *other = start_worker("w2");
    program_await(standby, &standby->err, "standby: ");
    program_await(other, &other->err, "registered");
    struct program *submit = PROGRAM_START("submit", "--wait", "--file", path);
    program_await(submit, &submit->out, "\n7\n");
    kill_at_once(pair.master);
    kill_at_once(pair.worker);
    pair.master = start_master("m1");
    pair.worker = start_worker("w1");
    assert_int_equal(program_end(submit), 0);
    assert_string_equal(submit->out.data, results);
    program_close(submit);
    assert_nothing_left();
    stop_pair(pair);
    stop(other);
    stop(standby);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_tree_is_reported),
        cmocka_unit_test(init_twice_is_harmless),
        cmocka_unit_test(result_of_a_submitted_task_is_printed),
        cmocka_unit_test(result_is_printed_later_by_name),
        cmocka_unit_test(second_worker_of_the_same_name_is_refused),
        cmocka_unit_test(run_leaves_nothing_in_the_tree),
        cmocka_unit_test(interrupted_run_leaves_nothing_in_the_tree),
        cmocka_unit_test(kills_lose_nothing),
        cmocka_unit_test(payload_above_the_limit_is_refused),
        cmocka_unit_test(lists_show_running_tasks),
        cmocka_unit_test(abandoned_task_is_assigned_again),
        cmocka_unit_test(program_gets_any_bytes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
