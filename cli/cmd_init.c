/* rota init: creates the tree. */
#include "cli/command.h"
#include "cli/reading.h"

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct rota_options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = o;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one word too many", argument);
        return 0;
    case ARGP_KEY_END:
        rota_options_need_zk(state, o);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.parser = parse,
                                 .children = children,
                                 .doc = "Create the tree, with its chroot if the server list names "
                                        "one. Doing it twice is harmless."};

static int run(int argc, char **argv)
{
    struct rota_options options = {0};
    rota_options_parse(&argp, argc, argv, &options);
    return (int)rota_reading_create_tree(&options);
}

const struct rota_command rota_command_init = {"init", "create the tree on ZooKeeper", &argp, run};
