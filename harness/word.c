#include "harness/word.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/assert.h"

enum {
    SHOWN = 96, /* columns of a line that an error shows */
    NAMED = 40, /* bytes of a word that an error repeats */
};

/* A byte as an error may show it. */
static char printable(char c)
{
    unsigned char u = (unsigned char)c;

    return u < 0x20 || u == 0x7f ? ' ' : c;
}

/* Appends the line and a mark under the word; of a long line what surrounds the word. */
static void show(const struct rota_words *w, uint32_t column, uint32_t width, char *text,
                 size_t size)
{
    uint32_t at = column == 0 ? 0 : column - 1;
    uint32_t from = at > SHOWN / 2 && w->length > SHOWN ? at - SHOWN / 2 : 0;
    uint32_t to = w->length - from > SHOWN ? from + SHOWN : w->length;
    size_t n = 0;

    if (size < (size_t)(2 * (SHOWN + 8)))
        return;
    n += (size_t)snprintf(text, size, "\n    ");
    for (uint32_t i = from; i < to; i++)
        text[n++] = printable(w->source[i]);
    n += (size_t)snprintf(text + n, size - n, "\n    ");
    for (uint32_t i = from; i < at; i++)
        text[n++] = ' ';
    text[n++] = '^';
    for (uint32_t i = 1; i < width && at + i < to; i++)
        text[n++] = '~';
    text[n] = '\0';
}

bool rota_words_fail(struct rota_words *w, uint32_t column, uint32_t width, const char *format, ...)
{
    struct rota_scenario_error *e = w->error;
    char sentence[400];
    va_list arguments;
    int n;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    e->line = w->line;
    e->column = column;
    n = snprintf(e->text, sizeof e->text, "%.200s:%u:%u: %s", w->file, w->line, column, sentence);
    if (w->source != NULL && n > 0 && (size_t)n < sizeof e->text)
        show(w, column, width, e->text + n, sizeof e->text - (size_t)n);
    return false;
}

bool rota_words_unknown(struct rota_words *w, uint32_t column, uint32_t width, const char *text,
                        const char *what, const char *const *candidates)
{
    const char *nearest = rota_nearest(text, candidates);

    if (nearest == NULL)
        return rota_words_fail(w, column, width, "\"%.*s\" is not %s", NAMED, text, what);
    return rota_words_fail(w, column, width, "\"%.*s\" is not %s; did you mean \"%s\"?", NAMED,
                           text, what, nearest);
}

/* How many letters are to be inserted, removed or replaced to make `b` of `a`. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t row[NAMED + 1];
    size_t m = strlen(a);
    size_t n = strlen(b);

    if (m > NAMED || n > NAMED)
        return UINT32_MAX;
    for (uint32_t j = 0; j <= n; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= m; i++) {
        uint32_t corner = row[0];

        row[0] = i;
        for (uint32_t j = 1; j <= n; j++) {
            uint32_t replaced = corner + (a[i - 1] != b[j - 1]);
            uint32_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            corner = row[j];
            row[j] = replaced < least ? replaced : least;
        }
    }
    return row[n];
}

const char *rota_nearest(const char *text, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t length = strlen(text);
    uint32_t least = length < 4 ? 2 : length < 8 ? 3 : 4; /* at this distance nothing is near */

    for (; *candidates != NULL; candidates++) {
        uint32_t d = distance(text, *candidates);

        if (d < least) {
            least = d;
            nearest = *candidates;
        }
    }
    return nearest;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Copies the word at `*at` to `*out`, moves both behind it. */
static bool take_word(struct rota_words *w, uint32_t *at, char **out)
{
    struct rota_word *word = &w->words[w->count];
    uint32_t i = *at;
    bool open = false;
    char *to = *out;

    word->text = to;
    word->column = i + 1;
    word->quoted = w->source[i] == '"';
    for (; i < w->length && (open || !is_space(w->source[i])); i++) {
        char c = w->source[i];

        if (c == '"') {
            open = !open;
            continue;
        }
        if (!open && c == '#')
            break;
        if (open && c == '\\' && i + 1 < w->length) {
            c = w->source[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        *to++ = c;
    }
    *to++ = '\0';
    word->width = i - *at;
    if (open)
        return rota_words_fail(w, word->column, word->width, "a quotation mark is not closed");
    w->count++;
    *at = i;
    *out = to;
    return true;
}

/* A text file has no control bytes but the tab. */
static bool check_bytes(struct rota_words *w)
{
    for (uint32_t i = 0; i < w->length; i++) {
        unsigned char c = (unsigned char)w->source[i];

        if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
            return rota_words_fail(w, i + 1, 1, "a byte of value %u has no place in a scenario", c);
    }
    return true;
}

bool rota_words_read(struct rota_words *w, uint32_t line, const char *source, size_t length)
{
    char *out;

    w->line = line;
    w->count = 0;
    w->useful = 0;
    w->source = source;
    w->length = length > ROTA_LINE_MOST ? ROTA_LINE_MOST : (uint32_t)length;
    if (length > ROTA_LINE_MOST)
        return rota_words_fail(w, 1, 1, "the line is longer than %d bytes", ROTA_LINE_MOST);
    if (!check_bytes(w))
        return false;
    if (w->buffer == NULL)
        w->buffer = malloc(2 * ROTA_LINE_MOST + 2); /* each word and its end */
    rota_assert(w->buffer != NULL);
    out = w->buffer;
    for (uint32_t i = 0; i < w->length && source[i] != '#';) {
        if (is_space(source[i])) {
            i++;
            continue;
        }
        if (w->count == ROTA_WORDS_MOST)
            return rota_words_fail(w, i + 1, 1, "the line has more than %d words", ROTA_WORDS_MOST);
        if (!take_word(w, &i, &out))
            return false;
        w->useful = i;
    }
    return true;
}

void rota_words_close(struct rota_words *w)
{
    free(w->buffer);
    w->buffer = NULL;
}

char *rota_copy(const char *text, size_t length)
{
    char *to = malloc(length + 1);

    rota_assert(to != NULL);
    memcpy(to, text, length);
    to[length] = '\0';
    return to;
}

bool rota_number_read(const char *text, size_t length, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;

    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text[i] - '0';

        if (digit > 9 || value > (most - digit) / 10 || digit > most)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

const char *rota_span_read(const char *text, size_t length, rota_span *span)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
    const int64_t most = 1000 * INT64_C(3600000000);
    size_t digits = 0;
    uint64_t number;

    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    if (digits == 0)
        return "is not a duration such as 250ms, 4s or 2m";
    if (digits == length)
        return "has no unit; a duration is written 250ms, 4s or 2m";
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strlen(units[i].name) != length - digits ||
            memcmp(units[i].name, text + digits, length - digits) != 0)
            continue;
        if (!rota_number_read(text, digits, (uint64_t)(most / units[i].us), &number))
            return "is longer than 1000h";
        *span = (int64_t)number * units[i].us;
        return NULL;
    }
    return "has a unit that is none of us, ms, s, m and h";
}
