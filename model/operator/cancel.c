#include "model/operator/cancel.h"

#include <string.h>

#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

static const char *task_path(const struct rota_operator_context *s, uint32_t i)
{
    return rota_path_task(s->out, rota_operator_job_name(s, i));
}

void rota_operator_cancel_look(struct rota_operator_context *s, uint32_t i)
{
    if (rota_operator_job_at(s, i)->written)
        rota_operator_job_watch(s, ROTA_OPERATOR_PURPOSE_CANCEL_CHILDREN, i, task_path(s, i));
    else
        rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_CANCEL_TASK, i, ROTA_OP_GET,
                               task_path(s, i));
}

static void read_status(struct rota_operator_context *s, uint32_t i)
{
    rota_operator_job_read(s, ROTA_OPERATOR_PURPOSE_CANCEL_STATUS, i, ROTA_OP_GET,
                           rota_path_status(s->out, rota_operator_job_name(s, i)));
}

void rota_operator_cancel_watched(struct rota_operator_context *s, uint32_t i,
                                  enum rota_watch_kind kind)
{
    if (kind == ROTA_WATCH_CHILD)
        read_status(s, i); /* at once: the client of the task may collect it */
    else
        rota_operator_cancel_look(s, i);
}

/* ---- writing ---- */

/* A /cancel/<t> that exists may be for an earlier task of that name, so it is created anew: the
 * master sees that. */
static void write(struct rota_operator_context *s, uint32_t i)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);
    const char *path = rota_path_cancel(s->out, rota_operator_job_name(s, i));
    struct rota_operation *ops =
        rota_operator_job_multi(s, ROTA_OPERATOR_PURPOSE_CANCEL_WRITE, i, 2u + j->overwrites);

    ops->op = ROTA_OP_CHECK;
    ops++->path = task_path(s, i);
    if (j->overwrites)
        rota_operation_delete(ops++, path);
    ops->op = ROTA_OP_CREATE;
    ops->path = path;
    ops->data = rota_cancel_record_write(s->out, j->task_czxid);
    j->sent = true;
}

/* Sets the task to the same payload, which raises its version. The version shows that another
 * process needs the final status, so the client leaves the task for the master to remove, and the
 * status can be read. */
static void mark(struct rota_operator_context *s, uint32_t i, struct rota_bytes payload)
{
    struct rota_request *r = rota_operator_job_request(s, ROTA_OPERATOR_PURPOSE_CANCEL_MARK, i);

    r->operation.op = ROTA_OP_SET;
    r->operation.path = task_path(s, i);
    r->operation.data = payload;
    r->operation.version = 0;
}

/* ---- replies ---- */

/* True if the task that was found first is gone. Another task of the same name is not cancelled. */
static bool is_gone(const struct rota_operator_job *j, const struct rota_reply *r)
{
    return r->rc == ROTA_ERR_NO_NODE ||
           (r->rc == ROTA_ERR_OK && j->task_czxid != 0 && r->stat.czxid != j->task_czxid);
}

void rota_operator_cancel_task_read(struct rota_operator_context *s, uint32_t i,
                                    const struct rota_reply *r)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);

    if (is_gone(j, r)) {
        rota_operator_job_missing(s, i);
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        rota_operator_give_up(s, r->rc);
        return;
    }
    j->task_czxid = r->stat.czxid;
    if (r->stat.num_children > 0)
        read_status(s, i);
    else if (r->stat.version == 0)
        mark(s, i, r->data);
    else
        write(s, i);
}

/* A task that may not be marked may be cancelled all the same. */
void rota_operator_cancel_marked(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_NO_NODE)
        rota_operator_cancel_look(s, i);
    else
        write(s, i);
}

void rota_operator_cancel_written(struct rota_operator_context *s, uint32_t i,
                                  const struct rota_reply *r)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);
    uint32_t failed = rota_reply_failed_at(r);

    if (failed == 1 && r->rc == (j->overwrites ? ROTA_ERR_NO_NODE : ROTA_ERR_NODE_EXISTS)) {
        j->overwrites = !j->overwrites;
        write(s, i);
    } else if (r->rc != ROTA_ERR_OK && failed != 0) {
        rota_operator_give_up(s, r->rc);
    } else {
        j->written = failed != 0;
        rota_operator_cancel_look(s, i);
    }
}

void rota_operator_cancel_children_read(struct rota_operator_context *s, uint32_t i,
                                        const struct rota_reply *r)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);
    bool has_status = false;

    for (uint32_t k = 0; k < r->child_count; k++)
        has_status = has_status || strcmp(r->children[k], ROTA_STATUS_NAME) == 0;
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        j->unwatched = true;
        rota_operator_cancel_look(s, i);
    } else if (is_gone(j, r)) {
        rota_operator_job_missing(s, i);
    } else if (r->rc != ROTA_ERR_OK) {
        rota_operator_give_up(s, r->rc);
    } else if (has_status) {
        read_status(s, i);
    } else {
        j->state = ROTA_OPERATOR_JOB_WATCHING;
    }
}

void rota_operator_cancel_status_read(struct rota_operator_context *s, uint32_t i,
                                      const struct rota_reply *r)
{
    struct rota_status_record record;
    struct rota_action *a;
    bool sent = rota_operator_job_at(s, i)->sent;

    if (r->rc == ROTA_ERR_NO_NODE) { /* the task was retried or collected */
        rota_operator_job_at(s, i)->written = false;
        rota_operator_cancel_look(s, i);
        return;
    }
    if (r->rc != ROTA_ERR_OK) {
        rota_operator_give_up(s, r->rc);
        return;
    }
    rota_status_record_read(s->out, r->data, &record);
    a = rota_operator_job_end(s, i, strcmp(record.state, "cancelled") == 0, record.state,
                              sent ? record.reason : "it had already ended");
    a->job.output = record.output;
    a->job.errors = record.errors;
}
