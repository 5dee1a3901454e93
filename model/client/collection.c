#include "model/client/collection.h"

#include <string.h>

#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    FETCH_AT_ONCE = 256,
    HELD_MAX = 64 * 1024 * 1024, /* bytes of results given and not collected */
    PROGRESS_AT_ONCE = 16,
    PROGRESS_MOST = 200, /* bytes of a line */
    PROGRESS_US = 2000000,
};

void rota_collection_add(struct rota_client_context *s, const struct rota_event *e)
{
    uint32_t i = rota_job_new(s, e->job.job);

    if (!rota_path_name_valid(s->out, e->job.name)) {
        rota_job_report(s, i, "missing", "that cannot be a task's name");
        return;
    }
    if (rota_map_get(s->mem, &s->c->names, e->job.name) != ROTA_MAP_NONE) {
        rota_job_report(s, i, "missing", "asked for twice");
        return;
    }
    rota_job_call(s, i, e->job.name);
    rota_job_queue(s, &s->c->pending, i, ROTA_JOB_PENDING);
}

void rota_collection_take(struct rota_client_context *s, const struct rota_event *e)
{
    uint32_t i = rota_job_find(s, e->job.job);

    if (i == ROTA_MAP_NONE || rota_job_at(s, i)->state != ROTA_JOB_REPORTED)
        return;
    s->c->held_bytes -= rota_job_at(s, i)->held;
    rota_job_at(s, i)->held = 0;
    rota_job_queue(s, &s->c->collect, i, ROTA_JOB_COLLECT);
}

/* ---- waiting ---- */

static void watch(struct rota_client_context *s, uint32_t i)
{
    rota_job_at(s, i)->state = ROTA_JOB_WATCHED;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_WATCH, i, ROTA_OP_CHILDREN,
                  rota_path_task(s->out, rota_job_name(s, i)), true);
}

/* A sliding window of watches, for all of them go back in one packet on reconnect (hazard 17). */
static void watch_more(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    while (c->pending.head != 0 && c->watching < c->config.window) {
        c->watching++;
        watch(s, rota_queue_pop(&c->pending, rota_job_links(s)));
    }
}

static void unwatched(struct rota_client_context *s, uint32_t i, struct rota_queue *q,
                      enum rota_job_state state)
{
    s->c->watching--;
    rota_job_queue(s, q, i, state);
}

static bool has_status(const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++)
        if (strcmp(r->children[k], ROTA_STATUS_NAME) == 0)
            return true;
    return false;
}

/* Somebody's access list keeps the task, or its status, from us. */
static void unreadable(struct rota_client_context *s, uint32_t i, int32_t rc)
{
    rota_client_leave(s, ROTA_EXIT_REFUSED,
                      rota_outbox_text(s->out, "the task %s cannot be read: %s",
                                       rota_job_name(s, i), rota_error_sentence(rc)));
}

/* A task that is not there is missing, unless the whole tree is. */
static void missing(struct rota_client_context *s, uint32_t i)
{
    if (rota_job_at(s, i)->submitted) {
        rota_job_report(s, i, "missing", "there is no such task");
        return;
    }
    if (!s->c->up) {
        rota_job_queue(s, &s->c->pending, i, ROTA_JOB_PENDING);
        return;
    }
    rota_job_at(s, i)->state = ROTA_JOB_MISSING;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_TREE, i, ROTA_OP_EXISTS, ROTA_PATH_TASKS, false);
}

static void tree_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_MISSING)
        return;
    if (e->reply.outcome == ROTA_DONE)
        rota_job_report(s, i, "missing", "there is no such task");
    else if (e->reply.outcome == ROTA_UNKNOWN)
        rota_job_queue(s, &s->c->pending, i, ROTA_JOB_PENDING);
    else
        rota_client_impossible(s, e->reply.body->rc);
}

static void children_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_WATCHED)
        return;
    if (e->reply.outcome == ROTA_UNKNOWN) {
        unwatched(s, i, &s->c->pending, ROTA_JOB_PENDING);
    } else if (r->rc == ROTA_ERR_WATCH_BUDGET && s->c->watching > 1) {
        unwatched(s, i, &s->c->pending, ROTA_JOB_PENDING);
        s->c->config.window = s->c->watching; /* as many as the budget holds */
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        s->c->watching--;
        missing(s, i);
    } else if (e->reply.outcome == ROTA_DONE && has_status(r)) {
        rota_job_at(s, i)->version = r->stat.version; /* who comes meanwhile raises it */
        rota_job_at(s, i)->awaited = r->stat.version > 0;
        unwatched(s, i, &s->c->ended, ROTA_JOB_ENDED);
    } else if (e->reply.outcome == ROTA_REFUSED) {
        unreadable(s, i, r->rc);
    }
}

