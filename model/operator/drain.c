#include "model/operator/drain.h"

#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

/* ---- drain ---- */

static void write(struct rota_operator_context *s, uint32_t i)
{
    const char *name = rota_operator_job_name(s, i);
    struct rota_operation *ops =
        rota_operator_job_multi(s, ROTA_OPERATOR_PURPOSE_DRAIN_WRITE, i, 2);

    ops[0].op = ROTA_OP_CHECK;
    ops[0].path = rota_path_assign(s->out, name);
    ops[1].op = rota_operator_job_at(s, i)->overwrites ? ROTA_OP_SET : ROTA_OP_CREATE;
    ops[1].path = rota_path_drain(s->out, name);
    ops[1].data = rota_drain_record_write(s->out, s->p->config.timeout_ms);
}

static void read_assignments(struct rota_operator_context *s, uint32_t i)
{
    rota_operator_job_watch(s, ROTA_OPERATOR_PURPOSE_DRAIN_ASSIGNMENTS, i,
                            rota_path_assign(s->out, rota_operator_job_name(s, i)));
}

void rota_operator_drain_look(struct rota_operator_context *s, uint32_t i)
{
    if (rota_operator_job_at(s, i)->written)
        read_assignments(s, i);
    else
        write(s, i);
}

void rota_operator_drain_written(struct rota_operator_context *s, uint32_t i,
                                 const struct rota_reply *r)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);
    uint32_t failed = rota_reply_failed_at(r);
    /* Without a timeout of its own the drain that exists stays as it is. */
    bool kept = failed == 1 && r->rc == ROTA_ERR_NODE_EXISTS && s->p->config.timeout_ms < 0;

    if (r->rc == ROTA_ERR_OK || kept) {
        j->written = true;
        if (s->p->config.wait)
            read_assignments(s, i);
        else
            rota_operator_job_end(s, i, true, "draining", "");
    } else if (failed == 0 && r->rc == ROTA_ERR_NO_NODE) {
        rota_operator_job_missing(s, i);
    } else if (r->rc == (j->overwrites ? ROTA_ERR_NO_NODE : ROTA_ERR_NODE_EXISTS)) {
        j->overwrites = !j->overwrites;
        write(s, i);
    } else {
        rota_operator_give_up(s, r->rc);
    }
}

void rota_operator_drain_assignments_read(struct rota_operator_context *s, uint32_t i,
                                          const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_WATCH_BUDGET) {
        rota_operator_job_at(s, i)->unwatched = true;
        read_assignments(s, i);
    } else if (r->rc == ROTA_ERR_NO_NODE) {
        rota_operator_job_end(s, i, true, "drained", "the worker has left");
    } else if (r->rc != ROTA_ERR_OK) {
        rota_operator_give_up(s, r->rc);
    } else if (r->child_count == 0) {
        rota_operator_job_end(s, i, true, "drained", "");
    } else {
        rota_operator_job_at(s, i)->state = ROTA_OPERATOR_JOB_WATCHING;
    }
}

/* ---- undrain ---- */

void rota_operator_undrain_look(struct rota_operator_context *s, uint32_t i)
{
    struct rota_request *r = rota_operator_job_request(s, ROTA_OPERATOR_PURPOSE_UNDRAIN_WRITE, i);

    rota_operation_delete(&r->operation, rota_path_drain(s->out, rota_operator_job_name(s, i)));
}

void rota_operator_undrain_written(struct rota_operator_context *s, uint32_t i,
                                   const struct rota_reply *r)
{
    if (r->rc == ROTA_ERR_OK || (r->rc == ROTA_ERR_NO_NODE && rota_operator_job_at(s, i)->sent))
        rota_operator_job_end(s, i, true, "undrained", "");
    else if (r->rc == ROTA_ERR_NO_NODE)
        rota_operator_job_end(s, i, false, "missing", "the worker was not drained");
    else
        rota_operator_give_up(s, r->rc);
}
