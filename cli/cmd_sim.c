/* rota sim: scenario files in virtual time. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "harness/live.h"
#include "harness/sim.h"
#include "harness/word.h"

struct arguments {
    struct rota_sim_options sim;
    const char **files;
    const char **injects;
    const char *live; /* a connect string; NULL: in virtual time */
};

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "take this seed instead of the files' own", 0},
    {"trace", 't', "FILE", 0, "write the trace there, - for standard output", 0},
    {"inject", 'i', "PLACE", 0,
     "put a fault there, such as crash@m1:17, and judge as a sweep does; can be given again", 0},
    {"live", 'l', "HOSTS", 0,
     "run files of zk statements once on this ZooKeeper, which should be empty", 0},
    {0}};

static void take_seed(struct arguments *a, const char *text, struct argp_state *state)
{
    a->sim.has_seed = true;
    if (!rota_number_read(text, strlen(text), UINT64_MAX, &a->sim.seed))
        argp_error(state, "--seed wants a whole number, not \"%s\"", text);
}

static void take_word(struct arguments *a, char *word, struct argp_state *state)
{
    if (state->arg_num > 0)
        a->files[a->sim.file_count++] = word;
    else if (strcmp(word, "run") != 0)
        argp_error(state, "rota sim can run and sweep: rota sim run FILE..., not \"%s\"", word);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 's':
        take_seed(a, argument, state);
        return 0;
    case 't':
        a->sim.trace_file = argument;
        return 0;
    case 'i':
        a->injects[a->sim.inject_count++] = argument;
        return 0;
    case 'l':
        a->live = argument;
        return 0;
    case ARGP_KEY_ARG:
        take_word(a, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (a->sim.file_count == 0)
            argp_error(state, "which scenario? Say rota sim run FILE...");
        if (a->live != NULL && (a->sim.has_seed || a->sim.trace_file != NULL))
            argp_error(state, "--live takes neither --seed nor --trace: its time is the real one");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "run FILE...\nsweep --help",
    .doc =
        "Run scenario files in virtual time, each of them twice, and compare the traces.\vExit "
        "status: 0 held; 1 an expectation or an invariant failed; 2 a file or the command line is "
        "wrong; 3 no progress; 4 the run was not deterministic."};

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    char sweep[] = "rota sim sweep";
    if (argc > 1 && strcmp(argv[1], "sweep") == 0) {
        argv[1] = sweep;
        return rota_sweep_main(argc - 1, argv + 1);
    }
    a.files = rota_zeroed((size_t)argc, sizeof *a.files);
    a.injects = rota_zeroed((size_t)argc, sizeof *a.injects);
    rota_options_parse(&argp, argc, argv, &a);
    a.sim.files = a.files;
    a.sim.injects = a.injects;
    int status = a.live != NULL ? rota_live_run(&a.sim, a.live) : rota_sim_run(&a.sim);
    free(a.files);
    free(a.injects);
    return status;
}

const struct rota_command rota_command_sim = {"sim", "run scenario files in virtual time", &argp,
                                              run};
