#include "harness/language/parser.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/base/duration.h"
#include "system/memory.h"

enum { CANDIDATES_MAX = 64 };

/* ---- words ---- */

const struct rota_token *rota_parser_peek(const struct rota_parser *p)
{
    return p->at < p->lexer.count ? &p->lexer.tokens[p->at] : NULL;
}

bool rota_token_is(const struct rota_token *word, const char *text)
{
    return word != NULL && !word->quoted && strcmp(word->text, text) == 0;
}

bool rota_parser_accept(struct rota_parser *p, const char *text)
{
    if (!rota_token_is(rota_parser_peek(p), text))
        return false;
    p->at++;
    return true;
}

bool rota_parser_missing(struct rota_parser *p, const char *what)
{
    return rota_lexer_fail(&p->lexer, p->lexer.content + 2, 1, "%s is missing here", what);
}

const struct rota_token *rota_parser_take(struct rota_parser *p, const char *what)
{
    const struct rota_token *word = rota_parser_peek(p);

    if (word == NULL)
        rota_parser_missing(p, what);
    else
        p->at++;
    return word;
}

bool rota_parser_unknown(struct rota_parser *p, struct rota_word_part part, const char *what,
                         enum rota_keyword_kind kind)
{
    const struct rota_keyword *entries = rota_keywords(kind);
    const char *candidates[CANDIDATES_MAX];
    uint32_t count = 0;

    for (; entries->word != NULL && count + 1 < CANDIDATES_MAX; entries++)
        candidates[count++] = entries->word;
    candidates[count] = NULL;
    return rota_lexer_unknown(&p->lexer, part.column, (uint32_t)part.length, part.text, what,
                              candidates);
}

int rota_parser_take_of(struct rota_parser *p, const char *what, enum rota_keyword_kind kind)
{
    const struct rota_token *word = rota_parser_take(p, what);
    int i;

    if (word == NULL)
        return -1;
    i = rota_keyword_find(kind, word->text);
    if (i < 0)
        rota_parser_unknown(p, rota_word_whole(word), what, kind);
    return i;
}

int rota_parser_take_one(struct rota_parser *p, const char *what, const char *const *list)
{
    const struct rota_token *word = rota_parser_take(p, what);

    if (word == NULL)
        return -1;
    for (int i = 0; list[i] != NULL; i++)
        if (strcmp(word->text, list[i]) == 0)
            return i;
    rota_lexer_unknown(&p->lexer, word->column, word->width, word->text, what, list);
    return -1;
}

bool rota_parser_end(struct rota_parser *p)
{
    const struct rota_token *word = rota_parser_peek(p);

    return word == NULL ||
           ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" is one word too many", word->text);
}

int rota_parser_take_key(struct rota_parser *p, const char *what, enum rota_keyword_kind kind,
                         struct rota_word_part *value)
{
    const struct rota_token *word = rota_parser_take(p, what);
    char key[16];
    size_t length;
    int i;

    if (word == NULL)
        return -1;
    length = strcspn(word->text, "=");
    snprintf(key, sizeof key, "%.*s", length < sizeof key ? (int)length : 15, word->text);
    i = word->text[length] == '=' && length < sizeof key ? rota_keyword_find(kind, key) : -1;
    if (word->text[length] == '\0' && rota_keyword_find(kind, word->text) >= 0) {
        rota_lexer_fail(&p->lexer, word->column + word->width, 1, "a value is missing here: %s=...",
                        word->text);
        return -1;
    }
    if (i < 0) {
        rota_parser_unknown(p, (struct rota_word_part){key, strlen(key), word->column}, what, kind);
        return -1;
    }
    /* The column is right unless a part before the value is quoted. */
    *value = (struct rota_word_part){word->text + length + 1, strlen(word->text + length + 1),
                                     word->column + (uint32_t)length + 1};
    return i;
}

/* ---- parts of words ---- */

struct rota_word_part rota_word_whole(const struct rota_token *word)
{
    return (struct rota_word_part){word->text, strlen(word->text), word->column};
}

