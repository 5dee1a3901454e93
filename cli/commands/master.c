/* rota master: stands for election and assigns tasks while it leads. */
#include <stdio.h>
#include <string.h>

#include "cli/base/identity.h"
#include "cli/base/options.h"
#include "cli/commands/command.h"
#include "cli/jobs/role_main.h"
#include "model/master/master.h"
#include "model/tree/spec.h"

struct arguments {
    struct rota_options options;
    struct rota_master_config master;
};

enum { HOUR_MS = 3600000 };

static const struct argp_option options[] = {
    {"id", 'i', "NAME", 0,
     "the master's name in /master and in the trace (default: host and process id)", 0},
    {"losses", 'l', "N", 0,
     "a task becomes dead when N workers were lost while they ran it (default 5)", 0},
    {"keep", 'k', "D", 0, "how long a result stays in the tree if it is not collected (default 1d)",
     0},
    {"hold-above", 'a', "P%", 0,
     "if more than P percent of the workers are lost together, hold their tasks until the workers "
     "come back (default 50%)",
     0},
    {"hold", 'h', "D", 0, "hold them no longer than this time (default 15s)", 0},
    {0}};

/* Reads a percentage, with or without the sign. */
static uint32_t read_share(const struct argp_state *state, char *text)
{
    size_t length = strlen(text);

    if (length > 1 && text[length - 1] == '%')
        text[length - 1] = '\0';
    return rota_options_number(state, "--hold-above", text, 1, 100);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'i':
        rota_options_name(state, "--id", argument, sizeof a->master.id - 1);
        snprintf(a->master.id, sizeof a->master.id, "%s", argument);
        return 0;
    case 'l':
        a->master.losses = rota_options_number(state, "--losses", argument, 1, 1000000);
        return 0;
    case 'k':
        a->master.keep_ms =
            rota_options_duration(state, "--keep", argument, 1, ROTA_SPEC_DURATION_MAX);
        return 0;
    case 'a':
        a->master.hold_above = read_share(state, argument);
        return 0;
    case 'h':
        a->master.hold_ms = rota_options_duration(state, "--hold", argument, 1, 24 * HOUR_MS);
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
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .children = children,
                                 .doc = "Stand for election and, while elected, assign tasks to "
                                        "workers. On SIGTERM the master hands over at once."};

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct rota_driver_config config = {.role = &rota_master_role, .config = &a.master};

    rota_options_parse(&argp, argc, argv, &a);
    config.session = rota_options_session(&a.options, true);
    if (a.master.id[0] == '\0')
        rota_identity_name(a.master.id, sizeof a.master.id, "m");
    rota_identity_master_address(a.master.address, sizeof a.master.address);
    a.options.trace = true;
    return (int)rota_role_main_run(&a.options, &config, a.master.id, NULL, NULL);
}

const struct rota_command rota_command_master = {
    "master", "stand for election and assign tasks while elected", run};
