#include "model/work.h"

#include <string.h>

#include "model/assert.h"
#include "model/path.h"
#include "model/record.h"
#include "model/request.h"

enum run_state {
    RUN_WAITING, /* for a slot */
    RUN_READING, /* its assignment and its payload are being read */
    RUN_RUNNING,
    RUN_ENDING,  /* being ended: to be handed back, or dropped if superseded */
    RUN_ENDED,   /* its end is to be written */
    RUN_WRITING, /* in a multi under way */
    RUN_DOUBT,   /* its end was written, perhaps: to be resolved */
    RUN_IGNORED, /* of a former incarnation: the master will move it */
    RUN_STUCK,   /* its end cannot be written: it stays until somebody removes it */
};

/* What is written at the end. */
enum run_result {
    RESULT_STATUS, /* the task has ended */
    RESULT_BACK,   /* handed back: the master places it again */
    RESULT_DROP,   /* nothing: the task is gone, or has ended by another hand */
};

struct rota_worker_run {
    rota_ref name;
    enum run_state state;
    enum run_result result;
    uint32_t next; /* in its queue, or free, index + 1 */
    uint32_t mark;
    uint32_t attempt;
    uint32_t losses;
    uint64_t run;    /* names it towards the host; 0: never started */
    int64_t placed;  /* czxid of the assignment: the fencing token */
    rota_ref status; /* bytes of the status to be written */
    uint32_t status_length;
    bool used, busy, superseded;
    bool assigned; /* the assignment was read and is ours */
};

enum { BATCH_RUNS = 250, RESULT_LIMIT = 1000000, OVERHEAD = 512, REASON_BYTES = 256 };

uint64_t rota_work_tag(const struct rota_worker_step *s, enum rota_worker_ask what, uint32_t index)
{
    return rota_tag(what, s->w->generation, index);
}

static struct rota_worker_run *run_at(const struct rota_worker_step *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->w->run, i, sizeof(struct rota_worker_run));
}

static const char *name_of(const struct rota_worker_step *s, uint32_t i)
{
    return rota_pool_at(s->mem, run_at(s, i)->name);
}

static struct rota_links links(const struct rota_worker_step *s)
{
    return (struct rota_links){s->mem, &s->w->run, sizeof(struct rota_worker_run),
                               offsetof(struct rota_worker_run, next)};
}

/* ---- records ---- */

static uint32_t run_new(struct rota_worker_step *s, const char *task)
{
    uint32_t i;
    rota_ref name;

    if (s->w->free_run != 0) {
        i = s->w->free_run - 1;
        s->w->free_run = run_at(s, i)->next;
    } else {
        i = rota_array_push(s->mem, &s->w->run, sizeof(struct rota_worker_run));
    }
    name = rota_map_put(s->mem, &s->w->tasks, task, i);
    *run_at(s, i) = (struct rota_worker_run){.name = name, .used = true};
    return i;
}

static void status_forget(struct rota_worker_step *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);

    if (r->status != 0)
        rota_pool_give(s->mem, r->status, r->status_length);
    r->status = 0;
    r->status_length = 0;
}

static void run_forget(struct rota_worker_step *s, uint32_t i)
{
    rota_assert(!run_at(s, i)->busy);
    status_forget(s, i);
    rota_map_remove(s->mem, &s->w->tasks, name_of(s, i));
    *run_at(s, i) = (struct rota_worker_run){.next = s->w->free_run};
    s->w->free_run = i + 1;
}

static void read(struct rota_worker_step *s, enum rota_worker_ask what, uint32_t index,
                 enum rota_op op, const char *path, bool watch)
{
    rota_ask_read(s->out, rota_work_tag(s, what, index), op, path, watch);
}

/* ---- starting work ---- */

void rota_work_list(struct rota_worker_step *s)
{
    if (!s->w->list_wanted || s->w->listing)
        return;
    s->w->list_wanted = false;
    s->w->listing = true;
    read(s, ROTA_WORKER_ASK_LIST, 0, ROTA_OP_CHILDREN, rota_path_assign(s->out, s->w->config.name),
         true);
}

