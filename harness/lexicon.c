#include "harness/lexicon.h"

#include <string.h>

#include "harness/protocol.h"
#include "harness/scenario.h"

#define X(name, word, syntax, meaning, example) {word, syntax, meaning, example},
static const struct rota_entry statements[] = {ROTA_STATEMENT_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry actions[] = {ROTA_DEED_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry conditions[] = {ROTA_CONDITION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry persons[] = {ROTA_PERSON_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry properties[] = {ROTA_PROPERTY_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry options[] = {ROTA_OPTION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry states[] = {ROTA_STATE_MAP(X){NULL, NULL, NULL, NULL}};
#undef X

#define X(name, word) {word, NULL, NULL, NULL},
static const struct rota_entry operations[] = {ROTA_OPERATION_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry particles[] = {ROTA_PARTICLE_MAP(X){NULL, NULL, NULL, NULL}};
static const struct rota_entry invariants[] = {ROTA_INVARIANT_MAP(X){NULL, NULL, NULL, NULL}};
#undef X

static const struct {
    const char *name;
    const struct rota_entry *entries;
} lexes[] = {
    [ROTA_LEXIS_STATEMENT] = {"statement", statements},
    [ROTA_LEXIS_ACTION] = {"action", actions},
    [ROTA_LEXIS_CONDITION] = {"condition", conditions},
    [ROTA_LEXIS_WHO] = {"who", persons},
    [ROTA_LEXIS_CLUSTER] = {"cluster", properties},
    [ROTA_LEXIS_SUBMIT] = {"submit", options},
    [ROTA_LEXIS_STATE] = {"state", states},
    [ROTA_LEXIS_OPERATION] = {"operation", operations},
    [ROTA_LEXIS_PARTICLE] = {"particle", particles},
    [ROTA_LEXIS_INVARIANT] = {"invariant", invariants},
};

const struct rota_entry *rota_lexicon(enum rota_lexis lexis)
{
    return lexes[lexis].entries;
}

const char *rota_lexis_name(enum rota_lexis lexis)
{
    return lexes[lexis].name;
}

int rota_lexicon_find(enum rota_lexis lexis, const char *word)
{
    const struct rota_entry *entries = rota_lexicon(lexis);

    for (int i = 0; entries[i].word != NULL; i++) {
        if (strcmp(word, entries[i].word) == 0)
            return i;
    }
    return -1;
}
