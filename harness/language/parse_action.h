/* Actions, as statements write them. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_ACTION_H
#define ROTA_HARNESS_LANGUAGE_PARSE_ACTION_H

#include "harness/language/parser.h"

/* Takes an action. `action` must be zeroed. */
bool rota_parser_take_action(struct rota_parser *p, struct rota_script_action *action);

#endif