/* Reads a run's assignment and its task: with GET to start it, with EXISTS to hand it back. */
static void read_run(struct rota_worker_step *s, uint32_t i, enum rota_op op)
{
    struct rota_worker_run *r = run_at(s, i);

    r->state = RUN_READING;
    r->placed = 0;
    r->assigned = false;
    s->w->starting++;
    read(s, ROTA_WORKER_ASK_ASSIGNMENT, i, ROTA_OP_GET,
         rota_path_assignment(s->out, s->w->config.name, name_of(s, i)), false);
    read(s, ROTA_WORKER_ASK_PAYLOAD, i, op, rota_path_task(s->out, name_of(s, i)), false);
}

/* Work is started as slots are free; none while the lease is low (hazard 7) or while stopping. */
void rota_work_start(struct rota_worker_step *s)
{
    struct rota_worker *w = s->w;

    while (w->waiting.head != 0 && w->busy + w->starting < w->config.slots &&
           w->lease == ROTA_LEASE_GOOD && !w->stopping) {
        uint32_t i = rota_queue_pop(&w->waiting, links(s));

        read_run(s, i, ROTA_OP_GET);
    }
}

static void cancel(struct rota_worker_step *s, uint32_t i, bool at_once)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_CANCEL);

    a->cancel.run = run_at(s, i)->run;
    a->cancel.at_once = at_once;
    run_at(s, i)->state = RUN_ENDING;
}

static void end_as(struct rota_worker_step *s, uint32_t i, enum run_result result)
{
    struct rota_worker_run *r = run_at(s, i);

    r->state = RUN_ENDED;
    r->result = result;
    rota_queue_push(&s->w->ended, links(s), i);
}

/* The assignment is there no more, and it was not us: the result must not count. */
static void supersede(struct rota_worker_step *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);

    switch (r->state) {
    case RUN_WAITING:
        rota_queue_remove(&s->w->waiting, links(s), i);
        break;
    case RUN_ENDED:
        rota_queue_remove(&s->w->ended, links(s), i);
        break;
    case RUN_RUNNING:
        cancel(s, i, true);
        r->superseded = true;
        return;
    case RUN_ENDING:
        r->superseded = true;
        return;
    case RUN_IGNORED:
    case RUN_STUCK:
        run_forget(s, i);
        return;
    default: /* a reply is awaited that will tell */
        return;
    }
    rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name_of(s, i), NULL, 0, 0, 0);
    run_forget(s, i);
}

static bool list_read(struct rota_worker_step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t mark = ++s->w->mark;

    s->w->listing = false;
    if (e->reply.outcome != ROTA_DONE && r->rc != ROTA_ERR_NO_NODE) {
        s->w->list_wanted = true;
        return true;
    }
    if (r->rc == ROTA_ERR_NO_NODE)
        return false;
    for (uint32_t k = 0; k < r->child_count; k++) {
        uint32_t i = rota_map_get(s->mem, &s->w->tasks, r->children[k]);

        if (i == ROTA_MAP_NONE) {
            i = run_new(s, r->children[k]);
            rota_queue_push(&s->w->waiting, links(s), i);
        } else if (run_at(s, i)->state == RUN_IGNORED) {
            run_at(s, i)->state = RUN_WAITING;
            rota_queue_push(&s->w->waiting, links(s), i);
        }
        run_at(s, i)->mark = mark;
    }
    s->w->list_known = true;
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->mark != mark)
            supersede(s, i);
    return true;
}

/* Only what was assigned to this incarnation is ours (rule 4). */
static void assignment_read(struct rota_worker_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_attempt_record record;

    if (e->reply.outcome != ROTA_DONE)
        return;
    rota_attempt_read(s->out, e->reply.body->data, &record);
    r->placed = e->reply.body->stat.czxid;
    r->attempt = record.attempt;
    r->losses = record.losses;
    r->assigned = r->placed > s->w->czxid;
}

static void payload_read(struct rota_worker_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_action *a;
    const char *name = rota_outbox_text(s->out, "%s", name_of(s, i));

    s->w->starting--;
    if (r->placed == 0) { /* gone again */
        run_forget(s, i);
        return;
    }
    if (!r->assigned) {
        r->state = RUN_IGNORED;
        r->placed = 0;
        return;
    }
    if (e->reply.outcome != ROTA_DONE || e->reply.body->stat.num_children > 0) {
        end_as(s, i, RESULT_DROP); /* removed or ended by another hand (rule 9) */
        return;
    }
    if (s->w->stopping || s->w->lease != ROTA_LEASE_GOOD) {
        end_as(s, i, RESULT_BACK);
        return;
    }
    r->state = RUN_RUNNING;
    r->busy = true;
    r->run = ++s->w->next_run;
    s->w->busy++;
    a = rota_outbox_add(s->out, ROTA_ACTION_RUN);
    a->run.run = r->run;
    a->run.task = name;
    a->run.worker = s->w->config.name;
    a->run.attempt = r->attempt;
    a->run.fence = r->placed;
    a->run.payload = e->reply.body->data;
    rota_outbox_note(s->out, ROTA_NOTE_RUN, name, NULL, r->attempt, r->placed, 0);
}

