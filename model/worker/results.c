#include "model/worker/results.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/base/duration.h"
#include "model/seam/request_limits.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/tree/spec.h"
#include "model/worker/progress.h"

enum {
    BATCH_RUNS = 250,     /* in one multi */
    OUTPUT_MAX = 1000000, /* bytes of output in a status */
    OVERHEAD_BYTES = 512, /* of a result, besides names and data, about */
    REASON_MAX = 256,     /* bytes of a status that holds only a reason, about */
};

/* The outcome of an attempt, as its history names it. */
enum outcome {
    OUTCOME_DONE,
    OUTCOME_FAILED,
    OUTCOME_TIMEOUT,
    OUTCOME_LOST,
    OUTCOME_HANDED_BACK,
    OUTCOME_EXPIRED,
    OUTCOME_CANCELLED
};
static const char *const outcomes[] = {"done",        "failed",  "timeout",  "lost",
                                       "handed-back", "expired", "cancelled"};

/* The states of a status, by enum rota_run_result. */
static const char *const states[] = {"done", "failed", "dead", "expired", "cancelled"};

/* The operations of a result in its multi. */
enum part { PART_ASSIGNMENT, PART_STATUS, PART_RETRY, PART_HISTORY, PART_PROGRESS, PARTS };

/* ---- the result ---- */

static void end(struct rota_worker_context *s, uint32_t i, enum rota_run_result result)
{
    rota_assert(!rota_runs_at(s, i)->busy);
    rota_runs_at(s, i)->result = result;
    rota_runs_enter(s, i, ROTA_RUN_ENDED);
}

/* The history of the task with this attempt at the end. */
static const char *history_with(const struct rota_worker_context *s, uint32_t i,
                                enum outcome outcome, const char *reason)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_history_line line = {.attempt = r->attempt,
                                     .worker = s->w->config.name,
                                     .began_ms = r->began_ms,
                                     .ended_ms = rota_worker_servers_ms(s),
                                     .how = outcomes[outcome],
                                     .reason = reason};

    return rota_history_line_add(s->out, rota_runs_history(s, i), &line);
}

/* The task gets its final status. Its history is kept, unless there is nothing to tell: a task
 * without a specification that was done at its first attempt. */
static void end_task(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                     const char *history, struct rota_status_record *record)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    bool kept = r->has_spec || r->history != 0 || r->attempt > 1 || result != ROTA_RESULT_DONE;

    record->state = states[result];
    if (record->output.length > OUTPUT_MAX)
        record->output.length = OUTPUT_MAX / 2;
    rota_runs_set_data(s, i, rota_status_record_write(s->out, record));
    rota_runs_set_history(s, i, kept ? history : "");
    end(s, i, result);
}

/* The task is to be placed again. Its history goes into the record under /retry. */
static void hand_back(struct rota_worker_context *s, uint32_t i, enum outcome outcome,
                      struct rota_attempt_record *record)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);

    record->attempt = r->attempt;
    record->losses = r->losses + (outcome == OUTCOME_LOST);
    record->excused_losses = r->excused_losses;
    record->failures = r->failures + (outcome == OUTCOME_FAILED || outcome == OUTCOME_TIMEOUT);
    record->history =
        history_with(s, i, outcome, outcome == OUTCOME_HANDED_BACK ? "" : record->reason);
    rota_runs_set_data(s, i, rota_attempt_record_write(s->out, record));
    rota_runs_set_history(s, i, "");
    end(s, i, ROTA_RESULT_HANDED_BACK);
}

void rota_results_hand_back(struct rota_worker_context *s, uint32_t i)
{
    struct rota_attempt_record record = {.reason = "handed back"};

    hand_back(s, i, OUTCOME_HANDED_BACK, &record);
}

void rota_results_not_begun(struct rota_worker_context *s, uint32_t i, enum rota_run_result result,
                            const char *reason)
{
    struct rota_status_record record = {
        .reason = reason, .output = ROTA_NULL_BYTES, .errors = ROTA_NULL_BYTES};
    enum outcome outcome = result == ROTA_RESULT_EXPIRED     ? OUTCOME_EXPIRED
                           : result == ROTA_RESULT_CANCELLED ? OUTCOME_CANCELLED
                                                             : OUTCOME_FAILED;

    end_task(s, i, result, history_with(s, i, outcome, reason), &record);
    rota_outbox_note(s->out, ROTA_NOTE_GIVEN_UP, rota_runs_name(s, i), states[result], 0, 0, 0);
}

void rota_results_delete_assignment(struct rota_worker_context *s, uint32_t i)
{
    rota_runs_drop_output(s, i);
    end(s, i, ROTA_RESULT_NONE);
}

