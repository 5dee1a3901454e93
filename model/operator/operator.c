#include "model/operator/operator.h"

#include <string.h>

#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/base/assert.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum operator_job_state {
    JOB_PENDING, /* to be asked about from the beginning */
    JOB_ASKING,  /* a reply is awaited */
    JOB_WATCHING,
    JOB_OVER,
};

/* One job. */
struct rota_operator_job {
    uint64_t id;
    rota_ref name;
    enum operator_job_state state;
    uint32_t next;
    bool sent;     /* CANCEL, RETRY, UNDRAIN: the write has left, perhaps it was done */
    bool written;  /* CANCEL, DRAIN: it was done */
    bool over;     /* DRAIN, RETRY, CANCEL: a znode of before is to be overwritten */
    bool swept;    /* RETRY: a cancellation of before is to be deleted */
    bool read;     /* RETRY: a word that its end was read is to be deleted */
    bool bare;     /* RETRY: its version cannot be raised */
    bool blind;    /* its watch did not fit into the budget: the audit looks */
    int64_t czxid; /* CANCEL: of the task; RETRY: of the status that was to be deleted; 0: none */
    int64_t seen;  /* RETRY: czxid of the status that was read last */
    bool filed;    /* RETRY: there is a history of it */
    rota_ref history; /* RETRY: lines of former attempts */
};

enum rota_operator_purpose {
    PURPOSE_TREE = 1,       /* exists /tasks, in every session first */
    PURPOSE_TASK,           /* CANCEL, RETRY: get /tasks/<t> */
    PURPOSE_MARK,           /* CANCEL: set /tasks/<t>, as it is */
    PURPOSE_CHILDREN,       /* CANCEL: children of /tasks/<t> */
    PURPOSE_RESULT,         /* CANCEL: get /tasks/<t>/status */
    PURPOSE_CANCEL,         /* CANCEL: the multi */
    PURPOSE_STATUS,         /* RETRY: get /tasks/<t>/status */
    PURPOSE_TASK_EXISTS,    /* RETRY: exists /tasks/<t>, which has no status */
    PURPOSE_HISTORY,        /* RETRY: get /history/<t> */
    PURPOSE_CANCEL_EXISTS,  /* RETRY: exists /cancel/<t> */
    PURPOSE_COLLECT_EXISTS, /* RETRY: exists /collect/<t> */
    PURPOSE_RETRY_EXISTS,   /* RETRY: exists /retry/<t> */
    PURPOSE_RETRY,          /* RETRY: the multi */
    PURPOSE_DRAIN,          /* DRAIN: the multi */
    PURPOSE_ASSIGNMENTS,    /* DRAIN: children of /assign/<w> */
    PURPOSE_UNDRAIN,        /* UNDRAIN: delete /drain/<w> */
};

enum {
    AT_ONCE = 1000, /* jobs asked about or watched (hazard 17) */
    AUDIT_US = 10000000,
    HISTORY_MOST = 8192,
};

struct rota_operator_context {
    struct rota_operator *p;
    struct rota_pool *mem;
    struct rota_outbox *out;
    rota_time now;
};

static struct rota_operator_job *job_at(const struct rota_operator_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->p->job, i, sizeof(struct rota_operator_job));
}

static struct rota_links links(const struct rota_operator_context *s)
{
    return (struct rota_links){s->mem, &s->p->job, sizeof(struct rota_operator_job),
                               offsetof(struct rota_operator_job, next)};
}

static const char *name_of(const struct rota_operator_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, job_at(s, i)->name);
}

static bool about_workers(const struct rota_operator_context *s)
{
    return s->p->config.command == ROTA_OPERATOR_DRAIN ||
           s->p->config.command == ROTA_OPERATOR_UNDRAIN;
}

/* ---- asking ---- */

static uint64_t tag(struct rota_operator_context *s, enum rota_operator_purpose what, uint32_t i)
{
    job_at(s, i)->state = JOB_ASKING;
    return rota_request_tag(what, s->p->generation, i);
}

