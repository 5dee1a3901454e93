#include "model/client/jobs.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/base/format.h"
#include "model/seam/requests.h"
#include "model/tree/path.h"

enum {
    ID_SIZE = 24,
    CHECKED_MAX = 256, /* with more records the counts and some of the jobs are checked */
    CHECKED_SOME = 16,
};

struct rota_job *rota_job_at(const struct rota_client_context *s, uint32_t i)
{
    return rota_slab_at(s->mem, &s->c->jobs, i, sizeof(struct rota_job));
}

const char *rota_job_name(const struct rota_client_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_job_at(s, i)->name);
}

/* ---- queues ---- */

static struct rota_links links(const struct rota_client_context *s)
{
    return (struct rota_links){s->mem, &s->c->jobs.records, sizeof(struct rota_job),
                               offsetof(struct rota_job, next)};
}

/* The queue of a state; NULL if it has none. */
static struct rota_queue *queue_of(const struct rota_client_context *s, enum rota_job_state state)
{
    switch (state) {
    case ROTA_JOB_TO_CHECK:
        return &s->c->to_check;
    case ROTA_JOB_TO_CREATE:
        return &s->c->to_create;
    case ROTA_JOB_CREATING:
        return &s->c->in_create;
    case ROTA_JOB_UNRESOLVED:
        return &s->c->unresolved;
    case ROTA_JOB_TO_WATCH:
        return &s->c->to_watch;
    case ROTA_JOB_TO_FETCH:
        return &s->c->to_fetch;
    case ROTA_JOB_TO_COLLECT:
        return &s->c->to_collect;
    case ROTA_JOB_COLLECTING:
        return &s->c->in_collect;
    default:
        return NULL;
    }
}

void rota_job_enter(struct rota_client_context *s, uint32_t i, enum rota_job_state state)
{
    struct rota_queue *q = queue_of(s, state);

    rota_assert(rota_job_at(s, i)->used);
    rota_job_at(s, i)->state = state;
    if (q != NULL)
        rota_queue_push(q, links(s), i);
}

void rota_job_leave_queue(struct rota_client_context *s, uint32_t i)
{
    struct rota_queue *q = queue_of(s, rota_job_at(s, i)->state);
    bool found = q == NULL || rota_queue_remove(q, links(s), i);

    rota_assert(found);
}

uint32_t rota_job_pop(struct rota_client_context *s, struct rota_queue *q)
{
    return rota_queue_pop(q, links(s));
}

uint32_t rota_job_next(const struct rota_client_context *s, uint32_t i)
{
    return rota_queue_next(links(s), i);
}

/* ---- the beginning and the end ---- */

static void id_text(char text[ID_SIZE], uint64_t id)
{
    rota_format(text, ID_SIZE, "%" PRIu64, id);
}

uint32_t rota_job_add(struct rota_client_context *s, uint64_t id)
{
    char text[ID_SIZE];
    uint32_t i = rota_slab_take(s->mem, &s->c->jobs, sizeof(struct rota_job),
                                offsetof(struct rota_job, next));

    rota_assert(rota_job_find(s, id) == ROTA_MAP_NONE);
    rota_job_at(s, i)->id = id;
    rota_job_at(s, i)->used = true;
    id_text(text, id);
    rota_map_put(s->mem, &s->c->ids, text, i);
    return i;
}

uint32_t rota_job_find(const struct rota_client_context *s, uint64_t id)
{
    char text[ID_SIZE];

    id_text(text, id);
    return rota_map_get(s->mem, &s->c->ids, text);
}

void rota_job_set_name(struct rota_client_context *s, uint32_t i, const char *name)
{
    rota_ref ref = rota_map_put(s->mem, &s->c->names, name, i);

    rota_assert(rota_job_at(s, i)->name == 0);
    rota_job_at(s, i)->name = ref;
}

void rota_job_drop_payload(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);

    if (j->payload != 0)
        rota_pool_give(s->mem, j->payload, (size_t)j->payload_length);
    j->payload = 0;
}

static void drop_dependencies(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);

    for (uint32_t k = 0; k < j->dependencies.length; k++) {
        const rota_ref *name = rota_array_at(s->mem, &j->dependencies, k, sizeof *name);

        rota_text_give(s->mem, *name);
    }
    rota_array_clear(s->mem, &j->dependencies, sizeof(rota_ref));
}

void rota_job_end(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);
    char text[ID_SIZE];

    rota_assert(j->used);
    rota_job_drop_payload(s, i);
    drop_dependencies(s, i);
    rota_text_give(s->mem, j->progress);
    rota_text_give(s->mem, j->refusal);
    id_text(text, j->id);
    rota_map_remove(s->mem, &s->c->ids, text);
    if (j->name != 0)
        rota_map_remove(s->mem, &s->c->names, rota_pool_at(s->mem, j->name));
    rota_slab_give(s->mem, &s->c->jobs, i, sizeof *j, offsetof(struct rota_job, next));
}

/* ---- requests and actions ---- */

void rota_job_read(struct rota_client_context *s, enum rota_client_purpose purpose, uint32_t i,
                   enum rota_op op, const char *path, bool watch)
{
    rota_assert(s->c->up);
    rota_request_add_read(s->out, rota_client_tag(s, purpose, i), op, path, watch);
}

