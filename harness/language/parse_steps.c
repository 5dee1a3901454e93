#include "harness/language/parse_steps.h"

#include <string.h>

#include "harness/language/parse_action.h"
#include "system/memory.h"

enum {
    STEPS_MAX = 7,     /* of one permute */
    ORDERS_MAX = 5040, /* runs of one file */
};

/* step NAME: ACTION */
bool rota_parser_read_step(struct rota_parser *p)
{
    struct rota_statement *st = rota_parser_add_line(p, ROTA_STATEMENT_STEP);
    const struct rota_token *word = rota_parser_take(p, "a name and a colon");
    size_t length;

    if (word == NULL)
        return false;
    length = strlen(word->text);
    if (length < 2 || word->text[length - 1] != ':')
        return ROTA_TOKEN_FAIL(&p->lexer, word,
                               "the name of a step must end in a colon, as in \"step one: ...\"");
    st->name = rota_memory_text_of(word->text, length - 1);
    if (rota_map_get(&p->pool, &p->steps, st->name) != ROTA_MAP_NONE)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "there is already a step \"%.40s\" above",
                               st->name);
    rota_map_put(&p->pool, &p->steps, st->name, p->s->count - 1);
    return rota_parser_take_action(p, &st->action);
}

/* permute NAME NAME...: the steps may be below, so the names are looked up at the end. */
bool rota_parser_read_permute(struct rota_parser *p)
{
    struct rota_statement *st = rota_parser_add_line(p, ROTA_STATEMENT_PERMUTE);

    st->step_count = p->lexer.count - 1;
    if (st->step_count < 2)
        return rota_parser_missing(p, "the name of a step");
    if (st->step_count > STEPS_MAX)
        return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[STEPS_MAX + 1],
                               "a permute has at most %d steps", STEPS_MAX);
    for (uint32_t k = st->step_count; k > 1; k--) {
        if (p->s->orders > ORDERS_MAX / k)
            return ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[0],
                                   "the steps of the file have more than %d orders", ORDERS_MAX);
        p->s->orders *= k;
    }
    st->steps = rota_memory_zeroed(st->step_count, sizeof *st->steps);
    p->at = p->lexer.count;
    return true;
}

static bool resolve_step(struct rota_parser *p, struct rota_statement *st, uint32_t i)
{
    const struct rota_token *word = &p->lexer.tokens[i + 1];
    const char *names[64];
    uint32_t count = 0;

    st->steps[i] = rota_map_get(&p->pool, &p->steps, word->text);
    if (st->steps[i] == ROTA_MAP_NONE) {
        for (uint32_t k = 0; k < p->s->count && count < 63; k++)
            if (p->s->statements[k].kind == ROTA_STATEMENT_STEP)
                names[count++] = p->s->statements[k].name;
        names[count] = NULL;
        return rota_lexer_unknown(&p->lexer, word->column, word->width, word->text,
                                  "the name of a step", names);
    }
    for (uint32_t k = 0; k < i; k++)
        if (st->steps[k] == st->steps[i])
            return ROTA_TOKEN_FAIL(&p->lexer, word, "this step is named twice");
    p->s->statements[st->steps[i]].is_permuted = true;
    return true;
}

/* Looks up every step. The line of a permute is read again, so that an error can point at a word.
 */
bool rota_parser_resolve_steps(struct rota_parser *p)
{
    for (uint32_t k = 0; k < p->s->count; k++) {
        struct rota_statement *st = &p->s->statements[k];

        if (st->kind != ROTA_STATEMENT_PERMUTE)
            continue;
        if (!rota_parser_read_again(p, st))
            return false;
        for (uint32_t i = 0; i < st->step_count; i++)
            if (!resolve_step(p, st, i))
                return false;
    }
    for (uint32_t k = 0; k < p->s->count; k++) {
        const struct rota_statement *st = &p->s->statements[k];

        if (st->kind != ROTA_STATEMENT_STEP || st->is_permuted)
            continue;
        return rota_parser_read_again(p, st) &&
               ROTA_TOKEN_FAIL(&p->lexer, &p->lexer.tokens[1], "no permute names this step");
    }
    return true;
}
