#include "harness/play/script.h"

#include <inttypes.h>
#include <stdlib.h>

#include "backend_sim/world/world.h"
#include "harness/play/actions.h"
#include "harness/play/condition.h"
#include "harness/play/expected_trace.h"
#include "harness/play/failure.h"
#include "harness/play/pace.h"
#include "model/base/assert.h"

/* Waits for the condition of `until` or `expect`. */
static void wait_for(struct rota_run_context *ctx, const struct rota_statement *st)
{
    rota_time until = rota_world_now(ctx->w) + st->span;
    char text[160];

    while (!rota_condition_holds(&st->condition, ctx->w, &ctx->h)) {
        if (st->span > 0 && rota_play_step(ctx, until))
            continue;
        if (ctx->injector != NULL)
            return;
        rota_condition_describe(&st->condition, ctx->w, &ctx->h, text, sizeof text);
        if (rota_world_next(ctx->w) == ROTA_NEVER && st->span > 0)
            rota_play_fail(ctx, ROTA_VERDICT_NO_PROGRESS, st, "nothing more will happen: %s", text);
        else
            rota_play_fail(ctx, ROTA_VERDICT_FAILED, st, "%s: %s",
                           st->span > 0 ? "this has not become true in time" : "this is not true",
                           text);
        return;
    }
}

static void type_in(struct rota_run_context *ctx, const struct rota_statement *st)
{
    char *report = NULL;
    enum rota_zk_session_result typed = rota_world_sessions_carry_out(&ctx->sessions, st, &report);

    if (typed != ROTA_ZK_SESSION_RIGHT && ctx->injector == NULL)
        rota_play_fail(
            ctx, typed == ROTA_ZK_SESSION_WRONG ? ROTA_VERDICT_FAILED : ROTA_VERDICT_NO_PROGRESS,
            st, "%s", report);
    free(report);
}

/* If the time has already passed when the script comes to the line, the action is never done. */
static void await_time(struct rota_run_context *ctx, const struct rota_statement *st)
{
    rota_time now = rota_world_now(ctx->w);

    if (st->span < now && ctx->injector == NULL) {
        rota_play_fail(ctx, ROTA_VERDICT_FAILED, st,
                       "this did not fire: the script came to this line at %" PRId64
                       ".%03ds, after that time; `at` counts from the start, `after` from the"
                       " statement before",
                       now / ROTA_SECOND, (int)(now % ROTA_SECOND / 1000));
        return;
    }
    ctx->pending_ats++;
    rota_play_schedule(ctx, st->span,
                       (struct rota_call){.statement = st, .kind = ROTA_CALL_ACTION});
}

static void permute(struct rota_run_context *ctx, const struct rota_statement *st)
{
    for (uint32_t i = 0; i < st->step_count && rota_run_context_held(ctx); i++)
        rota_actions_do(
            ctx, &ctx->s->statements[rota_scenario_step(ctx->s, st, ctx->options->order, i)]);
}

void rota_script_carry_out(struct rota_run_context *ctx, const struct rota_statement *st)
{
    rota_assert(rota_run_context_held(ctx));
    ctx->statement = st;
    switch (st->kind) {
    case ROTA_STATEMENT_NOW:
        rota_actions_do(ctx, st);
        break;
    case ROTA_STATEMENT_AT:
        await_time(ctx, st);
        break;
    case ROTA_STATEMENT_AFTER:
        rota_play_wait(ctx, st->span);
        if (rota_run_context_held(ctx))
            rota_actions_do(ctx, st);
        break;
    case ROTA_STATEMENT_ON:
        ctx->rules[st - ctx->s->statements].armed = true;
        ctx->armed_count++;
        break;
    case ROTA_STATEMENT_UNTIL:
    case ROTA_STATEMENT_EXPECT:
        wait_for(ctx, st);
        break;
    case ROTA_STATEMENT_NEVER:
        ctx->never_count++;
        break;
    case ROTA_STATEMENT_SOMETIMES: /* checked at the end of the run */
    case ROTA_STATEMENT_STEP:      /* done by the `permute` that names it */
        break;
    case ROTA_STATEMENT_PERMUTE:
        permute(ctx, st);
        break;
    case ROTA_STATEMENT_ZK:
        type_in(ctx, st);
        break;
    case ROTA_STATEMENT_TRACE:
        rota_expected_trace_begin(ctx, st);
        break;
    }
    rota_play_holds(ctx);
}
