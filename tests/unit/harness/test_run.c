/* Scenarios that hold, and scenarios that fail for each possible reason: the verdict and the
 * report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"
#include "harness/play/sim.h"

/* Runs a text under its own seed. */
static struct rota_finding run(const char *text)
{
    struct rota_scenario_error error;
    struct rota_finding finding;
    struct rota_scenario s;

    if (!rota_scenario_read(&s, "x.scn", text, strlen(text), &error))
        fail_msg("%s", error.text);
    rota_scenario_run(&s, s.seed, NULL, &finding);
    rota_scenario_close(&s);
    return finding;
}

static void holds(const char *text)
{
    struct rota_finding f = run(text);

    if (f.verdict != ROTA_VERDICT_HELD)
        fail_msg("%s", f.report);
    assert_null(f.report);
}

/* Fails with this verdict, and the report contains these words. */
static void fails(const char *text, enum rota_verdict verdict, const char *words)
{
    struct rota_finding f = run(text);

    assert_int_equal(f.verdict, verdict);
    if (strstr(f.report, words) == NULL)
        fail_msg("missing: %s\nin: %s", words, f.report);
    assert_non_null(strstr(f.report, "replay: rota sim run x.scn --seed 1 --trace -"));
    rota_finding_close(&f);
}

#define SMALL "scenario \"x\"\ncluster masters=1 workers=1 clients=1\n"

static void expectations(void **state)
{
    (void)state;
    fails(SMALL "start all\nexpect leader m1\n", ROTA_VERDICT_FAILED,
          "x.scn:4: this is not true: no master leads\n  statement: expect leader m1\n"
          "  at 0.000s of virtual time");
    fails(SMALL "start all\nuntil assigned w1 == 2 within 3s\n", ROTA_VERDICT_FAILED,
          "x.scn:4: this has not become true in time: the number is 0");
    fails(SMALL "start all\nexpect exists /a within 3s\n", ROTA_VERDICT_FAILED,
          "/a does not exist");
    fails(SMALL "start all\nexpect missing /tasks within 3s\n", ROTA_VERDICT_FAILED,
          "/tasks exists");
    fails(SMALL "start all\nuntil workers == 1 within 5s\nexpect data /workers/w1 \"x\"\n",
          ROTA_VERDICT_FAILED, "this is not true: /workers/w1 holds \"w1:1 slots=1\"\n");
    fails(SMALL "expect data /none \"x\"\n", ROTA_VERDICT_FAILED, "/none does not exist");
    fails(SMALL "start c1\nsubmit c1 1 task id=two payload=\"one\\ntwo\"\n"
                "expect exists /tasks/two within 5s\nexpect data /tasks/two \"one\"\n",
          ROTA_VERDICT_FAILED, "/tasks/two holds 7 bytes, which begin with \"one\"\n");
    fails(SMALL "at 1s submit c1 1 task\nexpect done all within 9ms\n", ROTA_VERDICT_FAILED,
          "no task was submitted so far");
    fails(SMALL "start all\nsubmit c1 1 task id=bad fail=100%\nexpect done all within 9s\n",
          ROTA_VERDICT_FAILED, "this has not become true in time: bad is failed");
    fails(SMALL "expect data /epoch \"x\"\n", ROTA_VERDICT_FAILED, "/epoch holds 0 bytes");
    fails(SMALL "start all\nsubmit c1 1 task work=5s\nexpect done t1 within 3s\n",
          ROTA_VERDICT_FAILED, "t1 is not finished");
    fails(SMALL "start all\nsubmit c1 2 tasks work=5s\nexpect done all within 3s\n",
          ROTA_VERDICT_FAILED, "2 tasks are not done");
    fails(SMALL "start all\nnever workers > 0\nafter 3s start m1\n", ROTA_VERDICT_FAILED,
          "x.scn:4: this has become true: the number is 1");
    fails(SMALL "start all\nuntil leader m1 within 5s\nexpect leaders == 0\n", ROTA_VERDICT_FAILED,
          "the number is 1");
}

