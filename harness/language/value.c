#include "harness/language/value.h"

#include <string.h>

bool rota_number_read(const char *text, size_t length, uint64_t max, uint64_t *number)
{
    uint64_t value = 0;

    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

        if (digit > 9 || value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

/* What is wrong with a duration whose unit, after so many digits, is unknown. */
static const char *unit_fault(const char *text, size_t digits, size_t length)
{
    for (size_t i = digits; i + 1 < length; i++) {
        if (text[i] == '.')
            return text[i + 1] == '.' ? "is a range; one duration is expected here"
                                      : "is not a whole number; use a smaller unit, as in 1500ms";
    }
    return "has an unknown unit; the units are us, ms, s, m and h";
}

const char *rota_span_read(const char *text, size_t length, rota_span *span)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
    const int64_t max = 1000 * INT64_C(3600000000);
    size_t digits = 0;
    uint64_t number;

    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (digits == 0)
        return "is not a duration such as 250ms, 4s or 2m";
    if (digits == length && rota_number_read(text, length, 0, &number)) {
        *span = 0;
        return NULL;
    }
    if (digits == length)
        return "has no unit; write a duration as 250ms, 4s or 2m";
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].name) != length - digits ||
            memcmp(units[i].name, text + digits, length - digits) != 0)
            continue;
        if (!rota_number_read(text, digits, (uint64_t)(max / units[i].us), &number))
            return "is longer than 1000h";
        *span = (int64_t)number * units[i].us;
        return NULL;
    }
    return unit_fault(text, digits, length);
}
