/* What there is: tasks, workers, assignments. */
#include <inttypes.h>
#include <string.h>

#include "model/tree/path.h"
#include "model/reader/reader_context.h"
#include "model/tree/record.h"
#include "model/tree/spec.h"

enum {
    AT_ONCE = 64, /* znodes read at once: payloads may be large */
    NOTE_MOST = 200,
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
    s->r->seen_ms = 0;
    rota_array_clear(s->mem, &s->r->carried, sizeof(rota_ref));
    if (of_workers(s))
        rota_reader_ask(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
    if (of_tasks(s)) /* first: one that ends meanwhile is not shown as waiting */
        rota_reader_ask(s, ROTA_READER_PURPOSE_TASKS, 0, ROTA_OP_CHILDREN, ROTA_PATH_TASKS);
    rota_reader_ask(s, ROTA_READER_PURPOSE_ASSIGN, 0, ROTA_OP_CHILDREN, ROTA_PATH_ASSIGN);
    if (of_workers(s))
        rota_reader_ask(s, ROTA_READER_PURPOSE_DRAINS, 0, ROTA_OP_CHILDREN, ROTA_PATH_DRAIN);
    if (of_tasks(s)) {
        rota_reader_ask(s, ROTA_READER_PURPOSE_RETRIES, 0, ROTA_OP_CHILDREN, ROTA_PATH_RETRY);
        rota_reader_ask(s, ROTA_READER_PURPOSE_CANCELS, 0, ROTA_OP_CHILDREN, ROTA_PATH_CANCEL);
    }
}

static void items_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted(s, r);

    for (uint32_t i = 0; i < r->child_count; i++)
        rota_map_put(s->mem, &s->r->names, names[i], rota_reader_new(s, names[i]));
}

static void holders_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted(s, r);

    for (uint32_t i = 0; i < r->child_count; i++) {
        uint32_t holder = rota_map_get(s->mem, &s->r->names, names[i]);

        if (of_workers(s) && holder == ROTA_MAP_NONE)
            continue;
        if (!of_workers(s))
            holder = rota_text_take(s->mem, names[i]);
        rota_reader_ask(s, ROTA_READER_PURPOSE_HELD, holder, ROTA_OP_CHILDREN,
                        rota_path_assign(s->out, names[i]));
    }
}

static void holds_listed(struct rota_reader_context *s, uint32_t holder, const struct rota_reply *r)
{
    const char **names = rota_reader_sorted(s, r);

    if (of_workers(s)) {
        rota_reader_item(s, holder)->numbers[1] = r->child_count;
        return;
    }
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = of_tasks(s) ? rota_map_get(s->mem, &s->r->names, names[k])
                                 : rota_reader_new(s, names[k]);

        if (i != ROTA_MAP_NONE)
            rota_reader_item(s, i)->worker = holder;
    }
}

/* Names beside the items: what is told of them by standing there. */
static void marks_listed(struct rota_reader_context *s, enum rota_reader_purpose what,
                         const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = rota_map_get(s->mem, &s->r->names, r->children[k]);

        if (i == ROTA_MAP_NONE)
            continue;
        rota_reader_item(s, i)->retrying |= what == ROTA_READER_PURPOSE_RETRIES;
        rota_reader_item(s, i)->cancelling |= what == ROTA_READER_PURPOSE_CANCELS;
        rota_reader_item(s, i)->draining |= what == ROTA_READER_PURPOSE_DRAINS;
    }
}

/* ---- one by one ---- */

static void ask_item(struct rota_reader_context *s, uint32_t index)
{
    const struct rota_item *i = rota_reader_item(s, index);
    const char *name = rota_reader_text(s, i->name);

    if (of_workers(s))
        rota_reader_ask(s, ROTA_READER_PURPOSE_WORKER, index, ROTA_OP_GET,
                        rota_path_worker(s->out, name));
    else if (i->worker != 0)
        rota_reader_ask(s, ROTA_READER_PURPOSE_ASSIGNMENT, index, ROTA_OP_GET,
                        rota_path_assignment(s->out, rota_reader_text(s, i->worker), name));
    if (!of_tasks(s))
        return;
    if (i->worker != 0)
        rota_reader_ask(s, ROTA_READER_PURPOSE_PROGRESS, index, ROTA_OP_GET,
                        rota_path_progress(s->out, name));
    else if (i->retrying)
        rota_reader_ask(s, ROTA_READER_PURPOSE_RETRY, index, ROTA_OP_GET,
                        rota_path_retry(s->out, name));
    if (i->cancelling)
        rota_reader_ask(s, ROTA_READER_PURPOSE_CANCEL, index, ROTA_OP_GET,
                        rota_path_cancel(s->out, name));
    rota_reader_ask(s, ROTA_READER_PURPOSE_TASK, index, ROTA_OP_GET, rota_path_task(s->out, name));
}

