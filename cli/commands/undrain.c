/* rota undrain: let drained workers take tasks again. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "NAME...",
    .children = children,
    .doc = "Let workers take tasks again. Prints a line for each.\vExit status: 0 if all take "
           "tasks again, 1 if one was not drained."};

static int run(int argc, char **argv)
{
    struct rota_operator_request wish = {.operating = {.what = ROTA_OPERATOR_UNDRAIN},
                                         .names_are = "workers"};
    rota_options_parse(&argp, argc, argv, &wish);
    return rota_operator_request_run(&wish);
}

const struct rota_command rota_command_undrain = {"undrain", "let drained workers take tasks again",
                                                  &argp, run};
