#include "harness/language/lexer.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum {
    SHOWN = 96,   /* columns of a line that an error shows */
    NAMED = 40,   /* bytes of a word that an error repeats */
    LISTED = 400, /* bytes of the words that it lists if none is near */
};

/* ---- characters ---- */

/* The length of the character at `at` in UTF-8, 0 if there is none. */
static size_t character(const char *bytes, size_t length, size_t at)
{
    const unsigned char *u = (const unsigned char *)bytes + at;
    size_t n = u[0] < 0x80 ? 1 : u[0] < 0xc2 ? 0 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

    if (n == 0 || u[0] > 0xf4 || n > length - at)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
        (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
        return 0;
    return n;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Characters before byte `at` of the line, which may lie behind its end. */
static uint32_t characters(const struct rota_lexer *w, uint32_t at)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < at; i++)
        count += i >= w->length || !continues(w->source[i]);
    return count;
}

/* ---- errors ---- */

/* A byte as an error may show it. */
static char printable(char c)
{
    unsigned char u = (unsigned char)c;

    return u < 0x20 || u == 0x7f ? ' ' : c;
}

/* Appends the line and a mark under the word; of a long line what surrounds the word. */
static void show(const struct rota_lexer *w, uint32_t column, uint32_t width, char *text,
                 size_t size)
{
    uint32_t at = column == 0 ? 0 : column - 1;
    uint32_t from = at > SHOWN / 2 && w->length > SHOWN ? at - SHOWN / 2 : 0;
    uint32_t to;
    size_t n = 0;

    if (size < (size_t)(2 * (SHOWN + 8)))
        return;
    while (from < w->length && continues(w->source[from]))
        from++;
    to = w->length > from + SHOWN ? from + SHOWN : w->length;
    while (to < w->length && to > from && continues(w->source[to]))
        to--;
    n += (size_t)snprintf(text, size, "\n    ");
    for (uint32_t i = from; i < to; i++)
        text[n++] = printable(w->source[i]);
    n += (size_t)snprintf(text + n, size - n, "\n    ");
    for (uint32_t i = from; i < at; i++) {
        if (i >= w->length || !continues(w->source[i]))
            text[n++] = ' ';
    }
    text[n++] = '^';
    for (uint32_t i = 1; i < width && at + i < to; i++) {
        if (!continues(w->source[at + i]))
            text[n++] = '~';
    }
    text[n] = '\0';
}

bool rota_lexer_fail(struct rota_lexer *w, uint32_t column, uint32_t width, const char *format, ...)
{
    struct rota_scenario_error *e = w->error;
    char sentence[600];
    va_list arguments;
    int n;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    e->line = w->line;
    e->column = w->source == NULL || column == 0 ? column : characters(w, column - 1) + 1;
    n = snprintf(e->text, sizeof e->text, "%.200s:%u:%u: %s", w->file, w->line, e->column,
                 sentence);
    if (w->source != NULL && n > 0 && (size_t)n < sizeof e->text)
        show(w, column, width, e->text + n, sizeof e->text - (size_t)n);
    return false;
}

/* Joins the words, if that gives no more than a line or two. */
static bool list_words(char *list, const char *const *words)
{
    size_t length = 0;

    list[0] = '\0';
    for (; *words != NULL; words++) {
        int n = snprintf(list + length, LISTED - length, "%s%s", length == 0 ? "" : ", ", *words);

        if (n < 0 || (size_t)n >= LISTED - length)
            return false;
        length += (size_t)n;
    }
    return length > 0;
}

bool rota_lexer_unknown(struct rota_lexer *w, uint32_t column, uint32_t width, const char *text,
                        const char *what, const char *const *candidates)
{
    const char *nearest = rota_nearest(text, candidates);
    char list[LISTED];

    if (nearest == NULL && list_words(list, candidates))
        return rota_lexer_fail(w, column, width, "\"%.*s\" is not %s; there are: %s", NAMED, text,
                               what, list);
    if (nearest == NULL)
        return rota_lexer_fail(w, column, width, "\"%.*s\" is not %s", NAMED, text, what);
    return rota_lexer_fail(w, column, width, "\"%.*s\" is not %s; did you mean \"%s\"?", NAMED,
                           text, what, nearest);
}

static bool differ(char a, char b)
{
    return tolower((unsigned char)a) != tolower((unsigned char)b);
}

