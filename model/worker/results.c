#include "model/worker/results.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    BATCH_RUNS = 250,
    RESULT_LIMIT = 1000000,
    OVERHEAD = 512, /* bytes of a result beside its names and its data */
    REASON_BYTES = 256,
};

/* How an attempt ended: the words of its history. */
enum how {
    HOW_DONE,
    HOW_FAILED,
    HOW_TIMEOUT,
    HOW_LOST,
    HOW_HANDED_BACK,
    HOW_EXPIRED,
    HOW_CANCELLED
};
static const char *const hows[] = {"done",        "failed",  "timeout",  "lost",
                                   "handed-back", "expired", "cancelled"};

/* The states a task ends in, by enum rota_run_result. */
static const char *const states[] = {"done", "failed", "dead", "expired", "cancelled"};

/* One write of a result's multi. */
enum part { PART_ASSIGNMENT, PART_STATUS, PART_RETRY, PART_HISTORY, PART_PROGRESS, PARTS };

static struct rota_worker_run *run_at(const struct rota_worker_context *s, uint32_t i)
{
    return rota_runs_run(s, i);
}

/* ---- what is kept until it is written ---- */

static void data_forget(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);

    if (r->data != 0)
        rota_pool_give(s->mem, r->data, r->data_length);
    r->data = 0;
    r->data_length = 0;
}

static void data_keep(struct rota_worker_context *s, uint32_t i, struct rota_bytes data)
{
    rota_ref ref = rota_pool_take(s->mem, (size_t)data.length);

    data_forget(s, i);
    memcpy(rota_pool_at(s->mem, ref), data.data, (size_t)data.length);
    run_at(s, i)->data = ref;
    run_at(s, i)->data_length = (uint32_t)data.length;
}

/* In the outbox's memory. */
static const char *history_of(const struct rota_worker_context *s, uint32_t i)
{
    rota_ref history = run_at(s, i)->history;

    return history == 0 ? ""
                        : rota_outbox_text(s->out, "%s", (char *)rota_pool_at(s->mem, history));
}

static void history_keep(struct rota_worker_context *s, uint32_t i, const char *history)
{
    rota_ref former = run_at(s, i)->history;
    rota_ref text = history[0] == '\0' ? 0 : rota_text_take(s->mem, history);

    if (former != 0)
        rota_text_give(s->mem, former);
    run_at(s, i)->history = text;
}

void rota_results_forget(struct rota_worker_context *s, uint32_t i)
{
    data_forget(s, i);
    history_keep(s, i, "");
}

static void end_as(struct rota_worker_context *s, uint32_t i, enum rota_run_result result)
{
    struct rota_worker_run *r = run_at(s, i);

    r->state = ROTA_RUN_ENDED;
    r->result = result;
    rota_queue_push(&s->w->ended, rota_runs_links(s), i);
}

/* ---- what becomes of an attempt ---- */

/* The task's history with this attempt. */
static const char *history_with(const struct rota_worker_context *s, uint32_t i, enum how how,
                                const char *reason)
{
    const struct rota_worker_run *r = run_at(s, i);
    struct rota_history_line line = {.attempt = r->attempt,
                                     .worker = s->w->config.name,
                                     .began_ms = r->began_ms,
                                     .ended_ms = rota_runs_server_ms(s),
                                     .how = hows[how],
                                     .reason = reason};

    return rota_history_line_add(s->out, history_of(s, i), &line);
}

/* The task has ended. Its history, with this attempt, is kept, unless there is nothing to tell: a
 * task without a specification that was done at once. */
static void end_task(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                     const char *history, struct rota_status_record *record)
{
    const struct rota_worker_run *r = run_at(s, i);
    bool kept = r->given || r->history != 0 || r->attempt > 1 || result != ROTA_RESULT_DONE;

    record->state = states[result];
    if (record->output.length > RESULT_LIMIT)
        record->output.length = RESULT_LIMIT / 2;
    data_keep(s, i, rota_status_record_write(s->out, record));
    history_keep(s, i, kept ? history : "");
    end_as(s, i, result);
}

/* The attempt has ended and the task has not: with this attempt's line its history goes along. */
static void hand_back(struct rota_worker_context *s, uint32_t i, enum how how,
                      struct rota_attempt_record *record)
{
    const struct rota_worker_run *r = run_at(s, i);

    record->attempt = r->attempt;
    record->losses = r->losses + (how == HOW_LOST);
    record->excused_losses = r->spared;
    record->failures = r->failures + (how == HOW_FAILED || how == HOW_TIMEOUT);
    record->history = history_with(s, i, how, how == HOW_HANDED_BACK ? "" : record->reason);
    data_keep(s, i, rota_attempt_record_write(s->out, record));
    history_keep(s, i, "");
    end_as(s, i, ROTA_RESULT_BACK);
}

