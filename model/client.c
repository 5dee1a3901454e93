#include "model/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/ask.h"
#include "model/assert.h"
#include "model/path.h"
#include "model/record.h"
#include "model/request.h"

enum job_state {
    JOB_PUT,     /* to be created */
    JOB_PUTTING, /* in a multi of creates */
    JOB_DOUBT,   /* created, perhaps: to be resolved behind a barrier (hazard 5) */
    JOB_PENDING, /* created, to be watched */
    JOB_WATCHED, /* its children are watched, or asked for */
    JOB_MISSING, /* is not there: is the tree? */
    JOB_ENDED,   /* has a status, to be fetched */
    JOB_FETCHING,
    JOB_REPORTED,   /* RESULT was given */
    JOB_COLLECT,    /* to be removed */
    JOB_COLLECTING, /* in a multi of deletes */
};

struct rota_job {
    uint64_t id;
    rota_ref name;
    enum job_state state;
    uint32_t next;
    rota_ref payload;
    int32_t payload_length; /* -1: no data */
    uint32_t held;          /* bytes of the result that was given */
    bool used;
    bool submitted;  /* by us: named is to be said */
    bool has_status; /* to be removed with the task */
    bool withdrawn;
};

enum ask {
    ASK_TREE = 1, /* exists /tasks, when a task is missing that was not ours */
    ASK_PUT,
    ASK_RESOLVE, /* exists /tasks/<t> after an unknown create */
    ASK_WATCH,   /* children of /tasks/<t> */
    ASK_FETCH,   /* get /tasks/<t>/status */
    ASK_COLLECT,
    ASK_UNRETRY, /* delete /retry/<t> of a withdrawn task */
};

enum {
    BATCH_JOBS = 500,
    DEFAULT_WINDOW = 1000,
    FETCH_AT_ONCE = 256,
    HELD_MAX = 64 * 1024 * 1024, /* bytes of results given and not collected */
    OPERATION_BYTES = 128,
    AUDIT_US = 30000000,
};

struct step {
    struct rota_client *c;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

static struct rota_job *job_at(const struct step *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->c->job, i, sizeof(struct rota_job));
}

static struct rota_links links(const struct step *s)
{
    return (struct rota_links){s->mem, &s->c->job, sizeof(struct rota_job),
                               offsetof(struct rota_job, next)};
}

static const char *name_of(const struct step *s, uint32_t i)
{
    return rota_pool_at(s->mem, job_at(s, i)->name);
}

static void queue_as(struct step *s, struct rota_queue *q, uint32_t i, enum job_state state)
{
    job_at(s, i)->state = state;
    rota_queue_push(q, links(s), i);
}

/* ---- asking ---- */

static uint64_t tag(const struct step *s, enum ask what, uint32_t index)
{
    return rota_tag(what, s->c->generation, index);
}

static void read(struct step *s, enum ask what, uint32_t index, enum rota_op op, const char *path,
                 bool watch)
{
    rota_ask_read(s->out, tag(s, what, index), op, path, watch);
}

static void leave(struct step *s, enum rota_exit status, const char *sentence)
{
    rota_leave(s->out, status, sentence);
    s->c->up = false;
}

/* ---- jobs ---- */

static uint32_t job_new(struct step *s, uint64_t id)
{
    char text[24];
    uint32_t i;

    if (s->c->free_job != 0) {
        i = s->c->free_job - 1;
        s->c->free_job = job_at(s, i)->next;
    } else {
        i = rota_array_push(s->mem, &s->c->job, sizeof(struct rota_job));
    }
    *job_at(s, i) = (struct rota_job){.id = id, .used = true};
    snprintf(text, sizeof text, "%" PRIu64, id);
    rota_map_put(s->mem, &s->c->ids, text, i);
    s->c->live++;
    return i;
}

static void job_name(struct step *s, uint32_t i, const char *name)
{
    rota_ref ref = rota_map_put(s->mem, &s->c->names, name, i);

    job_at(s, i)->name = ref;
}

