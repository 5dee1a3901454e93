/* rota master: stands for election, and places tasks while it leads. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/solo.h"

struct arguments {
    struct rota_options options;
    const char *id;
    uint32_t losses;
};

static const struct argp_option options[] = {
    {"id", 'i', "NAME", 0, "what it is called in /master and in the trace (host and pid)", 0},
    {"losses", 'l', "N", 0, "workers lost under a task before it is given up as dead (5)", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'i':
        a->id = rota_options_name(state, "--id", argument, 63);
        return 0;
    case 'l':
        a->losses = rota_options_number(state, "--losses", argument, 1, 1000000);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one word too many", argument);
        return 0;
    case ARGP_KEY_END:
        rota_options_need_zk(state, &a->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .children = children,
                                 .doc = "Stand for election and, while elected, place tasks on "
                                        "workers. SIGTERM hands over at once."};

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct rota_driver_config config = {.role = ROTA_ROLE_MASTER};
    rota_options_parse(&argp, argc, argv, &a);
    config.session = rota_options_session(&a.options, true);
    config.master.losses = a.losses;
    if (a.id != NULL)
        snprintf(config.master.id, sizeof config.master.id, "%s", a.id);
    else
        rota_options_own_name(config.master.id, sizeof config.master.id, "m");
    rota_options_address(config.master.address, sizeof config.master.address);
    a.options.trace = true;
    return (int)rota_solo_run(&a.options, &config, config.master.id, NULL, NULL);
}

const struct rota_command rota_command_master = {
    "master", "stand for election and place tasks while elected", &argp, run};
