/* The scenario language, rule by rule: what each statement, action and condition does, and which
 * message a scenario gets that breaks the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"

/* Runs a text once in one order of its steps. */
static struct rota_finding play(const char *text, uint32_t order)
{
    struct rota_scenario_error error;
    struct rota_finding finding;
    struct rota_scenario s;

    if (!rota_scenario_read(&s, "x.scn", text, strlen(text), &error))
        fail_msg("%s", error.text);
    rota_scenario_play(&s, &(struct rota_play_options){.seed = s.seed, .order = order}, &finding);
    rota_scenario_close(&s);
    return finding;
}

static void holds(const char *text)
{
    struct rota_finding f = play(text, 0);

    if (f.verdict != ROTA_VERDICT_HELD)
        fail_msg("%s", f.report);
    rota_finding_close(&f);
}

/* Fails in this order, and the report begins with these words. */
static void fails_in(const char *text, uint32_t order, const char *words)
{
    struct rota_finding f = play(text, order);

    assert_int_equal(f.verdict, ROTA_VERDICT_FAILED);
    if (strncmp(f.report, words, strlen(words)) != 0)
        fail_msg("missing: %s\nin: %s", words, f.report);
    rota_finding_close(&f);
}

static void fails(const char *text, const char *words)
{
    fails_in(text, 0, words);
}

#define SMALL "scenario \"x\"\ncluster masters=1 workers=1 clients=1\n"
#define PAIR  "scenario \"x\"\ncluster masters=2 workers=2\n"
#define GO    "start all\nuntil leader m1 within 5s\nuntil workers == 2 within 5s\n"

/* ---- time ---- */

static void the_start_of_a_run(void **state)
{
    (void)state;
    holds("scenario \"x\"\ncluster lag=0 backoff=0 retries=0\nexpect exists /tasks\n"
          "expect exists /epoch\nstart all\nexpect leaders == 0\nuntil leader m1 within 1s\n");
    holds(PAIR "start all\nafter 5ms expire m1\nuntil leader m2 within 1s\n");
}

static void time_passes(void **state)
{
    (void)state;
    /* Only `until`, `after` and `within` let time pass. */
    holds(PAIR "start all\nsubmit c1 1 task\nexpect leaders == 0\nexpect missing /tasks/t1\n");
    /* The run does not end before every `at` was carried out. */
    fails(PAIR GO "at 60s crash w1\nat 61s crash w1\n",
          "x.scn:7: this did not fire: w1 is not running");
    /* `after` counts from the statement before it. */
    holds(PAIR GO "at 3s crash w2\nafter 2s crash w1\nexpect exists /workers/w2\n"
                  "after 1s restart w1\nafter 20s restart w2\n");
    fails(PAIR GO "after 2s crash w1\nat 1s crash w2\n",
          "x.scn:7: this did not fire: the script came to this line at 2.037s, after that time");
}

static void waiting(void **state)
{
    (void)state;
    holds(PAIR "start all\nexpect leader m1 within 1s\nuntil leader m1 within 0s\n");
    fails(PAIR "start all\nexpect leader m1\n", "x.scn:4: this is not true: no master leads");
    fails(PAIR "start all\nuntil leader m2 within 3s\n",
          "x.scn:4: this has not become true in time: m1 leads");
    fails(PAIR "start all\nnever leader m1\nafter 3s crash m1\n", "x.scn:4: this has become true");
}

/* ---- rules ---- */

static void on_fires_before_or_after_a_request(void **state)
{
    (void)state;
    /* An operation inside a multi counts, whatever the flags of a create. */
    holds(PAIR "on w1 before create /workers/w1 crash w1\nstart all\nafter 3s start w1\n"
               "until workers == 2 within 5s\n");
    /* `after`: the server has applied the request. */
    holds(PAIR "on w1 after create /workers/w1 crash w1\nstart all\n"
               "until exists /workers/w1 within 1s\nuntil missing /workers/w1 within 20s\n");
    /* A star does not cross a slash. */
    fails(PAIR "on w1 before create /*w1 crash w1\n" GO,
          "x.scn:3: this did not fire: 0 requests matched");
    holds(PAIR
          "on leader before create /assign/*/* nth=2 crash leader\n" GO
          "submit c1 4 tasks work=1s\nuntil leader m2 within 20s\nexpect done all within 60s\n");
    holds(PAIR "on c1 before multi * every slow c1 2ms\n" GO
               "submit c1 2 tasks work=1s\nexpect done all within 20s\n");
    fails(PAIR "on c1 before multi * nth=99 slow c1 2ms\n" GO "submit c1 2 tasks\n",
          "x.scn:3: this did not fire: ");
    /* `any worker` is the worker that sent the request. */
    holds(PAIR "on any worker before create /tasks/*/status crash any worker\n" GO
               "submit c1 1 task work=1s\nuntil workers == 1 within 20s\n"
               "expect executions t1 == 2 within 30s\nexpect done t1 within 30s\n");
    holds(PAIR "on all before sync * slow all 1ms\n" GO);
    /* A rule with `every` ends with the script. */
    holds(PAIR "on c1 before children * every connloss c1 lost\n" GO
               "submit c1 3 tasks work=1s\nafter 5s heal all\n");
}

