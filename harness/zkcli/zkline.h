/* A line typed into zkCli: cut into words as ZooKeeperMain does it, options read as commons-cli
 * does it, both of ZooKeeper 3.8.0. */
#ifndef ROTA_HARNESS_ZKCLI_ZKLINE_H
#define ROTA_HARNESS_ZKCLI_ZKLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_zkword {
    const char *text; /* terminated; may hold NUL bytes before its end */
    size_t length;
};

/* Zeroed memory is an empty line. */
struct rota_zkline {
    struct rota_zkword *words;
    uint32_t count;
    char *buffer;
};

/* Cuts a line into words and replaces the old ones. A word is quoted as a whole or not at all, a
 * quote that is never closed is dropped, and there are no escapes. */
void rota_zkline_read(struct rota_zkline *l, const char *line, size_t length);

/* Replaces one word. `text` is borrowed. */
void rota_zkline_replace(struct rota_zkline *l, uint32_t index, const char *text);

/* Frees the words. */
void rota_zkline_close(struct rota_zkline *l);

enum { ROTA_ZKWORDS_MAX = 8 }; /* words that are not options; more are only counted */

enum rota_zkoptions_fault {
    ROTA_ZKOPTIONS_FINE,
    ROTA_ZKOPTIONS_UNKNOWN, /* there is no option `wrong` */
    ROTA_ZKOPTIONS_MISSING, /* the option `wrong` has no value */
};

/* The options of a command and its other words, the command's name first. Borrows from the line. */
struct rota_zkoptions {
    bool given[128];   /* by letter */
    const char *value; /* the value of the option that takes one, the first of them; NULL: none */
    struct rota_zkword words[ROTA_ZKWORDS_MAX];
    uint32_t count;
    enum rota_zkoptions_fault fault;
    char wrong[256]; /* cut if it is long */
};

/* Sorts the words of a line into options and others. `letters` are the options; a colon follows the
 * one that takes a value. False: `fault` says what is wrong. */
bool rota_zkoptions_read(struct rota_zkoptions *o, const struct rota_zkline *l,
                         const char *letters);

#endif
