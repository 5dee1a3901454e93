/* rota sim sweep: scenarios with a fault at every step. */
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/command.h"
#include "cli/commands/junit.h"
#include "cli/base/memory.h"
#include "cli/base/options.h"
#include "cli/base/report.h"
#include "harness/language/parse_scenario.h"
#include "harness/language/value.h"
#include "harness/play/run.h"
#include "harness/play/sim.h"
#include "harness/search/sweep.h"

enum { SHOWN_MOST = 10 }; /* breaches that are printed of a file, unless all are asked for */

struct arguments {
    struct rota_sweep_options sweep;
    const char **files;
    uint32_t file_count;
    bool has_seed;
    uint64_t seed;
    bool all;
    bool json;
    const char *junit;
};

/* What is added up over all files. */
struct totals {
    struct rota_sweep sum;
    struct rota_report_table table;
    json_t *scenarios;
    FILE *junit;
    struct rota_junit cases;
};

enum { KEY_DEPTH = 256, KEY_MOST, KEY_JOBS, KEY_ALL, KEY_JSON, KEY_JUNIT };

static const struct argp_option options[] = {
    {"only", 'o', "FAULTS", 0,
     "these faults, such as crash,expire; of crash, restart, pause, expire, disconnect, isolate, "
     "lost, applied, late, and connloss for the last three",
     0},
    {"who", 'w', "WHOM", 0,
     "these befall only masters, workers, clients or operators, as in masters,clients", 0},
    {"depth", KEY_DEPTH, "N", 0, "faults in one run: 1, or 2 for pairs", 0},
    {"most", KEY_MOST, "N", 0,
     "at most so many runs of a file for each depth, spread evenly over all there could be", 0},
    {"seed", 's', "N", 0, "take this seed instead of the files' own; it also spreads the runs", 0},
    {"jobs", KEY_JOBS, "N", 0, "processes at once; else one for each core", 0},
    {"all", KEY_ALL, NULL, 0, "print every violation, not ten of each file", 0},
    {"json", KEY_JSON, NULL, 0, "print the result as one JSON object", 0},
    {"junit", KEY_JUNIT, "FILE", 0, "write one test case a file there", 0},
    {0}};

/* ---- the command line ---- */

/* Cuts a list at its commas and gives each word to `take`. */
static void take_list(struct arguments *a, const char *list, const struct argp_state *state,
                      bool (*take)(struct arguments *a, const char *word), const char *option)
{
    char *words = rota_text_copy(list);
    char *at = words;

    while (at != NULL) {
        char *word = strsep(&at, ",");

        if (!take(a, word))
            argp_error(state, "%s does not know \"%s\"; see rota sim sweep --help", option, word);
    }
    free(words);
}

static bool take_kind(struct arguments *a, const char *word)
{
    uint32_t kinds = rota_fault_read(word);

    a->sweep.kinds |= kinds;
    return kinds != 0;
}

static bool take_whom(struct arguments *a, const char *word)
{
    static const char *const whom[] = {"masters", "workers", "clients", "operators"};

    for (size_t i = 0; i < sizeof whom / sizeof *whom; i++) {
        if (strcmp(word, whom[i]) == 0) {
            a->sweep.spared[i] = false;
            return true;
        }
    }
    return false;
}

static uint64_t take_number(const struct argp_state *state, const char *option, const char *text)
{
    uint64_t number = 0;

    if (!rota_number_read(text, strlen(text), UINT64_MAX, &number))
        argp_error(state, "%s wants a whole number, not \"%s\"", option, text);
    return number;
}

static void check(struct arguments *a, const struct argp_state *state)
{
    if (a->file_count == 0)
        argp_error(state, "which scenario? Say rota sim sweep FILE...");
    if (a->sweep.kinds == 0)
        a->sweep.kinds = rota_fault_read("all");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'o':
        take_list(a, argument, state, take_kind, "--only");
        return 0;
    case 'w':
        for (size_t i = 0; i < sizeof a->sweep.spared / sizeof *a->sweep.spared; i++)
            a->sweep.spared[i] = true;
        take_list(a, argument, state, take_whom, "--who");
        return 0;
    case 's':
        a->has_seed = true;
        a->seed = take_number(state, "--seed", argument);
        return 0;
    case KEY_DEPTH:
        a->sweep.depth = rota_options_number(state, "--depth", argument, 1, 2);
        return 0;
    case KEY_MOST:
        a->sweep.most = rota_options_number(state, "--most", argument, 1, UINT32_MAX);
        return 0;
    case KEY_JOBS:
        a->sweep.hands = rota_options_number(state, "--jobs", argument, 1, 256);
        return 0;
    case KEY_ALL:
        a->all = true;
        return 0;
    case KEY_JSON:
        a->json = true;
        return 0;
    case KEY_JUNIT:
        a->junit = argument;
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
        "Run scenarios again with a fault at every step of every process. The script only paces; "
        "judged are the invariants, and progress when all is healed.\vExit status: 0 all held; 1 "
        "something broke; 2 a file or the command line is wrong."};

/* ---- what is printed ---- */

/* The last element of a path. */
static const char *base_of(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash == NULL ? file : slash + 1;
}