static void payload_forget(struct step *s, uint32_t i)
{
    struct rota_job *j = job_at(s, i);

    if (j->payload != 0)
        rota_pool_give(s->mem, j->payload, (size_t)j->payload_length);
    j->payload = 0;
}

static void job_end(struct step *s, uint32_t i)
{
    struct rota_job *j = job_at(s, i);
    char text[24];

    payload_forget(s, i);
    snprintf(text, sizeof text, "%" PRIu64, j->id);
    rota_map_remove(s->mem, &s->c->ids, text);
    if (j->name != 0)
        rota_map_remove(s->mem, &s->c->names, rota_pool_at(s->mem, j->name));
    *j = (struct rota_job){.next = s->c->free_job};
    s->c->free_job = i + 1;
    s->c->live--;
}

/* Tells the host about a job; the name lives in the outbox, for the record may go. */
static struct rota_action *tell(struct step *s, enum rota_action_kind kind, uint32_t i)
{
    const char *name = job_at(s, i)->name == 0 ? "" : rota_outbox_text(s->out, "%s", name_of(s, i));
    struct rota_action *a = rota_outbox_add(s->out, kind);

    a->job.job = job_at(s, i)->id;
    a->job.name = name;
    a->job.reason = "";
    return a;
}

/* The job's task ends without having a status to read. */
static void report_short(struct step *s, uint32_t i, const char *state, const char *reason)
{
    struct rota_action *a = tell(s, ROTA_ACTION_RESULT, i);

    a->job.state = state;
    a->job.reason = reason;
    a->job.output = (struct rota_bytes){"", 0};
    a->job.errors = (struct rota_bytes){"", 0};
    s->c->failures++;
    job_end(s, i);
}

/* ---- commands ---- */

static bool name_valid(struct step *s, const char *name)
{
    return strchr(name, '/') == NULL && rota_path_valid(rota_path_task(s->out, name), false);
}

static void submit(struct step *s, const struct rota_event *e)
{
    uint32_t i = job_new(s, e->job.job);
    int32_t length = e->job.payload.length;
    rota_ref payload = 0;

    if (length > 0) {
        payload = rota_pool_take(s->mem, (size_t)length);
        memcpy(rota_pool_at(s->mem, payload), e->job.payload.data, (size_t)length);
    }
    job_at(s, i)->payload = payload;
    job_at(s, i)->payload_length = length;
    job_at(s, i)->submitted = true;
    if (e->job.name != NULL && !name_valid(s, e->job.name)) {
        report_short(s, i, "refused", "that cannot be a task's name");
        return;
    }
    if (e->job.name != NULL && rota_map_get(s->mem, &s->c->names, e->job.name) != ROTA_MAP_NONE) {
        report_short(s, i, "refused", "submitted twice under one name");
        return;
    }
    if (e->job.name != NULL)
        job_name(s, i, e->job.name);
    queue_as(s, &s->c->put, i, JOB_PUT);
}

static void wait_for(struct step *s, const struct rota_event *e)
{
    uint32_t i = job_new(s, e->job.job);

    if (!name_valid(s, e->job.name)) {
        report_short(s, i, "missing", "that cannot be a task's name");
        return;
    }
    if (rota_map_get(s->mem, &s->c->names, e->job.name) != ROTA_MAP_NONE) {
        report_short(s, i, "missing", "asked for twice");
        return;
    }
    job_name(s, i, e->job.name);
    queue_as(s, &s->c->pending, i, JOB_PENDING);
}

static void collect(struct step *s, const struct rota_event *e)
{
    char text[24];
    uint32_t i;

    snprintf(text, sizeof text, "%" PRIu64, e->job.job);
    i = rota_map_get(s->mem, &s->c->ids, text);
    if (i == ROTA_MAP_NONE || job_at(s, i)->state != JOB_REPORTED)
        return;
    s->c->held_bytes -= job_at(s, i)->held;
    job_at(s, i)->held = 0;
    queue_as(s, &s->c->collect, i, JOB_COLLECT);
}

/* ---- creating ---- */

/* A name nobody else chooses, that is kept over lost replies and never ends in ten digits (rule 11,
 * S11). */
