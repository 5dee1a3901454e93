/* rota retry: send tasks back that have ended otherwise than done. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "TASK...",
    .children = children,
    .doc = "Begin a new life of tasks that are dead, failed, cancelled, expired or skipped: they "
           "wait again, with their history. Prints a line for each that says what came of "
           "it.\vExit status: 0 if all were sent back, 1 if one does not exist, 4 if one was "
           "refused, because it is done or has not ended."};

static int run(int argc, char **argv)
{
    struct rota_operator_request wish = {.operating = {.what = ROTA_OPERATOR_RETRY},
                                         .names_are = "tasks"};
    rota_options_parse(&argp, argc, argv, &wish);
    return rota_operator_request_run(&wish);
}

const struct rota_command rota_command_retry = {
    "retry", "send tasks back that have ended otherwise than done", &argp, run};
