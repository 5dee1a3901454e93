/* What the commands of an operator have in common (cancel, retry, drain, undrain): names, and a
 * line for each that says what came of it. */
#ifndef ROTA_CLI_JOBS_OPERATOR_REQUEST_H
#define ROTA_CLI_JOBS_OPERATOR_REQUEST_H

#include "cli/base/options.h"
#include "model/operator/operator.h"

struct rota_operator_request {
    struct rota_options options;
    struct rota_operator_config operating; /* set by the command */
    const char *names_are;                 /* "tasks" or "workers", set by the command */
    char **names;                          /* ends with NULL */
    bool json;
};

/* The parser of the names, of --json and of the common options: a child of a command's own; its
 * input is a struct rota_operator_request. */
extern const struct argp rota_operator_request_argp;

/* Carries it out. Returns the exit status. */
int rota_operator_request_run(const struct rota_operator_request *w);

#endif
