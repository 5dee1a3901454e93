/* Names of tasks and operators, as statements mention them, and who makes what they name. */
#include "harness/language/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum {
    NAMES_MOST = 64, /* tasks among which the nearest is sought */
};

/* Whether a name is that of the Nth task without an id. Fills N. */
static bool is_numbered(const struct rota_parser *r, const char *name, uint64_t *number)
{
    return name[0] == 't' && name[1] != '0' &&
           rota_number_read(name + 1, strlen(name + 1), r->s->numbered, number);
}

bool rota_parser_knows_task(const struct rota_parser *r, const char *name)
{
    char id[ROTA_NAME_MOST + 1];
    const char *dash = strrchr(name, '-');
    uint64_t number;

    if (r->typed)
        return true;
    if (is_numbered(r, name, &number))
        return true;
    if (rota_map_get(&r->pool, &r->ids, name) == 1)
        return true;
    if (dash == NULL || dash[1] == '0' || (size_t)(dash - name) > ROTA_NAME_MOST)
        return false;
    snprintf(id, sizeof id, "%.*s", (int)(dash - name), name);
    number = rota_map_get(&r->pool, &r->ids, id);
    return number > 1 && number != ROTA_MAP_NONE &&
           rota_number_read(dash + 1, strlen(dash + 1), number, &number);
}

/* The nearest name of a task that a submit above makes; "" if none is near. */
static void nearest_task(const struct rota_parser *r, const char *name, bool all, char *nearest,
                         size_t size)
{
    char names[NAMES_MOST][ROTA_NAME_MOST + 16];
    const char *candidates[NAMES_MOST + 1];
    uint32_t count = 0;
    const char *found;

    nearest[0] = '\0';
    for (uint32_t i = 0; i < r->s->count && count + 2 < NAMES_MOST; i++) {
        const struct rota_submit *submit = &r->s->statements[i].deed.submit;

        if (submit->id == NULL)
            continue;
        snprintf(names[count++], sizeof *names, "%s%s", submit->id, submit->count > 1 ? "-1" : "");
        if (strcmp(submit->id, name) == 0)
            snprintf(nearest, size, "%s", names[count - 1]);
    }
    if (r->s->numbered > 0)
        snprintf(names[count++], sizeof *names, "t%u", r->s->numbered);
    if (all)
        snprintf(names[count++], sizeof *names, "all");
    for (uint32_t i = 0; i < count; i++)
        candidates[i] = names[i];
    candidates[count] = NULL;
    found = nearest[0] == '\0' ? rota_nearest(name, candidates) : NULL;
    if (found != NULL)
        snprintf(nearest, size, "%s", found);
}

static bool unknown_task(struct rota_parser *r, const struct rota_token *word, bool all,
                         const char *where)
{
    char nearest[ROTA_NAME_MOST + 16];

    nearest_task(r, word->text, all, nearest, sizeof nearest);
    if (nearest[0] == '\0')
        return ROTA_WORD_FAIL(&r->w, word, "no submit%s makes a task \"%.40s\"", where, word->text);
    return ROTA_WORD_FAIL(&r->w, word,
                          "no submit%s makes a task \"%.40s\"; did you mean \"%.200s\"?", where,
                          word->text, nearest);
}

/* Whether a task of this name, or with `all` any, is submitted in what was read. */
static bool check_task(struct rota_parser *r, const struct rota_token *word, bool all,
                       const char *where)
{
    if (!all || !rota_token_is(word, "all"))
        return rota_parser_knows_task(r, word->text) || unknown_task(r, word, all, where);
    return r->submitted || ROTA_WORD_FAIL(&r->w, word, "no submit stands%s, so this is never true",
                                          where[0] == '\0' ? " in the file" : where);
}

/* Whether the statement under work lies in wait, and so outlives the line where it stands. */
static bool lies_in_wait(const struct rota_parser *r)
{
    switch (r->s->count == 0 ? ROTA_STATEMENT_NOW : r->s->statements[r->s->count - 1].kind) {
    case ROTA_STATEMENT_AT:
    case ROTA_STATEMENT_ON:
    case ROTA_STATEMENT_NEVER:
    case ROTA_STATEMENT_STEP:
        return true;
    default:
        return false;
    }
}

void rota_parser_put_off(struct rota_parser *r, bool all, uint32_t operator)
{
    r->aheads = realloc(r->aheads, (r->ahead_count + 1) * sizeof *r->aheads);
    rota_assert(r->aheads != NULL);
    r->aheads[r->ahead_count++] =
        (struct rota_forward_name){r->s->count - 1, r->at - 1, all, operator};
}

bool rota_parser_take_task(struct rota_parser *r, bool all, char **name)
{
    const struct rota_token *word = rota_parser_take(r, "a task's name");

    if (word == NULL)
        return false;
    if (lies_in_wait(r))
        rota_parser_put_off(r, all, 0);
    else if (!check_task(r, word, all, " above"))
        return false;
    *name = rota_copy(word->text, strlen(word->text));
    return true;
}

/* ---- the whole file ---- */

static bool read_again(struct rota_parser *r, const struct rota_statement *st)
{
    return rota_lexer_read(&r->w, st->line, st->text, strlen(st->text));
}

/* An `id` is not one of t1, t2, ... if submits without one have it. */
static bool check_own(struct rota_parser *r, const struct rota_statement *st)
{
    const struct rota_submit *submit = &st->deed.submit;
    uint64_t number;

    if (submit->id == NULL || submit->count > 1 || !is_numbered(r, submit->id, &number))
        return true;
    if (!read_again(r, st))
        return false;
    for (uint32_t i = 0; i < r->w.count; i++) {
        if (strncmp(r->w.words[i].text, "id=", 3) == 0)
            return ROTA_WORD_FAIL(&r->w, &r->w.words[i],
                                  "\"%.40s\" is the name of a task that has no id", submit->id);
    }
    return true;
}

static bool check_operator(struct rota_parser *r, const struct rota_token *word, uint32_t number)
{
    uint32_t have = r->s->cluster.operators;

    if (number <= have)
        return true;
    if (have == 0)
        return ROTA_WORD_FAIL(
            &r->w, word, "there is no %.40s: the file has no cancel, retry or drain", word->text);
    return ROTA_WORD_FAIL(&r->w, word,
                          "there is no %.40s: the file has %u of cancel, retry and drain; did you "
                          "mean \"o%u\"?",
                          word->text, have, have);
}

bool rota_parser_settle(struct rota_parser *r)
{
    for (uint32_t i = 0; i < r->ahead_count; i++) {
        const struct rota_forward_name *ahead = &r->aheads[i];

        if (!read_again(r, &r->s->statements[ahead->statement]))
            return false;
        if (ahead->operator== 0 ? !check_task(r, &r->w.words[ahead->word], ahead->all, "")
                                : !check_operator(r, &r->w.words[ahead->word], ahead->operator))
            return false;
    }
    for (uint32_t i = 0; i < r->s->count; i++) {
        if (!check_own(r, &r->s->statements[i]))
            return false;
    }
    return true;
}
