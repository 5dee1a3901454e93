#include "harness/language/parser.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CANDIDATES_MOST = 64 };

/* ---- words ---- */

const struct rota_token *rota_parser_peek(const struct rota_parser *r)
{
    return r->at < r->w.count ? &r->w.words[r->at] : NULL;
}

bool rota_token_is(const struct rota_token *word, const char *text)
{
    return word != NULL && !word->quoted && strcmp(word->text, text) == 0;
}

bool rota_parser_accept(struct rota_parser *r, const char *text)
{
    if (!rota_token_is(rota_parser_peek(r), text))
        return false;
    r->at++;
    return true;
}

bool rota_parser_missing(struct rota_parser *r, const char *what)
{
    return rota_lexer_fail(&r->w, r->w.useful + 2, 1, "%s is missing here", what);
}

const struct rota_token *rota_parser_take(struct rota_parser *r, const char *what)
{
    const struct rota_token *word = rota_parser_peek(r);

    if (word == NULL)
        rota_parser_missing(r, what);
    else
        r->at++;
    return word;
}

bool rota_parser_unknown(struct rota_parser *r, struct rota_part part, const char *what,
                         enum rota_keyword_kind lexis)
{
    const struct rota_keyword *entries = rota_keywords(lexis);
    const char *candidates[CANDIDATES_MOST];
    uint32_t count = 0;

    for (; entries->word != NULL && count + 1 < CANDIDATES_MOST; entries++)
        candidates[count++] = entries->word;
    candidates[count] = NULL;
    return rota_lexer_unknown(&r->w, part.column, (uint32_t)part.length, part.text, what,
                              candidates);
}

int rota_parser_take_of(struct rota_parser *r, const char *what, enum rota_keyword_kind lexis)
{
    const struct rota_token *word = rota_parser_take(r, what);
    int i;

    if (word == NULL)
        return -1;
    i = rota_keyword_find(lexis, word->text);
    if (i < 0)
        rota_parser_unknown(r, rota_part_whole(word), what, lexis);
    return i;
}

int rota_parser_take_one(struct rota_parser *r, const char *what, const char *const *list)
{
    const struct rota_token *word = rota_parser_take(r, what);

    if (word == NULL)
        return -1;
    for (int i = 0; list[i] != NULL; i++) {
        if (strcmp(word->text, list[i]) == 0)
            return i;
    }
    rota_lexer_unknown(&r->w, word->column, word->width, word->text, what, list);
    return -1;
}

bool rota_parser_end(struct rota_parser *r)
{
    const struct rota_token *word = rota_parser_peek(r);

    return word == NULL ||
           ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" is one word too many", word->text);
}

int rota_parser_take_key(struct rota_parser *r, const char *what, enum rota_keyword_kind lexis,
                         struct rota_part *value)
{
    const struct rota_token *word = rota_parser_take(r, what);
    char key[16];
    size_t length;
    int i;

    if (word == NULL)
        return -1;
    length = strcspn(word->text, "=");
    snprintf(key, sizeof key, "%.*s", length < sizeof key ? (int)length : 15, word->text);
    i = word->text[length] == '=' && length < sizeof key ? rota_keyword_find(lexis, key) : -1;
    if (word->text[length] == '\0' && rota_keyword_find(lexis, word->text) >= 0) {
        rota_lexer_fail(&r->w, word->column + word->width, 1, "a value is missing here: %s=...",
                        word->text);
        return -1;
    }
    if (i < 0) {
        rota_parser_unknown(r, (struct rota_part){key, strlen(key), word->column}, what, lexis);
        return -1;
    }
    /* The column is right as long as nothing is quoted before the value. */
    *value = (struct rota_part){word->text + length + 1, strlen(word->text + length + 1),
                                word->column + (uint32_t)length + 1};
    return i;
}

/* ---- parts of words ---- */

