#include "model/client/submission.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/base/format.h"
#include "model/client/dependencies.h"
#include "model/seam/request_limits.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"
#include "model/tree/record.h"

enum {
    CREATES_MAX = 500,     /* jobs in one multi */
    OPERATION_BYTES = 128, /* of an operation without its payload, about */
    SEQUENCE_DIGITS = 10,
};

/* ---- SUBMIT ---- */

/* True if a name ends in ten digits, as the names of plain sequential creates do: one of those
 * would meet it one day, and fail from then on (rule 11, S11). */
static bool ends_in_digits(const char *name)
{
    size_t n = strlen(name);

    return n >= SEQUENCE_DIGITS &&
           strspn(name + n - SEQUENCE_DIGITS, "0123456789") == SEQUENCE_DIGITS;
}

/* Why the task cannot be submitted; NULL if it can. `spec` is filled. */
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
        return "this is not a valid name of a task";
    if (ends_in_digits(name))
        return "a chosen name must not end in ten digits";
    if (rota_map_get(s->mem, &s->c->names, name) != ROTA_MAP_NONE)
        return "the name was submitted twice";
    for (uint32_t k = 0; k < spec->after_count; k++)
        if (strcmp(spec->after[k], name) == 0)
            return "it depends on itself";
    return NULL;
}

static void keep_payload(struct rota_client_context *s, uint32_t i, struct rota_bytes data)
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
    uint32_t i = rota_job_add(s, e->job.job);

    if (why != NULL) {
        rota_job_report(s, i, "refused", why);
        return;
    }
    keep_payload(s, i, e->job.payload);
    rota_job_dependencies_add(s, i, &spec);
    rota_job_at(s, i)->submitted = true;
    rota_job_at(s, i)->name_given = e->job.name != NULL;
    if (e->job.name != NULL)
        rota_job_set_name(s, i, e->job.name);
    if (e->job.refusal != NULL)
        rota_job_refuse(s, i, e->job.refusal);
    else
        rota_job_dependencies_check(s, i);
}

/* ---- the bound ---- */

static void read_bound(struct rota_client_context *s)
{
    s->c->bound_reading = true;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_BOUND, 0, ROTA_OP_GET, ROTA_PATH_TASKS, false);
}

/* If there is no bound, or if it may not be read, it is not read again in this session. */
void rota_submission_bound_read(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;

    rota_assert(c->bound_reading);
    c->bound_reading = false;
    if (e->reply.outcome == ROTA_UNKNOWN)
        return;
    if (r->rc == ROTA_ERR_NO_NODE) {
        rota_client_give_up(s, r->rc);
        return;
    }
    c->bound_known = true;
    c->bound = r->rc == ROTA_ERR_OK ? rota_bound_record_read(s->out, r->data) : 0;
    c->backlog = r->stat.num_children;
}

/* Refuses all jobs that are to be created: the backlog has reached the bound. */
static void refuse_all(struct rota_client_context *s)
{
    const char *why = rota_outbox_text(s->out,
                                       "the backlog is full: %" PRId64 " tasks of at most %" PRId64
                                       "; try again when some have ended",
                                       s->c->backlog, s->c->bound);

    while (s->c->to_create.head != 0)
        rota_job_refuse(s, rota_job_pop(s, &s->c->to_create), why);
}

/* ---- the multi ---- */

/* Chooses a name that no other client chooses, that is kept if the reply is lost, and that never
 * ends in ten digits (rule 11, S11). */
static void choose_name(struct rota_client_context *s, uint32_t i)
{
    char name[64];

    if (rota_job_at(s, i)->name != 0)
        return;
    rota_format(name, sizeof name, "task-%" PRIx64 "-%06" PRIu32, (uint64_t)s->c->session,
                s->c->names_chosen++);
    rota_job_set_name(s, i, name);
}

/* The operations of a job: a check for each dependency, if there are any a set of /collect, and the
 * create. */
