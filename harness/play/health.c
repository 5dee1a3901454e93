#include "harness/play/health.h"

#include <inttypes.h>

#include "backend_sim/world/world_servers.h"
#include "harness/language/tags.h"

/* The longest wait before a retry, unless the task asks for more, with jitter. */
#define BACKOFF_MAX_US (600 * ROTA_SECOND)

bool rota_health_is_well(const struct rota_process *p)
{
    return p->state == ROTA_PROCESS_RUNNING && !p->paused && !p->client.blocked &&
           p->client.side == 0;
}

static bool lives(struct rota_run_context *ctx, enum rota_part part)
{
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++) {
        const struct rota_process *p = rota_world_process(ctx->w, i);

        if (rota_process_is(p, part) && rota_health_is_well(p))
            return true;
    }
    return false;
}

bool rota_health_is_slow(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++)
        if (rota_world_process(ctx->w, i)->client.slow > ctx->s->cluster.session / 10)
            return true;
    return false;
}

/* Whether the clients of all uncollected tasks are well. */
static bool clients_live(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->h.task_count; i++) {
        const struct rota_task *t = &ctx->h.tasks[i];

        if (!t->submitted || t->collected || t->refused || t->abandoned)
            continue;
        if (!rota_health_is_well(rota_world_process(ctx->w, t->client)))
            return false;
    }
    return true;
}

/* Whether for each unfinished task a worker with its tags is well. */
static bool tags_available(struct rota_run_context *ctx)
{
    const struct rota_cluster *c = &ctx->s->cluster;

    for (uint32_t i = 0; i < ctx->h.task_count; i++) {
        const struct rota_task *t = &ctx->h.tasks[i];
        uint32_t number = 1;

        if (!t->submitted || t->refused || t->abandoned || t->plan.tags == NULL ||
            t->status[0] != '\0')
            continue;
        while (number <= c->workers &&
               !(rota_health_is_well(rota_world_process(ctx->w, c->masters + number - 1)) &&
                 rota_tags_hold(rota_scenario_tags(ctx->s, number), t->plan.tags)))
            number++;
        if (number > c->workers)
            return false;
    }
    return true;
}

bool rota_health_is_good(struct rota_run_context *ctx)
{
    return rota_world_servers_well(ctx->w) && lives(ctx, ROTA_PART_MASTER) &&
           lives(ctx, ROTA_PART_WORKER) && clients_live(ctx) && tags_available(ctx) &&
           !rota_health_is_slow(ctx);
}

/* ---- pending tasks ---- */

/* The longest wait of the task before a retry, with jitter. */
static rota_span backoff_max(const struct rota_task *t)
{
    rota_span max = t->plan.backoff > t->plan.backoff_cap ? t->plan.backoff : t->plan.backoff_cap;

    return 2 * max > BACKOFF_MAX_US ? 2 * max : BACKOFF_MAX_US;
}

rota_span rota_health_work_left(const struct rota_run_context *ctx)
{
    rota_span sum = 0;

    for (uint32_t i = 0; i < ctx->h.task_count; i++) {
        const struct rota_task *t = &ctx->h.tasks[i];

        if (t->submitted && t->status[0] == '\0')
            sum += t->plan.work_max * (ctx->s->cluster.losses + 1) +
                   t->plan.retries * (t->plan.work_max + backoff_max(t)) + t->plan.delay;
    }
    return sum;
}

void rota_health_report_pending(struct rota_run_context *ctx)
{
    for (uint32_t i = 0, shown = 0; i < ctx->h.task_count && shown < 10; i++) {
        const struct rota_task *t = &ctx->h.tasks[i];

        if (!t->submitted || t->collected || t->refused || t->abandoned)
            continue;
        shown++;
        fprintf(ctx->report, "  pending: %s of %s, %s%s since %" PRId64 ".%03ds\n", t->name,
                rota_world_process(ctx->w, t->client)->name,
                t->status[0] != '\0'      ? "ended and not collected"
                : t->assignment_count > 0 ? "assigned to "
                : t->exists               ? "waiting"
                                          : "not submitted",
                t->assignment_count > 0 ? t->worker : "", t->changed_at / ROTA_SECOND,
                (int)(t->changed_at % ROTA_SECOND / 1000));
    }
}
