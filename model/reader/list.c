#include "model/reader/list.h"

#include "model/base/assert.h"
#include "model/reader/rows.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/tree/spec.h"

enum {
    REPLIES_MAX = 64, /* pending at once while rows are read: payloads may be large */
    NOTE_MAX = 200,   /* bytes of a line of progress that are shown */
};

static bool of_tasks(const struct rota_reader_context *s)
{
    return s->r->config.command == ROTA_READER_LIST_TASKS;
}

static bool of_workers(const struct rota_reader_context *s)
{
    return s->r->config.command == ROTA_READER_LIST_WORKERS;
}

/* ---- lists ---- */

void rota_reader_list_begin(struct rota_reader_context *s)
{
    s->r->latest_ms = 0;
    rota_array_clear(s->mem, &s->r->worker_tags, sizeof(rota_ref));
    if (of_workers(s))
        rota_reader_request(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
    if (of_tasks(s)) /* first, so that a task which ends in the meantime is not shown as waiting */
        rota_reader_request(s, ROTA_READER_PURPOSE_TASKS, 0, ROTA_OP_CHILDREN, ROTA_PATH_TASKS);
    rota_reader_request(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    if (of_workers(s))
        rota_reader_request(s, ROTA_READER_PURPOSE_DRAINS, 0, ROTA_OP_CHILDREN, ROTA_PATH_DRAIN);
    if (of_tasks(s)) {
        rota_reader_request(s, ROTA_READER_PURPOSE_RETRIES, 0, ROTA_OP_CHILDREN, ROTA_PATH_RETRY);
        rota_reader_request(s, ROTA_READER_PURPOSE_CANCELS, 0, ROTA_OP_CHILDREN, ROTA_PATH_CANCEL);
    }
}

static void add_rows(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted_names(s, r);

    for (uint32_t i = 0; i < r->child_count; i++)
        rota_map_put(s->mem, &s->r->names, names[i], rota_reader_row_add(s, names[i]));
}

static void workers_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    if (of_workers(s)) {
        add_rows(s, r);
        return;
    }
    for (uint32_t k = 0; k < r->child_count; k++)
        rota_reader_request(s, ROTA_READER_PURPOSE_WORKER_TAGS, 0, ROTA_OP_GET,
                            rota_path_worker(s->out, r->children[k]));
}

static void assign_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted_names(s, r);

    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t worker = rota_map_get(s->mem, &s->r->names, names[i]);

        if (of_workers(s) && worker == ROTA_MAP_NONE)
            continue;
        if (!of_workers(s))
            worker = rota_text_take(s->mem, names[i]);
        rota_reader_request(s, ROTA_READER_PURPOSE_HELD, worker, ROTA_OP_CHILDREN,
                            rota_path_assign(s->out, names[i]));
    }
}

static void held_listed(struct rota_reader_context *s, uint32_t worker, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted_names(s, r);

    if (of_workers(s)) {
        rota_reader_row_at(s, worker)->numbers[1] = r->child_count;
        return;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = of_tasks(s) ? rota_map_get(s->mem, &s->r->names, names[k])
                                 : rota_reader_row_add(s, names[k]);

        if (i != ROTA_MAP_NONE)
            rota_reader_row_at(s, i)->worker = worker;
    }
}

/* A name in /retry, /cancel or /drain sets a flag of the row with that name. */
static void flags_listed(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                         const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = rota_map_get(s->mem, &s->r->names, r->children[k]);

        if (i == ROTA_MAP_NONE)
            continue;
        rota_reader_row_at(s, i)->retrying |= purpose == ROTA_READER_PURPOSE_RETRIES;
        rota_reader_row_at(s, i)->cancelling |= purpose == ROTA_READER_PURPOSE_CANCELS;
        rota_reader_row_at(s, i)->draining |= purpose == ROTA_READER_PURPOSE_DRAINS;
    }
}

/* ---- the znodes of a row ---- */

static void read_task_row(struct rota_reader_context *s, uint32_t index)
{
    const struct rota_reader_row *row = rota_reader_row_at(s, index);
    const char *name = rota_reader_text(s, row->name);

    if (row->worker != 0)
        rota_reader_request(s, ROTA_READER_PURPOSE_PROGRESS, index, ROTA_OP_GET,
                            rota_path_progress(s->out, name));
    else if (row->retrying)
        rota_reader_request(s, ROTA_READER_PURPOSE_RETRY, index, ROTA_OP_GET,
                            rota_path_retry(s->out, name));
    if (row->cancelling)
        rota_reader_request(s, ROTA_READER_PURPOSE_CANCEL, index, ROTA_OP_GET,
                            rota_path_cancel(s->out, name));
    rota_reader_request(s, ROTA_READER_PURPOSE_TASK, index, ROTA_OP_GET,
                        rota_path_task(s->out, name));
}

