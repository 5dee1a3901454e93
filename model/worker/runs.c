#include "model/worker/runs.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/worker/orders.h"
#include "model/worker/progress.h"
#include "model/worker/results.h"

uint64_t rota_runs_tag(const struct rota_worker_context *s, enum rota_worker_purpose what,
                       uint32_t index)
{
    return rota_request_tag(what, s->w->generation, index);
}

struct rota_worker_run *rota_runs_run(const struct rota_worker_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->w->run, i, sizeof(struct rota_worker_run));
}

const char *rota_runs_name(const struct rota_worker_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_runs_run(s, i)->name);
}

struct rota_links rota_runs_links(const struct rota_worker_context *s)
{
    return (struct rota_links){s->mem, &s->w->run, sizeof(struct rota_worker_run),
                               offsetof(struct rota_worker_run, next)};
}

static struct rota_worker_run *run_at(const struct rota_worker_context *s, uint32_t i)
{
    return rota_runs_run(s, i);
}

static const char *name_of(const struct rota_worker_context *s, uint32_t i)
{
    return rota_runs_name(s, i);
}

static struct rota_links links(const struct rota_worker_context *s)
{
    return rota_runs_links(s);
}

/* ---- the servers' clock ---- */

int64_t rota_runs_server_ms(const struct rota_worker_context *s)
{
    return s->w->server_ms + (s->now - s->w->server_at) / 1000;
}

/* A znode that has just been read was made at that time: it is that late at least. */
static void clock_seen(struct rota_worker_context *s, int64_t ctime_ms)
{
    if (ctime_ms <= rota_runs_server_ms(s))
        return;
    s->w->server_ms = ctime_ms;
    s->w->server_at = s->now;
}

/* ---- records ---- */

static uint32_t run_new(struct rota_worker_context *s, const char *task)
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

void rota_runs_forget(struct rota_worker_context *s, uint32_t i)
{
    rota_assert(!run_at(s, i)->busy);
    rota_progress_withdraw(s, i);
    rota_progress_forget(s, i);
    rota_results_forget(s, i);
    rota_map_remove(s->mem, &s->w->tasks, name_of(s, i));
    *run_at(s, i) = (struct rota_worker_run){.next = s->w->free_run};
    s->w->free_run = i + 1;
}

static void read(struct rota_worker_context *s, enum rota_worker_purpose what, uint32_t index,
                 enum rota_op op, const char *path, bool watch)
{
    rota_request_add_read(s->out, rota_runs_tag(s, what, index), op, path, watch);
}

/* ---- starting work ---- */

void rota_runs_list(struct rota_worker_context *s)
{
    if (!s->w->list_wanted || s->w->listing)
        return;
    s->w->list_wanted = false;
    s->w->listing = true;
    read(s, ROTA_WORKER_PURPOSE_ASSIGNMENTS, 0, ROTA_OP_CHILDREN,
         rota_path_assign(s->out, s->w->config.name), true);
}

/* Reads a run's assignment and its task: with GET to start it, with EXISTS to hand it back. */
static void read_run(struct rota_worker_context *s, uint32_t i, enum rota_op op)
{
    struct rota_worker_run *r = run_at(s, i);

    r->state = ROTA_RUN_READING;
    r->placed = 0;
    r->assigned = false;
    r->whole = op == ROTA_OP_GET;
    s->w->starting++;
    read(s, ROTA_WORKER_PURPOSE_ASSIGNMENT, i, ROTA_OP_GET,
         rota_path_assignment(s->out, s->w->config.name, name_of(s, i)), false);
    read(s, ROTA_WORKER_PURPOSE_TASK, i, op, rota_path_task(s->out, name_of(s, i)), false);
}

void rota_runs_start(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    while (w->waiting.head != 0 && w->busy + w->starting < w->config.slots &&
           w->lease == ROTA_LEASE_GOOD && !w->stopping && !w->draining) {
        uint32_t i = rota_queue_pop(&w->waiting, links(s));

        read_run(s, i, ROTA_OP_GET);
    }
}

/* Ends a run. If it was being ended already, the first reason stands. */
static void cancel(struct rota_worker_context *s, uint32_t i, enum rota_run_why why, bool at_once)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_CANCEL);

    a->cancel.run = r->run;
    a->cancel.at_once = at_once;
    if (r->state == ROTA_RUN_RUNNING)
        r->why = why;
    r->state = ROTA_RUN_ENDING;
}