struct rota_part rota_part_whole(const struct rota_token *word)
{
    return (struct rota_part){word->text, strlen(word->text), word->column};
}

bool rota_part_fail(struct rota_parser *r, struct rota_part p, const char *what)
{
    return rota_lexer_fail(&r->w, p.column, (uint32_t)p.length, "\"%.*s\" %s",
                           p.length > 40 ? 40 : (int)p.length, p.text, what);
}

bool rota_part_number(struct rota_parser *r, struct rota_part p, uint64_t least, uint64_t most,
                      uint64_t *number)
{
    char range[80];

    if (rota_number_read(p.text, p.length, most, number) && *number >= least)
        return true;
    snprintf(range, sizeof range, "is not a number from %" PRIu64 " to %" PRIu64, least, most);
    return rota_part_fail(r, p, range);
}

bool rota_part_count(struct rota_parser *r, struct rota_part p, uint32_t least, uint32_t most,
                     uint32_t *count)
{
    uint64_t number;

    if (!rota_part_number(r, p, least, most, &number))
        return false;
    *count = (uint32_t)number;
    return true;
}

bool rota_part_signed(struct rota_parser *r, struct rota_part p, int32_t most, int32_t *number)
{
    size_t sign = p.length > 0 && (p.text[0] == '-' || p.text[0] == '+');
    uint64_t value;
    char range[80];

    if (rota_number_read(p.text + sign, p.length - sign, (uint64_t)most, &value)) {
        *number = p.text[0] == '-' ? -(int32_t)value : (int32_t)value;
        return true;
    }
    snprintf(range, sizeof range, "is not a number from -%" PRId32 " to %" PRId32, most, most);
    return rota_part_fail(r, p, range);
}

bool rota_part_span(struct rota_parser *r, struct rota_part p, rota_span *span)
{
    const char *wrong = rota_span_read(p.text, p.length, span);

    return wrong == NULL || rota_part_fail(r, p, wrong);
}

bool rota_part_range(struct rota_parser *r, struct rota_part p, rota_span *least, rota_span *most)
{
    const char *dots = strstr(p.text, "..");
    struct rota_part first = p;
    struct rota_part second = p;

    if (dots == NULL) {
        if (!rota_part_span(r, p, least))
            return false;
        *most = *least;
        return true;
    }
    first.length = (size_t)(dots - p.text);
    second.text = dots + 2;
    second.length = strlen(second.text);
    second.column = p.column + (uint32_t)first.length + 2;
    if (!rota_part_span(r, first, least) || !rota_part_span(r, second, most))
        return false;
    return *least <= *most || rota_part_fail(r, p, "is a range that ends before it begins");
}

bool rota_part_percent(struct rota_parser *r, struct rota_part p, uint32_t *percent)
{
    if (p.length < 2 || p.text[p.length - 1] != '%')
        return rota_part_fail(r, p, "is not a share such as 10%");
    p.length--;
    return rota_part_count(r, p, 0, 100, percent);
}

bool rota_parser_take_span(struct rota_parser *r, const char *what, rota_span *span)
{
    const struct rota_token *word = rota_parser_take(r, what);

    return word != NULL && rota_part_span(r, rota_part_whole(word), span);
}

/* ---- who ---- */

static uint32_t number_of(const struct rota_cluster *c, enum rota_who_kind kind)
{
    switch (kind) {
    case ROTA_WHO_MASTER:
        return c->masters;
    case ROTA_WHO_WORKER:
        return c->workers;
    case ROTA_WHO_CLIENT:
        return c->clients;
    default:
        return c->servers;
    }
}

/* The number in a name: without zeros before it, UINT32_MAX if it is larger than that. */
static bool read_digits(const char *text, uint64_t *number)
{
    size_t length = strlen(text);

    if (length == 0 || strspn(text, "0123456789") != length || (length > 1 && text[0] == '0'))
        return false;
    if (!rota_number_read(text, length, UINT32_MAX, number))
        *number = UINT32_MAX;
    return true;
}

