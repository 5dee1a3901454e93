#include "model/worker/runs.h"

#include <string.h>

#include "model/base/assert.h"

enum {
    CHECKED_MAX = 256, /* with more records the counts and some of the runs are checked */
    CHECKED_SOME = 16,
};

struct rota_worker_run *rota_runs_at(const struct rota_worker_context *s, uint32_t i)
{
    return rota_slab_at(s->mem, &s->w->runs, i, sizeof(struct rota_worker_run));
}

const char *rota_runs_name(const struct rota_worker_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_runs_at(s, i)->name);
}

static bool in_state(const struct rota_worker_context *s, uint32_t i, enum rota_run_state state)
{
    return rota_runs_at(s, i)->used && rota_runs_at(s, i)->state == state;
}

/* ---- queues ---- */

static struct rota_links links(const struct rota_worker_context *s)
{
    return (struct rota_links){s->mem, &s->w->runs.records, sizeof(struct rota_worker_run),
                               offsetof(struct rota_worker_run, next)};
}

/* The queue of a state; NULL if it has none. */
static struct rota_queue *queue_of(const struct rota_worker_context *s, enum rota_run_state state)
{
    switch (state) {
    case ROTA_RUN_WAITING:
        return &s->w->waiting;
    case ROTA_RUN_ENDED:
        return &s->w->ended;
    case ROTA_RUN_WRITING:
        return &s->w->batch;
    default:
        return NULL;
    }
}

void rota_runs_enter(struct rota_worker_context *s, uint32_t i, enum rota_run_state state)
{
    struct rota_queue *q = queue_of(s, state);

    rota_assert(rota_runs_at(s, i)->used);
    rota_runs_at(s, i)->state = state;
    if (q != NULL)
        rota_queue_push(q, links(s), i);
}

void rota_runs_leave_queue(struct rota_worker_context *s, uint32_t i)
{
    struct rota_queue *q = queue_of(s, rota_runs_at(s, i)->state);
    bool found = q == NULL || rota_queue_remove(q, links(s), i);

    rota_assert(found);
}

uint32_t rota_runs_pop(struct rota_worker_context *s, struct rota_queue *q)
{
    return rota_queue_pop(q, links(s));
}

/* ---- records ---- */

uint32_t rota_runs_add(struct rota_worker_context *s, const char *task)
{
    uint32_t i = rota_slab_take(s->mem, &s->w->runs, sizeof(struct rota_worker_run),
                                offsetof(struct rota_worker_run, next));
    rota_ref name = rota_map_put(s->mem, &s->w->tasks, task, i);

    rota_runs_at(s, i)->name = name;
    rota_runs_at(s, i)->used = true;
    return i;
}

uint32_t rota_runs_find(const struct rota_worker_context *s, const char *task)
{
    return rota_map_get(s->mem, &s->w->tasks, task);
}

uint32_t rota_runs_find_number(const struct rota_worker_context *s, uint64_t number)
{
    rota_assert(number != 0);
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (rota_runs_at(s, i)->used && rota_runs_at(s, i)->number == number)
            return i;
    return ROTA_MAP_NONE;
}

static void drop_memory(struct rota_worker_context *s, uint32_t i)
{
    rota_runs_drop_output(s, i);
    rota_text_give(s->mem, rota_runs_at(s, i)->progress);
}

void rota_runs_forget(struct rota_worker_context *s, uint32_t i)
{
    rota_assert(rota_runs_at(s, i)->used && !rota_runs_at(s, i)->busy);
    drop_memory(s, i);
    rota_map_remove(s->mem, &s->w->tasks, rota_runs_name(s, i));
    rota_slab_give(s->mem, &s->w->runs, i, sizeof(struct rota_worker_run),
                   offsetof(struct rota_worker_run, next));
}

void rota_runs_clear(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;

    for (uint32_t i = 0; i < w->runs.records.length; i++) {
        rota_assert(!in_state(s, i, ROTA_RUN_RUNNING));
        if (rota_runs_at(s, i)->used)
            drop_memory(s, i);
    }
    rota_map_clear(s->mem, &w->tasks);
    rota_slab_clear(s->mem, &w->runs, sizeof(struct rota_worker_run));
    w->waiting = w->ended = w->batch = (struct rota_queue){0};
    w->starting = 0;
    w->next_timeout = ROTA_NEVER;
}

bool rota_runs_any_left(const struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (rota_runs_at(s, i)->used && !in_state(s, i, ROTA_RUN_FOREIGN) &&
            !in_state(s, i, ROTA_RUN_STUCK))
            return true;
    return false;
}