/* How many letters, small or capital, are to be inserted, removed, replaced or swapped with the
 * next to make `b` of `a`. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t rows[3][NAMED + 1];
    size_t m = strlen(a);
    size_t n = strlen(b);

    if (m > NAMED || n > NAMED)
        return UINT32_MAX;
    for (uint32_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= m; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *higher = rows[(i + 1) % 3];

        row[0] = i;
        for (uint32_t j = 1; j <= n; j++) {
            uint32_t least = above[j - 1] + differ(a[i - 1], b[j - 1]);

            if (above[j] + 1 < least)
                least = above[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                higher[j - 2] + 1 < least)
                least = higher[j - 2] + 1;
            row[j] = least;
        }
    }
    return rows[m % 3][n];
}

const char *rota_nearest(const char *text, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t length = strlen(text);
    uint32_t least = length < 4 ? 2 : length < 8 ? 3 : 4; /* at this distance nothing is near */

    for (; *candidates != NULL; candidates++) {
        bool begun = length >= 3 && strncmp(text, *candidates, length) == 0;
        uint32_t d = begun ? 1 : distance(text, *candidates);

        if (d < least) {
            least = d;
            nearest = *candidates;
        }
    }
    return nearest;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether the line is a partition's so far, in which `|` needs no space around it. */
static bool divides(const struct rota_lexer *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (!w->words[i].quoted && strcmp(w->words[i].text, "partition") == 0)
            return true;
    }
    return false;
}

/* Copies the word at `*at` to `*out`, moves both behind it. */
static bool take_word(struct rota_lexer *w, uint32_t *at, char **out)
{
    struct rota_token *word = &w->words[w->count];
    uint32_t i = *at;
    bool open = false;
    char *to = *out;

    word->text = to;
    word->column = i + 1;
    word->quoted = w->source[i] == '"';
    for (; i < w->length && (open || !is_space(w->source[i])); i++) {
        char c = w->source[i];

        if (!open && i > *at && (c == '|' || w->source[i - 1] == '|') && divides(w))
            break;
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
        return rota_lexer_fail(w, word->column, word->width, "a quotation mark is not closed");
    w->count++;
    *at = i;
    *out = to;
    return true;
}

/* Fails about byte `at` of a file. */
static bool fail_byte(struct rota_lexer *w, const char *bytes, size_t length, size_t begin,
                      size_t at, const char *sentence)
{
    const char *end = memchr(bytes + begin, '\n', length - begin);
    size_t width = end == NULL ? length - begin : (size_t)(end - bytes) - begin;

    if (at - begin > ROTA_LINE_MOST) {
        w->source = NULL;
        return rota_lexer_fail(w, 1, 1, "the line is longer than %d bytes", ROTA_LINE_MOST);
    }
    w->source = bytes + begin;
    w->length = width > ROTA_LINE_MOST ? ROTA_LINE_MOST : (uint32_t)width;
    return rota_lexer_fail(w, (uint32_t)(at - begin) + 1, 1, sentence, (unsigned char)bytes[at]);
}

bool rota_lexer_check(struct rota_lexer *w, const char *bytes, size_t length)
{
    size_t begin = 0;

    w->line = 1;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return fail_byte(w, bytes, length, 0, 0,
                         "a byte order mark has no place in a scenario: UTF-8 needs none");
    for (size_t at = 0, n; at < length; at += n) {
        unsigned char c = (unsigned char)bytes[at];

        n = character(bytes, length, at);
        if (c == '\n') {
            w->line++;
            begin = at + 1;
        } else if (c == '\r') {
            return fail_byte(w, bytes, length, begin, at,
                             "a carriage return has no place in a scenario: lines end in a newline"
                             " alone");
        } else if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return fail_byte(w, bytes, length, begin, at,
                             "a byte of value %u has no place in a scenario");
        } else if (n == 0) {
            return fail_byte(w, bytes, length, begin, at, "a byte of value %u is not UTF-8 here");
        }
    }
    return true;
}

bool rota_lexer_read(struct rota_lexer *w, uint32_t line, const char *source, size_t length)
{
    char *out;

    w->line = line;
    w->count = 0;
    w->useful = 0;
    w->source = source;
    w->length = length > ROTA_LINE_MOST ? ROTA_LINE_MOST : (uint32_t)length;
    if (length > ROTA_LINE_MOST)
        return rota_lexer_fail(w, 1, 1, "the line is longer than %d bytes", ROTA_LINE_MOST);
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
            return rota_lexer_fail(w, i + 1, 1, "the line has more than %d words", ROTA_WORDS_MOST);
        if (!take_word(w, &i, &out))
            return false;
        w->useful = i;
    }
    return true;
}

void rota_lexer_close(struct rota_lexer *w)
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
    if (digits == length && rota_number_read(text, length, 0, &number)) {
        *span = 0;
        return NULL;
    }
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
    for (size_t i = digits; i + 1 < length; i++) {
        if (text[i] == '.')
            return text[i + 1] == '.' ? "is a range, and one duration is wanted"
                                      : "is not whole: a smaller unit says it, as 1500ms does";
    }
    return "has a unit that is none of us, ms, s, m and h";
}
