#include "harness/language/value.h"

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
