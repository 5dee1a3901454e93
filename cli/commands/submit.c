/* rota submit: submits tasks, and with --wait prints their results. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/options.h"
#include "cli/commands/command.h"
#include "cli/jobs/client_main.h"

struct arguments {
    struct rota_options options;
    struct rota_terms_options terms;
    struct rota_job_feed_config feed;
    bool wait;
    const char *payload;
    const char *lines;
    const char *whole;
};

static const struct argp_option options[] = {
    {"wait", 'w', 0, 0,
     "wait for the results, print them in the order of the input, and collect them", 0},
    {"file", 'f', "FILE", 0,
     "submit each line as a payload, except empty lines; if one line cannot be a task, nothing of "
     "the file is submitted",
     0},
    {"payload-file", 'p', "FILE", 0, "submit the whole file as one payload", 0},
    {"json", 'J', 0, 0, "print one JSON object a line", 0},
    {0}};

/* A payload on the command line is checked now, others when they are read. */
static void check_terms(struct arguments *a, struct argp_state *state)
{
    struct rota_outbox outbox;
    struct rota_bytes written;

    rota_terms_options_check(state, &a->terms);
    if (a->terms.id != NULL && a->lines != NULL)
        argp_error(state,
                   "--id names one task, but %s can hold several payloads; give a PAYLOAD or "
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
        argp_error(
            state,
            "no payload is given; use a PAYLOAD, --file, --payload-file, or - for the lines of "
            "standard input");
    if (sources > 1)
        argp_error(
            state,
            "give one source at a time: a PAYLOAD, --file, --payload-file, or -; put a PAYLOAD "
            "of several words in quotes");
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
        a->feed.json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->payload != NULL || (strcmp(argument, "-") == 0 && a->lines != NULL))
            argp_error(state,
                       "give one source at a time; put a PAYLOAD of several words in quotes");
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
                                 .doc =
                                     "Submit tasks. Prints the name of each task, one a line; with "
                                     "--wait it prints the results instead, in the order of the "
                                     "input."};

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
    a.feed.results = a.wait;
    a.feed.collect = a.wait;
    a.feed.errors = true;
    a.feed.terms = &a.terms;
    if (a.lines != NULL)
        a.feed.input = strcmp(a.lines, "-") == 0 ? "standard input" : a.lines;
    else
        a.feed.input = a.whole != NULL ? a.whole : "the payload";
    return (int)rota_client_main_run(&a.options, &a.feed, open_source, &a);
}

const struct rota_command rota_command_submit = {"submit",
                                                 "submit tasks, and wait for their results", run};
