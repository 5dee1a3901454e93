#include "model/base/utf8.h"

#include <stdint.h>
#include <string.h>

size_t rota_utf8_character(const void *at, size_t left, size_t *malformed)
{
    const uint8_t *p = at;
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    /* The second byte excludes longer forms than needed, surrogates, and what is above U+10FFFF. */
    uint8_t least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    size_t good = 1;

    if (malformed != NULL)
        *malformed = 1;
    if (length > 1 && (p[0] < 0xc2 || p[0] > 0xf4))
        return 0;
    for (; good < length; good++) {
        if (good >= left || p[good] < least || p[good] > most)
            return 0;
        if (malformed != NULL)
            *malformed = good + 1;
        least = 0x80;
        most = 0xbf;
    }
    return length;
}

bool rota_utf8_valid(const char *text)
{
    size_t left = strlen(text);

    for (size_t n; left > 0; text += n, left -= n) {
        n = rota_utf8_character(text, left, NULL);
        if (n == 0)
            return false;
    }
    return true;
}