bool rota_word_fail(struct rota_parser *p, struct rota_word_part part, const char *what)
{
    return rota_lexer_fail(&p->lexer, part.column, (uint32_t)part.length, "\"%.*s\" %s",
                           part.length > 40 ? 40 : (int)part.length, part.text, what);
}

bool rota_word_number(struct rota_parser *p, struct rota_word_part part, uint64_t min, uint64_t max,
                      uint64_t *number)
{
    char range[80];

    if (rota_number_read(part.text, part.length, max, number) && *number >= min)
        return true;
    snprintf(range, sizeof range, "is not a number from %" PRIu64 " to %" PRIu64, min, max);
    return rota_word_fail(p, part, range);
}

bool rota_word_count(struct rota_parser *p, struct rota_word_part part, uint32_t min, uint32_t max,
                     uint32_t *count)
{
    uint64_t number;

    if (!rota_word_number(p, part, min, max, &number))
        return false;
    *count = (uint32_t)number;
    return true;
}

bool rota_word_signed(struct rota_parser *p, struct rota_word_part part, int32_t max,
                      int32_t *number)
{
    size_t sign = part.length > 0 && (part.text[0] == '-' || part.text[0] == '+');
    uint64_t value;
    char range[80];

    if (rota_number_read(part.text + sign, part.length - sign, (uint64_t)max, &value)) {
        *number = part.text[0] == '-' ? -(int32_t)value : (int32_t)value;
        return true;
    }
    snprintf(range, sizeof range, "is not a number from -%" PRId32 " to %" PRId32, max, max);
    return rota_word_fail(p, part, range);
}

bool rota_word_span(struct rota_parser *p, struct rota_word_part part, rota_span *span)
{
    const char *wrong = rota_duration_read(part.text, part.length, ROTA_DURATION_SCENARIO, span);

    return wrong == NULL || rota_word_fail(p, part, wrong);
}

bool rota_word_range(struct rota_parser *p, struct rota_word_part part, rota_span *min,
                     rota_span *max)
{
    const char *dots = strstr(part.text, "..");
    struct rota_word_part first = part;
    struct rota_word_part second = part;

    if (dots == NULL) {
        if (!rota_word_span(p, part, min))
            return false;
        *max = *min;
        return true;
    }
    first.length = (size_t)(dots - part.text);
    second.text = dots + 2;
    second.length = strlen(second.text);
    second.column = part.column + (uint32_t)first.length + 2;
    if (!rota_word_span(p, first, min) || !rota_word_span(p, second, max))
        return false;
    return *min <= *max || rota_word_fail(p, part, "is a range that ends before it begins");
}

bool rota_word_percent(struct rota_parser *p, struct rota_word_part part, uint32_t *percent)
{
    if (part.length < 2 || part.text[part.length - 1] != '%')
        return rota_word_fail(p, part, "is not a percentage such as 10%");
    part.length--;
    return rota_word_count(p, part, 0, 100, percent);
}

bool rota_parser_take_span(struct rota_parser *p, const char *what, rota_span *span)
{
    const struct rota_token *word = rota_parser_take(p, what);

    return word != NULL && rota_word_span(p, rota_word_whole(word), span);
}

/* ---- statements ---- */

struct rota_statement *rota_parser_add(struct rota_parser *p)
{
    struct rota_scenario *s = p->s;

    s->statements =
        rota_memory_extend(s->statements, s->count, &s->capacity, sizeof *s->statements);
    return memset(&s->statements[s->count++], 0, sizeof *s->statements);
}

struct rota_statement *rota_parser_add_line(struct rota_parser *p, enum rota_statement_kind kind)
{
    struct rota_statement *st = rota_parser_add(p);

    st->kind = kind;
    st->line = p->lexer.line;
    st->text = rota_memory_text_of(p->lexer.source, p->lexer.content);
    return st;
}

bool rota_parser_read_again(struct rota_parser *p, const struct rota_statement *st)
{
    return rota_lexer_read(&p->lexer, st->line, st->text, strlen(st->text));
}