void rota_runs_cancel(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);

    if (r->state == ROTA_RUN_WAITING) { /* which attempt it is, its assignment tells */
        if (r->placed != 0 && !rota_worker_orders_cancel(s, i))
            return;
        rota_queue_remove(&s->w->waiting, links(s), i);
        read_run(s, i, ROTA_OP_GET);
    } else if ((r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_ENDING) &&
               r->why != ROTA_RUN_CANCELLED && rota_worker_orders_cancel(s, i)) {
        rota_outbox_note(s->out, ROTA_NOTE_CANCELLING, name_of(s, i), NULL, r->attempt, 0, 0);
        if (r->state == ROTA_RUN_RUNNING)
            cancel(s, i, ROTA_RUN_CANCELLED, false);
        r->why = ROTA_RUN_CANCELLED;
    }
}

/* The assignment is there no more, and it was not us: the result must not count. */
static void supersede(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = run_at(s, i);

    if (r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_ENDING)
        rota_progress_withdraw(s, i);
    switch (r->state) {
    case ROTA_RUN_WAITING:
        rota_queue_remove(&s->w->waiting, links(s), i);
        break;
    case ROTA_RUN_ENDED:
        rota_queue_remove(&s->w->ended, links(s), i);
        break;
    case ROTA_RUN_RUNNING:
        cancel(s, i, ROTA_RUN_ASKED, true);
        r->superseded = true;
        return;
    case ROTA_RUN_ENDING:
        r->superseded = true;
        return;
    case ROTA_RUN_IGNORED:
    case ROTA_RUN_STUCK:
        rota_runs_forget(s, i);
        return;
    default: /* a reply is awaited that will tell */
        return;
    }
    rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name_of(s, i), NULL, 0, 0, 0);
    rota_runs_forget(s, i);
}

static bool list_read(struct rota_worker_context *s, const struct rota_event *e)
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
        } else if (run_at(s, i)->state == ROTA_RUN_IGNORED) {
            run_at(s, i)->state = ROTA_RUN_WAITING;
            rota_queue_push(&s->w->waiting, links(s), i);
        }
        run_at(s, i)->mark = mark;
    }
    s->w->list_known = true;
    s->w->orders_due = s->w->orders != 0;
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->mark != mark)
            supersede(s, i);
    return true;
}

/* Only what was assigned to this incarnation is ours (rule 4). */
static void assignment_read(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_stat *stat = &e->reply.body->stat;
    struct rota_attempt_record record;
    struct rota_worker_run *r;
    rota_ref history;

    if (e->reply.outcome != ROTA_DONE)
        return;
    clock_seen(s, stat->ctime_ms);
    rota_attempt_record_read(s->out, e->reply.body->data, &record);
    rota_results_forget(s, i);
    history = record.history[0] == '\0' ? 0 : rota_text_take(s->mem, record.history);
    r = run_at(s, i);
    r->history = history;
    r->placed = stat->czxid;
    r->began_ms = stat->ctime_ms;
    r->attempt = record.attempt;
    r->losses = record.losses;
    r->spared = record.excused_losses;
    r->failures = record.failures;
    r->assigned = r->placed > s->w->czxid;
}

/* ---- what the task wants ---- */

static void keep_terms(struct rota_worker_run *r, const struct rota_spec *spec)
{
    r->given = spec->given;
    r->retries = spec->retries;
    r->backoff_ms = spec->backoff_ms;
    r->backoff_cap_ms = spec->backoff_cap_ms;
    r->timeout_ms = spec->timeout_ms;
    memcpy(r->fatal, spec->fatal, sizeof r->fatal);
}

/* It is not begun when it has waited too long, by the servers' clock (hazard 28). What was placed
 * before is a retry, or a person asked for it. */
static bool expired(struct rota_worker_context *s, uint32_t i, const struct rota_spec *spec,
                    const struct rota_stat *task)
{
    return run_at(s, i)->attempt <= 1 && spec->expires_ms > 0 &&
           rota_runs_server_ms(s) >= task->ctime_ms + spec->expires_ms;
}

