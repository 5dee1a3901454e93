/* The screen on a terminal, and on a standard error that is not a terminal. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/base/screen.h"

/* A terminal in the place of standard error. */
struct terminal {
    int ours;
    int saved;
    char text[4096];
};

static void open_terminal(struct terminal *t)
{
    struct termios raw;

    memset(t, 0, sizeof *t);
    t->ours = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(t->ours >= 0);
    assert_int_equal(grantpt(t->ours), 0);
    assert_int_equal(unlockpt(t->ours), 0);
    int theirs = open(ptsname(t->ours), O_RDWR | O_NOCTTY);
    assert_true(theirs >= 0);
    tcgetattr(theirs, &raw);
    cfmakeraw(&raw);
    tcsetattr(theirs, TCSANOW, &raw);
    t->saved = dup(STDERR_FILENO);
    dup2(theirs, STDERR_FILENO);
    close(theirs);
}

/* The text that was written since the last call. A terminal delivers its input some time later, so
 * a mark is written behind the text, and the function waits for it, ten seconds at most. */
static const char *written(struct terminal *t)
{
    static const char mark = '\1';
    size_t length = 0;

    fflush(stderr);
    assert_int_equal(write(STDERR_FILENO, &mark, 1), 1);
    while (length == 0 || t->text[length - 1] != mark) {
        struct pollfd ready = {.fd = t->ours, .events = POLLIN};
        ssize_t count;

        assert_int_equal(poll(&ready, 1, 10000), 1);
        count = read(t->ours, t->text + length, sizeof t->text - 1 - length);
        assert_true(count > 0);
        length += (size_t)count;
    }
    t->text[length - 1] = '\0';
    return t->text;
}

static void close_terminal(struct terminal *t)
{
    dup2(t->saved, STDERR_FILENO);
    close(t->saved);
    close(t->ours);
}

static void progress_is_drawn_and_removed(void **state)
{
    struct terminal t;
    struct rota_screen s;
    char text[4096];

    (void)state;
    open_terminal(&t);
    rota_screen_open(&s, true);
    rota_screen_draw(&s);
    snprintf(text, sizeof text, "%s|", written(&t));
    s.counts = (struct rota_screen_counts){.done = 1, .failed = 1, .running = 2, .total = 4};
    rota_screen_draw(&s);
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    rota_screen_draw(&s); /* nothing has changed */
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    s.counts.total_known = true;
    rota_screen_draw(&s);
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    rota_screen_say(&s, "a %s", "sentence");
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    rota_screen_clear(&s);
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    close_terminal(&t);
    assert_string_equal(
        text, "|\r\033[K[###############---------------] 2 of 4+ done, 2 running, 1 failed|"
              "|\r\033[K[###############---------------] 2 of 4 done, 2 running, 1 failed|"
              "\r\033[Krota: a sentence\n||");
}

static void progress_waits_for_standard_output(void **state)
{
    struct terminal t;
    struct rota_screen s;

    (void)state;
    open_terminal(&t);
    rota_screen_open(&s, true);
    s.counts.total = 1;
    s.blocked = true;
    rota_screen_draw(&s);
    bool blocked = written(&t)[0] == '\0';
    s.blocked = false;
    rota_screen_draw(&s);
    bool drawn = written(&t)[0] != '\0';
    close_terminal(&t);
    assert_true(blocked);
    assert_true(drawn);
}

static void set_columns(unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};

    assert_int_equal(ioctl(STDERR_FILENO, TIOCSWINSZ, &size), 0);
}

static void progress_of_a_task_is_shown_behind_the_bar(void **state)
{
    struct terminal t;
    struct rota_screen s;
    char text[4096] = "";

    (void)state;
    open_terminal(&t);
    rota_screen_open(&s, true);
    s.counts.total = 1;
    set_columns(59);
    rota_screen_show_progress(&s, "t1", "5\t\303\2510\303\251");
    for (int i = 0; i < 2; i++) {
        rota_screen_draw(&s);
        snprintf(text + strlen(text), 1000, "%s|", written(&t));
    }
    set_columns(50);
    rota_screen_show_progress(&s, "t2", "");
    rota_screen_draw(&s);
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    set_columns(80);
    rota_screen_show_progress(&s, NULL, NULL);
    rota_screen_draw(&s);
    snprintf(text + strlen(text), 1000, "%s|", written(&t));
    close_terminal(&t);
    assert_string_equal(
        text, "\r\033[K[----------] 0 of 1+ done, 0 running, 0 failed; t1: "
              "5?\303\2510||"
              "\r\033[K[----------] 0 of 1+ done, 0 running, 0 failed; t|"
              "\r\033[K[------------------------------] 0 of 1+ done, 0 running, 0 failed|");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    struct terminal t;
    struct rota_screen s;
    char text[100];

    (void)state;
    open_terminal(&t);
    rota_screen_open(&s, true);
    rota_screen_line(&s, "t1", "a\tb\033[2J\177", 8);
    rota_screen_line(&s, NULL, "plain", 5);
    snprintf(text, sizeof text, "%s", written(&t));
    close_terminal(&t);
    assert_string_equal(text, "t1: a\tb?[2J?\nplain\n");
}

static void there_is_no_bar_without_a_terminal(void **state)
{
    struct rota_screen s;
    int ends[2];
    char text[100] = "";

    (void)state;
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    rota_screen_open(&s, true);
    s.counts.total = 1;
    rota_screen_draw(&s);
    rota_screen_say(NULL, "only this");
    dup2(saved, STDERR_FILENO);
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    close(saved);
    assert_string_equal(text, "rota: only this\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_is_drawn_and_removed),
        cmocka_unit_test(progress_waits_for_standard_output),
        cmocka_unit_test(progress_of_a_task_is_shown_behind_the_bar),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(there_is_no_bar_without_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
