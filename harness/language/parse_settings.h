/* Statements that say what a scenario is: its title, labels, seed, protocol, cluster, tags and
 * invariants. Each function reads the rest of a line. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_SETTINGS_H
#define ROTA_HARNESS_LANGUAGE_PARSE_SETTINGS_H

#include "harness/language/parser.h"

bool rota_parser_read_title(struct rota_parser *p);
bool rota_parser_read_labels(struct rota_parser *p);
bool rota_parser_read_seed(struct rota_parser *p);
bool rota_parser_read_protocol(struct rota_parser *p);
bool rota_parser_read_cluster(struct rota_parser *p);
bool rota_parser_read_tags(struct rota_parser *p);

/* The names after `always`, or with `without` those after that word. */
bool rota_parser_read_invariants(struct rota_parser *p, bool without);

#endif