static void read(struct rota_operator_context *s, enum rota_operator_purpose what, uint32_t i,
                 enum rota_op op, const char *path)
{
    rota_request_add_read(s->out, tag(s, what, i), op, path, false);
}

static void read_watched(struct rota_operator_context *s, enum rota_operator_purpose what,
                         uint32_t i, const char *path)
{
    rota_request_add_read(s->out, tag(s, what, i), ROTA_OP_CHILDREN, path, !job_at(s, i)->blind);
}

static void create(struct rota_operation *o, const char *path, struct rota_bytes data)
{
    o->op = ROTA_OP_CREATE;
    o->path = path;
    o->data = data;
}

static void leave(struct rota_operator_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->p->up = false;
}

/* A refusal that no job can change. */
static void impossible(struct rota_operator_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_NODE)
        leave(s, ROTA_EXIT_UNREACHABLE, "the tree is missing there: create it with `rota init`");
    else
        leave(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "that cannot be asked for here: %s", rota_error_sentence(rc)));
}

/* ---- jobs ---- */

static struct rota_action *tell(struct rota_operator_context *s, uint64_t id, const char *name,
                                const char *state, const char *reason)
{
    struct rota_action *a = rota_outbox_add(s->out, ROTA_ACTION_RESULT);

    a->job.job = id;
    a->job.name = name;
    a->job.state = state;
    a->job.reason = reason;
    a->job.output = (struct rota_bytes){"", 0};
    a->job.errors = (struct rota_bytes){"", 0};
    return a;
}

/* The job has come to what was asked for, or to something else. */
static struct rota_action *end(struct rota_operator_context *s, uint32_t i, bool as_asked,
                               const char *state, const char *reason)
{
    struct rota_operator_job *e = job_at(s, i);
    const char *name = rota_outbox_text(s->out, "%s", name_of(s, i));

    s->p->failures += !as_asked;
    s->p->refusals += strcmp(state, "refused") == 0;
    s->p->live--;
    s->p->under_way--;
    rota_map_remove(s->mem, &s->p->names, name);
    rota_text_give(s->mem, e->history);
    *e = (struct rota_operator_job){.id = e->id, .state = JOB_OVER};
    rota_outbox_note(s->out, ROTA_NOTE_RESULT, name, state, 0, 0, 0);
    return tell(s, e->id, name, state, reason);
}

static void missing(struct rota_operator_context *s, uint32_t i)
{
    if (about_workers(s))
        end(s, i, false, "missing", "there is no such worker");
    else
        end(s, i, false, "missing",
            job_at(s, i)->sent ? "it was removed meanwhile" : "there is no such task");
}

static void begin_again(struct rota_operator_context *s, uint32_t i)
{
    job_at(s, i)->state = JOB_PENDING;
    rota_queue_push(&s->p->pending, links(s), i);
    s->p->under_way--;
}

static void want(struct rota_operator_context *s, const struct rota_event *e)
{
    const char *name = e->job.name;
    const char *wrong = NULL;
    rota_ref ref;
    uint32_t i;

    if (!rota_path_name_valid(s->out, name))
        wrong =
            about_workers(s) ? "that cannot be a worker's name" : "that cannot be a task's name";
    else if (rota_map_get(s->mem, &s->p->names, name) != ROTA_MAP_NONE)
        wrong = "asked for twice";
    if (wrong != NULL) {
        s->p->failures++;
        tell(s, e->job.job, name, "missing", wrong);
        return;
    }
    i = rota_array_push(s->mem, &s->p->job, sizeof(struct rota_operator_job));
    ref = rota_map_put(s->mem, &s->p->names, name, i);
    job_at(s, i)->id = e->job.job;
    job_at(s, i)->name = ref;
    rota_queue_push(&s->p->pending, links(s), i);
    s->p->live++;
}

/* ---- cancelling ---- */

static void cancel_look(struct rota_operator_context *s, uint32_t i)
{
    if (job_at(s, i)->written)
        read_watched(s, PURPOSE_CHILDREN, i, rota_path_task(s->out, name_of(s, i)));
    else
        read(s, PURPOSE_TASK, i, ROTA_OP_GET, rota_path_task(s->out, name_of(s, i)));
}

