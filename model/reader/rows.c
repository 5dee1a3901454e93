#include "model/reader/rows.h"

#include <inttypes.h>
#include <string.h>

/* The first dependency of a task that exists and is not done; NULL if there is none. */
static const char *blocked_by(struct rota_reader_context *s, const struct rota_reader_row *row)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_reader_text(s, row->dependencies));

    for (size_t n; (n = strcspn(name, "\n")) > 0; name += n + 1) {
        const char *one = rota_outbox_text(s->out, "%.*s", (int)n, name);
        uint32_t other = rota_map_get(s->mem, &s->r->names, one);

        if (other != ROTA_MAP_NONE && !rota_reader_row_at(s, other)->gone &&
            strcmp(rota_reader_text(s, rota_reader_row_at(s, other)->state), "done") != 0)
            return one;
    }
    return NULL;
}

/* ---- tags ---- */

/* True if each tag of `wanted` is one of `tags`; both are separated by commas. */
static bool has_tags(const char *tags, const char *wanted)
{
    for (size_t n; (n = strcspn(wanted, ",")) > 0; wanted += n + (wanted[n] == ',')) {
        const char *t = tags;

        while (*t != '\0' && (strcspn(t, ",") != n || strncmp(t, wanted, n) != 0))
            t += strcspn(t, ",") + (t[strcspn(t, ",")] == ',');
        if (*t == '\0')
            return false;
    }
    return true;
}

static bool any_worker_has_tags(const struct rota_reader_context *s, const char *wanted)
{
    for (uint32_t k = 0; k < s->r->worker_tags.length; k++) {
        const rota_ref *tags = rota_array_at(s->mem, &s->r->worker_tags, k, sizeof *tags);

        if (has_tags(rota_reader_text(s, *tags), wanted))
            return true;
    }
    return false;
}

bool rota_reader_rows_need_tags(const struct rota_reader_context *s)
{
    if (s->r->config.command != ROTA_READER_LIST_TASKS)
        return false;
    for (uint32_t k = 0; k < s->r->rows.length; k++) {
        const struct rota_reader_row *row = rota_reader_row_at(s, k);

        if (row->tags != 0 && row->state == 0 && row->worker == 0)
            return true;
    }
    return false;
}

/* ---- delays ---- */

static int64_t remaining_ms(const struct rota_reader_context *s, const struct rota_reader_row *row)
{
    int64_t now_ms = s->r->config.now_ms > 0 ? s->r->config.now_ms : s->r->latest_ms;

    return row->due_ms > now_ms ? row->due_ms - now_ms : 0;
}

/* A delay for people, such as "in 90 s", rounded up, in the finest unit in which the number is not
 * large. */
static const char *delay_text(struct rota_reader_context *s, int64_t ms)
{
    static const struct {
        int64_t ms;
        int64_t max;
        const char *name;
    } units[] = {{1000, 120, "s"}, {60000, 120, "min"}, {3600000, 48, "h"}, {86400000, 0, "d"}};
    size_t u = 0;

    while (units[u].max > 0 && ms > units[u].max * units[u].ms)
        u++;
    return rota_outbox_text(s->out, "in %" PRId64 " %s", (ms + units[u].ms - 1) / units[u].ms,
                            units[u].name);
}

/* ---- rows ---- */

/* The state of a task that has no final status and is not assigned, with its note in `*note`. */
static const char *state_of_waiting(struct rota_reader_context *s,
                                    const struct rota_reader_row *row, const char **note)
{
    const char *tags = rota_reader_text(s, row->tags);
    const char *dependency;
    int64_t ms = remaining_ms(s, row);

    if (row->retrying) {
        if (ms > 0)
            *note = rota_outbox_text(s->out, "%s%s%s", *note, (*note)[0] == '\0' ? "" : "; ",
                                     delay_text(s, ms));
        return "retrying";
    }
    dependency = blocked_by(s, row);
    if (dependency != NULL) {
        *note = rota_outbox_text(s->out, "waits for %s", dependency);
        return "blocked";
    }
    if (ms > 0) {
        *note = delay_text(s, ms);
        return "delayed";
    }
    if (tags[0] != '\0' && !any_worker_has_tags(s, tags))
        *note = rota_outbox_text(s->out, "no worker carries %.*s", (int)strlen(tags) - 1, tags);
    return "waiting";
}

/* The state of a task, with its note in `*note`. */
static const char *state_of(struct rota_reader_context *s, const struct rota_reader_row *row,
                            const char **note)
{
    *note = rota_reader_text(s, row->note);
    if (row->state != 0)
        return rota_reader_text(s, row->state);
    if (row->cancelling)
        return "cancelling";
    if (row->worker != 0)
        return "assigned";
    return state_of_waiting(s, row, note);
}

static void give_task(struct rota_reader_context *s, const struct rota_reader_row *row)
{
    const char *note;
    const char *state = state_of(s, row, &note);
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

    a->row.kind = "task";
    a->row.cells[0] = rota_reader_text(s, row->name);
    a->row.cells[1] = state;
    a->row.cells[2] = rota_reader_text(s, row->worker);
    a->row.cells[3] = note;
    memcpy(a->row.numbers, row->numbers, sizeof row->numbers);
}

static void give_worker(struct rota_reader_context *s, const struct rota_reader_row *row)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

    a->row.kind = "worker";
    a->row.cells[0] = rota_reader_text(s, row->name);
    a->row.cells[1] = rota_reader_text(s, row->address);
    a->row.cells[2] = rota_reader_text(s, row->tags);
    a->row.cells[3] = row->draining ? "draining" : "";
    memcpy(a->row.numbers, row->numbers, sizeof row->numbers);
}

static void give_assignment(struct rota_reader_context *s, const struct rota_reader_row *row)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

    a->row.kind = "assignment";
    a->row.cells[0] = rota_reader_text(s, row->worker);
    a->row.cells[1] = rota_reader_text(s, row->name);
    memcpy(a->row.numbers, row->numbers, sizeof row->numbers);
}

void rota_reader_rows_give(struct rota_reader_context *s)
{
    for (uint32_t i = 0; i < s->r->rows.length; i++) {
        const struct rota_reader_row *row = rota_reader_row_at(s, i);

        if (row->gone)
            continue;
        if (s->r->config.command == ROTA_READER_LIST_TASKS)
            give_task(s, row);
        else if (s->r->config.command == ROTA_READER_LIST_WORKERS)
            give_worker(s, row);
        else
            give_assignment(s, row);
    }
}
