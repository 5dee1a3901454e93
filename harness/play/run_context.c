#include "harness/play/run_context.h"

#include <stdlib.h>

#include "model/base/assert.h"
#include "system/memory.h"

void rota_run_context_init(struct rota_run_context *ctx, uint32_t processes)
{
    ctx->magic = ROTA_RUN_CONTEXT_MAGIC;
    ctx->rules = rota_memory_zeroed(ctx->s->count, sizeof *ctx->rules);
    ctx->lines = rota_memory_zeroed(processes + 1, sizeof *ctx->lines);
    ctx->jobs = rota_memory_zeroed(processes, sizeof *ctx->jobs);
    ctx->job_counts = rota_memory_zeroed(processes, sizeof *ctx->job_counts);
    ctx->loss_of = rota_memory_zeroed(processes, sizeof *ctx->loss_of);
    ctx->numbered = ctx->s->numbered;
    ctx->trigger = ROTA_NOBODY;
}

void rota_run_context_close(struct rota_run_context *ctx, uint32_t processes)
{
    ctx->magic = 0;
    free(ctx->rules);
    free(ctx->lines);
    for (uint32_t i = 0; i < processes; i++)
        free(ctx->jobs[i]);
    free(ctx->jobs);
    free(ctx->job_counts);
    free(ctx->shared_submits);
    free(ctx->loss_of);
    free(ctx->calls);
}

struct rota_run_context *rota_run_context_of(void *context)
{
    return rota_cast(struct rota_run_context, context, ROTA_RUN_CONTEXT_MAGIC);
}

const struct rota_statement *rota_run_context_statement(const struct rota_run_context *ctx)
{
    return ctx->statement < ctx->s->statements + ctx->s->count ? ctx->statement : NULL;
}

bool rota_run_context_held(const struct rota_run_context *ctx)
{
    return ctx->finding->verdict == ROTA_VERDICT_HELD;
}

void rota_play_schedule(struct rota_run_context *ctx, rota_time when, struct rota_call call)
{
    ctx->calls =
        rota_memory_extend(ctx->calls, ctx->call_count, &ctx->call_capacity, sizeof *ctx->calls);
    call.pending = true;
    ctx->calls[ctx->call_count] = call;
    rota_world_call_at(ctx->w, when, ctx->call_count++);
}

void rota_play_fault_all(struct rota_run_context *ctx)
{
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++)
        rota_judge_fault(&ctx->judge, i);
}
