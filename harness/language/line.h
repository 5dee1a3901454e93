/* Where the lines of a file's bytes begin and end. */
#ifndef ROTA_HARNESS_LANGUAGE_LINE_H
#define ROTA_HARNESS_LANGUAGE_LINE_H

#include <stddef.h>

/* The length of the line at byte `at`, without its newline. */
size_t rota_line_length(const char *bytes, size_t length, size_t at);

/* Where the line after the one at byte `at` begins; `length` after the last line. */
size_t rota_line_next(const char *bytes, size_t length, size_t at);

#endif
