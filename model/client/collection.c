#include "model/client/collection.h"

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum { DELETES_MAX = 500 }; /* jobs in one multi */

void rota_collection_add(struct rota_client_context *s, const struct rota_event *e)
{
    uint32_t i = rota_job_find(s, e->job.job);

    if (i == ROTA_MAP_NONE || rota_job_at(s, i)->state != ROTA_JOB_REPORTED)
        return;
    rota_assert(s->c->held_bytes >= rota_job_at(s, i)->held_bytes);
    s->c->held_bytes -= rota_job_at(s, i)->held_bytes;
    rota_job_at(s, i)->held_bytes = 0;
    rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
}

/* ---- the multi ---- */

/* A job has two operations, or the one that deletes a task without a status. */
static uint32_t operations_of(const struct rota_job *j)
{
    return j->has_status || j->awaited ? 2 : 1;
}

/* A status that was read is deleted with its task, in version 0 of the task. An awaited task, of
 * another version, is left to the master by /collect/<t>, in the version that was read. The znode
 * names the status that was read; one that exists may name a former status, and is set. Neither is
 * done if the task was retried in the meantime, which raises the version. A withdrawn task without
 * a status is deleted in any version. */
static struct rota_operation *fill(struct rota_client_context *s, uint32_t i,
                                   struct rota_operation *o)
{
    const struct rota_job *j = rota_job_at(s, i);
    const char *task = rota_path_task(s->out, rota_job_name(s, i));

    if (j->awaited) {
        o->op = ROTA_OP_CHECK;
        o->version = j->version;
        o++->path = task;
        o->op = j->overwrites ? ROTA_OP_SET : ROTA_OP_CREATE;
        o->path = rota_path_collect(s->out, rota_job_name(s, i));
        o->data = rota_collect_record_write(s->out, j->status_czxid);
        return o + 1;
    }
    if (j->has_status)
        rota_operation_delete(o++, rota_path_status(s->out, rota_job_name(s, i)));
    rota_operation_delete(o, task);
    if (j->has_status)
        o->version = 0;
    return o + 1;
}

void rota_collection_go(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t count = 0, operations = 0;

    if (c->collecting || c->to_collect.head == 0)
        return;
    for (uint32_t i = c->to_collect.head; i != 0 && count < DELETES_MAX;
         i = rota_job_next(s, i - 1)) {
        operations += operations_of(rota_job_at(s, i - 1));
        count++;
    }
    c->collecting = true;
    ops = rota_request_add_multi(s->out, rota_client_tag(s, ROTA_CLIENT_PURPOSE_COLLECT, 0),
                                 operations);
    while (count-- > 0) {
        uint32_t i = rota_job_pop(s, &c->to_collect);

        ops = fill(s, i, ops);
        rota_job_enter(s, i, ROTA_JOB_COLLECTING);
    }
}

/* ---- the outcome ---- */

/* A withdrawn task may have been handed back: its /retry/<t> is deleted too. */
static void delete_retry(struct rota_client_context *s, const char *name)
{
    struct rota_request *r =
        rota_request_add(s->out, rota_client_tag(s, ROTA_CLIENT_PURPOSE_RETRY_DELETE, 0));

    rota_operation_delete(&r->operation, rota_path_retry(s->out, name));
    s->c->retry_deletes++;
}

void rota_collection_retry_deleted(struct rota_client_context *s)
{
    rota_assert(s->c->retry_deletes > 0);
    s->c->retry_deletes--;
}

/* Ends job `i`: its task is removed, or is not for this client to remove. */
static void collected(struct rota_client_context *s, uint32_t i)
{
    const char *name = rota_outbox_text(s->out, "%s", rota_job_name(s, i));

    rota_job_add_action(s, ROTA_ACTION_COLLECTED, i);
    rota_outbox_note(s->out, ROTA_NOTE_COLLECTED, name, NULL, 0, 0, 0);
    if (s->c->stopping && s->c->up)
        delete_retry(s, name);
    rota_job_end(s, i);
}

/* The version of the task is another: a task depends on it now, or it was retried, and then it has
 * another status or none. The version is read first, so that what happens after the read of the
 * status raises it. */
static void compare(struct rota_client_context *s, uint32_t i)
{
    rota_job_enter(s, i, ROTA_JOB_COMPARING);
    rota_job_read(s, ROTA_CLIENT_PURPOSE_VERSION, i, ROTA_OP_EXISTS,
                  rota_path_task(s->out, rota_job_name(s, i)), false);
    rota_job_read(s, ROTA_CLIENT_PURPOSE_STATUS, i, ROTA_OP_EXISTS,
                  rota_path_status(s->out, rota_job_name(s, i)), false);
}

static bool is_comparing(const struct rota_client_context *s, uint32_t i)
{
    return rota_job_at(s, i)->used && rota_job_at(s, i)->state == ROTA_JOB_COMPARING;
}

void rota_collection_version_read(struct rota_client_context *s, uint32_t i,
                                  const struct rota_event *e)
{
    if (!is_comparing(s, i) || e->reply.outcome != ROTA_DONE)
        return;
    rota_job_at(s, i)->version = e->reply.body->stat.version;
    rota_job_at(s, i)->awaited = true;
}

/* The status of another life of the task is not for this client to remove. */
void rota_collection_status_read(struct rota_client_context *s, uint32_t i,
                                 const struct rota_event *e)
{
    const struct rota_job *j = rota_job_at(s, i);
    const struct rota_reply *r = e->reply.body;
    bool same = r->rc == ROTA_ERR_OK && (j->status_czxid == 0 || r->stat.czxid == j->status_czxid);

    if (!is_comparing(s, i))
        return;
    if (same || e->reply.outcome == ROTA_UNKNOWN)
        rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
    else
        collected(s, i);
}

/* The multi was refused at operation `k` of job `i`, counted from the job's first. A status that is
 * gone was removed by this client, in a multi whose reply was lost, or the task was retried. */
static void operation_refused(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    struct rota_job *j = rota_job_at(s, i);

    if (rc == ROTA_ERR_NO_NODE && j->has_status && !j->awaited && k == 0 && s->c->stopping) {
        j->has_status = false; /* another life of the task is withdrawn too */
        rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
    } else if (rc == ROTA_ERR_NOT_EMPTY && !j->has_status) {
        j->has_status = true; /* it ended while it was withdrawn */
        rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
    } else if (j->awaited && k == 1 &&
               rc == (j->overwrites ? ROTA_ERR_NO_NODE : ROTA_ERR_NODE_EXISTS)) {
        j->overwrites = !j->overwrites;
        rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
    } else if (rc == ROTA_ERR_BAD_VERSION) {
        compare(s, i);
    } else {
        collected(s, i);
    }
}

void rota_collection_written(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = e->reply.outcome == ROTA_REFUSED ? rota_reply_failed_at(r) : UINT32_MAX;
    uint32_t at = 0;

    rota_assert(c->collecting);
    c->collecting = false;
    while (c->in_collect.head != 0) {
        uint32_t i = rota_job_pop(s, &c->in_collect);
        uint32_t first = at;

        at += operations_of(rota_job_at(s, i));
        if (e->reply.outcome == ROTA_DONE)
            collected(s, i);
        else if (failed >= first && failed < at)
            operation_refused(s, i, failed - first, r->rc);
        else
            rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
    }
}

void rota_collection_lost(struct rota_client_context *s)
{
    s->c->retry_deletes = 0;
    for (uint32_t i = 0; i < s->c->jobs.records.length; i++)
        if (is_comparing(s, i))
            rota_job_enter(s, i, ROTA_JOB_TO_COLLECT);
}
