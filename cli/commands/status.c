/* rota status: shows the leader and the number of workers, tasks and assignments. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/base/report.h"
#include "cli/commands/command.h"
#include "cli/jobs/tree_reader.h"

struct arguments {
    struct rota_options options;
    bool json;
};

static const struct argp_option options[] = {{"json", 'J', 0, 0, "print a JSON object", 0}, {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options;
        return 0;
    case 'J':
        a->json = true;
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
    .doc = "Show the leading master, its epoch, and the number of workers, tasks and assignments."};

static void print_object(const struct rota_action *action)
{
    size_t length;
    const int64_t *n = action->row.numbers;
    json_t *master =
        action->row.cells[0][0] != '\0' ? rota_report_text(action->row.cells[0]) : json_null();
    char *text = rota_report_json(json_pack("{s:o, s:I, s:I, s:I, s:I}", "master", master, "epoch",
                                            (json_int_t)n[0], "workers", (json_int_t)n[1], "tasks",
                                            (json_int_t)n[2], "assignments", (json_int_t)n[3]),
                                  &length);

    fwrite(text, 1, length, stdout);
    free(text);
}

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    const struct arguments *a = d->context;
    const int64_t *n = action->row.numbers;

    if (action->kind != ROTA_ACTION_ROW)
        return;
    if (a->json) {
        print_object(action);
        return;
    }
    printf("master       %s\n", action->row.cells[0][0] != '\0' ? action->row.cells[0] : "none");
    printf("epoch        %" PRId64 "\n", n[0]);
    printf("workers      %" PRId64 "\n", n[1]);
    printf("tasks        %" PRId64 "\n", n[2]);
    printf("assignments  %" PRId64 "\n", n[3]);
}

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct rota_reader_config reader = {.command = ROTA_READER_STATUS};

    rota_options_parse(&argp, argc, argv, &a);
    return (int)rota_tree_reader_run(&a.options, &reader, on_act, &a);
}

const struct rota_command rota_command_status = {
    "status", "show the leader and the number of workers, tasks and assignments", run};
