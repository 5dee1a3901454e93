/* zk statements of scenario files: what is read, what matches, and the report of a difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/language/parse_scenario.h"
#include "harness/play/run.h"
#include "harness/zkcli/transcript.h"

static bool read_text(const char *text, struct rota_scenario *s, struct rota_scenario_error *e)
{
    return rota_scenario_read(s, "f.scn", text, strlen(text), e);
}

/* The text is wrong, and the error begins with this. */
static void wrong(const char *text, const char *begins)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    assert_false(read_text(text, &s, &e));
    if (strncmp(e.text, begins, strlen(begins)) != 0)
        fail_msg("expected: %s\ngot: %s", begins, e.text);
}

/* Runs the text. Its verdict is this one, and the report contains `says`. */
static void runs(const char *text, enum rota_verdict verdict, const char *says)
{
    struct rota_scenario s;
    struct rota_scenario_error e;
    struct rota_finding finding;

    if (!read_text(text, &s, &e))
        fail_msg("%s", e.text);
    rota_scenario_run(&s, 1, NULL, &finding);
    if (finding.verdict != verdict || (says != NULL && strstr(finding.report, says) == NULL))
        fail_msg("verdict %d, expected: %s\ngot: %s", (int)finding.verdict,
                 says == NULL ? "" : says, finding.report == NULL ? "" : finding.report);
    rota_finding_close(&finding);
    rota_scenario_close(&s);
}

/* ---- reading ---- */

static void a_statement(void **state)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    (void)state;
    assert_true(read_text("scenario \"x\"\n"
                          "  zk z12:  create /a \"# no comment  \n"
                          "----\n"
                          "one\n"
                          "\n"
                          "# two\n"
                          "----\n"
                          "zk z1:\n"
                          "labels a\n"
                          "zk z2:ls /",
                          &s, &e));
    assert_int_equal(s.count, 3);
    assert_int_equal(s.statements[0].kind, ROTA_STATEMENT_ZK);
    assert_int_equal(s.statements[0].line, 2);
    assert_int_equal(s.statements[0].session, 12);
    assert_string_equal(s.statements[0].command, "create /a \"# no comment");
    assert_string_equal(s.statements[0].expected, "one\n\n# two\n");
    assert_int_equal(s.statements[0].block, 4);
    assert_int_equal(s.statements[1].line, 8);
    assert_null(s.statements[1].command);
    assert_string_equal(s.statements[1].expected, "");
    assert_int_equal(s.statements[2].line, 10);
    assert_string_equal(s.statements[2].command, "ls /");
    assert_int_equal(s.label_count, 1);
    assert_true(rota_scenario_is_zk_only(&s));
    rota_scenario_close(&s);
    assert_true(read_text("scenario \"x\"\nzk z1:\nstart all\n", &s, &e));
    assert_false(rota_scenario_is_zk_only(&s));
    rota_scenario_close(&s);
}

static void errors(void **state)
{
    (void)state;
    wrong("zk", "f.scn:1:3: the name of a session, such as z1, is missing here");
    wrong("zk m1: ls /", "f.scn:1:4: \"m1\" is not the name of a session, which is z1 to z99");
    wrong("zk z0: ls /", "f.scn:1:4: \"z0\" is not the name of a session");
    wrong("zk z100: ls /", "f.scn:1:4: \"z100\" is not the name of a session");
    wrong("zk z: ls /", "f.scn:1:4: \"z\" is not the name of a session");
    wrong("zk z1 ls /", "f.scn:1:6: a colon is missing after the name of the session");
    wrong("zk : ls /", "f.scn:1:4: the name of a session, such as z1, is missing here");
    wrong("\nzk z1: ls /\n----\n[]\n---\n",
          "f.scn:2:1: the expected output has no end: a line ---- is missing");
    wrong("zk z1: ls /\n----", "f.scn:1:1: the expected output has no end");
    wrong("zk z1: ls /\n----\n----\n----\n", "f.scn:4:1: \"----\" is not a statement");
    wrong("zkk z1: ls /\n", "f.scn:1:1: \"zkk\" is not a statement");
    wrong("scenario \"x\"\nzk z1: ls /\n----\n\n----\nstart al\n", "f.scn:6:7: ");
}

/* ---- matching ---- */

static void patterns(void **state)
{
    (void)state;
    assert_true(rota_transcript_matches("", ""));
    assert_true(rota_transcript_matches("a\nb\n", "a\nb"));
    assert_false(rota_transcript_matches("a\nb\n", "a\n"));
    assert_false(rota_transcript_matches("a\n", "a\nb\n"));
    assert_false(rota_transcript_matches("a\n\nb\n", "a\nb\n"));
    assert_true(rota_transcript_matches("x <any>z\n", "x yzyz\n"));
    assert_true(rota_transcript_matches("<any>ab<any>c\n", "aab abcc\n"));
    assert_false(rota_transcript_matches("<any>ab<any>c\n", "aab abcd\n"));
    assert_true(rota_transcript_matches("<any>\n", "\n"));
    assert_false(rota_transcript_matches("<any>\n", "a\nb\n"));
    assert_true(rota_transcript_matches("n = <n>, <n>\n", "n = 0x1f, -12\n"));
    assert_false(rota_transcript_matches("n = <n>\n", "n = f\n"));
    assert_false(rota_transcript_matches("n = <n>\n", "n = \n"));
    assert_false(rota_transcript_matches("n = <n>\n", "n = 12x\n"));
    assert_true(rota_transcript_matches("<any>=<n>\n", "a=b=0x\n") == false);
    assert_true(rota_transcript_matches("<any>=<n>\n", "a=b=7\n"));
}

