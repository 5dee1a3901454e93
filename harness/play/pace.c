#include "harness/play/pace.h"

#include <inttypes.h>

#include "backend_sim/world/world.h"
#include "harness/play/condition.h"
#include "harness/play/failure.h"

enum {
    RESET_EVENTS = 64,    /* events between two resets of the watchdog */
    EVENTS_FREE = 500000, /* events that a run may take, and */
    EVENTS_TASK = 500,    /* for each task, and */
    EVENTS_SECOND = 100,  /* for each process in each second */
};

bool rota_play_holds(struct rota_run_context *ctx)
{
    char text[160];

    if (ctx->judge.broken) {
        rota_play_fail(ctx, ROTA_VERDICT_FAILED, rota_run_context_statement(ctx),
                       "invariant %s broken: %s", rota_invariant_word(ctx->judge.breach.invariant),
                       ctx->judge.breach.text);
        return false;
    }
    if (ctx->trial.breach.invariant != NULL) {
        rota_play_fail(ctx, ROTA_VERDICT_FAILED, rota_run_context_statement(ctx),
                       "invariant %s broken: %s", ctx->trial.breach.invariant,
                       ctx->trial.breach.text);
        return false;
    }
    for (const struct rota_statement *st = ctx->s->statements;
         ctx->never_count > 0 && ctx->injector == NULL && st < ctx->statement; st++) {
        if (st->kind == ROTA_STATEMENT_NEVER &&
            rota_condition_holds(&st->condition, ctx->w, &ctx->h)) {
            rota_condition_describe(&st->condition, ctx->w, &ctx->h, text, sizeof text);
            rota_play_fail(ctx, ROTA_VERDICT_FAILED, st, "this has become true: %s", text);
            return false;
        }
    }
    return rota_run_context_held(ctx);
}

/* Whether the run has taken no more events than such a scenario may. If it has, a process repeats
 * itself without end, slowly enough for time to pass. */
static bool is_bounded(struct rota_run_context *ctx)
{
    uint64_t events = rota_world_events(ctx->w);
    int64_t seconds = rota_world_now(ctx->w) / ROTA_SECOND;
    uint32_t processes = rota_world_count(ctx->w);

    if (events % RESET_EVENTS == 0)
        rota_watchdog_reset(&ctx->watchdog);
    if (events <= EVENTS_FREE + (uint64_t)ctx->h.task_count * EVENTS_TASK +
                      (uint64_t)seconds * processes * EVENTS_SECOND)
        return true;
    rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, rota_run_context_statement(ctx),
                   "%" PRIu64 " events in %" PRId64 " s, of %u processes with %u tasks: a process"
                   " repeats itself without end",
                   events, seconds, processes, ctx->h.task_count);
    return false;
}

bool rota_play_step(struct rota_run_context *ctx, rota_time until)
{
    if (rota_world_next(ctx->w) > until) {
        if (until != ROTA_NEVER)
            rota_world_run(ctx->w, until);
        return false;
    }
    if (!rota_world_step(ctx->w)) {
        if (rota_world_stuck(ctx->w))
            rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, rota_run_context_statement(ctx),
                           "a process sends requests without end while no time passes");
        else if (ctx->injector == NULL)
            rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, rota_run_context_statement(ctx),
                           "nothing more will happen");
        return false;
    }
    return rota_play_holds(ctx) && is_bounded(ctx);
}

void rota_play_wait(struct rota_run_context *ctx, rota_span span)
{
    rota_time until = rota_world_now(ctx->w) + span;

    while (rota_play_step(ctx, until))
        ;
}
