#include "model/worker/progress.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum {
    LINE_MAX = 200, /* bytes */
    BATCH_MAX = 250,
    INTERVAL_US = 2000000,
};

/* One operation of the multi under way. */
struct progress_write {
    uint32_t index;  /* of the run */
    uint64_t number; /* of the run, which may have given its record to another since */
    bool creates;    /* the znode; false: sets it */
};

static struct progress_write *write_at(const struct rota_worker_context *s, uint32_t k)
{
    return rota_array_at(s->mem, &s->w->progress_batch, k, sizeof(struct progress_write));
}

static bool is_running(const struct rota_worker_run *r)
{
    return r->used && (r->state == ROTA_RUN_RUNNING || r->state == ROTA_RUN_STOPPING) &&
           !r->superseded;
}

/* A line as it is shown to people: of bounded length, without control characters. */
static const char *shown(struct rota_outbox *o, const char *line)
{
    size_t n = strlen(line);
    char *text;

    if (n > LINE_MAX)
        for (n = LINE_MAX; n > 0 && ((uint8_t)line[n] & 0xc0) == 0x80;)
            n--; /* not within a character of UTF-8 */
    text = rota_outbox_take(o, n + 1);
    for (size_t k = 0; k < n; k++)
        text[k] = (uint8_t)line[k] < 0x20 || line[k] == 0x7f ? ' ' : line[k];
    return text;
}

void rota_progress_line(struct rota_worker_context *s, uint32_t i, const char *line)
{
    const char *text = shown(s->out, line);
    rota_ref last = rota_runs_at(s, i)->progress;
    rota_ref ref;

    if (!is_running(rota_runs_at(s, i)) ||
        (last != 0 && strcmp(rota_pool_at(s->mem, last), text) == 0))
        return;
    ref = rota_text_take(s->mem, text);
    rota_text_give(s->mem, last);
    rota_runs_at(s, i)->progress = ref;
    rota_runs_at(s, i)->progress_unwritten = s->w->progress_new = true;
}

/* ---- the multi ---- */

/* Collects the runs that have a new line. If there are too many, the others follow in the next
 * multi. */
static void gather(struct rota_worker_context *s)
{
    rota_array_clear(s->mem, &s->w->progress_batch, sizeof(struct progress_write));
    s->w->progress_new = false;
    for (uint32_t i = 0; i < s->w->runs.records.length; i++) {
        struct rota_worker_run *r = rota_runs_at(s, i);
        uint32_t k;

        if (!r->progress_unwritten || !is_running(r))
            continue;
        if (s->w->progress_batch.length == BATCH_MAX) {
            s->w->progress_new = true;
            return;
        }
        r->progress_unwritten = false;
        k = rota_array_push(s->mem, &s->w->progress_batch, sizeof(struct progress_write));
        r = rota_runs_at(s, i);
        *write_at(s, k) = (struct progress_write){i, r->number, !r->progress_exists};
    }
}

static void fill(struct rota_worker_context *s, struct rota_operation *o,
                 const struct progress_write *p)
{
    struct rota_worker_run *r = rota_runs_at(s, p->index);
    const char *line = rota_outbox_text(s->out, "%s", (char *)rota_pool_at(s->mem, r->progress));

    o->op = p->creates ? ROTA_OP_CREATE : ROTA_OP_SET;
    o->mode = ROTA_MODE_EPHEMERAL;
    o->path = rota_path_progress(s->out, rota_runs_name(s, p->index));
    o->data = (struct rota_bytes){line, (int32_t)strlen(line)};
    r->progress_exists = true; /* from now on it may */
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
    if (w->progress_batch.length == 0)
        return;
    w->progress_writing = true;
    w->progress_at = s->now + INTERVAL_US;
    ops = rota_request_add_multi(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_PROGRESS, 0),
                                 w->progress_batch.length);
    for (uint32_t k = 0; k < w->progress_batch.length; k++)
        fill(s, &ops[k], write_at(s, k));
}

/* ---- the outcome ---- */

/* The directory was removed. No other process looks for it, so without this all lines would be
 * lost. */
static void create_directory(struct rota_worker_context *s)
{
    rota_request_add_create(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_PROGRESS_CREATE, 0),
                            ROTA_PATH_PROGRESS);
}

/* The multi was refused with the error `rc`; `guilty`: because of this operation. */
static void refused(struct rota_worker_context *s, const struct progress_write *p, bool guilty,
                    int32_t rc)
{
    struct rota_worker_run *r = rota_runs_at(s, p->index);
    bool exists = guilty ? rc == ROTA_ERR_NODE_EXISTS : !p->creates;
    bool again = !guilty || rc == ROTA_ERR_NO_NODE || (p->creates && rc == ROTA_ERR_NODE_EXISTS);

    if (guilty && p->creates && rc == ROTA_ERR_NO_NODE)
        create_directory(s);
    if (r->state != ROTA_RUN_WRITING) /* the multi of results counts its operations by that */
        r->progress_exists = exists;
    r->progress_unwritten |= again;
    s->w->progress_new |= again;
}

void rota_progress_written(struct rota_worker_context *s, const struct rota_event *e)
{
    uint32_t failed = rota_reply_failed_at(e->reply.body);

    rota_assert(s->w->progress_writing);
    s->w->progress_writing = false;
    for (uint32_t k = 0; k < s->w->progress_batch.length; k++) {
        struct progress_write p = *write_at(s, k);
        struct rota_worker_run *r = rota_runs_at(s, p.index);

        if (!r->used || r->number != p.number || e->reply.outcome == ROTA_DONE)
            continue;
        if (e->reply.outcome == ROTA_UNKNOWN)
            r->progress_unwritten = s->w->progress_new = true;
        else
            refused(s, &p, failed == k || failed == UINT32_MAX, e->reply.body->rc);
    }
}

void rota_progress_delete(struct rota_worker_context *s, uint32_t i)
{
    struct rota_worker_run *r = rota_runs_at(s, i);
    struct rota_request *request;

    if (!r->progress_exists || !s->w->up)
        return;
    r->progress_exists = false;
    request = rota_request_add(s->out, rota_worker_tag(s, ROTA_WORKER_PURPOSE_PROGRESS_DELETE, 0));
    rota_operation_delete(&request->operation, rota_path_progress(s->out, rota_runs_name(s, i)));
}

void rota_progress_clear(struct rota_worker_context *s)
{
    s->w->progress_new = s->w->progress_writing = false;
}