void rota_results_forget(struct rota_worker_context *s, uint32_t i)
{
    rota_progress_delete(s, i);
    rota_runs_forget(s, i);
}

void rota_results_supersede(struct rota_worker_context *s, uint32_t i)
{
    rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, rota_runs_name(s, i), NULL, 0, 0, 0);
    rota_results_forget(s, i);
}

/* ---- failures ---- */

/* The next number of the worker's own sequence: splitmix64. */
static uint64_t next_random(struct rota_worker *w)
{
    uint64_t z = w->random_state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The backoff is doubled with each failure, up to the cap. The delay is chosen between half of it
 * and all of it, so that tasks that failed together do not come back together. */
static int64_t backoff_ms(struct rota_worker_context *s, const struct rota_worker_run *r,
                          uint32_t failures)
{
    int64_t max = r->backoff_cap_ms == 0 ? ROTA_SPEC_DURATION_MAX : r->backoff_cap_ms;
    int64_t delay = r->backoff_ms;

    for (uint32_t n = 1; n < failures && delay > 0 && delay < max; n++)
        delay *= 2;
    if (delay > max)
        delay = max;
    return delay - (int64_t)(next_random(s->w) % (uint64_t)(delay / 2 + 1));
}

/* True if the specification says that this exit status is not retried. */
static bool is_fatal(const struct rota_worker_run *r, int32_t exit_status)
{
    struct rota_spec spec = {0};

    memcpy(spec.fatal, r->fatal, sizeof spec.fatal);
    return rota_spec_fatal(&spec, exit_status);
}

/* The attempt failed: the task is retried, or it has failed, or it is dead because its retries are
 * used up. `final`: it is not retried. */
static void failed(struct rota_worker_context *s, uint32_t i, enum outcome outcome, bool final,
                   struct rota_status_record *record)
{
    struct rota_worker_run *r = rota_runs_at(s, i);
    uint32_t failures = r->failures + 1;
    enum rota_run_result result = ROTA_RESULT_FAILED;
    const char *history;

    if (!final && failures <= r->retries) {
        struct rota_attempt_record retry = {.delay_ms = backoff_ms(s, r, failures),
                                            .reason = record->reason};

        hand_back(s, i, outcome, &retry);
        rota_outbox_note(s->out, ROTA_NOTE_RETRY, rota_runs_name(s, i), record->reason,
                         retry.delay_ms, failures, 0);
        return;
    }
    history = history_with(s, i, outcome, record->reason);
    if (!final && r->retries > 0) {
        result = ROTA_RESULT_DEAD;
        record->reason = rota_outbox_text(s->out, "%" PRIu32 " attempts failed, the last: %s",
                                          failures, record->reason);
    }
    end_task(s, i, result, history, record);
    rota_outbox_note(s->out, ROTA_NOTE_FINISHED, rota_runs_name(s, i), states[result], 0, 0, 0);
}

static void timed_out(struct rota_worker_context *s, uint32_t i, struct rota_status_record *record)
{
    char duration[ROTA_DURATION_SIZE];

    rota_duration_format(duration, rota_runs_at(s, i)->timeout_ms * 1000, ROTA_DURATION_H);
    record->reason = rota_outbox_text(s->out, "timed out after %s", duration);
    failed(s, i, OUTCOME_TIMEOUT, false, record);
}

/* The run was stopped by the host, and not because the worker stops: the lease was over for the
 * worker, or for the guard of the run. */
static void lost(struct rota_worker_context *s, uint32_t i, const char *reason)
{
    struct rota_attempt_record record = {.reason = reason[0] == '\0' ? "lease" : reason};

    hand_back(s, i, OUTCOME_LOST, &record);
}

void rota_results_finished(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_status_record record = {.reason =
                                            e->finished.reason == NULL ? "" : e->finished.reason,
                                        .output = e->finished.output,
                                        .errors = e->finished.errors};

    if (r->cause == ROTA_RUN_CAUSE_CANCEL) {
        record.reason = "";
        end_task(s, i, ROTA_RESULT_CANCELLED, history_with(s, i, OUTCOME_CANCELLED, ""), &record);
    } else if (r->cause == ROTA_RUN_CAUSE_TIMEOUT) {
        timed_out(s, i, &record);
    } else if (e->finished.ending == ROTA_ENDING_STOPPED && r->cause == ROTA_RUN_CAUSE_HAND_BACK) {
        rota_results_hand_back(s, i);
    } else if (e->finished.ending == ROTA_ENDING_STOPPED) {
        lost(s, i, record.reason);
    } else if (record.output.length > OUTPUT_MAX) {
        record.reason = rota_outbox_text(
            s->out, "result of %" PRId32 " bytes is above ZooKeeper's limit", record.output.length);
        record.errors = ROTA_NULL_BYTES;
        failed(s, i, OUTCOME_FAILED, true, &record);
    } else if (e->finished.ending == ROTA_ENDING_FAILURE) {
        failed(s, i, OUTCOME_FAILED, e->finished.hopeless || is_fatal(r, e->finished.exit_status),
               &record);
    } else {
        record.reason = "";
        record.errors = ROTA_NULL_BYTES;
        end_task(s, i, ROTA_RESULT_DONE, history_with(s, i, OUTCOME_DONE, ""), &record);
        rota_outbox_note(s->out, ROTA_NOTE_FINISHED, rota_runs_name(s, i), "done", 0, 0, 0);
    }
}

/* ---- the multi ---- */

/* The operations of one result, in their order; returns their number. */
static uint32_t parts_of(const struct rota_worker_context *s, uint32_t i, enum part parts[PARTS])
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    uint32_t n = 0;

    parts[n++] = PART_ASSIGNMENT;
    if (r->result != ROTA_RESULT_NONE)
        parts[n++] = r->result == ROTA_RESULT_HANDED_BACK ? PART_RETRY : PART_STATUS;
    if (r->history != 0)
        parts[n++] = PART_HISTORY;
    if (r->progress_exists)
        parts[n++] = PART_PROGRESS;
    return n;
}

