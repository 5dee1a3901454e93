#include "harness/judge/znode_path.h"

#include <stddef.h>
#include <string.h>

/* Copies the element at `from`. Returns what follows its slash, or NULL at the end of the path. */
static const char *element(const char *from, char *name)
{
    size_t length = strcspn(from, "/");
    size_t kept = length < ROTA_ZNODE_PATH_NAME ? length : ROTA_ZNODE_PATH_NAME - 1;

    memcpy(name, from, kept);
    name[kept] = '\0';
    return from[length] == '/' ? from + length + 1 : NULL;
}

static enum rota_znode_path_kind one_element(const char *top)
{
    if (strcmp(top, "epoch") == 0)
        return ROTA_ZNODE_PATH_EPOCH;
    return strcmp(top, "master") == 0 ? ROTA_ZNODE_PATH_MASTER : ROTA_ZNODE_PATH_TOP;
}

static enum rota_znode_path_kind two_elements(const char *top)
{
    static const struct {
        const char *top;
        enum rota_znode_path_kind kind;
    } known[] = {
        {"tasks", ROTA_ZNODE_PATH_TASK},        {"assign", ROTA_ZNODE_PATH_PLACE},
        {"workers", ROTA_ZNODE_PATH_WORKER},    {"retry", ROTA_ZNODE_PATH_RETRY},
        {"cancel", ROTA_ZNODE_PATH_CANCEL},     {"drain", ROTA_ZNODE_PATH_DRAIN},
        {"collect", ROTA_ZNODE_PATH_COLLECT},   {"history", ROTA_ZNODE_PATH_HISTORY},
        {"progress", ROTA_ZNODE_PATH_PROGRESS},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(top, known[i].top) == 0)
            return known[i].kind;
    return ROTA_ZNODE_PATH_OTHER;
}

static enum rota_znode_path_kind three_elements(const char *top, const char *last)
{
    if (strcmp(top, "assign") == 0)
        return ROTA_ZNODE_PATH_ASSIGNMENT;
    return strcmp(top, "tasks") == 0 && strcmp(last, "status") == 0 ? ROTA_ZNODE_PATH_STATUS
                                                                    : ROTA_ZNODE_PATH_OTHER;
}

void rota_znode_path_read(const char *path, struct rota_znode_path *at)
{
    char top[ROTA_ZNODE_PATH_NAME];
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
    at->kind = rest == NULL ? three_elements(top, at->b) : ROTA_ZNODE_PATH_OTHER;
}

const char *rota_znode_path_task(const struct rota_znode_path *at)
{
    switch (at->kind) {
    case ROTA_ZNODE_PATH_ASSIGNMENT:
        return at->b;
    case ROTA_ZNODE_PATH_TASK:
    case ROTA_ZNODE_PATH_STATUS:
    case ROTA_ZNODE_PATH_RETRY:
    case ROTA_ZNODE_PATH_CANCEL:
    case ROTA_ZNODE_PATH_COLLECT:
    case ROTA_ZNODE_PATH_HISTORY:
    case ROTA_ZNODE_PATH_PROGRESS:
        return at->a;
    default:
        return NULL;
    }
}
