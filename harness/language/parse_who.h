/* WHO: the name of a process, of a server or of a set, as statements write it. */
#ifndef ROTA_HARNESS_LANGUAGE_PARSE_WHO_H
#define ROTA_HARNESS_LANGUAGE_PARSE_WHO_H

#include "harness/language/parser.h"

/* Kinds of WHO, as sets of bits. */
enum {
    ROTA_WHOS_MASTERS = 1u << ROTA_WHO_MASTER | 1u << ROTA_WHO_LEADER | 1u << ROTA_WHO_STANDBY,
    ROTA_WHOS_WORKERS = 1u << ROTA_WHO_WORKER | 1u << ROTA_WHO_ANY_WORKER,
    ROTA_WHOS_CLIENTS = 1u << ROTA_WHO_CLIENT,
    ROTA_WHOS_SERVERS = 1u << ROTA_WHO_SERVER,
    ROTA_WHOS_ALL = 1u << ROTA_WHO_ALL,
    ROTA_WHOS_PROCESSES = ROTA_WHOS_MASTERS | ROTA_WHOS_WORKERS | ROTA_WHOS_CLIENTS | ROTA_WHOS_ALL,
    ROTA_WHOS_OPERATORS = 1u << ROTA_WHO_OPERATOR,
};

/* Takes a WHO whose kind is in the set; `what` names that set in an error. */
bool rota_parser_take_who(struct rota_parser *p, unsigned kinds, const char *what,
                          struct rota_who *who);

#endif