static size_t bytes_of(const struct rota_worker_context *s, uint32_t i)
{
    return OVERHEAD_BYTES + PARTS * strlen(rota_runs_name(s, i)) + strlen(s->w->config.name) +
           rota_runs_at(s, i)->data_length + strlen(rota_runs_history(s, i));
}

static void fill(struct rota_worker_context *s, struct rota_operation *o, uint32_t i,
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
        o->data = rota_runs_data(s, i);
        break;
    case PART_HISTORY:
        history = rota_runs_history(s, i);
        o->op = rota_runs_at(s, i)->history_exists ? ROTA_OP_SET : ROTA_OP_CREATE;
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
    for (uint32_t i = w->ended.head; i != 0; i = rota_runs_at(s, i - 1)->next) {
        size_t more = bytes_of(s, i - 1);

        if (count > 0 &&
            (w->write_single || count == BATCH_RUNS || bytes + more > ROTA_BATCH_BYTES))
            break;
        bytes += more;
        count++;
        n += parts_of(s, i - 1, parts);
    }
    w->writing = true;
    ops = rota_request_add_multi(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_RESULTS, 0), n);
    while (count-- > 0) {
        uint32_t i = rota_runs_pop(s, &w->ended);

        n = parts_of(s, i, parts);
        for (uint32_t k = 0; k < n; k++)
            fill(s, ops++, i, parts[k]);
        rota_runs_enter(s, i, ROTA_RUN_WRITING);
    }
}

/* ---- the outcome ---- */

static void note_result(struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    const char *name = rota_runs_name(s, i);

    if (r->result == ROTA_RESULT_NONE)
        rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name, NULL, 0, 0, 0);
    else if (r->result == ROTA_RESULT_HANDED_BACK)
        rota_outbox_note(s->out, ROTA_NOTE_HANDED_BACK, name, "not finished", r->attempt, 0, 0);
    else
        rota_outbox_note(s->out, ROTA_NOTE_COMPLETED, name, states[r->result], r->attempt, 0, 0);
}

/* The result of run `i` is in the tree. */
static void done(struct rota_worker_context *s, uint32_t i)
{
    note_result(s, i);
    rota_runs_at(s, i)->progress_exists = false;
    rota_runs_forget(s, i);
}

/* The result of run `i` is to be written again. */
static void again(struct rota_worker_context *s, uint32_t i)
{
    end(s, i, rota_runs_at(s, i)->result);
}

/* The result of a run cannot be written because of a limit, a quota or an access list. A status
 * with that reason alone is tried, and then nothing more. If only the assignment were deleted, the
 * task would be placed and run again and again. */
static void unwritable(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_status_record record = {
        .state = states[ROTA_RESULT_FAILED], .output = ROTA_NULL_BYTES, .errors = ROTA_NULL_BYTES};

    if (r->result == ROTA_RESULT_HANDED_BACK || r->data_length <= REASON_MAX) {
        rota_runs_drop_output(s, i);
        rota_runs_enter(s, i, ROTA_RUN_STUCK);
        return;
    }
    record.reason =
        rota_outbox_text(s->out, "the result cannot be written: %s", rota_error_sentence(rc));
    rota_runs_drop_output(s, i);
    rota_runs_set_data(s, i, rota_status_record_write(s->out, &record));
    end(s, i, ROTA_RESULT_FAILED);
}

