/* rota history: lists the attempts of a task, one line each. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/report.h"
#include "cli/base/table.h"
#include "cli/base/wall_clock.h"
#include "cli/commands/command.h"
#include "cli/jobs/tree_reader.h"

struct arguments {
    struct rota_options options;
    struct rota_reader_config reader;
    bool json;
    struct rota_table table;
};

static const struct argp_option options[] = {{"json", 'J', 0, 0, "print one JSON object a line", 0},
                                             {0}};

static void take_name(struct arguments *a, const char *name, const struct argp_state *state)
{
    if (a->reader.task[0] != '\0')
        argp_error(state, "give one task at a time, not also \"%s\"", name);
    rota_options_name(state, "TASK", name, sizeof a->reader.task - 1);
    snprintf(a->reader.task, sizeof a->reader.task, "%s", name);
}

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
        take_name(a, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (a->reader.task[0] == '\0')
            argp_error(state, "no task is given; rota list tasks shows the names");
        rota_options_need_zk(state, &a->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .args_doc = "TASK",
                                 .children = children,
                                 .doc =
                                     "List the attempts of a task: on which worker, when, and how "
                                     "each ended."};

static const char *text_of(const struct rota_action *action, int cell)
{
    const char *text = action->row.cells[cell];

    return text != NULL ? text : "";
}

/* An unknown time is null. */
static json_t *time_of(int64_t ms)
{
    return ms > 0 ? json_integer(ms) : json_null();
}

static void print_object(const struct rota_action *action)
{
    const int64_t *n = action->row.numbers;
    size_t length;
    json_t *object =
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "attempt", (json_int_t)n[0], "worker",
                  rota_report_text(text_of(action, 0)), "began_ms", time_of(n[1]), "ended_ms",
                  time_of(n[2]), "how", rota_report_text(text_of(action, 1)), "reason",
                  rota_report_text(text_of(action, 2)));
    char *text = rota_report_json(object, &length);

    fwrite(text, 1, length, stdout);
    free(text);
}

static const char *shown(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void add_row(struct rota_table *table, const struct rota_action *action)
{
    const int64_t *n = action->row.numbers;
    char attempt[24] = "-";
    char began[ROTA_WALL_CLOCK_SIZE] = "-";
    char ended[ROTA_WALL_CLOCK_SIZE] = "-";

    if (n[0] > 0)
        snprintf(attempt, sizeof attempt, "%" PRId64, n[0]);
    if (n[1] > 0)
        rota_wall_clock_format(began, n[1]);
    if (n[2] > 0)
        rota_wall_clock_format(ended, n[2]);
    rota_table_add(table, (const char *const[ROTA_TABLE_COLUMNS]){
                              attempt, shown(text_of(action, 0)), began, ended,
                              shown(text_of(action, 1)), shown(text_of(action, 2))});
}

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct arguments *a = d->context;

    if (action->kind != ROTA_ACTION_ROW)
        return;
    if (a->json)
        print_object(action);
    else
        add_row(&a->table, action);
}

static int run(int argc, char **argv)
{
    static const char *const heading[ROTA_TABLE_COLUMNS] = {"ATTEMPT", "WORKER",  "BEGAN",
                                                            "ENDED",   "OUTCOME", "REASON"};
    struct arguments a = {.reader = {.command = ROTA_READER_HISTORY}};

    rota_options_parse(&argp, argc, argv, &a);
    rota_table_add(&a.table, heading);
    enum rota_exit status = rota_tree_reader_run(&a.options, &a.reader, on_act, &a);
    if (a.table.count > 1)
        rota_table_print(&a.table);
    else if (status == ROTA_EXIT_DONE && !a.json)
        rota_screen_say(NULL, "the task %s has had no attempt yet", a.reader.task);
    rota_table_close(&a.table);
    return (int)status;
}

const struct rota_command rota_command_history = {"history", "list the attempts of a task", run};
