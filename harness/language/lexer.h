/* The words of one line of a scenario file, and the errors that point at them. */
#ifndef ROTA_HARNESS_LANGUAGE_LEXER_H
#define ROTA_HARNESS_LANGUAGE_LEXER_H

#include "harness/language/scenario.h"

enum {
    ROTA_WORDS_MOST = 2048,     /* words in a line */
    ROTA_LINE_MOST = 64 * 1024, /* bytes in a line */
};

struct rota_token {
    const char *text; /* without quotes, escapes resolved; terminated */
    uint32_t column;  /* in bytes, counted from 1 */
    uint32_t width;   /* bytes as written */
    bool quoted;
};

/* One line, cut into words. Zeroed memory is ready to be read into. */
struct rota_lexer {
    const char *file;
    uint32_t line;
    const char *source; /* the line as written, not terminated */
    uint32_t length;
    uint32_t useful; /* bytes before the comment and the space that precedes it */
    char *buffer;    /* what the words point into; grows, freed by rota_lexer_close */
    uint32_t count;
    struct rota_token words[ROTA_WORDS_MOST];
    struct rota_scenario_error *error; /* borrowed */
};

/* Whether the bytes of a file are text: UTF-8 without control bytes but tabs and newlines, and
 * without a byte order mark. False: the error is filled. */
bool rota_lexer_check(struct rota_lexer *w, const char *bytes, size_t length);

/* Cuts a line into words; `#` outside of quotes opens a comment. False: the error is filled. */
bool rota_lexer_read(struct rota_lexer *w, uint32_t line, const char *source, size_t length);

/* Frees the buffer. */
void rota_lexer_close(struct rota_lexer *w);

/* Fills the error with a sentence about `width` bytes at `column`, counted from 1; the error counts
 * characters. Returns false, always. */
bool rota_lexer_fail(struct rota_lexer *w, uint32_t column, uint32_t width, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same about a word. */
#define ROTA_WORD_FAIL(w, word, ...)                                                               \
    rota_lexer_fail((w), (word)->column, (word)->width, __VA_ARGS__)

/* "WORD is not WHAT", with the nearest of the candidates, which end with NULL; if none is near and
 * they are few, with all of them. Returns false. */
bool rota_lexer_unknown(struct rota_lexer *w, uint32_t column, uint32_t width, const char *text,
                        const char *what, const char *const *candidates);

/* The candidate nearest to `text`, NULL if none is near. The list ends with NULL. */
const char *rota_nearest(const char *text, const char *const *candidates);

/* A copy of these bytes with a NUL behind them, freed by the caller. */
char *rota_copy(const char *text, size_t length);

/* Reads a whole decimal number of at most `most`. False if it is none or larger. */
bool rota_number_read(const char *text, size_t length, uint64_t most, uint64_t *number);

/* Reads a duration such as 250ms, 4s, 2m or 0 into microseconds. Returns NULL, or what is wrong. */
const char *rota_span_read(const char *text, size_t length, rota_span *span);

#endif