static void worker_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_worker_record record;
    rota_ref address, tags;
    struct rota_item *i;

    rota_worker_record_read(s->out, r->data, &record);
    address = rota_text_take(s->mem, record.address);
    tags = rota_text_take(s->mem, record.tags);
    i = rota_reader_item(s, index);
    i->address = address;
    i->tags = tags;
    i->numbers[0] = record.slots;
    i->gone = r->rc != ROTA_ERR_OK;
}

static void assignment_read(struct rota_reader_context *s, uint32_t index,
                            const struct rota_reply *r)
{
    struct rota_item *i = rota_reader_item(s, index);
    struct rota_attempt_record record;

    rota_attempt_record_read(s->out, r->data, &record);
    if (!of_tasks(s)) {
        i->numbers[0] = record.attempt;
        i->numbers[1] = record.losses;
        i->numbers[2] = record.epoch;
        i->gone = r->rc != ROTA_ERR_OK;
    } else if (r->rc == ROTA_ERR_OK) {
        i->numbers[0] = record.attempt;
    } else {
        i->worker = 0; /* it left its worker meanwhile */
    }
}

static void note(struct rota_reader_context *s, uint32_t index, const char *text)
{
    rota_ref ref = rota_text_take(s->mem, text);

    rota_reader_item(s, index)->note = ref;
}

static void wait_until(struct rota_reader_context *s, uint32_t index, int64_t due_ms)
{
    if (due_ms > rota_reader_item(s, index)->due_ms)
        rota_reader_item(s, index)->due_ms = due_ms;
}

static void saw(struct rota_reader_context *s, int64_t time_ms)
{
    if (time_ms > s->r->seen_ms)
        s->r->seen_ms = time_ms;
}

static void retry_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_attempt_record record;

    if (r->rc != ROTA_ERR_OK) { /* it was placed meanwhile */
        rota_reader_item(s, index)->retrying = false;
        return;
    }
    rota_attempt_record_read(s->out, r->data, &record);
    note(s, index, record.reason);
    rota_reader_item(s, index)->numbers[0] = record.attempt;
    wait_until(s, index, r->stat.ctime_ms + record.delay_ms);
    saw(s, r->stat.ctime_ms);
}

/* Texts in a row, each with `end` after it; 0 if there are none. */
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
    rota_ref after, tags;

    rota_spec_read(s->out, r->data, &spec);
    after = joined(s, spec.after, spec.after_count, '\n');
    tags = joined(s, spec.tags, spec.tag_count, ',');
    rota_reader_item(s, index)->after = after;
    rota_reader_item(s, index)->tags = tags;
    rota_reader_item(s, index)->numbers[2] = spec.priority;
    if (spec.delay_ms > 0)
        wait_until(s, index, r->stat.ctime_ms + spec.delay_ms);
    wait_until(s, index, spec.at_ms);
}

static void cancel_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    int64_t meant = rota_cancel_record_read(s->out, r->data);

    if (r->rc == ROTA_ERR_OK)
        rota_reader_item(s, index)->meant = meant != 0 ? meant : -r->stat.czxid;
    else
        rota_reader_item(s, index)->cancelling = r->rc != ROTA_ERR_NO_NODE;
}

/* Whether it is this task that is cancelled, and not a former one of its name. */
static bool is_meant(const struct rota_item *i, int64_t czxid)
{
    return i->meant == 0 || (i->meant > 0 ? i->meant == czxid : -i->meant > czxid);
}

static void task_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_item *i = rota_reader_item(s, index);

    i->gone = r->rc != ROTA_ERR_OK;
    i->numbers[1] = r->stat.data_length;
    if (i->gone)
        return;
    i->cancelling &= is_meant(i, r->stat.czxid);
    spec_read(s, index, r);
    saw(s, r->stat.mtime_ms);
    if (r->stat.num_children > 0)
        rota_reader_ask(
            s, ROTA_READER_PURPOSE_STATUS, index, ROTA_OP_GET,
            rota_path_status(s->out, rota_reader_text(s, rota_reader_item(s, index)->name)));
}

