/* rota list: what is in the tree, one line each. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/reading.h"
#include "cli/report.h"

/* What can be listed. A column is a cell of the row, then its numbers. */
struct kind {
    const char *name;
    enum rota_reading reading;
    int cells;
    int numbers;
    const char *columns[ROTA_REPORT_COLUMNS];
};

static const struct kind kinds[] = {
    {"tasks", ROTA_READING_TASKS, 3, 1, {"task", "state", "worker", "attempt"}},
    {"workers", ROTA_READING_WORKERS, 2, 2, {"worker", "address", "slots", "tasks"}},
    {"assignments",
     ROTA_READING_ASSIGNMENTS,
     2,
     3,
     {"worker", "task", "attempt", "losses", "epoch"}},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

struct arguments {
    struct rota_options options;
    const struct kind *kind;
    bool json;
};

struct listing {
    const struct arguments *arguments;
    struct rota_report_table table;
};

static const struct argp_option options[] = {{"json", 'J', 0, 0, "print one JSON object a line", 0},
                                             {0}};

static const struct kind *find(const char *name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static void check(const struct arguments *a, struct argp_state *state)
{
    if (a->kind == NULL)
        argp_error(state, "what is to be listed: tasks, workers or assignments?");
    rota_options_need_zk(state, &a->options);
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
        if (a->kind != NULL)
            argp_error(state, "\"%s\" is one word too many", argument);
        a->kind = find(argument);
        if (a->kind == NULL)
            argp_error(state, "\"%s\" cannot be listed; tasks, workers and assignments can",
                       argument);
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .args_doc = "tasks|workers|assignments",
                                 .children = children,
                                 .doc = "List what is in the tree."};

static void add_columns(struct rota_report_table *table, const struct kind *kind)
{
    const char *cells[ROTA_REPORT_COLUMNS] = {0};
    char upper[ROTA_REPORT_COLUMNS][16];
    for (int i = 0; i < kind->cells + kind->numbers; i++) {
        size_t length = strlen(kind->columns[i]);
        for (size_t j = 0; j <= length; j++)
            upper[i][j] = (char)(kind->columns[i][j] & ~(j < length ? 32 : 0));
        cells[i] = upper[i];
    }
    rota_report_add(table, cells);
}

static void add_row(struct rota_report_table *table, const struct kind *kind,
                    const struct rota_action *action)
{
    const char *cells[ROTA_REPORT_COLUMNS] = {0};
    char numbers[ROTA_REPORT_COLUMNS][24];
    for (int i = 0; i < kind->cells; i++)
        cells[i] = action->row.cells[i][0] != '\0' ? action->row.cells[i] : "-";
    for (int i = 0; i < kind->numbers; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%" PRId64, action->row.numbers[i]);
        cells[kind->cells + i] = numbers[i];
    }
    rota_report_add(table, cells);
}

static void print_object(const struct kind *kind, const struct rota_action *action)
{
    json_t *object = json_object();
    size_t length;
    for (int i = 0; i < kind->cells; i++)
        json_object_set_new(object, kind->columns[i], json_string(action->row.cells[i]));
    for (int i = 0; i < kind->numbers; i++)
        json_object_set_new(object, kind->columns[kind->cells + i],
                            json_integer(action->row.numbers[i]));
    char *text = rota_report_json(object, &length);
    fwrite(text, 1, length, stdout);
    free(text);
}

static void on_act(struct rota_process *p, const struct rota_action *action)
{
    struct listing *listing = p->context;
    if (action->kind != ROTA_ACTION_ROW)
        return;
    if (listing->arguments->json)
        print_object(listing->arguments->kind, action);
    else
        add_row(&listing->table, listing->arguments->kind, action);
}

static int run(int argc, char **argv)
{
    struct arguments a = {0};
    struct listing listing = {.arguments = &a};
    rota_options_parse(&argp, argc, argv, &a);
    add_columns(&listing.table, a.kind);
    enum rota_exit status = rota_reading_run(&a.options, a.kind->reading, on_act, &listing);
    if (listing.table.count > 1)
        rota_report_print(&listing.table);
    rota_report_close(&listing.table);
    return (int)status;
}

const struct rota_command rota_command_list = {"list", "list tasks, workers or assignments", &argp,
                                               run};