static void show_progress(void *context, const struct rota_scenario *s, uint64_t done,
                          uint64_t count)
{
    struct rota_screen *screen = context;

    char what[512];

    snprintf(what, sizeof what, "runs of %s", base_of(s->file));
    screen->counts = (struct rota_screen_counts){.done = done, .total = count, .total_known = true};
    screen->what = what;
    rota_screen_draw(screen);
    screen->what = NULL;
}

/* ---- who ends it ---- */

/* Signals that end a sweep wait until what it has found is printed. */
static void hold_signals(bool held)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* Whether one of them waits. */
static bool stopped(void *context)
{
    sigset_t set;

    (void)context;
    return sigpending(&set) == 0 &&
           (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

/* ---- what is found ---- */

static void print_breaches(const struct arguments *a, const struct rota_scenario *s, uint64_t seed,
                           const struct rota_sweep *sweep)
{
    char replay[1024];

    for (uint64_t i = 0; i < sweep->breach_count && (a->all || i < SHOWN_MOST); i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        printf("%s: %s: %s\n  replay: %s --trace -\n", s->file, rota_sweep_word(b->way), b->reason,
               replay);
    }
    if (!a->all && sweep->breach_count > SHOWN_MOST)
        printf("%s: %" PRIu64 " violations more; --all shows them\n", s->file,
               sweep->breach_count - SHOWN_MOST);
    if (sweep->stopped)
        printf("%s: stopped before its end\n", s->file);
    else if (sweep->runs < sweep->possible)
        printf("%s: %" PRIu64 " runs of %" PRIu64
               " that there could be, spread evenly by seed %" PRIu64 "\n",
               s->file, sweep->runs, sweep->possible, a->sweep.seed);
    fflush(stdout);
}

static void add_row(struct totals *t, const char *name, const struct rota_sweep *sweep)
{
    char places[24], runs[24], seconds[24], rate[24], breaches[24];
    const char *cells[ROTA_REPORT_COLUMNS] = {name, places, runs, seconds, rate, breaches};

    snprintf(places, sizeof places, "%" PRIu64, sweep->places);
    snprintf(runs, sizeof runs, "%" PRIu64, sweep->runs);
    snprintf(seconds, sizeof seconds, "%.1f", sweep->seconds);
    snprintf(rate, sizeof rate, "%.0f",
             sweep->seconds > 0 ? (double)sweep->runs / sweep->seconds : 0.0);
    snprintf(breaches, sizeof breaches, "%" PRIu64, sweep->breach_count);
    rota_report_add(&t->table, cells);
}

static json_t *json_of(const struct rota_sweep *sweep)
{
    json_t *ways = json_object();

    for (uint32_t i = 0; i < ROTA_SWEEP_WAYS; i++) {
        if (sweep->ways[i] > 0)
            json_object_set_new(ways, rota_sweep_word(i), json_integer((json_int_t)sweep->ways[i]));
    }
    return json_pack("{s:I,s:I,s:I,s:f,s:o}", "places", (json_int_t)sweep->places, "possible",
                     (json_int_t)sweep->possible, "runs", (json_int_t)sweep->runs, "seconds",
                     sweep->seconds, "violations", ways);
}

static json_t *json_breaches(const struct rota_scenario *s, uint64_t seed,
                             const struct rota_sweep *sweep)
{
    json_t *list = json_array();
    char replay[1024];

    for (uint64_t i = 0; i < sweep->breach_count; i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "invariant", rota_sweep_word(b->way),
                                              "reason", b->reason, "replay", replay));
    }
    return list;
}

/* Each violation with the line that replays it; freed by the caller. */
static char *violations_of(const struct rota_scenario *s, uint64_t seed,
                           const struct rota_sweep *sweep)
{
    char replay[1024];
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    if (to == NULL)
        return rota_text_copy("");
    for (uint64_t i = 0; i < sweep->breach_count; i++) {
        const struct rota_sweep_breach *b = &sweep->breaches[i];

        rota_sweep_replay(b, s, seed, replay, sizeof replay);
        fprintf(to, "%s: %s\n  replay: %s --trace -\n", rota_sweep_word(b->way), b->reason, replay);
    }
    fclose(to);
    return text;
}

/* One test case of the JUnit file. */
static void write_case(struct rota_junit *to, const struct rota_scenario *s, uint64_t seed,
                       const struct rota_sweep *sweep)
{
    char *text = violations_of(s, seed, sweep);

    rota_junit_write(
        to, &(struct rota_junit_case){
                .group = "sweep",
                .name = s->file,
                .seconds = sweep->seconds,
                .failure = sweep->breach_count > 0 ? rota_sweep_word(sweep->breaches[0].way) : NULL,
                .text = text});
    free(text);
}

static void print_table(const struct totals *t)
{
    bool none = true;

    rota_report_print(&t->table);
    for (uint32_t i = 0; i < ROTA_SWEEP_WAYS; i++) {
        if (t->sum.ways[i] == 0)
            continue;
        printf("%s%s %" PRIu64, none ? "violations: " : ", ", rota_sweep_word(i), t->sum.ways[i]);
        none = false;
    }
    puts(none ? "no violations" : "");
}

