#include "harness/play/expected_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/play/run_context.h"
#include "harness/zkcli/transcript.h"
#include "model/base/assert.h"

/* Says where the two part. */
static void report(struct rota_run_context *g, const struct rota_statement *st, const char *traced)
{
    char *difference = NULL;
    size_t length;
    FILE *out = open_memstream(&difference, &length);
    uint32_t line;

    rota_assert(out != NULL);
    line = rota_transcript_compare(out, st->expected, traced, st->block + 1);
    fclose(out);
    rota_play_fail(g, ROTA_VERDICT_FAILED, st,
                   "the trace is another one than what is expected from line %u on; if it is"
                   " right, --rewrite writes it:\n%.*s",
                   line, length > 0 ? (int)length - 1 : 0, difference);
    free(difference);
}

void rota_expected_trace_end(struct rota_run_context *g)
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

void rota_expected_trace_begin(struct rota_run_context *g, const struct rota_statement *st)
{
    if (g->injector != NULL)
        return;
    rota_expected_trace_end(g);
    g->golden.statement = st;
    g->golden.out = open_memstream(&g->golden.text, &g->golden.length);
    rota_assert(g->golden.out != NULL);
}

/* ---- writing them anew ---- */

/* Copies lines up to number `end`; the next one is then `*line`. */
static void copy_lines(FILE *from, FILE *to, uint32_t *line, uint32_t end)
{
    for (int c; *line < end && (c = getc(from)) != EOF;) {
        if (to != NULL)
            putc(c, to);
        *line += c == '\n';
    }
}

static void write_block(FILE *to, const char *text)
{
    fprintf(to, "----\n%s----\n", text);
}

/* Copies the file with the traces in their places. */
static void copy_file(const struct rota_scenario *s, const struct rota_finding *f, FILE *from,
                      FILE *to)
{
    uint32_t line = 1;
    uint32_t trace = 0;

    for (uint32_t i = 0; i < s->count && trace < f->trace_count; i++) {
        const struct rota_statement *st = &s->statements[i];

        if (st->kind != ROTA_STATEMENT_TRACE)
            continue;
        if (rota_transcript_matches(st->expected, f->traces[trace])) {
            trace++;
            continue;
        }
        copy_lines(from, to, &line, st->block);
        if (line < st->block) /* the file ends behind the word, without a newline */
            putc('\n', to);
        write_block(to, f->traces[trace++]);
        copy_lines(from, NULL, &line, st->block_end);
    }
    copy_lines(from, to, &line, UINT32_MAX);
}

static bool differs(const struct rota_scenario *s, const struct rota_finding *f)
{
    uint32_t trace = 0;

    for (uint32_t i = 0; i < s->count && trace < f->trace_count; i++) {
        if (s->statements[i].kind == ROTA_STATEMENT_TRACE &&
            !rota_transcript_matches(s->statements[i].expected, f->traces[trace++]))
            return true;
    }
    return false;
}

/* The file is there whole, as it was or as it shall be. */
static bool replace(const struct rota_scenario *s, const struct rota_finding *f, const char *name)
{
    struct stat status;
    FILE *from = fopen(s->file, "r");
    FILE *to = from == NULL ? NULL : fopen(name, "w");
    bool right = to != NULL;

    if (right)
        copy_file(s, f, from, to);
    right = right && fstat(fileno(from), &status) == 0 && !ferror(from) && !ferror(to) &&
            fchmod(fileno(to), status.st_mode & 07777) == 0;
    if (from != NULL)
        fclose(from);
    if (to != NULL)
        right = fclose(to) == 0 && right;
    if (right && rename(name, s->file) == 0)
        return true;
    if (to != NULL)
        remove(name);
    return false;
}

bool rota_expected_trace_rewrite(const struct rota_scenario *s, const struct rota_finding *finding,
                                 FILE *err)
{
    char name[4096];

    if (!differs(s, finding))
        return true;
    snprintf(name, sizeof name, "%.4000s.new", s->file);
    if (replace(s, finding, name))
        return true;
    fprintf(err, "%s: this file cannot be written: %s\n", s->file, strerror(errno));
    return false;
}
