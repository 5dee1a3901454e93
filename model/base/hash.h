/* The one hash of the program: XXH3 with 64 bits. It is not cryptographic, and its values are the
 * same on every machine, so traces and files may show them. */
#ifndef ROTA_MODEL_BASE_HASH_H
#define ROTA_MODEL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of `length` bytes; `bytes` may be NULL if `length` is 0. */
uint64_t rota_hash_bytes(const void *bytes, size_t length);

/* The hash of a text, without its end. */
uint64_t rota_hash_text(const char *text);

#endif
