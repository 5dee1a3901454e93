#include "model/client/dependencies.h"

#include "model/tree/path.h"

enum { LOOK_AT_ONCE = 64 };

void rota_job_dependencies_add(struct rota_client_context *s, uint32_t i,
                               const struct rota_spec *spec)
{
    struct rota_array after = {0};

    for (uint32_t k = 0; k < spec->after_count; k++) {
        rota_ref name = rota_text_take(s->mem, spec->after[k]);
        uint32_t at = rota_array_push(s->mem, &after, sizeof name);

        *(rota_ref *)rota_array_at(s->mem, &after, at, sizeof name) = name;
    }
    rota_job_at(s, i)->after = after;
}

const char *rota_job_dependencies_name(const struct rota_client_context *s, uint32_t i, uint32_t k)
{
    const rota_ref *name = rota_array_at(s->mem, &rota_job_at(s, i)->after, k, sizeof(rota_ref));

    return rota_pool_at(s->mem, *name);
}

void rota_job_dependencies_refuse(struct rota_client_context *s, uint32_t i, uint32_t k, int32_t rc)
{
    const char *name = rota_job_dependencies_name(s, i, k);

    rota_job_refuse(
        s, i,
        rc == ROTA_ERR_NO_NODE
            ? rota_outbox_text(s->out, "it comes after %s, which does not exist", name)
            : rota_outbox_text(s->out, "it comes after %s: %s", name, rota_error_sentence(rc)));
}

static bool may_look(const struct rota_client_context *s)
{
    return s->c->up && s->c->looking < LOOK_AT_ONCE;
}

/* A task that this client has been given before, and that is not acknowledged yet, is waited for.
 * What it is given later is unknown to this one: so there are no circles. */
static bool to_come(const struct rota_client_context *s, uint32_t i, const char *name)
{
    uint32_t other = rota_map_get(s->mem, &s->c->names, name);

    return other != ROTA_MAP_NONE && rota_job_at(s, other)->id < rota_job_at(s, i)->id &&
           rota_job_at(s, other)->state <= ROTA_JOB_DOUBT;
}

/* Whether it is being marked for another job: once is enough, and it is looked at again then. */
static bool being_marked(const struct rota_client_context *s, const char *name)
{
    return rota_map_get(s->mem, &s->c->marking, name) != ROTA_MAP_NONE;
}

void rota_job_dependencies_look(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);
    const char *name;

    if (j->looked == j->after.length) {
        rota_job_queue(s, &s->c->put, i, ROTA_JOB_PUT);
        return;
    }
    name = rota_job_dependencies_name(s, i, j->looked);
    if (!may_look(s) || to_come(s, i, name) || being_marked(s, name)) {
        rota_job_queue(s, &s->c->look, i, ROTA_JOB_LOOK);
        return;
    }
    j->state = ROTA_JOB_LOOKING;
    s->c->looking++;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_DEPENDENCY, i, ROTA_OP_GET, rota_path_task(s->out, name),
                  false);
}

void rota_job_dependencies_go(struct rota_client_context *s)
{
    for (uint32_t n = s->c->look.length; n > 0 && may_look(s); n--)
        rota_job_dependencies_look(s, rota_queue_pop(&s->c->look, rota_job_links(s)));
}

/* The same payload once more raises the version. */
static void mark(struct rota_client_context *s, uint32_t i, struct rota_bytes payload)
{
    const char *name =
        rota_outbox_text(s->out, "%s", rota_job_dependencies_name(s, i, rota_job_at(s, i)->looked));
    struct rota_request *r;

    if (being_marked(s, name)) {
        rota_job_queue(s, &s->c->look, i, ROTA_JOB_LOOK);
        return;
    }
    r = rota_request_add(s->out, rota_job_tag(s, ROTA_CLIENT_PURPOSE_MARK, i));
    r->operation.op = ROTA_OP_SET;
    r->operation.path = rota_path_task(s->out, name);
    r->operation.data = payload;
    r->operation.version = 0;
    rota_map_put(s->mem, &s->c->marking, name, i);
    s->c->looking++;
}

void rota_job_dependencies_replied(struct rota_client_context *s, enum rota_client_purpose what,
                                   uint32_t i, const struct rota_event *e)
{
    const struct rota_reply *r = e->reply.body;
    struct rota_job *j = rota_job_at(s, i);
    bool marked = what == ROTA_CLIENT_PURPOSE_MARK
                      ? r->rc == ROTA_ERR_OK || r->rc == ROTA_ERR_BAD_VERSION
                      : r->rc == ROTA_ERR_OK && r->stat.version > 0;

    s->c->looking--;
    if (j->state != ROTA_JOB_LOOKING) /* withdrawn */
        return;
    if (what == ROTA_CLIENT_PURPOSE_MARK)
        rota_map_remove(s->mem, &s->c->marking, rota_job_dependencies_name(s, i, j->looked));
    if (e->reply.outcome == ROTA_UNKNOWN) {
        rota_job_queue(s, &s->c->look, i, ROTA_JOB_LOOK);
    } else if (marked) {
        j->looked++;
        rota_job_dependencies_look(s, i);
    } else if (e->reply.outcome == ROTA_DONE && !s->c->up) {
        rota_job_queue(s, &s->c->look, i, ROTA_JOB_LOOK);
    } else if (e->reply.outcome == ROTA_DONE) {
        mark(s, i, r->data);
    } else {
        rota_job_dependencies_refuse(s, i, j->looked, r->rc);
    }
}
