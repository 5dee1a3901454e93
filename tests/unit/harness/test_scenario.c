/* Scenario files: what is read, and which errors wrong files get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/net/choice.h"
#include "harness/language/glob.h"
#include "harness/language/lexer.h"
#include "harness/language/parse_scenario.h"
#include "harness/language/scenario.h"
#include "harness/language/tags.h"
#include "harness/language/value.h"
#include "model/base/duration.h"
#include "model/seam/backend.h"

static bool read_text(const char *text, struct rota_scenario *s, struct rota_scenario_error *e)
{
    return rota_scenario_read(s, "f.scn", text, strlen(text), e);
}

/* The text is right. */
static struct rota_scenario right(const char *text)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    if (!read_text(text, &s, &e))
        fail_msg("%s", e.text);
    return s;
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

static void the_example(void **state)
{
    struct rota_scenario s = right("# The master stalls.\n"
                                   "scenario \"a paused master cannot assign\"\n"
                                   "labels master pause\n"
                                   "cluster masters=2 workers=2 clients=1 servers=1 session=10s\n"
                                   "seed 7\n"
                                   "\n"
                                   "start all\n"
                                   "until leader m1 within 5s\n"
                                   "on m1 before create /assign/*/* pause m1 for 25s # here\n"
                                   "submit c1 10 tasks work=50ms..200ms\n"
                                   "expect refused m1 >= 1 within 30s\n"
                                   "expect done all within 1m\n");

    (void)state;
    assert_string_equal(s.title, "a paused master cannot assign");
    assert_int_equal(s.label_count, 2);
    assert_int_equal(s.seed, 7);
    assert_int_equal(s.cluster.session, 10000000);
    assert_int_equal(s.count, 6);
    assert_int_equal(s.statements[1].kind, ROTA_STATEMENT_UNTIL);
    assert_int_equal(s.statements[1].condition.who.number, 1);
    assert_int_equal(s.statements[2].kind, ROTA_STATEMENT_ON);
    assert_int_equal(s.statements[2].op, ROTA_OP_CREATE);
    assert_string_equal(s.statements[2].glob, "/assign/*/*");
    assert_int_equal(s.statements[2].action.kind, ROTA_SCRIPT_PAUSE);
    assert_int_equal(s.statements[2].action.span, 25000000);
    assert_string_equal(s.statements[2].text, "on m1 before create /assign/*/* pause m1 for 25s");
    assert_int_equal(s.statements[3].action.submit.count, 10);
    assert_int_equal(s.statements[3].action.submit.work_max, 200000);
    assert_int_equal(s.statements[4].condition.comparison, ROTA_GREATER_OR_EQUAL);
    assert_int_equal(s.statements[5].span, 60000000);
    rota_scenario_close(&s);
}

/* Settings that are not given have a default. */
static void settings_have_defaults(void **state)
{
    struct rota_scenario s = right("scenario \"x\"\n");

    (void)state;
    assert_int_equal(s.seed, 1);
    assert_int_equal(s.cluster.masters, 2);
    assert_int_equal(s.cluster.workers, 2);
    assert_int_equal(s.cluster.clients, 1);
    assert_int_equal(s.cluster.slots, 1);
    assert_int_equal(s.cluster.tick, 2000000);
    assert_int_equal(s.cluster.latency, 1000);
    assert_int_equal(s.cluster.losses, 5);
    rota_scenario_close(&s);
}

