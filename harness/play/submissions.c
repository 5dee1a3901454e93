#include "harness/play/submissions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/play/health.h"
#include "model/base/assert.h"
#include "model/tree/spec.h"
#include "system/memory.h"

/* Gives a client a task: to wait for if it is in the tree, otherwise to submit. */
static void give_task(struct rota_run_context *ctx, uint32_t who, uint32_t task)
{
    const struct rota_task *t = &ctx->h.tasks[task];
    struct rota_bytes payload = {t->data, t->data_length};
    uint32_t job = ctx->job_counts[who];

    /* A client that starts again has forgotten a name that it chose, unless it was acknowledged. */
    if (t->plan.client_names && t->tree_name != NULL && !t->acknowledged)
        rota_history_abandon(&ctx->h, task);
    if (t->collected || t->refused || t->abandoned)
        return;
    ctx->job_counts[who]++;
    ctx->jobs[who] =
        rota_memory_grow(ctx->jobs[who], ctx->job_counts[who] * sizeof *ctx->jobs[who]);
    ctx->jobs[who][job] = task;
    rota_world_submit(ctx->w, who, job,
                      t->plan.client_names && !t->acknowledged ? NULL
                      : t->tree_name != NULL                   ? t->tree_name
                                                               : t->name,
                      t->acknowledged ? NULL : &payload);
}

void rota_submissions_restore(struct rota_run_context *ctx, uint32_t who)
{
    ctx->job_counts[who] = 0;
    for (uint32_t i = 0; i < ctx->h.task_count; i++)
        if (ctx->h.tasks[i].submitted && ctx->h.tasks[i].client == who)
            give_task(ctx, who, i);
    for (uint32_t i = 0; i < ctx->shared_submit_count; i++) {
        uint32_t task = ctx->shared_submits[i].task;

        if (ctx->shared_submits[i].client == who && ctx->h.tasks[task].client != who)
            give_task(ctx, who, task);
    }
}

/* The names of a list with commas, in the outbox's memory; none for NULL. */
static const char *const *split_names(struct rota_outbox *o, const char *text, uint32_t *count)
{
    const char **names;

    *count = text != NULL;
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        *count += *at == ',';
    names = rota_outbox_take(o, (*count + 1) * sizeof(const char *));
    for (uint32_t i = 0; i < *count; i++) {
        size_t length = strcspn(text, ",");

        names[i] = rota_outbox_text(o, "%.*s", (int)length, text);
        text += length + 1;
    }
    return names;
}

/* Sets what the client writes: a payload that is a specification, or a specification with the terms
 * of the submit, or the payload alone. The worker receives the payload in it. */
static void wrap_payload(struct rota_history *h, uint32_t task, const struct rota_submit *submit)
{
    struct rota_bytes payload = {h->tasks[task].payload, h->tasks[task].payload_length};
    struct rota_task_terms terms;
    struct rota_outbox o;
    struct rota_spec spec;

    if (rota_task_terms_read(&terms, payload.data, (size_t)payload.length)) {
        rota_history_set_data(h, task, payload);
        rota_history_set_terms(h, task, &terms);
        return;
    }
    rota_outbox_init(&o);
    rota_spec_init(&spec, payload);
    spec.priority = submit->priority;
    spec.retries = submit->retries;
    spec.timeout_ms = submit->timeout / 1000;
    spec.expires_ms = submit->expires / 1000;
    spec.delay_ms = submit->delay / 1000;
    if (submit->retries > 0)
        spec.backoff_ms = submit->backoff / 1000;
    if (spec.backoff_cap_ms < spec.backoff_ms)
        spec.backoff_cap_ms = spec.backoff_ms;
    memcpy(spec.fatal, submit->fatal, sizeof spec.fatal);
    spec.after = split_names(&o, submit->after, &spec.after_count);
    spec.tags = split_names(&o, submit->tags, &spec.tag_count);
    if (rota_spec_write(&o, &spec, &payload) != NULL)
        rota_unreachable("the language refuses such a name or tag");
    rota_history_set_data(h, task, payload);
    rota_outbox_close(&o);
}

/* Whether the client was given this task since it started. */
static bool awaits(const struct rota_run_context *ctx, uint32_t who, uint32_t task)
{
    for (uint32_t job = 0; job < ctx->job_counts[who]; job++)
        if (ctx->jobs[who][job] == task)
            return true;
    return false;
}

