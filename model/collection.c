#include "model/collection.h"

#include <string.h>

#include "model/path.h"
#include "model/record.h"

enum {
    FETCH_AT_ONCE = 256,
    HELD_MAX = 64 * 1024 * 1024, /* bytes of results given and not collected */
};

void rota_collection_add(struct rota_turn *s, const struct rota_event *e)
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

void rota_collection_take(struct rota_turn *s, const struct rota_event *e)
{
    uint32_t i = rota_job_find(s, e->job.job);

    if (i == ROTA_MAP_NONE || rota_job_at(s, i)->state != ROTA_JOB_REPORTED)
        return;
    s->c->held_bytes -= rota_job_at(s, i)->held;
    rota_job_at(s, i)->held = 0;
    rota_job_queue(s, &s->c->collect, i, ROTA_JOB_COLLECT);
}

/* ---- waiting ---- */

static void watch(struct rota_turn *s, uint32_t i)
{
    rota_job_at(s, i)->state = ROTA_JOB_WATCHED;
    rota_job_read(s, ROTA_CLIENT_WATCH, i, ROTA_OP_CHILDREN,
                  rota_path_task(s->out, rota_job_name(s, i)), true);
}

/* A sliding window of watches, for all of them go back in one packet on reconnect (hazard 17). */
static void watch_more(struct rota_turn *s)
{
    struct rota_client *c = s->c;

    while (c->pending.head != 0 && c->watching < c->config.window) {
        c->watching++;
        watch(s, rota_queue_pop(&c->pending, rota_job_links(s)));
    }
}

static void unwatched(struct rota_turn *s, uint32_t i, struct rota_queue *q,
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
static void unreadable(struct rota_turn *s, uint32_t i, int32_t rc)
{
    rota_client_leave(s, ROTA_EXIT_REFUSED,
                      rota_outbox_text(s->out, "the task %s cannot be read: %s",
                                       rota_job_name(s, i), rota_error_sentence(rc)));
}

/* A task that is not there is missing, unless the whole tree is. */
static void missing(struct rota_turn *s, uint32_t i)
{
    if (rota_job_at(s, i)->submitted) {
        rota_job_report(s, i, "missing", "there is no such task");
        return;
    }
    rota_job_at(s, i)->state = ROTA_JOB_MISSING;
    rota_job_read(s, ROTA_CLIENT_TREE, i, ROTA_OP_EXISTS, ROTA_PATH_TASKS, false);
}

static void tree_read(struct rota_turn *s, uint32_t i, const struct rota_event *e)
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

static void children_read(struct rota_turn *s, uint32_t i, const struct rota_event *e)
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
        unwatched(s, i, &s->c->ended, ROTA_JOB_ENDED);
    } else if (e->reply.outcome == ROTA_REFUSED) {
        unreadable(s, i, r->rc);
    }
}

/* Results are fetched while there is room for them; the job whose turn it is always may. */
static void fetch(struct rota_turn *s)
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
        rota_job_read(s, ROTA_CLIENT_FETCH, i, ROTA_OP_GET,
                      rota_path_status(s->out, rota_job_name(s, i)), false);
    }
}

static void fetched(struct rota_turn *s, uint32_t i, const struct rota_event *e)
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
    rota_status_read(s->out, e->reply.body->data, &record);
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
    rota_job_at(s, i)->held = (uint32_t)e->reply.body->data.length;
    c->held_bytes += rota_job_at(s, i)->held;
}

/* ---- collecting ---- */

static uint32_t collect_operations(const struct rota_job *j)
{
    return j->has_status ? 2 : 1;
}

