/* rota wait: brings the results of tasks that were submitted before. */
#include <stdio.h>

#include "cli/commands/command.h"
#include "cli/jobs/client_main.h"
#include "cli/base/options.h"

struct arguments {
    struct rota_options options;
    struct rota_job_feed_config desk;
    bool keep;
};

static const struct argp_option options[] = {
    {"keep", 'k', 0, 0, "leave the results in the tree", 0},
    {"json", 'J', 0, 0, "print one JSON object a line", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)argument;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'k':
        a->keep = true;
        return 0;
    case 'J':
        a->desk.json = true;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* all of them together, as ARGS */
    case ARGP_KEY_ARGS:
        a->desk.names = rota_options_names(state, "wait", 255);
        return 0;
    case ARGP_KEY_END:
        if (a->desk.names == NULL)
            argp_error(state, "which tasks? Give their names, as rota submit printed them");
        rota_options_need_zk(state, &a->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "TASK...",
    .children = children,
    .doc =
        "Wait for tasks, print their results in the order of the names, and collect them.\v"
        "Waits as long as it takes, also while there is no master or no worker: rota status says "
        "whether there is one. A name that is given again counts once."};

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    rota_options_parse(&argp, argc, argv, &a);
    a.desk.results = true;
    a.desk.collect = !a.keep;
    a.desk.errors = true;
    a.desk.input = "the list of names";
    return (int)rota_client_main_run(&a.options, &a.desk, NULL, NULL);
}

const struct rota_command rota_command_wait = {
    "wait", "wait for tasks, print and collect their results", &argp, run};