static void cancel_read_end(struct rota_operator_context *s, uint32_t i)
{
    read(s, PURPOSE_RESULT, i, ROTA_OP_GET, rota_path_status(s->out, name_of(s, i)));
}

/* One that lies there may be for a former task of the name: it is made anew, which is seen. */
static void cancel_write(struct rota_operator_context *s, uint32_t i)
{
    struct rota_operator_job *e = job_at(s, i);
    const char *path = rota_path_cancel(s->out, name_of(s, i));
    struct rota_operation *ops =
        rota_request_add_multi(s->out, tag(s, PURPOSE_CANCEL, i), 2u + e->over);

    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = rota_path_task(s->out, name_of(s, i));
    if (e->over)
        rota_operation_delete(++ops, path);
    create(&ops[1], path, rota_cancel_record_write(s->out, e->czxid));
    e->sent = true;
}

/* The same payload once more raises the version: its client leaves it for the master to remove, and
 * there is time to read how it ended. */
static void cancel_await(struct rota_operator_context *s, uint32_t i, struct rota_bytes payload)
{
    struct rota_request *r = rota_request_add(s->out, tag(s, PURPOSE_MARK, i));

    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_path_task(s->out, name_of(s, i));
    r->operation.data = payload;
    r->operation.version = 0;
}

/* Another task of that name is not the one that was meant. */
static bool gone(const struct rota_operator_job *e, const struct rota_reply *r)
{
    return r->rc == ROTA_ERR_NO_NODE ||
           (r->rc == ROTA_ERR_OK && e->czxid != 0 && r->stat.czxid != e->czxid);
}

/* Before it is cancelled: what is there? */
static void payload_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);

    if (gone(e, r)) {
        missing(s, i);
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        impossible(s, r->rc);
        return;
    }
    e->czxid = r->stat.czxid;
    if (r->stat.num_children > 0)
        cancel_read_end(s, i);
    else if (r->stat.version == 0)
        cancel_await(s, i, r->data);
    else
        cancel_write(s, i);
}

/* Who may not mark it may cancel it all the same. */
static void awaited(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_NODE)
        cancel_look(s, i);
    else
        cancel_write(s, i);
}

/* After it was cancelled: has it ended? */
static void task_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);
    bool ended = false;

    for (uint32_t k = 0; k < r->child_count; k++)
        ended = ended || strcmp(r->children[k], ROTA_STATUS_NAME) == 0;
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        e->blind = true;
        cancel_look(s, i);
    } else if (gone(e, r)) {
        missing(s, i);
    } else if (r->rc != ROTA_ERR_OK) {
        impossible(s, r->rc);
    } else if (ended) {
        cancel_read_end(s, i);
    } else {
        e->state = JOB_WATCHING;
    }
}

static void cancel_written(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);
    uint32_t failed = rota_reply_failed_at(r);

    if (failed == 1 && r->rc == (e->over ? ROTA_ERR_NO_NODE : ROTA_ERR_NODE_EXISTS)) {
        e->over = !e->over;
        cancel_write(s, i);
    } else if (r->rc != ROTA_ERR_OK && failed != 0) {
        impossible(s, r->rc);
    } else {
        e->written = failed != 0;
        cancel_look(s, i);
    }
}

/* The one winner of the race between the cancellation and the end is what the status says. */
static void end_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_status_record record;
    struct rota_action *a;
    bool sent = job_at(s, i)->sent;

    if (r->rc == ROTA_ERR_NO_NODE) { /* it was sent back, or collected */
        job_at(s, i)->written = false;
        cancel_look(s, i);
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        impossible(s, r->rc);
        return;
    }
    rota_status_record_read(s->out, r->data, &record);
    a = end(s, i, strcmp(record.state, "cancelled") == 0, record.state,
            sent ? record.reason : "it had ended before");
    a->job.output = record.output;
    a->job.errors = record.errors;
}

/* ---- sending back ---- */

static void retry_look(struct rota_operator_context *s, uint32_t i)
{
    read(s, PURPOSE_STATUS, i, ROTA_OP_GET, rota_path_status(s->out, name_of(s, i)));
}

