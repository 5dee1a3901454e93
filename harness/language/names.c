#include "harness/language/names.h"

#include <stdio.h>
#include <string.h>

#include "harness/language/nearest.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    NAMES_MAX = 64, /* how many tasks are compared to find the nearest */
};

/* Whether the name is tN, the name of the Nth task without an id. Fills N. */
static bool is_numbered(const struct rota_parser *p, const char *name, uint64_t *number)
{
    return name[0] == 't' && name[1] != '0' &&
           rota_number_read(name + 1, strlen(name + 1), p->s->numbered, number);
}

bool rota_parser_knows_task(const struct rota_parser *p, const char *name)
{
    char id[ROTA_NAME_MAX + 1];
    const char *dash = strrchr(name, '-');
    uint64_t number;

    if (p->has_zk)
        return true;
    if (is_numbered(p, name, &number))
        return true;
    if (rota_map_get(&p->pool, &p->ids, name) == 1)
        return true;
    if (dash == NULL || dash[1] == '0' || (size_t)(dash - name) > ROTA_NAME_MAX)
        return false;
    snprintf(id, sizeof id, "%.*s", (int)(dash - name), name);
    number = rota_map_get(&p->pool, &p->ids, id);
    return number > 1 && number != ROTA_MAP_NONE &&
           rota_number_read(dash + 1, strlen(dash + 1), number, &number);
}

/* The nearest name of a task that a submit above makes; "" if none is near. */
static void nearest_task(const struct rota_parser *p, const char *name, bool all, char *nearest,
                         size_t size)
{
    char names[NAMES_MAX][ROTA_NAME_MAX + 16];
    const char *candidates[NAMES_MAX + 1];
    uint32_t count = 0;
    const char *found;

    nearest[0] = '\0';
    for (uint32_t i = 0; i < p->s->count && count + 2 < NAMES_MAX; i++) {
        const struct rota_submit *submit = &p->s->statements[i].action.submit;

        if (submit->id == NULL)
            continue;
        snprintf(names[count++], sizeof *names, "%s%s", submit->id, submit->count > 1 ? "-1" : "");
        if (strcmp(submit->id, name) == 0)
            snprintf(nearest, size, "%s", names[count - 1]);
    }
    if (p->s->numbered > 0)
        snprintf(names[count++], sizeof *names, "t%u", p->s->numbered);
    if (all)
        snprintf(names[count++], sizeof *names, "all");
    for (uint32_t i = 0; i < count; i++)
        candidates[i] = names[i];
    candidates[count] = NULL;
    found = nearest[0] == '\0' ? rota_nearest(name, candidates) : NULL;
    if (found != NULL)
        snprintf(nearest, size, "%s", found);
}

static bool unknown_task(struct rota_parser *p, const struct rota_token *word, bool all,
                         const char *where)
{
    char nearest[ROTA_NAME_MAX + 16];

    nearest_task(p, word->text, all, nearest, sizeof nearest);
    if (nearest[0] == '\0')
        return ROTA_TOKEN_FAIL(&p->lexer, word, "no submit%s makes a task \"%.40s\"", where,
                               word->text);
    return ROTA_TOKEN_FAIL(&p->lexer, word,
                           "no submit%s makes a task \"%.40s\"; did you mean \"%.200s\"?", where,
                           word->text, nearest);
}

/* Whether a submit read so far makes a task of this name, or with `all` any task. */
static bool check_task(struct rota_parser *p, const struct rota_token *word, bool all,
                       const char *where)
{
    if (!all || !rota_token_is(word, "all"))
        return rota_parser_knows_task(p, word->text) || unknown_task(p, word, all, where);
    return p->submitted ||
           ROTA_TOKEN_FAIL(&p->lexer, word, "there is no submit%s, so this is never true",
                           where[0] == '\0' ? " in the file" : where);
}

/* Whether the current statement waits for its moment, so that it may use names of lines below it.
 */
static bool is_deferred(const struct rota_parser *p)
{
    switch (p->s->count == 0 ? ROTA_STATEMENT_NOW : p->s->statements[p->s->count - 1].kind) {
    case ROTA_STATEMENT_AT:
    case ROTA_STATEMENT_ON:
    case ROTA_STATEMENT_NEVER:
    case ROTA_STATEMENT_STEP:
        return true;
    default:
        return false;
    }
}

void rota_parser_defer_name(struct rota_parser *p, bool all, uint32_t operator)
{
    rota_assert(p->at > 0);
    p->forward_names = rota_memory_extend(p->forward_names, p->forward_name_count,
                                          &p->forward_name_capacity, sizeof *p->forward_names);
    p->forward_names[p->forward_name_count++] =
        (struct rota_forward_name){p->s->count - 1, p->at - 1, all, operator};
}

bool rota_parser_take_task(struct rota_parser *p, bool all, char **name)
{
    const struct rota_token *word = rota_parser_take(p, "a task's name");

    if (word == NULL)
        return false;
    if (is_deferred(p))
        rota_parser_defer_name(p, all, 0);
    else if (!check_task(p, word, all, " above"))
        return false;
    *name = rota_memory_text(word->text);
    return true;
}

/* ---- the whole file ---- */

/* An `id` must not be one of t1, t2, ... if submits without an id make that task. */
static bool check_id(struct rota_parser *p, const struct rota_statement *st)
{
    const struct rota_submit *submit = &st->action.submit;
    uint64_t number;

    if (submit->id == NULL || submit->count > 1 || !is_numbered(p, submit->id, &number))
        return true;
    if (!rota_parser_read_again(p, st))
        return false;
    for (uint32_t i = 0; i < p->lexer.count; i++) {
        if (strncmp(p->lexer.tokens[i].text, "id=", 3) == 0)
            return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[i],
                                   "\"%.40s\" is already the name of a task without an id",
                                   submit->id);
    }
    return true;
}

static bool check_operator(struct rota_parser *p, const struct rota_token *word, uint32_t number)
{
    uint32_t have = p->s->cluster.operators;

    if (number <= have)
        return true;
    if (have == 0)
        return ROTA_TOKEN_FAIL(&p->lexer, word,
                               "there is no %.40s: the file has no cancel, retry or drain",
                               word->text);
    return ROTA_TOKEN_FAIL(
        &p->lexer, word,
        "there is no %.40s: the file has %u cancel, retry and drain actions; did "
        "you mean \"o%u\"?",
        word->text, have, have);
}

bool rota_parser_check_names(struct rota_parser *p)
{
    for (uint32_t i = 0; i < p->forward_name_count; i++) {
        const struct rota_forward_name *name = &p->forward_names[i];

        if (!rota_parser_read_again(p, &p->s->statements[name->statement]))
            return false;
        if (name->operator== 0 ? !check_task(p, &p->lexer.tokens[name->word], name->all, "")
                               : !check_operator(p, &p->lexer.tokens[name->word], name->operator))
            return false;
    }
    for (uint32_t i = 0; i < p->s->count; i++)
        if (!check_id(p, &p->s->statements[i]))
            return false;
    return true;
}
