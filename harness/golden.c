/* Traces that a scenario expects. */
#include <stdlib.h>

#include "harness/stage.h"
#include "harness/transcript.h"
#include "model/assert.h"

/* Says where the two part. */
static void report(struct rota_stage *g, const struct rota_statement *st, const char *traced)
{
    char *difference = NULL;
    size_t length;
    FILE *out = open_memstream(&difference, &length);
    uint32_t line;

    rota_assert(out != NULL);
    line = rota_transcript_compare(out, st->expected, traced, st->block + 1);
    fclose(out);
    rota_stage_fail(g, ROTA_VERDICT_FAILED, st,
                    "the trace is another one than what is expected from line %u on; if it is"
                    " right, --rewrite writes it:\n%.*s",
                    line, length > 0 ? (int)length - 1 : 0, difference);
    free(difference);
}

void rota_golden_end(struct rota_stage *g)
{
    const struct rota_statement *st = g->golden.statement;
    struct rota_finding *f = g->finding;

    if (g->golden.out == NULL)
        return;
    fclose(g->golden.out);
    g->golden.out = NULL;
    f->traces = realloc(f->traces, (f->trace_count + 1) * sizeof(char *));
    rota_assert(f->traces != NULL);
    f->traces[f->trace_count++] = g->golden.text;
    if (f->verdict != ROTA_VERDICT_HELD || g->course->lenient || g->course->order != 0 ||
        g->seed != g->s->seed)
        return;
    if (!rota_transcript_matches(st->expected, g->golden.text))
        report(g, st, g->golden.text);
}

void rota_golden_begin(struct rota_stage *g, const struct rota_statement *st)
{
    if (g->injector != NULL)
        return;
    rota_golden_end(g);
    g->golden.statement = st;
    g->golden.out = open_memstream(&g->golden.text, &g->golden.length);
    rota_assert(g->golden.out != NULL);
}
