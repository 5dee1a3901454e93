/* rota sim: runs scenario files in virtual time. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/junit.h"
#include "cli/base/options.h"
#include "cli/base/report.h"
#include "cli/commands/command.h"
#include "cli/commands/sweep.h"
#include "harness/language/protocol.h"
#include "harness/language/value.h"
#include "harness/play/live.h"
#include "harness/play/scenario_files.h"
#include "harness/play/sim.h"
#include "model/base/mark.h"
#include "system/memory.h"

enum verb {
    VERB_RUN,
    VERB_CHECK,
    VERB_WORDS,
};

struct arguments {
    enum verb verb;
    struct rota_sim_options sim;
    const char **files;
    const char **injects;
    const char *live;  /* a connect string; NULL: in virtual time */
    const char *junit; /* a file; NULL: none */
    bool json;
    FILE *report; /* the JUnit file */
    struct rota_junit cases;
};

enum {
    KEY_JUNIT = 256,
    KEY_ORDER,
    KEY_REWRITE,
};

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "use this seed instead of the files' own", 0},
    {"trace", 't', "FILE", 0, "write the trace to FILE, - for standard output", 0},
    {"json", 'J', NULL, 0, "print one JSON object a file", 0},
    {"junit", KEY_JUNIT, "FILE", 0,
     "write a JUnit report to FILE, with one test case a scenario file", 0},
    {"rewrite", KEY_REWRITE, NULL, 0, "rewrite the expected traces in the scenario files", 0},
    {"order", KEY_ORDER, "N", 0, "run only the Nth order of the steps of `permute`", 0},
    {"inject", 'i', "PLACE", 0,
     "add a fault, such as crash@m1:17, and judge the run as a sweep does; can be given again", 0},
    {"live", 'l', "HOSTS", 0,
     "run files of zk statements once on this ZooKeeper, whose tree should be empty", 0},
    {0}};

/* ---- the command line ---- */

static void take_seed(struct arguments *a, const char *text, struct argp_state *state)
{
    a->sim.has_seed = true;
    if (!rota_number_read(text, strlen(text), UINT64_MAX, &a->sim.seed))
        argp_error(state, "--seed must be a whole number, not \"%s\"", text);
}

static void take_word(struct arguments *a, char *word, struct argp_state *state)
{
    static const char *const verbs[] = {"run", "check", "words", NULL};
    int verb = 0;

    if (state->arg_num > 0) {
        a->files[a->sim.file_count++] = word;
        return;
    }
    while (verbs[verb] != NULL && strcmp(word, verbs[verb]) != 0)
        verb++;
    if (verbs[verb] == NULL)
        argp_error(state, "there is no rota sim %s; use rota sim run, check, words or sweep", word);
    a->verb = (enum verb)verb;
}

/* Refuses what cannot be combined. */
static void check(const struct arguments *a, struct argp_state *state)
{
    const struct rota_sim_options *sim = &a->sim;
    bool running = sim->has_seed || sim->trace_file != NULL || a->json || a->junit != NULL ||
                   sim->rewrite || sim->order > 0 || sim->inject_count > 0;

    if (state->arg_num == 0 || (sim->file_count == 0 && a->verb != VERB_WORDS))
        argp_error(state, "no scenario file is given; use rota sim run FILE...");
    if (a->verb != VERB_RUN && (running || a->live != NULL))
        argp_error(state, "rota sim check and words take no options; they belong to rota sim run");
    if (a->verb == VERB_WORDS && sim->file_count > 0)
        argp_error(state, "rota sim words takes no file");
    if (a->live != NULL && running)
        argp_error(state,
                   "--live cannot be combined with other options, since it runs in real time");
    if (a->json && sim->trace_file != NULL && strcmp(sim->trace_file, "-") == 0)
        argp_error(state,
                   "--json and --trace - both write to standard output; give --trace a file");
    if (sim->rewrite && (sim->has_seed || sim->order > 0 || sim->inject_count > 0))
        argp_error(state, "--rewrite cannot be combined with --seed, --order or --inject");
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
    case 'J':
        a->json = true;
        return 0;
    case KEY_JUNIT:
        a->junit = argument;
        return 0;
    case KEY_REWRITE:
        a->sim.rewrite = true;
        return 0;
    case KEY_ORDER:
        a->sim.order = rota_options_number(state, "--order", argument, 1, 1000000);
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
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .args_doc = "run FILE...\ncheck FILE...\nwords\nsweep --help",
    .doc =
        "Run scenario files in virtual time, each of them twice, and compare the two traces; or "
        "check that the files can be read; or print the words of the scenario language. FILE may "
        "be a folder: then all .scn files below it are taken, ordered by name.\vExit "
        "status: 0 every expectation and invariant held; 1 one failed; 2 a file or the command "
        "line is wrong; 3 no progress; 4 the run was not deterministic."};

/* ---- results ---- */

