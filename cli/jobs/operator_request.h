/* A request of an operator for each of several names. The commands cancel, retry, drain and undrain
 * share it: they print one line with the outcome for each name. */
#ifndef ROTA_CLI_JOBS_OPERATOR_REQUEST_H
#define ROTA_CLI_JOBS_OPERATOR_REQUEST_H

#include "cli/base/options.h"
#include "model/operator/operator.h"

struct rota_operator_request {
    struct rota_options options;
    struct rota_operator_config operating; /* set by the command */
    const char *kind;                      /* "task" or "worker", set by the command */
    char **names;                          /* ends with NULL */
    bool json;
};

/* The parser of the names, of --json and of the common options, to be a child of a command's
 * parser. Its input is a struct rota_operator_request. */
extern const struct argp rota_operator_request_argp;

/* Carries out the request. Returns the exit status. */
int rota_operator_request_run(const struct rota_operator_request *r);

#endif