static void begin(struct rota_worker_context *s, uint32_t i, struct rota_bytes payload)
{
    struct rota_worker_run *r = run_at(s, i);
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_RUN);

    r->state = ROTA_RUN_RUNNING;
    r->why = ROTA_RUN_ITSELF;
    r->busy = true;
    r->run = ++s->w->next_run;
    r->due = r->timeout_ms == 0 ? ROTA_NEVER : s->now + r->timeout_ms * 1000;
    if (r->due < s->w->due)
        s->w->due = r->due;
    s->w->busy++;
    a->run.run = r->run;
    a->run.task = rota_outbox_text(s->out, "%s", name_of(s, i));
    a->run.worker = s->w->config.name;
    a->run.attempt = r->attempt;
    a->run.fence = r->placed;
    a->run.payload = payload;
    rota_outbox_note(s->out, ROTA_NOTE_RUN, name_of(s, i), NULL, r->attempt, r->placed, 0);
}

static void wait_again(struct rota_worker_context *s, uint32_t i)
{
    run_at(s, i)->state = ROTA_RUN_WAITING;
    rota_queue_push(&s->w->waiting, links(s), i);
}

/* The task is there, and ours to run. A slot may be missing: orders were looked into meanwhile. */
static void begin_or_end(struct rota_worker_context *s, uint32_t i, const struct rota_reply *task)
{
    struct rota_worker *w = s->w;
    bool whole = run_at(s, i)->whole;
    struct rota_spec spec;
    const char *wrong = rota_spec_read(s->out, whole ? task->data : ROTA_NULL_BYTES, &spec);

    keep_terms(run_at(s, i), &spec);
    if (rota_worker_orders_cancel(s, i))
        rota_results_unstarted(s, i, ROTA_RESULT_CANCELLED, "");
    else if (w->stopping || w->draining || w->lease != ROTA_LEASE_GOOD)
        rota_results_hand_back(s, i);
    else if (!whole || w->busy + w->starting >= w->config.slots)
        wait_again(s, i);
    else if (wrong != NULL)
        rota_results_unstarted(s, i, ROTA_RESULT_FAILED,
                               rota_outbox_text(s->out, "specification: %s", wrong));
    else if (expired(s, i, &spec, &task->stat))
        rota_results_unstarted(s, i, ROTA_RESULT_EXPIRED, "it was not started in time");
    else
        begin(s, i, spec.payload);
}

static void payload_read(struct rota_worker_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_worker_run *r = run_at(s, i);

    s->w->starting--;
    if (r->placed == 0) { /* gone again */
        rota_runs_forget(s, i);
    } else if (!r->assigned) {
        r->state = ROTA_RUN_IGNORED;
        r->placed = 0;
    } else if (e->reply.body->rc == ROTA_ERR_NO_AUTH) { /* dropped, it would come again and again */
        rota_results_unstarted(s, i, ROTA_RESULT_FAILED,
                               "no permission: the worker may not read its payload");
    } else if (e->reply.outcome != ROTA_DONE || e->reply.body->stat.num_children > 0) {
        rota_results_drop(s, i); /* removed or ended by another hand (rule 9) */
    } else {
        begin_or_end(s, i, e->reply.body);
    }
}

/* ---- ending work ---- */

static uint32_t find_run(const struct rota_worker_context *s, uint64_t run)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->run == run)
            return i;
    return ROTA_MAP_NONE;
}

void rota_runs_finished(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t i = find_run(s, e->finished.run);

    rota_assert(s->w->busy > 0);
    s->w->busy--;
    if (i == ROTA_MAP_NONE)
        return; /* of a session that is over */
    run_at(s, i)->busy = false;
    if (run_at(s, i)->superseded) {
        rota_outbox_note(s->out, ROTA_NOTE_SUPERSEDED, name_of(s, i), NULL, 0, 0, 0);
        rota_runs_forget(s, i);
    } else {
        rota_results_finished(s, i, e);
    }
}

void rota_runs_progress(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t i = find_run(s, e->progress.run);

    if (i != ROTA_MAP_NONE)
        rota_progress_hear(s, i, e->progress.line);
}

