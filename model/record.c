#include "model/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct rota_bytes bytes_of(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

/* The data as a terminated string; a NUL inside ends it. */
static char *text_of(struct rota_outbox *o, struct rota_bytes data, size_t most)
{
    size_t n = data.length > 0 ? (size_t)data.length : 0;
    char *text;

    if (n > most)
        n = most;
    text = rota_outbox_take(o, n + 1);
    if (n > 0)
        memcpy(text, data.data, n);
    return text;
}

/* The number after ` key=` in a text, `otherwise` if it is not there or not within 0..INT64_MAX. */
static int64_t number_in(const char *text, const char *key, int64_t otherwise)
{
    size_t n = strlen(key);

    for (const char *s = strstr(text, key); s != NULL; s = strstr(s + 1, key)) {
        char *end;
        long long value;

        if ((s != text && s[-1] != ' ') || s[n] != '=' || s[n + 1] < '0' || s[n + 1] > '9')
            continue;
        value = strtoll(s + n + 1, &end, 10);
        if (*end == ' ' || *end == '\0' || *end == ':')
            return value;
    }
    return otherwise;
}

static uint32_t count_in(const char *text, const char *key, uint32_t otherwise, uint32_t most)
{
    int64_t value = number_in(text, key, otherwise);

    return value > most ? most : (uint32_t)value;
}

enum { SLOTS_MAX = 1000000, ATTEMPTS_MAX = 1000000, TEXT_MAX = 4096 };

struct rota_bytes rota_worker_write(struct rota_outbox *o, const struct rota_worker_record *r)
{
    return bytes_of(rota_outbox_text(o, "%s slots=%" PRIu32, r->address, r->slots));
}

void rota_worker_read(struct rota_outbox *o, struct rota_bytes data, struct rota_worker_record *r)
{
    char *text = text_of(o, data, TEXT_MAX);

    r->slots = count_in(text, "slots", 1, SLOTS_MAX);
    text[strcspn(text, " ")] = '\0';
    r->address = text;
}

struct rota_bytes rota_attempt_write(struct rota_outbox *o, const struct rota_attempt_record *r)
{
    bool reason = r->reason != NULL && r->reason[0] != '\0';

    return bytes_of(rota_outbox_text(
        o, "attempt=%" PRIu32 " losses=%" PRIu32 " epoch=%" PRId64 "%s%s", r->attempt, r->losses,
        r->epoch, reason ? " reason=" : "", reason ? r->reason : ""));
}

void rota_attempt_read(struct rota_outbox *o, struct rota_bytes data, struct rota_attempt_record *r)
{
    char *text = text_of(o, data, TEXT_MAX);
    char *reason = strstr(text, " reason=");

    r->reason = "";
    if (reason != NULL) {
        *reason = '\0';
        r->reason = reason + strlen(" reason=");
    }
    r->attempt = count_in(text, "attempt", 1, ATTEMPTS_MAX);
    r->losses = count_in(text, "losses", 0, ATTEMPTS_MAX);
    r->epoch = number_in(text, "epoch", 0);
}

struct rota_bytes rota_status_write(struct rota_outbox *o, const struct rota_status_record *r)
{
    size_t output = r->output.length > 0 ? (size_t)r->output.length : 0;
    size_t errors = r->errors.length > 0 ? (size_t)r->errors.length : 0;
    const char *first = r->reason[0] == '\0' && errors == 0
                            ? r->state
                            : rota_outbox_text(o, "%s errors=%zu: %s", r->state, errors, r->reason);
    size_t length = strlen(first);
    char *data;

    if (output + errors == 0)
        return bytes_of(first);
    data = rota_outbox_take(o, length + 1 + output + errors);
    memcpy(data, first, length);
    data[length] = '\n';
    if (output > 0)
        memcpy(data + length + 1, r->output.data, output);
    if (errors > 0)
        memcpy(data + length + 1 + output, r->errors.data, errors);
    return (struct rota_bytes){data, (int32_t)(length + 1 + output + errors)};
}

void rota_status_read(struct rota_outbox *o, struct rota_bytes data, struct rota_status_record *r)
{
    size_t all = data.length > 0 ? (size_t)data.length : 0;
    const char *bytes = all > 0 ? data.data : "";
    const char *newline = all > 0 ? memchr(bytes, '\n', all) : NULL;
    size_t line = newline == NULL ? all : (size_t)(newline - bytes);
    size_t rest = newline == NULL ? 0 : all - line - 1;
    char *first = text_of(o, (struct rota_bytes){bytes, (int32_t)line}, TEXT_MAX);
    char *colon = strstr(first, ": ");
    size_t errors;

    r->reason = "";
    if (colon != NULL) {
        *colon = '\0';
        r->reason = colon + 2;
    }
    errors = (size_t)number_in(first, "errors", 0);
    if (errors > rest)
        errors = 0;
    first[strcspn(first, " ")] = '\0';
    r->state = first;
    r->output = (struct rota_bytes){rest == 0 ? "" : newline + 1, (int32_t)(rest - errors)};
    r->errors =
        (struct rota_bytes){rest == 0 ? "" : newline + 1 + (rest - errors), (int32_t)errors};
}
