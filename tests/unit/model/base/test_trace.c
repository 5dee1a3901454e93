/* Trace lines: columns, sentences, and lines that do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/trace.h"

static void expect_line(int64_t time_us, const char *who, struct rota_note note,
                        const char *expected)
{
    char text[200];
    size_t length = rota_trace_format(time_us, who, &note, text, sizeof text);

    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void trace_lines_keep_their_columns(void **state)
{
    struct rota_note note = {
        .kind = ROTA_NOTE_REASSIGNED, .name = "t1", .other = "w2", .a = 2, .b = 1};

    (void)state;
    expect_line(12340999, "m1", note,
                "[   12.340s] m1     reassigned t1 to w2 (attempt 2, losses 1)");
    expect_line(0, "w1", note, "[    0.000s]   w1   reassigned t1 to w2 (attempt 2, losses 1)");
    expect_line(99999999999, "c1", note,
                "[99999.999s]     c1 reassigned t1 to w2 (attempt 2, losses 1)");
    note = (struct rota_note){.kind = ROTA_NOTE_RECOVERED, .a = 1, .b = -2, .c = INT64_MAX};
    expect_line(0, "m1", note,
                "[    0.000s] m1     took over: 1 workers, -2 assignments, "
                "9223372036854775807 tasks listed");
    note = (struct rota_note){.kind = ROTA_NOTE_ASSIGNED};
    expect_line(0, "m1", note, "[    0.000s] m1     assigned  to  (attempt 0)");
}

/* A line that does not fit is cut, and is always terminated. */
static void trace_lines_are_cut(void **state)
{
    struct rota_note note = {.kind = ROTA_NOTE_RESULT, .name = "a-long-name", .other = "done"};
    char whole[100], text[100];
    size_t length = rota_trace_format(5000, "c1", &note, whole, sizeof whole);

    (void)state;
    for (size_t size = 1; size <= length + 1; size++) {
        memset(text, '?', sizeof text);
        assert_int_equal(rota_trace_format(5000, "c1", &note, text, size), size - 1);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], '?');
    }
}

static void every_note_has_a_name_and_a_sentence(void **state)
{
    char text[200];

    (void)state;
    for (int kind = 0; kind < ROTA_NOTE_KINDS; kind++) {
        struct rota_note note = {
            .kind = (enum rota_note_kind)kind, .name = "n", .other = "o", .a = 1, .b = 2, .c = 3};

        assert_true(strlen(rota_note_name(note.kind)) > 1);
        assert_true(rota_note_format(&note, text, sizeof text) > 0);
        assert_null(strchr(text, '%'));
    }
    assert_string_equal(rota_note_name(ROTA_NOTE_ELECTED), "ELECTED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_lines_keep_their_columns),
        cmocka_unit_test(trace_lines_are_cut),
        cmocka_unit_test(every_note_has_a_name_and_a_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