static void choose_name(struct step *s, uint32_t i)
{
    char name[64];

    if (job_at(s, i)->name != 0)
        return;
    snprintf(name, sizeof name, "task-%" PRIx64 "-%06" PRIu32, (uint64_t)s->c->session,
             s->c->named++);
    job_name(s, i, name);
}

static size_t put_bytes(const struct step *s, uint32_t i)
{
    const struct rota_job *j = job_at(s, i);

    return OPERATION_BYTES + (j->payload_length > 0 ? (size_t)j->payload_length : 0);
}

/* One multi at a time: a lone task goes at once, and what comes meanwhile goes together in the
 * next. */
static void put(struct step *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    size_t bytes = 0;
    uint32_t count = 0;

    if (c->putting || c->put.head == 0 || c->doubt.head != 0)
        return;
    for (uint32_t i = c->put.head; i != 0; i = rota_queue_next(links(s), i - 1)) {
        size_t more = put_bytes(s, i - 1);

        if (count > 0 && (c->put_alone || count == BATCH_JOBS || bytes + more > ROTA_BATCH_BYTES))
            break;
        bytes += more;
        count++;
    }
    c->putting = true;
    ops = rota_ask_multi(s->out, tag(s, ASK_PUT, 0), count);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = rota_queue_pop(&c->put, links(s));
        struct rota_job *j;
        uint8_t *data = NULL;

        choose_name(s, i);
        j = job_at(s, i);
        if (j->payload != 0) {
            data = rota_outbox_take(s->out, (size_t)j->payload_length);
            memcpy(data, rota_pool_at(s->mem, j->payload), (size_t)j->payload_length);
        }
        ops[n].op = ROTA_OP_CREATE;
        ops[n].path = rota_path_task(s->out, name_of(s, i));
        ops[n].data = (struct rota_bytes){data, j->payload_length};
        queue_as(s, &c->putting_now, i, JOB_PUTTING);
    }
}

/* The task is in the tree, and acknowledged. */
static void created(struct step *s, uint32_t i)
{
    payload_forget(s, i);
    tell(s, ROTA_ACTION_NAMED, i);
    rota_outbox_note(s->out, ROTA_NOTE_SUBMITTED, name_of(s, i), NULL, 0, 0, 0);
    if (!s->c->config.wait)
        job_end(s, i);
    else if (s->c->stopping)
        queue_as(s, &s->c->collect, i, JOB_COLLECT);
    else
        queue_as(s, &s->c->pending, i, JOB_PENDING);
}

/* Why a create is refused for good, as a sentence; NULL if it may be tried again. */
static void put_impossible(struct step *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_NODE)
        leave(s, ROTA_EXIT_UNREACHABLE, "the tree is missing there: create it with `rota init`");
    else if (rc == ROTA_ERR_NO_AUTH)
        leave(s, ROTA_EXIT_REFUSED,
              "no permission on " ROTA_PATH_TASKS
              ": give this client's identity access to the tree");
    else
        leave(s, ROTA_EXIT_REFUSED,
              rota_outbox_text(s->out, "the task was refused: %s", rota_error_sentence(rc)));
}

static void put_replied(struct step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    bool whole = e->reply.outcome == ROTA_REFUSED && failed == UINT32_MAX;
    bool alone = c->putting_now.length == 1;

    c->putting = false;
    c->put_alone = whole;
    for (uint32_t n = 0; c->putting_now.head != 0; n++) {
        uint32_t i = rota_queue_pop(&c->putting_now, links(s));

        if (e->reply.outcome == ROTA_DONE)
            created(s, i);
        else if (e->reply.outcome == ROTA_UNKNOWN)
            queue_as(s, &c->doubt, i, JOB_DOUBT);
        else if (n == failed && r->rc == ROTA_ERR_NODE_EXISTS)
            created(s, i); /* the name is ours: a create of before did happen */
        else if (whole && alone)
            report_short(s, i, "refused",
                         r->rc == ROTA_ERR_TOO_LARGE ? "the payload is larger than ZooKeeper takes"
                                                     : rota_error_sentence(r->rc));
        else
            queue_as(s, &c->put, i, JOB_PUT);
    }
    if (e->reply.outcome == ROTA_REFUSED && failed != UINT32_MAX && r->rc != ROTA_ERR_NODE_EXISTS)
        put_impossible(s, r->rc);
}

