/* Places can be written and read, every job runs once even if some kill their process, and the
 * result of a sweep does not depend on how many processes run it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"
#include "harness/play/watchdog.h"
#include "harness/search/parallel.h"
#include "harness/search/sweep.h"

static void scenario(struct rota_scenario *s, const char *text)
{
    struct rota_scenario_error error;

    if (!rota_scenario_read(s, "x.scn", text, strlen(text), &error))
        fail_msg("%s", error.text);
}

/* ---- places ---- */

static void places_are_read_back(void **state)
{
    static const char *const texts[] = {
        "crash@m1:17",     "restart@m2:1",   "pause@w3:4.2", "expire@c1:9",  "lost@m1:0.1",
        "disconnect@w1:3", "applied@c1:2.1", "late@w2:5.11", "isolate@m1:2", "lost@o2:4.1"};
    struct rota_cluster cluster = {.masters = 2, .workers = 3, .clients = 1, .operators = 2};
    struct rota_place place;
    char text[ROTA_PLACE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(rota_place_read(texts[i], &cluster, &place));
        rota_place_format(&place, &cluster, text);
        assert_string_equal(text, texts[i]);
    }
}

static void wrong_places_are_refused(void **state)
{
    static const char *const texts[] = {"",
                                        "crash",
                                        "crash@",
                                        "crash@m1",
                                        "crash@m1:",
                                        "crash@m3:1",
                                        "crash@m0:1",
                                        "crash@s1:1",
                                        "crash@o1:1",
                                        "crush@m1:1",
                                        "crash@m1:x",
                                        "crash@m1:1.",
                                        "crash@m1:1.0",
                                        "lost@m1:1",
                                        "expire@m1:1.1",
                                        "crash@m1:99999999999",
                                        "crash@m1:1.1x",
                                        "@m1:1"};
    struct rota_cluster cluster = {.masters = 2, .workers = 3, .clients = 1};
    struct rota_place place;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (rota_place_read(texts[i], &cluster, &place) == NULL)
            fail_msg("%s was read", texts[i]);
}

static void kinds_have_words(void **state)
{
    (void)state;
    assert_int_equal(rota_fault_read("crash"), 1u << ROTA_FAULT_CRASH);
    assert_int_equal(rota_fault_read("connloss"), rota_fault_read("lost") |
                                                      rota_fault_read("applied") |
                                                      rota_fault_read("late"));
    assert_int_equal(rota_fault_read("all"), (1u << ROTA_FAULTS) - 1);
    assert_int_equal(rota_fault_read("flood"), 0);
}

/* ---- jobs ---- */

struct jobs {
    uint32_t *done; /* shared */
    uint32_t deaths;
    uint64_t died;
    int signal;
    uint64_t reported;
};

static void do_job(void *context, uint64_t job)
{
    struct jobs *jobs = context;

    if (job == 3)
        raise(SIGKILL);
    jobs->done[job]++;
}

static void job_died(void *context, uint64_t job, int signal)
{
    struct jobs *jobs = context;

    jobs->deaths++;
    jobs->died = job;
    jobs->signal = signal;
}

static void tell_progress(void *context, uint64_t done, uint64_t count)
{
    struct jobs *jobs = context;

    assert_true(done <= count);
    jobs->reported = done;
}

static void every_job_runs_once(void **state)
{
    enum { JOBS = 100 };

    (void)state;
    for (uint32_t hands = 1; hands <= 3; hands++) {
        struct jobs jobs = {.done = rota_parallel_share(JOBS * sizeof *jobs.done)};
        struct rota_parallel parallel = {.processes = hands,
                                         .timeout_s = 60,
                                         .run = do_job,
                                         .died = job_died,
                                         .progress = tell_progress,
                                         .context = &jobs};

        fflush(NULL);
        assert_true(rota_parallel_run(&parallel, JOBS));
        for (uint32_t i = 0; i < JOBS; i++)
            assert_int_equal(jobs.done[i], i == 3 ? 0 : 1);
        assert_int_equal(jobs.deaths, 1);
        assert_int_equal(jobs.died, 3);
        assert_int_equal(jobs.signal, SIGKILL);
        assert_int_equal(jobs.reported, JOBS);
        rota_parallel_unshare(jobs.done, JOBS * sizeof *jobs.done);
    }
}