/* ---- the work ---- */

static void add(struct rota_sweep *sum, const struct rota_sweep *one)
{
    sum->places += one->places;
    sum->possible += one->possible;
    sum->runs += one->runs;
    sum->seconds += one->seconds;
    sum->breach_count += one->breach_count;
    for (uint32_t i = 0; i < ROTA_SWEEP_WAYS; i++)
        sum->ways[i] += one->ways[i];
}

static void take_in(const struct arguments *a, struct totals *t, const struct rota_scenario *s,
                    uint64_t seed, const struct rota_sweep *sweep)
{
    add(&t->sum, sweep);
    add_row(t, base_of(s->file), sweep);
    if (t->junit != NULL)
        write_case(&t->cases, s, seed, sweep);
    if (a->json) {
        json_t *one = json_of(sweep);

        json_object_set_new(one, "file", json_string(s->file));
        json_object_set_new(one, "breaches", json_breaches(s, seed, sweep));
        if (sweep->stopped)
            json_object_set_new(one, "stopped", json_true());
        json_array_append_new(t->scenarios, one);
    } else {
        print_breaches(a, s, seed, sweep);
    }
}

/* A file that cannot be read has an error in the place of counts. */
static int refuse(const struct arguments *a, struct totals *t, const char *file,
                  const struct rota_scenario_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    if (t->junit != NULL)
        rota_junit_write(&t->cases, &(struct rota_junit_case){.group = "sweep",
                                                              .name = file,
                                                              .failure = "wrong",
                                                              .text = error->text});
    if (a->json)
        json_array_append_new(t->scenarios,
                              json_pack("{s:s,s:s}", "file", file, "error", error->text));
    return ROTA_VERDICT_WRONG;
}

static int sweep_file(struct arguments *a, const char *file, struct rota_screen *screen,
                      struct totals *t)
{
    struct rota_scenario_error error;
    struct rota_scenario s;
    struct rota_sweep sweep;
    uint64_t seed;
    int status;

    if (!rota_scenario_load(&s, file, &error))
        return refuse(a, t, file, &error);
    seed = a->has_seed ? a->seed : s.seed;
    fflush(NULL);
    rota_sweep_run(&sweep, &s, seed, &a->sweep);
    rota_screen_clear(screen);
    take_in(a, t, &s, seed, &sweep);
    status = sweep.breach_count > 0 ? ROTA_VERDICT_FAILED : ROTA_VERDICT_HELD;
    rota_sweep_close(&sweep);
    rota_scenario_close(&s);
    return status;
}

static bool open_junit(const struct arguments *a, struct totals *t)
{
    if (a->junit == NULL)
        return true;
    t->junit = fopen(a->junit, "w");
    if (t->junit == NULL) {
        rota_screen_say(NULL, "%s: this file cannot be written", a->junit);
        return false;
    }
    rota_junit_open(&t->cases, t->junit, "sweep");
    return true;
}

static bool close_junit(const struct arguments *a, struct totals *t)
{
    if (t->junit == NULL)
        return true;
    rota_junit_close(&t->cases);
    if (fclose(t->junit) == 0)
        return true;
    rota_screen_say(NULL, "%s: this file is not complete", a->junit);
    return false;
}

static void close_totals(const struct arguments *a, struct totals *t)
{
    if (a->json) {
        json_t *all = json_of(&t->sum);
        size_t length;
        char *text;

        json_object_set_new(all, "scenarios", t->scenarios);
        text = rota_report_json(all, &length);
        fwrite(text, 1, length, stdout);
        free(text);
    } else {
        add_row(t, "all", &t->sum);
        print_table(t);
        json_decref(t->scenarios);
    }
    rota_report_close(&t->table);
}

int rota_sweep_main(int argc, char **argv)
{
    static const char *const heading[ROTA_REPORT_COLUMNS] = {"scenario", "places", "runs",
                                                             "seconds",  "runs/s", "violations"};
    struct arguments a = {.sweep = {.depth = 1}};
    struct totals t = {.scenarios = json_array()};
    struct rota_screen screen;
    int status = ROTA_VERDICT_HELD;

    a.files = rota_zeroed((size_t)argc, sizeof *a.files);
    rota_options_parse(&argp, argc, argv, &a);
    rota_screen_open(&screen, true);
    a.sweep.progress = screen.bar ? show_progress : NULL;
    a.sweep.stopped = stopped;
    a.sweep.context = &screen;
    hold_signals(true);
    a.sweep.seed = a.has_seed ? a.seed : 1;
    rota_report_add(&t.table, heading);
    if (!open_junit(&a, &t))
        status = ROTA_VERDICT_WRONG;
    for (uint32_t i = 0;
         i < a.file_count && (i > 0 || status == ROTA_VERDICT_HELD) && !stopped(NULL); i++)
        status = rota_sim_worse(status, sweep_file(&a, a.files[i], &screen, &t));
    if (!close_junit(&a, &t))
        status = ROTA_VERDICT_WRONG;
    close_totals(&a, &t);
    free(a.files);
    fflush(stdout);
    hold_signals(false);
    return status;
}
