#include "model/base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

uint64_t rota_hash_bytes(const void *bytes, size_t length)
{
    return XXH3_64bits(bytes, length);
}

uint64_t rota_hash_text(const char *text)
{
    return XXH3_64bits(text, strlen(text));
}