/* Behind the barrier: is it there? */
static void resolved(struct step *s, uint32_t i, const struct rota_event *e)
{
    bool there = e->reply.outcome == ROTA_DONE;

    if (!rota_queue_remove(&s->c->doubt, links(s), i))
        return;
    rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, name_of(s, i), there ? "done" : "not done", 0, 0,
                     0);
    if (there)
        created(s, i);
    else
        queue_as(s, &s->c->put, i, JOB_PUT);
}

static void resolve_all(struct step *s)
{
    for (uint32_t i = s->c->doubt.head; i != 0; i = rota_queue_next(links(s), i - 1))
        read(s, ASK_RESOLVE, i - 1, ROTA_OP_EXISTS, rota_path_task(s->out, name_of(s, i - 1)),
             false);
}

/* ---- waiting ---- */

static void watch(struct step *s, uint32_t i)
{
    job_at(s, i)->state = JOB_WATCHED;
    read(s, ASK_WATCH, i, ROTA_OP_CHILDREN, rota_path_task(s->out, name_of(s, i)), true);
}

/* A sliding window of watches, for all of them go back in one packet on reconnect (hazard 17). */
static void watch_more(struct step *s)
{
    struct rota_client *c = s->c;

    while (c->pending.head != 0 && c->watching < c->config.window) {
        c->watching++;
        watch(s, rota_queue_pop(&c->pending, links(s)));
    }
}

static void unwatched(struct step *s, uint32_t i, struct rota_queue *q, enum job_state state)
{
    s->c->watching--;
    queue_as(s, q, i, state);
}

static bool has_status(const struct rota_reply *r)
{
    for (uint32_t k = 0; k < r->child_count; k++)
        if (strcmp(r->children[k], ROTA_STATUS_NAME) == 0)
            return true;
    return false;
}

/* Somebody's access list keeps the task, or its status, from us. */
static void unreadable(struct step *s, uint32_t i, int32_t rc)
{
    leave(s, ROTA_EXIT_REFUSED,
          rota_outbox_text(s->out, "the task %s cannot be read: %s", name_of(s, i),
                           rota_error_sentence(rc)));
}

/* A task that is not there is missing, unless the whole tree is. */
static void missing(struct step *s, uint32_t i)
{
    if (job_at(s, i)->submitted) {
        report_short(s, i, "missing", "there is no such task");
        return;
    }
    job_at(s, i)->state = JOB_MISSING;
    read(s, ASK_TREE, i, ROTA_OP_EXISTS, ROTA_PATH_TASKS, false);
}

static void tree_read(struct step *s, uint32_t i, const struct rota_event *e)
{
    if (!job_at(s, i)->used || job_at(s, i)->state != JOB_MISSING)
        return;
    if (e->reply.outcome == ROTA_DONE)
        report_short(s, i, "missing", "there is no such task");
    else if (e->reply.outcome == ROTA_UNKNOWN)
        queue_as(s, &s->c->pending, i, JOB_PENDING);
    else
        put_impossible(s, e->reply.body->rc);
}

static void children_read(struct step *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (!job_at(s, i)->used || job_at(s, i)->state != JOB_WATCHED)
        return;
    if (e->reply.outcome == ROTA_UNKNOWN) {
        unwatched(s, i, &s->c->pending, JOB_PENDING);
    } else if (r->rc == ROTA_ERR_WATCH_BUDGET && s->c->watching > 1) {
        unwatched(s, i, &s->c->pending, JOB_PENDING);
        s->c->config.window = s->c->watching; /* as many as the budget holds */
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        s->c->watching--;
        missing(s, i);
    } else if (e->reply.outcome == ROTA_DONE && has_status(r)) {
        unwatched(s, i, &s->c->ended, JOB_ENDED);
    } else if (e->reply.outcome == ROTA_REFUSED) {
        unreadable(s, i, r->rc);
    }
}