static void state_read(struct rota_reader_context *s, uint32_t index, const struct rota_reply *r)
{
    struct rota_status_record record;
    rota_ref state;

    if (r->rc != ROTA_ERR_OK)
        return;
    rota_status_record_read(s->out, r->data, &record);
    state = rota_text_take(s->mem, record.state);
    rota_reader_item(s, index)->state = state;
    note(s, index, record.reason);
}

static void carried_read(struct rota_reader_context *s, const struct rota_reply *r)
{
    struct rota_worker_record record;
    rota_ref tags;
    uint32_t at;

    rota_worker_record_read(s->out, r->data, &record);
    tags = rota_text_take(s->mem, record.tags);
    at = rota_array_push(s->mem, &s->r->carried, sizeof tags);
    *(rota_ref *)rota_array_at(s->mem, &s->r->carried, at, sizeof tags) = tags;
}

static void workers_listed(struct rota_reader_context *s, const struct rota_reply *r)
{
    if (of_workers(s)) {
        items_listed(s, r);
        return;
    }
    for (uint32_t k = 0; k < r->child_count; k++)
        rota_reader_ask(s, ROTA_READER_PURPOSE_WORKER_TAGS, 0, ROTA_OP_GET,
                        rota_path_worker(s->out, r->children[k]));
}

void rota_reader_list_replied(struct rota_reader_context *s, enum rota_reader_purpose what,
                              uint32_t index, const struct rota_reply *r)
{
    switch (what) {
    case ROTA_READER_PURPOSE_TASKS:
        items_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_WORKERS:
        workers_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_ASSIGN:
        holders_listed(s, r);
        break;
    case ROTA_READER_PURPOSE_RETRIES:
    case ROTA_READER_PURPOSE_CANCELS:
    case ROTA_READER_PURPOSE_DRAINS:
        marks_listed(s, what, r);
        break;
    case ROTA_READER_PURPOSE_HELD:
        holds_listed(s, index, r);
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
    case ROTA_READER_PURPOSE_STATUS:
        state_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_RETRY:
        retry_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_CANCEL:
        cancel_read(s, index, r);
        break;
    case ROTA_READER_PURPOSE_PROGRESS:
        if (r->rc == ROTA_ERR_OK)
            note(s, index, rota_outbox_text_of(s->out, r->data, NOTE_MOST));
        break;
    default:
        carried_read(s, r);
        break;
    }
}

/* ---- rows ---- */

/* The first task of those it comes after that is there and has not ended as done; NULL if none is.
 */
static const char *blocked_by(struct rota_reader_context *s, const struct rota_item *i)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_reader_text(s, i->after));

    for (size_t n; (n = strcspn(name, "\n")) > 0; name += n + 1) {
        const char *one = rota_outbox_text(s->out, "%.*s", (int)n, name);
        uint32_t other = rota_map_get(s->mem, &s->r->names, one);

        if (other != ROTA_MAP_NONE && !rota_reader_item(s, other)->gone &&
            strcmp(rota_reader_text(s, rota_reader_item(s, other)->state), "done") != 0)
            return one;
    }
    return NULL;
}

/* Whether each of `wanted` is among `tags`, both with commas. */
static bool carries(const char *tags, const char *wanted)
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

static bool anybody_carries(const struct rota_reader_context *s, const char *wanted)
{
    for (uint32_t k = 0; k < s->r->carried.length; k++) {
        const rota_ref *tags = rota_array_at(s->mem, &s->r->carried, k, sizeof *tags);

        if (carries(rota_reader_text(s, *tags), wanted))
            return true;
    }
    return false;
}

static int64_t remaining_ms(const struct rota_reader_context *s, const struct rota_item *i)
{
    int64_t now_ms = s->r->config.now_ms > 0 ? s->r->config.now_ms : s->r->seen_ms;

    return i->due_ms > now_ms ? i->due_ms - now_ms : 0;
}