static void retry_remember(struct rota_operator_context *s, uint32_t i, const char *history)
{
    rota_ref text = rota_text_take(s->mem, history);

    rota_text_give(s->mem, job_at(s, i)->history);
    job_at(s, i)->history = text;
}

/* The history of a task that ended at its first attempt and has none of its own; "" if it was
 * perhaps never begun. */
static const char *only_attempt(struct rota_operator_context *s,
                                const struct rota_status_record *end, int64_t ended_ms)
{
    struct rota_history_line line = {
        .attempt = 1, .worker = "", .ended_ms = ended_ms, .how = end->state, .reason = end->reason};

    if (strcmp(end->state, "failed") != 0 && strcmp(end->state, "dead") != 0)
        return "";
    return rota_history_line_add(s->out, "", &line);
}

/* A status of another czxid than the one that was to go shows that it went. */
static void status_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);
    struct rota_status_record record;

    if (r->rc == ROTA_ERR_NO_NODE) {
        read(s, PURPOSE_TASK_EXISTS, i, ROTA_OP_EXISTS, rota_path_task(s->out, name_of(s, i)));
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        impossible(s, r->rc);
        return;
    }
    rota_status_record_read(s->out, r->data, &record);
    if (e->sent && r->stat.czxid != e->czxid) {
        end(s, i, true, "waiting", "");
    } else if (strcmp(record.state, "done") == 0) {
        end(s, i, false, "refused", "it is done");
    } else {
        e->seen = r->stat.czxid;
        retry_remember(s, i, only_attempt(s, &record, r->stat.ctime_ms));
        read(s, PURPOSE_HISTORY, i, ROTA_OP_GET, rota_path_history(s->out, name_of(s, i)));
    }
}

static void there_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_NODE)
        missing(s, i);
    else if (r->rc != ROTA_ERR_OK)
        impossible(s, r->rc);
    else if (job_at(s, i)->sent)
        end(s, i, true, "waiting", "");
    else
        end(s, i, false, "refused", "it has not ended");
}

static void history_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    job_at(s, i)->filed = r->rc == ROTA_ERR_OK;
    if (r->rc == ROTA_ERR_OK)
        retry_remember(s, i, rota_outbox_text_of(s->out, r->data, HISTORY_MOST));
    read(s, PURPOSE_CANCEL_EXISTS, i, ROTA_OP_EXISTS, rota_path_cancel(s->out, name_of(s, i)));
}

static void cancelled_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    job_at(s, i)->swept = r->rc == ROTA_ERR_OK;
    read(s, PURPOSE_COLLECT_EXISTS, i, ROTA_OP_EXISTS, rota_path_collect(s->out, name_of(s, i)));
}

static void collected_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    job_at(s, i)->read = r->rc == ROTA_ERR_OK;
    read(s, PURPOSE_RETRY_EXISTS, i, ROTA_OP_EXISTS, rota_path_retry(s->out, name_of(s, i)));
}

/* The record with which the task begins a new life: its attempts count on, nothing else does. */
static struct rota_bytes retry_record(struct rota_operator_context *s, uint32_t i)
{
    const char *history = rota_pool_at(s->mem, job_at(s, i)->history);
    struct rota_attempt_record record = {.attempt = 1, .reason = "asked", .history = history};
    struct rota_history_line line;
    const char *rest = history;

    while ((rest = rota_history_line_next(s->out, rest, &line)) != NULL)
        record.attempt = line.attempt;
    return rota_attempt_record_write(s->out, &record);
}

/* The same payload once more raises the version: a client that has read the former end does not
 * take the next one for it. */
static void raise_version(struct rota_operation *o, const char *path, const struct rota_reply *task)
{
    o->op = ROTA_OP_SET;
    o->path = path;
    o->data = task->data;
    o->version = task->stat.version;
}

