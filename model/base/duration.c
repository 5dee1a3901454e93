#include "model/base/duration.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "model/base/format.h"

static const struct {
    const char *name;
    int64_t us;
} units[] = {
    [ROTA_DURATION_US] = {"us", 1},        [ROTA_DURATION_MS] = {"ms", 1000},
    [ROTA_DURATION_S] = {"s", 1000000},    [ROTA_DURATION_M] = {"m", 60000000},
    [ROTA_DURATION_H] = {"h", 3600000000}, [ROTA_DURATION_D] = {"d", 86400000000},
};

/* The rules of each language, and its sentences. */
static const struct {
    enum rota_duration_unit finest;
    enum rota_duration_unit coarsest;
    int64_t most_us;
    bool zero; /* 0 needs no unit */
    const char *none;
    const char *negative;
    const char *unitless;
    const char *unit;
    const char *too_long;
} languages[] = {
    [ROTA_DURATION_OPTION] = {ROTA_DURATION_MS, ROTA_DURATION_D, INT64_MAX, false,
                              "is not a duration such as 250ms, 10s, 2m, 1h or 7d",
                              "is negative; a duration is written 250ms, 10s, 2m, 1h or 7d",
                              "has no unit; a duration is written 250ms, 10s, 2m, 1h or 7d",
                              "has a unit that is none of ms, s, m, h and d",
                              "is longer than can be counted"},
    [ROTA_DURATION_SCENARIO] = {ROTA_DURATION_US, ROTA_DURATION_H, INT64_C(3600000000000), true,
                                "is not a duration such as 250ms, 4s or 2m",
                                "is negative; a duration is written 250ms, 4s or 2m",
                                "has no unit; a duration is written 250ms, 4s or 2m",
                                "has a unit that is none of us, ms, s, m and h",
                                "is longer than 1000h"},
};

/* Reads `count` digits as a number of units; false if that is more than `most` microseconds. */
static bool read_number(const char *text, size_t count, int64_t unit_us, int64_t most, int64_t *us)
{
    int64_t number = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t digit = text[i] - '0';

        if (number > (most / unit_us - digit) / 10 || digit > most / unit_us)
            return false;
        number = number * 10 + digit;
    }
    *us = number * unit_us;
    return true;
}

static size_t count_digits(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && text[n] >= '0' && text[n] <= '9')
        n++;
    return n;
}

/* Says what is wrong with a text whose unit does not exist. */
static const char *unit_wrong(const char *unit, size_t length, enum rota_duration_language language)
{
    const char *point = memchr(unit, '.', length);

    if (point == NULL || point + 1 == unit + length)
        return languages[language].unit;
    return point[1] == '.' ? "is a range, but one duration is expected"
                           : "is not a whole number; use a smaller unit, such as 1500ms";
}

const char *rota_duration_read(const char *text, size_t length,
                               enum rota_duration_language language, int64_t *us)
{
    size_t digits = count_digits(text, length);
    const char *unit = text + digits;

    if (digits == 0)
        return length > 0 && text[0] == '-' ? languages[language].negative
                                            : languages[language].none;
    if (digits == length) {
        bool zero = languages[language].zero && read_number(text, digits, 1, 0, us);

        return zero ? NULL : languages[language].unitless;
    }
    for (unsigned u = languages[language].finest; u <= languages[language].coarsest; u++) {
        if (strlen(units[u].name) != length - digits ||
            memcmp(unit, units[u].name, length - digits) != 0)
            continue;
        return read_number(text, digits, units[u].us, languages[language].most_us, us)
                   ? NULL
                   : languages[language].too_long;
    }
    return unit_wrong(unit, length - digits, language);
}

const char *rota_duration_format(char text[ROTA_DURATION_SIZE], int64_t us,
                                 enum rota_duration_unit coarsest)
{
    unsigned u = us == 0 ? ROTA_DURATION_MS : coarsest;

    while (us % units[u].us != 0)
        u--;
    rota_format(text, ROTA_DURATION_SIZE, "%" PRId64 "%s", us / units[u].us, units[u].name);
    return text;
}
