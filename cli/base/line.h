/* Lines that a person types, with editing, history and completion on a terminal, or that come from
 * a file or a pipe. */
#ifndef ROTA_CLI_BASE_LINE_H
#define ROTA_CLI_BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an unfinished line may go on: `count` texts, each of which may stand in the place of what
 * follows byte `from`. Borrowed until the next call. */
struct rota_line_candidates {
    const char *const *texts;
    uint32_t count;
    size_t from;
};

struct rota_line_config {
    /* Returns true when standard input can be read, false to end the input. */
    bool (*wait)(void *context);
    /* Writes what stands before the line, terminated. Terminal only. */
    void (*prompt)(void *context, char *text, size_t size);
    /* Says how the line may go on. Terminal only. */
    void (*complete)(void *context, const char *line, size_t length,
                     struct rota_line_candidates *candidates);
    void *context;
};

struct rota_line;

/* Prepares standard input; it is a terminal if standard output is one too. */
struct rota_line *rota_line_open(const struct rota_line_config *config);

/* Whether a person is typing. */
bool rota_line_terminal(const struct rota_line *l);

/* The next line without its end; what stands behind the last line's end counts too. NULL: the end.
 * Borrowed until the next call; may hold NUL bytes. */
const char *rota_line_read(struct rota_line *l, size_t *length);

/* Something was printed while a line is being typed: shows it again. */
void rota_line_show(struct rota_line *l);

/* Gives the terminal back as it was. */
void rota_line_close(struct rota_line *l);

#endif
