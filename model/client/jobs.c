#include "model/client/jobs.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/format.h"
#include "model/seam/exit.h"
#include "model/tree/path.h"

struct rota_job *rota_job_at(const struct rota_client_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->c->job, i, sizeof(struct rota_job));
}

struct rota_links rota_job_links(const struct rota_client_context *s)
{
    return (struct rota_links){s->mem, &s->c->job, sizeof(struct rota_job),
                               offsetof(struct rota_job, next)};
}

const char *rota_job_name(const struct rota_client_context *s, uint32_t i)
{
    return rota_pool_at(s->mem, rota_job_at(s, i)->name);
}

void rota_job_queue(struct rota_client_context *s, struct rota_queue *q, uint32_t i,
                    enum rota_job_state state)
{
    rota_job_at(s, i)->state = state;
    rota_queue_push(q, rota_job_links(s), i);
}

/* ---- asking ---- */

uint64_t rota_job_tag(const struct rota_client_context *s, enum rota_client_purpose what,
                      uint32_t index)
{
    return rota_request_tag(what, s->c->generation, index);
}

void rota_job_read(struct rota_client_context *s, enum rota_client_purpose what, uint32_t index,
                   enum rota_op op, const char *path, bool watch)
{
    rota_request_add_read(s->out, rota_job_tag(s, what, index), op, path, watch);
}

void rota_client_leave(struct rota_client_context *s, enum rota_exit status, const char *sentence)
{
    rota_exit_add(s->out, status, sentence);
    s->c->up = false;
}

void rota_client_impossible(struct rota_client_context *s, int32_t rc)
{
    if (rc == ROTA_ERR_NO_NODE)
        rota_client_leave(s, ROTA_EXIT_UNREACHABLE,
                          "the tree is missing there: create it with `rota init`");
    else if (rc == ROTA_ERR_NO_AUTH)
        rota_client_leave(s, ROTA_EXIT_REFUSED,
                          "no permission on " ROTA_PATH_TASKS
                          ": give this client's identity access to the tree");
    else
        rota_client_leave(
            s, ROTA_EXIT_REFUSED,
            rota_outbox_text(s->out, "the task was refused: %s", rota_error_sentence(rc)));
}

/* ---- jobs ---- */

uint32_t rota_job_new(struct rota_client_context *s, uint64_t id)
{
    char text[24];
    uint32_t i;

    if (s->c->free_job != 0) {
        i = s->c->free_job - 1;
        s->c->free_job = rota_job_at(s, i)->next;
    } else {
        i = rota_array_push(s->mem, &s->c->job, sizeof(struct rota_job));
    }
    *rota_job_at(s, i) = (struct rota_job){.id = id, .used = true};
    rota_format(text, sizeof text, "%" PRIu64, id);
    rota_map_put(s->mem, &s->c->ids, text, i);
    s->c->live++;
    return i;
}

uint32_t rota_job_find(const struct rota_client_context *s, uint64_t id)
{
    char text[24];

    rota_format(text, sizeof text, "%" PRIu64, id);
    return rota_map_get(s->mem, &s->c->ids, text);
}

void rota_job_call(struct rota_client_context *s, uint32_t i, const char *name)
{
    rota_ref ref = rota_map_put(s->mem, &s->c->names, name, i);

    rota_job_at(s, i)->name = ref;
}

void rota_job_unload(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);

    if (j->payload != 0)
        rota_pool_give(s->mem, j->payload, (size_t)j->payload_length);
    j->payload = 0;
}

void rota_job_end(struct rota_client_context *s, uint32_t i)
{
    struct rota_job *j = rota_job_at(s, i);
    char text[24];

    rota_job_unload(s, i);
    for (uint32_t k = 0; k < j->after.length; k++)
        rota_text_give(s->mem, *(rota_ref *)rota_array_at(s->mem, &j->after, k, sizeof(rota_ref)));
    rota_array_clear(s->mem, &j->after, sizeof(rota_ref));
    rota_text_give(s->mem, j->progress);
    rota_text_give(s->mem, j->refusal);
    rota_format(text, sizeof text, "%" PRIu64, j->id);
    rota_map_remove(s->mem, &s->c->ids, text);
    if (j->name != 0)
        rota_map_remove(s->mem, &s->c->names, rota_pool_at(s->mem, j->name));
    *j = (struct rota_job){.next = s->c->free_job};
    s->c->free_job = i + 1;
    s->c->live--;
}

struct rota_action *rota_job_tell(struct rota_client_context *s, enum rota_action_kind kind,
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
    struct rota_action *a = rota_job_tell(s, ROTA_ACTION_RESULT, i);
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
    enum rota_op op = rota_job_at(s, i)->given ? ROTA_OP_GET : ROTA_OP_EXISTS;

    if (!s->c->up) /* with the next UP */
        return;
    rota_job_read(s, ROTA_CLIENT_PURPOSE_RESOLVE, i, op,
                  rota_path_task(s->out, rota_job_name(s, i)), false);
}

void rota_job_refuse(struct rota_client_context *s, uint32_t i, const char *why)
{
    rota_ref refusal;

    if (!rota_job_at(s, i)->given) {
        rota_job_report(s, i, "refused", why);
        return;
    }
    refusal = rota_text_take(s->mem, why);
    rota_job_at(s, i)->refusal = refusal;
    rota_job_at(s, i)->taken = true;
    rota_job_queue(s, &s->c->doubt, i, ROTA_JOB_DOUBT);
    rota_job_resolve(s, i);
}
