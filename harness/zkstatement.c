#include "harness/zkstatement.h"

#include <stdlib.h>
#include <string.h>

#include "model/assert.h"

static const char fence[] = "----";

/* The length of the line at `text`, without its newline. */
static size_t line_length(const char *text, size_t left)
{
    const char *end = memchr(text, '\n', left);

    return end == NULL ? left : (size_t)(end - text);
}

static bool is_fence(const char *text, size_t left)
{
    size_t length = line_length(text, left);

    return length == strlen(fence) && memcmp(text, fence, length) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t skip_space(const char *text, size_t at, size_t length)
{
    while (at < length && is_space(text[at]))
        at++;
    return at;
}

static char *copy(const char *text, size_t length)
{
    char *to = malloc(length + 1);

    rota_assert(to != NULL);
    memcpy(to, text, length);
    to[length] = '\0';
    return to;
}

bool rota_zkstatement_begins(const char *source, size_t length)
{
    size_t at = skip_space(source, 0, length);

    return length - at >= 2 && memcmp(source + at, "zk", 2) == 0 &&
           (length - at == 2 || is_space(source[at + 2]));
}

/* Reads "z1:" at `at`; returns the byte behind it, 0 with the error filled. */
static size_t read_session(struct rota_zkstatement *z, struct rota_words *w, size_t at)
{
    size_t end = at;
    uint64_t number;

    while (end < w->useful && !is_space(w->source[end]) && w->source[end] != ':')
        end++;
    if (end == at) {
        rota_words_fail(w, (uint32_t)at + 1, 1,
                        "the name of a session, such as z1, is missing"
                        " here");
        return 0;
    }
    if (w->source[at] != 'z' ||
        !rota_number_read(w->source + at + 1, end - at - 1, ROTA_ZKSESSIONS_MOST, &number) ||
        number == 0) {
        rota_words_fail(w, (uint32_t)at + 1, (uint32_t)(end - at),
                        "\"%.*s\" is not the name of a session: they are z1 to z%d",
                        end - at > 40 ? 40 : (int)(end - at), w->source + at, ROTA_ZKSESSIONS_MOST);
        return 0;
    }
    if (end == w->useful || w->source[end] != ':') {
        rota_words_fail(w, (uint32_t)end + 1, 1, "a colon is missing behind the session's name");
        return 0;
    }
    z->session = (uint32_t)number;
    return end + 1;
}

/* Reads the block behind the statement's first line, if there is one. */
static bool read_block(struct rota_zkstatement *z, struct rota_words *w, const char *source,
                       size_t length)
{
    size_t begin = z->taken;
    size_t at;

    if (begin >= length || !is_fence(source + begin, length - begin)) {
        z->expected = copy("", 0);
        z->block = w->line;
        return true;
    }
    begin += line_length(source + begin, length - begin) + 1;
    z->lines++;
    z->block = w->line + z->lines;
    for (at = begin; at < length; at += line_length(source + at, length - at) + 1) {
        z->lines++;
        if (is_fence(source + at, length - at)) {
            z->expected = copy(source + begin, at - begin);
            z->taken = at + line_length(source + at, length - at) + 1;
            return true;
        }
    }
    return rota_words_fail(w, 1, w->useful,
                           "what this prints does not end: a line ---- is missing");
}

bool rota_zkstatement_read(struct rota_zkstatement *z, struct rota_words *words, uint32_t line,
                           const char *source, size_t length)
{
    size_t width = line_length(source, length);
    size_t at;

    memset(z, 0, sizeof *z);
    z->lines = 1;
    z->taken = width + 1;
    words->line = line;
    words->source = source;
    if (width > ROTA_LINE_MOST)
        width = ROTA_LINE_MOST;
    words->length = (uint32_t)width;
    while (width > 0 && is_space(source[width - 1]))
        width--;
    words->useful = (uint32_t)width;
    if (memchr(source, '\0', width) != NULL)
        return rota_words_fail(words, 1, 1, "there is a NUL byte in this line");
    at = skip_space(source, skip_space(source, 0, width) + 2, width);
    at = read_session(z, words, at);
    if (at == 0 || !read_block(z, words, source, length))
        return false;
    at = skip_space(source, at, width);
    if (at < width)
        z->command = copy(source + at, width - at);
    if (z->taken > length)
        z->taken = length;
    return true;
}
