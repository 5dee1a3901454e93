/* The statement `zk SESSION: COMMAND` of a scenario file: a line as typed and, between two lines
 * `----`, what is printed. Neither is cut into words: quotes and # belong to zkCli. */
#ifndef ROTA_HARNESS_LANGUAGE_ZKSTATEMENT_H
#define ROTA_HARNESS_LANGUAGE_ZKSTATEMENT_H

#include "harness/language/lexer.h"

enum { ROTA_ZKSESSIONS_MOST = 99 };

/* Whether a line is such a statement, right or wrong. */
bool rota_zkstatement_begins(const char *source, size_t length);

/* Reads the statement at `at`, in line `line` of the file's bytes, into a zeroed one, and leaves
 * both behind it: `line` is then the last line it takes. False: the error of `words` is filled. */
bool rota_zkstatement_read(struct rota_statement *st, struct rota_lexer *words, uint32_t *line,
                           const char *bytes, size_t length, size_t *at);

#endif
