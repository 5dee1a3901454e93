#include "model/tree/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct rota_bytes bytes_of(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

/* The number after ` key=` in a text; `otherwise` if there is none from 0 to INT64_MAX. */
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

enum {
    SLOTS_MAX = 4096, /* of one worker */
    ATTEMPTS_MAX = 1000000,
    TEXT_MAX = 4096,
    HISTORY_MAX = 4096,
    HISTORY_LINES = 40,
    REASON_MAX = 200,
};

struct rota_bytes rota_worker_record_write(struct rota_outbox *o,
                                           const struct rota_worker_record *r)
{
    bool tags = r->tags != NULL && r->tags[0] != '\0';

    return bytes_of(rota_outbox_text(o, "%s slots=%" PRIu32 "%s%s", r->address, r->slots,
                                     tags ? " tags=" : "", tags ? r->tags : ""));
}

void rota_worker_record_read(struct rota_outbox *o, struct rota_bytes data,
                             struct rota_worker_record *r)
{
    char *text = rota_outbox_text_of(o, data, TEXT_MAX);
    char *tags = strstr(text, " tags=");

    r->tags = "";
    if (tags != NULL) {
        tags += strlen(" tags=");
        r->tags = rota_outbox_text(o, "%.*s", (int)strcspn(tags, " "), tags);
    }
    r->slots = count_in(text, "slots", 1, SLOTS_MAX);
    text[strcspn(text, " ")] = '\0';
    r->address = text;
}

/* ` key=N`; "" for 0. */
static const char *number_text(struct rota_outbox *o, const char *key, int64_t number)
{
    return number == 0 ? "" : rota_outbox_text(o, " %s=%" PRId64, key, number);
}

struct rota_bytes rota_attempt_record_write(struct rota_outbox *o,
                                            const struct rota_attempt_record *r)
{
    bool reason = r->reason != NULL && r->reason[0] != '\0';
    bool history = r->history != NULL && r->history[0] != '\0';

    return bytes_of(rota_outbox_text(
        o, "attempt=%" PRIu32 " losses=%" PRIu32 "%s%s epoch=%" PRId64 "%s%s%s%s%s", r->attempt,
        r->losses, number_text(o, "spared", r->excused_losses),
        number_text(o, "failures", r->failures), r->epoch, number_text(o, "delay", r->delay_ms),
        reason ? " reason=" : "", reason ? r->reason : "", history ? "\n" : "",
        history ? r->history : ""));
}

void rota_attempt_record_read(struct rota_outbox *o, struct rota_bytes data,
                              struct rota_attempt_record *r)
{
    char *text = rota_outbox_text_of(o, data, TEXT_MAX + HISTORY_MAX);
    char *history = strchr(text, '\n');
    char *reason;

    r->history = "";
    if (history != NULL) {
        *history = '\0';
        r->history = history + 1;
    }
    reason = strstr(text, " reason=");
    r->reason = "";
    if (reason != NULL) {
        *reason = '\0';
        r->reason = reason + strlen(" reason=");
    }
    r->attempt = count_in(text, "attempt", 1, ATTEMPTS_MAX);
    r->losses = count_in(text, "losses", 0, ATTEMPTS_MAX);
    r->excused_losses = count_in(text, "spared", 0, ATTEMPTS_MAX);
    r->failures = count_in(text, "failures", 0, ATTEMPTS_MAX);
    r->epoch = number_in(text, "epoch", 0);
    r->delay_ms = number_in(text, "delay", 0);
}

/* ---- lines ---- */

/* Copies the first line of `text` to `*line`. Returns the rest, NULL if there was no line. */
static const char *take_line(struct rota_outbox *o, const char *text, char **line)
{
    size_t n = strcspn(text, "\n");

    if (text[0] == '\0')
        return NULL;
    *line = rota_outbox_take(o, n + 1);
    memcpy(*line, text, n);
    return text[n] == '\0' ? text + n : text + n + 1;
}

/* Cuts the first word off and returns it. */
static char *take_word(char **text)
{
    char *word = *text;
    size_t n = strcspn(word, " ");

    *text = word[n] == '\0' ? word + n : word + n + 1;
    word[n] = '\0';
    return word;
}

