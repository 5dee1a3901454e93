#include "harness/language/lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/language/nearest.h"
#include "model/base/utf8.h"
#include "system/memory.h"

enum {
    SHOWN_COLUMNS = 96, /* columns of a line that an error shows */
    WORD_SHOWN = 40,    /* bytes of a word that an error repeats */
    LIST_MAX = 400,     /* bytes of the list of right words */
};

/* ---- characters ---- */

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The number of characters before byte `at` of the line. `at` may lie after the end of the line. */
static uint32_t characters(const struct rota_lexer *l, uint32_t at)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < at; i++)
        count += i >= l->length || !continues(l->source[i]);
    return count;
}

/* ---- errors ---- */

/* A byte as an error shows it. */
static char printable(char c)
{
    unsigned char u = (unsigned char)c;

    return u < 0x20 || u == 0x7f ? ' ' : c;
}

/* Appends the line and a mark under the word. Of a long line, only the surroundings of the word are
 * shown. */
static void show(const struct rota_lexer *l, uint32_t column, uint32_t width, char *text,
                 size_t size)
{
    uint32_t at = column == 0 ? 0 : column - 1;
    uint32_t from =
        at > SHOWN_COLUMNS / 2 && l->length > SHOWN_COLUMNS ? at - SHOWN_COLUMNS / 2 : 0;
    uint32_t to;
    size_t n = 0;

    if (size < (size_t)(2 * (SHOWN_COLUMNS + 8)))
        return;
    while (from < l->length && continues(l->source[from]))
        from++;
    to = l->length > from + SHOWN_COLUMNS ? from + SHOWN_COLUMNS : l->length;
    while (to < l->length && to > from && continues(l->source[to]))
        to--;
    n += (size_t)snprintf(text, size, "\n    ");
    for (uint32_t i = from; i < to; i++)
        text[n++] = printable(l->source[i]);
    n += (size_t)snprintf(text + n, size - n, "\n    ");
    for (uint32_t i = from; i < at; i++)
        if (i >= l->length || !continues(l->source[i]))
            text[n++] = ' ';
    text[n++] = '^';
    for (uint32_t i = 1; i < width && at + i < to; i++)
        if (!continues(l->source[at + i]))
            text[n++] = '~';
    text[n] = '\0';
}

bool rota_lexer_fail(struct rota_lexer *l, uint32_t column, uint32_t width, const char *format, ...)
{
    struct rota_scenario_error *e = l->error;
    char sentence[600];
    va_list arguments;
    int n;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    e->line = l->line;
    e->column = l->source == NULL || column == 0 ? column : characters(l, column - 1) + 1;
    n = snprintf(e->text, sizeof e->text, "%.200s:%u:%u: %s", l->file, l->line, e->column,
                 sentence);
    if (l->source != NULL && n > 0 && (size_t)n < sizeof e->text)
        show(l, column, width, e->text + n, sizeof e->text - (size_t)n);
    return false;
}

/* Joins the words. False if the list is longer than a line or two. */
static bool list_words(char *list, const char *const *words)
{
    size_t length = 0;

    list[0] = '\0';
    for (; *words != NULL; words++) {
        int n = snprintf(list + length, LIST_MAX - length, "%s%s", length == 0 ? "" : ", ", *words);

        if (n < 0 || (size_t)n >= LIST_MAX - length)
            return false;
        length += (size_t)n;
    }
    return length > 0;
}

bool rota_lexer_unknown(struct rota_lexer *l, uint32_t column, uint32_t width, const char *text,
                        const char *what, const char *const *candidates)
{
    const char *nearest = rota_nearest(text, candidates);
    char list[LIST_MAX];

    if (nearest == NULL && list_words(list, candidates))
        return rota_lexer_fail(l, column, width, "\"%.*s\" is not %s; there are: %s", WORD_SHOWN,
                               text, what, list);
    if (nearest == NULL)
        return rota_lexer_fail(l, column, width, "\"%.*s\" is not %s", WORD_SHOWN, text, what);
    return rota_lexer_fail(l, column, width, "\"%.*s\" is not %s; did you mean \"%s\"?", WORD_SHOWN,
                           text, what, nearest);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether the line is a partition so far: then `|` needs no space around it. */
static bool divides(const struct rota_lexer *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!l->tokens[i].quoted && strcmp(l->tokens[i].text, "partition") == 0)
            return true;
    return false;
}