static void faults_that_do_not_fire(void **state)
{
    (void)state;
    fails(SMALL "crash w1\n", ROTA_VERDICT_FAILED, "x.scn:3: this did not fire: w1 is not running");
    fails(SMALL "expire m1\n", ROTA_VERDICT_FAILED, "this did not fire: m1 is not running");
    fails(SMALL "pause w1\n", ROTA_VERDICT_FAILED, "this did not fire: w1 is not running");
    fails(SMALL "start w1\npause w1\nafter 1s pause w1\n", ROTA_VERDICT_FAILED,
          "this did not fire: w1 is paused already");
    fails(SMALL "resume w1\n", ROTA_VERDICT_FAILED, "this did not fire: w1 is not paused");
    fails(SMALL "stop leader\n", ROTA_VERDICT_FAILED, "this did not fire: there is no leader");
    fails(SMALL "crash standby\n", ROTA_VERDICT_FAILED, "there is no standby");
    fails(SMALL "crash any worker\n", ROTA_VERDICT_FAILED, "w1 is not running");
    fails(SMALL "start all\nstart all\nafter 1s start m1\n", ROTA_VERDICT_FAILED,
          "x.scn:5: this did not fire: m1 is running already");
    fails(SMALL "disconnect w1\ndisconnect w1\n", ROTA_VERDICT_FAILED,
          "this did not fire: w1 is disconnected already");
    fails(SMALL "start s1\n", ROTA_VERDICT_FAILED,
          "this did not fire: that server is running already");
    fails(SMALL "resume s1\n", ROTA_VERDICT_FAILED, "this did not fire: that server is not paused");
    fails(SMALL "crash s1\ncrash s1\n", ROTA_VERDICT_FAILED,
          "this did not fire: that server is not running");
    fails(SMALL "connloss w1 lost\n", ROTA_VERDICT_FAILED,
          "x.scn:3: 1 connection losses met no request");
    fails(SMALL "start all\nafter 2s crash m1\nat 1s crash w1\n", ROTA_VERDICT_FAILED,
          "x.scn:5: this did not fire: the script came to this line at 2.000s, after that time");
    fails(SMALL "on m1 before create /nothing crash m1\nstart all\n", ROTA_VERDICT_FAILED,
          "x.scn:3: this did not fire: 0 requests matched");
    fails(SMALL "on m1 before create /master nth=2 crash m1\nstart all\n", ROTA_VERDICT_FAILED,
          "this did not fire: 1 requests matched");
    fails(SMALL "start c1\nafter 1s disconnect c1\nconnloss c1 lost\n", ROTA_VERDICT_FAILED,
          "x.scn:5: 1 connection losses met no request");
}

/* An action that comes too early for its process waits: until `start all` has started it, until it
 * has stopped in good order, or until it has a session. */
static void actions_wait_for_a_process(void **state)
{
    (void)state;
    holds(SMALL "start all\ncrash w1\nafter 5s start w1\nuntil workers == 1 within 5s\n");
    holds(SMALL "start all\nexpire w1\nuntil workers == 1 within 9s\nsometimes expired\n");
    holds(SMALL "start m1\nexpire m1\nuntil leader m1 within 9s\nsometimes expired\n");
    holds(SMALL "start all\nuntil leader m1 within 5s\nstop m1\nstart m1\n"
                "until leaders == 0 within 5s\nuntil leader m1 within 5s\nsometimes handover\n");
    fails(SMALL "start m1\nafter 1s stop m1\nstart m1\ncrash m1\nuntil leader m1 within 9s\n",
          ROTA_VERDICT_FAILED, "no master leads");
    holds(SMALL "start all\nuntil leader m1 within 5s\nstop s1\nafter 1s start s1\n");
}

