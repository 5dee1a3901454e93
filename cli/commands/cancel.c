/* rota cancel: cancels tasks. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "TASK...",
    .children = children,
    .doc =
        "Cancel tasks. A waiting task is cancelled at once; a running task gets SIGTERM and, after "
        "the grace period of its worker, SIGKILL. The command waits until each task has a final "
        "status, and prints one line for each: cancelled, or another status if the task ended "
        "first.\vExit status: 0 if all were cancelled, 1 if one ended with another status or does "
        "not exist."};

static int run(int argc, char **argv)
{
    struct rota_operator_request request = {.operating = {.command = ROTA_OPERATOR_CANCEL},
                                            .kind = "task"};

    rota_options_parse(&argp, argc, argv, &request);
    return rota_operator_request_run(&request);
}

const struct rota_command rota_command_cancel = {"cancel", "cancel tasks, waiting or running", run};
