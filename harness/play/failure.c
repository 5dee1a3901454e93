#include "harness/play/failure.h"

#include <inttypes.h>
#include <stdarg.h>

#include "backend_sim/world/world.h"
#include "harness/play/targets.h"

enum { ROTA_LAST_ACTIVE_MAX = 8 }; /* processes whose lines are printed, unless more are named */

void rota_play_fail(struct rota_run_context *ctx, enum rota_verdict verdict,
                    const struct rota_statement *st, const char *format, ...)
{
    int64_t now = rota_world_now(ctx->w);
    va_list arguments;

    if (!rota_run_context_held(ctx))
        return;
    ctx->finding->verdict = verdict;
    if (ctx->judge.broken)
        ctx->finding->invariant = ctx->judge.breach.invariant;
    else if (verdict == ROTA_VERDICT_NO_PROGRESS)
        ctx->finding->invariant = ROTA_INVARIANT_PROGRESS;
    fprintf(ctx->report, "%s:%u: ", ctx->s->file, st == NULL ? 1 : st->line);
    va_start(arguments, format);
    vfprintf(ctx->report, format, arguments);
    va_end(arguments);
    fprintf(ctx->report, "\n");
    if (st != NULL)
        fprintf(ctx->report, "  statement: %s\n", st->text);
    fprintf(ctx->report, "  at %" PRId64 ".%03ds of virtual time, event %" PRIu64 "\n",
            now / ROTA_SECOND, (int)(now % ROTA_SECOND / 1000), rota_world_events(ctx->w));
}

/* The command that repeats this run. */
static void print_replay(struct rota_run_context *ctx)
{
    char place[ROTA_PLACE_TEXT];

    fprintf(ctx->report, "  replay: rota sim run %s --seed %" PRIu64, ctx->s->file, ctx->seed);
    for (uint32_t i = 0; ctx->injector != NULL && i < ctx->injector->fired_count; i++) {
        rota_place_format(&ctx->injector->fired[i], &ctx->s->cluster, place);
        fprintf(ctx->report, " --inject %s", place);
    }
    if (ctx->s->orders > 1)
        fprintf(ctx->report, " --order %u", ctx->options->order + 1);
    fprintf(ctx->report, " --trace -\n");
}

/* ---- last lines ---- */

/* Whether the current statement names this process. */
static bool is_named(const struct rota_run_context *ctx, uint32_t who)
{
    const struct rota_statement *end = ctx->s->statements + ctx->s->count;

    return ctx->statement != NULL && ctx->statement < end &&
           (rota_who_number(ctx->statement->condition.who, &ctx->s->cluster) == who ||
            rota_who_number(ctx->statement->action.who, &ctx->s->cluster) == who);
}

/* The processes of a breach are involved; for another failure, those that the statement names and
 * those that wrote the last lines. */
static bool is_involved(const struct rota_run_context *ctx, uint32_t who)
{
    const struct rota_breach *b = &ctx->judge.breach;
    uint32_t later = 0;

    for (uint32_t k = 0; ctx->judge.broken && k < b->involved_count; k++)
        if (b->involved[k] == who)
            return true;
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++)
        later += ctx->lines[i].last > ctx->lines[who].last;
    return !ctx->judge.broken && (is_named(ctx, who) || later < ROTA_LAST_ACTIVE_MAX);
}

static void print_lines(struct rota_run_context *ctx, uint32_t who)
{
    const struct rota_lines *l = &ctx->lines[who];
    uint32_t from = l->count > ROTA_LINES_KEPT ? l->count - ROTA_LINES_KEPT : 0;

    for (uint32_t i = from; i < l->count; i++)
        fprintf(ctx->report, "    %s\n", l->text[i % ROTA_LINES_KEPT]);
}

void rota_failure_print_context(struct rota_run_context *ctx)
{
    fprintf(ctx->report, "  last lines of the processes involved:\n");
    for (uint32_t i = 0; i < rota_world_count(ctx->w); i++)
        if (is_involved(ctx, i))
            print_lines(ctx, i);
    print_lines(ctx, rota_world_count(ctx->w)); /* the servers' */
    print_replay(ctx);
}
