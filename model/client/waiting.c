#include "model/client/waiting.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    FETCHES_MAX = 256,           /* begun in one step */
    HELD_MAX = 64 * 1024 * 1024, /* bytes of results that were given and are not to be collected */
    AUDIT_US = 30000000,
    PROGRESS_US = 2000000,
    PROGRESS_JOBS = 16, /* whose progress is read at once */
    PROGRESS_MAX = 200, /* bytes of a line */
};

void rota_waiting_add(struct rota_client_context *s, const struct rota_event *e)
{
    uint32_t i = rota_job_add(s, e->job.job);

    if (!rota_path_name_valid(s->out, e->job.name)) {
        rota_job_report(s, i, "missing", "this is not a valid name of a task");
        return;
    }
    if (rota_map_get(s->mem, &s->c->names, e->job.name) != ROTA_MAP_NONE) {
        rota_job_report(s, i, "missing", "the name was given twice");
        return;
    }
    rota_job_set_name(s, i, e->job.name);
    rota_job_enter(s, i, ROTA_JOB_TO_WATCH);
}

/* ---- watching ---- */

static void watch(struct rota_client_context *s, uint32_t i)
{
    rota_job_read(s, ROTA_CLIENT_PURPOSE_WATCH, i, ROTA_OP_CHILDREN,
                  rota_path_task(s->out, rota_job_name(s, i)), true);
}

/* A window of watches moves over the jobs, because on reconnect all watches are sent in one packet
 * (hazard 17). */
static void watch_more(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    while (c->to_watch.head != 0 && c->watching < c->config.window) {
        uint32_t i = rota_job_pop(s, &c->to_watch);

        c->watching++;
        rota_job_enter(s, i, ROTA_JOB_WATCHED);
        watch(s, i);
    }
}

/* Job `i`, which is WATCHED, goes on to another state. */
static void unwatch(struct rota_client_context *s, uint32_t i, enum rota_job_state state)
{
    rota_assert(s->c->watching > 0);
    s->c->watching--;
    rota_job_enter(s, i, state);
}

static bool has_status(const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++)
        if (strcmp(r->children[k], ROTA_STATUS_NAME) == 0)
            return true;
    return false;
}

/* An access list forbids to read the task or its status. */
static void unreadable(struct rota_client_context *s, uint32_t i, int32_t rc)
{
    rota_client_exit(s, ROTA_EXIT_REFUSED,
                     rota_outbox_text(s->out, "the task %s cannot be read: %s", rota_job_name(s, i),
                                      rota_error_sentence(rc)));
}

/* The task does not exist, or, if it is not of this client, the tree does not. */
static void not_found(struct rota_client_context *s, uint32_t i)
{
    if (rota_job_at(s, i)->submitted) {
        rota_job_report(s, i, "missing", "the task does not exist");
    } else if (!s->c->up) {
        rota_job_enter(s, i, ROTA_JOB_TO_WATCH);
    } else {
        rota_job_enter(s, i, ROTA_JOB_NOT_FOUND);
        rota_job_read(s, ROTA_CLIENT_PURPOSE_TREE, i, ROTA_OP_EXISTS, ROTA_PATH_TASKS, false);
    }
}

void rota_waiting_tree_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_NOT_FOUND)
        return;
    if (e->reply.outcome == ROTA_DONE)
        rota_job_report(s, i, "missing", "the task does not exist");
    else if (e->reply.outcome == ROTA_UNKNOWN)
        rota_job_enter(s, i, ROTA_JOB_TO_WATCH);
    else
        rota_client_give_up(s, e->reply.body->rc);
}

void rota_waiting_children_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_job *j = rota_job_at(s, i);

    if (!j->used || j->state != ROTA_JOB_WATCHED)
        return;
    if (e->reply.outcome == ROTA_UNKNOWN) {
        unwatch(s, i, ROTA_JOB_TO_WATCH);
    } else if (r->rc == ROTA_ERR_WATCH_BUDGET && s->c->watching > 1) {
        unwatch(s, i, ROTA_JOB_TO_WATCH);
        s->c->config.window = s->c->watching; /* the number that the byte budget allows */
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        rota_assert(s->c->watching > 0);
        s->c->watching--;
        not_found(s, i);
    } else if (e->reply.outcome == ROTA_DONE && has_status(r)) {
        j->version = r->stat.version; /* a task that depends on it from now on raises the version */
        j->awaited = r->stat.version > 0;
        unwatch(s, i, ROTA_JOB_TO_FETCH);
    } else if (e->reply.outcome == ROTA_REFUSED) {
        unreadable(s, i, r->rc);
    }
}

/* A child of the task is its status. If it is not, the fetch finds none, and the task is watched
 * again. */
void rota_waiting_watched(struct rota_client_context *s, const struct rota_event *e)
{
    const char *name = rota_path_below(e->watch.path, ROTA_PATH_TASKS);
    uint32_t i;

    if (name == NULL)
        return;
    i = rota_map_get(s->mem, &s->c->names, name);
    if (i == ROTA_MAP_NONE || rota_job_at(s, i)->state != ROTA_JOB_WATCHED)
        return;
    if (e->watch.kind == ROTA_WATCH_CHILD)
        unwatch(s, i, ROTA_JOB_TO_FETCH);
    else if (s->c->up)
        watch(s, i); /* the reply tells that the task is gone */
    else
        unwatch(s, i, ROTA_JOB_TO_WATCH);
}