void rota_results_hand_back(struct rota_worker_context *s, uint32_t i)
{
    struct rota_attempt_record record = {.reason = "handed back"};

    hand_back(s, i, HOW_HANDED_BACK, &record);
}

void rota_results_unstarted(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                            const char *reason)
{
    struct rota_status_record record = {
        .reason = reason, .output = ROTA_NULL_BYTES, .errors = ROTA_NULL_BYTES};

    enum how how = result == ROTA_RESULT_EXPIRED     ? HOW_EXPIRED
                   : result == ROTA_RESULT_CANCELLED ? HOW_CANCELLED
                                                     : HOW_FAILED;

    end_task(s, i, result, history_with(s, i, how, reason), &record);
    rota_outbox_note(s->out, ROTA_NOTE_GIVEN_UP, rota_runs_name(s, i), states[result], 0, 0, 0);
}

void rota_results_drop(struct rota_worker_context *s, uint32_t i)
{
    rota_results_forget(s, i);
    end_as(s, i, ROTA_RESULT_DROP);
}

/* ---- failures ---- */

/* The next number of the worker's own sequence: splitmix64. */
static uint64_t chance(struct rota_worker *w)
{
    uint64_t z = w->chance += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Doubled with each failure, up to the cap; then anything from half of that on, so that what failed
 * together does not come again together. */
static int64_t backoff_ms(struct rota_worker_context *s, const struct rota_worker_run *r,
                          uint32_t failures)
{
    int64_t most = r->backoff_cap_ms == 0 ? ROTA_SPEC_DURATION_MAX : r->backoff_cap_ms;
    int64_t delay = r->backoff_ms;

    for (uint32_t n = 1; n < failures && delay > 0 && delay < most; n++)
        delay *= 2;
    if (delay > most)
        delay = most;
    return delay - (int64_t)(chance(s->w) % (uint64_t)(delay / 2 + 1));
}

static bool fatal(const struct rota_worker_run *r, int32_t exit_status)
{
    struct rota_spec spec = {0};

    memcpy(spec.fatal, r->fatal, sizeof spec.fatal);
    return rota_spec_fatal(&spec, exit_status);
}

/* The attempt failed: the task is tried again, or has failed, or is dead, its retries used up. */
static void failed(struct rota_worker_context *s, uint32_t i, enum how how, bool final,
                   struct rota_status_record *record)
{
    struct rota_worker_run *r = run_at(s, i);
    uint32_t failures = r->failures + 1;
    enum rota_run_result result = ROTA_RESULT_FAILED;
    const char *history;

    if (!final && failures <= r->retries) {
        struct rota_attempt_record back = {.delay_ms = backoff_ms(s, r, failures),
                                           .reason = record->reason};

        hand_back(s, i, how, &back);
        rota_outbox_note(s->out, ROTA_NOTE_RETRY, rota_runs_name(s, i), record->reason,
                         back.delay_ms, failures, 0);
        return;
    }
    history = history_with(s, i, how, record->reason);
    if (!final && r->retries > 0) {
        result = ROTA_RESULT_DEAD;
        record->reason = rota_outbox_text(s->out, "%" PRIu32 " attempts failed, the last: %s",
                                          failures, record->reason);
    }
    end_task(s, i, result, history, record);
    rota_outbox_note(s->out, ROTA_NOTE_FINISHED, rota_runs_name(s, i), states[result], 0, 0, 0);
}

/* A duration as a person writes it: 90s, 1500ms, 2h. */
static const char *duration_text(struct rota_outbox *o, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t u = 0;

    while (ms % units[u].ms != 0)
        u++;
    return rota_outbox_text(o, "%" PRId64 "%s", ms / units[u].ms, units[u].unit);
}

void rota_results_finished(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_worker_run *r = run_at(s, i);
    struct rota_status_record record = {.reason =
                                            e->finished.reason == NULL ? "" : e->finished.reason,
                                        .output = e->finished.output,
                                        .errors = e->finished.errors};

    if (r->why == ROTA_RUN_CANCELLED) {
        record.reason = "";
        end_task(s, i, ROTA_RESULT_CANCELLED, history_with(s, i, HOW_CANCELLED, ""), &record);
    } else if (r->why == ROTA_RUN_TIMED_OUT) {
        record.reason =
            rota_outbox_text(s->out, "timed out after %s", duration_text(s->out, r->timeout_ms));
        failed(s, i, HOW_TIMEOUT, false, &record);
    } else if (e->finished.ending == ROTA_ENDING_STOPPED && r->why == ROTA_RUN_ASKED) {
        rota_results_hand_back(s, i);
    } else if (e->finished.ending == ROTA_ENDING_STOPPED) {
        bool said = record.reason[0] != '\0'; /* else the lease was over, for us or the guard */
        struct rota_attempt_record lost = {.reason = said ? record.reason : "lease"};

        hand_back(s, i, HOW_LOST, &lost);
    } else if (record.output.length > RESULT_LIMIT) {
        record.reason = rota_outbox_text(
            s->out, "result of %" PRId32 " bytes is above ZooKeeper's limit", record.output.length);
        record.errors = ROTA_NULL_BYTES;
        failed(s, i, HOW_FAILED, true, &record);
    } else if (e->finished.ending == ROTA_ENDING_FAILURE) {
        failed(s, i, HOW_FAILED, e->finished.hopeless || fatal(r, e->finished.exit_status),
               &record);
    } else {
        record.reason = "";
        record.errors = ROTA_NULL_BYTES;
        end_task(s, i, ROTA_RESULT_DONE, history_with(s, i, HOW_DONE, ""), &record);
        rota_outbox_note(s->out, ROTA_NOTE_FINISHED, rota_runs_name(s, i), "done", 0, 0, 0);
    }
}

/* ---- writing ---- */

/* The writes of one result, in their order; returns how many. Everything that counts them asks
 * here. */
static uint32_t parts_of(const struct rota_worker_context *s, uint32_t i, enum part parts[PARTS])
{
    const struct rota_worker_run *r = run_at(s, i);
    uint32_t n = 0;

    parts[n++] = PART_ASSIGNMENT;
    if (r->result != ROTA_RESULT_DROP)
        parts[n++] = r->result == ROTA_RESULT_BACK ? PART_RETRY : PART_STATUS;
    if (r->history != 0)
        parts[n++] = PART_HISTORY;
    if (r->progress_there)
        parts[n++] = PART_PROGRESS;
    return n;
}

static size_t result_bytes(const struct rota_worker_context *s, uint32_t i)
{
    return OVERHEAD + PARTS * strlen(rota_runs_name(s, i)) + strlen(s->w->config.name) +
           run_at(s, i)->data_length + strlen(history_of(s, i));
}

/* What run `i` has in the pool, in the outbox's memory. */
static struct rota_bytes data_of(struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = run_at(s, i);
    void *data = rota_outbox_take(s->out, r->data_length + 1u);

    memcpy(data, rota_pool_at(s->mem, r->data), r->data_length);
    return (struct rota_bytes){data, (int32_t)r->data_length};
}

static void put_part(struct rota_worker_context *s, struct rota_operation *o, uint32_t i,
                     enum part part)
{
    const char *name = rota_runs_name(s, i);
    const char *history;

    switch (part) {
    case PART_ASSIGNMENT:
        rota_operation_delete(o, rota_path_assignment(s->out, s->w->config.name, name));
        break;
    case PART_STATUS:
    case PART_RETRY:
        o->op = ROTA_OP_CREATE;
        o->path =
            part == PART_STATUS ? rota_path_status(s->out, name) : rota_path_retry(s->out, name);
        o->data = data_of(s, i);
        break;
    case PART_HISTORY:
        history = history_of(s, i);
        o->op = run_at(s, i)->history_there ? ROTA_OP_SET : ROTA_OP_CREATE;
        o->path = rota_path_history(s->out, name);
        o->data = (struct rota_bytes){history, (int32_t)strlen(history)};
        break;
    default:
        rota_operation_delete(o, rota_path_progress(s->out, name));
        break;
    }
}

void rota_results_write(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;
    struct rota_operation *ops;
    enum part parts[PARTS];
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
        n += parts_of(s, i - 1, parts);
    }
    w->writing = true;
    ops = rota_request_add_multi(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_RESULTS, 0), n);
    while (count-- > 0) {
        uint32_t i = rota_queue_pop(&w->ended, rota_runs_links(s));

        n = parts_of(s, i, parts);
        for (uint32_t k = 0; k < n; k++)
            put_part(s, ops++, i, parts[k]);
        run_at(s, i)->state = ROTA_RUN_WRITING;
        rota_queue_push(&w->batch, rota_runs_links(s), i);
    }
}