const char *rota_history_line_add(struct rota_outbox *o, const char *history,
                                  const struct rota_history_line *line)
{
    size_t reason = strcspn(line->reason, "\n");
    const char *more = rota_outbox_text(
        o, "%" PRIu32 " %s %" PRId64 " %" PRId64 " %s%s%.*s\n", line->attempt, line->worker,
        line->began_ms, line->ended_ms, line->how, reason == 0 ? "" : " ",
        (int)(reason > REASON_MAX ? REASON_MAX : reason), line->reason);
    uint32_t lines = 1;

    if (history == NULL)
        history = "";
    for (const char *s = history; *s != '\0'; s++)
        lines += *s == '\n';
    for (; history[0] != '\0' &&
           (lines > HISTORY_LINES || strlen(history) + strlen(more) > HISTORY_MAX);
         lines--) {
        const char *end = strchr(history, '\n');

        history = end == NULL ? "" : end + 1;
    }
    return rota_outbox_text(o, "%s%s", history, more);
}

const char *rota_history_line_next(struct rota_outbox *o, const char *history,
                                   struct rota_history_line *line)
{
    char *text;
    const char *rest = take_line(o, history, &text);

    if (rest == NULL)
        return NULL;
    line->attempt = (uint32_t)strtoul(take_word(&text), NULL, 10);
    line->worker = take_word(&text);
    line->began_ms = strtoll(take_word(&text), NULL, 10);
    line->ended_ms = strtoll(take_word(&text), NULL, 10);
    line->how = take_word(&text);
    line->reason = text;
    return rest;
}

const char *rota_order_add(struct rota_outbox *o, const char *orders,
                           const struct rota_order *order)
{
    if (order->drain)
        return rota_outbox_text(o, "%sdrain %" PRId64 "\n", orders, order->drain_ms);
    return rota_outbox_text(o, "%scancel %" PRIu32 " %s\n", orders, order->attempt, order->task);
}

const char *rota_order_next(struct rota_outbox *o, const char *orders, struct rota_order *order)
{
    char *text;
    const char *rest;

    while ((rest = take_line(o, orders, &text)) != NULL) {
        const char *word = take_word(&text);

        *order = (struct rota_order){.drain = strcmp(word, "drain") == 0};
        if (order->drain) {
            order->drain_ms = text[0] == '\0' ? -1 : strtoll(take_word(&text), NULL, 10);
            return rest;
        }
        if (strcmp(word, "cancel") == 0) {
            order->attempt = (uint32_t)strtoul(take_word(&text), NULL, 10);
            order->task = text;
            return rest;
        }
        orders = rest;
    }
    return NULL;
}

struct rota_bytes rota_drain_record_write(struct rota_outbox *o, int64_t timeout_ms)
{
    return bytes_of(timeout_ms < 0 ? "" : rota_outbox_text(o, "timeout=%" PRId64, timeout_ms));
}

int64_t rota_drain_record_read(struct rota_outbox *o, struct rota_bytes data)
{
    return number_in(rota_outbox_text_of(o, data, TEXT_MAX), "timeout", -1);
}

struct rota_bytes rota_bound_record_write(struct rota_outbox *o, int64_t most)
{
    return bytes_of(most <= 0 ? "" : rota_outbox_text(o, "max=%" PRId64, most));
}

int64_t rota_bound_record_read(struct rota_outbox *o, struct rota_bytes data)
{
    return number_in(rota_outbox_text_of(o, data, TEXT_MAX), "max", 0);
}

struct rota_bytes rota_cancel_record_write(struct rota_outbox *o, int64_t czxid)
{
    return bytes_of(rota_outbox_text(o, "task=%" PRId64, czxid));
}

int64_t rota_cancel_record_read(struct rota_outbox *o, struct rota_bytes data)
{
    return number_in(rota_outbox_text_of(o, data, TEXT_MAX), "task", 0);
}

struct rota_bytes rota_collect_record_write(struct rota_outbox *o, int64_t czxid)
{
    return bytes_of(czxid == 0 ? "" : rota_outbox_text(o, "status=%" PRId64, czxid));
}

int64_t rota_collect_record_read(struct rota_outbox *o, struct rota_bytes data)
{
    return number_in(rota_outbox_text_of(o, data, TEXT_MAX), "status", 0);
}

/* ---- the final status of a task ---- */

struct rota_bytes rota_status_record_write(struct rota_outbox *o,
                                           const struct rota_status_record *r)
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

void rota_status_record_read(struct rota_outbox *o, struct rota_bytes data,
                             struct rota_status_record *r)
{
    size_t all = data.length > 0 ? (size_t)data.length : 0;
    const char *bytes = all > 0 ? data.data : "";
    const char *newline = all > 0 ? memchr(bytes, '\n', all) : NULL;
    size_t line = newline == NULL ? all : (size_t)(newline - bytes);
    size_t rest = newline == NULL ? 0 : all - line - 1;
    char *first = rota_outbox_text_of(o, (struct rota_bytes){bytes, (int32_t)line}, TEXT_MAX);
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
