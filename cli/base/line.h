/* Lines of standard input: typed on a terminal, with editing, history and completion, or read from
 * a file or a pipe. */
#ifndef ROTA_CLI_BASE_LINE_H
#define ROTA_CLI_BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The completions of an unfinished line: `count` texts, each of which may replace what follows byte
 * `from`. Borrowed until the next call. */
struct rota_line_candidates {
    const char *const *texts;
    uint32_t count;
    size_t from;
};

struct rota_line_config {
    /* Returns true when standard input can be read, false to end the input. */
    bool (*wait)(void *context);
    /* Writes the prompt, terminated. Terminal only. */
    void (*prompt)(void *context, char *text, size_t size);
    /* Finds the completions of the line. Terminal only. */
    void (*complete)(void *context, const char *line, size_t length,
                     struct rota_line_candidates *candidates);
    void *context;
};

struct rota_line;

/* Prepares standard input. It counts as a terminal only if standard output is a terminal too. */
struct rota_line *rota_line_open(const struct rota_line_config *config);

/* Whether lines come from a terminal. */
bool rota_line_terminal(const struct rota_line *l);

/* Reads the next line, without its newline; a last line without newline counts too. NULL at the end
 * of the input. Borrowed until the next call; may hold NUL bytes. */
const char *rota_line_read(struct rota_line *l, size_t *length);

/* Shows the line that is being typed again, after something else was printed. */
void rota_line_show(struct rota_line *l);

/* Restores the terminal and frees everything. */
void rota_line_close(struct rota_line *l);

#endif
