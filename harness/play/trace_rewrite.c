#include "harness/play/trace_rewrite.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/zkcli/transcript.h"

/* Copies lines up to number `end`, which is the next one then. */
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

/* Copies the file with the new traces. */
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
        if (line < st->block) /* the file ends after the word, without a newline */
            putc('\n', to);
        write_block(to, f->traces[trace++]);
        copy_lines(from, NULL, &line, st->block_end);
    }
    copy_lines(from, to, &line, UINT32_MAX);
}

static bool differs(const struct rota_scenario *s, const struct rota_finding *f)
{
    uint32_t trace = 0;

    for (uint32_t i = 0; i < s->count && trace < f->trace_count; i++)
        if (s->statements[i].kind == ROTA_STATEMENT_TRACE &&
            !rota_transcript_matches(s->statements[i].expected, f->traces[trace++]))
            return true;
    return false;
}

/* The file always exists completely: the old one, or the new one. */
static bool replace(const struct rota_scenario *s, const struct rota_finding *f, const char *name)
{
    struct stat status;
    FILE *from = fopen(s->file, "r");
    FILE *to = from == NULL ? NULL : fopen(name, "w");
    bool is_written = to != NULL;

    if (is_written)
        copy_file(s, f, from, to);
    is_written = is_written && fstat(fileno(from), &status) == 0 && !ferror(from) && !ferror(to) &&
                 fchmod(fileno(to), status.st_mode & 07777) == 0;
    if (from != NULL)
        fclose(from);
    if (to != NULL)
        is_written = fclose(to) == 0 && is_written;
    if (is_written && rename(name, s->file) == 0)
        return true;
    if (to != NULL)
        remove(name);
    return false;
}

bool rota_trace_rewrite(const struct rota_scenario *s, const struct rota_finding *finding,
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