/* The notes of a session are marks, too. */
static void marks_of_sessions(void **state)
{
    (void)state;
    holds(SMALL "start all\nafter 1s disconnect w1 for 3s\nafter 5s expire c1\nstop m1\n"
                "sometimes started\nsometimes connected\nsometimes disconnected\n"
                "sometimes resumed\nsometimes expired\nsometimes fault\nsometimes ended\n");
    fails(SMALL "start all\nafter 1s stop w1\nsometimes disconnected\n", ROTA_VERDICT_FAILED,
          "x.scn:5: this mark was not reached");
}

/* A client that chooses the names of its tasks: the data that it writes tells which task is which.
 */
static void names_chosen_by_the_client(void **state)
{
    (void)state;
    holds(SMALL "start all\nuntil workers == 1 within 5s\nsubmit c1 2 tasks id=* work=1s\n"
                "submit c1 2 tasks id=* work=1s payload=same\nsubmit c1 1 task\n"
                "until executions t1 == 1 within 5s\nexpect missing /tasks/t1\ncancel t4\n"
                "until cancelled t4 within 9s\nuntil done t5 within 9s\nuntil done t3 within 9s\n");
    /* The client dies without an acknowledgement and starts again without the name: no process
     * waits for the task. */
    holds(SMALL "start all\nuntil workers == 1 within 5s\n"
                "on c1 after create /tasks/* restart c1\nsubmit c1 1 task id=*\n"
                "until done t1 within 9s\nexpect executions t1 == 1\n");
    /* If no request has left, the client submits the task again. */
    holds(SMALL "start all\nuntil workers == 1 within 5s\n"
                "on c1 before create /tasks/* restart c1\nsubmit c1 1 task id=*\n"
                "after 9s expire c1\n");
    /* The task was acknowledged: the client waits by its name, and collects it. */
    holds(SMALL "start all\nsubmit c1 1 task id=* work=2s\nuntil executions t1 == 1 within 5s\n"
                "restart c1\nuntil done t1 within 9s\nuntil children /tasks == 0 within 9s\n");
}

/* A client that does not run submits a name that another client has submitted once it starts, and
 * again whenever it starts. A submit of a collected task is not repeated. */
static void names_of_two_clients(void **state)
{
    const char *two = "scenario \"x\"\ncluster masters=1 workers=1 clients=2\nstart m1\nstart w1\n"
                      "start c1\nuntil workers == 1 within 5s\nsubmit c1 1 task id=x work=9s\n"
                      "submit c2 1 task id=x work=9s\n";
    char text[1024];

    (void)state;
    snprintf(text, sizeof text,
             "%son c2 before get /tasks/x/status slow c2 0ms\nafter 1s start c2\n", two);
    holds(text);
    snprintf(text, sizeof text,
             "%safter 1s start c2\non c2 before get /tasks/x/status slow c2 0ms\n"
             "after 1s restart c2\n",
             two);
    holds(text);
    snprintf(text, sizeof text,
             "%suntil done x within 20s\nuntil missing /tasks/x within 2s\nnever exists /tasks/x\n"
             "start c2\n",
             two);
    holds(text);
}

/* Znodes that other programs create may stay, and their tasks end without output. */
static void other_programs(void **state)
{
    (void)state;
    holds(SMALL "start all\nuntil workers == 1 within 5s\n"
                "zk z1: create /mine x\n----\nCreated /mine\n----\n"
                "zk z1: create -s /tasks/task- x\n----\nCreated /tasks/task-<n>\n----\n"
                "until exists /tasks/task-0000000000/status within 5s\n"
                "zk z1: get /tasks/task-0000000000/status\n----\ndone\n----\n"
                "submit c1 1 task\nuntil done all within 5s\n");
    holds(SMALL "start all\nsubmit c1 1 task id=x\non c1 before delete /tasks/x crash c1\n"
                "until done x within 5s\nexpect data /tasks/x/status \"done\" within 5s\n");
}