/* When that is, for a person: in a unit of which there are not too many. */
static const char *soon(struct rota_reader_context *s, int64_t ms)
{
    static const struct {
        int64_t ms;
        int64_t most;
        const char *name;
    } units[] = {{1000, 120, "s"}, {60000, 120, "min"}, {3600000, 48, "h"}, {86400000, 0, "d"}};
    size_t u = 0;

    while (units[u].most > 0 && ms > units[u].most * units[u].ms)
        u++;
    return rota_outbox_text(s->out, "in %" PRId64 " %s", (ms + units[u].ms - 1) / units[u].ms,
                            units[u].name);
}

/* How a task stands, and a note to that. */
static const char *state_of(struct rota_reader_context *s, const struct rota_item *i,
                            const char **more)
{
    const char *tags = rota_reader_text(s, i->tags);
    const char *other;
    int64_t ms = remaining_ms(s, i);

    *more = rota_reader_text(s, i->note);
    if (i->state != 0)
        return rota_reader_text(s, i->state);
    if (i->cancelling)
        return "cancelling";
    if (i->worker != 0)
        return "assigned";
    if (i->retrying) {
        if (ms > 0)
            *more = rota_outbox_text(s->out, "%s%s%s", *more, (*more)[0] == '\0' ? "" : "; ",
                                     soon(s, ms));
        return "retrying";
    }
    other = blocked_by(s, i);
    if (other != NULL) {
        *more = rota_outbox_text(s->out, "waits for %s", other);
        return "blocked";
    }
    if (ms > 0) {
        *more = soon(s, ms);
        return "delayed";
    }
    if (tags[0] != '\0' && !anybody_carries(s, tags))
        *more = rota_outbox_text(s->out, "no worker carries %.*s", (int)strlen(tags) - 1, tags);
    return "waiting";
}

static void row_of(struct rota_reader_context *s, const struct rota_item *i)
{
    struct rota_action *a;
    const char *state = "", *more = "";

    if (of_tasks(s))
        state = state_of(s, i, &more);
    a = rota_outbox_add(s->out, ROTA_ACTION_ROW);
    memcpy(a->row.numbers, i->numbers, sizeof i->numbers);
    if (of_tasks(s)) {
        a->row.kind = "task";
        a->row.cells[0] = rota_reader_text(s, i->name);
        a->row.cells[1] = state;
        a->row.cells[2] = rota_reader_text(s, i->worker);
        a->row.cells[3] = more;
    } else if (of_workers(s)) {
        a->row.kind = "worker";
        a->row.cells[0] = rota_reader_text(s, i->name);
        a->row.cells[1] = rota_reader_text(s, i->address);
        a->row.cells[2] = rota_reader_text(s, i->tags);
        a->row.cells[3] = i->draining ? "draining" : "";
    } else {
        a->row.kind = "assignment";
        a->row.cells[0] = rota_reader_text(s, i->worker);
        a->row.cells[1] = rota_reader_text(s, i->name);
    }
}

/* Whether a waiting task wants tags: then it matters who carries them. */
static bool tags_wanted(const struct rota_reader_context *s)
{
    for (uint32_t k = 0; of_tasks(s) && k < s->r->item.length; k++) {
        const struct rota_item *i = rota_reader_item(s, k);

        if (i->tags != 0 && i->state == 0 && i->worker == 0)
            return true;
    }
    return false;
}

void rota_reader_list_go_on(struct rota_reader_context *s)
{
    struct rota_reader *r = s->r;

    if (r->phase == ROTA_READER_PHASE_LISTS && r->asking == 0)
        r->phase = ROTA_READER_PHASE_ITEMS;
    for (; r->phase == ROTA_READER_PHASE_ITEMS && r->next < r->item.length && r->asking < AT_ONCE;
         r->next++)
        ask_item(s, r->next);
    if (r->asking > 0)
        return;
    if (r->phase == ROTA_READER_PHASE_ITEMS && tags_wanted(s)) {
        r->phase = ROTA_READER_PHASE_TAGS;
        rota_reader_ask(s, ROTA_READER_PURPOSE_WORKERS, 0, ROTA_OP_CHILDREN, ROTA_PATH_WORKERS);
        return;
    }
    for (uint32_t i = 0; i < r->item.length; i++)
        if (!rota_reader_item(s, i)->gone)
            row_of(s, rota_reader_item(s, i));
    rota_reader_leave(s, ROTA_EXIT_DONE, NULL);
}