/* Results are fetched while there is room for them; the job whose turn it is always may. */
static void fetch(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    for (uint32_t n = 0; n < FETCH_AT_ONCE && c->ended.head != 0; n++) {
        uint32_t i = c->ended.head - 1;

        if (c->held_bytes > HELD_MAX) {
            for (uint32_t k = c->ended.head; k != 0; k = rota_queue_next(rota_job_links(s), k - 1))
                if (rota_job_at(s, k - 1)->id < rota_job_at(s, i)->id)
                    i = k - 1;
            if (c->fetching > 0)
                return;
        }
        rota_queue_remove(&c->ended, rota_job_links(s), i);
        rota_job_at(s, i)->state = ROTA_JOB_FETCHING;
        c->fetching++;
        rota_job_read(s, ROTA_CLIENT_PURPOSE_RESULT, i, ROTA_OP_GET,
                      rota_path_status(s->out, rota_job_name(s, i)), false);
    }
}

static void fetched(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_client *c = s->c;
    struct rota_status_record record;
    struct rota_action *a;

    c->fetching--;
    if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_FETCHING)
        return;
    if (e->reply.outcome == ROTA_REFUSED && e->reply.body->rc != ROTA_ERR_NO_NODE) {
        unreadable(s, i, e->reply.body->rc);
        return;
    }
    if (e->reply.outcome != ROTA_DONE) { /* lost, or gone again: look once more */
        rota_job_queue(s, &c->pending, i, ROTA_JOB_PENDING);
        return;
    }
    rota_status_record_read(s->out, e->reply.body->data, &record);
    a = rota_job_tell(s, ROTA_ACTION_RESULT, i);
    a->job.state = record.state;
    a->job.reason = record.reason;
    a->job.output = record.output;
    a->job.errors = record.errors;
    rota_outbox_note(s->out, ROTA_NOTE_RESULT, rota_job_name(s, i), record.state, 0, 0, 0);
    if (strcmp(record.state, "done") != 0)
        c->failures++;
    if (!c->config.collect) {
        rota_job_end(s, i);
        return;
    }
    rota_job_at(s, i)->state = ROTA_JOB_REPORTED;
    rota_job_at(s, i)->has_status = true;
    rota_job_at(s, i)->end = e->reply.body->stat.czxid;
    rota_job_at(s, i)->held = (uint32_t)e->reply.body->data.length;
    c->held_bytes += rota_job_at(s, i)->held;
}

/* ---- collecting ---- */

/* Every job takes two operations, or the one that deletes a task without a status. */
static uint32_t operations_of(const struct rota_job *j)
{
    return j->has_status || j->awaited ? 2 : 1;
}

/* A result that was read goes with its task, unless others wait for its end: the version shows it.
 * Then the master removes it when nobody does any more. Neither is done once the task was sent
 * back, which raises the version. What is withdrawn goes in any case. */
static struct rota_operation *fill(struct rota_client_context *s, uint32_t i,
                                   struct rota_operation *o)
{
    const struct rota_job *j = rota_job_at(s, i);
    const char *task = rota_path_task(s->out, rota_job_name(s, i));

    if (j->awaited) {
        o->op = ROTA_OP_CHECK;
        o->version = j->version;
        o++->path = task;
        o->op = ROTA_OP_CREATE;
        o->path = rota_path_collect(s->out, rota_job_name(s, i));
        o->data = (struct rota_bytes){"", 0};
        return o + 1;
    }
    if (j->has_status)
        rota_operation_delete(o++, rota_path_status(s->out, rota_job_name(s, i)));
    rota_operation_delete(o, task);
    if (j->has_status)
        o->version = 0;
    return o + 1;
}

