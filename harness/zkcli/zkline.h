/* A line as a person types it to zkCli: cut into words as ZooKeeperMain cuts it, options read as
 * commons-cli reads them, both of ZooKeeper 3.8.0. */
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

/* Cuts a line into words, in the place of what the struct held. A word is quoted as a whole or not
 * at all, a quote that is never closed is left out, and there are no escapes. */
void rota_zkline_read(struct rota_zkline *l, const char *line, size_t length);

/* Puts another word in the place of one. `text` is borrowed. */
void rota_zkline_replace(struct rota_zkline *l, uint32_t index, const char *text);

/* Frees the words. */
void rota_zkline_close(struct rota_zkline *l);

enum { ROTA_ZKWORDS_MOST = 8 }; /* words that are not options; further ones are counted only */

enum rota_zkoptions_fault {
    ROTA_ZKOPTIONS_FINE,
    ROTA_ZKOPTIONS_UNKNOWN, /* there is no option `wrong` */
    ROTA_ZKOPTIONS_MISSING, /* the option `wrong` lacks its value */
};

/* The options of a command and its other words, the command's name first. Borrows from the line. */
struct rota_zkoptions {
    bool given[128];   /* by letter */
    const char *value; /* the first value of the one option that takes one; NULL: none */
    struct rota_zkword words[ROTA_ZKWORDS_MOST];
    uint32_t count;
    enum rota_zkoptions_fault fault;
    char wrong[256]; /* its first bytes, if it is long */
};

/* Sorts the words of a line. `letters` are the options, a colon behind the one that takes a value.
 * False: `fault` says what is wrong. */
bool rota_zkoptions_read(struct rota_zkoptions *o, const struct rota_zkline *l,
                         const char *letters);

#endif
