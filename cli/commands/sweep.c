#include "cli/commands/sweep.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/options.h"
#include "cli/commands/sweep_report.h"
#include "harness/language/parse_scenario.h"
#include "harness/language/value.h"
#include "harness/play/scenario_files.h"
#include "harness/play/sim.h"
#include "harness/search/sweep.h"
#include "system/memory.h"

struct arguments {
    struct rota_sweep_options sweep;
    struct rota_sweep_report_config report;
    const char **files;
    uint32_t file_count;
    struct rota_scenario_files found; /* the same, with folders replaced by their files */
    bool has_seed;
    uint64_t seed;
};

enum { KEY_DEPTH = 256, KEY_MOST, KEY_JOBS, KEY_ALL, KEY_JSON, KEY_JUNIT };

static const struct argp_option options[] = {
    {"only", 'o', "FAULTS", 0,
     "inject only these faults, such as crash,expire; there are crash, restart, pause, expire, "
     "disconnect, isolate, lost, applied, late, and connloss for the last three",
     0},
    {"who", 'w', "ROLES", 0,
     "inject faults only into masters, workers, clients or operators, as in masters,clients", 0},
    {"depth", KEY_DEPTH, "N", 0, "the number of faults in one run: 1, or 2 for pairs (default 1)",
     0},
    {"most", KEY_MOST, "N", 0,
     "at most N runs of a file for each depth, spread evenly over all possible runs", 0},
    {"seed", 's', "N", 0,
     "use this seed instead of the files' own; it also chooses the runs of --most", 0},
    {"jobs", KEY_JOBS, "N", 0, "run N processes at once (default: the number of processors)", 0},
    {"all", KEY_ALL, NULL, 0, "print every violation, not only ten of each file", 0},
    {"json", KEY_JSON, NULL, 0, "print the result as one JSON object", 0},
    {"junit", KEY_JUNIT, "FILE", 0,
     "write a JUnit report to FILE, with one test case a scenario file", 0},
    {0}};

/* ---- the command line ---- */

/* Cuts a list at its commas and passes each word to `take`. */
static void take_list(struct arguments *a, const char *list, const struct argp_state *state,
                      bool (*take)(struct arguments *a, const char *word), const char *option)
{
    char *words = rota_memory_text(list);
    char *at = words;

    while (at != NULL) {
        char *word = strsep(&at, ",");

        if (!take(a, word))
            argp_error(state, "%s: unknown word \"%s\"; see rota sim sweep --help", option, word);
    }
    free(words);
}

static bool take_fault(struct arguments *a, const char *word)
{
    uint32_t kinds = rota_fault_read(word);

    a->sweep.kinds |= kinds;
    return kinds != 0;
}

static bool take_role(struct arguments *a, const char *word)
{
    static const char *const roles[] = {"masters", "workers", "clients", "operators"};

    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(word, roles[i]) == 0) {
            a->sweep.excluded[i] = false;
            return true;
        }
    }
    return false;
}

static uint64_t take_number(const struct argp_state *state, const char *option, const char *text)
{
    uint64_t number = 0;

    if (!rota_number_read(text, strlen(text), UINT64_MAX, &number))
        argp_error(state, "%s must be a whole number, not \"%s\"", option, text);
    return number;
}

static void check(struct arguments *a, const struct argp_state *state)
{
    if (a->file_count == 0)
        argp_error(state, "no scenario file is given; use rota sim sweep FILE...");
    if (a->sweep.kinds == 0)
        a->sweep.kinds = rota_fault_read("all");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case 'o':
        take_list(a, argument, state, take_fault, "--only");
        return 0;
    case 'w':
        for (size_t i = 0; i < sizeof a->sweep.excluded / sizeof *a->sweep.excluded; i++)
            a->sweep.excluded[i] = true;
        take_list(a, argument, state, take_role, "--who");
        return 0;
    case 's':
        a->has_seed = true;
        a->seed = take_number(state, "--seed", argument);
        return 0;
    case KEY_DEPTH:
        a->sweep.depth = rota_options_number(state, "--depth", argument, 1, 2);
        return 0;
    case KEY_MOST:
        a->sweep.max = rota_options_number(state, "--most", argument, 1, UINT32_MAX);
        return 0;
    case KEY_JOBS:
        a->sweep.processes = rota_options_number(state, "--jobs", argument, 1, 256);
        return 0;
    case KEY_ALL:
        a->report.all = true;
        return 0;
    case KEY_JSON:
        a->report.json = true;
        return 0;
    case KEY_JUNIT:
        a->report.junit = argument;
        return 0;
    case ARGP_KEY_ARG:
        a->files[a->file_count++] = argument;
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "FILE...",
    .doc =
        "Run scenarios again with a fault at every step of every process. The expectations of the "
        "files are not judged, only the invariants, and the progress after all faults are "
        "healed. FILE may be a folder: then all .scn files below it are taken, ordered by "
        "name.\vExit status: 0 everything held; 1 an invariant was violated or there was no "
        "progress; 2 a file or the command line is wrong."};

