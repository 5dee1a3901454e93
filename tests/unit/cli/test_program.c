/* The program without a server: `rota run`, the help texts, and the messages about wrong usage and
 * bad input. */
#include <jansson.h>
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

#include "tests/unit/cli/program.h"

static void results_come_in_order(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(
        PROGRAM_RUN(&p, "sleep 0.2; echo a\n\necho b\n\n\nprintf c", "run", "--jobs", "3"), 0);
    assert_string_equal(p->out.data, "a\nb\nc");
    assert_string_equal(p->err.data, "");
    program_close(p);
}

static void many_results_come_in_order(void **state)
{
    struct program *p;
    char path[64];
    char lines[12 * 500 + 1] = "";
    char results[4 * 500 + 1] = "";

    (void)state;
    for (int i = 0; i < 500; i++) {
        snprintf(lines + strlen(lines), 13, "echo %03d\n", i);
        snprintf(results + strlen(results), 5, "%03d\n", i);
    }
    program_file(path, lines, strlen(lines));
    assert_int_equal(PROGRAM_RUN(&p, "", "run", path), 0);
    assert_string_equal(p->out.data, results);
    program_close(p);
    unlink(path);
}

static void lines_are_run_before_the_input_ends(void **state)
{
    struct program *p = PROGRAM_START("run", "-");

    (void)state;
    program_write(p, "echo first\nec", 13);
    program_await(p, &p->out, "first\n");
    program_write(p, "ho second\n", 10);
    program_await(p, &p->out, "second\n");
    program_close_input(p);
    assert_int_equal(program_end(p), 0);
    program_close(p);
}

static void failure_is_reported_and_its_output_kept(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "echo part; echo why >&2; exit 3\necho b\nkill -9 $$", "run"),
                     1);
    assert_string_equal(p->out.data, "part\nb\n");
    assert_non_null(strstr(p->err.data, "why\n"));
    assert_non_null(strstr(p->err.data, ", line 1: failed: exit status 3\n"));
    assert_non_null(strstr(p->err.data, ", line 3: failed: killed by signal 9 (Killed)\n"));
    program_close(p);
}

static void result_above_the_limit_keeps_its_first_part(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "head -c 10000000 /dev/zero\necho b", "run"), 1);
    assert_int_equal(p->out.length, 524288 + 2);
    assert_non_null(strstr(p->err.data, "standard output is longer than 524288 bytes"));
    program_close(p);
}

static void json_holds_any_bytes(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(
        PROGRAM_RUN(&p, "echo a\nprintf '\\377\\376x'\necho why >&2; exit 2\n", "run", "--json"),
        1);
    json_error_t error;
    const char *line = p->out.data;
    json_t *objects[3];
    for (int i = 0; i < 3; i++) {
        objects[i] = json_loads(line, JSON_DISABLE_EOF_CHECK, &error);
        assert_non_null(objects[i]);
        assert_int_equal(json_integer_value(json_object_get(objects[i], "line")), i + 1);
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(json_string_value(json_object_get(objects[0], "output")), "a\n");
    assert_string_equal(json_string_value(json_object_get(objects[0], "state")), "done");
    assert_string_equal(json_string_value(json_object_get(objects[1], "output_base64")), "//54");
    assert_string_equal(json_string_value(json_object_get(objects[2], "reason")), "exit status 2");
    assert_string_equal(json_string_value(json_object_get(objects[2], "errors")), "why\n");
    assert_null(json_object_get(objects[0], "errors"));
    for (int i = 0; i < 3; i++)
        json_decref(objects[i]);
    program_close(p);
}

static void lines_that_cannot_be_tasks_do_not_affect_others(void **state)
{
    enum { SIZE = 2000000 };
    struct program *p;
    char *input = malloc(SIZE + 100);
    size_t length = (size_t)snprintf(input, 100, "echo a\n");

    (void)state;
    memset(input + length, 'x', SIZE);
    length += SIZE;
    memcpy(input + length, "\necho \0 b\necho c\n", 17);
    length += 17;
    const char *const words[] = {"run", NULL};
    assert_int_equal(program_run(&p, input, length, words), 4);
    assert_string_equal(p->out.data, "a\nc\n");
    assert_non_null(strstr(p->err.data, "standard input, line 2 is longer than 1000000 bytes"));
    assert_non_null(strstr(p->err.data, "standard input, line 3 holds a NUL byte"));
    program_close(p);
    free(input);
}

static void last_line_above_the_limit_is_reported(void **state)
{
    enum { SIZE = 2000000 };
    struct program *p;
    char *input = malloc(SIZE);
    const char *const words[] = {"run", NULL};

    (void)state;
    memset(input, 'x', SIZE);
    assert_int_equal(program_run(&p, input, SIZE, words), 4);
    assert_non_null(strstr(p->err.data, "line 1 is longer than 1000000 bytes"));
    program_close(p);
    free(input);
}

static void empty_input_is_reported(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "run", "/dev/null"), 0);
    assert_string_equal(p->err.data, "rota: /dev/null holds no commands; nothing was run\n");
    program_close(p);
}

