/* Named steps, and the permutations of them. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_STEPS_H
#define ROTA_HARNESS_LANGUAGE_PARSE_STEPS_H

#include "harness/language/parser.h"

/* Read the rest of a line `step` or `permute`. */
bool rota_parser_read_step(struct rota_parser *p);
bool rota_parser_read_permute(struct rota_parser *p);

/* At the end of the file: looks up the steps of every permute. */
bool rota_parser_resolve_steps(struct rota_parser *p);

#endif