static void empty_lines_of_events(void **state)
{
    static const char printed[] = "[]\n\nWATCHER::\n\nWatchedEvent x\n";

    (void)state;
    assert_true(rota_transcript_matches(printed, printed));
    assert_true(rota_transcript_matches("[]\nWATCHER::\nWatchedEvent x\n", printed));
    assert_false(rota_transcript_matches("\n[]\nWATCHER::\nWatchedEvent x\n", printed));
    assert_false(rota_transcript_matches("[]\nWATCHER::\n\n\nWatchedEvent x\n", printed));
}

static void difference_is_printed(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(
        rota_transcript_compare(out, "a<any>\n\nWATCHER::\nb\n", "abc\nWATCHER::\n\nc\nd\n", 10),
        13);
    fclose(out);
    assert_string_equal(text, "      abc\n      WATCHER::\n    - b\n    + c\n    + d\n");
    free(text);
}

/* ---- running ---- */

static void held(void **state)
{
    (void)state;
    runs("scenario \"x\"\n"
         "zk z1: ls -w /\n----\n[zookeeper]\n----\n"
         "zk z2: create /a b\n----\nCreated /a\n----\n"
         "zk z1: get /a\n----\nWATCHER::\nWatchedEvent state:SyncConnected"
         " type:NodeChildrenChanged path:/\nb\n----\n"
         "zk z1:\n"
         "zk z1: quit\n"
         "zk z1: history\n----\n0 - history\n----\n",
         ROTA_VERDICT_HELD, NULL);
}

/* The tree is that of `rota init`, unless the sessions create their own. */
static void tree_exists_unless_a_session_creates_it(void **state)
{
    (void)state;
    runs("scenario \"x\"\n"
         "zk z1: ls /workers\n----\n[]\n----\n"
         "zk z1: create /tasks \"\"\n----\nNode already exists: /tasks\n----\n"
         "zk z1: create -s /tasks/task- cmd\n----\nCreated /tasks/task-0000000000\n----\n",
         ROTA_VERDICT_HELD, NULL);
    runs("scenario \"x\"\n"
         "zk z1: ls /\n----\n[zookeeper]\n----\n"
         "zk z1: ls /workers\n----\nNode does not exist: /workers\n----\n",
         ROTA_VERDICT_HELD, NULL);
    runs("scenario \"x\"\n"
         "zk z1: create /workers \"\"\n----\nCreated /workers\n----\n"
         "zk z1: ls /tasks\n----\nNode does not exist: /tasks\n----\n",
         ROTA_VERDICT_HELD, NULL);
}

/* Deprecated forms may be typed without expecting zkCli's note about them. */
static void deprecated_forms(void **state)
{
    static const char notice[] =
        "'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.\n";
    char printed[200];

    (void)state;
    snprintf(printed, sizeof printed, "%s[]\n", notice);
    assert_true(rota_transcript_matches(printed, printed));
    assert_true(rota_transcript_matches("[]\n", printed));
    assert_true(rota_transcript_matches("", notice));
    assert_false(rota_transcript_matches("[a]\n", printed));
    assert_false(rota_transcript_matches(printed, "[]\n"));
}

/* A session next to masters and workers sees their tree. */
static void next_to_rota(void **state)
{
    (void)state;
    runs("scenario \"x\"\n"
         "start all\n"
         "until workers == 2 within 5s\n"
         "zk z1: ls /workers\n----\n[w1, w2]\n----\n"
         "expect leaders == 1\n"
         "crash all\n"
         "zk z1: get /none\n----\nNode does not exist: /none\n----\n",
         ROTA_VERDICT_HELD, NULL);
}

static void failed(void **state)
{
    (void)state;
    runs("scenario \"x\"\nzk z1: ls /\n----\n[zookeeper]\nmore\n----\n", ROTA_VERDICT_FAILED,
         "f.scn:2: the output of z1 differs from what is expected from line 5 on:\n"
         "      [zookeeper]\n    - more\n  statement: zk z1: ls /\n");
    runs("scenario \"x\"\nzk z1: ls /zookeeper\n", ROTA_VERDICT_FAILED,
         "from line 2 on:\n    + [config, quota]\n");
    /* An event that is not expected. */
    runs("scenario \"x\"\nzk z1: ls -w /\n----\n[zookeeper]\n----\n"
         "zk z2: create /a\n----\nCreated /a\n----\nzk z1:\n",
         ROTA_VERDICT_FAILED, "f.scn:10: the output of z1 differs");
    /* An event that does not come. */
    runs("scenario \"x\"\nzk z1:\n----\nWATCHER::\n----\n", ROTA_VERDICT_FAILED,
         "from line 4 on:\n    - WATCHER::\n");
}

static void no_server_answers(void **state)
{
    (void)state;
    runs("scenario \"x\"\ncrash s1\nzk z1: ls /\n", ROTA_VERDICT_NO_PROGRESS,
         "f.scn:3: z1: no server answered within 30 s\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement),
        cmocka_unit_test(errors),
        cmocka_unit_test(patterns),
        cmocka_unit_test(empty_lines_of_events),
        cmocka_unit_test(difference_is_printed),
        cmocka_unit_test(held),
        cmocka_unit_test(next_to_rota),
        cmocka_unit_test(failed),
        cmocka_unit_test(no_server_answers),
        cmocka_unit_test(tree_exists_unless_a_session_creates_it),
        cmocka_unit_test(deprecated_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