void rota_collection_remove(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t count = 0, operations = 0;

    if (c->collecting || c->collect.head == 0)
        return;
    for (uint32_t i = c->collect.head; i != 0 && count < ROTA_CLIENT_BATCH;
         i = rota_queue_next(rota_job_links(s), i - 1)) {
        operations += operations_of(rota_job_at(s, i - 1));
        count++;
    }
    c->collecting = true;
    ops =
        rota_request_add_multi(s->out, rota_job_tag(s, ROTA_CLIENT_PURPOSE_COLLECT, 0), operations);
    while (count-- > 0) {
        uint32_t i = rota_queue_pop(&c->collect, rota_job_links(s));

        ops = fill(s, i, ops);
        rota_job_queue(s, &c->collecting_now, i, ROTA_JOB_COLLECTING);
    }
}

static void collected(struct rota_client_context *s, uint32_t i)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_job_name(s, i));

    rota_job_tell(s, ROTA_ACTION_COLLECTED, i);
    rota_outbox_note(s->out, ROTA_NOTE_COLLECTED, name, NULL, 0, 0, 0);
    if (s->c->stopping && s->c->up) { /* what a worker handed back of it goes too */
        struct rota_request *r =
            rota_request_add(s->out, rota_job_tag(s, ROTA_CLIENT_PURPOSE_RETRY_DELETE, 0));

        r->operation.op = ROTA_OP_DELETE;
        r->operation.path = rota_path_retry(s->out, name);
        r->operation.version = -1;
        s->c->asking++;
    }
    rota_job_end(s, i);
}

/* Somebody has come to wait for the task's end, or sent the task back: then it has another end, or
 * none. The version is read first, so that what happens after the status was read raises it. */
static void compare(struct rota_client_context *s, uint32_t i)
{
    rota_job_at(s, i)->state = ROTA_JOB_COMPARING;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_VERSION, i, ROTA_OP_EXISTS,
                  rota_path_task(s->out, rota_job_name(s, i)), false);
    rota_job_read(s, ROTA_CLIENT_PURPOSE_STATUS, i, ROTA_OP_EXISTS,
                  rota_path_status(s->out, rota_job_name(s, i)), false);
}

static void compared(struct rota_client_context *s, enum rota_client_purpose what, uint32_t i,
                     const struct rota_event *e)
{
    struct rota_job *j = rota_job_at(s, i);
    const struct rota_reply *r = e->reply.body;

    if (!j->used || j->state != ROTA_JOB_COMPARING)
        return;
    if (what == ROTA_CLIENT_PURPOSE_VERSION && e->reply.outcome == ROTA_DONE) {
        j->version = r->stat.version;
        j->awaited = true;
    } else if (what == ROTA_CLIENT_PURPOSE_STATUS) {
        bool same = r->rc == ROTA_ERR_OK && (j->end == 0 || r->stat.czxid == j->end);

        if (same || e->reply.outcome == ROTA_UNKNOWN)
            rota_job_queue(s, &s->c->collect, i, ROTA_JOB_COLLECT);
        else
            collected(s, i); /* another life's end is not for us to remove */
    }
}

/* The operation of this job, counted from its first, for which the multi was refused. What is gone
 * was removed by us, in a multi whose reply was lost, or it was sent back and is another life's. */
static void remove_refused(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    struct rota_job *j = rota_job_at(s, i);

    if (rc == ROTA_ERR_NO_NODE && j->has_status && !j->awaited && k == 0 && s->c->stopping)
        j->has_status = false; /* withdrawn: another life of it, too */
    else if (rc == ROTA_ERR_NOT_EMPTY && !j->has_status)
        j->has_status = true; /* it ended while it was withdrawn */
    else if (rc == ROTA_ERR_BAD_VERSION) {
        compare(s, i);
        return;
    } else {
        collected(s, i); /* it is gone, or not ours to remove */
        return;
    }
    rota_job_queue(s, &s->c->collect, i, ROTA_JOB_COLLECT);
}

static void removed(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = e->reply.outcome == ROTA_REFUSED ? rota_reply_failed_at(r) : UINT32_MAX;
    uint32_t at = 0;

    c->collecting = false;
    while (c->collecting_now.head != 0) {
        uint32_t i = rota_queue_pop(&c->collecting_now, rota_job_links(s));
        uint32_t first = at;

        at += operations_of(rota_job_at(s, i));
        if (e->reply.outcome == ROTA_DONE)
            collected(s, i);
        else if (failed >= first && failed < at)
            remove_refused(s, i, failed - first, r->rc);
        else
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
    }
}

/* ---- progress ---- */

