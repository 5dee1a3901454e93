#include "harness/play/operators.h"

#include <stdio.h>
#include <string.h>

#include "backend_sim/world/world_servers.h"
#include "harness/play/targets.h"
#include "model/base/assert.h"

/* The number of the operator of this statement. */
static uint32_t operator_of(const struct rota_run_context *ctx, const struct rota_statement *st)
{
    uint32_t who = ctx->first_operator;

    for (const struct rota_statement *one = ctx->s->statements; one < st; one++)
        who += rota_script_action_needs_operator(&one->action);
    return who;
}

/* The task or the worker that the action names; NULL for a set of workers. */
static const char *target_of(const struct rota_run_context *ctx,
                             const struct rota_script_action *action)
{
    uint32_t worker = rota_who_number(action->who, &ctx->s->cluster);

    if (action->kind != ROTA_SCRIPT_DRAIN)
        return action->task;
    return worker == ROTA_NOBODY ? NULL : rota_world_process(ctx->w, worker)->name;
}

void rota_operators_restarted(struct rota_run_context *ctx, uint32_t who)
{
    for (const struct rota_statement *st = ctx->s->statements;
         st < ctx->s->statements + ctx->s->count; st++) {
        if (!rota_script_action_needs_operator(&st->action) || operator_of(ctx, st) != who)
            continue;
        if (target_of(ctx, &st->action) != NULL)
            rota_world_submit(ctx->w, who, 0, target_of(ctx, &st->action), NULL);
        rota_world_close_input(ctx->w, who);
    }
}

static const char *ask_operator(struct rota_run_context *ctx, const char *name)
{
    uint32_t who = operator_of(ctx, ctx->acting);

    if (rota_world_process(ctx->w, who)->state == ROTA_PROCESS_RUNNING)
        return "its request is already running";
    rota_world_start_operator(ctx->w, who, rota_history_tree_name(&ctx->h, name));
    return NULL;
}

void rota_operators_await(struct rota_run_context *ctx, const char *name)
{
    rota_assert(ctx->acting != NULL);
    ctx->rules[ctx->acting - ctx->s->statements].awaited = name;
}

const char *rota_operators_cancel(struct rota_run_context *ctx, const char *task)
{
    uint32_t i = rota_history_find(&ctx->h, task);

    if (i != ROTA_NO_TASK && (ctx->h.tasks[i].acknowledged || ctx->h.tasks[i].lives > 0))
        return ask_operator(ctx, task);
    rota_operators_await(ctx, task);
    return NULL;
}

const char *rota_operators_retry(struct rota_run_context *ctx, const char *task)
{
    return ask_operator(ctx, task);
}

const char *rota_operators_drain(struct rota_run_context *ctx, uint32_t who)
{
    const char *name = rota_world_process(ctx->w, who)->name;
    char path[64];

    snprintf(path, sizeof path, "/workers/%s", name);
    if (rota_tree_find(rota_server_tree(rota_world_server(ctx->w)), path) != 0)
        return ask_operator(ctx, name);
    rota_operators_await(ctx, name);
    return NULL;
}

void rota_operators_name_appeared(struct rota_run_context *ctx, const char *name)
{
    const struct rota_statement *before = ctx->acting;

    for (uint32_t i = 0; i < ctx->s->count; i++) {
        if (!rota_script_action_needs_operator(&ctx->s->statements[i].action) ||
            ctx->rules[i].awaited == NULL || strcmp(ctx->rules[i].awaited, name) != 0)
            continue;
        ctx->rules[i].awaited = NULL;
        ctx->acting = &ctx->s->statements[i];
        ask_operator(ctx, name);
    }
    ctx->acting = before;
}