/* Every action and every condition, once. */
static void every_word(void **state)
{
    struct rota_scenario s =
        right("scenario \"all \\\"words\\\"\"\n"
              "always one-writer progress\n"
              "without bounded-tree\n"
              "start all\nstop w1\ncrash leader\nrestart standby\n"
              "pause any worker work for 3s\npause s1\nresume s1\n"
              "expire w2\ndisconnect m2 for 100ms\nheal\nheal all\nheal m2\n"
              "connloss c1 lost\nconnloss c1 applied\nconnloss c1 late 2s\n"
              "slow c1 20ms\n"
              "submit c1 2 tasks work=1s fail=10% kill=0% payload=\"a b\" id=x\n"
              "submit c1 1 task\n"
              "at 3s crash w1\nafter 1h start w1\n"
              "on leader after multi /assign/*/* every expire w1\n"
              "on w1 before set * nth=3 crash w1\n"
              "until leaders == 1 within 5s\nexpect done all\nexpect done t1\n"
              "expect failed x-1\nexpect dead x-2\nexpect attempts t1 < 2\n"
              "expect executions t1 <= 2\nexpect refused all != 1\n"
              "expect workers > 0\nexpect assigned w1 >= 0\n"
              "expect exists /tasks\nexpect missing /tasks/t1\n"
              "expect data /epoch \"\"\nexpect children / == 6\n"
              "never znodes > 100\n");

    (void)state;
    assert_string_equal(s.title, "all \"words\"");
    assert_true(s.without[ROTA_INVARIANT_BOUNDED_TREE]);
    assert_false(s.without[ROTA_INVARIANT_ONE_WRITER]);
    assert_int_equal(s.statements[0].action.who.kind, ROTA_WHO_ALL);
    assert_true(s.statements[4].action.work);
    assert_string_equal(s.statements[16].action.submit.payload, "a b");
    assert_int_equal(s.statements[16].action.submit.fail_percent, 10);
    assert_true(s.statements[20].every);
    assert_false(s.statements[20].before);
    assert_int_equal(s.statements[21].nth, 3);
    rota_scenario_close(&s);
}

static void errors_point_at_the_word(void **state)
{
    (void)state;
    wrong("scenario \"x\"\nstrat all\n", "f.scn:2:1: \"strat\" is not a statement; did you mean"
                                         " \"start\"?\n    strat all\n    ^~~~~");
    wrong("scenario \"x\"\ncluster mastesr=3\n",
          "f.scn:2:9: \"mastesr\" is not a setting of the cluster, such as masters=2; did you mean"
          " \"masters\"?\n    cluster mastesr=3\n            ^~~~~~~");
    wrong("scenario \"x\"\nuntil leader m3 within 5s\n",
          "f.scn:2:14: there is no m3: the cluster has 2 masters; did you mean \"m2\"?\n");
    wrong("scenario \"x\"\nuntil exists /a within 5\n", "f.scn:2:24: \"5\" has no unit");
    wrong("scenario \"x\"\nuntil exists /a within 5sec\n",
          "f.scn:2:24: \"5sec\" has a unit that is none of");
    wrong("scenario \"x\"\nuntil exists /a\n", "f.scn:2:17: \"within\" and a duration is missing");
    wrong("scenario \"x\"\nexpect dead t1\n", "f.scn:2:13: no submit above makes a task \"t1\"");
    wrong("scenario \"x\"\nsubmit c1 2 tasks id=a\nexpect done a-3\n", "f.scn:3:13: no submit");
    wrong("scenario \"x\"\nsubmit c1 1 task work=9s..3s\n",
          "f.scn:2:23: \"9s..3s\" is a range that");
    wrong("scenario \"x\"\nsubmit c1 1 task fail=101%\n", "f.scn:2:23: \"101\" is not a number");
    wrong("scenario \"x\"\nsubmit c1 1 task id=a0123456789\n", "f.scn:2:21: ");
    wrong("scenario \"x\"\nsubmit m1 1 task\n", "f.scn:2:8: \"m1\" is not a client");
    wrong("scenario \"x\"\nstart all now\n", "f.scn:2:11: \"now\" is one word too many");
    wrong("scenario \"x\"\nstart m1\ncluster masters=1\n",
          "f.scn:3:1: the cluster must stand before");
    wrong("scenario \"x\"\ncluster servers=10\n", "f.scn:2:17: \"10\" is not a number from 1 to 9");
    wrong("scenario \"x\"\non m1 after create /a connloss m1 lost\n",
          "f.scn:2:35: this contradicts \"after\"");
    wrong("scenario \"x\"\nwithout one-witer\n",
          "f.scn:2:9: \"one-witer\" is not the name of an invariant; did");
    wrong("scenario \"x\nstart all\n", "f.scn:1:10: a quotation mark is not closed");
    wrong("scenario x\n", "f.scn:1:10: a title must be in quotation marks");
    wrong("start all\n", "f.scn:1:1: the file has no line: scenario");
    wrong("", "f.scn:1:1: the file is empty");
    wrong("scenario \"x\"\nseed 99999999999999999999\n", "f.scn:2:6: ");
    wrong("scenario \"x\"\nany\n", "f.scn:2:1: ");
    wrong("scenario \"x\"\nstart any master\n",
          "f.scn:2:7: \"any\" must be followed by \"worker\"");
}