/* ---- what came of it ---- */

static void note_result(struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = run_at(s, i);
    const char *name = rota_runs_name(s, i);

    if (r->result == ROTA_RESULT_DROP)
        rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name, NULL, 0, 0, 0);
    else if (r->result == ROTA_RESULT_BACK)
        rota_outbox_note(s->out, ROTA_NOTE_HANDED_BACK, name, "not finished", r->attempt, 0, 0);
    else
        rota_outbox_note(s->out, ROTA_NOTE_COMPLETED, name, states[r->result], r->attempt, 0, 0);
}

static void again(struct rota_worker_context *s, uint32_t i)
{
    end_as(s, i, run_at(s, i)->result);
}

/* The end of a run cannot be written, by a limit, a quota or an access list: its reason alone is
 * tried, then it is let be. Dropped, the task would be placed and run again and again. */
static void unwritable(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_status_record record = {
        .state = states[ROTA_RESULT_FAILED], .output = ROTA_NULL_BYTES, .errors = ROTA_NULL_BYTES};

    if (r->result == ROTA_RESULT_BACK || r->data_length <= REASON_BYTES) {
        rota_results_forget(s, i);
        r->state = ROTA_RUN_STUCK;
        return;
    }
    record.reason =
        rota_outbox_text(s->out, "the result cannot be written: %s", rota_error_sentence(rc));
    rota_results_forget(s, i);
    data_keep(s, i, rota_status_record_write(s->out, &record));
    end_as(s, i, ROTA_RESULT_FAILED);
}