void rota_runs_overdue(struct rota_worker_context *s)
{
    rota_time next = ROTA_NEVER;

    if (s->now >= s->w->due) {
        for (uint32_t i = 0; i < s->w->run.length; i++) {
            struct rota_worker_run *r = run_at(s, i);

            if (!r->used || r->state != ROTA_RUN_RUNNING)
                continue;
            if (s->now >= r->due) {
                rota_outbox_note(s->out, ROTA_NOTE_TIMED_OUT, name_of(s, i), NULL, r->timeout_ms, 0,
                                 0);
                cancel(s, i, ROTA_RUN_TIMED_OUT, false);
            } else if (r->due < next) {
                next = r->due;
            }
        }
        s->w->due = next;
    }
    if (s->w->due != ROTA_NEVER)
        rota_outbox_wake(s->out, s->w->due);
}

/* Ends all that runs. What has not been started yet is handed back. */
void rota_runs_end_all(struct rota_worker_context *s, enum rota_run_why why, bool at_once)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && (run_at(s, i)->state == ROTA_RUN_RUNNING ||
                                   (run_at(s, i)->state == ROTA_RUN_ENDING && at_once)))
            cancel(s, i, why, at_once);
}

void rota_runs_hand_back(struct rota_worker_context *s)
{
    struct rota_queue back = s->w->waiting;

    s->w->waiting = (struct rota_queue){0};
    while (back.head != 0) { /* the assignment is read first: it may not be ours */
        uint32_t i = rota_queue_pop(&back, links(s));

        read_run(s, i, ROTA_OP_EXISTS);
    }
}

bool rota_runs_left(const struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->state != ROTA_RUN_IGNORED &&
            run_at(s, i)->state != ROTA_RUN_STUCK)
            return true;
    return false;
}

bool rota_runs_unwritten(const struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->run.length; i++)
        if (run_at(s, i)->used && run_at(s, i)->state >= ROTA_RUN_ENDED &&
            run_at(s, i)->state <= ROTA_RUN_DOUBT)
            return true;
    return false;
}

/* ---- replies ---- */

/* A reply that will be asked for again: what it was about goes back. */
static void unanswered(struct rota_worker_context *s, enum rota_worker_purpose what, uint32_t i)
{
    if (what == ROTA_WORKER_PURPOSE_ASSIGNMENTS) {
        s->w->listing = false;
        s->w->list_wanted = true;
    } else if (what == ROTA_WORKER_PURPOSE_ORDERS) {
        s->w->orders_reading = false;
        s->w->orders_wanted = true;
    } else if (what == ROTA_WORKER_PURPOSE_TASK) {
        s->w->starting--;
        wait_again(s, i);
    }
}

void rota_runs_clear(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    for (uint32_t i = 0; i < w->run.length; i++)
        if (run_at(s, i)->used) {
            rota_progress_forget(s, i);
            rota_results_forget(s, i);
        }
    rota_worker_orders_clear(s);
    rota_map_clear(s->mem, &w->tasks);
    rota_array_clear(s->mem, &w->run, sizeof(struct rota_worker_run));
    w->waiting = w->ended = w->batch = (struct rota_queue){0};
    w->free_run = w->starting = 0;
    w->progress_new = w->progress_writing = false;
    w->writing = w->listing = w->list_wanted = w->list_known = w->alone = false;
    w->due = ROTA_NEVER;
    w->generation++;
}

bool rota_runs_replied(struct rota_worker_context *s, enum rota_worker_purpose what, uint32_t index,
                       const struct rota_event *e)
{
    bool over = rota_reply_session_over(e->reply.body);

    if (what == ROTA_WORKER_PURPOSE_RESULTS && !over) {
        rota_results_replied(s, e);
        return true;
    }
    if (what == ROTA_WORKER_PURPOSE_PROGRESS && !over) {
        rota_progress_replied(s, e);
        return true;
    }
    if (e->reply.outcome == ROTA_UNKNOWN || over) {
        unanswered(s, what, index);
        return true;
    }
    switch (what) {
    case ROTA_WORKER_PURPOSE_ASSIGNMENTS:
        return list_read(s, e);
    case ROTA_WORKER_PURPOSE_ASSIGNMENT:
        assignment_read(s, index, e);
        break;
    case ROTA_WORKER_PURPOSE_TASK:
        payload_read(s, index, e);
        break;
    case ROTA_WORKER_PURPOSE_RESOLVE:
        rota_results_resolved(s, index, e);
        break;
    case ROTA_WORKER_PURPOSE_ORDERS:
        return rota_worker_orders_replied(s, e);
    default: /* nothing hangs on a line of progress */
        break;
    }
    return true;
}
