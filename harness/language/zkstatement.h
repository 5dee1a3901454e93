/* The statement `zk SESSION: COMMAND` of a scenario file: a line as typed and, between two lines
 * `----`, the expected output. Neither is cut into words, since quotes and # belong to zkCli. */
#ifndef ROTA_HARNESS_LANGUAGE_ZKSTATEMENT_H
#define ROTA_HARNESS_LANGUAGE_ZKSTATEMENT_H

#include "harness/language/lexer.h"
#include "harness/language/scenario.h"

enum { ROTA_ZK_SESSIONS_MAX = 99 };

/* Whether the line is such a statement, correct or not. */
bool rota_zkstatement_begins(const char *source, size_t length);

/* Reads the statement at byte `at`, in line `line`, into the zeroed `st`. `at` then points after
 * it, and `line` is the last line of the statement. False: the error of the lexer is filled. */
bool rota_zkstatement_read(struct rota_statement *st, struct rota_lexer *l, uint32_t *line,
                           const char *bytes, size_t length, size_t *at);

#endif