static void read_row(struct rota_reader_context *s, uint32_t index)
{
    const struct rota_reader_row *row = rota_reader_row_at(s, index);
    const char *name = rota_reader_text(s, row->name);

    if (of_workers(s))
        rota_reader_request(s, ROTA_READER_PURPOSE_WORKER, index, ROTA_OP_GET,
                            rota_path_worker(s->out, name));
    else if (row->worker != 0)
        rota_reader_request(s, ROTA_READER_PURPOSE_ASSIGNMENT, index, ROTA_OP_GET,
                            rota_path_assignment(s->out, rota_reader_text(s, row->worker), name));
    if (of_tasks(s))
        read_task_row(s, index);
}

static void worker_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_worker_record record;
    rota_ref address, tags;
    struct rota_reader_row *row;

    rota_worker_record_read(s->out, r->data, &record);
    address = rota_text_take(s->mem, record.address);
    tags = rota_text_take(s->mem, record.tags);
    row = rota_reader_row_at(s, index);
    row->address = address;
    row->tags = tags;
    row->numbers[0] = record.slots;
    row->gone = r->rc != ROTA_ERR_OK;
}

static void assignment_read(struct rota_reader_context *s, uint32_t index,
                            const struct rota_reply *r)
{
    struct rota_reader_row *row = rota_reader_row_at(s, index);
    struct rota_attempt_record record;

    rota_attempt_record_read(s->out, r->data, &record);
    if (!of_tasks(s)) {
        row->numbers[0] = record.attempt;
        row->numbers[1] = record.losses;
        row->numbers[2] = record.epoch;
        row->gone = r->rc != ROTA_ERR_OK;
    } else if (r->rc == ROTA_ERR_OK) {
        row->numbers[0] = record.attempt;
    } else {
        row->worker = 0; /* the assignment was removed in the meantime */
    }
}

static void set_note(struct rota_reader_context *s, uint32_t index, const char *text)
{
    rota_ref ref = rota_text_take(s->mem, text);

    rota_reader_row_at(s, index)->note = ref;
}

static void delay_until(struct rota_reader_context *s, uint32_t index, int64_t due_ms)
{
    if (due_ms > rota_reader_row_at(s, index)->due_ms)
        rota_reader_row_at(s, index)->due_ms = due_ms;
}

static void time_seen(struct rota_reader_context *s, int64_t time_ms)
{
    if (time_ms > s->r->latest_ms)
        s->r->latest_ms = time_ms;
}

static void retry_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_attempt_record record;

    if (r->rc != ROTA_ERR_OK) { /* the task was placed in the meantime */
        rota_reader_row_at(s, index)->retrying = false;
        return;
    }
    rota_attempt_record_read(s->out, r->data, &record);
    set_note(s, index, record.reason);
    rota_reader_row_at(s, index)->numbers[0] = record.attempt;
    delay_until(s, index, r->stat.ctime_ms + record.delay_ms);
    time_seen(s, r->stat.ctime_ms);
}

static void cancel_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    int64_t czxid = rota_cancel_record_read(s->out, r->data);

    if (r->rc == ROTA_ERR_OK)
        rota_reader_row_at(s, index)->cancel_czxid = czxid != 0 ? czxid : -r->stat.czxid;
    else
        rota_reader_row_at(s, index)->cancelling = r->rc != ROTA_ERR_NO_NODE;
}

/* True if /cancel/<t> is for this task, and not for an earlier one of the same name. */
static bool is_cancelled(const struct rota_reader_row *row, int64_t czxid)
{
    return row->cancel_czxid == 0 ||
           (row->cancel_czxid > 0 ? row->cancel_czxid == czxid : -row->cancel_czxid > czxid);
}

/* Texts in a row, each with `end` behind it; 0 if there are none. */
static rota_ref joined(struct rota_reader_context *s, const char *const *texts, uint32_t count,
                       char end)
{
    const char *all = "";

    for (uint32_t k = 0; k < count; k++)
        all = rota_outbox_text(s->out, "%s%s%c", all, texts[k], end);
    return count == 0 ? 0 : rota_text_take(s->mem, all);
}