/* The history is there already, or no more, or cannot be written: then the end goes without it. */
static void history_refused(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    struct rota_worker_run *r = run_at(s, i);

    if (rc == ROTA_ERR_NODE_EXISTS && !r->history_there)
        r->history_there = true;
    else if (rc == ROTA_ERR_NO_NODE && r->history_there)
        r->history_there = false;
    else
        history_keep(s, i, "");
    again(s, i);
}

/* A refusal is read by the write that was refused (rule 9). The assignment: it was taken away,
 * superseded. What should take its place: it or its parent is not as believed, somebody ended or
 * removed the task, so the assignment is dropped alone; any other refusal, by an access list or a
 * quota, would only come again after another run. */
static void result_refused(struct rota_worker_context *s, uint32_t i, enum part part, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_runs_name(s, i), rota_error_name(rc), 0, 0, 0);
    switch (part) {
    case PART_ASSIGNMENT:
        run_at(s, i)->result = ROTA_RESULT_DROP;
        note_result(s, i);
        rota_runs_forget(s, i);
        break;
    case PART_STATUS:
    case PART_RETRY:
        if (rota_error_is_news(rc))
            rota_results_drop(s, i);
        else
            unwritable(s, i, rc);
        break;
    case PART_HISTORY:
        history_refused(s, i, rc);
        break;
    default:
        run_at(s, i)->progress_there = false;
        again(s, i);
        break;
    }
}

/* A multi was refused as a whole, and one result was all it held. */
static void refused_alone(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_runs_name(s, i), rota_error_name(rc), 0, 0, 0);
    unwritable(s, i, rc);
}

void rota_results_replied(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed_at = rota_reply_failed_at(r);
    uint32_t at = 0;
    bool single = s->w->batch.length == 1;

    s->w->writing = false;
    s->w->alone = e->reply.outcome == ROTA_REFUSED && failed_at == UINT32_MAX;
    while (s->w->batch.head != 0) {
        uint32_t i = rota_queue_pop(&s->w->batch, rota_runs_links(s));
        enum part parts[PARTS];
        uint32_t count = parts_of(s, i, parts);

        if (e->reply.outcome == ROTA_UNKNOWN) {
            run_at(s, i)->state = ROTA_RUN_DOUBT;
            rota_outbox_note(s->out, ROTA_NOTE_UNKNOWN, rota_runs_name(s, i), NULL, 0, 0, 0);
        } else if (e->reply.outcome == ROTA_DONE) {
            note_result(s, i);
            s->w->list_wanted |= run_at(s, i)->result >= ROTA_RESULT_BACK;
            run_at(s, i)->progress_there = false;
            rota_runs_forget(s, i);
        } else if (failed_at >= at && failed_at < at + count) {
            result_refused(s, i, parts[failed_at - at], r->rc);
        } else if (s->w->alone && single) {
            refused_alone(s, i, r->rc);
        } else {
            again(s, i);
        }
        at += count;
    }
}

/* Is the assignment still the one whose end we wrote? Only we remove it while this session lives
 * (rule 1), so its absence means done. */
void rota_results_resolved(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_worker_run *r = run_at(s, i);
    bool there = e->reply.outcome == ROTA_DONE && e->reply.body->stat.czxid == r->placed;

    if (r->state != ROTA_RUN_DOUBT)
        return;
    rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, rota_runs_name(s, i), there ? "not done" : "done",
                     0, 0, 0);
    if (there) {
        again(s, i);
    } else {
        note_result(s, i);
        r->progress_there = false;
        rota_runs_forget(s, i);
    }
    s->w->list_wanted = true;
}

void rota_results_resolve(struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->state == ROTA_RUN_DOUBT)
            rota_request_add_read(
                s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_RESOLVE, i), ROTA_OP_EXISTS,
                rota_path_assignment(s->out, s->w->config.name, rota_runs_name(s, i)), false);
}
