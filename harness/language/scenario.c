#include "harness/language/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum {
    FILE_MOST = 16 * 1024 * 1024, /* bytes of a file that are read at all */
};

static bool file_fail(struct rota_scenario_error *error, const char *file, const char *sentence,
                      const char *reason)
{
    error->line = 0;
    error->column = 0;
    snprintf(error->text, sizeof error->text, "%.200s: %s%s", file, sentence, reason);
    return false;
}

bool rota_scenario_load(struct rota_scenario *s, const char *file,
                        struct rota_scenario_error *error)
{
    FILE *f = fopen(file, "rb");
    char *bytes;
    size_t length;
    bool right;

    if (f == NULL)
        return file_fail(error, file, "this file cannot be opened: ", strerror(errno));
    bytes = malloc(FILE_MOST + 1);
    rota_assert(bytes != NULL);
    length = fread(bytes, 1, FILE_MOST + 1, f);
    if (ferror(f))
        right = file_fail(error, file, "this file cannot be read: ", strerror(errno));
    else if (length > FILE_MOST)
        right = file_fail(error, file, "this file is larger than 16 MiB", "");
    else
        right = rota_scenario_read(s, file, bytes, length, error);
    free(bytes);
    fclose(f);
    return right;
}

void rota_scenario_close(struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        struct rota_statement *st = &s->statements[i];

        free(st->text);
        free(st->glob);
        free(st->name);
        free(st->steps);
        free(st->command);
        free(st->expected);
        free(st->condition.name);
        free(st->condition.text);
        free(st->deed.submit.payload);
        free(st->deed.submit.id);
        free(st->deed.submit.after);
        free(st->deed.submit.tags);
        free(st->deed.sided);
        free(st->deed.task);
    }
    for (uint32_t i = 0; i < s->label_count; i++)
        free(s->labels[i]);
    for (uint32_t i = 0; i < s->carried_count; i++)
        free(s->carried[i].tags);
    free(s->carried);
    free(s->labels);
    free(s->statements);
    free(s->title);
    free(s->file);
    memset(s, 0, sizeof *s);
}

/* ---- what the data means ---- */

bool rota_scenario_typed(const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->statements[i].kind != ROTA_STATEMENT_ZK)
            return false;
    }
    return s->count > 0;
}

/* Whether a line that is printed shows that there is no tree of rota's: one of its places is made,
 * or a listing of the root lacks them. */
static bool shows_bare(const char *line, size_t length)
{
    static const char *const made[] = {"Created /workers", "Created /tasks", "Created /assign"};
    char text[128];

    snprintf(text, sizeof text, "%.*s", length < sizeof text ? (int)length : 0, line);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        if (strcmp(text, made[i]) == 0)
            return true;
    }
    return text[0] == '[' && strstr(text, "zookeeper") != NULL && strstr(text, "tasks") == NULL &&
           strstr(text, "<any>") == NULL;
}

bool rota_scenario_bare(const struct rota_scenario *s)
{
    for (uint32_t i = 0; i < s->count && rota_scenario_typed(s); i++) {
        for (const char *at = s->statements[i].expected; *at != '\0'; at += *at == '\n') {
            size_t length = strcspn(at, "\n");

            if (shows_bare(at, length))
                return true;
            at += length;
        }
    }
    return false;
}

/* Places are taken out of the written order one after the other: the order's number says which. */
static uint32_t permuted(const struct rota_statement *st, uint32_t order, uint32_t place)
{
    uint32_t left[8];
    uint32_t count = st->step_count;

    rota_assert(count <= sizeof left / sizeof left[0]);
    memcpy(left, st->steps, count * sizeof *left);
    for (uint32_t at = 0;; at++) {
        uint32_t i = order % count;
        uint32_t taken = left[i];

        if (at == place)
            return taken;
        order /= count;
        memmove(left + i, left + i + 1, (--count - i) * sizeof *left);
    }
}

uint32_t rota_scenario_step(const struct rota_scenario *s, const struct rota_statement *st,
                            uint32_t order, uint32_t place)
{
    rota_assert(st->kind == ROTA_STATEMENT_PERMUTE && place < st->step_count);
    for (const struct rota_statement *one = s->statements; one < st; one++) {
        for (uint32_t k = one->kind == ROTA_STATEMENT_PERMUTE ? one->step_count : 0; k > 1; k--)
            order /= k;
    }
    return permuted(st, order, place);
}

bool rota_compare(int64_t left, enum rota_comparison comparison, int64_t right)
{
    switch (comparison) {
    case ROTA_EQUAL:
        return left == right;
    case ROTA_UNEQUAL:
        return left != right;
    case ROTA_LESS:
        return left < right;
    case ROTA_AT_MOST:
        return left <= right;
    case ROTA_MORE:
        return left > right;
    default:
        return left >= right;
    }
}

bool rota_glob_match(const char *glob, const char *path)
{
    const char *star = NULL;
    const char *back = NULL;

    if (strcmp(glob, "*") == 0)
        return true;
    while (*path != '\0') {
        if (*glob == '*') {
            star = ++glob;
            back = path;
        } else if (*glob == *path) {
            glob++;
            path++;
        } else if (star != NULL && *back != '/') {
            glob = star;
            path = ++back;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

bool rota_script_action_is_operators(const struct rota_script_action *d)
{
    return d->kind == ROTA_SCRIPT_CANCEL || d->kind == ROTA_SCRIPT_RETRY ||
           d->kind == ROTA_SCRIPT_DRAIN;
}

const char *rota_scenario_tags(const struct rota_scenario *s, uint32_t worker)
{
    for (uint32_t i = 0; i < s->carried_count; i++) {
        if (s->carried[i].worker == worker)
            return s->carried[i].tags;
    }
    return "";
}

/* Whether a tag of so many bytes is one of `tags`. */
static bool has_tag(const char *tags, const char *tag, size_t length)
{
    while (strcspn(tags, ",") != length || memcmp(tags, tag, length) != 0) {
        tags += strcspn(tags, ",");
        if (*tags++ == '\0')
            return false;
    }
    return true;
}

bool rota_tags_hold(const char *tags, const char *wanted)
{
    while (wanted != NULL) {
        size_t length = strcspn(wanted, ",");

        if (!has_tag(tags == NULL ? "" : tags, wanted, length))
            return false;
        wanted = wanted[length] == '\0' ? NULL : wanted + length + 1;
    }
    return true;
}

bool rota_who_same(struct rota_who a, struct rota_who b)
{
    return a.kind == b.kind && a.number == b.number;
}

void rota_who_format(struct rota_who who, char *text, size_t size)
{
    static const char *const names[] = {"nobody", "m",      "w",       "c",          "s",
                                        "o",      "leader", "standby", "any worker", "all"};

    if (who.number > 0)
        snprintf(text, size, "%s%u", names[who.kind], who.number);
    else
        snprintf(text, size, "%s", names[who.kind]);
}

const char *rota_invariant_word(enum rota_invariant invariant)
{
    static const char *const words[] = {
#define X(name, word) word,
        ROTA_INVARIANT_MAP(X)
#undef X
    };

    return words[invariant];
}
