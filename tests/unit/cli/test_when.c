/* The reading and writing of durations and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/base/when.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */

static void assert_duration(const char *text, int64_t expected)
{
    int64_t ms = -1;
    assert_null(rota_when_read_duration(text, &ms));
    assert_int_equal(ms, expected);
}

static void assert_not_a_duration(const char *text, const char *part)
{
    int64_t ms;
    const char *wrong = rota_when_read_duration(text, &ms);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, part));
}

static void durations_have_a_unit(void **state)
{
    (void)state;
    assert_duration("0ms", 0);
    assert_duration("250ms", 250);
    assert_duration("10s", 10000);
    assert_duration("2m", 120000);
    assert_duration("1h", 3600000);
    assert_duration("7d", 604800000);
    assert_not_a_duration("10", "no unit");
    assert_not_a_duration("10us", "none of ms");
    assert_not_a_duration("1.5s", "none of ms");
    assert_not_a_duration("10 s", "none of ms");
    assert_not_a_duration("", "not a duration");
    assert_not_a_duration("soon", "not a duration");
    assert_not_a_duration("-5s", "negative");
}

static void durations_do_not_overflow(void **state)
{
    (void)state;
    assert_duration("106751991167d", 106751991167 * INT64_C(86400000));
    assert_not_a_duration("106751991168d", "longer");
    assert_not_a_duration("99999999999999999999999s", "longer");
}

static void assert_time(const char *text, int64_t expected)
{
    int64_t ms = -1;
    assert_null(rota_when_read_time(text, noon, &ms));
    assert_int_equal(ms, expected);
}

static void assert_not_a_time(const char *text)
{
    int64_t ms;
    assert_non_null(rota_when_read_time(text, noon, &ms));
}

static void times_are_read(void **state)
{
    (void)state;
    setenv("TZ", "UTC-2", 1); /* two hours ahead */
    tzset();
    assert_time("2026-11-21T12:00:00Z", noon);
    assert_time("2026-11-21T12:00Z", noon);
    assert_time("2026-11-21 12:00Z", noon);
    assert_time("2026-11-21T13:30:00+01:30", noon);
    assert_time("2026-11-21T07:00:00-05:00", noon);
    assert_time("2026-11-21T14:00:00", noon);
    assert_time("14:00", noon);
    assert_time("14:00:01", noon + 1000);
    assert_time("@1795262400", noon);
}

static void texts_that_are_not_times(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "now",
                                        "25:00",
                                        "12:60",
                                        "12",
                                        "12:00x",
                                        "2026-11-21",
                                        "2026-02-30T12:00Z",
                                        "2026-13-01T12:00Z",
                                        "2026-11-21T12:00X",
                                        "2026-11-21T12:00+1",
                                        "@",
                                        "@-1",
                                        "@1x",
                                        "@99999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_not_a_time(texts[i]);
}

static void assert_written(int64_t ms, const char *expected)
{
    char text[ROTA_WHEN_SIZE];
    assert_string_equal(rota_when_write_duration(text, ms), expected);
}

static void written_values_can_be_read(void **state)
{
    char text[ROTA_WHEN_SIZE];
    (void)state;
    assert_written(0, "0ms");
    assert_written(1500, "1500ms");
    assert_written(90000, "90s");
    assert_written(7200000, "2h");
    assert_written(604800000, "7d");
    assert_string_equal(rota_when_write_time(text, noon), "2026-11-21 14:00:00");
    assert_time(text, noon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_a_unit),
        cmocka_unit_test(durations_do_not_overflow),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(texts_that_are_not_times),
        cmocka_unit_test(written_values_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