static void retry_write(struct rota_operator_context *s, uint32_t i, const struct rota_reply *task)
{
    struct rota_operator_job *e = job_at(s, i);
    const char *name = name_of(s, i);
    uint32_t count = 2u + !e->bare + e->filed + e->swept + e->read;
    struct rota_operation *ops = rota_request_add_multi(s->out, tag(s, PURPOSE_RETRY, i), count);

    if (!e->bare)
        raise_version(ops++, rota_path_task(s->out, name), task);
    rota_operation_delete(ops++, rota_path_status(s->out, name));
    if (e->filed)
        rota_operation_delete(ops++, rota_path_history(s->out, name));
    if (e->swept)
        rota_operation_delete(ops++, rota_path_cancel(s->out, name));
    if (e->read)
        rota_operation_delete(ops++, rota_path_collect(s->out, name));
    create(ops, rota_path_retry(s->out, name), retry_record(s, i));
    if (e->over)
        ops->op = ROTA_OP_SET;
    e->sent = true;
    e->czxid = e->seen;
}

static void retried_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    job_at(s, i)->over = r->rc == ROTA_ERR_OK;
    read(s, PURPOSE_TASK, i, ROTA_OP_GET, rota_path_task(s->out, name_of(s, i)));
}

/* Last, since it is not kept. */
static void retry_task_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    job_at(s, i)->bare |= r->rc != ROTA_ERR_OK;
    retry_write(s, i, r);
}

/* What changed since it was read is read again, unless it is the tree itself that is not there. */
static void retry_written(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);
    bool changed =
        r->rc == ROTA_ERR_NO_NODE || r->rc == ROTA_ERR_NODE_EXISTS || r->rc == ROTA_ERR_BAD_VERSION;
    bool last = rota_reply_failed_at(r) + 1 == r->result_count;
    bool first = rota_reply_failed_at(r) == 0 || r->rc == ROTA_ERR_TOO_LARGE;

    if (r->rc == ROTA_ERR_OK) {
        end(s, i, true, "waiting", "");
    } else if (!changed && first && !e->bare) { /* as well as may be */
        e->bare = true;
        e->sent = false;
        retry_look(s, i);
    } else if (!changed || (last && !e->over && r->rc == ROTA_ERR_NO_NODE)) {
        impossible(s, r->rc);
    } else {
        e->sent = false; /* it was not done, for certain */
        retry_look(s, i);
    }
}

/* ---- draining ---- */

static void drain_write(struct rota_operator_context *s, uint32_t i)
{
    struct rota_operation *ops = rota_request_add_multi(s->out, tag(s, PURPOSE_DRAIN, i), 2);

    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = rota_path_assign(s->out, name_of(s, i));
    create(&ops[1], rota_path_drain(s->out, name_of(s, i)),
           rota_drain_record_write(s->out, s->p->config.timeout_ms));
    if (job_at(s, i)->over)
        ops[1].op = ROTA_OP_SET;
}

static void drain_look(struct rota_operator_context *s, uint32_t i)
{
    read_watched(s, PURPOSE_ASSIGNMENTS, i, rota_path_assign(s->out, name_of(s, i)));
}

static void drain_written(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    struct rota_operator_job *e = job_at(s, i);
    uint32_t failed = rota_reply_failed_at(r);

    bool kept = failed == 1 && r->rc == ROTA_ERR_NODE_EXISTS && s->p->config.timeout_ms < 0;

    if (r->rc == ROTA_ERR_OK || kept) {
        e->written = true;
        if (s->p->config.wait)
            drain_look(s, i);
        else
            end(s, i, true, "draining", "");
    } else if (failed == 0 && r->rc == ROTA_ERR_NO_NODE) {
        missing(s, i);
    } else if (r->rc == (e->over ? ROTA_ERR_NO_NODE : ROTA_ERR_NODE_EXISTS)) {
        e->over = !e->over; /* it is drained already, or no more */
        drain_write(s, i);
    } else {
        impossible(s, r->rc);
    }
}

static void holds_read(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        job_at(s, i)->blind = true;
        drain_look(s, i);
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        end(s, i, true, "drained", "it has left");
    } else if (r->rc != ROTA_ERR_OK) {
        impossible(s, r->rc);
    } else if (r->child_count == 0) {
        end(s, i, true, "drained", "");
    } else {
        job_at(s, i)->state = JOB_WATCHING;
    }
}

