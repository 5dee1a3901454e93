/* The words of one line of a scenario file, and errors that point at them. */
#ifndef ROTA_HARNESS_LANGUAGE_LEXER_H
#define ROTA_HARNESS_LANGUAGE_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROTA_TOKENS_MAX = 2048,    /* words in a line */
    ROTA_LINE_MAX = 64 * 1024, /* bytes in a line */
};

/* An error in a file, ready to print: `file:line:column: sentence`, then the line and a mark
 * under the word. */
struct rota_scenario_error {
    uint32_t line;
    uint32_t column;
    char text[1024];
};

struct rota_token {
    const char *text; /* without quotes, escapes resolved; terminated */
    uint32_t column;  /* in bytes, counted from 1 */
    uint32_t width;   /* bytes as written */
    bool quoted;
};

/* One line, cut into words. Zeroed memory is ready for rota_lexer_read. */
struct rota_lexer {
    const char *file;
    uint32_t line;
    const char *source; /* the line as written, not terminated */
    uint32_t length;
    uint32_t content; /* bytes before the comment and the space in front of it */
    char *buffer;     /* the text of the words; freed by rota_lexer_close */
    uint32_t count;
    struct rota_token tokens[ROTA_TOKENS_MAX];
    struct rota_scenario_error *error; /* borrowed */
};

/* Whether the bytes of a file are text: UTF-8 without a byte order mark, and without control
 * characters other than tab and newline. False: the error is filled. */
bool rota_lexer_check_text(struct rota_lexer *l, const char *bytes, size_t length);

/* Cuts a line into words; `#` outside of quotes begins a comment. False: the error is filled. */
bool rota_lexer_read(struct rota_lexer *l, uint32_t line, const char *source, size_t length);

/* Frees the buffer. */
void rota_lexer_close(struct rota_lexer *l);

/* Fills the error with a sentence about `width` bytes at `column`, counted from 1. The error counts
 * characters. Always returns false. */
bool rota_lexer_fail(struct rota_lexer *l, uint32_t column, uint32_t width, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same about a word. */
#define ROTA_TOKEN_FAIL(l, token, ...)                                                             \
    rota_lexer_fail((l), (token)->column, (token)->width, __VA_ARGS__)

/* "WORD is not WHAT", with the nearest candidate. If none is near and the candidates are few, all
 * of them are listed. The candidates end with NULL. Returns false. */
bool rota_lexer_unknown(struct rota_lexer *l, uint32_t column, uint32_t width, const char *text,
                        const char *what, const char *const *candidates);

#endif
