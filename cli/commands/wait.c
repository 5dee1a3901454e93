/* rota wait: prints the results of tasks that were submitted before, and collects them. */
#include <stdio.h>

#include "cli/base/options.h"
#include "cli/commands/command.h"
#include "cli/jobs/client_main.h"

struct arguments {
    struct rota_options options;
    struct rota_job_feed_config feed;
    bool keep;
};

static const struct argp_option options[] = {{"keep", 'k', 0, 0, "leave the tasks in the tree", 0},
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
        a->feed.json = true;
        return 0;
    case ARGP_KEY_ARG:
        return ARGP_ERR_UNKNOWN; /* the names come together, as ARGP_KEY_ARGS */
    case ARGP_KEY_ARGS:
        a->feed.names = rota_options_names(state, "TASK", 255);
        return 0;
    case ARGP_KEY_END:
        if (a->feed.names == NULL)
            argp_error(
                state,
                "no task is given; rota submit prints the names, rota list tasks shows them");
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
    .doc = "Wait for tasks, print their results in the order of the names, and collect them.\v"
           "The command waits as long as needed, also while there is no master or no worker; rota "
           "status shows whether there is one. A name that is given twice counts once."};

static int run(int argc, char **argv)
{
    struct arguments a = {0};

    rota_options_parse(&argp, argc, argv, &a);
    a.feed.results = true;
    a.feed.collect = !a.keep;
    a.feed.errors = true;
    a.feed.input = "the list of names";
    return (int)rota_client_main_run(&a.options, &a.feed, NULL, NULL);
}

const struct rota_command rota_command_wait = {
    "wait", "wait for tasks, print and collect their results", run};