static void unreadable_input_is_reported(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "run", "/no/such/file"), 2);
    assert_string_equal(p->err.data,
                        "rota: /no/such/file cannot be opened: No such file or directory\n");
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "run", "/tmp"), 2);
    assert_non_null(strstr(p->err.data, "/tmp cannot be read: Is a directory"));
    program_close(p);
}

static void interrupt_kills_the_children_and_prints_finished_results(void **state)
{
    char path[64];
    char input[200];

    (void)state;
    program_file(path, "", 0);
    snprintf(input, sizeof input,
             "setsid sleep 1000 & echo $! >%s; exec sleep 1000\necho two\nexec sleep 1000\n", path);
    struct program *p = PROGRAM_START("run", "--jobs", "3", "--verbose");
    program_write(p, input, strlen(input));
    program_close_input(p);
    int pid = program_await_number(p, path);
    program_await(p, &p->err, "result of"); /* of the second line */
    uv_process_kill(&p->process, SIGINT);
    assert_int_equal(program_end(p), 130);
    assert_string_equal(p->out.data, "two\n");
    program_await_death(p, pid);
    program_close(p);
    unlink(path);
}

static void killed_program_leaves_no_children(void **state)
{
    char path[64];
    char input[200];

    (void)state;
    program_file(path, "", 0);
    snprintf(input, sizeof input, "setsid sleep 1000 & echo $! >%s; exec sleep 1000\n", path);
    struct program *p = PROGRAM_START("run");
    program_write(p, input, strlen(input));
    int pid = program_await_number(p, path);
    uv_process_kill(&p->process, SIGKILL);
    assert_int_equal(program_end(p), 256 + SIGKILL);
    program_await_death(p, pid);
    program_close(p);
    unlink(path);
}

static void closed_output_ends_the_program(void **state)
{
    struct program *p = PROGRAM_START("run");

    (void)state;
    uv_close((uv_handle_t *)&p->out.pipe, NULL);
    p->out.open = false;
    program_write(p, "echo a\n", 7); /* the input stays open */
    assert_int_equal(program_end(p), 1);
    assert_string_equal(p->err.data,
                        "rota: standard output cannot be written: Broken pipe; stopping\n");
    program_close(p);
}