struct rota_action *rota_job_add_action(struct rota_client_context *s, enum rota_action_kind kind,
                                        uint32_t i)
{
    const char *name =
        rota_job_at(s, i)->name == 0 ? "" : rota_outbox_text(s->out, "%s", rota_job_name(s, i));
    struct rota_action *a = rota_outbox_add(s->out, kind);

    a->job.job = rota_job_at(s, i)->id;
    a->job.name = name;
    a->job.reason = "";
    return a;
}

void rota_job_report(struct rota_client_context *s, uint32_t i, const char *state,
                     const char *reason)
{
    struct rota_action *a = rota_job_add_action(s, ROTA_ACTION_RESULT, i);
    const char *name = a->job.name[0] == '\0' ? "a task" : a->job.name;

    a->job.state = state;
    a->job.reason = reason;
    a->job.output = (struct rota_bytes){"", 0};
    a->job.errors = (struct rota_bytes){"", 0};
    s->c->failures++;
    if (strcmp(state, "refused") == 0) {
        s->c->refusals++;
        rota_outbox_note(s->out, ROTA_NOTE_REFUSED, name, reason, 0, 0, 0);
    }
    rota_job_end(s, i);
}

void rota_job_resolve(struct rota_client_context *s, uint32_t i)
{
    enum rota_op op = rota_job_at(s, i)->name_given ? ROTA_OP_GET : ROTA_OP_EXISTS;

    rota_assert_equal(rota_job_at(s, i)->state, ROTA_JOB_UNRESOLVED);
    if (s->c->up)
        rota_job_read(s, ROTA_CLIENT_PURPOSE_RESOLVE, i, op,
                      rota_path_task(s->out, rota_job_name(s, i)), false);
}

void rota_job_refuse(struct rota_client_context *s, uint32_t i, const char *why)
{
    rota_ref refusal;

    if (!rota_job_at(s, i)->name_given) {
        rota_job_report(s, i, "refused", why);
        return;
    }
    refusal = rota_text_take(s->mem, why);
    rota_job_at(s, i)->refusal = refusal;
    rota_job_at(s, i)->name_exists = true;
    rota_job_enter(s, i, ROTA_JOB_UNRESOLVED);
    rota_job_resolve(s, i);
}

/* ---- checks ---- */

static void check_queues(const struct rota_client_context *s)
{
    for (enum rota_job_state state = ROTA_JOB_NEW; state <= ROTA_JOB_COMPARING; state++) {
        const struct rota_queue *q = queue_of(s, state);

        if (q == NULL)
            continue;
        rota_queue_check(q, links(s));
        for (uint32_t i = q->head; i != 0; i = rota_job_next(s, i - 1)) {
            rota_assert(rota_job_at(s, i - 1)->used);
            rota_assert_equal(rota_job_at(s, i - 1)->state, state);
        }
    }
}

static void check_job(const struct rota_client_context *s, uint32_t i)
{
    const struct rota_job *j = rota_job_at(s, i);

    rota_assert(j->state != ROTA_JOB_NEW);
    rota_assert_equal(rota_job_find(s, j->id), i);
    rota_assert(j->dependencies_marked <= j->dependencies.length);
    if (j->name != 0)
        rota_assert_equal(rota_map_get(s->mem, &s->c->names, rota_job_name(s, i)), i);
    else
        rota_assert(j->submitted && j->state <= ROTA_JOB_TO_CREATE);
}

static void check_counts(const struct rota_client_context *s)
{
    const struct rota_client *c = s->c;
    uint32_t states[ROTA_JOB_COMPARING + 1] = {0};
    uint32_t named = 0;
    uint64_t held_bytes = 0;

    for (uint32_t i = 0; i < c->jobs.records.length; i++) {
        const struct rota_job *j = rota_job_at(s, i);

        if (!j->used)
            continue;
        check_job(s, i);
        states[j->state]++;
        named += j->name != 0;
        held_bytes += j->held_bytes;
    }
    for (enum rota_job_state state = ROTA_JOB_NEW; state <= ROTA_JOB_COMPARING; state++)
        if (queue_of(s, state) != NULL)
            rota_assert_equal(states[state], queue_of(s, state)->length);
    rota_assert_equal(named, c->names.length);
    if (c->up && !c->stopping) { /* jobs that are withdrawn leave their states without a reply */
        rota_assert_equal(states[ROTA_JOB_WATCHED], c->watching);
        rota_assert_equal(states[ROTA_JOB_FETCHING], c->fetching);
        rota_assert_equal(states[ROTA_JOB_CHECKING], c->dependency_requests);
        rota_assert_equal(held_bytes, c->held_bytes);
    }
}

/* Jobs at another place each time that their number is another. */
static void check_some(const struct rota_client_context *s)
{
    uint32_t length = s->c->jobs.records.length;
    uint32_t first = (uint32_t)((uint64_t)s->c->jobs.used * CHECKED_SOME % length);

    for (uint32_t i = first; i < length && i < first + CHECKED_SOME; i++)
        if (rota_job_at(s, i)->used)
            check_job(s, i);
}

void rota_job_check(const struct rota_client_context *s)
{
    const struct rota_client *c = s->c;

    rota_assert_equal(c->ids.length, c->jobs.used);
    rota_assert(c->names.length <= c->jobs.used);
    rota_assert(c->creating == (c->in_create.length > 0));
    rota_assert(c->collecting == (c->in_collect.length > 0));
    rota_assert(c->refusals <= c->failures);
    if (c->jobs.records.length > CHECKED_MAX) {
        check_some(s);
        return;
    }
    rota_slab_check(s->mem, &c->jobs, sizeof(struct rota_job), offsetof(struct rota_job, next));
    check_queues(s);
    check_counts(s);
}