#define X "scenario \"x\"\n"

/* A condition that can never be true is an error. */
static void conditions_that_can_never_be_true(void **state)
{
    (void)state;
    wrong(X "cluster masters=0\nuntil leader m1 within 5s\n",
          "f.scn:3:14: there is no m1: the cluster has no masters\n");
    wrong(X "start m2\nuntil leader m1 within 5s\n",
          "f.scn:3:14: this can never be true: nothing above starts m1");
    wrong(X "start all\nuntil leaders > 2 within 5s\n",
          "f.scn:3:17: this can never be true: the lines above start 2 masters");
    wrong(X "start w1\nuntil workers == 2 within 5s\n",
          "f.scn:3:18: this can never be true: the lines above start 1 workers");
    wrong(X "expect znodes < 0\n", "f.scn:2:17: this can never be true of a count");
    wrong(X "expect done all\n", "f.scn:2:13: there is no submit above, so this is never true");
    wrong(X "expect exists /a//b\n", "f.scn:2:15: \"/a//b\" is not a valid path of a znode");
    wrong(X "pause m1 for 0s\n", "f.scn:2:14: this duration must be longer than 0");
    wrong(X "lag s1 5ms\n", "f.scn:2:5: this needs more than one server: write");
    wrong(X "elect\n", "f.scn:2:1: this needs more than one server: write");
    wrong(X "partition m1 w1 | m2\n", "f.scn:2:19: no side has a server");
    wrong(X "start m0\n", "f.scn:2:7: there is no m0: names are numbered from 1");
    wrong(X "submit c1 1 task timeout=0s\n", "f.scn:2:26: \"0s\" is too short for a timeout");
    wrong(X "skew w1 -100%\n", "f.scn:2:9: \"-100\" is too slow for a clock");
}

static void contradictions(void **state)
{
    (void)state;
    wrong(X "always capacity without progress capacity\n",
          "f.scn:2:34: this contradicts \"always\" above");
    wrong(X "cluster servers=3\npartition m1 s1 | w1 s2 m1\n",
          "f.scn:3:25: \"m1\" is on another side already");
    wrong(X "always capacity\nwithout progress capacity\n",
          "f.scn:3:18: this contradicts \"always\" above");
    wrong(X "without capacity\nalways capacity\n", "f.scn:3:8: this contradicts \"without\" above");
    wrong(X "on m1 before get * connloss m1 lost\non m1 before get * connloss m1 late 2s\n",
          "f.scn:3:20: line 2 already makes this request lose its connection");
    wrong(X "cluster masters=2 masters=3\n", "f.scn:2:19: this is set twice");
    wrong(X "seed 1\nseed 2\n", "f.scn:3:1: this is set twice");
    wrong(X "submit c1 1 task work=1s work=2s\n", "f.scn:2:26: this option is given twice");
    wrong(X "step a: crash m1\nstep a: crash m2\n",
          "f.scn:3:6: there is already a step \"a\" above");
    wrong(X "step a: crash m1\n", "f.scn:2:6: no permute names this step");
    wrong(X "permute one tow\nstep one: crash m1\nstep two: crash m2\n",
          "f.scn:2:13: \"tow\" is not the name of a step; did you mean \"two\"?");
    wrong(X "step a: crash m1\nstep b: crash m2\npermute a a\n",
          "f.scn:4:11: this step is named twice");
    wrong(X "step a: crash m1\npermute a\n", "f.scn:3:11: the name of a step is missing here");
    wrong(X "step a crash m1\n", "f.scn:2:6: the name of a step must end in a colon");
    wrong(X "permute a b c d e f g h\n", "f.scn:2:23: a permute has at most 7 steps");
    wrong(X "permute a b c d e f g\npermute a b\n",
          "f.scn:3:1: the steps of the file have more than 5040 orders");
}