/* ---- ending work ---- */

static void keep_status(struct rota_worker_step *s, uint32_t i,
                        const struct rota_status_record *record)
{
    struct rota_bytes data = rota_status_write(s->out, record);
    rota_ref ref = rota_pool_take(s->mem, (size_t)data.length);

    memcpy(rota_pool_at(s->mem, ref), data.data, (size_t)data.length);
    run_at(s, i)->status = ref;
    run_at(s, i)->status_length = (uint32_t)data.length;
}

/* The status of a run that has ended; a result ZooKeeper would not take makes it a failure. */
static void write_down(struct rota_worker_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_status_record record = {
        .state = "done", .reason = "", .output = e->finished.output, .errors = e->finished.errors};

    if (e->finished.ending == ROTA_ENDING_FAILURE) {
        record.state = "failed";
        record.reason = e->finished.reason == NULL ? "" : e->finished.reason;
    } else {
        record.errors = (struct rota_bytes){"", 0};
    }
    if (record.output.length > RESULT_LIMIT) {
        record.state = "failed";
        record.reason = rota_outbox_text(s->out, "result of %d bytes is above ZooKeeper's limit",
                                         record.output.length);
        record.output.length = RESULT_LIMIT / 2;
        record.errors = (struct rota_bytes){"", 0};
    }
    keep_status(s, i, &record);
    rota_outbox_note(s->out, ROTA_NOTE_FINISHED, name_of(s, i), record.state, 0, 0, 0);
}

static uint32_t find_run(const struct rota_worker_step *s, uint64_t run)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->run == run)
            return i;
    return ROTA_MAP_NONE;
}

void rota_work_finished(struct rota_worker_step *s, const struct rota_event *e)
{
    uint32_t i = find_run(s, e->finished.run);

    rota_assert(s->w->busy > 0);
    s->w->busy--;
    if (i == ROTA_MAP_NONE)
        return; /* of a session that is over */
    run_at(s, i)->busy = false;
    if (run_at(s, i)->superseded) {
        rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name_of(s, i), NULL, 0, 0, 0);
        run_forget(s, i);
    } else if (e->finished.ending == ROTA_ENDING_STOPPED) {
        end_as(s, i, RESULT_BACK);
    } else {
        write_down(s, i, e);
        end_as(s, i, RESULT_STATUS);
    }
}

/* Ends all that runs. What has not been started yet is handed back. */
void rota_work_end_all(struct rota_worker_step *s, bool at_once)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used &&
            (run_at(s, i)->state == RUN_RUNNING || (run_at(s, i)->state == RUN_ENDING && at_once)))
            cancel(s, i, at_once);
}

void rota_work_hand_back(struct rota_worker_step *s)
{
    struct rota_queue back = s->w->waiting;

    s->w->waiting = (struct rota_queue){0};
    while (back.head != 0) { /* the assignment is read first: it may not be ours */
        uint32_t i = rota_queue_pop(&back, links(s));

        read_run(s, i, ROTA_OP_EXISTS);
    }
}

bool rota_work_left(const struct rota_worker_step *s)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->state != RUN_IGNORED &&
            run_at(s, i)->state != RUN_STUCK)
            return true;
    return false;
}

/* ---- writing results ---- */

static size_t result_bytes(const struct rota_worker_step *s, uint32_t i)
{
    return OVERHEAD + 2 * strlen(name_of(s, i)) + strlen(s->w->config.name) +
           run_at(s, i)->status_length;
}

/* One result's operations: delete the assignment and create what takes its place, so that neither
 * can be without the other (hazard 9), and so that a reassignment and a completion exclude each
 * other (hazard 11). */