static uint32_t operations_of(const struct rota_job *j)
{
    return j->dependencies.length + (j->dependencies.length > 0 ? 2 : 1);
}

static size_t bytes_of(const struct rota_job *j)
{
    return (size_t)OPERATION_BYTES * operations_of(j) +
           (j->payload_length > 0 ? (size_t)j->payload_length : 0);
}

/* The number of jobs in the next multi, and in `*operations` the number of its operations. */
static uint32_t batch(const struct rota_client_context *s, uint32_t *operations)
{
    const struct rota_client *c = s->c;
    uint32_t max = c->create_single ? 1 : CREATES_MAX;
    uint32_t jobs = 0;
    size_t bytes = 0;

    if (c->bound > 0 && c->bound - c->backlog < max)
        max = (uint32_t)(c->bound - c->backlog);
    *operations = 0;
    for (uint32_t i = c->to_create.head; i != 0 && jobs < max; i = rota_job_next(s, i - 1)) {
        const struct rota_job *j = rota_job_at(s, i - 1);

        bytes += bytes_of(j);
        if (jobs > 0 && bytes > ROTA_BATCH_BYTES)
            break;
        *operations += operations_of(j);
        jobs++;
    }
    return jobs;
}

/* Fills the operations of one job; returns the place behind them. */
static struct rota_operation *fill(struct rota_client_context *s, uint32_t i,
                                   struct rota_operation *o)
{
    const struct rota_job *j = rota_job_at(s, i);
    uint8_t *data = NULL;