void rota_collection_remove(struct rota_turn *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t count = 0, n = 0;

    if (c->collecting || c->collect.head == 0)
        return;
    for (uint32_t i = c->collect.head; i != 0 && count < ROTA_CLIENT_BATCH;
         i = rota_queue_next(rota_job_links(s), i - 1)) {
        n += collect_operations(rota_job_at(s, i - 1));
        count++;
    }
    c->collecting = true;
    ops = rota_ask_multi(s->out, rota_job_tag(s, ROTA_CLIENT_COLLECT, 0), n);
    n = 0;
    while (count-- > 0) {
        uint32_t i = rota_queue_pop(&c->collect, rota_job_links(s));

        if (rota_job_at(s, i)->has_status) {
            rota_operation_delete(&ops[n++], rota_path_status(s->out, rota_job_name(s, i)));
        }
        rota_operation_delete(&ops[n++], rota_path_task(s->out, rota_job_name(s, i)));
        rota_job_queue(s, &c->collecting_now, i, ROTA_JOB_COLLECTING);
    }
}

static void collected(struct rota_turn *s, uint32_t i)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_job_name(s, i));

    rota_job_tell(s, ROTA_ACTION_COLLECTED, i);
    rota_outbox_note(s->out, ROTA_NOTE_COLLECTED, name, NULL, 0, 0, 0);
    if (s->c->stopping) { /* what a worker handed back of it goes too */
        struct rota_request *r = rota_ask(s->out, rota_job_tag(s, ROTA_CLIENT_UNRETRY, 0));

        r->operation.op = ROTA_OP_DELETE;
        r->operation.path = rota_path_retry(s->out, name);
        r->operation.version = -1;
        s->c->asking++;
    }
    rota_job_end(s, i);
}

/* Nobody else removes our tasks, so what is gone was removed by us, in a multi whose reply was
 * lost. */
static void removed(struct rota_turn *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 0;

    c->collecting = false;
    while (c->collecting_now.head != 0) {
        uint32_t i = rota_queue_pop(&c->collecting_now, rota_job_links(s));
        uint32_t operations = collect_operations(rota_job_at(s, i));
        bool here = e->reply.outcome == ROTA_REFUSED && failed >= at && failed < at + operations;

        at += operations;
        if (e->reply.outcome == ROTA_DONE) {
            collected(s, i);
        } else if (here && r->rc == ROTA_ERR_NO_NODE) {
            if (rota_job_at(s, i)->has_status && failed == at - operations) {
                rota_job_at(s, i)->has_status = false; /* the task may be there still */
                rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
            } else {
                collected(s, i);
            }
        } else if (here && r->rc == ROTA_ERR_NOT_EMPTY && !rota_job_at(s, i)->has_status) {
            rota_job_at(s, i)->has_status = true; /* it ended while it was withdrawn */
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
        } else if (here) {
            collected(s, i); /* not ours to remove: it stays */
        } else {
            rota_job_queue(s, &c->collect, i, ROTA_JOB_COLLECT);
        }
    }
}

/* ---- events ---- */

void rota_collection_watched(struct rota_turn *s, const struct rota_event *e)
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

void rota_collection_audit(struct rota_turn *s)
{
    for (uint32_t i = 0; i < s->c->job.length; i++)
        if (rota_job_at(s, i)->used && rota_job_at(s, i)->state == ROTA_JOB_WATCHED)
            watch(s, i);
}

void rota_collection_lost(struct rota_turn *s)
{
    struct rota_client *c = s->c;

    c->watching = c->fetching = c->asking = 0;
    for (uint32_t i = 0; i < c->job.length; i++) {
        struct rota_job *j = rota_job_at(s, i);

        if (j->used && (j->state == ROTA_JOB_WATCHED || j->state == ROTA_JOB_MISSING ||
                        j->state == ROTA_JOB_FETCHING))
            rota_job_queue(s, &c->pending, i, ROTA_JOB_PENDING);
    }
}

void rota_collection_go(struct rota_turn *s)
{
    watch_more(s);
    fetch(s);
}

void rota_collection_replied(struct rota_turn *s, enum rota_client_ask what, uint32_t i,
                             const struct rota_event *e)
{
    switch (what) {
    case ROTA_CLIENT_TREE:
        tree_read(s, i, e);
        break;
    case ROTA_CLIENT_WATCH:
        children_read(s, i, e);
        break;
    case ROTA_CLIENT_FETCH:
        fetched(s, i, e);
        break;
    case ROTA_CLIENT_COLLECT:
        removed(s, e);
        break;
    default:
        s->c->asking--;
        break;
    }
}
