#include "harness/zkcli/zklist.h"

#include <stdlib.h>
#include <string.h>

#include "harness/zkcli/zktext.h"
#include "system/memory.h"

void rota_zklist_add(struct rota_zklist *l, const char *text, size_t length)
{
    l->items = rota_memory_extend(l->items, l->count, &l->capacity, sizeof *l->items);
    l->items[l->count++] = rota_memory_text_of(text, length);
}

void rota_zklist_clear(struct rota_zklist *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        free(l->items[i]);
    free(l->items);
    *l = (struct rota_zklist){0};
}

void rota_zklist_add_child(struct rota_zklist *l, const char *parent, const char *name)
{
    struct rota_zktext path = {0};

    rota_zktext_print(&path, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent, name);
    rota_zklist_add(l, path.data, path.length);
    rota_zktext_close(&path);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void rota_zklist_sort(struct rota_zklist *l)
{
    if (l->count > 0)
        qsort(l->items, l->count, sizeof *l->items, compare_names);
}