static void spec_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_spec spec;
    rota_ref dependencies, tags;

    rota_spec_read(s->out, r->data, &spec);
    dependencies = joined(s, spec.after, spec.after_count, '\n');
    tags = joined(s, spec.tags, spec.tag_count, ',');
    rota_reader_row_at(s, index)->dependencies = dependencies;
    rota_reader_row_at(s, index)->tags = tags;
    rota_reader_row_at(s, index)->numbers[2] = spec.priority;
    if (spec.delay_ms > 0)
        delay_until(s, index, r->stat.ctime_ms + spec.delay_ms);
    delay_until(s, index, spec.at_ms);
}

static void task_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_reader_row *row = rota_reader_row_at(s, index);

    row->gone = r->rc != ROTA_ERR_OK;
    row->numbers[1] = r->stat.data_length;
    if (row->gone)
        return;
    row->cancelling &= is_cancelled(row, r->stat.czxid);
    spec_read(s, index, r);
    time_seen(s, r->stat.mtime_ms);
    if (r->stat.num_children > 0)
        rota_reader_request(
            s, ROTA_READER_PURPOSE_TASK_STATUS, index, ROTA_OP_GET,
            rota_path_status(s->out, rota_reader_text(s, rota_reader_row_at(s, index)->name)));
}

static void status_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_status_record record;
    rota_ref state;

    if (r->rc != ROTA_ERR_OK)
        return;
    rota_status_record_read(s->out, r->data, &record);
    state = rota_text_take(s->mem, record.state);
    rota_reader_row_at(s, index)->state = state;
    set_note(s, index, record.reason);
}

static void progress_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_OK)
        set_note(s, index, rota_outbox_text_of(s->out, r->data, NOTE_MAX));
}

static void worker_tags_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_worker_record record;
    rota_ref tags;
    uint32_t at;

    rota_worker_record_read(s->out, r->data, &record);
    tags = rota_text_take(s->mem, record.tags);
    at = rota_array_push(s->mem, &s->r->worker_tags, sizeof tags);
    *(rota_ref *)rota_array_at(s->mem, &s->r->worker_tags, at, sizeof tags) = tags;
}

/* ---- replies ---- */

static void take_in(struct rota_reader_context *s, enum rota_reader_purpose purpose, uint32_t index,
                    const struct rota_reply *r)
{
    switch (purpose) {
    case ROTA_READER_PURPOSE_TASKS:
        add_rows(s, r);
        break;
    case ROTA_READER_PURPOSE_WORKERS:
        workers_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_ASSIGN:
        assign_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_RETRIES:
    case ROTA_READER_PURPOSE_CANCELS:
    case ROTA_READER_PURPOSE_DRAINS:
        flags_listed(s, purpose, r);
        break;
    case ROTA_READER_PURPOSE_HELD:
        held_listed(s, index, r);
        break;
    case ROTA_READER_PURPOSE_WORKER:
        worker_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_ASSIGNMENT:
        assignment_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_TASK:
        task_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_TASK_STATUS:
        status_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_RETRY:
        retry_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_CANCEL:
        cancel_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_PROGRESS:
        progress_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_WORKER_TAGS:
        worker_tags_read(s, r);
        break;
    default:
        rota_unreachable("a list asks for nothing else");
    }
}

/* Sends what is next. When all replies have come, gives the rows. */
static void go_on(struct rota_reader_context *s)
{
    struct rota_reader *r = s->r;

    if (r->phase == ROTA_READER_PHASE_LISTS && r->replies_pending == 0)
        r->phase = ROTA_READER_PHASE_ROWS;
    for (; r->phase == ROTA_READER_PHASE_ROWS && r->next_row < r->rows.length &&
           r->replies_pending < REPLIES_MAX;
         r->next_row++)
        read_row(s, r->next_row);
    if (r->replies_pending > 0)
        return;
    if (r->phase == ROTA_READER_PHASE_ROWS && rota_reader_rows_need_tags(s)) {
        r->phase = ROTA_READER_PHASE_TAGS;
        rota_reader_request(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
        return;
    }
    rota_reader_rows_give(s);
    rota_reader_exit(s, ROTA_EXIT_DONE, NULL);
}

void rota_reader_list_replied(struct rota_reader_context *s, enum rota_reader_purpose purpose,
                              uint32_t index, const struct rota_reply *r)
{
    take_in(s, purpose, index, r);
    go_on(s);
}