/* Jobs from the fourth on do not end by themselves. */
static void do_or_wait(void *context, uint64_t job)
{
    struct jobs *jobs = context;

    while (job > 2)
        pause();
    jobs->done[job]++;
}

static bool enough(void *context)
{
    struct jobs *jobs = context;

    return jobs->done[0] + jobs->done[1] + jobs->done[2] == 3;
}

static void jobs_are_stopped(void **state)
{
    enum { JOBS = 100 };
    struct jobs jobs = {.done = rota_parallel_share(JOBS * sizeof *jobs.done)};
    struct rota_parallel parallel = {.processes = 2,
                                     .run = do_or_wait,
                                     .died = job_died,
                                     .progress = tell_progress,
                                     .stopped = enough,
                                     .context = &jobs};

    (void)state;
    fflush(NULL);
    assert_false(rota_parallel_run(&parallel, JOBS));
    assert_int_equal(jobs.deaths, 0);
    assert_true(jobs.reported < JOBS);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    rota_parallel_unshare(jobs.done, JOBS * sizeof *jobs.done);
}

/* The first job resets the watchdog and stops it. The second lets it fire while it asks for the
 * time, since the thread sanitizer delivers signals only in calls. */
static void do_endless(void *context, uint64_t job)
{
    struct jobs *jobs = context;
    struct rota_watchdog dog;
    volatile uint64_t turns = 0;
    struct timespec now;

    rota_watchdog_begin(&dog, 1, "this does not end");
    for (uint32_t i = 0; i < 12; i++) {
        for (clock_t begin = clock(); clock() - begin < CLOCKS_PER_SEC / 10;)
            turns++;
        rota_watchdog_reset(&dog);
    }
    while (job == 1)
        clock_gettime(CLOCK_MONOTONIC, &now);
    rota_watchdog_end(&dog);
    jobs->done[job]++;
}

static void a_watchdog_ends_an_endless_step(void **state)
{
    struct jobs jobs = {.done = rota_parallel_share(2 * sizeof *jobs.done)};
    struct rota_parallel parallel = {
        .processes = 1, .timeout_s = 120, .run = do_endless, .died = job_died, .context = &jobs};

    (void)state;
    fflush(NULL);
    rota_parallel_run(&parallel, 2);
    assert_int_equal(jobs.done[0], 1);
    assert_int_equal(jobs.done[1], 0);
    assert_int_equal(jobs.deaths, 1);
    assert_int_equal(jobs.died, 1);
    assert_int_equal(jobs.signal, 0);
    rota_parallel_unshare(jobs.done, 2 * sizeof *jobs.done);
}

/* ---- the sweep ---- */

static const char small[] = "scenario \"x\"\n"
                            "cluster masters=1 workers=1\n"
                            "start all\n"
                            "submit c1 1 tasks work=50ms\n"
                            "until done all within 30s\n";

/* A session deletes the task by hand: the task is lost, with a fault or without. */
static const char robbed[] = "scenario \"x\"\n"
                             "cluster masters=1 workers=0\n"
                             "start all\n"
                             "submit c1 1 tasks\n"
                             "until exists /tasks/t1 within 5s\n"
                             "after 1s heal all\n"
                             "zk z1: delete /tasks/t1\n";

static void sweep_of(struct rota_sweep *sweep, const char *text, struct rota_sweep_options options)
{
    struct rota_scenario s;

    scenario(&s, text);
    if (options.kinds == 0)
        options.kinds = rota_fault_read("all");
    fflush(NULL);
    rota_sweep_run(sweep, &s, s.seed, &options);
    rota_scenario_close(&s);
}

