#include "tests/unit/model/script/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"

enum { SECTIONS_MAX = 200, LINE_MAX_BYTES = 8192, TRACE_LINES = 24 };

struct section {
    const char *title;
    const char *body; /* from the line after the title */
    size_t length;
    struct script_text actual;
    bool played; /* run to its end */
};

struct file {
    const char *path;
    const struct script_machine *machine;
    char *text;
    size_t preface; /* bytes before the first section */
    struct section sections[SECTIONS_MAX];
    struct CMUnitTest tests[SECTIONS_MAX];
    size_t count;
};

/* ---- text ---- */

void script_print(struct script_text *t, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    rota_assert(length >= 0);
    if (t->capacity < t->length + (size_t)length + 1) {
        t->capacity = (t->length + (size_t)length + 1) * 2;
        t->at = realloc(t->at, t->capacity);
        rota_assert(t->at != NULL);
    }
    va_start(args, format);
    vsnprintf(t->at + t->length, (size_t)length + 1, format, args);
    va_end(args);
    t->length += (size_t)length;
}

void script_text_close(struct script_text *t)
{
    free(t->at);
    *t = (struct script_text){0};
}

/* ---- words ---- */

/* Appends `text`; b{1..9} as nine texts. */
static void list_add(struct script_line *l, struct rota_outbox *o, const char *text)
{
    const char *brace = strchr(text, '{');
    int first = 0, last = 0;
    const char **longer;

    if (brace != NULL && sscanf(brace, "{%d..%d}", &first, &last) != 2)
        fail_msg("%s: not a range", text);
    longer = rota_outbox_take(o, (l->list_count + (size_t)(last - first) + 1) * sizeof *longer);
    if (l->list_count > 0)
        memcpy(longer, l->list, l->list_count * sizeof *longer);
    l->list = longer;
    for (int i = first; i <= last; i++)
        l->list[l->list_count++] =
            brace == NULL ? text : rota_outbox_text(o, "%.*s%d", (int)(brace - text), text, i);
}

/* Reads the quoted word that begins at `s`. Returns the text behind it. */
static const char *cut_quoted(struct script_word *w, struct rota_outbox *o, const char *s)
{
    char *text = rota_outbox_take(o, strlen(s));

    for (s++; *s != '"'; s++) {
        if (*s == '\0')
            fail_msg("a quote is not closed");
        if (*s != '\\') {
            text[w->length++] = *s;
            continue;
        }
        s++;
        text[w->length++] = *s == 'n' ? '\n' : *s == '0' ? '\0' : *s;
    }
    w->text = text;
    w->quoted = true;
    return s + 1;
}

static void cut_bare(struct script_word *w, struct rota_outbox *o, const char *s, size_t n)
{
    int bytes;

    w->text = rota_outbox_text(o, "%.*s", (int)n, s);
    w->length = (int32_t)n;
    if (sscanf(w->text, "bytes(%d)", &bytes) == 1) {
        char *x = rota_outbox_take(o, (size_t)bytes + 1);

        memset(x, 'x', (size_t)bytes);
        *w = (struct script_word){x, bytes, true};
    }
}

void script_cut(struct script_line *l, struct rota_outbox *o, const char *text)
{
    bool inside = false;

    *l = (struct script_line){.source = text};
    for (const char *s = text; *s != '\0';) {
        struct script_word w = {0};
        size_t n;

        if (*s == ' ' || *s == '[' || *s == ']') {
            inside = *s == '[' || (inside && *s == ' ');
            s++;
            continue;
        }
        if (*s == '"') {
            s = cut_quoted(&w, o, s);
        } else {
            n = strcspn(s, inside ? " ]" : " ");
            cut_bare(&w, o, s, n);
            s += n;
        }
        if (inside) {
            list_add(l, o, w.text);
            continue;
        }
        rota_assert(l->count < sizeof l->words / sizeof *l->words);
        l->words[l->count++] = w;
    }
}

const char *script_value(const struct script_line *l, const char *key, const char *otherwise)
{
    size_t n = strlen(key);

    for (uint32_t i = 0; i < l->count; i++)
        if (!l->words[i].quoted && strncmp(l->words[i].text, key, n) == 0 &&
            l->words[i].text[n] == '=')
            return l->words[i].text + n + 1;
    return otherwise;
}

