/* What the commands of an operator have in common (cancel, retry, drain, undrain): names, and a
 * line for each that says what came of it. */
#ifndef ROTA_CLI_WISH_H
#define ROTA_CLI_WISH_H

#include "cli/options.h"
#include "model/operator.h"

struct rota_wish {
    struct rota_options options;
    struct rota_operator_config operating; /* set by the command */
    const char *names_are;                 /* "tasks" or "workers", set by the command */
    char **names;                          /* ends with NULL */
    bool json;
};

/* The parser of the names, of --json and of the common options: a child of a command's own; its
 * input is a struct rota_wish. */
extern const struct argp rota_wish_argp;

/* Carries it out. Returns the exit status. */
int rota_wish_run(const struct rota_wish *w);

#endif
