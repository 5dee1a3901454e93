/* Formatted text. Only this file and assert.c include <stdio.h> in the model, for functions that
 * touch no file. */
#ifndef ROTA_MODEL_BASE_FORMAT_H
#define ROTA_MODEL_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` bytes, the end included; what does not fit is cut. Returns the length of
 * the whole, as snprintf does, but never a negative one: a format is right, or the program is
 * wrong. */
size_t rota_format(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t rota_format_list(char *text, size_t size, const char *format, va_list list)
    __attribute__((format(printf, 3, 0)));

#endif
