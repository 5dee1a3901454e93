/* rota retry: retries tasks whose final status is not done. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "TASK...",
    .children = children,
    .doc =
        "Retry tasks that are dead, failed, cancelled, expired or skipped: they wait for a worker "
        "again and keep their history. Prints one line with the outcome for each task.\vExit "
        "status: 0 if all are waiting again, 1 if one does not exist, 4 if one was refused, "
        "because it is done or has no final status yet."};

static int run(int argc, char **argv)
{
    struct rota_operator_request request = {.operating = {.command = ROTA_OPERATOR_RETRY},
                                            .kind = "task"};

    rota_options_parse(&argp, argc, argv, &request);
    return rota_operator_request_run(&request);
}

const struct rota_command rota_command_retry = {"retry",
                                                "retry tasks whose final status is not done", run};
