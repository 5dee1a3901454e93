/* A growing text. */
#ifndef ROTA_TESTS_CONFORMANCE_TEXT_H
#define ROTA_TESTS_CONFORMANCE_TEXT_H

#include <stddef.h>

/* Zeroed memory is an empty text. */
struct text {
    char *at; /* NULL until something is added */
    size_t length;
    size_t size;
};

/* Adds to the end. */
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds arbitrary bytes: those that are not printable ASCII become \xNN, and the middle of a text
 * longer than 80 bytes is replaced by its length and a checksum. */
void text_add_bytes(struct text *t, const char *bytes, size_t length);

/* The text, "" if nothing was added. */
const char *text_of(const struct text *t);

/* Empties it and keeps the memory. */
void text_clear(struct text *t);

/* Frees the memory. */
void text_close(struct text *t);

#endif
