/* Durations: what is read where, what is refused and why, and how they are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/duration.h"

#define OPTION   ROTA_DURATION_OPTION
#define SCENARIO ROTA_DURATION_SCENARIO

static void reads(const char *text, enum rota_duration_language language, int64_t us)
{
    int64_t found = -1;

    assert_null(rota_duration_read(text, strlen(text), language, &found));
    assert_int_equal(found, us);
}

static void refuses(const char *text, enum rota_duration_language language, const char *why)
{
    int64_t us;
    const char *wrong = rota_duration_read(text, strlen(text), language, &us);

    assert_non_null(wrong);
    if (strstr(wrong, why) == NULL)
        assert_string_equal(wrong, why);
}

static void each_language_has_its_units(void **state)
{
    (void)state;
    reads("0ms", OPTION, 0);
    reads("250ms", OPTION, 250000);
    reads("10s", OPTION, 10000000);
    reads("2m", OPTION, 120000000);
    reads("1h", OPTION, 3600000000);
    reads("7d", OPTION, 7 * INT64_C(86400000000));
    reads("007s", OPTION, 7000000);
    refuses("7us", OPTION, "has a unit that is none of ms, s, m, h and d");
    reads("7us", SCENARIO, 7);
    reads("250ms", SCENARIO, 250000);
    reads("1000h", SCENARIO, INT64_C(3600000000000));
    refuses("7d", SCENARIO, "has a unit that is none of us, ms, s, m and h");
}

static void zero_needs_no_unit_in_a_scenario(void **state)
{
    (void)state;
    reads("0", SCENARIO, 0);
    reads("00", SCENARIO, 0);
    refuses("5", SCENARIO, "has no unit");
    refuses("0", OPTION, "has no unit");
}

static void the_sentence_says_what_is_wrong(void **state)
{
    (void)state;
    refuses("", OPTION, "is not a duration such as");
    refuses("soon", OPTION, "is not a duration such as");
    refuses("s", SCENARIO, "is not a duration such as");
    refuses("-5s", OPTION, "is negative");
    refuses("-5s", SCENARIO, "is negative");
    refuses("5", OPTION, "has no unit");
    refuses("5 s", OPTION, "has a unit that is none of");
    refuses("5ss", OPTION, "has a unit that is none of");
    refuses("5.", SCENARIO, "has a unit that is none of");
    refuses("1.5s", SCENARIO, "is not a whole number");
    refuses("1.5s", OPTION, "is not a whole number");
    refuses("5s..6s", SCENARIO, "is a range");
}

static void a_duration_is_bounded(void **state)
{
    (void)state;
    refuses("1001h", SCENARIO, "is longer than 1000h");
    refuses("99999999999999999999h", SCENARIO, "is longer than 1000h");
    refuses("3600000000001us", SCENARIO, "is longer than 1000h");
    reads("3600000000000us", SCENARIO, INT64_C(3600000000000));
    reads("9223372036854775ms", OPTION, INT64_C(9223372036854775000));
    refuses("9223372036854776ms", OPTION, "is longer than can be counted");
    refuses("99999999999999999d", OPTION, "is longer than can be counted");
    refuses("99999999999999999999999ms", OPTION, "is longer than can be counted");
}

/* The text need not end where the duration does. */
static void no_more_than_the_length_is_read(void **state)
{
    int64_t us;

    (void)state;
    assert_null(rota_duration_read("5ms", 3, SCENARIO, &us));
    assert_int_equal(us, 5000);
    assert_null(rota_duration_read("15m3s", 3, OPTION, &us));
    assert_int_equal(us, 15 * INT64_C(60000000));
    assert_non_null(rota_duration_read("5ms", 0, OPTION, &us));
    assert_non_null(rota_duration_read("5..", 2, SCENARIO, &us));
}

static void the_coarsest_unit_without_a_rest_is_written(void **state)
{
    static const struct {
        int64_t us;
        enum rota_duration_unit coarsest;
        const char *text;
    } cases[] = {
        {0, ROTA_DURATION_D, "0ms"},
        {7, ROTA_DURATION_D, "7us"},
        {1500000, ROTA_DURATION_D, "1500ms"},
        {90000000, ROTA_DURATION_D, "90s"},
        {120000000, ROTA_DURATION_D, "2m"},
        {INT64_C(86400000000), ROTA_DURATION_D, "1d"},
        {INT64_C(86400000000), ROTA_DURATION_H, "24h"},
        {INT64_C(3600000000), ROTA_DURATION_MS, "3600000ms"},
        {INT64_MAX, ROTA_DURATION_D, "9223372036854775807us"},
    };
    char text[ROTA_DURATION_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(rota_duration_format(text, cases[i].us, cases[i].coarsest),
                            cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_language_has_its_units),
        cmocka_unit_test(zero_needs_no_unit_in_a_scenario),
        cmocka_unit_test(the_sentence_says_what_is_wrong),
        cmocka_unit_test(a_duration_is_bounded),
        cmocka_unit_test(no_more_than_the_length_is_read),
        cmocka_unit_test(the_coarsest_unit_without_a_rest_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
