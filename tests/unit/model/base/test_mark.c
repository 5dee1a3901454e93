/* Coverage marks: sets of them, and their names in scenarios. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/mark.h"

static void a_set_holds_what_was_put_or_joined(void **state)
{
    struct rota_marks one = {0}, other = {0};

    (void)state;
    for (int mark = 0; mark < ROTA_MARKS; mark++)
        rota_marks_put(mark % 3 == 0 ? &one : &other, (enum rota_mark)mark);
    for (int mark = 0; mark < ROTA_MARKS; mark++)
        assert_int_equal(rota_marks_have(&one, (enum rota_mark)mark), mark % 3 == 0);
    rota_marks_join(&one, &other);
    for (int mark = 0; mark < ROTA_MARKS; mark++) {
        assert_true(rota_marks_have(&one, (enum rota_mark)mark));
        assert_int_equal(rota_marks_have(&other, (enum rota_mark)mark), mark % 3 != 0);
    }
}

static void a_name_is_in_lower_case_with_dashes(void **state)
{
    char text[40] = "";

    (void)state;
    rota_mark_format(ROTA_MARK_TAKEOVER_WITH_BACKLOG, text, sizeof text);
    assert_string_equal(text, "takeover-with-backlog");
    rota_mark_format(ROTA_MARK_NOTE_LEASE_OVER, text, sizeof text);
    assert_string_equal(text, "lease-over");
    text[9] = '!';
    rota_mark_format(ROTA_MARK_TAKEOVER_WITH_BACKLOG, text, 9); /* cut, and terminated */
    assert_string_equal(text, "takeover");
    assert_int_equal(text[9], '!');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_holds_what_was_put_or_joined),
        cmocka_unit_test(a_name_is_in_lower_case_with_dashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