static void a_sweep_runs_at_every_place(void **state)
{
    struct rota_sweep all, one, two;

    (void)state;
    sweep_of(&all, small, (struct rota_sweep_options){.depth = 1});
    assert_true(all.places > 100);
    assert_int_equal(all.runs, all.places);
    assert_int_equal(all.possible, all.places);
    assert_int_equal(all.breach_count, 0);
    sweep_of(&one, small,
             (struct rota_sweep_options){.depth = 1, .kinds = rota_fault_read("crash")});
    sweep_of(&two, small,
             (struct rota_sweep_options){
                 .depth = 1, .kinds = rota_fault_read("all") & ~rota_fault_read("crash")});
    assert_int_equal(one.places + two.places, all.places);
    sweep_of(&one, small,
             (struct rota_sweep_options){.depth = 1, .excluded = {true, false, false}});
    sweep_of(&two, small, (struct rota_sweep_options){.depth = 1, .excluded = {false, true, true}});
    assert_int_equal(one.places + two.places, all.places);
}

static void a_limit_spreads_the_runs(void **state)
{
    struct rota_sweep sweep;

    (void)state;
    sweep_of(&sweep, small, (struct rota_sweep_options){.depth = 2, .max = 50, .seed = 7});
    assert_int_equal(sweep.runs, 100);
    assert_true(sweep.possible > 1000);
    assert_int_equal(sweep.breach_count, 0);
}

static void the_result_does_not_depend_on_the_processes(void **state)
{
    struct rota_sweep sweeps[2];

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        sweep_of(&sweeps[i], robbed,
                 (struct rota_sweep_options){.depth = 1, .processes = i == 0 ? 1 : 3});
    assert_true(sweeps[0].breach_count > 10);
    assert_int_equal(sweeps[0].breach_count, sweeps[1].breach_count);
    assert_int_equal(sweeps[0].breach_count, sweeps[0].kinds[ROTA_INVARIANT_NO_TASK_LOST]);
    assert_memory_equal(sweeps[0].breaches, sweeps[1].breaches,
                        sweeps[0].breach_count * sizeof *sweeps[0].breaches);
    rota_sweep_close(&sweeps[0]);
    rota_sweep_close(&sweeps[1]);
}

/* The printed line replays the same run. */
static void a_breach_is_replayed(void **state)
{
    struct rota_sweep sweep;
    struct rota_scenario s;
    char replay[256];

    (void)state;
    scenario(&s, robbed);
    sweep_of(&sweep, robbed, (struct rota_sweep_options){.depth = 1});
    for (uint64_t i = 0; i < sweep.breach_count; i++) {
        const struct rota_sweep_breach *b = &sweep.breaches[i];
        struct rota_injector injector = {.kinds = rota_fault_read("all"),
                                         .place_count = b->place_count};
        struct rota_finding finding;

        memcpy(injector.places, b->places, sizeof injector.places);
        rota_scenario_search(&s, s.seed, NULL, &injector, &finding);
        assert_int_equal(finding.invariant, ROTA_INVARIANT_NO_TASK_LOST);
        assert_non_null(strstr(finding.report, b->reason));
        assert_int_equal(injector.fired_count, b->place_count);
        rota_sweep_replay(b, &s, 7, replay, sizeof replay);
        assert_non_null(strstr(replay, "rota sim run x.scn --seed 7"));
        assert_true((strstr(replay, " --inject ") != NULL) == (b->place_count > 0));
        rota_finding_close(&finding);
    }
    rota_sweep_close(&sweep);
    rota_scenario_close(&s);
}

static void without_processes_there_is_nothing_to_sweep(void **state)
{
    struct rota_sweep sweep;

    (void)state;
    sweep_of(&sweep, "scenario \"x\"\nzk z1: create /a\n----\nCreated /a\n----\n",
             (struct rota_sweep_options){.depth = 1});
    assert_int_equal(sweep.runs, 0);
    assert_int_equal(sweep.places, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_read_back),
        cmocka_unit_test(wrong_places_are_refused),
        cmocka_unit_test(kinds_have_words),
        cmocka_unit_test(every_job_runs_once),
        cmocka_unit_test(jobs_are_stopped),
        cmocka_unit_test(a_watchdog_ends_an_endless_step),
        cmocka_unit_test(a_sweep_runs_at_every_place),
        cmocka_unit_test(a_limit_spreads_the_runs),
        cmocka_unit_test(the_result_does_not_depend_on_the_processes),
        cmocka_unit_test(a_breach_is_replayed),
        cmocka_unit_test(without_processes_there_is_nothing_to_sweep),
    };

    return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
