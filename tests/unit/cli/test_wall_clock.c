/* The reading and writing of times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "cli/base/wall_clock.h"

static const int64_t noon = 1795262400000; /* 2026-11-21T12:00:00Z */

static void assert_time(const char *text, int64_t expected)
{
    int64_t ms = -1;

    assert_null(rota_wall_clock_read(text, noon, &ms));
    assert_int_equal(ms, expected);
}

static void assert_not_a_time(const char *text)
{
    int64_t ms;

    assert_non_null(rota_wall_clock_read(text, noon, &ms));
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

static void written_times_can_be_read(void **state)
{
    char text[ROTA_WALL_CLOCK_SIZE];

    (void)state;
    assert_string_equal(rota_wall_clock_format(text, noon), "2026-11-21 14:00:00");
    assert_time(text, noon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(texts_that_are_not_times),
        cmocka_unit_test(written_times_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