/* Wrong usage has exit status 2 and a sentence that holds this text. */
static void wrong_usage_is_reported(void **state)
{
    static const struct {
        const char *words[6];
        const char *sentence;
    } cases[] = {
        {{"rnu"}, "there is no command \"rnu\""},
        {{"help", "rnu"}, "there is no command \"rnu\""},
        {{"statsu"}, "did you mean \"status\"?"},
        {{"run", "--no-such-option"}, "unrecognized option '--no-such-option'"},
        {{"run", "--jobs", "0"}, "--jobs must be a whole number from 1"},
        {{"run", "--jobs", "many"}, "--jobs must be a whole number from 1"},
        {{"run", "a", "b"}, "one file at a time"},
        {{"run", "--session", "10"}, "has no unit"},
        {{"run", "--session", "1ms"}, "--session must be between"},
        {{"init"}, "use --zk HOST:PORT or set ROTA_ZK"},
        {{"init", "word"}, "unexpected argument \"word\""},
        {{"master"}, "use --zk HOST:PORT or set ROTA_ZK"},
        {{"master", "word"}, "unexpected argument \"word\""},
        {{"master", "--id", "a/b"}, "without \"/\""},
        {{"worker", "--zk", "x", "--shell"}, "--name NAME"},
        {{"worker", "--zk", "x", "--name", "w"}, "give one of --shell"},
        {{"worker", "word"}, "unexpected argument \"word\""},
        {{"worker", "--name", "a b"}, "without spaces"},
        {{"worker", "--name", ""}, "a name of 1 to 199 bytes"},
        {{"submit", "--zk", "x"}, "no payload is given"},
        {{"submit", "a", "b"}, "in quotes"},
        {{"submit", "a", "--file", "b"}, "one source at a time"},
        {{"submit", "a"}, "use --zk HOST:PORT or set ROTA_ZK"},
        {{"wait", "--zk", "x"}, "no task is given"},
        {{"cancel", "--zk", "x"}, "no task is given; rota list tasks shows the names"},
        {{"retry", "--zk", "x", "a/b"}, "without \"/\""},
        {{"drain", "--zk", "x"}, "no worker is given; rota list workers shows the names"},
        {{"drain", "--drain-timeout", "25h", "w1"}, "--drain-timeout must be between 0ms and 1d"},
        {{"undrain", "w1"}, "use --zk HOST:PORT or set ROTA_ZK"},
        {{"history", "--zk", "x"}, "no task is given"},
        {{"history", "a", "b"}, "one task at a time"},
        {{"init", "--max-tasks", "-1"}, "--max-tasks must be a whole number from 0"},
        {{"master", "--hold-above", "0%"}, "--hold-above must be a whole number from 1 to 100"},
        {{"master", "--keep", "0s"}, "--keep must be between 1ms"},
        {{"worker", "--tag", ""}, "a tag cannot be empty"},
        {{"worker", "--grace", "soon"}, "is not a duration"},
        {{"list"}, "use --zk HOST:PORT or set ROTA_ZK"},
        {{"list", "people"}, "\"people\" cannot be listed"},
        {{"list", "tasks", "workers"}, "one kind at a time"},
        {{"status", "word"}, "unexpected argument \"word\""},
        {{"sim"}, "no scenario file is given"},
        {{"sim", "walk"}, "there is no rota sim walk"},
        {{"sim", "run", "--seed", "x"}, "--seed must be a whole number"},
        {{"guard"}, "started by a worker, not by hand"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct program *p;
        int status = program_run(&p, "", 0, cases[i].words);

        if (status != 2 || strstr(p->err.data, cases[i].sentence) == NULL)
            fail_msg("rota %s: status %d, \"%s\" instead of \"%s\"", cases[i].words[0], status,
                     p->err.data, cases[i].sentence);
        assert_string_equal(p->out.data, "");
        program_close(p);
    }
}

static void no_arguments_is_wrong_usage(void **state)
{
    static const char *const none[] = {NULL};
    struct program *p;

    (void)state;
    assert_int_equal(program_run(&p, "", 0, none), 2);
    assert_non_null(strstr(p->err.data, "usage: rota COMMAND"));
    program_close(p);
}

static void help_names_every_command(void **state)
{
    static const char *const names[] = {"run",  "init",    "master", "worker", "submit",
                                        "wait", "cancel",  "retry",  "drain",  "undrain",
                                        "list", "history", "status", "sim",    "shell"};
    struct program *all;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&all, "", "help"), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct program *p;
        char usage[64];

        assert_non_null(strstr(all->out.data, names[i]));
        assert_int_equal(PROGRAM_RUN(&p, "", "help", names[i]), 0);
        snprintf(usage, sizeof usage, "Usage: rota %s", names[i]);
        assert_non_null(strstr(p->out.data, usage));
        program_close(p);
    }
    program_close(all);
}

