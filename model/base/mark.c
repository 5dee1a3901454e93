#include "model/base/mark.h"

static const char *const names[] = {
#define X(name, sentence) #name,
    ROTA_NOTE_MAP(X)
#undef X
#define X(name) #name,
        ROTA_MARK_MAP(X)
#undef X
};

void rota_marks_join(struct rota_marks *m, const struct rota_marks *more)
{
    for (size_t i = 0; i < sizeof m->bits / sizeof m->bits[0]; i++)
        m->bits[i] |= more->bits[i];
}

void rota_mark_format(enum rota_mark mark, char *text, size_t size)
{
    const char *name = names[mark];
    size_t i;

    for (i = 0; name[i] != '\0' && i + 1 < size; i++)
        text[i] = name[i] == '_' ? '-' : (char)(name[i] - 'A' + 'a');
    text[i] = '\0';
}
