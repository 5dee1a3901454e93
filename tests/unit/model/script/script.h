/* Step tests as text. A file holds sections; each section is one test:
 *
 *     == a free name is registered
 *     # The reason for this test.
 *     up session=7
 *       exists /assign/w1
 *     exists /assign/w1 -> NO_NODE
 *       multi { create -e /workers/w1 "h:1 slots=1"; create /assign/w1 "" }
 *
 * A line in the first column is a command; the lines indented below it are the expected trace.
 * `after TITLE` first runs the commands of another section without showing their trace. `each 1..9:
 * COMMAND` runs a command for each number, in place of every %, and shows the trace of the first
 * and the last. With ROTA_REWRITE=1 in the environment the expected traces are written anew; review
 * the difference. */
#ifndef ROTA_TESTS_UNIT_MODEL_SCRIPT_SCRIPT_H
#define ROTA_TESTS_UNIT_MODEL_SCRIPT_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/seam/outbox.h"

/* A growing text. */
struct script_text {
    char *at;
    size_t length;
    size_t capacity;
};

void script_print(struct script_text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void script_text_close(struct script_text *t);

/* A word of a command. */
struct script_word {
    const char *text; /* terminated; a quoted word without its quotes and escapes */
    int32_t length;
    bool quoted;
};

/* A command. Words are separated by spaces; "quoted" words may hold \n, \0, \" and \\; bytes(N)
 * stands for N bytes of x; [a b{1..9}] is a list. */
struct script_line {
    const char *source;
    struct script_word words[64];
    uint32_t count;
    const char **list; /* the words between brackets */
    uint32_t list_count;
};

/* The value of the word `key=value`; `otherwise` if there is none. */
const char *script_value(const struct script_line *l, const char *key, const char *otherwise);
int64_t script_number(const struct script_line *l, const char *key, int64_t otherwise);

/* A duration with a unit, in microseconds: 250ms, 4s, 2m. */
int64_t script_duration(const char *text);

/* True if the command holds the word, not quoted. */
bool script_has(const struct script_line *l, const char *word);

/* The first quoted word or bytes(N) from word `from` on; ROTA_NULL_BYTES if there is none. */
struct rota_bytes script_data(const struct script_line *l, uint32_t from);

/* Splits a text into words, in the memory of `o`. */
void script_cut(struct script_line *l, struct rota_outbox *o, const char *text);

/* The machine that carries out the commands of a file. */
struct script_machine {
    const void *context;
    void *(*open)(const void *context); /* a new one for each section */
    void (*close)(void *machine);
    /* Carries out a command and prints its trace. False if the command is unknown. */
    bool (*command)(void *machine, const struct script_line *line, struct script_text *trace);
};

/* Runs each section of a file as a test. Returns an exit status. */
int script_main(const char *path, const struct script_machine *machine);

#endif
