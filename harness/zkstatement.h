/* The statement `zk SESSION: COMMAND` of a scenario file: a line as typed and, between two lines
 * `----`, what is printed. Neither is cut into words: quotes and # belong to zkCli. */
#ifndef ROTA_HARNESS_ZKSTATEMENT_H
#define ROTA_HARNESS_ZKSTATEMENT_H

#include "harness/word.h"

enum { ROTA_ZKSESSIONS_MOST = 99 };

struct rota_zkstatement {
    uint32_t session; /* counted from 1 */
    char *command;    /* without the space around it; NULL: there is none */
    char *expected;   /* the lines of the block, each with its newline; "" without a block */
    uint32_t block;   /* the line where the block's text begins, counted from 1 in the file */
    uint32_t lines;   /* that the statement takes in the file */
    size_t taken;     /* bytes of them */
};

/* Whether a line is such a statement, right or wrong. */
bool rota_zkstatement_begins(const char *source, size_t length);

/* Reads the statement that begins at `source`, in line `line` of the file; `length` bytes are left
 * there. `words` is left with its first line, for errors and for rota_words.source. True: command
 * and expected are the caller's to free. False: the error is filled. */
bool rota_zkstatement_read(struct rota_zkstatement *z, struct rota_words *words, uint32_t line,
                           const char *source, size_t length);

#endif
