#include "backend_sim/net/client_watches.h"

#include <string.h>

#include "system/memory.h"

/* A watched path and the lists it is in, one bit each. */
struct entry {
    rota_ref path; /* the text in the map */
    uint32_t lists;
};

void rota_client_watches_init(struct rota_client_watches *w)
{
    *w = (struct rota_client_watches){0};
    rota_pool_init(&w->pool);
}

void rota_client_watches_close(struct rota_client_watches *w)
{
    rota_pool_close(&w->pool);
}

static struct entry *entry_at(const struct rota_client_watches *w, uint32_t i)
{
    return rota_array_at(&w->pool, &w->entries, i, sizeof(struct entry));
}

static const char *path_of(const struct rota_client_watches *w, const struct entry *e)
{
    return rota_pool_at(&w->pool, e->path);
}

static void add(struct rota_client_watches *w, const char *path, enum rota_watch_list list)
{
    uint32_t i = rota_map_get(&w->pool, &w->indexes, path);

    if (i == ROTA_MAP_NONE) {
        i = rota_array_push(&w->pool, &w->entries, sizeof(struct entry));
        rota_ref name = rota_map_put(&w->pool, &w->indexes, path, i);
        entry_at(w, i)->path = name;
    }
    if ((entry_at(w, i)->lists & 1u << list) != 0)
        return;
    entry_at(w, i)->lists |= 1u << list;
    w->bytes += (uint32_t)strlen(path) + 4;
    if (w->bytes > w->bytes_most)
        w->bytes_most = w->bytes;
}

/* The last entry takes the place of an entry without lists. */
static void remove_entry(struct rota_client_watches *w, uint32_t i)
{
    uint32_t last = w->entries.length - 1;

    rota_map_remove(&w->pool, &w->indexes, path_of(w, entry_at(w, i)));
    if (i != last) {
        *entry_at(w, i) = *entry_at(w, last);
        rota_map_put(&w->pool, &w->indexes, path_of(w, entry_at(w, i)), i);
    }
    w->entries.length--;
    memset(entry_at(w, last), 0, sizeof(struct entry));
}

bool rota_client_watches_end(struct rota_client_watches *w, enum rota_watch_kind kind,
                             const char *path)
{
    static const uint32_t ended[] = {
        [ROTA_WATCH_CREATED] = 1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS,
        [ROTA_WATCH_CHANGED] = 1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS,
        [ROTA_WATCH_CHILD] = 1u << ROTA_WATCH_LIST_CHILD,
        [ROTA_WATCH_DELETED] =
            1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS | 1u << ROTA_WATCH_LIST_CHILD,
    };
    uint32_t i = rota_map_get(&w->pool, &w->indexes, path);
    uint32_t lists;

    if (i == ROTA_MAP_NONE)
        return false;
    lists = entry_at(w, i)->lists & ended[kind];
    for (int list = 0; list < ROTA_WATCH_LISTS; list++)
        if ((lists & 1u << list) != 0)
            w->bytes -= (uint32_t)strlen(path) + 4;
    entry_at(w, i)->lists &= ~lists;
    if (entry_at(w, i)->lists == 0)
        remove_entry(w, i);
    return lists != 0;
}

void rota_client_watches_clear(struct rota_client_watches *w)
{
    rota_map_clear(&w->pool, &w->indexes);
    rota_array_clear(&w->pool, &w->entries, sizeof(struct entry));
    w->bytes = 0;
}

void rota_client_watches_keep(struct rota_client_watches *w, const struct rota_operation *o,
                              int32_t rc)
{
    if (!o->watch || (o->op != ROTA_OP_GET && o->op != ROTA_OP_EXISTS && o->op != ROTA_OP_CHILDREN))
        return;
    if (o->op == ROTA_OP_EXISTS && rc == ROTA_ERR_NO_NODE)
        add(w, o->path, ROTA_WATCH_LIST_EXISTS);
    else if (rc == ROTA_ERR_OK)
        add(w, o->path, o->op == ROTA_OP_CHILDREN ? ROTA_WATCH_LIST_CHILD : ROTA_WATCH_LIST_DATA);
}

uint32_t rota_client_watches_count(const struct rota_client_watches *w)
{
    return w->entries.length;
}

char **rota_client_watches_paths(const struct rota_client_watches *w,
                                 uint32_t counts[ROTA_WATCH_LISTS])
{
    char **paths = rota_memory_zeroed((size_t)w->entries.length * ROTA_WATCH_LISTS, sizeof *paths);
    uint32_t count = 0;

    for (int list = 0; list < ROTA_WATCH_LISTS; list++) {
        counts[list] = 0;
        for (uint32_t i = 0; i < w->entries.length; i++) {
            if ((entry_at(w, i)->lists & 1u << list) == 0)
                continue;
            paths[count++] = rota_memory_text(path_of(w, entry_at(w, i)));
            counts[list]++;
        }
    }
    return paths;
}
