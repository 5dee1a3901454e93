/* rota cancel: end tasks, waiting or running. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "TASK...",
    .children = children,
    .doc = "Cancel tasks: one that waits at once, one that runs with a TERM, a grace and a KILL. "
           "Waits for their ends, and prints a line for each that says how it ended: cancelled, or "
           "otherwise if it was faster.\vExit status: 0 if all were cancelled, 1 if one ended "
           "otherwise or does not exist."};

static int run(int argc, char **argv)
{
    struct rota_operator_request wish = {.operating = {.what = ROTA_OPERATOR_CANCEL},
                                         .names_are = "tasks"};
    rota_options_parse(&argp, argc, argv, &wish);
    return rota_operator_request_run(&wish);
}

const struct rota_command rota_command_cancel = {"cancel", "end tasks, waiting or running", &argp,
                                                 run};