/* A worker never comes: the report says what is pending, for whom, since when. */
static void no_progress(void **state)
{
    (void)state;
    fails(SMALL "start c1\nsubmit c1 1 task\nuntil done t1 within 2000s\n", ROTA_VERDICT_FAILED,
          "t1 is not finished");
    fails("scenario \"x\"\ncluster masters=0 workers=0 clients=0\nuntil znodes == 0 within 5s\n",
          ROTA_VERDICT_NO_PROGRESS, "nothing more will happen");
}

/* The script is over, and a process that is needed is not started again: its tasks stay pending. */
static void pending_without_end(void **state)
{
    (void)state;
    fails(SMALL "start m1\nstart c1\nsubmit c1 2 tasks\n", ROTA_VERDICT_NO_PROGRESS,
          "2 tasks are pending, and nothing more will happen");
    fails(SMALL "start w1\nstart c1\nsubmit c1 1 task\n", ROTA_VERDICT_NO_PROGRESS,
          "pending: t1 of c1, waiting since 0.0");
    fails(SMALL "start all\nsubmit c1 1 task work=5s\nuntil executions t1 == 1 within 5s\n"
                "crash w1\n",
          ROTA_VERDICT_NO_PROGRESS, "pending: t1 of c1, assigned to w1 since ");
    fails(SMALL "start all\nsubmit c1 1 task work=5s\nuntil executions t1 == 1 within 5s\n"
                "pause w1 work\n",
          ROTA_VERDICT_NO_PROGRESS, "1 task is pending");
    fails(SMALL "start m1\nstart w1\nsubmit c1 1 task\n", ROTA_VERDICT_NO_PROGRESS,
          "pending: t1 of c1, not submitted since 0.000s");
    fails(SMALL "start all\nsubmit c1 1 task tags=gpu\n", ROTA_VERDICT_NO_PROGRESS,
          "1 task is pending");
    holds(SMALL "without progress\nstart m1\nstart c1\nsubmit c1 2 tasks\n");
    holds(SMALL "start m1\nstart c1\nsubmit c1 1 task\nafter 2s start w1\n");
    holds(SMALL "start all\nsubmit c1 1 task work=2s\nuntil executions t1 == 1 within 5s\n"
                "crash c1\n");
    holds(SMALL "start all\non c1 before create /tasks/* crash c1\nsubmit c1 1 task\n");
}

/* A master loses each connection before its barrier is done, so it connects again and again while
 * time passes. */
static void a_process_that_repeats_itself(void **state)
{
    (void)state;
    fails("scenario \"x\"\ncluster masters=1 workers=0 clients=0 latency=1us session=100ms "
          "tick=20ms\n"
          "start all\nuntil leader m1 within 5s\non m1 before sync * every connloss m1 lost\n"
          "disconnect m1 for 1ms\nuntil leaders == 0 within 1s\nuntil leader m1 within 1h\n",
          ROTA_VERDICT_NO_PROGRESS, "a process repeats itself without end");
}

static void all_conditions(void **state)
{
    (void)state;
    holds(SMALL
          "start all\nuntil leader m1 within 5s\nsubmit c1 2 tasks work=1s payload=\"a b\"\n"
          "submit c1 2 tasks id=x fail=100%\nuntil exists /tasks/t1 within 1s\n"
          "expect data /tasks/t1 \"a b\"\nexpect children /tasks == 4 within 1s\n"
          "expect failed x-1 within 5s\nexpect failed x-2 within 5s\nexpect done t2 within 9s\n"
          "expect attempts t1 == 1\nexpect executions x-1 == 1\nexpect refused all == 0\n"
          "expect assigned w1 == 4\nexpect assigned all == 4\nexpect workers == 1\n"
          "expect missing /tasks/t1 within 5s\nexpect znodes == 17 within 1m\nnever leaders > 1\n");
}

