/* Texts as a ZooKeeper server holds them: as Java's strings, of characters in sixteen bits. */
#ifndef ROTA_SERVER_JAVA_TEXT_H
#define ROTA_SERVER_JAVA_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Writes a text as a server sends it after it has read it: malformed UTF-8 has become U+FFFD, and
 * each half of a surrogate pair is encoded separately. `to` has room for three times the bytes of
 * the text and the NUL. */
void rota_java_text_encode(const char *text, char *to);

/* Whether `encoded` is the text in that encoding. */
bool rota_java_text_equals(const char *text, const char *encoded);

/* Writes a text as valid UTF-8: malformed bytes become U+FFFD, the rest stays the same. `to` has
 * room for three times the bytes of the text and the NUL. */
void rota_java_text_repair(const char *text, char *to);

/* Whether a server accepts this path for writing: UTF-8, absolute, without empty, "." or ".."
 * elements, without control characters, and inside of the basic plane (S31). */
bool rota_java_text_is_path(const char *path);

/* Java's hash of a string. The text is valid UTF-8. */
uint32_t rota_java_text_hash(const char *text);

#endif
