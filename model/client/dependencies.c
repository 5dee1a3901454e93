#include "model/client/dependencies.h"

#include "model/base/assert.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum { REQUESTS_MAX = 64 }; /* under way at once */

void rota_job_dependencies_add(struct rota_client_context *s, uint32_t i,
                               const struct rota_spec *spec)
{
    struct rota_array names = {0};

    for (uint32_t k = 0; k < spec->after_count; k++) {
        rota_ref name = rota_text_take(s->mem, spec->after[k]);
        uint32_t at = rota_array_push(s->mem, &names, sizeof name);

        *(rota_ref *)rota_array_at(s->mem, &names, at, sizeof name) = name;
    }
    rota_job_at(s, i)->dependencies = names;
}

const char *rota_job_dependencies_name(const struct rota_client_context *s, uint32_t i, uint32_t k)
{
    const struct rota_array *names = &rota_job_at(s, i)->dependencies;
    const rota_ref *name = rota_array_at(s->mem, names, k, sizeof *name);

    rota_assert(k < names->length);
    return rota_pool_at(s->mem, *name);
}

/* The dependency that is to be marked next. */
static const char *next_name(const struct rota_client_context *s, uint32_t i)
{
    return rota_job_dependencies_name(s, i, rota_job_at(s, i)->dependencies_marked);
}

void rota_job_dependencies_refuse(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    const char *name = rota_job_dependencies_name(s, i, k);

    rota_job_refuse(
        s, i,
        rc == ROTA_ERR_NO_NODE
            ? rota_outbox_text(s->out, "it depends on %s, which does not exist", name)
            : rota_outbox_text(s->out, "it depends on %s: %s", name, rota_error_sentence(rc)));
}

static bool may_send(const struct rota_client_context *s)
{
    return s->c->up && s->c->dependency_requests < REQUESTS_MAX;
}

/* True if this client is to create the dependency, or may have created it: the job waits for that.
 * Only a task that was given to the client before counts, so jobs do not wait in a circle. */
static bool is_to_come(const struct rota_client_context *s, uint32_t i, const char *name)
{
    uint32_t other = rota_map_get(s->mem, &s->c->names, name);

    return other != ROTA_MAP_NONE && rota_job_at(s, other)->id < rota_job_at(s, i)->id &&
           rota_job_at(s, other)->state <= ROTA_JOB_UNRESOLVED;
}

/* True if the dependency is being marked for another job. One mark is enough: the job reads it
 * again afterwards. */
static bool is_being_marked(const struct rota_client_context *s, const char *name)
{
    return rota_map_get(s->mem, &s->c->marks_pending, name) != ROTA_MAP_NONE;
}

void rota_job_dependencies_check(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);
    const char *name;

    if (j->dependencies_marked == j->dependencies.length) {
        rota_job_enter(s, i, ROTA_JOB_TO_CREATE);
        return;
    }
    name = next_name(s, i);
    if (!may_send(s) || is_to_come(s, i, name) || is_being_marked(s, name)) {
        rota_job_enter(s, i, ROTA_JOB_TO_CHECK);
        return;
    }
    rota_job_enter(s, i, ROTA_JOB_CHECKING);
    s->c->dependency_requests++;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_DEPENDENCY, i, ROTA_OP_GET, rota_path_task(s->out, name),
                  false);
}

void rota_job_dependencies_go(struct rota_client_context *s)
{
    for (uint32_t n = s->c->to_check.length; n > 0 && may_send(s); n--)
        rota_job_dependencies_check(s, rota_job_pop(s, &s->c->to_check));
}

/* Sets the dependency to the same payload, which raises its version. */
static void mark(struct rota_client_context *s, uint32_t i, struct rota_bytes payload)
{
    const char *name = rota_outbox_text(s->out, "%s", next_name(s, i));
    struct rota_request *r;

    rota_assert(s->c->up);
    if (is_being_marked(s, name)) {
        rota_job_enter(s, i, ROTA_JOB_TO_CHECK);
        return;
    }
    r = rota_request_add(s->out, rota_client_tag(s, ROTA_CLIENT_PURPOSE_MARK, i));
    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_path_task(s->out, name);
    r->operation.data = payload;
    r->operation.version = 0;
    rota_map_put(s->mem, &s->c->marks_pending, name, i);
    s->c->dependency_requests++;
}

/* ---- replies ---- */

static void next(struct rota_client_context *s, uint32_t i)
{
    rota_job_at(s, i)->dependencies_marked++;
    rota_job_dependencies_check(s, i);
}

/* A job that was withdrawn in the meantime is not CHECKING any more. */
static bool take_reply(struct rota_client_context *s, uint32_t i)
{
    rota_assert(s->c->dependency_requests > 0);
    s->c->dependency_requests--;
    return rota_job_at(s, i)->state == ROTA_JOB_CHECKING;
}

void rota_job_dependencies_read(struct rota_client_context *s, uint32_t i,
                                const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (!take_reply(s, i))
        return;
    if (e->reply.outcome == ROTA_UNKNOWN)
        rota_job_enter(s, i, ROTA_JOB_TO_CHECK);
    else if (r->rc != ROTA_ERR_OK)
        rota_job_dependencies_refuse(s, i, rota_job_at(s, i)->dependencies_marked, r->rc);
    else if (r->stat.version > 0)
        next(s, i);
    else if (!s->c->up)
        rota_job_enter(s, i, ROTA_JOB_TO_CHECK);
    else
        mark(s, i, r->data);
}

/* Another version than 0 means that the dependency is marked already. */
void rota_job_dependencies_marked(struct rota_client_context *s, uint32_t i,
                                  const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;

    if (!take_reply(s, i))
        return;
    rota_map_remove(s->mem, &s->c->marks_pending, next_name(s, i));
    if (e->reply.outcome == ROTA_UNKNOWN)
        rota_job_enter(s, i, ROTA_JOB_TO_CHECK);
    else if (r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_BAD_VERSION)
        next(s, i);
    else
        rota_job_dependencies_refuse(s, i, rota_job_at(s, i)->dependencies_marked, r->rc);
}