/* ---- progress and interruption ---- */

static void show_progress(void *context, const struct rota_scenario *s, uint64_t done,
                          uint64_t count)
{
    struct rota_screen *screen = context;
    const char *slash = strrchr(s->file, '/');
    char counted[512];

    snprintf(counted, sizeof counted, "runs of %s", slash == NULL ? s->file : slash + 1);
    screen->counts = (struct rota_screen_counts){.done = done, .total = count, .total_known = true};
    screen->counted = counted;
    rota_screen_draw(screen);
    screen->counted = NULL;
}

/* Signals that end a sweep are blocked until its results are printed. */
static void block_signals(bool block)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* Whether one of these signals is pending. */
static bool is_interrupted(void *context)
{
    sigset_t set;

    (void)context;
    return sigpending(&set) == 0 &&
           (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

/* ---- the work ---- */

static int sweep_file(const struct arguments *a, const char *file, struct rota_screen *screen,
                      struct rota_sweep_report *report)
{
    struct rota_scenario_error error;
    struct rota_scenario s;
    struct rota_sweep sweep;

    if (!rota_scenario_load(&s, file, &error)) {
        rota_sweep_report_refuse(report, file, &error);
        return ROTA_VERDICT_WRONG;
    }
    uint64_t seed = a->has_seed ? a->seed : s.seed;
    fflush(NULL);
    rota_sweep_run(&sweep, &s, seed, &a->sweep);
    rota_screen_clear(screen);
    rota_sweep_report_add(report, &s, seed, &sweep);
    int status = sweep.breach_count > 0 ? ROTA_VERDICT_FAILED : ROTA_VERDICT_HELD;
    rota_sweep_close(&sweep);
    rota_scenario_close(&s);
    return status;
}

static int sweep_all(const struct arguments *a, struct rota_screen *screen)
{
    struct rota_sweep_report report;
    int status = ROTA_VERDICT_HELD;

    if (!rota_sweep_report_open(&report, &a->report))
        status = ROTA_VERDICT_WRONG;
    else
        for (uint32_t i = 0; i < a->found.count && !is_interrupted(NULL); i++)
            status = rota_verdict_worse(status, sweep_file(a, a->found.paths[i], screen, &report));
    return rota_sweep_report_close(&report) ? status : ROTA_VERDICT_WRONG;
}

int rota_sweep_main(int argc, char **argv)
{
    struct arguments a = {.sweep = {.depth = 1}};
    struct rota_screen screen;
    char error[512];
    int status = ROTA_VERDICT_WRONG;

    a.files = rota_memory_zeroed((size_t)argc, sizeof *a.files);
    rota_options_parse(&argp, argc, argv, &a);
    if (!rota_scenario_files_find(&a.found, a.files, a.file_count, error, sizeof error)) {
        fprintf(stderr, "%s\n", error);
        free(a.files);
        return status;
    }
    rota_screen_open(&screen, true);
    a.sweep.progress = screen.bar ? show_progress : NULL;
    a.sweep.stopped = is_interrupted;
    a.sweep.context = &screen;
    a.sweep.seed = a.report.seed = a.has_seed ? a.seed : 1;
    block_signals(true);
    status = sweep_all(&a, &screen);
    rota_scenario_files_close(&a.found);
    free(a.files);
    block_signals(false);
    return status;
}