/* Asks how far some of the watched tasks are, others the next time. */
static void ask_progress(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    uint32_t asked = 0;

    for (uint32_t n = 0; n < c->job.length && asked < PROGRESS_AT_ONCE; n++) {
        uint32_t i = c->progress_next % c->job.length;

        c->progress_next = i + 1;
        if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_WATCHED)
            continue;
        rota_job_read(s, ROTA_CLIENT_PURPOSE_PROGRESS, i, ROTA_OP_GET,
                      rota_path_progress(s->out, rota_job_name(s, i)), false);
        asked++;
    }
}

static void progress_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    struct rota_job *j = rota_job_at(s, i);
    const char *line;
    rota_ref told;

    if (!j->used || j->state != ROTA_JOB_WATCHED || e->reply.outcome != ROTA_DONE)
        return;
    line = rota_outbox_text_of(s->out, e->reply.body->data, PROGRESS_MOST);
    if (j->progress != 0 && strcmp(line, rota_pool_at(s->mem, j->progress)) == 0)
        return;
    rota_text_give(s->mem, j->progress);
    told = rota_text_take(s->mem, line);
    rota_job_at(s, i)->progress = told;
    rota_job_tell(s, ROTA_ACTION_PROGRESS, i)->job.reason = line;
}

static void progress(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->config.progress || c->watching == 0)
        return;
    if (s->now >= c->progress_at) {
        c->progress_at = s->now + PROGRESS_US;
        ask_progress(s);
    }
    rota_outbox_wake(s->out, c->progress_at);
}

/* ---- events ---- */

void rota_collection_watched(struct rota_client_context *s, const struct rota_event *e)
{
    const char *name = rota_path_below(e->watch.path, ROTA_PATH_TASKS);
    uint32_t i;

    if (name == NULL)
        return;
    i = rota_map_get(s->mem, &s->c->names, name);
    if (i == ROTA_MAP_NONE || rota_job_at(s, i)->state != ROTA_JOB_WATCHED)
        return;
    if (e->watch.kind == ROTA_WATCH_CHILD) /* a status; if not, the fetch finds none and it is
                                              watched again */
        unwatched(s, i, &s->c->ended, ROTA_JOB_ENDED);
    else if (s->c->up)
        watch(s, i); /* look again: it is gone */
    else
        unwatched(s, i, &s->c->pending, ROTA_JOB_PENDING);
}

void rota_collection_audit(struct rota_client_context *s)
{
    for (uint32_t i = 0; i < s->c->job.length; i++)
        if (rota_job_at(s, i)->used && rota_job_at(s, i)->state == ROTA_JOB_WATCHED)
            watch(s, i);
}

void rota_collection_lost(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    c->watching = c->fetching = c->asking = 0;
    for (uint32_t i = 0; i < c->job.length; i++) {
        struct rota_job *j = rota_job_at(s, i);

        if (j->used && (j->state == ROTA_JOB_WATCHED || j->state == ROTA_JOB_MISSING ||
                        j->state == ROTA_JOB_FETCHING))
            rota_job_queue(s, &c->pending, i, ROTA_JOB_PENDING);
        else if (j->used && j->state == ROTA_JOB_COMPARING)
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
    }
}

void rota_collection_go(struct rota_client_context *s)
{
    if (s->c->watching == 0)
        s->c->progress_at = s->now + PROGRESS_US;
    watch_more(s);
    fetch(s);
    progress(s);
}

void rota_collection_replied(struct rota_client_context *s, enum rota_client_purpose what,
                             uint32_t i, const struct rota_event *e)
{
    switch (what) {
    case ROTA_CLIENT_PURPOSE_TREE:
        tree_read(s, i, e);
        break;
    case ROTA_CLIENT_PURPOSE_WATCH:
        children_read(s, i, e);
        break;
    case ROTA_CLIENT_PURPOSE_RESULT:
        fetched(s, i, e);
        break;
    case ROTA_CLIENT_PURPOSE_PROGRESS:
        progress_read(s, i, e);
        break;
    case ROTA_CLIENT_PURPOSE_COLLECT:
        removed(s, e);
        break;
    case ROTA_CLIENT_PURPOSE_VERSION:
    case ROTA_CLIENT_PURPOSE_STATUS:
        compared(s, what, i, e);
        break;
    default:
        s->c->asking--;
        break;
    }
}