/* Tags of workers, and how runs end. */
static void tags_and_exit_statuses(void **state)
{
    struct rota_scenario s =
        right(X "tags w2 gpu ssd.x\nstart all\n"
                "submit c1 1 task tags=gpu,ssd.x exit=1,0,255 fatal=255,9 progress=7\n"
                "expect state t1 retrying\nexpect progress t1 > 2\nexpect history t1 == 1\n"
                "retry t1\n");
    const struct rota_submit *submit = &s.statements[1].action.submit;

    (void)state;
    assert_string_equal(rota_scenario_tags(&s, 1), "");
    assert_string_equal(rota_scenario_tags(&s, 2), "gpu,ssd.x");
    assert_string_equal(submit->tags, "gpu,ssd.x");
    assert_int_equal(submit->exit_count, 3);
    assert_int_equal(submit->exits[2], 255);
    assert_int_equal(submit->fatal[31], 0x80);
    assert_int_equal(submit->fatal[1], 2);
    assert_int_equal(submit->progress, 7);
    assert_int_equal(s.statements[2].condition.state, ROTA_STATE_RETRYING);
    assert_true(rota_script_action_needs_operator(&s.statements[5].action));
    rota_scenario_close(&s);
    wrong(X "start w1\ntags w1 gpu\n", "f.scn:3:1: the tags of a worker must stand before");
    wrong(X "tags w1 gpu\ntags w1 ssd\n", "f.scn:3:1: this is set twice");
    wrong(X "tags w1 gpu,ssd\n", "f.scn:2:9: \"gpu,ssd\" cannot be a tag: ");
    wrong(X "tags w1\n", "f.scn:2:9: a tag is missing here");
    wrong(X "tags m1 gpu\n", "f.scn:2:6: \"m1\" is not a worker");
    wrong(X "submit c1 1 task tags=gpu,\n", "f.scn:2:27: \"\" cannot be a tag");
    wrong(X "submit c1 1 task exit=256\n", "f.scn:2:23: \"256\" is not a number from 0 to 255");
    wrong(X "submit c1 1 task fatal=3,0\n", "f.scn:2:26: \"0\" is not a number from 1 to 255");
    wrong(X "submit c1 1 task exit=0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n",
          "f.scn:2:55: \"0\" is one exit status too many");
    wrong(X "submit c1 1 task exit=1 fail=5%\n",
          "f.scn:2:25: `fail` and `exit` cannot be combined");
    wrong(X "submit c1 1 task\nexpect state t1 runing\n",
          "f.scn:3:17: \"runing\" is not a state of a task; did you mean \"running\"?");
}

static void tags_hold(void **state)
{
    (void)state;
    assert_true(rota_tags_hold("", NULL));
    assert_true(rota_tags_hold(NULL, NULL));
    assert_true(rota_tags_hold("a,bb,c", "bb"));
    assert_true(rota_tags_hold("a,bb,c", "c,a"));
    assert_false(rota_tags_hold("a,bb,c", "b"));
    assert_false(rota_tags_hold("a,bb,c", "a,d"));
    assert_false(rota_tags_hold("bbb", "bb"));
    assert_false(rota_tags_hold("", "a"));
    assert_false(rota_tags_hold(NULL, "a"));
}

