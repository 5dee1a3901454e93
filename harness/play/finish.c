#include "harness/play/finish.h"

#include <inttypes.h>

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/play/failure.h"
#include "harness/play/health.h"
#include "harness/play/pace.h"
#include "harness/play/recovery.h"
#include "harness/play/submissions.h"

static bool pending_calls(const struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->call_count; i++)
        if (ctx->calls[i].pending)
            return true;
    return false;
}

/* progress: in a healthy world every client that has submitted a task gets its result. */
static void check_answered(struct rota_run_context *ctx, rota_time until)
{
    const struct rota_shared_submit *one = NULL;

    while ((one = rota_submissions_unanswered(ctx)) != NULL && rota_play_step(ctx, until))
        ;
    if (one != NULL && rota_run_context_held(ctx))
        rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, NULL,
                       "invariant progress broken: several clients have submitted %s, and %s waits"
                       " for its result without end",
                       ctx->h.tasks[one->task].name, rota_world_process(ctx->w, one->client)->name);
}

/* progress: in a healthy world all tasks end and are collected. */
static void check_progress(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + ROTA_PROGRESS_US + rota_health_work_left(ctx);

    while (ctx->h.uncollected > 0 && rota_play_step(ctx, until))
        ;
    if (ctx->h.uncollected == 0 && rota_run_context_held(ctx)) {
        check_answered(ctx, until);
        return;
    }
    if (!rota_run_context_held(ctx) || !rota_health_is_good(ctx))
        return;
    rota_play_fail(
        ctx, ROTA_VERDICT_NO_PROGRESS, NULL,
        "invariant progress broken: a master, a worker and the servers are well, but %u tasks do"
        " not end",
        ctx->h.uncollected);
    rota_health_report_pending(ctx);
}

/* Whether the task waits for its end: it is in the tree, or its client was never started. A task
 * that its client could not submit before it died is not pending. */
static bool is_pending(struct rota_run_context *ctx, const struct rota_task *t)
{
    if (!t->submitted || t->collected || t->refused || t->abandoned || t->has_status)
        return false;
    return t->exists || rota_world_process(ctx->w, t->client)->incarnation == 0;
}

static uint32_t pending_tasks(struct rota_run_context *ctx)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ctx->h.task_count; i++)
        count += is_pending(ctx, &ctx->h.tasks[i]);
    return count;
}

/* progress: a process that is needed is missing, and the script does not start it again, so a task
 * that needs it will never end. */
static void check_pending(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + ROTA_PROGRESS_US + rota_health_work_left(ctx);
    uint32_t count;

    while (pending_tasks(ctx) > 0 && rota_world_now(ctx->w) < until && rota_run_context_held(ctx))
        rota_play_wait(ctx, ROTA_SECOND);
    count = pending_tasks(ctx);
    if (count == 0)
        return;
    rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, NULL,
                   "%u task%s pending, and nothing more will happen", count,
                   count == 1 ? " is" : "s are");
    rota_health_report_pending(ctx);
}

/* bounded-tree: only znodes that running processes need are left. */
static void check_tree(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + ROTA_PROGRESS_US;
    char path[512];

    while (!rota_judge_check_tree(&ctx->judge, path, sizeof path)) {
        if (rota_play_step(ctx, until))
            continue;
        if (rota_run_context_held(ctx) && rota_health_is_good(ctx)) {
            rota_judge_break(&ctx->judge, ROTA_INVARIANT_BOUNDED_TREE, ROTA_NOBODY,
                             "all tasks are collected, but %s is %s", path,
                             rota_tree_find(rota_server_tree(rota_world_server(ctx->w)), path) == 0
                                 ? "missing"
                                 : "left over");
            rota_play_holds(ctx);
        }
        return;
    }
}

