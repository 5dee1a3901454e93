#include "model/base/base64.h"

#include <stdint.h>
#include <string.h>

#include "model/base/assert.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t rota_base64_encode(char *text, size_t size, const void *data, size_t length)
{
    const uint8_t *in = data;
    char *out = text;

    rota_assert(size >= ROTA_BASE64_TEXT_SIZE(length));
    for (size_t i = 0; i < length; i += 3) {
        uint32_t bits = (uint32_t)in[i] << 16 | (i + 1 < length ? (uint32_t)in[i + 1] << 8 : 0) |
                        (i + 2 < length ? in[i + 2] : 0);

        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < length ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < length ? digits[bits & 63] : '=';
    }
    *out = '\0';
    return (size_t)(out - text);
}

/* Reads four characters. Returns how many bytes they stand for, 0 if they are not base64. */
static size_t decode_group(const char *text, bool last, uint8_t bytes[3])
{
    uint32_t bits = 0;
    size_t padding = 0;

    for (size_t i = 0; i < 4; i++) {
        const char *digit = text[i] == '\0' ? NULL : strchr(digits, text[i]);

        if (text[i] == '=' && last && i >= 2)
            padding++;
        else if (digit == NULL || padding > 0)
            return 0;
        bits = bits << 6 | (digit == NULL ? 0 : (uint32_t)(digit - digits));
    }
    bytes[0] = (uint8_t)(bits >> 16);
    bytes[1] = (uint8_t)(bits >> 8);
    bytes[2] = (uint8_t)bits;
    return 3 - padding;
}

bool rota_base64_decode(void *data, size_t size, size_t *written, const char *text, size_t length)
{
    uint8_t *out = data;

    *written = 0;
    if (length % 4 != 0)
        return false;
    for (size_t i = 0; i < length; i += 4) {
        uint8_t bytes[3];
        size_t n = decode_group(text + i, i + 4 == length, bytes);

        if (n == 0 || size - *written < n)
            return false;
        memcpy(out + *written, bytes, n);
        *written += n;
    }
    return true;
}
