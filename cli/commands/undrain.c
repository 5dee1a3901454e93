/* rota undrain: lets drained workers take tasks again. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .args_doc = "WORKER...",
    .children = children,
    .doc =
        "Let drained workers take tasks again. Prints one line for each worker.\vExit status: 0 if "
        "all take tasks again, 1 if one was not drained."};

static int run(int argc, char **argv)
{
    struct rota_operator_request request = {.operating = {.command = ROTA_OPERATOR_UNDRAIN},
                                            .kind = "worker"};

    rota_options_parse(&argp, argc, argv, &request);
    return rota_operator_request_run(&request);
}

const struct rota_command rota_command_undrain = {"undrain", "let drained workers take tasks again",
                                                  run};