/* ---- fetching ---- */

/* The job that is to be fetched next, if the results that are held leave no room for more: the one
 * whose result the host can pass on first. */
static uint32_t first_given(const struct rota_client_context *s)
{
    uint32_t first = s->c->to_fetch.head - 1;

    for (uint32_t i = s->c->to_fetch.head; i != 0; i = rota_job_next(s, i - 1))
        if (rota_job_at(s, i - 1)->id < rota_job_at(s, first)->id)
            first = i - 1;
    return first;
}

/* Results are fetched while there is room for them. Without room one is fetched at a time. */
static void fetch(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    for (uint32_t n = 0; n < FETCHES_MAX && c->to_fetch.head != 0; n++) {
        bool full = c->held_bytes > HELD_MAX;
        uint32_t i = full ? first_given(s) : c->to_fetch.head - 1;

        if (full && c->fetching > 0)
            return;
        rota_job_leave_queue(s, i);
        rota_job_enter(s, i, ROTA_JOB_FETCHING);
        c->fetching++;
        rota_job_read(s, ROTA_CLIENT_PURPOSE_RESULT, i, ROTA_OP_GET,
                      rota_path_status(s->out, rota_job_name(s, i)), false);
    }
}

/* Gives the result of job `i`. */
static void give(struct rota_client_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_client *c = s->c;
    struct rota_status_record record;
    struct rota_action *a;
    struct rota_job *j;

    rota_status_record_read(s->out, r->data, &record);
    a = rota_job_add_action(s, ROTA_ACTION_RESULT, i);
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
    rota_job_enter(s, i, ROTA_JOB_REPORTED);
    j = rota_job_at(s, i);
    j->has_status = true;
    j->status_czxid = r->stat.czxid;
    j->held_bytes = (uint32_t)r->data.length;
    c->held_bytes += j->held_bytes;
}

void rota_waiting_result_read(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    rota_assert(s->c->fetching > 0);
    s->c->fetching--;
    if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_FETCHING)
        return;
    if (e->reply.outcome == ROTA_DONE)
        give(s, i, r);
    else if (e->reply.outcome == ROTA_REFUSED && r->rc != ROTA_ERR_NO_NODE)
        unreadable(s, i, r->rc);
    else /* the reply was lost, or the status is gone again */
        rota_job_enter(s, i, ROTA_JOB_TO_WATCH);
}

/* ---- progress ---- */

/* Reads the progress of some of the watched jobs; others follow the next time. */
static void read_progress(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    uint32_t length = c->jobs.records.length;
    uint32_t sent = 0;

    for (uint32_t n = 0; n < length && sent < PROGRESS_JOBS; n++) {
        uint32_t i = c->progress_next % length;

        c->progress_next = i + 1;
        if (!rota_job_at(s, i)->used || rota_job_at(s, i)->state != ROTA_JOB_WATCHED)
            continue;
        rota_job_read(s, ROTA_CLIENT_PURPOSE_PROGRESS, i, ROTA_OP_GET,
                      rota_path_progress(s->out, rota_job_name(s, i)), false);
        sent++;
    }
}

void rota_waiting_progress_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e)
{
    struct rota_job *j = rota_job_at(s, i);
    const char *line;
    rota_ref text;

    if (!j->used || j->state != ROTA_JOB_WATCHED || e->reply.outcome != ROTA_DONE)
        return;
    line = rota_outbox_text_of(s->out, e->reply.body->data, PROGRESS_MAX);
    if (j->progress != 0 && strcmp(line, rota_pool_at(s->mem, j->progress)) == 0)
        return;
    rota_text_give(s->mem, j->progress);
    text = rota_text_take(s->mem, line);
    rota_job_at(s, i)->progress = text;
    rota_job_add_action(s, ROTA_ACTION_PROGRESS, i)->job.reason = line;
}

static void progress(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (!c->config.progress || c->watching == 0)
        return;
    if (s->now >= c->progress_at) {
        c->progress_at = s->now + PROGRESS_US;
        read_progress(s);
    }
    rota_outbox_wake(s->out, c->progress_at);
}

/* ---- the step ---- */

void rota_waiting_go(struct rota_client_context *s)
{
    if (s->c->watching == 0)
        s->c->progress_at = s->now + PROGRESS_US;
    watch_more(s);
    fetch(s);
    progress(s);
}

void rota_waiting_audit(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (c->watching == 0) {
        c->audit_at = s->now + AUDIT_US;
        return;
    }
    if (s->now >= c->audit_at) {
        c->audit_at = s->now + AUDIT_US;
        for (uint32_t i = 0; i < c->jobs.records.length; i++)
            if (rota_job_at(s, i)->used && rota_job_at(s, i)->state == ROTA_JOB_WATCHED)
                watch(s, i);
    }
    rota_outbox_wake(s->out, c->audit_at);
}

void rota_waiting_lost(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    c->watching = c->fetching = 0;
    for (uint32_t i = 0; i < c->jobs.records.length; i++) {
        const struct rota_job *j = rota_job_at(s, i);

        if (j->used && (j->state == ROTA_JOB_WATCHED || j->state == ROTA_JOB_NOT_FOUND ||
                        j->state == ROTA_JOB_FETCHING))
            rota_job_enter(s, i, ROTA_JOB_TO_WATCH);
    }
}
