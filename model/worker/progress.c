#include "model/worker/progress.h"

#include <string.h>

#include "model/tree/path.h"

enum {
    LINE_MAX = 200,
    RUNS_MAX = 250,        /* in one multi */
    INTERVAL_US = 2000000, /* between two of them */
};

/* One operation of the multi under way. */
struct telling {
    uint32_t index; /* of the run */
    uint64_t run;   /* which it was then */
    bool created;   /* as against set */
};

static struct telling *telling_at(const struct rota_worker_context *s, uint32_t k)
{
    return rota_array_at(s->mem, &s->w->telling, k, sizeof(struct telling));
}

static bool runs(const struct rota_worker_run *r)
{
    return r->used && (r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_ENDING) &&
           !r->superseded;
}

/* A line as it is shown to people: of bounded length, without control characters. */
static const char *shown(struct rota_outbox *o, const char *line)
{
    size_t n = strlen(line);
    char *text;

    if (n > LINE_MAX)
        for (n = LINE_MAX; n > 0 && ((uint8_t)line[n] & 0xc0) == 0x80;)
            n--; /* no half a character of UTF-8 */
    text = rota_outbox_take(o, n + 1);
    for (size_t k = 0; k < n; k++)
        text[k] = (uint8_t)line[k] < 0x20 || line[k] == 0x7f ? ' ' : line[k];
    return text;
}

void rota_progress_forget(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_run(s, i);

    if (r->progress != 0)
        rota_text_give(s->mem, r->progress);
    r->progress = 0;
    r->progress_new = false;
}

void rota_progress_hear(struct rota_worker_context *s, uint32_t i, const char *line)
{
    const char *text = shown(s->out, line);
    rota_ref former = rota_runs_run(s, i)->progress;
    rota_ref ref;

    if (!runs(rota_runs_run(s, i)) ||
        (former != 0 && strcmp(rota_pool_at(s->mem, former), text) == 0))
        return;
    rota_progress_forget(s, i);
    ref = rota_text_take(s->mem, text);
    rota_runs_run(s, i)->progress = ref;
    rota_runs_run(s, i)->progress_new = s->w->progress_new = true;
}

/* ---- writing ---- */

/* Notes down the runs that have something new; the rest, if there are too many, is for later. */
static void gather(struct rota_worker_context *s)
{
    rota_array_clear(s->mem, &s->w->telling, sizeof(struct telling));
    s->w->progress_new = false;
    for (uint32_t i = 0; i < s->w->run.length; i++) {
        struct rota_worker_run *r = rota_runs_run(s, i);
        uint32_t k;

        if (!r->progress_new || !runs(r))
            continue;
        if (s->w->telling.length == RUNS_MAX) {
            s->w->progress_new = true;
            return;
        }
        r->progress_new = false;
        k = rota_array_push(s->mem, &s->w->telling, sizeof(struct telling));
        r = rota_runs_run(s, i);
        *telling_at(s, k) = (struct telling){i, r->run, !r->progress_there};
    }
}

void rota_progress_write(struct rota_worker_context *s)
{
    struct rota_worker *w = s->w;
    struct rota_operation *ops;

    if (!w->progress_new || w->progress_writing || w->lease == ROTA_LEASE_OVER)
        return;
    if (s->now < w->progress_at) {
        rota_outbox_wake(s->out, w->progress_at);
        return;
    }
    gather(s);
    if (w->telling.length == 0)
        return;
    w->progress_writing = true;
    w->progress_at = s->now + INTERVAL_US;
    ops = rota_request_add_multi(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_PROGRESS, 0),
                                 w->telling.length);
    for (uint32_t k = 0; k < w->telling.length; k++) {
        const struct telling *t = telling_at(s, k);
        struct rota_worker_run *r = rota_runs_run(s, t->index);
        const char *line =
            rota_outbox_text(s->out, "%s", (char *)rota_pool_at(s->mem, r->progress));

        ops[k].op = t->created ? ROTA_OP_CREATE : ROTA_OP_SET;
        ops[k].mode = ROTA_MODE_EPHEMERAL;
        ops[k].path = rota_path_progress(s->out, rota_runs_name(s, t->index));
        ops[k].data = (struct rota_bytes){line, (int32_t)strlen(line)};
        r->progress_there = true; /* perhaps, from now on */
    }
}

/* Somebody has removed the directory: nobody else looks there, and lines would be lost for good. */
static void make_place(struct rota_worker_context *s)
{
    struct rota_request *request =
        rota_request_add(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_PROGRESS_DELETE, 0));

    request->operation.op = ROTA_OP_CREATE;
    request->operation.path = ROTA_PATH_PROGRESS;
    request->operation.data = (struct rota_bytes){"", 0};
}

/* Nothing of the multi was done; `guilty`: for this operation, with that code. */
static void refused(struct rota_worker_context *s, const struct telling *t, bool guilty, int32_t rc)
{
    struct rota_worker_run *r = rota_runs_run(s, t->index);
    bool there = guilty ? rc == ROTA_ERR_NODE_EXISTS : !t->created;
    bool again = !guilty || rc == ROTA_ERR_NO_NODE || (t->created && rc == ROTA_ERR_NODE_EXISTS);

    if (guilty && t->created && rc == ROTA_ERR_NO_NODE)
        make_place(s);
    if (r->state != ROTA_RUN_WRITING) /* whose multi counts on it as it was */
        r->progress_there = there;
    r->progress_new |= again;
    s->w->progress_new |= again;
}

void rota_progress_replied(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t failed = rota_reply_failed_at(e->reply.body);

    s->w->progress_writing = false;
    for (uint32_t k = 0; k < s->w->telling.length; k++) {
        struct telling t = *telling_at(s, k);
        struct rota_worker_run *r = rota_runs_run(s, t.index);

        if (!r->used || r->run != t.run || e->reply.outcome == ROTA_DONE)
            continue;
        if (e->reply.outcome == ROTA_UNKNOWN)
            r->progress_new = s->w->progress_new = true;
        else
            refused(s, &t, failed == k || failed == UINT32_MAX, e->reply.body->rc);
    }
}

void rota_progress_withdraw(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_run(s, i);
    struct rota_request *request;

    if (!r->progress_there || !s->w->up)
        return;
    r->progress_there = false;
    request = rota_request_add(s->out, rota_runs_tag(s, ROTA_WORKER_PURPOSE_PROGRESS_DELETE, 0));
    rota_operation_delete(&request->operation, rota_path_progress(s->out, rota_runs_name(s, i)));
}