/* Copies the word at `*at` to `*out`. Both then point after it. */
static bool take_word(struct rota_lexer *l, uint32_t *at, char **out)
{
    struct rota_token *word = &l->tokens[l->count];
    uint32_t i = *at;
    bool open = false;
    char *to = *out;

    word->text = to;
    word->column = i + 1;
    word->quoted = l->source[i] == '"';
    for (; i < l->length && (open || !is_space(l->source[i])); i++) {
        char c = l->source[i];

        if (!open && i > *at && (c == '|' || l->source[i - 1] == '|') && divides(l))
            break;
        if (c == '"') {
            open = !open;
            continue;
        }
        if (!open && c == '#')
            break;
        if (open && c == '\\' && i + 1 < l->length) {
            c = l->source[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        *to++ = c;
    }
    *to++ = '\0';
    word->width = i - *at;
    if (open)
        return rota_lexer_fail(l, word->column, word->width, "a quotation mark is not closed");
    l->count++;
    *at = i;
    *out = to;
    return true;
}

/* Fails with an error about byte `at` of a file. */
static bool fail_byte(struct rota_lexer *l, const char *bytes, size_t length, size_t begin,
                      size_t at, const char *sentence)
{
    const char *end = memchr(bytes + begin, '\n', length - begin);
    size_t width = end == NULL ? length - begin : (size_t)(end - bytes) - begin;

    if (at - begin > ROTA_LINE_MAX) {
        l->source = NULL;
        return rota_lexer_fail(l, 1, 1, "the line is longer than %d bytes", ROTA_LINE_MAX);
    }
    l->source = bytes + begin;
    l->length = width > ROTA_LINE_MAX ? ROTA_LINE_MAX : (uint32_t)width;
    return rota_lexer_fail(l, (uint32_t)(at - begin) + 1, 1, sentence, (unsigned char)bytes[at]);
}

bool rota_lexer_check_text(struct rota_lexer *l, const char *bytes, size_t length)
{
    size_t begin = 0;

    l->line = 1;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return fail_byte(l, bytes, length, 0, 0,
                         "a byte order mark is not allowed: save the file as UTF-8 without one");
    for (size_t at = 0, n; at < length; at += n) {
        unsigned char c = (unsigned char)bytes[at];

        n = rota_utf8_character(bytes + at, length - at, NULL);
        if (c == '\n') {
            l->line++;
            begin = at + 1;
        } else if (c == '\r') {
            return fail_byte(
                l, bytes, length, begin, at,
                "a carriage return is not allowed: each line ends with a newline only");
        } else if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return fail_byte(l, bytes, length, begin, at,
                             "a control character is not allowed: byte value %u");
        } else if (n == 0) {
            return fail_byte(l, bytes, length, begin, at, "this is not valid UTF-8: byte value %u");
        }
    }
    return true;
}

bool rota_lexer_read(struct rota_lexer *l, uint32_t line, const char *source, size_t length)
{
    char *out;

    l->line = line;
    l->count = 0;
    l->content = 0;
    l->source = source;
    l->length = length > ROTA_LINE_MAX ? ROTA_LINE_MAX : (uint32_t)length;
    if (length > ROTA_LINE_MAX)
        return rota_lexer_fail(l, 1, 1, "the line is longer than %d bytes", ROTA_LINE_MAX);
    if (l->buffer == NULL)
        l->buffer = rota_memory_zeroed(2 * ROTA_LINE_MAX + 2, 1); /* each word and its end */
    out = l->buffer;
    for (uint32_t i = 0; i < l->length && source[i] != '#';) {
        if (is_space(source[i])) {
            i++;
            continue;
        }
        if (l->count == ROTA_TOKENS_MAX)
            return rota_lexer_fail(l, i + 1, 1, "the line has more than %d words", ROTA_TOKENS_MAX);
        if (!take_word(l, &i, &out))
            return false;
        l->content = i;
    }
    return true;
}

void rota_lexer_close(struct rota_lexer *l)
{
    free(l->buffer);
    l->buffer = NULL;
}
