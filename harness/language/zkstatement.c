#include "harness/language/zkstatement.h"

#include <string.h>

#include "harness/language/block.h"
#include "harness/language/line.h"
#include "harness/language/value.h"
#include "system/memory.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_space(const char *text, size_t at, size_t length)
{
    while (at < length && is_space(text[at]))
        at++;
    return at;
}

bool rota_zkstatement_begins(const char *source, size_t length)
{
    size_t at = skip_space(source, 0, length);

    return length - at >= 2 && memcmp(source + at, "zk", 2) == 0 &&
           (length - at == 2 || is_space(source[at + 2]));
}

/* Reads "z1:" at `at`. Returns the byte after it, or 0 with the error filled. */
static size_t read_session(struct rota_statement *st, struct rota_lexer *l, size_t at)
{
    size_t end = at;
    uint64_t number;

    while (end < l->content && !is_space(l->source[end]) && l->source[end] != ':')
        end++;
    if (end == at) {
        rota_lexer_fail(l, (uint32_t)at + 1, 1,
                        "the name of a session, such as z1, is missing here");
        return 0;
    }
    if (l->source[at] != 'z' ||
        !rota_number_read(l->source + at + 1, end - at - 1, ROTA_ZK_SESSIONS_MAX, &number) ||
        number == 0) {
        rota_lexer_fail(l, (uint32_t)at + 1, (uint32_t)(end - at),
                        "\"%.*s\" is not the name of a session, which is z1 to z%d",
                        end - at > 40 ? 40 : (int)(end - at), l->source + at, ROTA_ZK_SESSIONS_MAX);
        return 0;
    }
    if (end == l->content || l->source[end] != ':') {
        rota_lexer_fail(l, (uint32_t)end + 1, 1,
                        "a colon is missing after the name of the session");
        return 0;
    }
    st->session = (uint32_t)number;
    return end + 1;
}

/* Reads the block at `at`, if there is one; `at` and `line` then point after it. */
static bool read_block(struct rota_statement *st, struct rota_lexer *l, uint32_t *line,
                       const char *bytes, size_t length, size_t *at)
{
    struct rota_block block = rota_block_read(line, bytes, length, at);

    st->expected = block.text;
    st->block = block.line;
    return !block.open || rota_lexer_fail(l, 1, l->content,
                                          "the expected output has no end: a line ---- is missing");
}

bool rota_zkstatement_read(struct rota_statement *st, struct rota_lexer *l, uint32_t *line,
                           const char *bytes, size_t length, size_t *at)
{
    const char *source = bytes + *at;
    size_t width = rota_line_length(bytes, length, *at);
    size_t next;

    if (width > ROTA_LINE_MAX)
        width = ROTA_LINE_MAX;
    l->line = *line;
    l->source = source;
    l->length = (uint32_t)width;
    while (width > 0 && is_space(source[width - 1]))
        width--;
    l->content = (uint32_t)width;
    st->kind = ROTA_STATEMENT_ZK;
    st->line = *line;
    st->text = rota_memory_text_of(source, width);
    next = read_session(st, l, skip_space(source, skip_space(source, 0, width) + 2, width));
    if (next == 0)
        return false;
    next = skip_space(source, next, width);
    if (next < width)
        st->command = rota_memory_text_of(source + next, width - next);
    *at = rota_line_next(bytes, length, *at);
    return read_block(st, l, line, bytes, length, at);
}
