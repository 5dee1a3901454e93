/* A task's attempts: those that have ended are lines in /history/<t> once the task has, until then
 * in its record under /assign or /retry. */
#include <string.h>

#include "model/tree/path.h"
#include "model/reader/reader_context.h"
#include "model/tree/record.h"

enum { PAST_MOST = 8192 };

void rota_reader_history_begin(struct rota_reader_context *s)
{
    const char *task = s->r->config.task;

    s->r->there = false;
    s->r->past = 0;
    if (!rota_path_name_valid(s->out, task)) {
        rota_reader_leave(s, ROTA_EXIT_FAILED, "that cannot be a task's name");
        return;
    }
    rota_reader_ask(s, ROTA_READER_PURPOSE_TASK, 0, ROTA_OP_EXISTS, rota_path_task(s->out, task));
    rota_reader_ask(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    rota_reader_ask(s, ROTA_READER_PURPOSE_RETRY, 0, ROTA_OP_GET, rota_path_retry(s->out, task));
}

/* The end is read last: it is not missed when it comes meanwhile. */
static void read_end(struct rota_reader_context *s)
{
    const char *task = s->r->config.task;

    s->r->phase = ROTA_READER_PHASE_ITEMS;
    rota_reader_ask(s, ROTA_READER_PURPOSE_HISTORY, 0, ROTA_OP_GET,
                    rota_path_history(s->out, task));
    rota_reader_ask(s, ROTA_READER_PURPOSE_STATUS, 0, ROTA_OP_GET, rota_path_status(s->out, task));
}

/* A row: of an attempt under way, or of the end alone. */
static struct rota_item *add(struct rota_reader_context *s, const char *worker, const char *how,
                             const char *reason)
{
    uint32_t i = rota_reader_new(s, worker);
    rota_ref state = rota_text_take(s->mem, how);
    rota_ref note = rota_text_take(s->mem, reason);

    rota_reader_item(s, i)->state = state;
    rota_reader_item(s, i)->note = note;
    return rota_reader_item(s, i);
}

static void remember(struct rota_reader_context *s, const char *lines)
{
    rota_text_give(s->mem, s->r->past);
    s->r->past = rota_text_take(s->mem, lines);
}

static void assignment_read(struct rota_reader_context *s, rota_ref worker,
                            const struct rota_reply *r)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_reader_text(s, worker));
    struct rota_attempt_record record;
    struct rota_item *i;

    rota_attempt_record_read(s->out, r->data, &record);
    remember(s, record.history);
    i = add(s, name, "assigned", "");
    i->numbers[0] = record.attempt;
    i->numbers[1] = r->stat.ctime_ms;
    i->numbers[3] = r->stat.czxid;
}

static void retry_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_attempt_record record;

    rota_attempt_record_read(s->out, r->data, &record);
    remember(s, record.history);
}

/* Of a task that ended at its first attempt there may be no more than the end. */
static void state_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_status_record record;
    struct rota_item *i;

    rota_array_clear(s->mem, &s->r->item, sizeof(struct rota_item));
    if (rota_reader_text(s, s->r->past)[0] != '\0')
        return;
    rota_status_record_read(s->out, r->data, &record);
    i = add(s, "", record.state, record.reason);
    i->numbers[0] = 1;
    i->numbers[2] = r->stat.ctime_ms;
}

void rota_reader_history_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                                 uint32_t index, const struct rota_reply *r)
{
    if (r->rc != ROTA_ERR_OK)
        return;
    switch (what) {
    case ROTA_READER_PURPOSE_TASK:
        s->r->there = true;
        break;
    case ROTA_READER_PURPOSE_ASSIGN:
        for (uint32_t k = 0; k < r->child_count; k++)
            rota_reader_ask(s, ROTA_READER_PURPOSE_ASSIGNMENT,
                            rota_text_take(s->mem, r->children[k]), ROTA_OP_GET,
                            rota_path_assignment(s->out, r->children[k], s->r->config.task));
        break;
    case ROTA_READER_PURPOSE_ASSIGNMENT:
        assignment_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_RETRY:
        retry_read(s, r);
        break;
    case ROTA_READER_PURPOSE_HISTORY:
        remember(s, rota_outbox_text_of(s->out, r->data, PAST_MOST));
        break;
    default:
        state_read(s, r);
        break;
    }
}

static void show_past(struct rota_reader_context *s)
{
    const char *rest = rota_reader_text(s, s->r->past);
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

void rota_reader_history_go_on(struct rota_reader_context *s)
{
    if (s->r->asking > 0)
        return;
    if (s->r->there && s->r->phase == ROTA_READER_PHASE_LISTS) {
        read_end(s);
        return;
    }
    if (!s->r->there) {
        rota_reader_leave(s, ROTA_EXIT_FAILED, "there is no such task");
        return;
    }
    show_past(s);
    for (uint32_t k = 0; k < s->r->item.length; k++) {
        const struct rota_item *i = rota_reader_item(s, k);
        struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_ROW);

        a->row.kind = "attempt";
        a->row.cells[0] = rota_reader_text(s, i->name);
        a->row.cells[1] = rota_reader_text(s, i->state);
        a->row.cells[2] = rota_reader_text(s, i->note);
        memcpy(a->row.numbers, i->numbers, sizeof i->numbers);
    }
    rota_reader_leave(s, ROTA_EXIT_DONE, NULL);
}