static struct rota_shared_submit *find_shared(struct rota_run_context *ctx, uint32_t who,
                                              uint32_t task)
{
    for (uint32_t i = 0; i < ctx->shared_submit_count; i++) {
        struct rota_shared_submit *one = &ctx->shared_submits[i];

        if (one->client == who && one->task == task)
            return one;
    }
    return NULL;
}

static void add_shared(struct rota_run_context *ctx, uint32_t who, uint32_t task)
{
    const struct rota_task *t = &ctx->h.tasks[task];

    if (find_shared(ctx, who, task) != NULL)
        return;
    ctx->shared_submits =
        rota_memory_extend(ctx->shared_submits, ctx->shared_submit_count,
                           &ctx->shared_submit_capacity, sizeof *ctx->shared_submits);
    ctx->shared_submits[ctx->shared_submit_count++] = (struct rota_shared_submit){
        .client = who, .task = task, .answered = t->delivered && t->delivered_by == who};
}

void rota_submissions_answered(struct rota_run_context *ctx, uint32_t who, uint32_t task)
{
    struct rota_shared_submit *one = find_shared(ctx, who, task);

    if (one != NULL)
        one->answered = true;
}

const struct rota_shared_submit *rota_submissions_unanswered(const struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->shared_submit_count; i++) {
        const struct rota_shared_submit *one = &ctx->shared_submits[i];

        if (!one->answered && awaits(ctx, one->client, one->task) &&
            rota_health_is_well(rota_world_process(ctx->w, one->client)))
            return one;
    }
    return NULL;
}

/* A client that submits a name a second time finds its task. False: the task is collected, and the
 * name of a task is used only once in a run. */
static bool submit_one(struct rota_run_context *ctx, uint32_t who, const struct rota_submit *submit,
                       uint32_t number, uint32_t i)
{
    char name[256];
    char payload[512];
    uint32_t task;
    bool known;

    if (submit->id == NULL)
        snprintf(name, sizeof name, "t%u", number);
    else if (submit->count == 1)
        snprintf(name, sizeof name, "%s", submit->id);
    else
        snprintf(name, sizeof name, "%s-%u", submit->id, i + 1);
    snprintf(payload, sizeof payload, "%.255s work=%" PRId64 "us..%" PRId64 "us", name,
             submit->work_min, submit->work_max);
    task = rota_history_find(&ctx->h, name);
    known = task != ROTA_NO_TASK && ctx->h.tasks[task].submitted;
    task = rota_history_submit(&ctx->h, name, who, submit,
                               submit->payload == NULL ? payload : submit->payload);
    if (ctx->h.tasks[task].data == NULL)
        wrap_payload(&ctx->h, task, submit);
    if (ctx->h.tasks[task].collected)
        return false;
    if (ctx->h.tasks[task].client != who) {
        ctx->h.tasks[task].other_submits++;
        add_shared(ctx, ctx->h.tasks[task].client, task);
        add_shared(ctx, who, task);
    }
    if (rota_world_process(ctx->w, who)->state == ROTA_PROCESS_RUNNING &&
        !(known && awaits(ctx, who, task)))
        give_task(ctx, who, task);
    return true;
}

bool rota_submissions_submit(struct rota_run_context *ctx, uint32_t who,
                             const struct rota_submit *submit)
{
    struct rota_rule *rule = &ctx->rules[ctx->acting - ctx->s->statements];
    uint32_t before = submit->numbered_before;
    bool has_submitted = false;

    rota_assert(ctx->acting != NULL);
    if (rule->submitted) {
        before = ctx->numbered;
        ctx->numbered += submit->count;
    }
    rule->submitted = true;
    for (uint32_t i = 0; i < submit->count; i++)
        has_submitted |= submit_one(ctx, who, submit, before + i + 1, i);
    return has_submitted;
}

void rota_submissions_add_probe(struct rota_run_context *ctx, const char *name, uint32_t count)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    struct rota_submit submit = {.count = 1, .work_min = ROTA_SECOND, .work_max = ROTA_SECOND};
    char id[64];

    for (uint32_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%s-%u", name, i + 1);
        submit.id = id;
        submit_one(ctx, c->masters + c->workers + i % c->clients, &submit, 0, 0);
        ctx->h.tasks[rota_history_find(&ctx->h, id)].plan.id = NULL;
    }
}
