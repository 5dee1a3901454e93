#include "server/java_text.h"

#include <string.h>

/* The length of a character that begins with `first`, 0 if no character begins so. */
static unsigned character_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Reads one character, as Java's String does: malformed bytes become U+FFFD, as many at a time as
 * could still have begun a character. Moves `at` behind it. */
static uint32_t decode(const unsigned char **at)
{
    const unsigned char *s = *at;
    unsigned length = character_length(s[0]);
    unsigned char least = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = s[0] == 0xf4 ? 0x8f : 0xbf;
    uint32_t c = length < 2 ? s[0] : s[0] & (0x7fu >> length);

    *at = s + 1;
    if (length == 0)
        return 0xfffd;
    for (unsigned i = 1; i < length; i++) {
        if (s[i] < least || s[i] > most)
            return 0xfffd;
        c = c << 6 | (s[i] & 0x3f);
        *at = s + i + 1;
        least = 0x80;
        most = 0xbf;
    }
    return c >= 0xd800 && c <= 0xdfff ? 0xfffd : c;
}

/* Writes one character as a Java server does: each half of a surrogate pair separately. Returns the
 * end. */
static char *encode(char *to, uint32_t c)
{
    if (c >= 0x10000) {
        to = encode(to, 0xd800 + ((c - 0x10000) >> 10));
        c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c >= 0x800) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        *to++ = (char)(0xc0 | c >> 6);
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

void rota_java_text_encode(const char *text, char *to)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';)
        to = encode(to, decode(&at));
    *to = '\0';
}

bool rota_java_text_equals(const char *text, const char *encoded)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        char character[8];
        size_t length = (size_t)(encode(character, decode(&at)) - character);

        if (strncmp(encoded, character, length) != 0)
            return false;
        encoded += length;
    }
    return *encoded == '\0';
}

void rota_java_text_repair(const char *text, char *to)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        const unsigned char *from = at;
        uint32_t c = decode(&at);

        if (c == 0xfffd) {
            to = encode(to, c);
        } else {
            memcpy(to, from, (size_t)(at - from));
            to += at - from;
        }
    }
    *to = '\0';
}

static bool character_allowed(uint32_t c)
{
    return c > 0x1f && !(c >= 0x7f && c <= 0x9f) && !(c >= 0xd800 && c <= 0xf8ff) && !(c >= 0xfff0);
}

bool rota_java_text_is_path(const char *path)
{
    const unsigned char *at = (const unsigned char *)path;

    if (path[0] != '/')
        return false;
    for (const char *e = path; path[1] != '\0' && e != NULL; e = strchr(e + 1, '/')) {
        size_t n = strcspn(e + 1, "/");

        if (n == 0 || (n == 1 && e[1] == '.') || (n == 2 && e[1] == '.' && e[2] == '.'))
            return false;
    }
    while (*at != '\0')
        if (!character_allowed(decode(&at)))
            return false;
    return true;
}

uint32_t rota_java_text_hash(const char *text)
{
    uint32_t hash = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        uint32_t character = *c;

        if (*c >= 0xc0) {
            unsigned more = *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;

            character &= 0x3fu >> more;
            for (; more > 0 && c[1] != '\0'; more--)
                character = character << 6 | (*++c & 0x3f);
        }
        if (character >= 0x10000) {
            hash = hash * 31 + 0xd800 + ((character - 0x10000) >> 10);
            character = 0xdc00 + ((character - 0x10000) & 0x3ff);
        }
        hash = hash * 31 + character;
    }
    return hash;
}
