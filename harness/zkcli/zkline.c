#include "harness/zkcli/zkline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system/memory.h"

/* ---- words ---- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* The length of the word that begins at `at`, with quotes; 0 if none begins there. A space can
 * begin a word if nothing else is possible there. */
static size_t word_at(const char *line, size_t length, size_t at)
{
    size_t end = at + 1;

    if (at >= length)
        return 0;
    if (is_quote(line[at])) {
        const char *close = memchr(line + end, line[at], length - end);

        return close != NULL ? (size_t)(close - line) + 1 - at : 0;
    }
    while (end < length && !is_space(line[end]))
        end++;
    return end - at;
}

/* The first word from `*at` on. As much space as possible is skipped before it. */
static size_t next_word(const char *line, size_t length, size_t *at)
{
    for (size_t from = *at; from < length; from++) {
        size_t space = 0;

        while (from + space < length && is_space(line[from + space]))
            space++;
        for (size_t skipped = space + 1; skipped-- > 0;) {
            size_t width = word_at(line, length, from + skipped);

            *at = from + skipped;
            if (width > 0)
                return width;
        }
    }
    return 0;
}

static void add_word(struct rota_zkline *l, char **memory, const char *text, size_t length)
{
    if (is_quote(text[0])) {
        text++;
        length -= 2;
    }
    memcpy(*memory, text, length);
    (*memory)[length] = '\0';
    l->words[l->count++] = (struct rota_zkword){*memory, length};
    *memory += length + 1;
}

void rota_zkline_read(struct rota_zkline *l, const char *line, size_t length)
{
    size_t at = 0;
    size_t width;
    char *memory;

    rota_zkline_close(l);
    /* Every word has at least one byte, and needs one more for its end. */
    l->buffer = rota_memory_grow(NULL, 2 * length + 1);
    l->words = rota_memory_zeroed(length + 1, sizeof *l->words);
    memory = l->buffer;
    while ((width = next_word(line, length, &at)) > 0) {
        add_word(l, &memory, line + at, width);
        at += width;
        while (at < length && is_space(line[at]))
            at++;
    }
}

void rota_zkline_replace(struct rota_zkline *l, uint32_t index, const char *text)
{
    l->words[index] = (struct rota_zkword){text, strlen(text)};
}

void rota_zkline_close(struct rota_zkline *l)
{
    free(l->words);
    free(l->buffer);
    *l = (struct rota_zkline){0};
}

/* ---- options ---- */

struct reading {
    struct rota_zkoptions *o;
    const char *letters;
    char waiting; /* the option that needs a value next; 0: none */
};

static bool is_letter(const struct reading *r, char c)
{
    return c != '\0' && c != ':' && strchr(r->letters, c) != NULL;
}

static bool takes_value(const struct reading *r, char c)
{
    return is_letter(r, c) && strchr(r->letters, c)[1] == ':';
}

static bool fail(struct reading *r, enum rota_zkoptions_fault fault, const char *wrong)
{
    r->o->fault = fault;
    snprintf(r->o->wrong, sizeof r->o->wrong, "%s", wrong);
    return false;
}

static bool check_waiting(struct reading *r)
{
    char name[] = {r->waiting, '\0'};

    return r->waiting == '\0' || fail(r, ROTA_ZKOPTIONS_MISSING, name);
}

static bool take_option(struct reading *r, char letter)
{
    if (!check_waiting(r))
        return false;
    r->o->given[(unsigned char)letter] = true;
    r->waiting = takes_value(r, letter) ? letter : '\0';
    return true;
}

static void take_value(struct reading *r, const char *value)
{
    if (r->o->value == NULL)
        r->o->value = value;
    r->waiting = '\0';
}

static bool take_word(struct reading *r, struct rota_zkword word)
{
    struct rota_zkoptions *o = r->o;

    if (o->count < ROTA_ZKWORDS_MAX)
        o->words[o->count] = word;
    o->count++;
    return true;
}

/* A word that looks like an option of another command is a value if it is a number. */
static bool is_value(const struct reading *r, struct rota_zkword word)
{
    char *end;

    if (word.text[0] != '-' || word.length < 2)
        return true;
    strtod(word.text, &end);
    return *end == '\0' || !is_letter(r, word.text[1]);
}

/* "-abc": options without values, of which the last may take the rest as its value; "-v=5" gives a
 * value. */
static bool take_letters(struct reading *r, struct rota_zkword word)
{
    const char *text = word.text;

    if (text[1] == '-')
        return fail(r, ROTA_ZKOPTIONS_UNKNOWN, text);
    if (text[2] == '=') {
        if (!takes_value(r, text[1]))
            return fail(r, ROTA_ZKOPTIONS_UNKNOWN, text);
        if (!take_option(r, text[1]))
            return false;
        take_value(r, text + 3);
        return true;
    }
    if (strchr(text, '=') != NULL)
        return fail(r, ROTA_ZKOPTIONS_UNKNOWN, text);
    for (size_t i = 1; i < word.length; i++) {
        if (!is_letter(r, text[i]))
            return fail(r, ROTA_ZKOPTIONS_UNKNOWN, text);
        if (!take_option(r, text[i]))
            return false;
        if (r->waiting != '\0' && i + 1 < word.length) {
            take_value(r, text + i + 1);
            return true;
        }
    }
    return true;
}

bool rota_zkoptions_read(struct rota_zkoptions *o, const struct rota_zkline *l, const char *letters)
{
    struct reading r = {o, letters, '\0'};
    bool plain = false; /* after "--" */

    *o = (struct rota_zkoptions){0};
    for (uint32_t i = 0; i < l->count; i++) {
        struct rota_zkword word = l->words[i];
        bool fine = true;

        if (plain)
            fine = take_word(&r, word);
        else if (strcmp(word.text, "--") == 0)
            plain = true;
        else if (r.waiting != '\0' && is_value(&r, word))
            take_value(&r, word.text);
        else if (word.text[0] == '-' && word.length > 1)
            fine = take_letters(&r, word);
        else
            fine = take_word(&r, word);
        if (!fine)
            return false;
    }
    return check_waiting(&r);
}
