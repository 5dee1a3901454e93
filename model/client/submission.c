#include "model/client/submission.h"

#include <inttypes.h>
#include <string.h>

#include "model/client/dependencies.h"
#include "model/base/format.h"
#include "model/tree/path.h"
#include "model/tree/record.h"
#include "model/seam/request_limits.h"

enum { OPERATION_BYTES = 128, SEQUENCE_DIGITS = 10 };

/* ---- taking in ---- */

/* Whether a name ends in ten digits: plain sequential creates would meet it one day, and be refused
 * from then on (rule 11, S11). */
static bool ends_in_digits(const char *name)
{
    size_t n = strlen(name);

    return n >= SEQUENCE_DIGITS &&
           strspn(name + n - SEQUENCE_DIGITS, "0123456789") == SEQUENCE_DIGITS;
}

/* Why that cannot be submitted, NULL if it can. */
static const char *wrong(struct rota_client_context *s, const struct rota_event *e,
                         struct rota_spec *spec)
{
    const char *name = e->job.name;
    const char *why = rota_spec_read(s->out, e->job.payload, spec);

    if (why != NULL)
        return rota_outbox_text(s->out, "specification: %s", why);
    if (name == NULL)
        return NULL;
    if (!rota_path_name_valid(s->out, name))
        return "that cannot be a task's name";
    if (ends_in_digits(name))
        return "a chosen name must not end in ten digits";
    if (rota_map_get(s->mem, &s->c->names, name) != ROTA_MAP_NONE)
        return "submitted twice under one name";
    for (uint32_t k = 0; k < spec->after_count; k++)
        if (strcmp(spec->after[k], name) == 0)
            return "it cannot come after itself";
    return NULL;
}

static void load(struct rota_client_context *s, uint32_t i, struct rota_bytes data)
{
    rota_ref payload = 0;

    if (data.length > 0) {
        payload = rota_pool_take(s->mem, (size_t)data.length);
        memcpy(rota_pool_at(s->mem, payload), data.data, (size_t)data.length);
    }
    rota_job_at(s, i)->payload = payload;
    rota_job_at(s, i)->payload_length = data.length;
}

void rota_submission_add(struct rota_client_context *s, const struct rota_event *e)
{
    struct rota_spec spec;
    const char *why = wrong(s, e, &spec);
    uint32_t i = rota_job_new(s, e->job.job);

    if (why != NULL) {
        rota_job_report(s, i, "refused", why);
        return;
    }
    load(s, i, e->job.payload);
    rota_job_dependencies_add(s, i, &spec);
    rota_job_at(s, i)->submitted = true;
    rota_job_at(s, i)->given = e->job.name != NULL;
    if (e->job.name != NULL)
        rota_job_call(s, i, e->job.name);
    if (e->job.refusal != NULL)
        rota_job_refuse(s, i, e->job.refusal);
    else if (spec.after_count > 0)
        rota_job_dependencies_look(s, i);
    else
        rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
}

/* ---- the bound of the backlog ---- */

static void count(struct rota_client_context *s)
{
    s->c->counting = true;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_BOUND, 0, ROTA_OP_GET, ROTA_PATH_TASKS, false);
}

/* Without a bound, or if it may not be read, that is known until the session ends. */
static void bound_read(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;

    c->counting = false;
    if (e->reply.outcome == ROTA_UNKNOWN)
        return;
    if (r->rc == ROTA_ERR_NO_NODE) {
        rota_client_impossible(s, r->rc);
        return;
    }
    c->counted = true;
    c->most = r->rc == ROTA_ERR_OK ? rota_bound_record_read(s->out, r->data) : 0;
    c->backlog = r->stat.num_children;
}

/* There is no room: what was to be put is refused. */
static void turn_away(struct rota_client_context *s)
{
    const char *why = rota_outbox_text(s->out,
                                       "the backlog is full: %" PRId64 " tasks of at most %" PRId64
                                       "; try again when some have ended",
                                       s->c->backlog, s->c->most);

    while (s->c->put.head != 0)
        rota_job_refuse(s, rota_queue_pop(&s->c->put, rota_job_links(s)), why);
}