int64_t script_number(const struct script_line *l, const char *key, int64_t otherwise)
{
    const char *value = script_value(l, key, NULL);

    return value == NULL ? otherwise : strtoll(value, NULL, 10);
}

int64_t script_duration(const char *text)
{
    char *unit;
    int64_t number = strtoll(text, &unit, 10);

    if (strcmp(unit, "ms") == 0)
        return number * 1000;
    if (strcmp(unit, "s") == 0)
        return number * 1000000;
    if (strcmp(unit, "m") == 0)
        return number * 60000000;
    fail_msg("%s: a duration needs a unit", text);
    return 0;
}

bool script_has(const struct script_line *l, const char *word)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (!l->words[i].quoted && strcmp(l->words[i].text, word) == 0)
            return true;
    return false;
}

struct rota_bytes script_data(const struct script_line *l, uint32_t from)
{
    for (uint32_t i = from; i < l->count; i++)
        if (l->words[i].quoted)
            return (struct rota_bytes){l->words[i].text, l->words[i].length};
    return ROTA_NULL_BYTES;
}

/* ---- sections ---- */

static const struct section *section_of(const struct file *f, const char *title)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->sections[i].title, title) == 0)
            return &f->sections[i];
    fail_msg("there is no section `%s`", title);
    return NULL;
}

/* The number of the line that begins after so many bytes. */
static int lines_before(const char *text, size_t length)
{
    int lines = 1;

    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n' || text[i] == '\0'; /* the NUL behind a title */
    return lines;
}

/* Copies the trace of a command, indented; of a long one only the beginning. */
static void put_trace(struct script_text *actual, const struct script_text *trace)
{
    const char *s = trace->length == 0 ? "" : trace->at;
    int lines = lines_before(s, trace->length) - 1;
    int shown = lines > TRACE_LINES ? TRACE_LINES / 4 : lines;

    for (int i = 0; i < shown; i++) {
        size_t n = strcspn(s, "\n");

        script_print(actual, "  %.*s\n", (int)n, s);
        s += n + (s[n] == '\n');
    }
    if (shown < lines)
        script_print(actual, "  and %d more lines\n", lines - shown);
}

/* Carries out one command. */
static void carry_out(const struct file *f, void *machine, const char *text,
                      struct rota_outbox *memory, struct script_text *trace)
{
    struct script_line line;

    script_cut(&line, memory, text);
    if (!f->machine->command(machine, &line, trace))
        fail_msg("`%s` is not a command", text);
}

/* `each 1..9: COMMAND`: carries out the command with each number in place of every %, and shows the
 * trace of the first and of the last. */
static void each(const struct file *f, void *machine, const char *text, struct rota_outbox *memory,
                 struct script_text *trace)
{
    int first, last, skipped = 0;

    if (sscanf(text, "each %d..%d: %n", &first, &last, &skipped) != 2 || skipped == 0)
        fail_msg("`%s`: each FIRST..LAST: COMMAND", text);
    for (int i = first; i <= last; i++) {
        struct script_text one = {0};
        struct script_text discarded = {0};

        for (const char *c = text + skipped; *c != '\0'; c++)
            if (*c == '%')
                script_print(&one, "%d", i);
            else
                script_print(&one, "%c", *c);
        carry_out(f, machine, rota_outbox_text(memory, "%s", one.at), memory,
                  i == first || i == last ? trace : &discarded);
        script_text_close(&one);
        script_text_close(&discarded);
    }
}

/* Runs the lines of a section; `actual` becomes the section with its actual traces. */
static void play(const struct file *f, void *machine, const struct section *section,
                 struct script_text *actual)
{
    struct rota_outbox memory;
    const char *s = section->body;

