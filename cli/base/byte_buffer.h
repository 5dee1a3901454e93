/* A growing buffer of bytes: written at its end, read and dropped at its front. */
#ifndef ROTA_CLI_BASE_BYTE_BUFFER_H
#define ROTA_CLI_BASE_BYTE_BUFFER_H

#include <stddef.h>

/* Zeroed memory is an empty buffer. */
struct rota_byte_buffer {
    char *data;
    size_t length;
    size_t capacity;
};

/* Makes room for `size` more bytes. Returns the place of the first of them; the caller raises
 * `length` by what it has written there. */
char *rota_byte_buffer_reserve(struct rota_byte_buffer *b, size_t size);

/* Appends a copy of the bytes. */
void rota_byte_buffer_append(struct rota_byte_buffer *b, const char *data, size_t size);

/* Drops the first `size` bytes. */
void rota_byte_buffer_drop(struct rota_byte_buffer *b, size_t size);

/* Frees the bytes. */
void rota_byte_buffer_close(struct rota_byte_buffer *b);

#endif
