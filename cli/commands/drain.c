/* rota drain: lets workers finish what they have, and gives them nothing new. */
#include "cli/commands/command.h"
#include "cli/jobs/operator_request.h"

enum { WAIT = 'w', DRAIN_TIMEOUT = 'd', DAY_MS = 86400000 };

static const struct argp_option options[] = {
    {"wait", WAIT, 0, 0, "until they hold nothing", 0},
    {"drain-timeout", DRAIN_TIMEOUT, "D", 0,
     "how long running tasks may take to end before they are given back (as they drain already, or "
     "the worker's own)",
     0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_operator_request *w = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = w;
        return 0;
    case WAIT:
        w->operating.wait = true;
        return 0;
    case DRAIN_TIMEOUT:
        w->operating.timeout_ms =
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
    .args_doc = "NAME...",
    .children = children,
    .doc = "Give workers nothing new: what waits there goes elsewhere, what runs may end or is "
           "given back after the drain timeout. They stay, and work again after rota undrain. "
           "Prints a line for each.\vExit status: 0 if all are draining, with --wait drained; 1 if "
           "one does not exist."};

static int run(int argc, char **argv)
{
    struct rota_operator_request wish = {
        .operating = {.what = ROTA_OPERATOR_DRAIN, .timeout_ms = -1}, .names_are = "workers"};
    rota_options_parse(&argp, argc, argv, &wish);
    return rota_operator_request_run(&wish);
}

const struct rota_command rota_command_drain = {"drain", "give workers nothing new", &argp, run};
