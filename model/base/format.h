/* Formatted text. Only this file and assert.c include <stdio.h> in the model, for functions that
 * touch no file. */
#ifndef ROTA_MODEL_BASE_FORMAT_H
#define ROTA_MODEL_BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Writes at most `size` bytes, the terminating NUL included; cuts the rest. Returns the length of
 * the whole text, as snprintf does. An invalid format is an error of the program and aborts. */
size_t rota_format(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t rota_format_list(char *text, size_t size, const char *format, va_list list)
    __attribute__((format(printf, 3, 0)));

#endif