/* Results are fetched while there is room for them; the job whose turn it is always may. */
static void fetch(struct step *s)
{
    struct rota_client *c = s->c;

    for (uint32_t n = 0; n < FETCH_AT_ONCE && c->ended.head != 0; n++) {
        uint32_t i = c->ended.head - 1;

        if (c->held_bytes > HELD_MAX) {
            for (uint32_t k = c->ended.head; k != 0; k = rota_queue_next(links(s), k - 1))
                if (job_at(s, k - 1)->id < job_at(s, i)->id)
                    i = k - 1;
            if (c->fetching > 0)
                return;
        }
        rota_queue_remove(&c->ended, links(s), i);
        job_at(s, i)->state = JOB_FETCHING;
        c->fetching++;
        read(s, ASK_FETCH, i, ROTA_OP_GET, rota_path_status(s->out, name_of(s, i)), false);
    }
}

static void fetched(struct step *s, uint32_t i, const struct rota_event *e)
{
    struct rota_client *c = s->c;
    struct rota_status_record record;
    struct rota_action *a;

    c->fetching--;
    if (!job_at(s, i)->used || job_at(s, i)->state != JOB_FETCHING)
        return;
    if (e->reply.outcome == ROTA_REFUSED && e->reply.body->rc != ROTA_ERR_NO_NODE) {
        unreadable(s, i, e->reply.body->rc);
        return;
    }
    if (e->reply.outcome != ROTA_DONE) { /* lost, or gone again: look once more */
        queue_as(s, &c->pending, i, JOB_PENDING);
        return;
    }
    rota_status_read(s->out, e->reply.body->data, &record);
    a = tell(s, ROTA_ACTION_RESULT, i);
    a->job.state = record.state;
    a->job.reason = record.reason;
    a->job.output = record.output;
    a->job.errors = record.errors;
    rota_outbox_note(s->out, ROTA_NOTE_RESULT, name_of(s, i), record.state, 0, 0, 0);
    if (strcmp(record.state, "done") != 0)
        c->failures++;
    if (!c->config.collect) {
        job_end(s, i);
        return;
    }
    job_at(s, i)->state = JOB_REPORTED;
    job_at(s, i)->has_status = true;
    job_at(s, i)->held = (uint32_t)e->reply.body->data.length;
    c->held_bytes += job_at(s, i)->held;
}

/* ---- collecting ---- */

static uint32_t collect_operations(const struct rota_job *j)
{
    return j->has_status ? 2 : 1;
}

static void collect_more(struct step *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t count = 0, n = 0;

    if (c->collecting || c->collect.head == 0)
        return;
    for (uint32_t i = c->collect.head; i != 0 && count < BATCH_JOBS;
         i = rota_queue_next(links(s), i - 1)) {
        n += collect_operations(job_at(s, i - 1));
        count++;
    }
    c->collecting = true;
    ops = rota_ask_multi(s->out, tag(s, ASK_COLLECT, 0), n);
    n = 0;
    while (count-- > 0) {
        uint32_t i = rota_queue_pop(&c->collect, links(s));

        if (job_at(s, i)->has_status) {
            rota_operation_delete(&ops[n++], rota_path_status(s->out, name_of(s, i)));
        }
        rota_operation_delete(&ops[n++], rota_path_task(s->out, name_of(s, i)));
        queue_as(s, &c->collecting_now, i, JOB_COLLECTING);
    }
}

static void collected(struct step *s, uint32_t i)
{
    const char *name = rota_outbox_text(s->out, "%s", name_of(s, i));

    tell(s, ROTA_ACTION_COLLECTED, i);
    rota_outbox_note(s->out, ROTA_NOTE_COLLECTED, name, NULL, 0, 0, 0);
    if (s->c->stopping) { /* what a worker handed back of it goes too */
        struct rota_request *r = rota_ask(s->out, tag(s, ASK_UNRETRY, 0));

        r->operation.op = ROTA_OP_DELETE;
        r->operation.path = rota_path_retry(s->out, name);
        r->operation.version = -1;
        s->c->asking++;
    }
    job_end(s, i);
}

