#include "model/submission.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/path.h"
#include "model/request.h"

enum { OPERATION_BYTES = 128 };

void rota_submission_add(struct rota_turn *s, const struct rota_event *e)
{
    uint32_t i = rota_job_new(s, e->job.job);
    int32_t length = e->job.payload.length;
    rota_ref payload = 0;

    if (length > 0) {
        payload = rota_pool_take(s->mem, (size_t)length);
        memcpy(rota_pool_at(s->mem, payload), e->job.payload.data, (size_t)length);
    }
    rota_job_at(s, i)->payload = payload;
    rota_job_at(s, i)->payload_length = length;
    rota_job_at(s, i)->submitted = true;
    if (e->job.name != NULL && !rota_path_name_valid(s->out, e->job.name)) {
        rota_job_report(s, i, "refused", "that cannot be a task's name");
        return;
    }
    if (e->job.name != NULL && rota_map_get(s->mem, &s->c->names, e->job.name) != ROTA_MAP_NONE) {
        rota_job_report(s, i, "refused", "submitted twice under one name");
        return;
    }
    if (e->job.name != NULL)
        rota_job_call(s, i, e->job.name);
    rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
}

/* ---- creating ---- */

/* A name nobody else chooses, that is kept over lost replies and never ends in ten digits (rule 11,
 * S11). */
static void choose_name(struct rota_turn *s, uint32_t i)
{
    char name[64];

    if (rota_job_at(s, i)->name != 0)
        return;
    snprintf(name, sizeof name, "task-%" PRIx64 "-%06" PRIu32, (uint64_t)s->c->session,
             s->c->named++);
    rota_job_call(s, i, name);
}

static size_t put_bytes(const struct rota_turn *s, uint32_t i)
{
    const struct rota_job *j = rota_job_at(s, i);

    return OPERATION_BYTES + (j->payload_length > 0 ? (size_t)j->payload_length : 0);
}

/* One multi at a time: a lone task goes at once, and what comes meanwhile goes together in the
 * next. */
void rota_submission_go(struct rota_turn *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    size_t bytes = 0;
    uint32_t count = 0;

    if (c->putting || c->put.head == 0 || c->doubt.head != 0)
        return;
    for (uint32_t i = c->put.head; i != 0; i = rota_queue_next(rota_job_links(s), i - 1)) {
        size_t more = put_bytes(s, i - 1);

        if (count > 0 &&
            (c->put_alone || count == ROTA_CLIENT_BATCH || bytes + more > ROTA_BATCH_BYTES))
            break;
        bytes += more;
        count++;
    }
    c->putting = true;
    ops = rota_ask_multi(s->out, rota_job_tag(s, ROTA_CLIENT_PUT, 0), count);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t i = rota_queue_pop(&c->put, rota_job_links(s));
        struct rota_job *j;
        uint8_t *data = NULL;

        choose_name(s, i);
        j = rota_job_at(s, i);
        if (j->payload != 0) {
            data = rota_outbox_take(s->out, (size_t)j->payload_length);
            memcpy(data, rota_pool_at(s->mem, j->payload), (size_t)j->payload_length);
        }
        ops[n].op = ROTA_OP_CREATE;
        ops[n].path = rota_path_task(s->out, rota_job_name(s, i));
        ops[n].data = (struct rota_bytes){data, j->payload_length};
        rota_job_queue(s, &c->putting_now, i, ROTA_JOB_PUTTING);
    }
}

/* The task is in the tree, and acknowledged. */
static void created(struct rota_turn *s, uint32_t i)
{
    rota_job_unload(s, i);
    rota_job_tell(s, ROTA_ACTION_NAMED, i);
    rota_outbox_note(s->out, ROTA_NOTE_SUBMITTED, rota_job_name(s, i), NULL, 0, 0, 0);
    if (!s->c->config.wait)
        rota_job_end(s, i);
    else if (s->c->stopping)
        rota_job_queue(s, &s->c->collect, i, ROTA_JOB_COLLECT);
    else
        rota_job_queue(s, &s->c->pending, i, ROTA_JOB_PENDING);
}

static void put_replied(struct rota_turn *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    bool whole = e->reply.outcome == ROTA_REFUSED && failed == UINT32_MAX;
    bool alone = c->putting_now.length == 1;

    c->putting = false;
    c->put_alone = whole;
    for (uint32_t n = 0; c->putting_now.head != 0; n++) {
        uint32_t i = rota_queue_pop(&c->putting_now, rota_job_links(s));

        if (e->reply.outcome == ROTA_DONE)
            created(s, i);
        else if (e->reply.outcome == ROTA_UNKNOWN)
            rota_job_queue(s, &c->doubt, i, ROTA_JOB_DOUBT);
        else if (n == failed && r->rc == ROTA_ERR_NODE_EXISTS)
            created(s, i); /* the name is ours: a create of before did happen */
        else if (whole && alone)
            rota_job_report(s, i, "refused",
                            r->rc == ROTA_ERR_TOO_LARGE
                                ? "the payload is larger than ZooKeeper takes"
                                : rota_error_sentence(r->rc));
        else
            rota_job_queue(s, &c->put, i, ROTA_JOB_PUT);
    }
    if (e->reply.outcome == ROTA_REFUSED && failed != UINT32_MAX && r->rc != ROTA_ERR_NODE_EXISTS)
        rota_client_impossible(s, r->rc);
}

/* Behind the barrier: is it there? */
static void resolved(struct rota_turn *s, uint32_t i, const struct rota_event *e)
{
    bool there = e->reply.outcome == ROTA_DONE;

    if (!rota_queue_remove(&s->c->doubt, rota_job_links(s), i))
        return;
    rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, rota_job_name(s, i), there ? "done" : "not done",
                     0, 0, 0);
    if (there)
        created(s, i);
    else
        rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
}

void rota_submission_resolve(struct rota_turn *s)
{
    for (uint32_t i = s->c->doubt.head; i != 0; i = rota_queue_next(rota_job_links(s), i - 1))
        rota_job_read(s, ROTA_CLIENT_RESOLVE, i - 1, ROTA_OP_EXISTS,
                      rota_path_task(s->out, rota_job_name(s, i - 1)), false);
}

void rota_submission_replied(struct rota_turn *s, enum rota_client_ask what, uint32_t i,
                             const struct rota_event *e)
{
    if (what == ROTA_CLIENT_PUT)
        put_replied(s, e);
    else if (e->reply.outcome != ROTA_UNKNOWN)
        resolved(s, i, e);
}
