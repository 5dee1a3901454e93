#include "model/reader/history.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { HISTORY_MAX = 8192 }; /* bytes of /history/<t> that are read */

void rota_reader_history_begin(struct rota_reader_context *s)
{
    const char *task = s->r->config.task;

    s->r->task_exists = false;
    s->r->history = 0;
    if (!rota_path_name_valid(s->out, task)) {
        rota_reader_exit(s, ROTA_EXIT_FAILED, "this is not a valid name of a task");
        return;
    }
    rota_reader_request(s, ROTA_READER_PURPOSE_TASK, 0, ROTA_OP_EXISTS,
                        rota_path_task(s->out, task));
    rota_reader_request(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    rota_reader_request(s, ROTA_READER_PURPOSE_RETRY, 0, ROTA_OP_GET,
                        rota_path_retry(s->out, task));
}

/* The status is read last, so that a task which ends in the meantime is shown with its end. */
static void read_end(struct rota_reader_context *s)
{
    const char *task = s->r->config.task;

    s->r->phase = ROTA_READER_PHASE_ROWS;
    rota_reader_request(s, ROTA_READER_PURPOSE_HISTORY, 0, ROTA_OP_GET,
                        rota_path_history(s->out, task));
    rota_reader_request(s, ROTA_READER_PURPOSE_TASK_STATUS, 0, ROTA_OP_GET,
                        rota_path_status(s->out, task));
}

/* ---- replies ---- */

/* Adds a row: an attempt under way, or the final status without a history. */
static struct rota_reader_row *add(struct rota_reader_context *s, const char *worker,
                                   const char *outcome, const char *reason)
{
    uint32_t i = rota_reader_row_add(s, worker);
    rota_ref state = rota_text_take(s->mem, outcome);
    rota_ref note = rota_text_take(s->mem, reason);

    rota_reader_row_at(s, i)->state = state;
    rota_reader_row_at(s, i)->note = note;
    return rota_reader_row_at(s, i);
}

static void keep_history(struct rota_reader_context *s, const char *lines)
{
    rota_text_give(s->mem, s->r->history);
    s->r->history = rota_text_take(s->mem, lines);
}

static void assign_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++)
        rota_reader_request(s, ROTA_READER_PURPOSE_ASSIGNMENT,
                            rota_text_take(s->mem, r->children[k]), ROTA_OP_GET,
                            rota_path_assignment(s->out, r->children[k], s->r->config.task));
}

static void assignment_read(struct rota_reader_context *s, rota_ref worker,
                            const struct rota_reply *r)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_reader_text(s, worker));
    struct rota_attempt_record record;
    struct rota_reader_row *row;

    rota_attempt_record_read(s->out, r->data, &record);
    keep_history(s, record.history);
    row = add(s, name, "assigned", "");
    row->numbers[0] = record.attempt;
    row->numbers[1] = r->stat.ctime_ms;
    row->numbers[3] = r->stat.czxid;
}

static void retry_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_attempt_record record;

    rota_attempt_record_read(s->out, r->data, &record);
    keep_history(s, record.history);
}

/* A task that ended at its first attempt may have no history: then its final status is the row. */
static void status_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_status_record record;
    struct rota_reader_row *row;

    rota_array_clear(s->mem, &s->r->rows, sizeof(struct rota_reader_row));
    if (rota_reader_text(s, s->r->history)[0] != '\0')
        return;
    rota_status_record_read(s->out, r->data, &record);
    row = add(s, "", record.state, record.reason);
    row->numbers[0] = 1;
    row->numbers[2] = r->stat.ctime_ms;
}

/* ---- rows ---- */

static void show_history(struct rota_reader_context *s)
{
    const char *rest = rota_reader_text(s, s->r->history);
    struct rota_history_line line;

    while ((rest = rota_history_line_next(s->out, rest, &line)) != NULL) {
        struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

        a->row.kind = "attempt";
        a->row.cells[0] = line.worker;
        a->row.cells[1] = line.how;
        a->row.cells[2] = line.reason;
        a->row.numbers[0] = line.attempt;
        a->row.numbers[1] = line.began_ms;
        a->row.numbers[2] = line.ended_ms;
    }
}

static void show_rows(struct rota_reader_context *s)
{
    for (uint32_t k = 0; k < s->r->rows.length; k++) {
        const struct rota_reader_row *row = rota_reader_row_at(s, k);
        struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

        a->row.kind = "attempt";
        a->row.cells[0] = rota_reader_text(s, row->name);
        a->row.cells[1] = rota_reader_text(s, row->state);
        a->row.cells[2] = rota_reader_text(s, row->note);
        memcpy(a->row.numbers, row->numbers, sizeof row->numbers);
    }
}

/* All replies to the last requests have come. */
static void go_on(struct rota_reader_context *s)
{
    if (!s->r->task_exists) {
        rota_reader_exit(s, ROTA_EXIT_FAILED, "the task does not exist");
    } else if (s->r->phase == ROTA_READER_PHASE_LISTS) {
        read_end(s);
    } else {
        show_history(s);
        show_rows(s);
        rota_reader_exit(s, ROTA_EXIT_DONE, NULL);
    }
}

static void take_in(struct rota_reader_context *s, enum rota_reader_purpose purpose, uint32_t index,
                    const struct rota_reply *r)
{
    switch (purpose) {
    case ROTA_READER_PURPOSE_TASK:
        s->r->task_exists = true;
        break;
    case ROTA_READER_PURPOSE_ASSIGN:
        assign_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_ASSIGNMENT:
        assignment_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_RETRY:
        retry_read(s, r);
        break;
    case ROTA_READER_PURPOSE_HISTORY:
        keep_history(s, rota_outbox_text_of(s->out, r->data, HISTORY_MAX));
        break;
    case ROTA_READER_PURPOSE_TASK_STATUS:
        status_read(s, r);
        break;
    default:
        rota_unreachable("the history asks for nothing else");
    }
}

void rota_reader_history_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                                 uint32_t index, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_OK)
        take_in(s, purpose, index, r);
    if (s->r->replies_pending == 0)
        go_on(s);
}