bool rota_runs_any_unwritten(const struct rota_worker_context *s)
{
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (in_state(s, i, ROTA_RUN_ENDED) || in_state(s, i, ROTA_RUN_WRITING) ||
            in_state(s, i, ROTA_RUN_UNRESOLVED))
            return true;
    return false;
}

/* ---- at the host ---- */

void rota_runs_begin(struct rota_worker_context *s, uint32_t i, struct rota_bytes payload)
{
    struct rota_worker *w = s->w;
    struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_RUN);

    rota_assert(r->is_ours && r->assignment_czxid != 0);
    rota_assert(w->busy < w->config.slots);
    rota_assert(w->lease == ROTA_LEASE_GOOD && !w->stopping && !w->draining);
    rota_runs_enter(s, i, ROTA_RUN_RUNNING);
    r->cause = ROTA_RUN_CAUSE_NONE;
    r->busy = true;
    r->number = ++w->last_run;
    r->timeout_at = r->timeout_ms == 0 ? ROTA_NEVER : s->now + r->timeout_ms * 1000;
    if (r->timeout_at < w->next_timeout)
        w->next_timeout = r->timeout_at;
    w->busy++;
    a->run.run = r->number;
    a->run.task = rota_outbox_text(s->out, "%s", rota_runs_name(s, i));
    a->run.worker = w->config.name;
    a->run.attempt = r->attempt;
    a->run.fence = r->assignment_czxid;
    a->run.payload = payload;
    rota_outbox_note(s->out, ROTA_NOTE_RUN, rota_runs_name(s, i), NULL, r->attempt,
                     r->assignment_czxid, 0);
}

void rota_runs_stop(struct rota_worker_context *s, uint32_t i, enum rota_run_cause cause,
                    bool at_once)
{
    struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_CANCEL);

    rota_assert(r->busy && (r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_STOPPING));
    a->cancel.run = r->number;
    a->cancel.at_once = at_once;
    if (r->state == ROTA_RUN_RUNNING)
        r->cause = cause;
    r->state = ROTA_RUN_STOPPING;
}

void rota_runs_stop_all(struct rota_worker_context *s, enum rota_run_cause cause, bool at_once)
{
    for (uint32_t i = 0; i < s->w->runs.records.length; i++)
        if (in_state(s, i, ROTA_RUN_RUNNING) || (at_once && in_state(s, i, ROTA_RUN_STOPPING)))
            rota_runs_stop(s, i, cause, at_once);
}

/* Stops the runs that have timed out; returns when the next one does. */
static rota_time stop_overdue(struct rota_worker_context *s)
{
    rota_time next = ROTA_NEVER;

    for (uint32_t i = 0; i < s->w->runs.records.length; i++) {
        const struct rota_worker_run *r = rota_runs_at(s, i);

        if (!in_state(s, i, ROTA_RUN_RUNNING))
            continue;
        if (s->now >= r->timeout_at) {
            rota_outbox_note(s->out, ROTA_NOTE_TIMED_OUT, rota_runs_name(s, i), NULL, r->timeout_ms,
                             0, 0);
            rota_runs_stop(s, i, ROTA_RUN_CAUSE_TIMEOUT, false);
        } else if (r->timeout_at < next) {
            next = r->timeout_at;
        }
    }
    return next;
}

void rota_runs_stop_overdue(struct rota_worker_context *s)
{
    if (s->now >= s->w->next_timeout)
        s->w->next_timeout = stop_overdue(s);
    if (s->w->next_timeout != ROTA_NEVER)
        rota_outbox_wake(s->out, s->w->next_timeout);
}

uint32_t rota_runs_finished(struct rota_worker_context *s, uint64_t number)
{
    uint32_t i = rota_runs_find_number(s, number);

    rota_assert(s->w->busy > 0);
    s->w->busy--;
    if (i != ROTA_MAP_NONE) {
        rota_assert(rota_runs_at(s, i)->busy);
        rota_runs_at(s, i)->busy = false;
    }
    return i;
}

/* ---- output ---- */

const char *rota_runs_history(const struct rota_worker_context *s, uint32_t i)
{
    rota_ref history = rota_runs_at(s, i)->history;

    return history == 0 ? ""
                        : rota_outbox_text(s->out, "%s", (char *)rota_pool_at(s->mem, history));
}

void rota_runs_set_history(struct rota_worker_context *s, uint32_t i, const char *history)
{
    rota_ref text = history[0] == '\0' ? 0 : rota_text_take(s->mem, history);

    rota_text_give(s->mem, rota_runs_at(s, i)->history);
    rota_runs_at(s, i)->history = text;
}