/* ---- creating ---- */

/* A name nobody else chooses, that is kept over lost replies and never ends in ten digits (rule 11,
 * S11). */
static void choose_name(struct rota_client_context *s, uint32_t i)
{
    char name[64];

    if (rota_job_at(s, i)->name != 0)
        return;
    rota_format(name, sizeof name, "task-%" PRIx64 "-%06" PRIu32, (uint64_t)s->c->session,
                s->c->named++);
    rota_job_call(s, i, name);
}

/* A check for each task it comes after, if there are any a word to who removes such tasks, and the
 * create. */
static uint32_t operations_of(const struct rota_job *j)
{
    return j->after.length + (j->after.length > 0 ? 2 : 1);
}

static size_t bytes_of(const struct rota_job *j)
{
    return (size_t)OPERATION_BYTES * operations_of(j) +
           (j->payload_length > 0 ? (size_t)j->payload_length : 0);
}

/* How many of the jobs go in the next multi, and of how many operations it is. */
static uint32_t batch(const struct rota_client_context *s, uint32_t *operations)
{
    const struct rota_client *c = s->c;
    uint32_t most = c->put_alone ? 1 : ROTA_CLIENT_BATCH;
    uint32_t jobs = 0;
    size_t bytes = 0;

    if (c->most > 0 && c->most - c->backlog < most)
        most = (uint32_t)(c->most - c->backlog);
    *operations = 0;
    for (uint32_t i = c->put.head; i != 0 && jobs < most;
         i = rota_queue_next(rota_job_links(s), i - 1)) {
        const struct rota_job *j = rota_job_at(s, i - 1);

        bytes += bytes_of(j);
        if (jobs > 0 && bytes > ROTA_BATCH_BYTES)
            break;
        *operations += operations_of(j);
        jobs++;
    }
    return jobs;
}

/* Fills the operations of one job; returns what follows them. */
static struct rota_operation *fill(struct rota_client_context *s, uint32_t i,
                                   struct rota_operation *o)
{
    const struct rota_job *j = rota_job_at(s, i);
    uint8_t *data = NULL;

    for (uint32_t k = 0; k < j->after.length; k++, o++) {
        o->op = ROTA_OP_CHECK;
        o->path = rota_path_task(s->out, rota_job_dependencies_name(s, i, k));
    }
    if (j->after.length > 0) { /* a removal that was decided on before is refused */
        o->op = ROTA_OP_SET;
        o->path = ROTA_PATH_COLLECT;
        o->data = (struct rota_bytes){"", 0};
        o++;
    }
    if (j->payload != 0) {
        data = rota_outbox_take(s->out, (size_t)j->payload_length);
        memcpy(data, rota_pool_at(s->mem, j->payload), (size_t)j->payload_length);
    }
    o->op = ROTA_OP_CREATE;
    o->path = rota_path_task(s->out, rota_job_name(s, i));
    o->data = (struct rota_bytes){data, j->payload_length};
    return o + 1;
}

/* One multi at a time: a lone task goes at once, and what comes meanwhile goes together in the
 * next. */
static void put(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t operations;
    uint32_t jobs = batch(s, &operations);

    c->putting = true;
    c->counted = c->most == 0;
    ops =
        rota_request_add_multi(s->out, rota_job_tag(s, ROTA_CLIENT_PURPOSE_SUBMIT, 0), operations);
    while (jobs-- > 0) {
        uint32_t i = rota_queue_pop(&c->put, rota_job_links(s));

        choose_name(s, i);
        ops = fill(s, i, ops);
        rota_job_queue(s, &c->putting_now, i, ROTA_JOB_PUTTING);
    }
}

void rota_submission_go(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (c->putting || c->counting || c->put.head == 0 || c->doubt.head != 0)
        return;
    if (!c->counted) {
        count(s);
    } else if (c->most > 0 && c->backlog >= c->most) {
        c->counted = false;
        turn_away(s);
    } else {
        put(s);
    }
}

/* The task is in the tree, and acknowledged. */
static void created(struct rota_client_context *s, uint32_t i)
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

