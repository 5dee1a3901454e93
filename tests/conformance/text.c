#include "tests/conformance/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/base/assert.h"
#include "system/memory.h"

enum { SHOWN_MOST = 80, SHOWN_EDGE = 24 };

static void need(struct text *t, size_t more)
{
    if (t->length + more + 1 <= t->size)
        return;
    t->size = 2 * (t->length + more + 1);
    t->at = rota_memory_grow(t->at, t->size);
}

void text_add(struct text *t, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    rota_assert(length >= 0);
    need(t, (size_t)length);
    va_start(arguments, format);
    vsnprintf(t->at + t->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    t->length += (size_t)length;
}

static void add_plain(struct text *t, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c > ' ' && c < 0x7f && c != '\\')
            text_add(t, "%c", c);
        else
            text_add(t, "\\x%02x", c);
    }
}

void text_add_bytes(struct text *t, const char *bytes, size_t length)
{
    if (length <= SHOWN_MOST) {
        add_plain(t, bytes, length);
        return;
    }
    add_plain(t, bytes, SHOWN_EDGE);
    text_add(t, "..%zu:%016" PRIx64 "..", length, (uint64_t)XXH3_64bits(bytes, length));
    add_plain(t, bytes + length - SHOWN_EDGE, SHOWN_EDGE);
}

const char *text_of(const struct text *t)
{
    return t->at == NULL ? "" : t->at;
}

void text_clear(struct text *t)
{
    t->length = 0;
    if (t->at != NULL)
        t->at[0] = '\0';
}

void text_close(struct text *t)
{
    free(t->at);
    *t = (struct text){0};
}
