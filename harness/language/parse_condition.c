#include "harness/language/parse_condition.h"

#include <string.h>

#include "harness/language/names.h"
#include "harness/language/parse_who.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

static bool take_path(struct rota_parser *p, struct rota_condition *c)
{
    const struct rota_token *word = rota_parser_take(p, "a path");

    if (word == NULL)
        return false;
    if (word->text[0] != '/')
        return ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" is not a path: it does not begin with /",
                               word->text);
    if (!rota_path_valid(word->text, false))
        return ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" is not a valid path of a znode",
                               word->text);
    c->name = rota_memory_text(word->text);
    return true;
}

/* OP N */
static bool take_comparison(struct rota_parser *p, struct rota_condition *c)
{
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">=", NULL};
    int sign = rota_parser_take_one(p, "a comparison: == != < <= > >=", signs);
    const struct rota_token *word;
    uint64_t number;

    if (sign < 0)
        return false;
    c->comparison = (enum rota_comparison)sign;
    word = rota_parser_take(p, "a number");
    if (word == NULL || !rota_word_number(p, rota_word_whole(word), 0, INT32_MAX, &number))
        return false;
    c->number = (int64_t)number;
    return true;
}

/* ---- conditions that can never be true ---- */

/* Whether a number from 0 to `max` can compare so. */
static bool possible(const struct rota_condition *c, int64_t max)
{
    int64_t candidates[] = {0, c->number - 1, c->number, c->number + 1, max};

    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (candidates[i] >= 0 && candidates[i] <= max &&
            rota_compare(candidates[i], c->comparison, c->number))
            return true;
    return false;
}

/* The highest number of masters or workers there can be. */
static int64_t most_of(const struct rota_parser *p, const struct rota_condition *c)
{
    const struct rota_cluster *k = &p->s->cluster;
    uint32_t kind = c->kind == ROTA_CONDITION_LEADERS ? 0 : 1;
    uint32_t have = kind == 0 ? k->masters : k->workers;
    int64_t most = 0;

    if (c->kind != ROTA_CONDITION_LEADERS &&
        (c->kind != ROTA_CONDITION_WORKERS || p->has_zk)) /* a zkCli session may be a worker too */
        return INT64_MAX;
    for (uint32_t i = 1; i <= have; i++)
        most += p->started[kind][i];
    return most;
}

/* Whether the condition compares a number. */
static bool compares(enum rota_condition_kind kind)
{
    switch (kind) {
    case ROTA_CONDITION_LEADERS:
    case ROTA_CONDITION_ATTEMPTS:
    case ROTA_CONDITION_EXECUTIONS:
    case ROTA_CONDITION_PROGRESS:
    case ROTA_CONDITION_HISTORY:
    case ROTA_CONDITION_REFUSED:
    case ROTA_CONDITION_WORKERS:
    case ROTA_CONDITION_ASSIGNED:
    case ROTA_CONDITION_CHILDREN:
    case ROTA_CONDITION_ZNODES:
        return true;
    default:
        return false;
    }
}

static bool check_possible(struct rota_parser *p, const struct rota_condition *c)
{
    const struct rota_token *last = &p->lexer.tokens[p->at - 1];
    char name[24];

    if (c->kind == ROTA_CONDITION_LEADER && !p->started[0][c->who.number]) {
        rota_who_format(c->who, name, sizeof name);
        return ROTA_TOKEN_FAIL(&p->lexer, last, "this can never be true: nothing above starts %s",
                               name);
    }
    if (!compares(c->kind))
        return true;
    if (!possible(c, INT64_MAX))
        return ROTA_TOKEN_FAIL(&p->lexer, last, "this can never be true of a count");
    return possible(c, most_of(p, c)) ||
           ROTA_TOKEN_FAIL(&p->lexer, last, "this can never be true: the lines above start %d %s",
                           (int)most_of(p, c),
                           c->kind == ROTA_CONDITION_LEADERS ? "masters" : "workers");
}

/* ---- reading ---- */

static bool take_data(struct rota_parser *p, struct rota_condition *c)
{
    const struct rota_token *word;

    if (!take_path(p, c) || (word = rota_parser_take(p, "the expected data")) == NULL)
        return false;
    c->text = rota_memory_text(word->text);
    return true;
}

static bool take_state(struct rota_parser *p, struct rota_condition *c)
{
    int state;

    if (!rota_parser_take_task(p, false, &c->name))
        return false;
    state = rota_parser_take_of(p, "a state of a task", ROTA_KEYWORD_STATE);
    if (state >= 0)
        c->state = (enum rota_seen_task_state)state;
    return state >= 0;
}

static bool take_rest(struct rota_parser *p, struct rota_condition *c)
{
    switch (c->kind) {
    case ROTA_CONDITION_LEADER:
        return rota_parser_take_who(p, 1u << ROTA_WHO_MASTER, "a master", &c->who);
    case ROTA_CONDITION_DONE:
        return rota_parser_take_task(p, true, &c->name);
    case ROTA_CONDITION_FAILED:
    case ROTA_CONDITION_DEAD:
    case ROTA_CONDITION_CANCELLED:
    case ROTA_CONDITION_EXPIRED:
    case ROTA_CONDITION_SKIPPED:
        return rota_parser_take_task(p, false, &c->name);
    case ROTA_CONDITION_ATTEMPTS:
    case ROTA_CONDITION_EXECUTIONS:
    case ROTA_CONDITION_PROGRESS:
    case ROTA_CONDITION_HISTORY:
        return rota_parser_take_task(p, false, &c->name) && take_comparison(p, c);
    case ROTA_CONDITION_REFUSED:
        return rota_parser_take_who(p, ROTA_WHOS_PROCESSES | ROTA_WHOS_OPERATORS, "a process",
                                    &c->who) &&
               take_comparison(p, c);
    case ROTA_CONDITION_ASSIGNED:
        return rota_parser_take_who(p, ROTA_WHOS_WORKERS | ROTA_WHOS_ALL, "a worker", &c->who) &&
               take_comparison(p, c);
    case ROTA_CONDITION_STATE:
        return take_state(p, c);
    case ROTA_CONDITION_EXISTS:
    case ROTA_CONDITION_MISSING:
        return take_path(p, c);
    case ROTA_CONDITION_DATA:
        return take_data(p, c);
    case ROTA_CONDITION_CHILDREN:
        return take_path(p, c) && take_comparison(p, c);
    default:
        return take_comparison(p, c);
    }
}

bool rota_parser_take_condition(struct rota_parser *p, bool awaited, struct rota_condition *c)
{
    int kind = rota_parser_take_of(p, "a condition", ROTA_KEYWORD_CONDITION);

    if (kind < 0)
        return false;
    c->kind = (enum rota_condition_kind)kind;
    return take_rest(p, c) && (!awaited || check_possible(p, c));
}
