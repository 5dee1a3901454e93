#include "model/base/assert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE_SIZE = 512 };

void rota_assert_fail_equal(const char *text, int64_t a, int64_t b, const char *file, unsigned line,
                            const char *function)
{
    char sentence[SENTENCE_SIZE];

    snprintf(sentence, sizeof sentence, "%s: %" PRId64 " and %" PRId64, text, a, b);
    __assert_fail(sentence, file, line, function);
}

void *rota_assert_magic(void *object, size_t offset, uint32_t magic, const char *type,
                        const char *file, unsigned line, const char *function)
{
    char sentence[SENTENCE_SIZE];
    uint32_t found = 0;

    if (object == NULL) {
        snprintf(sentence, sizeof sentence, "%s is NULL", type);
        __assert_fail(sentence, file, line, function);
    }
    memcpy(&found, (const uint8_t *)object + offset, sizeof found);
    if (found == magic)
        return object;
    snprintf(sentence, sizeof sentence, "%s has the magic number %08" PRIx32 ", not %08" PRIx32,
             type, found, magic);
    __assert_fail(sentence, file, line, function);
}
