#include "model/operator/retry.h"

#include <string.h>

#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { HISTORY_MAX = 8192 }; /* bytes of /history/<t> that are read */

static struct rota_operator_job *job_at(const struct rota_operator_context *s, uint32_t i)
{
    return rota_operator_job_at(s, i);
}

static const char *name_of(const struct rota_operator_context *s, uint32_t i)
{
    return rota_operator_job_name(s, i);
}

/* ---- reading ---- */

void rota_operator_retry_look(struct rota_operator_context *s, uint32_t i)
{
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_STATUS, i, ROTA_OP_GET,
                           rota_path_status(s->out, name_of(s, i)));
}

static void keep_history(struct rota_operator_context *s, uint32_t i, const char *history)
{
    rota_ref text = rota_text_take(s->mem, history);

    rota_text_give(s->mem, job_at(s, i)->history);
    job_at(s, i)->history = text;
}

/* The history of a task that ended at its first attempt, which has no /history/<t>. "" if the task
 * may have ended without an attempt. */
static const char *only_attempt(struct rota_operator_context *s,
                                const struct rota_status_record *status, int64_t ended_ms)
{
    struct rota_history_line line = {.attempt = 1,
                                     .worker = "",
                                     .ended_ms = ended_ms,
                                     .how = status->state,
                                     .reason = status->reason};

    if (strcmp(status->state, "failed") != 0 && strcmp(status->state, "dead") != 0)
        return "";
    return rota_history_line_add(s->out, "", &line);
}

/* A status with another czxid than the one to be deleted shows that the earlier write was done. */
void rota_operator_retry_status_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r)
{
    struct rota_operator_job *j = job_at(s, i);
    struct rota_status_record record;

    if (r->rc == ROTA_ERR_NO_NODE) {
        rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_NO_STATUS, i, ROTA_OP_EXISTS,
                               rota_path_task(s->out, name_of(s, i)));
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        rota_operator_give_up(s, r->rc);
        return;
    }
    rota_status_record_read(s->out, r->data, &record);
    if (j->sent && r->stat.czxid != j->deleted_czxid) {
        rota_operator_job_end(s, i, true, "waiting", "");
    } else if (strcmp(record.state, "done") == 0) {
        rota_operator_job_end(s, i, false, "refused", "it is done");
    } else {
        j->status_czxid = r->stat.czxid;
        keep_history(s, i, only_attempt(s, &record, r->stat.ctime_ms));
        rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_HISTORY, i, ROTA_OP_GET,
                               rota_path_history(s->out, name_of(s, i)));
    }
}

void rota_operator_retry_no_status_read(struct rota_operator_context *s, uint32_t i,
                                        const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_NODE)
        rota_operator_job_missing(s, i);
    else if (r->rc != ROTA_ERR_OK)
        rota_operator_give_up(s, r->rc);
    else if (job_at(s, i)->sent)
        rota_operator_job_end(s, i, true, "waiting", "");
    else
        rota_operator_job_end(s, i, false, "refused", "it has no final status yet");
}

void rota_operator_retry_history_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r)
{
    job_at(s, i)->has_history = r->rc == ROTA_ERR_OK;
    if (r->rc == ROTA_ERR_OK)
        keep_history(s, i, rota_outbox_text_of(s->out, r->data, HISTORY_MAX));
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_CANCEL, i, ROTA_OP_EXISTS,
                           rota_path_cancel(s->out, name_of(s, i)));
}

void rota_operator_retry_cancel_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r)
{
    job_at(s, i)->has_cancel = r->rc == ROTA_ERR_OK;
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_COLLECT, i, ROTA_OP_EXISTS,
                           rota_path_collect(s->out, name_of(s, i)));
}

void rota_operator_retry_collect_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r)
{
    job_at(s, i)->has_collect = r->rc == ROTA_ERR_OK;
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_RECORD, i, ROTA_OP_EXISTS,
                           rota_path_retry(s->out, name_of(s, i)));
}