static void all_actions(void **state)
{
    (void)state;
    holds("scenario \"x\"\ncluster masters=3 workers=3 clients=2 session=4s\n"
          "start all\nuntil leader m1 within 5s\nat 30s heal all\n"
          "submit c1 5 tasks work=3s\nsubmit c2 5 tasks work=1s id=other\n"
          "after 1s pause standby for 2s\nafter 1s crash leader\nuntil leaders == 1 within 20s\n"
          "restart any worker\nafter 1s pause any worker work for 6s\nafter 1s disconnect w1\n"
          "heal w1\nslow w1 5ms\nafter 1s stop leader\nuntil leaders == 1 within 20s\n"
          "pause s1 for 500ms\nafter 1s restart s1\nafter 1s pause s1\nafter 1s resume s1\n"
          "after 2s crash s1\nafter 2s start s1\nafter 1s pause c2\nafter 1s resume c2\n"
          "expire c1\nconnloss c1 late 1s\nrestart c2\nheal s1\n"
          "on c1 after sync * every slow c1 0ms\nexpect done all within 200s\n");
}

/* A pause of the work stops its clock; a pause of the worker alone does not. */
static void pausing_work(void **state)
{
    (void)state;
    holds(SMALL "start all\nuntil workers == 1 within 5s\nsubmit c1 1 task work=2s\n"
                "after 1s pause w1 work\nafter 3s resume w1\nexpect missing /tasks/t1/status\n"
                "expect done t1 within 2s\nexpect executions t1 == 1\n");
    holds(SMALL "start all\nuntil workers == 1 within 5s\nsubmit c1 1 task work=2s\n"
                "after 1s pause w1 for 3s\nexpect done t1 within 3050ms\n"
                "expect executions t1 == 1\n");
}

static void a_task_that_kills_workers(void **state)
{
    (void)state;
    holds("scenario \"x\"\ncluster masters=1 workers=2 clients=1 losses=2\n"
          "start all\nuntil workers == 2 within 5s\nsubmit c1 1 task work=1s kill=100%\n"
          "expect dead t1 within 60s\nexpect workers == 0\n");
}

static void without_an_invariant(void **state)
{
    (void)state;
    holds(SMALL "without progress bounded-tree\nstart all\nuntil workers == 1 within 5s\n"
                "submit c1 1 task work=1s\n");
}

static void seeds(void **state)
{
    struct rota_finding a = run(SMALL "seed 1\nstart all\nsubmit c1 3 tasks work=1ms..9ms\n");
    struct rota_finding b = run(SMALL "seed 1\nstart all\nsubmit c1 3 tasks work=1ms..9ms\n");
    struct rota_finding c = run(SMALL "seed 2\nstart all\nsubmit c1 3 tasks work=1ms..9ms\n");

    (void)state;
    assert_int_equal(a.verdict, ROTA_VERDICT_HELD);
    assert_int_equal(a.hash, b.hash);
    assert_int_equal(a.events, b.events);
    assert_int_equal(a.time, b.time);
    assert_int_not_equal(a.hash, c.hash);
}

/* ---- files ---- */

struct shelf {
    char folder[64];
    char good[80], bad[80], wrong[80], trace[80];
    char *out;
    size_t out_length;
    char *err;
    size_t err_length;
};

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int fill_shelf(void **state)
{
    struct shelf *s = calloc(1, sizeof *s);

    snprintf(s->folder, sizeof s->folder, "test_run.XXXXXX");
    if (mkdtemp(s->folder) == NULL)
        return -1;
    snprintf(s->good, sizeof s->good, "%s/good.scn", s->folder);
    snprintf(s->bad, sizeof s->bad, "%s/bad.scn", s->folder);
    snprintf(s->wrong, sizeof s->wrong, "%s/wrong.scn", s->folder);
    snprintf(s->trace, sizeof s->trace, "%s/trace", s->folder);
    write_file(s->good, SMALL "start all\nuntil leader m1 within 5s\n");
    write_file(s->bad, SMALL "expect exists /nothing\n");
    write_file(s->wrong, SMALL "expect leder m1\n");
    *state = s;
    return 0;
}