/* The statement whose connection loss met no request, as far as this is known. */
static const struct rota_statement *unmet_loss(const struct rota_run_context *ctx)
{
    const struct rota_statement *last = NULL;

    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++) {
        if (ctx->loss_of[i] == NULL)
            continue;
        last = ctx->loss_of[i];
        if (rota_world_process(ctx->w, i)->client.fault.kind != ROTA_CONNECTION_FAULT_NONE)
            break;
    }
    return last;
}

static void check_fired(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->s->count; i++) {
        if (ctx->s->statements[i].kind == ROTA_STATEMENT_ON && ctx->rules[i].fired == 0)
            rota_play_fail(ctx, ROTA_VERDICT_FAILED, &ctx->s->statements[i],
                           "this did not fire: %u requests matched", ctx->rules[i].seen);
        if (ctx->rules[i].awaited != NULL)
            rota_play_fail(ctx, ROTA_VERDICT_FAILED, &ctx->s->statements[i],
                           "this did not fire: %s did not appear", ctx->rules[i].awaited);
    }
    if (rota_world_faults_met(ctx->w) < ctx->losses_asked)
        rota_play_fail(ctx, ROTA_VERDICT_FAILED, unmet_loss(ctx),
                       "%u connection losses met no request",
                       ctx->losses_asked - rota_world_faults_met(ctx->w));
}

static void check_marks(struct rota_run_context *ctx)
{
    struct rota_marks reached = rota_world_marks(ctx->w);

    for (uint32_t i = 0; i < ctx->s->count; i++) {
        const struct rota_statement *st = &ctx->s->statements[i];

        if (st->kind == ROTA_STATEMENT_SOMETIMES &&
            !rota_marks_have(&reached, (enum rota_mark)st->mark))
            rota_play_fail(ctx, ROTA_VERDICT_FAILED, st, "this mark was not reached");
    }
}

/* Progress is demanded once faults stop, and a rule with `every` would fire without end. */
static void end_rules(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < ctx->s->count; i++) {
        if (!ctx->rules[i].armed || !ctx->s->statements[i].every || ctx->rules[i].fired == 0)
            continue;
        ctx->rules[i].armed = false;
        ctx->armed_count--;
    }
}

/* progress of a protocol that has a judge of its own */
static void check_protocol_progress(struct rota_run_context *ctx)
{
    rota_time until = rota_world_now(ctx->w) + ROTA_PROGRESS_US;
    struct rota_protocol_breach missing;

    while (!rota_protocol_trial_has_progressed(&ctx->trial, &missing) && rota_play_step(ctx, until))
        ;
    if (missing.invariant != NULL && rota_run_context_held(ctx))
        rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, NULL, "invariant %s broken: %s",
                       missing.invariant, missing.text);
}

void rota_finish_run(struct rota_run_context *ctx)
{
    ctx->statement = ctx->s->statements + ctx->s->count;
    while ((ctx->pending_ats > 0 || pending_calls(ctx)) && rota_play_step(ctx, ROTA_NEVER))
        ;
    rota_play_wait(ctx, ROTA_SECOND); /* the last faults need time to show their effect */
    end_rules(ctx);
    if (ctx->injector != NULL)
        rota_recovery_run(ctx);
    if (rota_run_context_held(ctx))
        check_protocol_progress(ctx);
    if (!rota_run_context_held(ctx))
        return;
    if (rota_health_is_good(ctx)) {
        if (!ctx->s->without[ROTA_INVARIANT_PROGRESS])
            check_progress(ctx);
        if (ctx->h.uncollected == 0 && !ctx->s->without[ROTA_INVARIANT_BOUNDED_TREE] &&
            rota_run_context_held(ctx))
            check_tree(ctx);
    }
    if (ctx->injector != NULL)
        return;
    if (!rota_health_is_good(ctx) && !rota_health_is_slow(ctx) &&
        !ctx->s->without[ROTA_INVARIANT_PROGRESS])
        check_pending(ctx);
    check_fired(ctx);
    check_marks(ctx);
}