static uint32_t put_result(struct rota_worker_step *s, struct rota_operation *ops, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);
    const char *name = name_of(s, i);

    rota_operation_delete(&ops[0], rota_path_assignment(s->out, s->w->config.name, name));
    if (r->result == RESULT_DROP)
        return 1;
    ops[1].op = ROTA_OP_CREATE;
    if (r->result == RESULT_STATUS) {
        uint8_t *data = rota_outbox_take(s->out, r->status_length + 1u);

        memcpy(data, rota_pool_at(s->mem, r->status), r->status_length);
        ops[1].path = rota_path_status(s->out, name);
        ops[1].data = (struct rota_bytes){data, (int32_t)r->status_length};
    } else {
        struct rota_attempt_record record = {
            .attempt = r->attempt, .losses = r->losses, .reason = "handed back"};

        ops[1].path = rota_path_retry(s->out, name);
        ops[1].data = rota_attempt_write(s->out, &record);
    }
    return 2;
}

/* Writes what has ended, one multi at a time: a lone result goes at once, and what ends meanwhile
 * goes together in the next. */
void rota_work_write(struct rota_worker_step *s)
{
    struct rota_worker *w = s->w;
    struct rota_operation *ops;
    size_t bytes = 0;
    uint32_t count = 0, n = 0;

    if (w->ended.head == 0 || w->writing || w->lease == ROTA_LEASE_OVER)
        return;
    for (uint32_t i = w->ended.head; i != 0; i = run_at(s, i - 1)->next) {
        size_t more = result_bytes(s, i - 1);

        if (count > 0 && (w->alone || count == BATCH_RUNS || bytes + more > ROTA_BATCH_BYTES))
            break;
        bytes += more;
        count++;
        n += run_at(s, i - 1)->result == RESULT_DROP ? 1 : 2;
    }
    w->writing = true;
    ops = rota_ask_multi(s->out, rota_work_tag(s, ROTA_WORKER_ASK_RESULTS, 0), n);
    n = 0;
    while (count-- > 0) {
        uint32_t i = rota_queue_pop(&w->ended, links(s));

        n += put_result(s, ops + n, i);
        run_at(s, i)->state = RUN_WRITING;
        rota_queue_push(&w->batch, links(s), i);
    }
}

static void note_result(struct rota_worker_step *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);
    const char *name = rota_outbox_text(s->out, "%s", name_of(s, i));

    switch (r->result) {
    case RESULT_STATUS: {
        const char *data = rota_pool_at(s->mem, r->status);

        rota_outbox_note(s->out, ROTA_NOTE_COMPLETED, name, data[0] == 'd' ? "done" : "failed",
                         r->attempt, 0, 0);
        break;
    }
    case RESULT_BACK:
        rota_outbox_note(s->out, ROTA_NOTE_HANDED_BACK, name, "not finished", r->attempt, 0, 0);
        break;
    case RESULT_DROP:
        rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name, NULL, 0, 0, 0);
        break;
    }
}

/* The end of a run cannot be written, by a limit or an access list: its reason alone is tried, then
 * it is let be. Dropped, the task would be placed and run again and again. */
static void unwritable(struct rota_worker_step *s, uint32_t i, int32_t rc)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_status_record record = {.state = "failed", .output = {"", 0}, .errors = {"", 0}};
    bool again = r->result == RESULT_STATUS && r->status_length > REASON_BYTES;

    status_forget(s, i);
    if (!again) {
        r->state = RUN_STUCK;
        return;
    }
    record.reason =
        rota_outbox_text(s->out, "the result cannot be written: %s", rota_error_sentence(rc));
    keep_status(s, i, &record);
    end_as(s, i, RESULT_STATUS);
}

/* The delete was refused: superseded. What should take its place was refused: somebody ended or
 * removed the task, so the assignment is dropped alone (rule 9). */
static void result_refused(struct rota_worker_step *s, uint32_t i, uint32_t operation, int32_t rc)
{
    struct rota_worker_run *r = run_at(s, i);

    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, name_of(s, i), rota_error_name(rc), 0, 0, 0);
    if (operation == 0) {
        r->result = RESULT_DROP;
        note_result(s, i);
        run_forget(s, i);
    } else if (rc == ROTA_ERR_NO_AUTH) {
        unwritable(s, i, rc);
    } else {
        status_forget(s, i);
        end_as(s, i, RESULT_DROP);
    }
}

