/* Names of tasks and operators that statements use, and whether the file makes what they name. */
#ifndef ROTA_HARNESS_LANGUAGE_NAMES_H
#define ROTA_HARNESS_LANGUAGE_NAMES_H

#include "harness/language/parser.h"

/* Whether a submit above makes this task. */
bool rota_parser_knows_task(const struct rota_parser *p, const char *name);

/* Takes the name of a task that a submit above makes; with `all` also the word `all`. A statement
 * that waits for its moment (`at`, `on`, `never`, `step`) may use a task of a submit below. The
 * caller frees the name. */
bool rota_parser_take_task(struct rota_parser *p, bool all, char **name);

/* The last word names a task (`operator` is 0; with `all` also the word `all`) or an operator that
 * a later line may make: rota_parser_check_names looks it up. */
void rota_parser_defer_name(struct rota_parser *p, bool all, uint32_t operator);

/* At the end of the file: whether all deferred names exist, and no `id` is also the name of a
 * numbered task. */
bool rota_parser_check_names(struct rota_parser *p);

#endif
