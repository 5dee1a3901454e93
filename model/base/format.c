#include "model/base/format.h"

#include <stdio.h>

#include "model/base/assert.h"

size_t rota_format_list(char *text, size_t size, const char *format, va_list list)
{
    int length = vsnprintf(text, size, format, list);

    rota_assert(length >= 0);
    return (size_t)length;
}

size_t rota_format(char *text, size_t size, const char *format, ...)
{
    va_list list;
    size_t length;

    va_start(list, format);
    length = rota_format_list(text, size, format, list);
    va_end(list);
    return length;
}