static void results_replied(struct rota_worker_step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 0;
    bool single = s->w->batch.length == 1;

    s->w->writing = false;
    s->w->alone = e->reply.outcome == ROTA_REFUSED && failed == UINT32_MAX;
    while (s->w->batch.head != 0) {
        uint32_t i = rota_queue_pop(&s->w->batch, links(s));
        uint32_t operations = run_at(s, i)->result == RESULT_DROP ? 1 : 2;

        if (e->reply.outcome == ROTA_UNKNOWN) {
            run_at(s, i)->state = RUN_DOUBT;
            rota_outbox_note(s->out, ROTA_NOTE_UNKNOWN, name_of(s, i), NULL, 0, 0, 0);
        } else if (e->reply.outcome == ROTA_DONE) {
            note_result(s, i);
            s->w->list_wanted |= run_at(s, i)->result != RESULT_STATUS;
            run_forget(s, i);
        } else if (failed >= at && failed < at + operations) {
            result_refused(s, i, failed - at, r->rc);
        } else if (s->w->alone && single) {
            rota_outbox_note(s->out, ROTA_NOTE_REFUSED, name_of(s, i), rota_error_name(r->rc), 0, 0,
                             0);
            unwritable(s, i, r->rc);
        } else {
            run_at(s, i)->state = RUN_ENDED;
            rota_queue_push(&s->w->ended, links(s), i);
        }
        at += operations;
    }
}

/* Behind the barrier: is the assignment still the one whose end we wrote? Only we remove it while
 * this session lives (rule 1), so its absence means done. */
static void resolved(struct rota_worker_step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_worker_run *r = run_at(s, i);
    bool there = e->reply.outcome == ROTA_DONE && e->reply.body->stat.czxid == r->placed;

    if (r->state != RUN_DOUBT)
        return;
    rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, name_of(s, i), there ? "not done" : "done", 0, 0,
                     0);
    if (there) {
        r->state = RUN_ENDED;
        rota_queue_push(&s->w->ended, links(s), i);
    } else {
        note_result(s, i);
        run_forget(s, i);
    }
    s->w->list_wanted = true;
}

void rota_work_resolve(struct rota_worker_step *s)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->state == RUN_DOUBT)
            read(s, ROTA_WORKER_ASK_RESOLVE, i, ROTA_OP_EXISTS,
                 rota_path_assignment(s->out, s->w->config.name, name_of(s, i)), false);
}

/* A reply that will be asked for again: what it was about goes back. */
static void unanswered(struct rota_worker_step *s, enum rota_worker_ask what, uint32_t i)
{
    if (what == ROTA_WORKER_ASK_LIST) {
        s->w->listing = false;
        s->w->list_wanted = true;
    } else if (what == ROTA_WORKER_ASK_PAYLOAD) {
        s->w->starting--;
        run_at(s, i)->state = RUN_WAITING;
        rota_queue_push(&s->w->waiting, links(s), i);
    }
}

void rota_work_clear(struct rota_worker_step *s)
{
    struct rota_worker *w = s->w;

    for (uint32_t i = 0; i < w->run.length; i++)
        if (run_at(s, i)->used)
            status_forget(s, i);
    rota_map_clear(s->mem, &w->tasks);
    rota_array_clear(s->mem, &w->run, sizeof(struct rota_worker_run));
    w->waiting = w->ended = w->batch = (struct rota_queue){0};
    w->free_run = w->starting = 0;
    w->writing = w->listing = w->list_wanted = w->list_known = w->alone = false;
    w->generation++;
}

bool rota_work_replied(struct rota_worker_step *s, enum rota_worker_ask what, uint32_t index,
                       const struct rota_event *e)
{
    bool over = rota_reply_session_over(e->reply.body);

    if (what == ROTA_WORKER_ASK_RESULTS && !over) {
        results_replied(s, e);
        return true;
    }
    if (e->reply.outcome == ROTA_UNKNOWN || over) {
        unanswered(s, what, index);
        return true;
    }
    switch (what) {
    case ROTA_WORKER_ASK_LIST:
        return list_read(s, e);
    case ROTA_WORKER_ASK_ASSIGNMENT:
        assignment_read(s, index, e);
        break;
    case ROTA_WORKER_ASK_PAYLOAD:
        payload_read(s, index, e);
        break;
    default:
        resolved(s, index, e);
        break;
    }
    return true;
}
