#include "cli/base/wall_clock.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Reads digits. Returns the rest of the text; NULL if there are no digits, or too many. */
static const char *read_digits(const char *text, int64_t *number)
{
    enum { MOST = 18 };
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > MOST)
        return NULL;
    *number = 0;
    for (size_t i = 0; i < digits; i++)
        *number = *number * 10 + (text[i] - '0');
    return text + digits;
}

/* Reads HH:MM[:SS]. Returns the rest of the text, NULL if it is not such a time. */
static const char *read_clock(const char *text, struct tm *tm)
{
    const char *rest = strptime(text, "%H:%M", tm);

    tm->tm_sec = 0;
    return rest != NULL && *rest == ':' ? strptime(rest, ":%S", tm) : rest;
}

/* Reads the time zone behind a time: nothing for local time, Z, or the offset. False if it is none
 * of these. */
static bool read_zone(const char *text, bool *local, int64_t *ahead_ms)
{
    struct tm tm = {0};

    *local = *text == '\0';
    *ahead_ms = 0;
    if (*local || strcmp(text, "Z") == 0)
        return true;
    const char *rest = *text == '+' || *text == '-' ? strptime(text + 1, "%H:%M", &tm) : NULL;
    *ahead_ms = (*text == '-' ? -1 : 1) * (tm.tm_hour * 60 + tm.tm_min) * INT64_C(60000);
    return rest != NULL && *rest == '\0';
}

static const char not_a_time[] = "is not a time such as 2026-11-21T08:00:00Z, 08:00 or @1795248000";

static const char *read_date(const char *text, int64_t *ms)
{
    struct tm tm = {.tm_isdst = -1};
    bool local;
    int64_t ahead_ms;
    const char *rest = strptime(text, "%Y-%m-%d", &tm);

    if (rest == NULL || (*rest != 'T' && *rest != ' '))
        return not_a_time;
    rest = read_clock(rest + 1, &tm);
    if (rest == NULL || !read_zone(rest, &local, &ahead_ms))
        return not_a_time;
    int day = tm.tm_mday;
    time_t seconds = local ? mktime(&tm) : timegm(&tm);
    if (tm.tm_mday != day)
        return "is a day that its month does not have";
    *ms = (int64_t)seconds * 1000 - ahead_ms;
    return NULL;
}

const char *rota_wall_clock_read(const char *text, int64_t now_ms, int64_t *ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm today;

    if (text[0] == '@') {
        int64_t seconds;
        const char *rest = read_digits(text + 1, &seconds);

        if (rest == NULL || *rest != '\0' || seconds > INT64_MAX / 1000)
            return not_a_time;
        *ms = seconds * 1000;
        return NULL;
    }
    localtime_r(&now, &today);
    const char *rest = read_clock(text, &today);
    if (rest == NULL || *rest != '\0')
        return read_date(text, ms);
    today.tm_isdst = -1;
    *ms = (int64_t)mktime(&today) * 1000;
    return NULL;
}

const char *rota_wall_clock_format(char text[ROTA_WALL_CLOCK_SIZE], int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (localtime_r(&seconds, &tm) == NULL ||
        strftime(text, ROTA_WALL_CLOCK_SIZE, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        snprintf(text, ROTA_WALL_CLOCK_SIZE, "@%" PRId64, ms / 1000);
    return text;
}

int64_t rota_wall_clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
