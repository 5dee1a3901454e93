#include "harness/language/keywords.h"

#include <string.h>

#include "harness/language/protocol.h"
#include "harness/language/scenario.h"

#define X(name, word, syntax, meaning, example) {word, syntax, meaning, example},
static const struct rota_keyword statements[] = {ROTA_STATEMENT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword actions[] = {ROTA_SCRIPT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword conditions[] = {ROTA_CONDITION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword persons[] = {ROTA_PERSON_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword properties[] = {ROTA_PROPERTY_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_keyword options[] = {ROTA_OPTION_MAP(X){NULL, NULL, NULL, NULL}};
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
} lexes[] = {
    [ROTA_KEYWORD_STATEMENT] = {"statement", statements},
    [ROTA_KEYWORD_ACTION] = {"action", actions},
    [ROTA_KEYWORD_CONDITION] = {"condition", conditions},
    [ROTA_KEYWORD_WHO] = {"who", persons},
    [ROTA_KEYWORD_CLUSTER] = {"cluster", properties},
    [ROTA_KEYWORD_SUBMIT] = {"submit", options},
    [ROTA_KEYWORD_STATE] = {"state", states},
    [ROTA_KEYWORD_OPERATION] = {"operation", operations},
    [ROTA_KEYWORD_PARTICLE] = {"particle", particles},
    [ROTA_KEYWORD_INVARIANT] = {"invariant", invariants},
};

const struct rota_keyword *rota_keywords(enum rota_keyword_kind lexis)
{
    return lexes[lexis].entries;
}

const char *rota_keyword_kind_name(enum rota_keyword_kind lexis)
{
    return lexes[lexis].name;
}

int rota_keyword_find(enum rota_keyword_kind lexis, const char *word)
{
    const struct rota_keyword *entries = rota_keywords(lexis);

    for (int i = 0; entries[i].word != NULL; i++) {
        if (strcmp(word, entries[i].word) == 0)
            return i;
    }
    return -1;
}