/* Each kind of loss on each kind of request that each kind of process sends. */
static void connection_losses(void **state)
{
    static const struct {
        const char *who;
        const char *ops[10];
    } senders[] = {
        {"m1", {"create", "set", "check", "get", "exists", "children", "multi", "sync", "close"}},
        {"w1", {"create", "delete", "get", "exists", "children", "multi", "sync", "close"}},
        {"c1", {"create", "delete", "get", "children", "multi", "sync", "close"}},
    };
    static const char *const kinds[] = {"lost", "applied", "late 2s"};
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
        for (const char *const *op = senders[i].ops; *op != NULL; op++) {
            for (size_t k = 0; k < 3; k++) {
                const char *who = senders[i].who;

                snprintf(text, sizeof text,
                         PAIR "on %s before %s * connloss %s %s\nstart all\n"
                              "until leaders == 1 within 30s\nuntil workers == 2 within 30s\n"
                              "submit c1 4 tasks work=1s\nafter 30s stop %s\nafter 5s start %s\n",
                         who, *op, who, kinds[k], who, who);
                holds(text);
            }
        }
    }
}

/* Two losses that come before a request lose two connections, one after the other. */
static void losses_in_a_row(void **state)
{
    (void)state;
    holds(PAIR GO "connloss c1 lost\nconnloss c1 applied\nconnloss c1 late 2s\n"
                  "submit c1 4 tasks work=3s\nexpect done all within 60s\n");
    holds(PAIR "on c1 before create /tasks/* every connloss c1 applied\n" GO
               "submit c1 3 tasks work=1s\nexpect done all within 60s\n");
    /* A process that is not running yet, or starts again, loses its first request. */
    holds(PAIR "connloss w1 lost\n" GO);
    holds(PAIR GO "after 1s connloss c1 lost\nafter 1s restart c1\n");
}

/* ---- tasks ---- */

static void names_of_tasks(void **state)
{
    (void)state;
    /* Tasks are numbered in the order of the file, not of their submission. */
    holds(PAIR GO "at 5s submit c1 1 task\nsubmit c1 1 task id=x work=1s\nsubmit c1 2 tasks\n"
                  "until done t3 within 2s\nexpect missing /tasks/t1\nexpect done all within 3s\n"
                  "until done t1 within 9s\n");
    holds(PAIR GO
          "submit c1 3 tasks id=y\nexpect done y-3 within 9s\nexpect executions y-1 == 1\n");
    /* A repeated submit makes new tasks with higher numbers. */
    holds(PAIR "on c1 after delete /tasks/t* submit c1 1 task\n" GO "submit c1 1 task work=1s\n"
               "until done t2 within 9s\nuntil done t1 within 9s\n");
}

static void repeated_submits(void **state)
{
    (void)state;
    /* A submit waits for a client that is not running. */
    holds(PAIR "submit c1 1 task\nafter 3s start all\nuntil done all within 5s\n");
    holds(PAIR GO
          "submit c1 1 task fail=100%\nuntil failed t1 within 5s\nexpect attempts t1 == 1\n");
    /* A worker that its run has killed stays down. */
    holds(PAIR GO "without progress\nsubmit c1 1 task work=1s kill=100%\nafter 60s start w1\n"
                  "expect workers <= 1\ncrash all\n");
    holds(PAIR GO "submit c1 1 task payload=\"a b\" id=x work=2s\n"
                  "until data /tasks/x \"a b\" within 1s\nuntil done x within 5s\n");
}

