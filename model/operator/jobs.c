#include "model/operator/jobs.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum { CHECKED_MAX = 256 }; /* with more jobs only the counts are checked */

struct rota_operator_job *rota_operator_job_at(const struct rota_operator_context *s, uint32_t i)
{
    rota_assert(i < s->p->jobs.length);
    return rota_array_at(s->mem, &s->p->jobs, i, sizeof(struct rota_operator_job));
}

const char *rota_operator_job_name(const struct rota_operator_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_operator_job_at(s, i)->name);
}

static struct rota_links links(const struct rota_operator_context *s)
{
    return (struct rota_links){s->mem, &s->p->jobs, sizeof(struct rota_operator_job),
                               offsetof(struct rota_operator_job, next)};
}

static bool is_active(const struct rota_operator_job *j)
{
    return j->state == ROTA_OPERATOR_JOB_ASKING || j->state == ROTA_OPERATOR_JOB_WATCHING;
}

/* ---- the beginning ---- */

static struct rota_action *add_result(struct rota_operator_context *s, uint64_t id,
                                      const char *name, const char *state, const char *reason)
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

/* Why there can be no job for that name; NULL if there can. */
static const char *wrong(const struct rota_operator_context *s, const char *name)
{
    if (!rota_path_name_valid(s->out, name))
        return rota_operator_is_for_workers(s) ? "this is not a valid name of a worker"
                                               : "this is not a valid name of a task";
    if (rota_map_get(s->mem, &s->p->names, name) != ROTA_MAP_NONE)
        return "the name was given twice";
    return NULL;
}

void rota_operator_job_add(struct rota_operator_context *s, const struct rota_event *e)
{
    const char *why = wrong(s, e->job.name);
    rota_ref name;
    uint32_t i;

    if (why != NULL) {
        s->p->failures++;
        add_result(s, e->job.job, e->job.name, "missing", why);
        return;
    }
    i = rota_array_push(s->mem, &s->p->jobs, sizeof(struct rota_operator_job));
    name = rota_map_put(s->mem, &s->p->names, e->job.name, i);
    rota_operator_job_at(s, i)->id = e->job.job;
    rota_operator_job_at(s, i)->name = name;
    rota_queue_push(&s->p->pending, links(s), i);
    s->p->live++;
}

uint32_t rota_operator_job_take(struct rota_operator_context *s)
{
    s->p->active++;
    return rota_queue_pop(&s->p->pending, links(s));
}

uint32_t rota_operator_job_watching(const struct rota_operator_context *s, const char *name)
{
    uint32_t i = rota_map_get(s->mem, &s->p->names, name);

    if (i == ROTA_MAP_NONE || rota_operator_job_at(s, i)->state != ROTA_OPERATOR_JOB_WATCHING)
        return ROTA_MAP_NONE;
    return i;
}

/* ---- the end ---- */

void rota_operator_job_restart(struct rota_operator_context *s, uint32_t i)
{
    rota_assert(is_active(rota_operator_job_at(s, i)));
    rota_assert(s->p->active > 0);
    rota_operator_job_at(s, i)->state = ROTA_OPERATOR_JOB_PENDING;
    rota_queue_push(&s->p->pending, links(s), i);
    s->p->active--;
}

struct rota_action *rota_operator_job_end(struct rota_operator_context *s, uint32_t i,
                                          bool as_asked, const char *state, const char *reason)
{
    struct rota_operator_job *j = rota_operator_job_at(s, i);
    const char *name = rota_outbox_text(s->out, "%s", rota_operator_job_name(s, i));

    rota_assert(is_active(j));
    rota_assert(s->p->live > 0 && s->p->active > 0);
    s->p->failures += !as_asked;
    s->p->refusals += strcmp(state, "refused") == 0;
    s->p->live--;
    s->p->active--;
    rota_map_remove(s->mem, &s->p->names, name);
    rota_text_give(s->mem, j->history);
    *j = (struct rota_operator_job){.id = j->id, .state = ROTA_OPERATOR_JOB_ENDED};
    rota_outbox_note(s->out, ROTA_NOTE_RESULT, name, state, 0, 0, 0);
    return add_result(s, j->id, name, state, reason);
}

void rota_operator_job_missing(struct rota_operator_context *s, uint32_t i)
{
    const char *reason = "the task does not exist";

    if (rota_operator_is_for_workers(s))
        reason = "the worker does not exist";
    else if (rota_operator_job_at(s, i)->sent)
        reason = "the task was removed in the meantime";
    rota_operator_job_end(s, i, false, "missing", reason);
}

/* ---- requests ---- */

/* The tag of the next request of job `i`. */
static uint64_t tag(struct rota_operator_context *s, enum rota_operator_purpose purpose, uint32_t i)
{
    rota_assert(s->p->up);
    rota_assert(rota_operator_job_at(s, i)->state != ROTA_OPERATOR_JOB_ENDED);
    rota_operator_job_at(s, i)->state = ROTA_OPERATOR_JOB_ASKING;
    return rota_request_tag(purpose, s->p->generation, i);
}

struct rota_request *rota_operator_job_request(struct rota_operator_context *s,
                                               enum rota_operator_purpose purpose, uint32_t i)
{
    return rota_request_add(s->out, tag(s, purpose, i));
}

void rota_operator_job_read(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                            uint32_t i, enum rota_op op, const char *path)
{
    rota_request_add_read(s->out, tag(s, purpose, i), op, path, false);
}

void rota_operator_job_watch(struct rota_operator_context *s, enum rota_operator_purpose purpose,
                             uint32_t i, const char *path)
{
    rota_request_add_read(s->out, tag(s, purpose, i), ROTA_OP_CHILDREN, path,
                          !rota_operator_job_at(s, i)->unwatched);
}

struct rota_operation *rota_operator_job_multi(struct rota_operator_context *s,
                                               enum rota_operator_purpose purpose, uint32_t i,
                                               uint32_t count)
{
    return rota_request_add_multi(s->out, tag(s, purpose, i), count);
}

/* ---- checks ---- */

static void check_pending(const struct rota_operator_context *s)
{
    rota_queue_check(&s->p->pending, links(s));
    for (uint32_t i = s->p->pending.head; i != 0; i = rota_queue_next(links(s), i - 1))
        rota_assert_equal(rota_operator_job_at(s, i - 1)->state, ROTA_OPERATOR_JOB_PENDING);
}

void rota_operator_job_check(const struct rota_operator_context *s)
{
    const struct rota_operator *p = s->p;
    uint32_t pending = 0, active = 0;

    rota_assert_equal(p->active + p->pending.length, p->live);
    rota_assert_equal(p->names.length, p->live);
    rota_assert(p->live <= p->jobs.length);
    rota_assert(p->refusals <= p->failures);
    if (p->jobs.length > CHECKED_MAX)
        return;
    check_pending(s);
    for (uint32_t i = 0; i < p->jobs.length; i++) {
        const struct rota_operator_job *j = rota_operator_job_at(s, i);

        pending += j->state == ROTA_OPERATOR_JOB_PENDING;
        active += is_active(j);
        if (j->state == ROTA_OPERATOR_JOB_ENDED)
            rota_assert(j->name == 0 && j->history == 0);
        else
            rota_assert_equal(rota_map_get(s->mem, &p->names, rota_operator_job_name(s, i)), i);
    }
    rota_assert_equal(pending, p->pending.length);
    rota_assert_equal(active, p->active);
}