static void undrain_write(struct rota_operator_context *s, uint32_t i)
{
    struct rota_request *r = rota_request_add(s->out, tag(s, PURPOSE_UNDRAIN, i));

    rota_operation_delete(&r->operation, rota_path_drain(s->out, name_of(s, i)));
}

static void undrained(struct rota_operator_context *s, uint32_t i, const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_OK || (r->rc == ROTA_ERR_NO_NODE && job_at(s, i)->sent))
        end(s, i, true, "undrained", "");
    else if (r->rc == ROTA_ERR_NO_NODE)
        end(s, i, false, "missing", "it was not drained");
    else
        impossible(s, r->rc);
}

/* ---- the step ---- */

static void look(struct rota_operator_context *s, uint32_t i)
{
    switch (s->p->config.command) {
    case ROTA_OPERATOR_CANCEL:
        cancel_look(s, i);
        break;
    case ROTA_OPERATOR_RETRY:
        retry_look(s, i);
        break;
    case ROTA_OPERATOR_DRAIN:
        if (job_at(s, i)->written)
            drain_look(s, i);
        else
            drain_write(s, i);
        break;
    case ROTA_OPERATOR_UNDRAIN:
        undrain_write(s, i);
        break;
    }
}

static void replied(struct rota_operator_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    uint32_t i = rota_request_tag_index(r->tag);

    if (rota_request_tag_generation(r->tag) != s->p->generation)
        return;
    if (rota_request_tag_kind(r->tag) == PURPOSE_TREE) {
        s->p->founded = s->p->up && r->rc == ROTA_ERR_OK;
        if (e->reply.outcome == ROTA_REFUSED && !rota_reply_session_over(r))
            impossible(s, r->rc);
        return;
    }
    if (e->reply.outcome == ROTA_UNKNOWN || rota_reply_session_over(r) || !s->p->up) {
        job_at(s, i)->sent |= rota_request_tag_kind(r->tag) == PURPOSE_UNDRAIN;
        begin_again(s, i);
        return;
    }
    switch ((enum rota_operator_purpose)rota_request_tag_kind(r->tag)) {
    case PURPOSE_TREE:
        break;
    case PURPOSE_TASK:
        if (s->p->config.command == ROTA_OPERATOR_RETRY)
            retry_task_read(s, i, r);
        else
            payload_read(s, i, r);
        break;
    case PURPOSE_MARK:
        awaited(s, i, r);
        break;
    case PURPOSE_CHILDREN:
        task_read(s, i, r);
        break;
    case PURPOSE_RESULT:
        end_read(s, i, r);
        break;
    case PURPOSE_CANCEL:
        cancel_written(s, i, r);
        break;
    case PURPOSE_STATUS:
        status_read(s, i, r);
        break;
    case PURPOSE_TASK_EXISTS:
        there_read(s, i, r);
        break;
    case PURPOSE_HISTORY:
        history_read(s, i, r);
        break;
    case PURPOSE_CANCEL_EXISTS:
        cancelled_read(s, i, r);
        break;
    case PURPOSE_COLLECT_EXISTS:
        collected_read(s, i, r);
        break;
    case PURPOSE_RETRY_EXISTS:
        retried_read(s, i, r);
        break;
    case PURPOSE_RETRY:
        retry_written(s, i, r);
        break;
    case PURPOSE_DRAIN:
        drain_written(s, i, r);
        break;
    case PURPOSE_ASSIGNMENTS:
        holds_read(s, i, r);
        break;
    case PURPOSE_UNDRAIN:
        undrained(s, i, r);
        break;
    }
}

static void watched(struct rota_operator_context *s, const struct rota_event *e)
{
    const char *parent = about_workers(s) ? ROTA_PATH_ASSIGN : ROTA_PATH_TASKS;
    const char *name = rota_path_below(e->watch.path, parent);
    uint32_t i = name == NULL ? ROTA_MAP_NONE : rota_map_get(s->mem, &s->p->names, name);

    if (i == ROTA_MAP_NONE || job_at(s, i)->state != JOB_WATCHING)
        return;
    if (!s->p->up)
        begin_again(s, i);
    else if (!about_workers(s) && e->watch.kind == ROTA_WATCH_CHILD)
        cancel_read_end(s, i); /* at once, for its client may collect it */
    else
        look(s, i);
}