static void terms_of_tasks(void **state)
{
    (void)state;
    holds(PAIR GO "submit c1 1 task work=1s fail=100% retries=2 backoff=100ms\n"
                  "until executions t1 == 3 within 20s\nuntil dead t1 within 20s\n"
                  "expect attempts t1 == 3\n");
    holds("scenario \"x\"\ncluster workers=1 retries=1 backoff=10ms\n"
          "start all\nsubmit c1 1 task work=1s fail=100%\nuntil dead t1 within 20s\n"
          "expect executions t1 == 2\n");
    holds(PAIR GO "submit c1 1 task work=1m timeout=2s\n"
                  "until failed t1 within 9s\n");
    holds("scenario \"x\"\ncluster workers=1\n"
          "start all\nuntil workers == 1 within 5s\nsubmit c1 1 task work=2s\n"
          "until executions t1 == 1 within 5s\nsubmit c1 1 task work=2s\n"
          "submit c1 1 task work=2s priority=9\nuntil executions t3 == 1 within 5s\n"
          "expect executions t2 == 0\n");
}

static void order_of_tasks(void **state)
{
    (void)state;
    holds(PAIR GO
          "submit c1 1 task work=3s id=a\nsubmit c1 1 task after=a\n"
          "until executions a == 1 within 5s\nafter 2s heal all\nexpect executions t1 == 0\n"
          "until done t1 within 9s\n");
    holds(PAIR GO "submit c1 1 task delay=5s\n"
                  "after 4s heal all\nexpect executions t1 == 0\nuntil done t1 within 9s\n");
    holds("scenario \"x\"\ncluster workers=1\nstart all\n"
          "until workers == 1 within 5s\nsubmit c1 1 task work=9s\n"
          "until executions t1 == 1 within 5s\nsubmit c1 1 task expires=2s\n"
          "until expired t2 within 20s\nexpect executions t2 == 0\n");
    /* A payload that is a specification is used as one. */
    holds(PAIR GO "submit c1 1 task payload=\"{\\\"rota\\\":1,\\\"delay_ms\\\":5000,"
                  "\\\"payload\\\":\\\"x\\\"}\"\nafter 4s heal all\n"
                  "expect executions t1 == 0\nuntil done t1 within 9s\n");
}

static void operators_cancel_and_drain(void **state)
{
    (void)state;
    holds(PAIR GO "submit c1 3 tasks work=9s\ncancel t3\n"
                  "until cancelled t3 within 5s\nexpect executions t3 == 0\n");
    holds(PAIR GO "submit c1 1 task work=60s\n"
                  "until executions t1 == 1 within 5s\ncancel t1\nuntil cancelled t1 within 20s\n");
    holds(PAIR "drain w1\n" GO "after 1s submit c1 4 tasks work=1s\n"
               "until done all within 30s\nexpect assigned w1 == 0\n");
}

/* ---- faults ---- */

static void pauses(void **state)
{
    (void)state;
    holds(PAIR GO "pause m1\nexpect leaders == 0\nuntil leader m2 within 20s\nresume m1\n"
                  "expect refused m1 >= 0\n");
    holds(PAIR GO "pause leader\nresume leader\nexpect leader m1\npause standby for 2s\n"
                  "after 1s resume m2\n");
    fails(PAIR GO "resume leader\n", "x.scn:6: this did not fire: m1 is not paused");
    fails(PAIR GO "start any worker\n", "x.scn:6: this did not fire: w2 is running already");
    holds(PAIR GO "crash w2\nstart any worker\nuntil workers == 2 within 20s\n");
}

static void cuts(void **state)
{
    (void)state;
    holds(PAIR GO "disconnect m1\nexpect leaders == 0 within 1s\nuntil leader m2 within 20s\n"
                  "heal m1\n");
    holds(PAIR GO "disconnect leader for 2s\nafter 3s crash m2\nexpect leader m1\n");
    holds(PAIR GO "disconnect leader\nheal leader\nuntil leader m1 within 5s\n");
    /* A server can be alone on a side. */
    holds(PAIR GO "partition w1 m2 | s1\nuntil missing /workers/w1 within 20s\n"
                  "expect exists /workers/w2\nheal w1\nuntil workers == 2 within 9s\nheal all\n");
    holds("scenario \"x\"\ncluster servers=3\n" GO
          "partition leader s1 | s2 s3 m2\nuntil leader m2 within 60s\nheal all\n"
          "until workers == 2 within 20s\n");
}