/* The task is read last, because its payload is not kept. */
void rota_operator_retry_record_read(struct rota_operator_context *s, uint32_t i,
                                     const struct rota_reply *r)
{
    job_at(s, i)->overwrites = r->rc == ROTA_ERR_OK;
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_RETRY_TASK, i, ROTA_OP_GET,
                           rota_path_task(s->out, name_of(s, i)));
}

/* ---- writing ---- */

/* The record with which the task begins a new life: the number of attempts goes on, failures and
 * losses are counted from 0. */
static struct rota_bytes new_record(struct rota_operator_context *s, uint32_t i)
{
    const char *history = rota_pool_at(s->mem, job_at(s, i)->history);
    struct rota_attempt_record record = {.attempt = 1, .reason = "asked", .history = history};
    struct rota_history_line line;
    const char *rest = history;

    while ((rest = rota_history_line_next(s->out, rest, &line)) != NULL)
        record.attempt = line.attempt;
    return rota_attempt_record_write(s->out, &record);
}

/* Sets the task to the same payload, which raises its version: by that, a client that has read the
 * earlier final status does not take the next one for it. */
static void raise_version(struct rota_operation *o, const char *path, const struct rota_reply *task)
{
    o->op = ROTA_OP_SET;
    o->path = path;
    o->data = task->data;
    o->version = task->stat.version;
}

static void write(struct rota_operator_context *s, uint32_t i, const struct rota_reply *task)
{
    struct rota_operator_job *j = job_at(s, i);
    const char *name = name_of(s, i);
    uint32_t count = 2u + !j->task_read_only + j->has_history + j->has_cancel + j->has_collect;
    struct rota_operation *ops =
        rota_operator_job_multi(s, ROTA_OPERATOR_PURPOSE_RETRY_WRITE, i, count);

    if (!j->task_read_only)
        raise_version(ops++, rota_path_task(s->out, name), task);
    rota_operation_delete(ops++, rota_path_status(s->out, name));
    if (j->has_history)
        rota_operation_delete(ops++, rota_path_history(s->out, name));
    if (j->has_cancel)
        rota_operation_delete(ops++, rota_path_cancel(s->out, name));
    if (j->has_collect)
        rota_operation_delete(ops++, rota_path_collect(s->out, name));
    ops->op = j->overwrites ? ROTA_OP_SET : ROTA_OP_CREATE;
    ops->path = rota_path_retry(s->out, name);
    ops->data = new_record(s, i);
    j->sent = true;
    j->deleted_czxid = j->status_czxid;
}

void rota_operator_retry_task_read(struct rota_operator_context *s, uint32_t i,
                                   const struct rota_reply *r)
{
    job_at(s, i)->task_read_only |= r->rc != ROTA_ERR_OK;
    write(s, i, r);
}

/* If a znode changed after it was read, all are read again. If the directory /retry is missing, no
 * read helps. */
void rota_operator_retry_written(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r)
{
    struct rota_operator_job *j = job_at(s, i);
    bool changed =
        r->rc == ROTA_ERR_NO_NODE || r->rc == ROTA_ERR_NODE_EXISTS || r->rc == ROTA_ERR_BAD_VERSION;
    bool last = rota_reply_failed_at(r) + 1 == r->result_count;
    bool first = rota_reply_failed_at(r) == 0 || r->rc == ROTA_ERR_TOO_LARGE;

    if (r->rc == ROTA_ERR_OK) {
        rota_operator_job_end(s, i, true, "waiting", "");
    } else if (!changed && first && !j->task_read_only) { /* the task is retried without that */
        j->task_read_only = true;
        j->sent = false;
        rota_operator_retry_look(s, i);
    } else if (!changed || (last && !j->overwrites && r->rc == ROTA_ERR_NO_NODE)) {
        rota_operator_give_up(s, r->rc);
    } else {
        j->sent = false; /* a refused write was certainly not done */
        rota_operator_retry_look(s, i);
    }
}