static void words_with_a_list(void **state)
{
    (void)state;
    wrong(X "protocol rotta\n",
          "f.scn:2:10: \"rotta\" is not the name of a protocol; did you mean \"rota\"?");
    wrong(X "sometimes takeover-with-backlogs\n",
          "f.scn:2:11: \"takeover-with-backlogs\" is not a mark; did you mean"
          " \"takeover-with-backlog\"?");
    wrong(X "protocol seeds\n",
          "f.scn:2:10: \"seeds\" is not the name of a protocol; there are: rota\n");
    wrong(X "always everything\n", "f.scn:2:8: \"everything\" is not the name of an invariant;"
                                   " there are: one-writer, one-assignment, ");
    wrong(X "frobnicate m1\n",
          "f.scn:2:1: \"frobnicate\" is not a statement; there are: scenario,");
    wrong(X "CRASH m1\n", "f.scn:2:1: \"CRASH\" is not a statement; did you mean \"crash\"?");
    wrong(X "submit c1 1 task prio=3\n",
          "f.scn:2:18: \"prio\" is not an option of submit, such as work=50ms; did you mean"
          " \"priority\"?");
    wrong(X "cluster masters 2\n", "f.scn:2:16: a value is missing here: masters=...");
    wrong(X "submit c1 3 tasks\nuntil done t9 within 5s\n",
          "f.scn:3:12: no submit above makes a task \"t9\"; did you mean \"t3\"?");
    wrong(X "submit c1 3 tasks id=load\nuntil dead load within 5s\n",
          "f.scn:3:12: no submit above makes a task \"load\"; did you mean \"load-1\"?");
    wrong(X "submit c1 3 tasks\nuntil done al within 5s\n",
          "f.scn:3:12: no submit above makes a task \"al\"; did you mean \"all\"?");
    wrong(X "zk z1: create /tasks/a x\n----\n<any>\n----\nsubmit c1 1 task after=a,..\n",
          "f.scn:6:26: \"..\" is not a task that a submit above makes");
    wrong(X "zk\n", "f.scn:2:3: the name of a session, such as z1, is missing here");
    wrong(X "zk# x\n", "f.scn:2:4: the name of a session");
    wrong(X "skew w1 10\n", "f.scn:2:9: \"10\" is not a percentage such as +10% or -10%");
    wrong(X "cancel t1\n", "f.scn:2:8: no submit above makes a task \"t1\"");
    wrong(X "drain m1\n", "f.scn:2:7: \"m1\" is not a worker");
    wrong(X "crash W2\n", "f.scn:2:7: \"W2\" is not the name of a process; did you mean \"w2\"?");
    wrong(X "crash m01\n", "f.scn:2:7: \"m01\" is not the name of a process; did you mean \"m1\"?");
    wrong(X "crash w99999999999\n",
          "f.scn:2:7: there is no w99999999999: the cluster has 2 workers;");
    wrong(X "at 1.5s crash m1\n", "f.scn:2:4: \"1.5s\" is not a whole number; use a smaller unit");
    wrong(X "until exists /a within 5s..6s\n", "f.scn:2:24: \"5s..6s\" is a range, but one");
    wrong(X "on m1 before create * evry crash m1\n",
          "f.scn:2:23: \"evry\" is not an action; did you mean \"every\"?");
    wrong(X "submit c1 1 task\nsubmit c1 1 task id=t1\n",
          "f.scn:3:18: \"t1\" is already the name of a task without an id");
    wrong(X "submit c1 1 task id=t2\nsubmit c1 2 tasks\n",
          "f.scn:2:18: \"t2\" is already the name");
    wrong(X "on m1 before close /epoch crash m1\n",
          "f.scn:2:20: such a request has no path; did you mean \"*\"?");
    wrong(X "cluster servers=3 sync=qourum\n", "f.scn:2:24: \"qourum\" is neither");
    wrong(X "submit c1 1 task priority=1001\n",
          "f.scn:2:27: \"1001\" is not a number from -1000 to 1000");
    wrong(X "submit c1 99999999999999999999 tasks\n", "f.scn:2:11: ");
    wrong(X "after 99999999999999999999h crash m1\n",
          "f.scn:2:7: \"99999999999999999999h\" is longer than 1000h");
    wrong(X "until exists /a within 4294967297us..5s\n", "f.scn:2:24: ");
}

/* A statement that waits for its moment may use tasks and operators of lines below, but no unknown
 * ones. */
static void names_of_lines_below(void **state)
{
    struct rota_scenario s =
        right(X "never dead t2\non o1 before create * crash o1\nat 3s cancel load-2\n"
                "on c1 after create /tasks/* nth=2 retry t1\nstep one: cancel t1\n"
                "step two: drain w1\npermute one two\nnever done all\nexpect refused o4 == 0\n"
                "submit c1 2 tasks\nsubmit c1 2 tasks id=load\n");

    (void)state;
    assert_int_equal(s.cluster.operators, 4);
    assert_string_equal(s.statements[0].condition.name, "t2");
    assert_int_equal(s.statements[1].who.kind, ROTA_WHO_OPERATOR);
    rota_scenario_close(&s);
    wrong(X "never dead t9\nsubmit c1 1 task\n",
          "f.scn:2:12: no submit makes a task \"t9\"; did you mean \"t1\"?\n    never dead t9\n");
    wrong(X "  at 3s cancel x\nstart all\n", "f.scn:2:16: no submit makes a task \"x\"\n");
    wrong(X "never done all\n",
          "f.scn:2:12: there is no submit in the file, so this is never true");
    wrong(X "crash o1\n", "f.scn:2:7: there is no o1: the file has no cancel, retry or drain");
    wrong(X "on o3 before create * crash m1\ndrain w1\ndrain w2\n",
          "f.scn:2:4: there is no o3: the file has 2 cancel, retry and drain actions; did you "
          "mean "
          "\"o2\"?");
    wrong(X "start o1\ndrain w1\n", "f.scn:2:7: \"o1\" is not a process that `start` can start");
    wrong(X "until refused o0 > 1 within 1s\n", "f.scn:2:15: there is no o0");
}