/* Watches die with the session. */
static void lost(struct rota_operator_context *s)
{
    s->p->generation++;
    for (uint32_t i = 0; i < s->p->job.length; i++)
        if (job_at(s, i)->state == JOB_WATCHING)
            begin_again(s, i);
}

/* Looks again at what no event announced (hazards 13 and 15). */
static void audit(struct rota_operator_context *s)
{
    struct rota_operator *p = s->p;

    if (p->under_way == 0 || s->now >= p->audit_at) {
        for (uint32_t i = 0; p->under_way > 0 && i < p->job.length; i++)
            if (job_at(s, i)->state == JOB_WATCHING)
                look(s, i);
        p->audit_at = s->now + AUDIT_US;
    }
    if (p->under_way > 0)
        rota_outbox_wake(s->out, p->audit_at);
}

static void reconcile(struct rota_operator_context *s)
{
    struct rota_operator *p = s->p;

    if (p->up && p->founded) {
        while (p->pending.head != 0 && p->under_way < AT_ONCE) {
            p->under_way++;
            look(s, rota_queue_pop(&p->pending, links(s)));
        }
        audit(s);
    }
    if (p->closed && p->live == 0)
        leave(s,
              p->refusals > 0   ? ROTA_EXIT_REFUSED
              : p->failures > 0 ? ROTA_EXIT_FAILED
                                : ROTA_EXIT_DONE,
              NULL);
}

void rota_operator_init(struct rota_operator *p, const struct rota_operator_config *config)
{
    memset(p, 0, sizeof *p);
    p->config = *config;
}

void rota_operator_step(struct rota_operator *p, struct rota_pool *mem,
                        const struct rota_event *event, struct rota_outbox *out)
{
    struct rota_operator_context s = {p, mem, out, event->now};

    switch (event->kind) {
    case ROTA_EVENT_UP:
        p->up = true;
        p->founded = false;
        rota_request_add_read(out, rota_request_tag(PURPOSE_TREE, p->generation, 0), ROTA_OP_EXISTS,
                              ROTA_PATH_TASKS, false);
        break;
    case ROTA_EVENT_DOWN:
        p->up = false;
        break;
    case ROTA_EVENT_LOST:
        lost(&s);
        break;
    case ROTA_EVENT_FAILED:
        leave(&s, ROTA_EXIT_UNREACHABLE, rota_exit_unreachable_text(out, event->failed.rc));
        return;
    case ROTA_EVENT_REPLY:
        replied(&s, event);
        break;
    case ROTA_EVENT_WATCH:
        watched(&s, event);
        break;
    case ROTA_EVENT_WAIT:
        want(&s, event);
        break;
    case ROTA_EVENT_CLOSE_INPUT:
        p->closed = true;
        break;
    case ROTA_EVENT_STOP:
        leave(&s, ROTA_EXIT_INTERRUPTED, NULL);
        return;
    default:
        break;
    }
    reconcile(&s);
}

void rota_operator_check(const struct rota_operator *p, const struct rota_pool *mem)
{
    rota_assert(p->under_way <= AT_ONCE);
    rota_assert(p->under_way + p->pending.length == p->live);
    rota_assert(p->names.length == p->live);
    rota_assert(mem->live <= mem->size);
}

static void role_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    rota_operator_init(state, config);
}

static void role_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                      struct rota_outbox *out)
{
    rota_operator_step(state, mem, event, out);
}

static void role_check(const void *state, const struct rota_pool *mem)
{
    rota_operator_check(state, mem);
}

const struct rota_role rota_operator_role = {
    .name = "operator",
    .state_size = sizeof(struct rota_operator),
    .config_size = sizeof(struct rota_operator_config),
    .init = role_init,
    .step = role_step,
    .check = role_check,
};