static void print_json(const struct rota_sim_result *r)
{
    char hash[24];
    size_t length;
    char *text;
    json_t *object =
        json_pack("{s:o, s:s, s:i, s:I, s:I, s:f}", "file", rota_report_text(r->file), "verdict",
                  rota_verdict_word(r->verdict), "status", (int)r->verdict, "runs",
                  (json_int_t)r->runs, "events", (json_int_t)r->events, "seconds", r->seconds);

    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)r->hash);
    if (r->title != NULL) {
        json_object_set_new(object, "title", rota_report_text(r->title));
        json_object_set_new(object, "seed", json_integer((json_int_t)r->seed));
        json_object_set_new(object, "virtual_seconds", json_real((double)r->time / 1e6));
        json_object_set_new(object, "trace", json_string(hash));
    }
    if (r->report[0] != '\0')
        json_object_set_new(object, "report", rota_report_text(r->report));
    text = rota_report_json(object, &length);
    fwrite(text, 1, length, stdout);
    free(text);
}

static void report_result(void *context, const struct rota_sim_result *r)
{
    struct arguments *a = context;
    const char *failure = r->verdict == ROTA_VERDICT_HELD ? NULL : rota_verdict_word(r->verdict);

    if (a->report != NULL)
        rota_junit_write(&a->cases, &(struct rota_junit_case){"scenario", r->file, r->seconds,
                                                              failure, r->report});
    if (a->json)
        print_json(r);
    else
        rota_sim_print(r, stdout);
}

static int run_files(struct arguments *a)
{
    int status;

    a->sim.tell = report_result;
    a->sim.context = a;
    if (a->junit == NULL)
        return rota_sim_run(&a->sim);
    a->report = fopen(a->junit, "w");
    if (a->report == NULL) {
        fprintf(stderr, "%s: the JUnit report cannot be written: %s\n", a->junit, strerror(errno));
        return ROTA_VERDICT_WRONG;
    }
    rota_junit_open(&a->cases, a->report, "rota");
    status = rota_sim_run(&a->sim);
    rota_junit_close(&a->cases);
    if (fclose(a->report) != 0) {
        fprintf(stderr, "%s: the JUnit report is not complete: %s\n", a->junit, strerror(errno));
        status = rota_verdict_worse(status, ROTA_VERDICT_WRONG);
    }
    return status;
}

/* ---- words ---- */

/* Prints one word as an object: its kind, and its description if there is one. */
static void print_word(const char *kind, const struct rota_keyword *e)
{
    json_t *object = json_pack("{s:s, s:s}", "kind", kind, "word", e->word);
    size_t length;
    char *text;

    if (e->syntax != NULL)
        json_object_update_new(object, json_pack("{s:s, s:s, s:s}", "syntax", e->syntax, "meaning",
                                                 e->meaning, "example", e->example));
    text = rota_report_json(object, &length);
    fwrite(text, 1, length, stdout);
    free(text);
}

static int print_words(void)
{
    char mark[64];

    for (int kind = 0; kind < ROTA_KEYWORD_KINDS; kind++) {
        const struct rota_keyword *e = rota_keywords((enum rota_keyword_kind)kind);

        for (; e->word != NULL; e++)
            print_word(rota_keyword_kind_name((enum rota_keyword_kind)kind), e);
    }
    for (uint32_t i = 0; rota_protocol_at(i) != NULL; i++)
        print_word("protocol", &(struct rota_keyword){.word = rota_protocol_at(i)->name});
    for (int i = 0; i < ROTA_MARKS; i++) {
        rota_mark_format((enum rota_mark)i, mark, sizeof mark);
        print_word("mark", &(struct rota_keyword){.word = mark});
    }
    return ROTA_VERDICT_HELD;
}

static int run_verb(struct arguments *a)
{
    switch (a->verb) {
    case VERB_CHECK:
        return rota_sim_check(&a->sim);
    case VERB_WORDS:
        return print_words();
    default:
        return a->live != NULL ? rota_live_run(&a->sim, a->live) : run_files(a);
    }
}

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct rota_scenario_files files;
    char sweep[] = "rota sim sweep";
    char error[512];
    int status = ROTA_VERDICT_WRONG;

    if (argc > 1 && strcmp(argv[1], "sweep") == 0) {
        argv[1] = sweep;
        return rota_sweep_main(argc - 1, argv + 1);
    }
    a.files = rota_memory_zeroed((size_t)argc, sizeof *a.files);
    a.injects = rota_memory_zeroed((size_t)argc, sizeof *a.injects);
    rota_options_parse(&argp, argc, argv, &a);
    a.sim.injects = a.injects;
    if (rota_scenario_files_find(&files, a.files, a.sim.file_count, error, sizeof error)) {
        a.sim.files = (const char *const *)files.paths;
        a.sim.file_count = files.count;
        status = run_verb(&a);
        rota_scenario_files_close(&files);
    } else {
        fprintf(stderr, "%s\n", error);
    }
    free(a.files);
    free(a.injects);
    return status;
}

const struct rota_command rota_command_sim = {"sim", "run scenario files in virtual time", run};
