/* A text that grows. */
#ifndef ROTA_TESTS_CONFORMANCE_TEXT_H
#define ROTA_TESTS_CONFORMANCE_TEXT_H

#include <stddef.h>

/* Zeroed memory is an empty text. */
struct text {
    char *at; /* NULL while nothing was ever added */
    size_t length;
    size_t size;
};

/* Adds to the end. */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds bytes that a terminal may not survive: what is not printable ASCII becomes \xNN, and a text
 * longer than 80 bytes is cut in the middle, with its length and a checksum instead. */
void text_add_bytes(struct text *t, const char *bytes, size_t length);

/* The text, "" when there is none. */
const char *text_of(const struct text *t);

/* Empties it and keeps the memory. */
void text_clear(struct text *t);

/* Frees the memory. */
void text_close(struct text *t);

#endif
