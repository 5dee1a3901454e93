/* The terms of a task on the command line: what contradicts itself is told, what does not is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/unit/cli/program.h"

/* `rota submit x` with these words ends with status 2 and a sentence that holds this. */
static void contradictions_are_told(void **state)
{
    static const struct {
        const char *words[7];
        const char *sentence;
    } cases[] = {
        {{"--retries", "-1"}, "--retries wants a whole number from 0 to 1000000, not \"-1\""},
        {{"--retries", "99999999999999999999"}, "--retries wants a whole number"},
        {{"--losses", "0"}, "--losses wants a whole number from 1"},
        {{"--priority", "1001"}, "--priority wants a whole number from -1000 to 1000"},
        {{"--delay", "-5s"}, "\"-5s\" is negative"},
        {{"--delay", "5"}, "has no unit"},
        {{"--delay", "99999999999999999d"}, "longer than can be counted"},
        {{"--keep", "11000d"}, "--keep must be between 0ms and 3650d"},
        {{"--timeout", "0s"}, "--timeout must be between 1ms"},
        {{"--delay", "1h", "--at", "@99999999999"}, "--delay and --at both say when"},
        {{"--delay", "5s", "--expires", "5s"}, "--expires is not above --delay"},
        {{"--expires", "1h", "--at", "@99999999999"}, "--expires ends before --at"},
        {{"--backoff", "2s", "--backoff-cap", "1s"}, "--backoff-cap is below --backoff"},
        {{"--at", "soon"}, "\"soon\" is not a time"},
        {{"--at", "@1"}, "is in the past; it is "},
        {{"--at", "2026-02-30T00:00Z"}, "a day that its month does not have"},
        {{"--after", "a,,b"}, "--after wants a name"},
        {{"--after", "b,a", "--id", "a"}, "a cannot come after itself"},
        {{"--id", "a/b"}, "--id wants a name that can be a znode's"},
        {{"--tag", "a b"}, "a tag holds letters, digits, and . _ - only"},
        {{"--fatal-status", "1,0"}, "--fatal-status wants a whole number from 1 to 255"},
        {{"--fatal-status", ""}, "--fatal-status wants a whole number from 1 to 255"},
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

/* Nothing wrong is found with these before a server is asked for. */
static void terms_that_go_together(void **state)
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
        assert_non_null(strstr(p->err.data, "which ZooKeeper?"));
        program_close(p);
    }
}

static void one_name_is_for_one_task(void **state)
{
    struct program *p;
    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "--id", "a", "-"), 2);
    assert_non_null(strstr(p->err.data, "--id names one task"));
    program_close(p);
}

/* A payload that is a specification has its own terms. */
static void specification_wants_no_options(void **state)
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

static void failures_are_tried_again(void **state)
{
    struct program *p;
    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "test $ROTA_ATTEMPT -gt 2 && echo $ROTA_ATTEMPT", "run",
                                 "--retries", "2", "--backoff", "1ms"),
                     0);
    assert_string_equal(p->out.data, "3\n");
    program_close(p);
}

static void fatal_status_is_not_tried_again(void **state)
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

/* What would end in the same way again is not tried again. */
static void too_much_output_is_not_tried_again(void **state)
{
    struct program *p;
    (void)state;
    assert_int_equal(
        PROGRAM_RUN(&p, "head -c 600000 /dev/zero", "run", "--retries", "2", "--backoff", "1ms"),
        1);
    assert_int_equal(p->out.length, 524288);
    assert_non_null(strstr(p->err.data, "failed: result above 524288 bytes"));
    program_close(p);
}

static void last_failure_is_the_end(void **state)
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

/* Its time is long enough to begin, on a busy machine too. */
static void long_attempt_is_ended(void **state)
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
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(terms_that_go_together),
        cmocka_unit_test(one_name_is_for_one_task),
        cmocka_unit_test(specification_wants_no_options),
        cmocka_unit_test(failures_are_tried_again),
        cmocka_unit_test(fatal_status_is_not_tried_again),
        cmocka_unit_test(too_much_output_is_not_tried_again),
        cmocka_unit_test(last_failure_is_the_end),
        cmocka_unit_test(long_attempt_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