/* The operation of this job, counted from its first, for which the multi was refused. */
static void put_refused(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    struct rota_job *j = rota_job_at(s, i);

    if (k < j->after.length) {
        rota_job_dependencies_refuse(s, i, k, rc);
    } else if (rc != ROTA_ERR_NODE_EXISTS) {
        rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
        rota_client_impossible(s, rc);
    } else if (!j->given) { /* the name is ours: a create of before did happen */
        created(s, i);
    } else {
        j->taken = true;
        rota_job_queue(s, &s->c->doubt, i, ROTA_JOB_DOUBT);
        rota_job_resolve(s, i);
    }
}

static void put_replied(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    bool whole = e->reply.outcome == ROTA_REFUSED && failed == UINT32_MAX;
    bool alone = c->putting_now.length == 1;
    uint32_t at = 0;

    c->putting = false;
    c->put_alone = whole;
    while (c->putting_now.head != 0) {
        uint32_t i = rota_queue_pop(&c->putting_now, rota_job_links(s));
        uint32_t first = at;

        at += operations_of(rota_job_at(s, i));
        if (e->reply.outcome == ROTA_DONE)
            created(s, i);
        else if (e->reply.outcome == ROTA_UNKNOWN)
            rota_job_queue(s, &c->doubt, i, ROTA_JOB_DOUBT);
        else if (!whole && failed >= first && failed < at)
            put_refused(s, i, failed - first, r->rc);
        else if (whole && alone)
            rota_job_report(s, i, "refused",
                            r->rc == ROTA_ERR_TOO_LARGE
                                ? "the payload is larger than ZooKeeper takes"
                                : rota_error_sentence(r->rc));
        else
            rota_job_queue(s, &c->put, i, ROTA_JOB_PUT);
    }
}

/* Whether what stands under the job's name is what it wanted there. */
static bool same_payload(const struct rota_client_context *s, uint32_t i, struct rota_bytes there)
{
    const struct rota_job *j = rota_job_at(s, i);
    int32_t ours = j->payload_length > 0 ? j->payload_length : 0;
    int32_t theirs = there.length > 0 ? there.length : 0;

    return ours == theirs &&
           (ours == 0 || memcmp(rota_pool_at(s->mem, j->payload), there.data, (size_t)ours) == 0);
}

/* Behind the barrier: is it there? One with a name that was given may be somebody else's. */
static void resolved(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    const struct rota_job *j = rota_job_at(s, i);
    bool there = e->reply.outcome == ROTA_DONE;
    bool done;

    if (!rota_queue_remove(&s->c->doubt, rota_job_links(s), i))
        return;
    done = there && (!j->given || same_payload(s, i, r->data));
    if (!j->taken)
        rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, rota_job_name(s, i),
                         done ? "done" : "not done", 0, 0, 0);
    if (done)
        created(s, i);
    else if (there)
        rota_job_report(s, i, "refused", "another task has this name, with another payload");
    else if (r->rc != ROTA_ERR_NO_NODE)
        rota_job_report(s, i, "refused", rota_error_sentence(r->rc));
    else if (j->refusal != 0)
        rota_job_report(
            s, i, "refused",
            rota_outbox_text(s->out, "%s", (const char *)rota_pool_at(s->mem, j->refusal)));
    else
        rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
}

void rota_submission_resolve(struct rota_client_context *s)
{
    for (uint32_t i = s->c->doubt.head; i != 0; i = rota_queue_next(rota_job_links(s), i - 1))
        rota_job_resolve(s, i - 1);
}

void rota_submission_replied(struct rota_client_context *s, enum rota_client_purpose what,
                             uint32_t i, const struct rota_event *e)
{
    if (what == ROTA_CLIENT_PURPOSE_SUBMIT)
        put_replied(s, e);
    else if (what == ROTA_CLIENT_PURPOSE_BOUND)
        bound_read(s, e);
    else if (what != ROTA_CLIENT_PURPOSE_RESOLVE)
        rota_job_dependencies_replied(s, what, i, e);
    else if (e->reply.outcome != ROTA_UNKNOWN)
        resolved(s, i, e);
}
