/* Reads scenario files. Whatever the bytes are, the result is a scenario or one error that names
 * file, line and column. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_SCENARIO_H
#define ROTA_HARNESS_LANGUAGE_PARSE_SCENARIO_H

#include "harness/language/lexer.h"
#include "harness/language/scenario.h"

/* Reads the scenario in `bytes`; errors call it `file`. True: `s` is filled, free it with
 * rota_scenario_close. False: `error` is filled, and `s` needs no closing. */
bool rota_scenario_read(struct rota_scenario *s, const char *file, const char *bytes, size_t length,
                        struct rota_scenario_error *error);

/* The same for the file with this name. A file that cannot be read is an error at line 0. */
bool rota_scenario_load(struct rota_scenario *s, const char *file,
                        struct rota_scenario_error *error);

#endif
