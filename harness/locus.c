#include "harness/locus.h"

#include <stddef.h>
#include <string.h>

/* Copies the element at `from`, returns what follows its slash, NULL at the end of the path. */
static const char *element(const char *from, char *name)
{
    size_t length = strcspn(from, "/");
    size_t kept = length < ROTA_LOCUS_NAME ? length : ROTA_LOCUS_NAME - 1;

    memcpy(name, from, kept);
    name[kept] = '\0';
    return from[length] == '/' ? from + length + 1 : NULL;
}

static enum rota_locus_kind one_element(const char *top)
{
    if (strcmp(top, "epoch") == 0)
        return ROTA_LOCUS_EPOCH;
    return strcmp(top, "master") == 0 ? ROTA_LOCUS_MASTER : ROTA_LOCUS_TOP;
}

static enum rota_locus_kind two_elements(const char *top)
{
    static const struct {
        const char *top;
        enum rota_locus_kind kind;
    } known[] = {
        {"tasks", ROTA_LOCUS_TASK},        {"assign", ROTA_LOCUS_PLACE},
        {"workers", ROTA_LOCUS_WORKER},    {"retry", ROTA_LOCUS_RETRY},
        {"cancel", ROTA_LOCUS_CANCEL},     {"drain", ROTA_LOCUS_DRAIN},
        {"collect", ROTA_LOCUS_COLLECT},   {"history", ROTA_LOCUS_HISTORY},
        {"progress", ROTA_LOCUS_PROGRESS},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(top, known[i].top) == 0)
            return known[i].kind;
    }
    return ROTA_LOCUS_OTHER;
}

static enum rota_locus_kind three_elements(const char *top, const char *last)
{
    if (strcmp(top, "assign") == 0)
        return ROTA_LOCUS_ASSIGNMENT;
    return strcmp(top, "tasks") == 0 && strcmp(last, "status") == 0 ? ROTA_LOCUS_STATUS
                                                                    : ROTA_LOCUS_OTHER;
}

void rota_locus_read(const char *path, struct rota_locus *at)
{
    char top[ROTA_LOCUS_NAME];
    const char *rest = element(path + 1, top);

    if (rest == NULL) {
        at->kind = one_element(top);
        return;
    }
    rest = element(rest, at->a);
    if (rest == NULL) {
        at->kind = two_elements(top);
        return;
    }
    rest = element(rest, at->b);
    at->kind = rest == NULL ? three_elements(top, at->b) : ROTA_LOCUS_OTHER;
}

const char *rota_locus_task(const struct rota_locus *at)
{
    switch (at->kind) {
    case ROTA_LOCUS_ASSIGNMENT:
        return at->b;
    case ROTA_LOCUS_TASK:
    case ROTA_LOCUS_STATUS:
    case ROTA_LOCUS_RETRY:
    case ROTA_LOCUS_CANCEL:
    case ROTA_LOCUS_COLLECT:
    case ROTA_LOCUS_HISTORY:
    case ROTA_LOCUS_PROGRESS:
        return at->a;
    default:
        return NULL;
    }
}
