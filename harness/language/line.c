#include "harness/language/line.h"

#include <string.h>

#include "model/base/assert.h"

size_t rota_line_length(const char *bytes, size_t length, size_t at)
{
    const char *end;

    rota_assert(at <= length);
    end = memchr(bytes + at, '\n', length - at);
    return end == NULL ? length - at : (size_t)(end - bytes) - at;
}

size_t rota_line_next(const char *bytes, size_t length, size_t at)
{
    size_t next = at + rota_line_length(bytes, length, at) + 1;

    return next < length ? next : length;
}