/* The sides of a partition need no spaces, and the parts of a pause have no order. */
static void loosely_written(void **state)
{
    struct rota_scenario s =
        right(X "cluster servers=3\npartition m1 s1|m2 s2 |w1\n"
                "pause w1 for 3s work\npause w1 work for 3s\n"
                "on m1 before close / crash m1\nsubmit c1 1 task payload=a|b\n");

    (void)state;
    assert_int_equal(s.statements[0].action.member_count, 5);
    assert_int_equal(s.statements[0].action.members[4].side, 3);
    assert_true(s.statements[1].action.work && s.statements[1].action.span == 3000000);
    assert_true(s.statements[2].action.work && s.statements[2].action.span == 3000000);
    assert_string_equal(s.statements[3].glob, "*");
    assert_string_equal(s.statements[4].action.submit.payload, "a|b");
    rota_scenario_close(&s);
    wrong(X "partition m1||s1\n", "f.scn:2:14: \"|\" is not the name of a process");
}

/* Bytes that are not text, and their place; columns count characters. */
static void bytes_that_are_not_text(void **state)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    (void)state;
    wrong("\xef\xbb\xbf" X, "f.scn:1:1: a byte order mark is not allowed");
    wrong("scenario \"x\"\r\nstart all\r\n", "f.scn:1:13: a carriage return is not allowed");
    wrong(X "start\x01 all\n", "f.scn:2:6: a control character is not allowed: byte value 1");
    wrong("scenario \"\xc3\xa9\"\n# \xff\n", "f.scn:2:3: this is not valid UTF-8: byte value 255");
    wrong("scenario \"\xed\xa0\x80\"\n", "f.scn:1:11: this is not valid UTF-8: byte value 237");
    wrong("scenario \"\xc3", "f.scn:1:11: this is not valid UTF-8: byte value 195");
    wrong("scenario \"\xc3\xa9\xe2\x82\xac\" x\n",
          "f.scn:1:15: \"x\" is one word too many\n    scenario \"\xc3\xa9\xe2\x82\xac\" x\n"
          "                  ^");
    assert_false(rota_scenario_read(&s, "f.scn", "\0\0", 2, &e));
    assert_non_null(strstr(e.text, "f.scn:1:1: a control character is not allowed: byte value 0"));
    s = right("scenario \"\xc3\xa9\""); /* the last line needs no newline */
    rota_scenario_close(&s);
}

/* Any bytes give one error: statements cut, joined and mixed with noise. */
static void garbage(void **state)
{
    static const char *const seeds[] = {
        "scenario \"x\"\nsubmit c1 10 tasks work=50ms..200ms\nuntil done t3 within 5s\n",
        "on m1 before create /assign/*/* nth=2 pause m1 for 25s\nexpect data /a \"b\"\n"};
    struct rota_scenario s;
    struct rota_scenario_error e;
    uint64_t random = 1;
    char text[256];

    (void)state;
    for (int round = 0; round < 200000; round++) {
        const char *seed = seeds[round % 2];
        size_t length = strlen(seed);

        memcpy(text, seed, length);
        for (int i = 0; i < 1 + round % 6; i++) {
            random = rota_mix(random);
            text[random % length] = (char)(random >> 32);
        }
        if (round % 7 == 0)
            length = (random >> 40) % length;
        if (rota_scenario_read(&s, "f", text, length, &e))
            rota_scenario_close(&s);
    }
}