/* Nobody else removes our tasks, so what is gone was removed by us, in a multi whose reply was
 * lost. */
static void collect_replied(struct step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    uint32_t at = 0;

    c->collecting = false;
    while (c->collecting_now.head != 0) {
        uint32_t i = rota_queue_pop(&c->collecting_now, links(s));
        uint32_t operations = collect_operations(job_at(s, i));
        bool here = e->reply.outcome == ROTA_REFUSED && failed >= at && failed < at + operations;

        at += operations;
        if (e->reply.outcome == ROTA_DONE) {
            collected(s, i);
        } else if (here && r->rc == ROTA_ERR_NO_NODE) {
            if (job_at(s, i)->has_status && failed == at - operations) {
                job_at(s, i)->has_status = false; /* the task may be there still */
                queue_as(s, &c->collect, i, JOB_COLLECT);
            } else {
                collected(s, i);
            }
        } else if (here && r->rc == ROTA_ERR_NOT_EMPTY && !job_at(s, i)->has_status) {
            job_at(s, i)->has_status = true; /* it ended while it was withdrawn */
            queue_as(s, &c->collect, i, JOB_COLLECT);
        } else if (here) {
            collected(s, i); /* not ours to remove: it stays */
        } else {
            queue_as(s, &c->collect, i, JOB_COLLECT);
        }
    }
}

/* ---- the end ---- */

/* Removes what has not ended yet, or leaves it, as configured. What has reached its reader is
 * removed in both cases, unless it is told twice. */