/* /history/<t> exists already, or does not exist any more, or cannot be written: then the result is
 * written without it. */
static void history_refused(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    if (rc == ROTA_ERR_NODE_EXISTS && !r->history_exists)
        r->history_exists = true;
    else if (rc == ROTA_ERR_NO_NODE && r->history_exists)
        r->history_exists = false;
    else
        rota_runs_set_history(s, i, "");
    again(s, i);
}

/* A refusal is read by the operation that was refused (rule 9). If it was the deletion of the
 * assignment, the run is superseded. If it was what takes its place, the task has a status by
 * another client or is gone, and only the assignment is deleted; but a refusal by an access list or
 * a quota would come again after the next run. */
static void result_refused(struct rota_worker_context *s, uint32_t i, enum part part, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_runs_name(s, i), rota_error_name(rc), 0, 0, 0);
    switch (part) {
    case PART_ASSIGNMENT:
        rota_results_supersede(s, i);
        break;
    case PART_STATUS:
    case PART_RETRY:
        if (rota_error_is_news(rc))
            rota_results_delete_assignment(s, i);
        else
            unwritable(s, i, rc);
        break;
    case PART_HISTORY:
        history_refused(s, i, rc);
        break;
    default:
        rota_runs_at(s, i)->progress_exists = false;
        again(s, i);
        break;
    }
}

/* The multi was refused as a whole, and this result was all that it held. */
static void refused_alone(struct rota_worker_context *s, uint32_t i, int32_t rc)
{
    rota_outbox_note(s->out, ROTA_NOTE_REFUSED, rota_runs_name(s, i), rota_error_name(rc), 0, 0, 0);
    unwritable(s, i, rc);
}

/* Takes in the outcome for run `i`; `part`: the operation at which it was refused, PARTS if the
 * multi was refused at another one. */
static void written(struct rota_worker_context *s, uint32_t i, const struct rota_event *e,
                    enum part part)
{
    if (e->reply.outcome == ROTA_UNKNOWN) {
        rota_runs_enter(s, i, ROTA_RUN_UNRESOLVED);
        rota_outbox_note(s->out, ROTA_NOTE_UNKNOWN, rota_runs_name(s, i), NULL, 0, 0, 0);
    } else if (e->reply.outcome == ROTA_DONE) {
        s->w->list_wanted |= rota_runs_at(s, i)->result >= ROTA_RESULT_HANDED_BACK;
        done(s, i);
    } else if (part != PARTS) {
        result_refused(s, i, part, e->reply.body->rc);
    } else {
        again(s, i);
    }
}

void rota_results_written(struct rota_worker_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t failed_at = rota_reply_failed_at(r);
    uint32_t at = 0;
    bool single = s->w->batch.length == 1;
    bool whole = e->reply.outcome == ROTA_REFUSED && failed_at == UINT32_MAX;

    rota_assert(s->w->writing);
    s->w->writing = false;
    s->w->write_single = whole;
    while (s->w->batch.head != 0) {
        uint32_t i = rota_runs_pop(s, &s->w->batch);
        enum part parts[PARTS];
        uint32_t count = parts_of(s, i, parts);

        if (whole && single)
            refused_alone(s, i, r->rc);
        else
            written(s, i, e,
                    failed_at >= at && failed_at < at + count ? parts[failed_at - at] : PARTS);
        at += count;
    }
}

/* ---- unknown outcomes ---- */

/* Only this worker removes the assignment while its session lives (rule 1), so the result was
 * written if the assignment is gone. */
void rota_results_resolved(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    bool exists = e->reply.outcome == ROTA_DONE && e->reply.body->stat.czxid == r->assignment_czxid;

    if (r->state != ROTA_RUN_UNRESOLVED)
        return;
    rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, rota_runs_name(s, i), exists ? "not done" : "done",
                     0, 0, 0);
    if (exists)
        again(s, i);
    else
        done(s, i);
    s->w->list_wanted = true;
}

void rota_results_resolve(struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (rota_runs_at(s, i)->used && rota_runs_at(s, i)->state == ROTA_RUN_UNRESOLVED)
            rota_worker_read(s, ROTA_WORKER_PURPOSE_RESOLVE, i, ROTA_OP_EXISTS,
                             rota_path_assignment(s->out, s->w->config.name, rota_runs_name(s, i)),
                             false);
}