static int clear_shelf(void **state)
{
    struct shelf *s = *state;

    remove(s->good);
    remove(s->bad);
    remove(s->wrong);
    remove(s->trace);
    remove(s->folder);
    free(s);
    return 0;
}

/* Runs files, and keeps the output until the next call. */
static int sim(struct shelf *s, const char *first, const char *second, const char *trace)
{
    const char *files[] = {first, second};
    struct rota_sim_options options = {.files = files,
                                       .file_count = second == NULL ? 1 : 2,
                                       .has_seed = true,
                                       .seed = 5,
                                       .trace_file = trace};
    int status;

    free(s->out);
    free(s->err);
    options.out = open_memstream(&s->out, &s->out_length);
    options.err = open_memstream(&s->err, &s->err_length);
    status = rota_sim_run(&options);
    fclose(options.out);
    fclose(options.err);
    return status;
}

static void statuses(void **state)
{
    struct shelf *s = *state;

    assert_int_equal(sim(s, s->good, NULL, NULL), ROTA_VERDICT_HELD);
    assert_int_equal(strncmp(s->out, "ok     ", 7), 0);
    assert_int_equal(s->err_length, 0);
    assert_int_equal(sim(s, s->bad, s->good, NULL), ROTA_VERDICT_FAILED);
    assert_int_equal(strncmp(s->out, "FAILED ", 7), 0);
    assert_non_null(strstr(s->out, "\nok "));
    assert_non_null(strstr(s->err, "--seed 5 --trace -"));
    assert_int_equal(sim(s, s->wrong, s->bad, NULL), ROTA_VERDICT_WRONG);
    assert_non_null(strstr(s->err, "did you mean \"leader\"?"));
    assert_int_equal(sim(s, "nothing.scn", NULL, NULL), ROTA_VERDICT_WRONG);
    free(s->out);
    free(s->err);
    s->out = s->err = NULL;
}

static void traces(void **state)
{
    struct shelf *s = *state;
    char line[256];
    FILE *f;

    assert_int_equal(sim(s, s->good, NULL, "-"), ROTA_VERDICT_HELD);
    assert_non_null(strstr(s->out, "m1     started\n"));
    assert_int_equal(sim(s, s->good, NULL, s->trace), ROTA_VERDICT_HELD);
    assert_null(strstr(s->out, "started"));
    f = fopen(s->trace, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "[    0.000s] m1     started\n");
    fclose(f);
    assert_int_equal(sim(s, s->good, NULL, "/nonexistent/trace"), ROTA_VERDICT_WRONG);
    assert_non_null(strstr(s->err, "/nonexistent/trace: this file cannot be written"));
    free(s->out);
    free(s->err);
    s->out = s->err = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expectations),
        cmocka_unit_test(faults_that_do_not_fire),
        cmocka_unit_test(actions_wait_for_a_process),
        cmocka_unit_test(other_programs),
        cmocka_unit_test(names_chosen_by_the_client),
        cmocka_unit_test(names_of_two_clients),
        cmocka_unit_test(marks_of_sessions),
        cmocka_unit_test(no_progress),
        cmocka_unit_test(pending_without_end),
        cmocka_unit_test(a_process_that_repeats_itself),
        cmocka_unit_test(all_conditions),
        cmocka_unit_test(all_actions),
        cmocka_unit_test(pausing_work),
        cmocka_unit_test(a_task_that_kills_workers),
        cmocka_unit_test(without_an_invariant),
        cmocka_unit_test(seeds),
        cmocka_unit_test_setup_teardown(statuses, fill_shelf, clear_shelf),
        cmocka_unit_test_setup_teardown(traces, fill_shelf, clear_shelf),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