/* W2 and w02 are near to w2, anything else to one of the list. */
static bool unknown_name(struct rota_parser *r, const struct rota_token *word)
{
    char letter = (char)tolower((unsigned char)word->text[0]);
    const char *digits = word->text + (letter != '\0');
    uint64_t number;

    digits += strspn(digits, "0");
    if (letter == '\0' || strchr("mwcso", letter) == NULL || !read_digits(digits, &number))
        return rota_parser_unknown(r, rota_part_whole(word), "the name of a process",
                                   ROTA_KEYWORD_WHO);
    return ROTA_WORD_FAIL(&r->w, word,
                          "\"%.40s\" is not the name of a process; did you mean \"%c%.20s\"?",
                          word->text, letter, digits);
}

/* m1, w2, c1, s1: a letter and a number that the cluster has. */
static bool read_name(struct rota_parser *r, const struct rota_token *word, struct rota_who *who)
{
    static const char letters[] = "mwcso";
    static const enum rota_who_kind kinds[] = {ROTA_WHO_MASTER, ROTA_WHO_WORKER, ROTA_WHO_CLIENT,
                                               ROTA_WHO_SERVER, ROTA_WHO_OPERATOR};
    static const char *const names[] = {"master", "worker", "client", "server"};
    const char *letter = word->text[0] == '\0' ? NULL : strchr(letters, word->text[0]);
    uint64_t number;
    uint32_t have;
    size_t i;

    if (letter == NULL || !read_digits(word->text + 1, &number))
        return unknown_name(r, word);
    i = (size_t)(letter - letters);
    if (number == 0)
        return ROTA_WORD_FAIL(&r->w, word, "there is no %.40s: names are numbered from 1",
                              word->text);
    *who = (struct rota_who){kinds[i], (uint32_t)number};
    if (who->kind == ROTA_WHO_OPERATOR) {
        rota_parser_put_off(r, false, who->number);
        return true;
    }
    have = number_of(&r->s->cluster, kinds[i]);
    if (number > have && have == 0)
        return ROTA_WORD_FAIL(&r->w, word, "there is no %.40s: the cluster has no %ss", word->text,
                              names[i]);
    if (number > have)
        return ROTA_WORD_FAIL(&r->w, word,
                              "there is no %.40s: the cluster has %u %s%s; did you mean \"%c%u\"?",
                              word->text, have, names[i], have == 1 ? "" : "s", *letter, have);
    return true;
}

static bool take_any(struct rota_parser *r, struct rota_who *who)
{
    static const char *const sets[] = {"leader", "standby", "all", NULL};
    static const enum rota_who_kind kinds[] = {ROTA_WHO_LEADER, ROTA_WHO_STANDBY, ROTA_WHO_ALL};
    const struct rota_token *word = rota_parser_take(r, "the name of a process");

    if (word == NULL)
        return false;
    r->who_used = true;
    for (int i = 0; sets[i] != NULL; i++) {
        if (strcmp(word->text, sets[i]) != 0)
            continue;
        *who = (struct rota_who){kinds[i], 0};
        return true;
    }
    if (!rota_token_is(word, "any"))
        return read_name(r, word, who);
    if (!rota_parser_accept(r, "worker"))
        return ROTA_WORD_FAIL(&r->w, word, "\"any\" is followed by \"worker\"");
    *who = (struct rota_who){ROTA_WHO_ANY_WORKER, 0};
    return true;
}

bool rota_parser_take_who(struct rota_parser *r, unsigned kinds, const char *what,
                          struct rota_who *who)
{
    const struct rota_token *word = rota_parser_peek(r);

    if (!take_any(r, who))
        return false;
    return (kinds & 1u << who->kind) != 0 ||
           ROTA_WORD_FAIL(&r->w, word, "\"%.40s\" is not %s", word->text, what);
}