static void version_is_printed(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "--version"), 0);
    assert_string_equal(p->out.data, "rota " ROTA_VERSION "\n");
    program_close(p);
}

static void scenario_runs(void **state)
{
    struct program *p;
    char path[64];
    const char story[] = "scenario \"one task\"\n"
                         "cluster masters=1 workers=1 clients=1\n"
                         "start all\n"
                         "submit c1 1 tasks\n"
                         "expect done all within 30s\n";
    const char nonsense[] = "scenario \"x\"\nstrat all\n";

    (void)state;
    program_file(path, story, strlen(story));
    assert_int_equal(PROGRAM_RUN(&p, "", "sim", "run", path, "--seed", "3", "--trace", "-"), 0);
    assert_non_null(strstr(p->out.data, "elected leader, epoch 1"));
    program_close(p);
    unlink(path);
    program_file(path, nonsense, strlen(nonsense));
    assert_int_equal(PROGRAM_RUN(&p, "", "sim", "run", path), 2);
    assert_non_null(strstr(p->err.data, "strat"));
    program_close(p);
    unlink(path);
}

static void server_list_is_checked(void **state)
{
    static const char *const lists[] = {"127.0.0.1:x", "no..host:2181", ",", "/chroot"};

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct program *p;

        assert_int_equal(PROGRAM_RUN(&p, "", "status", "--zk", lists[i]), 3);
        assert_non_null(strstr(p->err.data, "check --zk or ROTA_ZK"));
        program_close(p);
    }
}

static void unreachable_server_is_reported(void **state)
{
    struct program *p;

    (void)state;
    assert_int_equal(PROGRAM_RUN(&p, "", "status", "--zk", "127.0.0.1:1", "--connect", "500ms"), 3);
    assert_non_null(strstr(p->err.data, "cannot be reached"));
    assert_non_null(strstr(p->err.data, "127.0.0.1:1"));
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "echo a\n", "run", "--zk", "127.0.0.1:1", "-c", "500ms"), 3);
    assert_non_null(strstr(p->err.data, "cannot be reached"));
    assert_string_equal(p->out.data, "");
    program_close(p);
    assert_int_equal(PROGRAM_RUN(&p, "", "submit", "x", "--zk", "127.0.0.1:1", "-c", "500ms"), 3);
    assert_non_null(strstr(p->err.data, "cannot be reached"));
    program_close(p);
}

int main(void)
{
    unsetenv("ROTA_ZK");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_order),
        cmocka_unit_test(many_results_come_in_order),
        cmocka_unit_test(lines_are_run_before_the_input_ends),
        cmocka_unit_test(failure_is_reported_and_its_output_kept),
        cmocka_unit_test(result_above_the_limit_keeps_its_first_part),
        cmocka_unit_test(json_holds_any_bytes),
        cmocka_unit_test(lines_that_cannot_be_tasks_do_not_affect_others),
        cmocka_unit_test(last_line_above_the_limit_is_reported),
        cmocka_unit_test(empty_input_is_reported),
        cmocka_unit_test(unreadable_input_is_reported),
        cmocka_unit_test(interrupt_kills_the_children_and_prints_finished_results),
        cmocka_unit_test(killed_program_leaves_no_children),
        cmocka_unit_test(closed_output_ends_the_program),
        cmocka_unit_test(wrong_usage_is_reported),
        cmocka_unit_test(no_arguments_is_wrong_usage),
        cmocka_unit_test(help_names_every_command),
        cmocka_unit_test(version_is_printed),
        cmocka_unit_test(scenario_runs),
        cmocka_unit_test(server_list_is_checked),
        cmocka_unit_test(unreachable_server_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
