#include "harness/language/invariant.h"

#include "model/base/assert.h"

const char *rota_invariant_word(enum rota_invariant invariant)
{
    static const char *const words[] = {
#define X(name, word) word,
        ROTA_INVARIANT_MAP(X)
#undef X
    };

    rota_assert(invariant < ROTA_INVARIANTS);
    return words[invariant];
}
