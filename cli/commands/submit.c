/* rota submit: puts tasks into the tree, and with --wait brings their results back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/command.h"
#include "cli/jobs/client_main.h"
#include "cli/base/options.h"

struct arguments {
    struct rota_options options;
    struct rota_terms_options terms;
    struct rota_job_feed_config desk;
    bool wait;
    const char *payload;
    const char *lines;
    const char *whole;
};

static const struct argp_option options[] = {
    {"wait", 'w', 0, 0, "wait for the results, print them in order, and collect them", 0},
    {"file", 'f', "FILE", 0,
     "one payload a line, empty lines skipped; a file with a line that cannot be a task is refused "
     "as a whole",
     0},
    {"payload-file", 'p', "FILE", 0, "one payload, the file as a whole", 0},
    {"json", 'J', 0, 0, "print one JSON object a line", 0},
    {0}};

/* A payload on the command line is judged with it; others when they are read. */
static void check_terms(struct arguments *a, struct argp_state *state)
{
    struct rota_outbox outbox;
    struct rota_bytes written;
    rota_terms_options_check(state, &a->terms);
    if (a->terms.id != NULL && a->lines != NULL)
        argp_error(state,
                   "--id names one task, and %s may hold several; give a PAYLOAD or "
                   "--payload-file",
                   a->lines);
    if (a->payload == NULL)
        return;
    rota_outbox_init(&outbox);
    const char *wrong = rota_terms_options_write(
        &a->terms, &outbox, (struct rota_bytes){a->payload, (int32_t)strlen(a->payload)}, &written);
    if (wrong != NULL)
        argp_error(state, "the payload %s", wrong);
    rota_outbox_close(&outbox);
}

static void check(struct arguments *a, struct argp_state *state)
{
    int sources = (a->payload != NULL) + (a->lines != NULL) + (a->whole != NULL);
    if (sources == 0)
        argp_error(state,
                   "what is to be submitted? Give a PAYLOAD, --file, --payload-file, or - for "
                   "lines on standard input");
    if (sources > 1)
        argp_error(state,
                   "one source at a time: a PAYLOAD, --file, --payload-file, or -; a PAYLOAD of "
                   "several words wants quotes");
    check_terms(a, state);
    rota_options_need_zk(state, &a->options);
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        rota_terms_options_init(&a->terms);
        state->child_inputs[0] = &a->options;
        state->child_inputs[1] = state->child_inputs[2] = &a->terms;
        return 0;
    case 'w':
        a->wait = true;
        return 0;
    case 'f':
        a->lines = argument;
        return 0;
    case 'p':
        a->whole = argument;
        return 0;
    case 'J':
        a->desk.json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->payload != NULL || (strcmp(argument, "-") == 0 && a->lines != NULL))
            argp_error(state, "one source at a time; a PAYLOAD of several words wants quotes");
        if (strcmp(argument, "-") == 0)
            a->lines = argument;
        else
            a->payload = argument;
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0},
                                             {&rota_terms_attempts_argp, 0, NULL, 0},
                                             {&rota_terms_argp, 0, NULL, 0},
                                             {0}};
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .args_doc = "PAYLOAD\n--file FILE\n--payload-file FILE\n-",
                                 .children = children,
                                 .doc = "Submit tasks. Prints each task's name, one a line, or "
                                        "with --wait the results in the order "
                                        "of the input."};

static int open_source(struct rota_source *source, uv_loop_t *loop, const void *context)
{
    const struct arguments *a = context;
    if (a->lines != NULL)
        return rota_source_open_lines(source, loop, a->lines);
    if (a->whole != NULL)
        return rota_source_open_whole(source, a->whole);
    rota_source_open_text(source, a->payload);
    return 0;
}

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    rota_options_parse(&argp, argc, argv, &a);
    a.desk.results = a.wait;
    a.desk.collect = a.wait;
    a.desk.errors = true;
    a.desk.terms = &a.terms;
    if (a.lines != NULL)
        a.desk.input = strcmp(a.lines, "-") == 0 ? "standard input" : a.lines;
    else
        a.desk.input = a.whole != NULL ? a.whole : "the payload";
    return (int)rota_client_main_run(&a.options, &a.desk, open_source, &a);
}

const struct rota_command rota_command_submit = {
    "submit", "submit tasks, and wait for their results", &argp, run};