    rota_outbox_init(&memory);
    while (s < section->body + section->length) {
        size_t n = strcspn(s, "\n");
        const char *text = rota_outbox_text(&memory, "%.*s", (int)n, s);
        struct script_text trace = {0};
        struct script_text discarded = {0};

        s += n + (s[n] == '\n');
        if (strncmp(text, "  ", 2) == 0)
            continue;
        script_print(actual, "%s\n", text);
        if (text[0] == '\0' || text[0] == '#')
            continue;
        if (strncmp(text, "after ", 6) == 0)
            play(f, machine, section_of(f, text + 6), &discarded);
        else if (strncmp(text, "each ", 5) == 0)
            each(f, machine, text, &memory, &trace);
        else
            carry_out(f, machine, text, &memory, &trace);
        put_trace(actual, &trace);
        script_text_close(&trace);
        script_text_close(&discarded);
        rota_outbox_reset(&memory);
    }
    rota_outbox_close(&memory);
}

/* Fails at the first line that differs, and shows the actual section from there on. */
static void compare(const struct file *f, const struct section *section)
{
    const char *actual = section->actual.at;
    size_t same = 0;

    while (same < section->length && section->body[same] == actual[same])
        same++;
    if (same == section->length && same == section->actual.length)
        return;
    while (same > 0 && section->body[same - 1] != '\n')
        same--;
    fail_msg("%s:%d: `%s` continues differently:\n%.1500s", f->path,
             lines_before(f->text, (size_t)(section->body - f->text) + same), section->title,
             actual + same);
}

static void section_test(void **state)
{
    struct file *f = ((void **)*state)[0];
    struct section *section = ((void **)*state)[1];
    void *machine = f->machine->open(f->machine->context);

    play(f, machine, section, &section->actual);
    f->machine->close(machine);
    section->played = true;
    if (getenv("ROTA_REWRITE") == NULL)
        compare(f, section);
}

/* ---- the file ---- */

static void load(struct file *f)
{
    FILE *in = fopen(f->path, "rb");
    struct script_text text = {0};
    char chunk[LINE_MAX_BYTES];

    rota_assert(in != NULL);
    while (fgets(chunk, sizeof chunk, in) != NULL)
        script_print(&text, "%s", chunk);
    fclose(in);
    f->text = text.at;
}

/* Finds the sections. Titles become terminated texts in place; bodies stay in place. */
static void divide(struct file *f)
{
    char *s = strncmp(f->text, "== ", 3) == 0 ? f->text : strstr(f->text, "\n== ");

    rota_assert(s != NULL);
    s += s[0] == '\n';
    f->preface = (size_t)(s - f->text);
    while (s != NULL) {
        struct section *section = &f->sections[f->count];
        size_t title = strcspn(s, "\n");
        char *next = strstr(s, "\n== ");

        rota_assert(f->count < SECTIONS_MAX);
        f->count++;
        s[title] = '\0';
        section->title = s + 3;
        section->body = s + title + 1;
        section->length = next == NULL ? strlen(section->body) : (size_t)(next + 1 - section->body);
        s = next == NULL ? NULL : next + 1;
    }
}

static void rewrite(const struct file *f)
{
    FILE *out = fopen(f->path, "wb");

    rota_assert(out != NULL);
    fprintf(out, "%.*s", (int)f->preface, f->text);
    for (size_t i = 0; i < f->count; i++) {
        const struct section *section = &f->sections[i];

        fprintf(out, "== %s\n%.*s", section->title,
                (int)(section->played ? section->actual.length : section->length),
                section->played ? section->actual.at : section->body);
    }
    fclose(out);
}

int script_main(const char *path, const struct script_machine *machine)
{
    struct file *f = calloc(1, sizeof *f);
    void *states[SECTIONS_MAX][2];
    int failed;

    rota_assert(f != NULL);
    f->path = path;
    f->machine = machine;
    load(f);
    divide(f);
    for (size_t i = 0; i < f->count; i++) {
        states[i][0] = f;
        states[i][1] = &f->sections[i];
        f->tests[i] = (struct CMUnitTest){
            .name = f->sections[i].title, .test_func = section_test, .initial_state = states[i]};
    }
    failed = _cmocka_run_group_tests(path, f->tests, f->count, NULL, NULL);
    if (getenv("ROTA_REWRITE") != NULL)
        rewrite(f);
    for (size_t i = 0; i < f->count; i++)
        script_text_close(&f->sections[i].actual);
    free(f->text);
    free(f);
    return failed == 0 ? 0 : 1;
}
