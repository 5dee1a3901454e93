/* The terms in a payload as the judge reads them, and scenarios of tasks with payloads written by
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/task_terms.h"
#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"

static bool read_text(struct rota_task_terms *terms, const char *text)
{
    return rota_task_terms_read(terms, text, strlen(text));
}

static void every_member_is_read(void **state)
{
    struct rota_task_terms t;

    (void)state;
    assert_true(read_text(&t, "{\"rota\":1,\"payload\":\"a b\",\"retries\":3,\"losses\":2,"
                              "\"timeout_ms\":600,\"backoff_cap_ms\":7,\"delay_ms\":8,\"expires_"
                              "ms\":9,\"after\":[\"a\",\"b\"],"
                              "\"keep_ms\":0,\"fatal\":[1,255],\"tags\":[\"gpu\",\"ssd\"]}"));
    assert_int_equal(t.retries, 3);
    assert_int_equal(t.losses, 2);
    assert_int_equal(t.timeout, 600000);
    assert_int_equal(t.backoff, 1000000);
    assert_int_equal(t.backoff_cap, 7000);
    assert_int_equal(t.expires, 9000);
    assert_string_equal(t.after, "a,b");
    assert_int_equal(t.delay, 8000);
    assert_int_equal(t.keep, 0);
    assert_int_equal(t.fatal[0], 2);
    assert_int_equal(t.fatal[31], 128);
    assert_string_equal(t.tags, "gpu,ssd");
    assert_int_equal(t.payload_length, 3);
    assert_memory_equal(t.payload, "a b", 3);
    rota_task_terms_close(&t);
}

static void members_have_defaults(void **state)
{
    struct rota_task_terms t;

    (void)state;
    assert_true(read_text(&t, " {\"rota\": 1}"));
    assert_int_equal(t.retries, 0);
    assert_int_equal(t.losses, 0);
    assert_int_equal(t.timeout, 0);
    assert_int_equal(t.backoff_cap, 300000000);
    assert_null(t.after);
    assert_int_equal(t.keep, -1);
    assert_null(t.tags);
    assert_int_equal(t.payload_length, 0);
    rota_task_terms_close(&t);
}

static void base64_payload_is_read(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        size_t length;
    } cases[] = {{"", "", 0},
                 {"AA==", "\0", 1},
                 {"/w8=", "\xff\x0f", 2},
                 {"+/+/", "\xfb\xff\xbf", 3},
                 {"YWJjZA==", "abcd", 4}};
    struct rota_task_terms t;
    char text[100];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "{\"rota\":1,\"payload_base64\":\"%s\"}", cases[i].text);
        assert_true(read_text(&t, text));
        assert_int_equal(t.payload_length, cases[i].length);
        assert_memory_equal(t.payload, cases[i].bytes, cases[i].length);
        rota_task_terms_close(&t);
    }
}

static void payloads_without_a_specification(void **state)
{
    static const char *const texts[] = {"",
                                        "echo 1",
                                        "{",
                                        "[1]",
                                        "{}",
                                        "{\"rota\":2}",
                                        "{\"rota\":\"1\"}",
                                        "{\"rota\":1,\"rota\":1}",
                                        "{\"rota\":1,\"payload\":7}"};
    struct rota_task_terms t;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(read_text(&t, texts[i]));
}

/* ---- scenarios ---- */

static struct rota_finding run(const char *cluster, const char *terms, const char *lines)
{
    struct rota_scenario_error error;
    struct rota_finding finding;
    struct rota_scenario s;
    char text[1024];

    snprintf(
        text, sizeof text,
        "scenario \"x\"\n%s\nstart all\nsubmit c1 1 task id=x payload=\"{\\\"rota\\\":1,%s}\" %s",
        cluster, terms, lines);
    if (!rota_scenario_read(&s, "x.scn", text, strlen(text), &error))
        fail_msg("%s", error.text);
    rota_scenario_run(&s, s.seed, NULL, &finding);
    rota_scenario_close(&s);
    return finding;
}

static void holds(const char *cluster, const char *terms, const char *lines)
{
    struct rota_finding f = run(cluster, terms, lines);

    if (f.verdict != ROTA_VERDICT_HELD)
        fail_msg("%s", f.report);
}

/* Tasks are judged by the terms in their payloads. */
static void stories(void **state)
{
    struct rota_finding f;

    (void)state;
    holds("", "\\\"retries\\\":2,\\\"backoff_ms\\\":10,\\\"payload\\\":\\\"a\\\"",
          "fail=100%\nuntil dead x within 9s\nexpect executions x == 3\n");
    holds("cluster workers=3 session=3s", "\\\"losses\\\":2",
          "kill=100%\nuntil dead x within 60s\nexpect executions x == 2\n");
    holds("", "\\\"timeout_ms\\\":1000,\\\"retries\\\":1",
          "work=5s\nuntil dead x within 60s\nexpect executions x == 2\n");
    holds("", "\\\"keep_ms\\\":1000",
          "\non c1 before get /tasks/x/status crash c1\nuntil missing /tasks/x within 1h\n"
          "after 1s start c1\n");
    holds("", "\\\"delay_ms\\\":1200000", "\n");
    f = run("", "\\\"retires\\\":2", "\nuntil done x within 9s\n");
    assert_int_equal(f.verdict, ROTA_VERDICT_FAILED);
    assert_non_null(strstr(f.report, "this has not become true in time: x is refused\n"));
    assert_non_null(strstr(f.report, "c1 refused: a task, specification: "));
    rota_finding_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_read), cmocka_unit_test(members_have_defaults),
        cmocka_unit_test(base64_payload_is_read),
        cmocka_unit_test(payloads_without_a_specification), cmocka_unit_test(stories)};

    return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