struct rota_bytes rota_runs_data(const struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);
    void *data = rota_outbox_take(s->out, r->data_length + 1u);

    memcpy(data, rota_pool_at(s->mem, r->data), r->data_length);
    return (struct rota_bytes){data, (int32_t)r->data_length};
}

static void drop_data(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_at(s, i);

    rota_pool_give(s->mem, r->data, r->data_length);
    r->data = 0;
    r->data_length = 0;
}

void rota_runs_set_data(struct rota_worker_context *s, uint32_t i, struct rota_bytes data)
{
    rota_ref ref = rota_pool_take(s->mem, (size_t)data.length);

    drop_data(s, i);
    memcpy(rota_pool_at(s->mem, ref), data.data, (size_t)data.length);
    rota_runs_at(s, i)->data = ref;
    rota_runs_at(s, i)->data_length = (uint32_t)data.length;
}

void rota_runs_drop_output(struct rota_worker_context *s, uint32_t i)
{
    drop_data(s, i);
    rota_runs_set_history(s, i, "");
}

/* ---- checks ---- */

static void check_queues(const struct rota_worker_context *s)
{
    for (enum rota_run_state state = ROTA_RUN_NEW; state <= ROTA_RUN_STUCK; state++) {
        const struct rota_queue *q = queue_of(s, state);

        if (q == NULL)
            continue;
        rota_queue_check(q, links(s));
        for (uint32_t i = q->head; i != 0; i = rota_queue_next(links(s), i - 1)) {
            rota_assert(rota_runs_at(s, i - 1)->used);
            rota_assert_equal(rota_runs_at(s, i - 1)->state, state);
        }
    }
}

static void check_run(const struct rota_worker_context *s, uint32_t i)
{
    const struct rota_worker_run *r = rota_runs_at(s, i);

    rota_assert(r->state != ROTA_RUN_NEW);
    rota_assert_equal(rota_runs_find(s, rota_runs_name(s, i)), i);
    rota_assert_equal(r->busy, r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_STOPPING);
    rota_assert(!r->superseded || r->state == ROTA_RUN_STOPPING);
    rota_assert(r->number <= s->w->last_run);
    if (r->state == ROTA_RUN_RUNNING)
        rota_assert(r->timeout_at >= s->w->next_timeout);
    if (r->state == ROTA_RUN_ENDED || r->state == ROTA_RUN_WRITING)
        rota_assert((r->data != 0) == (r->result != ROTA_RESULT_NONE));
}

static void check_counts(const struct rota_worker_context *s)
{
    uint32_t states[ROTA_RUN_STUCK + 1] = {0};

    for (uint32_t i = 0; i < s->w->runs.records.length; i++) {
        if (!rota_runs_at(s, i)->used)
            continue;
        check_run(s, i);
        states[rota_runs_at(s, i)->state]++;
    }
    rota_assert_equal(states[ROTA_RUN_WAITING], s->w->waiting.length);
    rota_assert_equal(states[ROTA_RUN_ENDED], s->w->ended.length);
    rota_assert_equal(states[ROTA_RUN_WRITING], s->w->batch.length);
    rota_assert_equal(states[ROTA_RUN_READING], s->w->starting);
    rota_assert(states[ROTA_RUN_RUNNING] + states[ROTA_RUN_STOPPING] <= s->w->busy);
}

/* Runs at another place each time that their number is another. */
static void check_some(const struct rota_worker_context *s)
{
    uint32_t length = s->w->runs.records.length;
    uint32_t first = (uint32_t)((uint64_t)s->w->runs.used * CHECKED_SOME % length);

    for (uint32_t i = first; i < length && i < first + CHECKED_SOME; i++)
        if (rota_runs_at(s, i)->used)
            check_run(s, i);
}

void rota_runs_check(const struct rota_worker_context *s)
{
    const struct rota_worker *w = s->w;

    rota_assert_equal(w->tasks.length, w->runs.used);
    rota_assert(w->writing == (w->batch.length > 0));
    rota_assert(w->starting + w->waiting.length + w->ended.length + w->batch.length <=
                w->runs.used);
    if (w->runs.records.length > CHECKED_MAX) {
        check_some(s);
        return;
    }
    rota_slab_check(s->mem, &w->runs, sizeof(struct rota_worker_run),
                    offsetof(struct rota_worker_run, next));
    check_queues(s);
    check_counts(s);
}
