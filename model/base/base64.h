/* Base64 with padding: RFC 4648, section 4. */
#ifndef ROTA_MODEL_BASE_BASE64_H
#define ROTA_MODEL_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* The size of the text for so many bytes, with its end. */
#define ROTA_BASE64_TEXT_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)

/* The most bytes that a text of so many characters can hold. */
#define ROTA_BASE64_DATA_SIZE(characters) ((characters) / 4 * 3)

/* Writes the text for `length` bytes, terminated, into `text` of `size` bytes, which must be
 * enough. `data` may be NULL if `length` is 0. Returns the length of the text. */
size_t rota_base64_encode(char *text, size_t size, const void *data, size_t length);

/* Writes the bytes that a text of `length` characters stands for into `data` of `size` bytes and
 * their number into `*written`. Strict: false if a character is none of the alphabet, if the
 * padding is missing or in another place than the end, or if `size` is too small. */
bool rota_base64_decode(void *data, size_t size, size_t *written, const char *text, size_t length);

#endif
