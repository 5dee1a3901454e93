/* UTF-8 (RFC 3629), the only form in which ZooKeeper holds the text of a path. */
#ifndef ROTA_MODEL_BASE_UTF8_H
#define ROTA_MODEL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The number of bytes of the character at `at`, where `left` bytes can be read, at least one. 0 if
 * they are not UTF-8; `*malformed` is then the number of bytes that a decoder replaces by one
 * U+FFFD: those that could still have become a character, at least one. `malformed` may be NULL. */
size_t rota_utf8_character(const void *at, size_t left, size_t *malformed);

/* True if all of the text is UTF-8. */
bool rota_utf8_valid(const char *text);

#endif
