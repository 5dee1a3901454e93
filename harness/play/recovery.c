#include "harness/play/recovery.h"

#include <inttypes.h>
#include <stdio.h>

#include "backend_sim/world/world_servers.h"
#include "harness/play/failure.h"
#include "harness/play/health.h"
#include "harness/play/pace.h"
#include "harness/play/submissions.h"

/* How long a world without faults may take until every process has its place: a worker waits two
 * and a half sessions for its name, and tasks of workers lost together are held back for fifteen
 * seconds. */
static rota_span settling(const struct rota_run_context *ctx)
{
    return 3 * ctx->s->cluster.session + 2 * ctx->s->cluster.tick + 20 * ROTA_SECOND;
}

/* Whether a master leads that holds nothing back, and all running workers are registered. */
static bool in_place(const struct rota_run_context *ctx)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    bool led = false;

    for (uint32_t i = 0; i < c->masters; i++)
        led = led || (ctx->h.processes[i].leading && !ctx->h.processes[i].holding);
    for (uint32_t i = c->masters; i < c->masters + c->workers; i++)
        if (rota_world_process(ctx->w, i)->state == ROTA_PROCESS_RUNNING &&
            (ctx->h.processes[i].registered_session == 0 ||
             ctx->h.processes[i].registered_session != ctx->h.processes[i].session))
            return false;
    return led;
}

/* Waits until every process has its place, and one second more. */
static void settle(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + settling(ctx);

    while (!in_place(ctx) && rota_play_step(ctx, until))
        ;
    rota_play_wait(ctx, ROTA_SECOND);
}

/* The slots of the workers that accept tasks. */
static uint32_t slots(struct rota_run_context *ctx)
{
    const struct rota_tree *tree = rota_server_tree(rota_world_server(ctx->w));
    uint32_t sum = 0;
    char path[64];

    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++) {
        const struct rota_process *p = rota_world_process(ctx->w, i);

        snprintf(path, sizeof path, "/drain/%s", p->name);
        if (rota_process_is(p, ROTA_PART_WORKER) && rota_health_is_well(p) &&
            rota_tree_find(tree, path) == 0)
            sum += ctx->s->cluster.slots;
    }
    return sum;
}

/* As many tasks as there are slots must run at once, be delivered and be collected. A forgotten
 * slot, a watch that was not removed or a hold without end would show now. */
static void run_probes(struct rota_run_context *ctx, const char *name, const char *when)
{
    const struct rota_cluster *c = &ctx->s->cluster;
    uint32_t count = slots(ctx);
    rota_time until = rota_world_now(ctx->w) + 3 * ROTA_SECOND + 200 * c->latency + 20 * c->lag;

    if (c->clients == 0 || count == 0 || !rota_health_is_good(ctx) || !rota_run_context_held(ctx))
        return;
    rota_submissions_add_probe(ctx, name, count);
    while (ctx->h.uncollected > 0 && rota_play_step(ctx, until))
        ;
    if (ctx->h.uncollected == 0 || !rota_run_context_held(ctx))
        return;
    rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, NULL,
                   "invariant progress broken: %s, %u of %u tasks of one second, one for each slot,"
                   " were not collected in time",
                   when, ctx->h.uncollected, count);
    rota_health_report_pending(ctx);
}

/* The master that leads; ROTA_NOBODY if there is none. */
static uint32_t leading(const struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->s->cluster.masters; i++)
        if (ctx->h.processes[i].leading)
            return i;
    return ROTA_NOBODY;
}

/* Whether the number of tasks in the tree is limited. */
static bool backlog_is_bounded(const struct rota_run_context *ctx)
{
    const struct rota_tree *tree = rota_server_tree(rota_world_server(ctx->w));
    rota_ref tasks = rota_tree_find(tree, "/tasks");

    return tasks != 0 && rota_tree_data(tree, tasks).length > 0;
}

/* progress: after all faults the world is as good as new, also under the next master. */
static void check_recovered(struct rota_run_context *ctx)
{
    uint32_t who;

    if (ctx->h.uncollected > 0 || rota_submissions_unanswered(ctx) != NULL ||
        ctx->s->without[ROTA_INVARIANT_PROGRESS] || backlog_is_bounded(ctx) ||
        rota_health_is_slow(ctx))
        return;
    settle(ctx);
    run_probes(ctx, "proof", "after all faults");
    who = leading(ctx);
    if (who == ROTA_NOBODY || ctx->s->cluster.masters < 2)
        return;
    rota_world_stop(ctx->w, who);
    settle(ctx);
    run_probes(ctx, "again", "under the next master");
    rota_world_start(ctx->w, who);
}

/* Tasks may still kill their workers, so dead processes are started again and again. */
void rota_recovery_run(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + ROTA_PROGRESS_US + rota_health_work_left(ctx);

    ctx->armed_count = 0;
    for (uint32_t i = 0; i < ctx->s->count; i++)
        ctx->rules[i].armed = false;
    rota_injector_heal(ctx->injector);
    rota_play_wait(ctx, ROTA_SECOND);
    while ((ctx->h.uncollected > 0 || rota_submissions_unanswered(ctx) != NULL) &&
           rota_world_now(ctx->w) < until && rota_run_context_held(ctx)) {
        rota_injector_revive(ctx->injector);
        rota_play_wait(ctx, ROTA_SECOND);
    }
    rota_injector_revive(ctx->injector);
    if (rota_run_context_held(ctx))
        check_recovered(ctx);
}