static void huge(void **state)
{
    size_t length = 10u << 20;
    char *text = malloc(length);
    struct rota_scenario s;
    struct rota_scenario_error e;

    (void)state;
    memset(text, 0, length);
    assert_false(rota_scenario_read(&s, "f", text, length, &e));
    memset(text, 'a', length);
    assert_false(rota_scenario_read(&s, "f", text, length, &e));
    memset(text, '\n', length);
    assert_false(rota_scenario_read(&s, "f", text, length, &e));
    memset(text, ' ', length);
    assert_false(rota_scenario_read(&s, "f", text, length, &e));
    assert_true(strncmp(e.text, "f:1:1: a scenario has at most 4 MiB", 35) == 0);
    length = 3u << 20;
    assert_false(rota_scenario_read(&s, "f", text, length, &e));
    assert_true(strncmp(e.text, "f:1:1: the line is longer than 65536 bytes", 42) == 0);
    free(text);
}

static void files(void **state)
{
    struct rota_scenario s;
    struct rota_scenario_error e;

    (void)state;
    assert_false(rota_scenario_load(&s, "/nonexistent/f.scn", &e));
    assert_string_equal(
        e.text, "/nonexistent/f.scn: this file cannot be opened: No such file or directory");
    assert_false(rota_scenario_load(&s, "/", &e));
    assert_string_equal(e.text, "/: this file cannot be read: Is a directory");
}

static void globs(void **state)
{
    (void)state;
    assert_true(rota_glob_match("/assign/*/*", "/assign/w1/t1"));
    assert_false(rota_glob_match("/assign/*/*", "/assign/w1"));
    assert_false(rota_glob_match("/assign/*", "/assign/w1/t1"));
    assert_true(rota_glob_match("/a*c/*d", "/abcc/xdd"));
    assert_false(rota_glob_match("/a*c/*d", "/abcc/xdde"));
    assert_true(rota_glob_match("*", "/any/path"));
    assert_true(rota_glob_match("*", ""));
    assert_true(rota_glob_match("/tasks/*", "/tasks/"));
    assert_false(rota_glob_match("/tasks", "/tasks/a"));
    assert_true(rota_glob_match("/tasks", "/tasks"));
}

static void comparisons(void **state)
{
    (void)state;
    assert_true(rota_compare(1, ROTA_EQUAL, 1));
    assert_true(rota_compare(1, ROTA_UNEQUAL, 2));
    assert_true(rota_compare(1, ROTA_LESS, 2));
    assert_false(rota_compare(2, ROTA_LESS, 2));
    assert_true(rota_compare(2, ROTA_LESS_OR_EQUAL, 2));
    assert_true(rota_compare(3, ROTA_GREATER, 2));
    assert_false(rota_compare(1, ROTA_GREATER_OR_EQUAL, 2));
}

static void durations_have_units(void **state)
{
    rota_span span;

    (void)state;
    assert_null(rota_duration_read("250ms", 5, ROTA_DURATION_SCENARIO, &span));
    assert_int_equal(span, 250000);
    assert_null(rota_duration_read("7us", 3, ROTA_DURATION_SCENARIO, &span));
    assert_int_equal(span, 7);
    assert_null(rota_duration_read("1000h", 5, ROTA_DURATION_SCENARIO, &span));
    assert_non_null(rota_duration_read("1001h", 5, ROTA_DURATION_SCENARIO, &span));
    assert_non_null(rota_duration_read("99999999999999999999s", 21, ROTA_DURATION_SCENARIO, &span));
    assert_non_null(rota_duration_read("s", 1, ROTA_DURATION_SCENARIO, &span));
    assert_non_null(rota_duration_read("", 0, ROTA_DURATION_SCENARIO, &span));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example),
        cmocka_unit_test(settings_have_defaults),
        cmocka_unit_test(every_word),
        cmocka_unit_test(errors_point_at_the_word),
        cmocka_unit_test(conditions_that_can_never_be_true),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(tags_and_exit_statuses),
        cmocka_unit_test(tags_hold),
        cmocka_unit_test(words_with_a_list),
        cmocka_unit_test(names_of_lines_below),
        cmocka_unit_test(loosely_written),
        cmocka_unit_test(bytes_that_are_not_text),
        cmocka_unit_test(garbage),
        cmocka_unit_test(huge),
        cmocka_unit_test(files),
        cmocka_unit_test(globs),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(durations_have_units),
    };

    return cmocka_run_group_tests_name("scenario", tests, NULL, NULL);
}
