/* Conditions, as statements write them. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_CONDITION_H
#define ROTA_HARNESS_LANGUAGE_PARSE_CONDITION_H

#include "harness/language/parser.h"

/* Takes a condition. If the statement waits for it (`awaited`), a condition that can never become
 * true is an error. */
bool rota_parser_take_condition(struct rota_parser *p, bool awaited, struct rota_condition *c);

#endif
