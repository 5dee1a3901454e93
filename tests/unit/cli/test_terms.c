/* The terms of a task on the command line: contradictions are reported, other terms take effect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cli/program.h"

/* `rota submit x` with these arguments ends with status 2 and a sentence that holds this text. */
static void contradictions_are_reported(void **state)
{
    static const struct {
        const char *words[7];
        const char *sentence;
    } cases[] = {
        {{"--retries", "-1"}, "--retries must be a whole number from 0 to 1000000, not \"-1\""},
        {{"--retries", "99999999999999999999"}, "--retries must be a whole number"},
        {{"--losses", "0"}, "--losses must be a whole number from 1"},
        {{"--priority", "1001"}, "--priority must be a whole number from -1000 to 1000"},
        {{"--delay", "-5s"}, "\"-5s\" is negative"},
        {{"--delay", "5"}, "has no unit"},
        {{"--delay", "99999999999999999d"}, "longer than can be counted"},
        {{"--keep", "11000d"}, "--keep must be between 0ms and 3650d"},
        {{"--timeout", "0s"}, "--timeout must be between 1ms"},
        {{"--delay", "1h", "--at", "@99999999999"}, "--delay and --at contradict each other"},
        {{"--delay", "5s", "--expires", "5s"}, "--expires is not above --delay"},
        {{"--expires", "1h", "--at", "@99999999999"}, "--expires ends before --at"},
        {{"--backoff", "2s", "--backoff-cap", "1s"}, "--backoff-cap is below --backoff"},
        {{"--at", "soon"}, "\"soon\" is not a time"},
        {{"--at", "@1"}, "is in the past; now it is "},
        {{"--at", "2026-02-30T00:00Z"}, "a day that its month does not have"},
        {{"--after", "a,,b"}, "--after must be a name"},
        {{"--after", "b,a", "--id", "a"}, "the task a cannot depend on itself"},
        {{"--after", "a,\xff"}, "--after: the name is not UTF-8"},
        {{"--id", "\xc3("}, "--id: the name is not UTF-8"},
        {{"--id", "a/b"}, "--id: \"a/b\" cannot be the name of a znode"},
        {{"--tag", "a b"}, "a tag holds only letters, digits, and . _ -"},
        {{"--fatal-status", "1,0"}, "--fatal-status must be a whole number from 1 to 255"},
        {{"--fatal-status", ""}, "--fatal-status must be a whole number from 1 to 255"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct program *p;
        const char *words[10] = {"submit", "x"};

        for (size_t k = 0; cases[i].words[k] != NULL; k++)
            words[2 + k] = cases[i].words[k];
        int status = program_run(&p, "", 0, words);
        if (status != 2 || strstr(p->err.data, cases[i].sentence) == NULL)
            fail_msg("%s %s: status %d, \"%s\" instead of \"%s\"", words[2], words[3], status,
                     p->err.data, cases[i].sentence);
        program_close(p);
    }
}

/* These are accepted: the error is that no server is given. */
static void terms_without_contradiction_are_accepted(void **state)
{
    static const char *const cases[][8] = {
        {"--backoff", "10m"},       /* longer than the default of the cap */
        {"--backoff-cap", "500ms"}, /* shorter than the default of what it caps */
        {"--backoff", "2s", "--backoff-cap", "2s"},
        {"--retries", "0", "--priority", "-1000"},
        {"--delay", "0ms", "--expires", "1ms"},
        {"--at", "@99999999999"},
        {"--after", "a,b", "--after", "c", "--id", "d"},
        {"--tag", "gpu", "--tag", "big.ssd-2_x"},
        {"--fatal-status", "1,2", "--fatal-status", "255"},
        {"--keep", "0ms", "--timeout", "7d", "--losses", "1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct program *p;
        const char *words[12] = {"submit", "x"};

        for (size_t k = 0; cases[i][k] != NULL; k++)
            words[2 + k] = cases[i][k];
        assert_int_equal(program_run(&p, "", 0, words), 2);
        assert_non_null(strstr(p->err.data, "no ZooKeeper server is given"));
        program_close(p);
    }
}

static void id_is_refused_for_several_payloads(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--id", "a", "-"), 2);
    assert_non_null(strstr(p->err.data, "--id names one task"));
    program_close(p);
}

/* A payload that is a specification already holds its terms. */
static void options_are_refused_for_a_specification(void **state)
{
    struct program *p;
    const char sentence[] = "is itself a specification";

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "{\"rota\":1}", "--retries", "1"), 2);
    assert_non_null(strstr(p->err.data, sentence));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "{\"rota\":1}"), 2);
    assert_null(strstr(p->err.data, sentence));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "{\"rota\":1}\necho a\n", "run", "--retries", "1", "--json"),
                     2);
    assert_non_null(strstr(p->err.data, "standard input, line 1 is itself a specification"));
    assert_non_null(
        strstr(p->out.data, "{\"line\":1,\"state\":\"refused\",\"reason\":\"is itself"));
    assert_non_null(strstr(p->out.data, "\"line\":2,\"state\":\"done\",\"output\":\"a\\n\""));
    program_close(p);
}

static void failures_are_retried(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "test $ROTA_ATTEMPT -gt 2 && echo $ROTA_ATTEMPT", "run",
                                 "--retries", "2", "--backoff", "1ms"),
                     0);
    assert_string_equal(p->out.data, "3\n");
    program_close(p);
}

static void fatal_status_is_not_retried(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "echo $ROTA_ATTEMPT; exit 9", "run", "--retries", "2",
                                 "--backoff", "1ms", "--fatal-status", "8,9"),
                     1);
    assert_string_equal(p->out.data, "1\n");
    assert_non_null(strstr(p->err.data, "failed: exit status 9"));
    program_close(p);
}

/* Another attempt would fail in the same way. */
static void result_above_the_limit_is_not_retried(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(
        PROGRAM_RUN(&p, "head -c 600000 /dev/zero", "run", "--retries", "2", "--backoff", "1ms"),
        1);
    assert_int_equal(p->out.length, 524288);
    assert_non_null(strstr(p->err.data, "failed: standard output is longer than 524288 bytes"));
    program_close(p);
}

static void task_is_dead_after_its_last_retry(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(
        PROGRAM_RUN(&p, "echo $ROTA_ATTEMPT; exit 1", "run", "--retries", "2", "--backoff", "1ms"),
        1);
    assert_string_equal(p->out.data, "3\n");
    assert_non_null(strstr(p->err.data, "dead: 3 attempts failed, the last: exit status 1"));
    program_close(p);
}

/* The timeout is long enough for the attempt to begin, on a busy machine too. */
static void attempt_above_its_timeout_is_ended(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "echo begun; trap '' TERM; while :; do sleep 1; done", "run",
                                 "--timeout", "2s", "--grace", "100ms"),
                     1);
    assert_string_equal(p->out.data, "begun\n");
    assert_non_null(strstr(p->err.data, "timed out after 2s"));
    program_close(p);
}

int main(void)
{
    unsetenv("ROTA_ZK");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contradictions_are_reported),
        cmocka_unit_test(terms_without_contradiction_are_accepted),
        cmocka_unit_test(id_is_refused_for_several_payloads),
        cmocka_unit_test(options_are_refused_for_a_specification),
        cmocka_unit_test(failures_are_retried),
        cmocka_unit_test(fatal_status_is_not_retried),
        cmocka_unit_test(result_above_the_limit_is_not_retried),
        cmocka_unit_test(task_is_dead_after_its_last_retry),
        cmocka_unit_test(attempt_above_its_timeout_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
