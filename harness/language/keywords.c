#include "harness/language/keywords.h"

#include <string.h>

#include "harness/language/invariant.h"
#include "model/base/assert.h"

#define X(name, word, syntax, meaning, example) {word, syntax, meaning, example},
static const struct rota_keyword statements[] = {ROTA_STATEMENT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword actions[] = {ROTA_SCRIPT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword conditions[] = {ROTA_CONDITION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword whos[] = {ROTA_WHO_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword cluster_keys[] = {ROTA_CLUSTER_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword submit_options[] = {ROTA_SUBMIT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword states[] = {ROTA_STATE_MAP(X){NULL, NULL, NULL, NULL}};
#undef X

#define X(name, word) {word, NULL, NULL, NULL},
static const struct rota_keyword operations[] = {ROTA_OPERATION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword particles[] = {ROTA_PARTICLE_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword invariants[] = {ROTA_INVARIANT_MAP(X){NULL, NULL, NULL, NULL}};
#undef X

static const struct {
    const char *name;
    const struct rota_keyword *entries;
} kinds[] = {
    [ROTA_KEYWORD_STATEMENT] = {"statement", statements},
    [ROTA_KEYWORD_ACTION] = {"action", actions},
    [ROTA_KEYWORD_CONDITION] = {"condition", conditions},
    [ROTA_KEYWORD_WHO] = {"who", whos},
    [ROTA_KEYWORD_CLUSTER] = {"cluster", cluster_keys},
    [ROTA_KEYWORD_SUBMIT] = {"submit", submit_options},
    [ROTA_KEYWORD_STATE] = {"state", states},
    [ROTA_KEYWORD_OPERATION] = {"operation", operations},
    [ROTA_KEYWORD_PARTICLE] = {"particle", particles},
    [ROTA_KEYWORD_INVARIANT] = {"invariant", invariants},
};

const struct rota_keyword *rota_keywords(enum rota_keyword_kind kind)
{
    return kinds[kind].entries;
}

const char *rota_keyword_kind_name(enum rota_keyword_kind kind)
{
    return kinds[kind].name;
}

int rota_keyword_find(enum rota_keyword_kind kind, const char *word)
{
    const struct rota_keyword *entries = rota_keywords(kind);

    for (int i = 0; entries[i].word != NULL; i++)
        if (strcmp(word, entries[i].word) == 0)
            return i;
    return -1;
}
