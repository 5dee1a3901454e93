/* rota drain: lets workers finish their tasks and assigns them no new ones. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

enum { WAIT = 'w', DRAIN_TIMEOUT = 'd', DAY_MS = 86400000 };

static const struct argp_option options[] = {
    {"wait", WAIT, 0, 0, "wait until the workers hold no tasks", 0},
    {"drain-timeout", DRAIN_TIMEOUT, "D", 0,
     "how long running tasks may take to finish before they are handed back (default: the timeout "
     "of an earlier drain, or the worker's own)",
     0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_operator_request *r = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = r;
        return 0;
    case WAIT:
        r->operating.wait = true;
        return 0;
    case DRAIN_TIMEOUT:
        r->operating.timeout_ms =
            rota_options_duration(state, "--drain-timeout", argument, 0, DAY_MS);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_operator_request_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "WORKER...",
    .children = children,
    .doc =
        "Assign no new tasks to workers. A task that waits at a draining worker is assigned to "
        "another; a running task may finish, or is handed back after the drain timeout. A drained "
        "worker stays registered, and takes tasks again after rota undrain. Prints one line for "
        "each worker.\vExit status: 0 if all are draining, or drained with --wait; 1 if one does "
        "not exist."};

static int run(int argc, char **argv)
{
    struct rota_operator_request request = {
        .operating = {.command = ROTA_OPERATOR_DRAIN, .timeout_ms = -1}, .kind = "worker"};

    rota_options_parse(&argp, argc, argv, &request);
    return rota_operator_request_run(&request);
}

const struct rota_command rota_command_drain = {"drain", "assign no new tasks to workers", run};