static void stop(struct step *s)
{
    struct rota_client *c = s->c;

    if (!c->up || c->stopping || c->leaving) {
        leave(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (!c->config.withdraw) {
        c->leaving = true;
        return;
    }
    c->stopping = true;
    c->closed = true;
    for (uint32_t i = 0; i < c->job.length; i++) {
        struct rota_job *j = job_at(s, i);

        if (!j->used)
            continue;
        switch (j->state) {
        case JOB_PUT:
            rota_queue_remove(&c->put, links(s), i);
            job_end(s, i);
            break;
        case JOB_PENDING:
            rota_queue_remove(&c->pending, links(s), i);
            queue_as(s, &c->collect, i, JOB_COLLECT);
            break;
        case JOB_ENDED:
            rota_queue_remove(&c->ended, links(s), i);
            queue_as(s, &c->collect, i, JOB_COLLECT);
            break;
        case JOB_WATCHED:
        case JOB_MISSING:
        case JOB_FETCHING:
        case JOB_REPORTED:
            queue_as(s, &c->collect, i, JOB_COLLECT);
            break;
        default:
            break; /* a reply is awaited, or it is on its way out */
        }
    }
}

static void finish(struct step *s)
{
    struct rota_client *c = s->c;

    if (!c->closed || c->live > 0 || c->asking > 0)
        return;
    leave(s,
          c->stopping       ? ROTA_EXIT_INTERRUPTED
          : c->failures > 0 ? ROTA_EXIT_FAILED
                            : ROTA_EXIT_DONE,
          NULL);
}

/* ---- the step ---- */

/* Watches die with the session; what was under way is asked again. */
static void lost(struct step *s)
{
    struct rota_client *c = s->c;

    c->generation++;
    c->watching = c->fetching = c->asking = 0;
    for (uint32_t i = 0; i < c->job.length; i++) {
        struct rota_job *j = job_at(s, i);

        if (j->used &&
            (j->state == JOB_WATCHED || j->state == JOB_MISSING || j->state == JOB_FETCHING))
            queue_as(s, &c->pending, i, JOB_PENDING);
    }
}

static void replied(struct step *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    enum ask what = (enum ask)rota_tag_what(r->tag);
    uint32_t i = rota_tag_index(r->tag);
    struct rota_event unknown = *e;

    if (rota_tag_generation(r->tag) != s->c->generation)
        return;
    if (r->rc == ROTA_ERR_SESSION_EXPIRED || r->rc == ROTA_ERR_INVALID_STATE ||
        r->rc == ROTA_ERR_SESSION_MOVED) { /* not done, and to be asked again in the next session */
        unknown.reply.outcome = ROTA_UNKNOWN;
        e = &unknown;
    }
    switch (what) {
    case ASK_TREE:
        tree_read(s, i, e);
        break;
    case ASK_PUT:
        put_replied(s, e);
        break;
    case ASK_RESOLVE:
        if (e->reply.outcome != ROTA_UNKNOWN)
            resolved(s, i, e);
        break;
    case ASK_WATCH:
        children_read(s, i, e);
        break;
    case ASK_FETCH:
        fetched(s, i, e);
        break;
    case ASK_COLLECT:
        collect_replied(s, e);
        break;
    case ASK_UNRETRY:
        s->c->asking--;
        break;
    }
}

static void watched(struct step *s, const struct rota_event *e)
{
    const char *name = rota_path_below(e->watch.path, ROTA_PATH_TASKS);
    uint32_t i;

    if (name == NULL)
        return;
    i = rota_map_get(s->mem, &s->c->names, name);
    if (i == ROTA_MAP_NONE || job_at(s, i)->state != JOB_WATCHED)
        return;
    if (e->watch.kind == ROTA_WATCH_CHILD) /* a status; if not, the fetch finds none and it is
                                              watched again */
        unwatched(s, i, &s->c->ended, JOB_ENDED);
    else if (s->c->up)
        watch(s, i); /* look again: it is gone */
    else
        unwatched(s, i, &s->c->pending, JOB_PENDING);
}

static void audit(struct step *s)
{
    struct rota_client *c = s->c;

    if (c->watching == 0) {
        c->audit_at = s->now + AUDIT_US;
        return;
    }
    if (s->now >= c->audit_at) {
        c->audit_at = s->now + AUDIT_US;
        for (uint32_t i = 0; i < c->job.length; i++)
            if (job_at(s, i)->used && job_at(s, i)->state == JOB_WATCHED)
                watch(s, i);
    }
    rota_outbox_wake(s->out, c->audit_at);
}

static void reconcile(struct step *s)
{
    struct rota_client *c = s->c;

    if (c->leaving) {
        if (c->up)
            collect_more(s);
        if (!c->up || !c->collecting)
            leave(s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    }
    if (c->up) {
        put(s);
        if (!c->stopping) {
            watch_more(s);
            fetch(s);
            audit(s);
        }
        collect_more(s);
    }
    finish(s);
}

void rota_client_init(struct rota_client *c, const struct rota_client_config *config, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->config = *config;
    if (c->config.window == 0)
        c->config.window = DEFAULT_WINDOW;
    (void)seed;
}

void rota_client_step(struct rota_client *c, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    struct step s = {c, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        c->up = true;
        c->session = event->up.session;
        resolve_all(&s);
        break;
    case ROTA_EVENT_DOWN:
        c->up = false;
        break;
    case ROTA_EVENT_LOST:
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        leave(&s, ROTA_EXIT_UNREACHABLE, rota_unreachable(out, event->failed.rc));
        return;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH: /* also before UP: what was missed comes as soon as a server serves us */
        watched(&s, event);
        break;
    case ROTA_EVENT_SUBMIT:
        submit(&s, event);
        break;
    case ROTA_EVENT_WAIT:
        wait_for(&s, event);
        break;
    case ROTA_EVENT_COLLECT:
        collect(&s, event);
        break;
    case ROTA_EVENT_CLOSE_INPUT:
        c->closed = true;
        break;
    case ROTA_EVENT_STOP:
        stop(&s);
        break;
    default:
        break;
    }
    reconcile(&s);
}

void rota_client_check(const struct rota_client *c, const struct rota_pool *mem)
{
    rota_assert(c->putting || c->putting_now.length == 0);
    rota_assert(c->collecting || c->collecting_now.length == 0);
    rota_assert(c->watching <= c->config.window);
    rota_assert(c->live <= c->job.length);
    rota_assert(c->ids.length == c->live);
    rota_assert(mem->live <= mem->size);
}
