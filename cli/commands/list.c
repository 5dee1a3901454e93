/* rota list: lists tasks, workers or assignments, one line each. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/report.h"
#include "cli/base/table.h"
#include "cli/commands/command.h"
#include "cli/jobs/tree_reader.h"

/* A column is a cell of the row, or one of its numbers. */
struct column {
    const char *name;
    char from; /* 'c' or 'n' */
    int at;
};

/* A kind of object that can be listed. */
struct kind {
    const char *name;
    enum rota_reader_command reading;
    struct column columns[ROTA_TABLE_COLUMNS];
};

static const struct kind kinds[] = {
    {"tasks",
     ROTA_READER_LIST_TASKS,
     {{"task", 'c', 0},
      {"state", 'c', 1},
      {"worker", 'c', 2},
      {"attempt", 'n', 0},
      {"priority", 'n', 2},
      {"note", 'c', 3}}},
    {"workers",
     ROTA_READER_LIST_WORKERS,
     {{"worker", 'c', 0},
      {"address", 'c', 1},
      {"slots", 'n', 0},
      {"tasks", 'n', 1},
      {"tags", 'c', 2},
      {"note", 'c', 3}}},
    {"assignments",
     ROTA_READER_LIST_ASSIGNMENTS,
     {{"worker", 'c', 0},
      {"task", 'c', 1},
      {"attempt", 'n', 0},
      {"losses", 'n', 1},
      {"epoch", 'n', 2}}},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

struct arguments {
    struct rota_options options;
    const struct kind *kind;
    bool json;
};

struct listing {
    const struct arguments *arguments;
    struct rota_table table;
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
            argp_error(state, "give one kind at a time, not also \"%s\"", argument);
        a->kind = find(argument);
        if (a->kind == NULL)
            argp_error(state, "\"%s\" cannot be listed; use tasks, workers or assignments",
                       argument);
        return 0;
    case ARGP_KEY_END:
        a->kind = a->kind != NULL ? a->kind : &kinds[0];
        rota_options_need_zk(state, &a->options);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&rota_options_argp, 0, NULL, 0}, {0}};
static const struct argp argp = {.options = options,
                                 .parser = parse,
                                 .args_doc = "[tasks|workers|assignments]",
                                 .children = children,
                                 .doc = "List tasks (the default), workers or assignments."};

static const char *cell(const struct rota_action *action, const struct column *column)
{
    const char *text = action->row.cells[column->at];

    return text != NULL ? text : "";
}

static void add_heading(struct rota_table *table, const struct kind *kind)
{
    const char *cells[ROTA_TABLE_COLUMNS] = {0};
    char upper[ROTA_TABLE_COLUMNS][16];

    for (int i = 0; i < ROTA_TABLE_COLUMNS && kind->columns[i].name != NULL; i++) {
        const char *name = kind->columns[i].name;
        size_t length = strlen(name);

        for (size_t j = 0; j <= length; j++)
            upper[i][j] = (char)(name[j] & ~(j < length ? 32 : 0));
        cells[i] = upper[i];
    }
    rota_table_add(table, cells);
}

/* The attempt is unknown if the task waits for its first one, or if its history was removed. */
static bool is_unknown(const struct rota_action *action, const struct column *column)
{
    return strcmp(column->name, "attempt") == 0 && action->row.numbers[column->at] == 0;
}

static void add_row(struct rota_table *table, const struct kind *kind,
                    const struct rota_action *action)
{
    const char *cells[ROTA_TABLE_COLUMNS] = {0};
    char numbers[ROTA_TABLE_COLUMNS][24];

    for (int i = 0; i < ROTA_TABLE_COLUMNS && kind->columns[i].name != NULL; i++) {
        const struct column *column = &kind->columns[i];

        snprintf(numbers[i], sizeof numbers[i], "%" PRId64,
                 action->row.numbers[column->from == 'n' ? column->at : 0]);
        cells[i] = column->from == 'n' ? numbers[i] : cell(action, column);
        if (cells[i][0] == '\0' || is_unknown(action, column))
            cells[i] = "-";
    }
    rota_table_add(table, cells);
}

static void print_object(const struct kind *kind, const struct rota_action *action)
{
    json_t *object = json_object();
    size_t length;

    for (int i = 0; i < ROTA_TABLE_COLUMNS && kind->columns[i].name != NULL; i++) {
        const struct column *column = &kind->columns[i];

        json_object_set_new(object, column->name,
                            column->from == 'n' ? json_integer(action->row.numbers[column->at])
                                                : rota_report_text(cell(action, column)));
    }
    char *text = rota_report_json(object, &length);
    fwrite(text, 1, length, stdout);
    free(text);
}

static void on_act(struct rota_driver_loop *d, const struct rota_action *action)
{
    struct listing *listing = d->context;

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
    add_heading(&listing.table, a.kind);
    struct rota_reader_config reader = {.command = a.kind->reading};
    enum rota_exit status = rota_tree_reader_run(&a.options, &reader, on_act, &listing);
    if (listing.table.count > 1)
        rota_table_print(&listing.table);
    rota_table_close(&listing.table);
    return (int)status;
}

const struct rota_command rota_command_list = {"list", "list tasks, workers or assignments", run};
