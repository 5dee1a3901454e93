#include "harness/play/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/world.h"
#include "harness/play/expected_trace.h"
#include "harness/play/failure.h"
#include "harness/play/finish.h"
#include "harness/play/pace.h"
#include "harness/play/run_context.h"
#include "harness/play/script.h"
#include "harness/play/world_setup.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum { STEP_S = 10 }; /* processor time for a few events; if it takes longer, a step does not end */

static bool step_of(void *context, rota_time until)
{
    return rota_play_step(rota_run_context_of(context), until);
}

static void open_world(struct rota_run_context *ctx)
{
    uint32_t processes;

    rota_world_setup_open(ctx);
    rota_world_sessions_init(&ctx->sessions, ctx->s, ctx->w, step_of, ctx);
    processes = rota_world_count(ctx->w);
    rota_run_context_init(ctx, processes);
    rota_history_init(&ctx->h, processes);
    rota_judge_init(&ctx->judge, ctx->s, ctx->w, &ctx->h);
    rota_protocol_trial_init(&ctx->trial, rota_protocol_at(ctx->s->protocol), ctx->w);
    if (ctx->injector != NULL)
        rota_injector_begin(ctx->injector, ctx->s, ctx->w);
    rota_world_setup_tree(ctx);
    rota_judge_remember_tree(&ctx->judge);
}

static void close_world(struct rota_run_context *ctx)
{
    uint32_t processes = rota_world_count(ctx->w);

    if (ctx->injector != NULL)
        rota_injector_end(ctx->injector);
    rota_world_sessions_close(&ctx->sessions);
    rota_world_close(ctx->w);
    rota_judge_close(&ctx->judge);
    rota_protocol_trial_close(&ctx->trial);
    rota_history_close(&ctx->h);
    rota_run_context_close(ctx, processes);
}

/* When a step does not end, nothing can be computed any more, so the sentence is prepared. */
static void start_watchdog(struct rota_run_context *ctx)
{
    char sentence[sizeof ctx->watchdog.sentence];

    snprintf(sentence, sizeof sentence,
             "%s: a process computes without end in one of its steps\n  replay: rota sim run %s"
             " --seed %" PRIu64 " --trace -",
             ctx->s->file, ctx->s->file, ctx->seed);
    rota_watchdog_begin(&ctx->watchdog, STEP_S, sentence);
}

void rota_scenario_play(const struct rota_scenario *s, const struct rota_play_options *options,
                        struct rota_finding *finding)
{
    struct rota_run_context ctx = {.s = s,
                                   .options = options,
                                   .seed = options->seed,
                                   .trace = options->trace,
                                   .injector = options->injector,
                                   .finding = finding};
    size_t length;

    rota_assert(options->order < s->orders);
    memset(finding, 0, sizeof *finding);
    finding->invariant = ROTA_INVARIANTS;
    ctx.report = open_memstream(&finding->report, &length);
    if (ctx.report == NULL)
        rota_memory_exhausted();
    open_world(&ctx);
    start_watchdog(&ctx);
    for (uint32_t i = 0; i < s->count && rota_run_context_held(&ctx); i++)
        rota_script_carry_out(&ctx, &s->statements[i]);
    if (rota_run_context_held(&ctx))
        rota_finish_run(&ctx);
    rota_watchdog_end(&ctx.watchdog);
    rota_expected_trace_end(&ctx);
    finding->time = rota_world_now(ctx.w);
    finding->events = rota_world_events(ctx.w);
    finding->hash = rota_world_hash(ctx.w);
    if (!rota_run_context_held(&ctx))
        rota_failure_print_context(&ctx);
    close_world(&ctx);
    fclose(ctx.report);
    if (finding->verdict != ROTA_VERDICT_HELD)
        return;
    free(finding->report);
    finding->report = NULL;
}

void rota_scenario_run(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                       struct rota_finding *finding)
{
    rota_scenario_play(s, &(struct rota_play_options){.seed = seed, .trace = trace}, finding);
}

void rota_scenario_search(const struct rota_scenario *s, uint64_t seed, FILE *trace,
                          struct rota_injector *injector, struct rota_finding *finding)
{
    rota_scenario_play(
        s, &(struct rota_play_options){.seed = seed, .trace = trace, .injector = injector},
        finding);
}