static void ensembles(void **state)
{
    (void)state;
    holds("scenario \"x\"\ncluster servers=3\n" GO
          "lag s2 500ms\nelect\nuntil leaders == 1 within 30s\nlag s2 0\n"
          "pause s3 for 2s\ncrash s2\nstart s2\nrestart s3\nuntil workers == 2 within 30s\n");
}

/* A fast clock ends the lease early; with a slow clock the session ends first. */
static void skewed_clocks(void **state)
{
    (void)state;
    holds(PAIR GO "skew w1 +20%\nskew m1 -20%\nskew c1 +900%\nsubmit c1 4 tasks work=2s\n"
                  "expect done all within 20s\nexpect refused all == 0\n");
    /* A client that is slow enough pings too late: its session ends again and again. */
    holds("scenario \"x\"\ncluster masters=1 workers=1 session=3s tick=200ms\nwithout "
          "progress\nstart all\n"
          "until workers == 1 within 5s\nskew w1 -80%\nuntil missing /workers/w1 within 20s\n"
          "skew w1 0%\nuntil workers == 1 within 30s\n");
}

/* ---- marks, steps, traces ---- */

static void mark_must_be_reached(void **state)
{
    (void)state;
    holds(PAIR GO "sometimes elected\nsometimes standby\n");
    holds(PAIR "sometimes takeover-with-backlog\n" GO "submit c1 4 tasks work=1s\n"
               "after 500ms crash leader\n");
    fails(PAIR GO "sometimes deposed\n", "x.scn:6: this mark was not reached");
}

#define STEPS                                                                                      \
    PAIR GO "step one: crash m1\nstep two: crash leader\nstep three: restart w1\n"                 \
            "permute three two one\nafter 20s start m1\n"

static void permute_takes_every_order(void **state)
{
    static const char text[] = "scenario \"x\"\nstep a: crash m1\nstep b: crash m2\n"
                               "step c: crash w1\nstep d: crash w2\npermute d c b a\n"
                               "permute a b\n";
    struct rota_scenario_error error;
    struct rota_scenario s;
    bool seen[2 * 256] = {false};

    (void)state;
    assert_true(rota_scenario_read(&s, "x.scn", text, strlen(text), &error));
    assert_int_equal(s.orders, 48);
    for (uint32_t order = 0; order < s.orders; order++) {
        uint32_t number = rota_scenario_step(&s, &s.statements[5], order, 0);

        for (uint32_t i = 0; i < 4; i++)
            number = 4 * number + rota_scenario_step(&s, &s.statements[4], order, i);
        assert_false(seen[number]);
        seen[number] = true;
    }
    rota_scenario_close(&s);
    /* In the written order, after the crash of the leader there is no m1 to crash. */
    fails_in(STEPS, 0, "x.scn:6: this did not fire: m1 is not running");
    fails_in(STEPS, 1, "x.scn:");
}

static void expected_traces(void **state)
{
    (void)state;
    holds("scenario \"x\"\ncluster masters=1 workers=0 clients=0\nstart m1\ntrace\n----\n"
          "[<any>] m1     session <n> opened, timeout 10000 ms\n[<any>] m1     elected leader, "
          "epoch 1\n"
          "[<any>] m1     took over: <n> workers, <n> assignments, 0 tasks listed\n"
          "[    2.000s] m1     crashed\n----\nafter 2s crash m1\ntrace\n");
    fails("scenario \"x\"\ncluster masters=1 workers=0 clients=0\nstart m1\ntrace\n----\n"
          "[<any>] m1     session <n> opened, timeout 10000 ms\n[<any>] m1     elected leader, "
          "epoch 2\n",
          "x.scn:4: the trace differs from what is expected from line 7 on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_start_of_a_run),
        cmocka_unit_test(time_passes),
        cmocka_unit_test(waiting),
        cmocka_unit_test(on_fires_before_or_after_a_request),
        cmocka_unit_test(connection_losses),
        cmocka_unit_test(losses_in_a_row),
        cmocka_unit_test(names_of_tasks),
        cmocka_unit_test(repeated_submits),
        cmocka_unit_test(terms_of_tasks),
        cmocka_unit_test(order_of_tasks),
        cmocka_unit_test(operators_cancel_and_drain),
        cmocka_unit_test(pauses),
        cmocka_unit_test(cuts),
        cmocka_unit_test(ensembles),
        cmocka_unit_test(skewed_clocks),
        cmocka_unit_test(mark_must_be_reached),
        cmocka_unit_test(permute_takes_every_order),
        cmocka_unit_test(expected_traces),
    };

    return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
