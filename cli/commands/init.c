/* rota init: creates the tree. */
#include "cli/commands/command.h"
#include "cli/jobs/tree_reader.h"

struct arguments {
    struct rota_options options;
    int64_t max_tasks; /* -1: keep the limit of the tree */
};

static const struct argp_option options[] = {
    {"max-tasks", 'm', "N", 0,
     "refuse submissions while the tree holds N tasks; 0: no limit (default: unchanged, 0 in a new "
     "tree)",
     0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'm':
        a->max_tasks = rota_options_number(state, "--max-tasks", argument, 0, INT32_MAX);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument \"%s\"", argument);
        return 0;
    case ARGP_KEY_END:
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
    .children = children,
    .doc = "Create the tree, and its chroot if the server list names one. "
           "Parts that exist are left as they are. --max-tasks also "
           "changes the limit of an existing tree."};

static int run(int argc, char **argv)
{
    struct arguments a = {.max_tasks = -1};

    rota_options_parse(&argp, argc, argv, &a);
    return (int)rota_tree_reader_create_tree(&a.options, a.max_tasks);
}

const struct rota_command rota_command_init = {"init", "create the tree on ZooKeeper", run};
