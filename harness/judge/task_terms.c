#include "harness/judge/task_terms.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

/* ---- members ---- */

static int64_t number_of(const json_t *object, const char *member, int64_t otherwise)
{
    const json_t *value = json_object_get(object, member);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* Milliseconds as microseconds. */
static rota_span span_of(const json_t *object, const char *member, int64_t otherwise)
{
    return number_of(object, member, otherwise) * 1000;
}

static void read_fatal(const json_t *list, uint8_t *fatal)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t status = json_integer_value(json_array_get(list, i));

        if (status > 0 && status < 256)
            fatal[status / 8] |= (uint8_t)(1u << status % 8);
    }
}

/* NULL if there are none. */
static char *read_names(const json_t *list)
{
    char *names = NULL;
    size_t length = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        size_t more = name == NULL ? 0 : strlen(name) + 1;

        if (name == NULL)
            continue;
        names = rota_memory_grow(names, length + more);
        memcpy(names + length, name, more);
        if (length > 0)
            names[length - 1] = ',';
        length += more;
    }
    return names;
}

/* ---- what the worker receives ---- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);

    return at == NULL ? -1 : (int)(at - digits);
}

/* Decodes base64 (RFC 4648); the padding ends it. Returns how many bytes it wrote to `to`. */
static size_t decode(const char *text, char *to)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t length = 0;

    for (int digit; (digit = digit_of(*text)) >= 0; text++) {
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            to[length++] = (char)(bits >> count & 0xff);
        }
    }
    return length;
}

static void read_payload(struct rota_task_terms *terms, const json_t *object)
{
    const json_t *text = json_object_get(object, "payload");
    const char *base64 = json_string_value(json_object_get(object, "payload_base64"));

    if (text != NULL || base64 == NULL) {
        terms->payload_length = json_string_length(text);
        terms->payload =
            rota_memory_text_of(text == NULL ? "" : json_string_value(text), terms->payload_length);
        return;
    }
    terms->payload = rota_memory_text_of(base64, strlen(base64));
    terms->payload_length = decode(base64, terms->payload);
}

/* ---- the whole specification ---- */

bool rota_task_terms_read(struct rota_task_terms *terms, const char *bytes, size_t length)
{
    json_t *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    const json_t *text = json_object_get(object, "payload");
    bool is_spec = number_of(object, "rota", 0) == 1 && (text == NULL || json_is_string(text));

    memset(terms, 0, sizeof *terms);
    if (is_spec) {
        terms->retries = (uint32_t)number_of(object, "retries", 0);
        terms->losses = (uint32_t)number_of(object, "losses", 0);
        terms->timeout = span_of(object, "timeout_ms", 0);
        terms->backoff = span_of(object, "backoff_ms", 1000);
        terms->backoff_cap = span_of(object, "backoff_cap_ms", 300000);
        terms->expires = span_of(object, "expires_ms", 0);
        terms->delay = span_of(object, "delay_ms", 0);
        terms->keep = number_of(object, "keep_ms", -1) < 0 ? -1 : span_of(object, "keep_ms", 0);
        read_fatal(json_object_get(object, "fatal"), terms->fatal);
        terms->tags = read_names(json_object_get(object, "tags"));
        terms->after = read_names(json_object_get(object, "after"));
        read_payload(terms, object);
    }
    json_decref(object);
    return is_spec;
}

void rota_task_terms_close(struct rota_task_terms *terms)
{
    free(terms->tags);
    free(terms->after);
    free(terms->payload);
}
