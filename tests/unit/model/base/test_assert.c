/* Assertions: the value of each form, and the sentence with which a broken one ends the process. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/base/assert.h"

#define BOX_MAGIC ROTA_MAGIC('b', 'o', 'x', '!')

struct box {
    int filling;
    uint32_t magic;
};

static void break_fact(void)
{
    rota_assert(1 + 1 == 3);
}

static void break_equal(void)
{
    rota_assert_equal(6 * 7, 41);
}

/* A coverage build takes ALWAYS and NEVER for constants. */
#ifndef ROTA_COVERAGE
static void break_always(void)
{
    if (!ALWAYS(getpid() < 0))
        _exit(0);
}

static void break_never(void)
{
    if (NEVER(getpid() > 0))
        _exit(0);
}
#endif

static void come_to_unreachable(void)
{
    rota_unreachable("no such case");
}

static void cast_other(void)
{
    struct box box = {.magic = ROTA_MAGIC('c', 'a', 's', 'e')};

    rota_cast(struct box, &box, BOX_MAGIC);
}

static void cast_null(void)
{
    rota_cast(struct box, NULL, BOX_MAGIC);
}

/* Runs a function in a process of its own, which must abort, and returns what it printed. */
static const char *last_words(void (*broken)(void), char *text, size_t size)
{
    int pipes[2];
    int status;
    size_t length = 0;
    pid_t child;

    assert_int_equal(pipe(pipes), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        struct sigaction fresh = {.sa_handler = SIG_DFL};

        setrlimit(RLIMIT_CORE, &none);
        sigaction(SIGABRT, &fresh, NULL); /* cmocka's handler would go on with the next test */
        dup2(pipes[1], STDERR_FILENO);
        broken();
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t n; (n = read(pipes[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)n;
    text[length] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGABRT);
    return text;
}

static void what_holds_has_its_value_and_costs_nothing_else(void **state)
{
    struct box box = {.magic = BOX_MAGIC};
    int evaluated = 0;

    (void)state;
    rota_assert(box.filling == 0);
    rota_assert_equal(++evaluated, 1);
    assert_int_equal(evaluated, 1);
    assert_true(ALWAYS(box.filling == 0));
    assert_false(NEVER(box.filling != 0));
    assert_ptr_equal(rota_cast(struct box, (void *)&box, BOX_MAGIC), &box);
}

static void what_is_broken_ends_the_process_with_a_sentence(void **state)
{
    static const struct {
        void (*broken)(void);
        const char *words;
    } cases[] = {
        {break_fact, "1 + 1 == 3"},
        {break_equal, "6 * 7 == 41: 42 and 41"},
#ifndef ROTA_COVERAGE
        {break_always, "ALWAYS(getpid() < 0)"},
        {break_never, "NEVER(getpid() > 0)"},
#endif
        {come_to_unreachable, "unreachable: no such case"},
        {cast_other, "struct box has the magic number 63617365, not 626f7821"},
        {cast_null, "struct box is NULL"},
    };
    char text[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        last_words(cases[i].broken, text, sizeof text);
        if (strstr(text, cases[i].words) == NULL)
            assert_string_equal(text, cases[i].words);
        assert_non_null(strstr(text, "test_assert.c"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_has_its_value_and_costs_nothing_else),
        cmocka_unit_test(what_is_broken_ends_the_process_with_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
