#include "harness/play/expected_trace.h"

#include <stdlib.h>
#include <string.h>

#include "harness/play/failure.h"
#include "harness/zkcli/transcript.h"
#include "model/base/assert.h"
#include "system/memory.h"

/* Reports where the two traces begin to differ. */
static void report(struct rota_run_context *ctx, const struct rota_statement *st,
                   const char *traced)
{
    char *difference = NULL;
    size_t length;
    FILE *out = open_memstream(&difference, &length);
    uint32_t line;

    if (out == NULL)
        rota_memory_exhausted();
    line = rota_transcript_compare(out, st->expected, traced, st->block + 1);
    fclose(out);
    rota_play_fail(ctx, ROTA_VERDICT_FAILED, st,
                   "the trace differs from what is expected from line %u on; if the new trace is"
                   " right, --rewrite writes it into the file:\n%.*s",
                   line, length > 0 ? (int)length - 1 : 0, difference);
    free(difference);
}

void rota_expected_trace_end(struct rota_run_context *ctx)
{
    const struct rota_statement *st = ctx->expected.statement;
    struct rota_finding *f = ctx->finding;

    if (ctx->expected.out == NULL)
        return;
    fclose(ctx->expected.out);
    ctx->expected.out = NULL;
    f->traces =
        rota_memory_extend(f->traces, f->trace_count, &f->trace_capacity, sizeof *f->traces);
    f->traces[f->trace_count++] = ctx->expected.text;
    if (f->verdict != ROTA_VERDICT_HELD || ctx->options->lenient || ctx->options->order != 0 ||
        ctx->seed != ctx->s->seed)
        return;
    if (!rota_transcript_matches(st->expected, ctx->expected.text))
        report(ctx, st, ctx->expected.text);
}

void rota_expected_trace_begin(struct rota_run_context *ctx, const struct rota_statement *st)
{
    rota_assert(st->kind == ROTA_STATEMENT_TRACE);
    if (ctx->injector != NULL)
        return;
    rota_expected_trace_end(ctx);
    ctx->expected.statement = st;
    ctx->expected.out = open_memstream(&ctx->expected.text, &ctx->expected.length);
    if (ctx->expected.out == NULL)
        rota_memory_exhausted();
}