    for (uint32_t k = 0; k < j->dependencies.length; k++, o++) {
        o->op = ROTA_OP_CHECK;
        o->path = rota_path_task(s->out, rota_job_dependencies_name(s, i, k));
    }
    if (j->dependencies.length > 0) { /* a sweep that was decided before this is refused */
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

/* One multi is under way at a time: a single task is sent at once, and the tasks that come in the
 * meantime are sent together in the next. */
static void write(struct rota_client_context *s)
{
    struct rota_client *c = s->c;
    struct rota_operation *ops;
    uint32_t operations;
    uint32_t jobs = batch(s, &operations);

    rota_assert(!c->creating && jobs > 0);
    c->creating = true;
    c->bound_known = c->bound == 0;
    ops = rota_request_add_multi(s->out, rota_client_tag(s, ROTA_CLIENT_PURPOSE_SUBMIT, 0),
                                 operations);
    while (jobs-- > 0) {
        uint32_t i = rota_job_pop(s, &c->to_create);

        choose_name(s, i);
        ops = fill(s, i, ops);
        rota_job_enter(s, i, ROTA_JOB_CREATING);
    }
}

void rota_submission_go(struct rota_client_context *s)
{
    struct rota_client *c = s->c;

    if (c->creating || c->bound_reading || c->to_create.head == 0 || c->unresolved.head != 0)
        return;
    if (!c->bound_known) {
        read_bound(s);
    } else if (c->bound > 0 && c->backlog >= c->bound) {
        c->bound_known = false;
        refuse_all(s);
    } else {
        write(s);
    }
}

/* ---- the outcome ---- */

/* The task of job `i` certainly exists. */
static void created(struct rota_client_context *s, uint32_t i)
{
    rota_job_drop_payload(s, i);
    rota_job_add_action(s, ROTA_ACTION_NAMED, i);
    rota_outbox_note(s->out, ROTA_NOTE_SUBMITTED, rota_job_name(s, i), NULL, 0, 0, 0);
    if (!s->c->config.wait)
        rota_job_end(s, i);
    else
        rota_job_enter(s, i, s->c->stopping ? ROTA_JOB_TO_COLLECT : ROTA_JOB_TO_WATCH);
}

/* The multi was refused at operation `k` of job `i`, counted from the job's first. */
static void operation_refused(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    struct rota_job *j = rota_job_at(s, i);

    if (k < j->dependencies.length) {
        rota_job_dependencies_refuse(s, i, k, rc);
    } else if (rc != ROTA_ERR_NODE_EXISTS) {
        rota_job_enter(s, i, ROTA_JOB_TO_CREATE);
        rota_client_give_up(s, rc);
    } else if (!j->name_given) { /* the client chose the name: an earlier create was done */
        created(s, i);
    } else {
        j->name_exists = true;
        rota_job_enter(s, i, ROTA_JOB_UNRESOLVED);
        rota_job_resolve(s, i);
    }
}

/* The multi was refused as a whole, and this was its only job. */
static void job_refused(struct rota_client_context *s, uint32_t i, int32_t rc)
{
    rota_job_report(s, i, "refused",
                    rc == ROTA_ERR_TOO_LARGE ? "the payload is larger than ZooKeeper accepts"
                                             : rota_error_sentence(rc));
}

void rota_submission_written(struct rota_client_context *s, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_client *c = s->c;
    uint32_t failed = rota_reply_failed_at(r);
    bool whole = e->reply.outcome == ROTA_REFUSED && failed == UINT32_MAX;
    bool single = c->in_create.length == 1;
    uint32_t at = 0;

    rota_assert(c->creating);
    c->creating = false;
    c->create_single = whole;
    while (c->in_create.head != 0) {
        uint32_t i = rota_job_pop(s, &c->in_create);
        uint32_t first = at;

        at += operations_of(rota_job_at(s, i));
        if (e->reply.outcome == ROTA_DONE)
            created(s, i);
        else if (e->reply.outcome == ROTA_UNKNOWN)
            rota_job_enter(s, i, ROTA_JOB_UNRESOLVED);
        else if (!whole && failed >= first && failed < at)
            operation_refused(s, i, failed - first, r->rc);
        else if (whole && single)
            job_refused(s, i, r->rc);
        else
            rota_job_enter(s, i, ROTA_JOB_TO_CREATE);
    }
}

/* ---- unknown outcomes ---- */

/* True if the task that was found has the payload of job `i`. */
static bool same_payload(const struct rota_client_context *s, uint32_t i, struct rota_bytes found)
{
    const struct rota_job *j = rota_job_at(s, i);
    int32_t ours = j->payload_length > 0 ? j->payload_length : 0;
    int32_t theirs = found.length > 0 ? found.length : 0;

    return ours == theirs &&
           (ours == 0 || memcmp(rota_pool_at(s->mem, j->payload), found.data, (size_t)ours) == 0);
}

/* A task with a name that the caller gave may be that of another client. */
void rota_submission_resolved(struct rota_client_context *s, uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    const struct rota_job *j = rota_job_at(s, i);
    bool exists = e->reply.outcome == ROTA_DONE;
    bool done;

    if (e->reply.outcome == ROTA_UNKNOWN || j->state != ROTA_JOB_UNRESOLVED)
        return;
    rota_job_leave_queue(s, i);
    done = exists && (!j->name_given || same_payload(s, i, r->data));
    if (!j->name_exists)
        rota_outbox_note(s->out, ROTA_NOTE_RESOLVED, rota_job_name(s, i),
                         done ? "done" : "not done", 0, 0, 0);
    if (done)
        created(s, i);
    else if (exists)
        rota_job_report(s, i, "refused", "another task has this name, with another payload");
    else if (r->rc != ROTA_ERR_NO_NODE)
        rota_job_report(s, i, "refused", rota_error_sentence(r->rc));
    else if (j->refusal != 0)
        rota_job_report(
            s, i, "refused",
            rota_outbox_text(s->out, "%s", (const char *)rota_pool_at(s->mem, j->refusal)));
    else
        rota_job_enter(s, i, ROTA_JOB_TO_CREATE);
}

void rota_submission_resolve(struct rota_client_context *s)
{
    for (uint32_t i = s->c->unresolved.head; i != 0; i = rota_job_next(s, i - 1))
        rota_job_resolve(s, i - 1);
}
