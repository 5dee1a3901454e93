#include "server/watches.h"

#include "model/base/assert.h"

struct watch {
    rota_ref watched;
    rota_ref watcher;
    rota_ref before, after;  /* in the list of its path and table */
    rota_ref previous, next; /* in the list of its watcher */
    enum rota_watch_table table;
};

/* A path with watches. */
struct watched {
    rota_ref path; /* the text in the map */
    rota_ref first[ROTA_WATCH_TABLES];
};

static struct watch *watch_at(const struct rota_pool *p, rota_ref ref)
{
    return rota_pool_at(p, ref);
}

static struct watched *watched_at(const struct rota_pool *p, rota_ref ref)
{
    return rota_pool_at(p, ref);
}

static struct rota_watcher *watcher_at(const struct rota_pool *p, rota_ref ref)
{
    return rota_pool_at(p, ref);
}

/* The entry of a path; a new one is made if there is none. */
static rota_ref find_or_add(struct rota_pool *p, struct rota_watches *w, const char *path)
{
    rota_ref entry = rota_map_get(p, &w->paths, path);

    if (entry == ROTA_MAP_NONE) {
        rota_ref name;

        entry = rota_pool_take(p, sizeof(struct watched));
        name = rota_map_put(p, &w->paths, path, entry);
        watched_at(p, entry)->path = name;
    }
    return entry;
}

void rota_watches_add(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                      const char *path, rota_ref watcher)
{
    rota_ref entry = find_or_add(p, w, path);
    rota_ref ref = watched_at(p, entry)->first[table];

    for (; ref != 0; ref = watch_at(p, ref)->after)
        if (watch_at(p, ref)->watcher == watcher)
            return;
    ref = rota_pool_take(p, sizeof(struct watch));
    *watch_at(p, ref) = (struct watch){.watched = entry,
                                       .watcher = watcher,
                                       .after = watched_at(p, entry)->first[table],
                                       .next = watcher_at(p, watcher)->first,
                                       .table = table};
    if (watch_at(p, ref)->after != 0)
        watch_at(p, watch_at(p, ref)->after)->before = ref;
    if (watch_at(p, ref)->next != 0)
        watch_at(p, watch_at(p, ref)->next)->previous = ref;
    watched_at(p, entry)->first[table] = ref;
    watcher_at(p, watcher)->first = ref;
    w->count++;
}

/* Removes a watch from the list of its path, and the path if it was the last one. */
static void remove_from_path(struct rota_pool *p, struct rota_watches *w, const struct watch *watch)
{
    struct watched *entry = watched_at(p, watch->watched);

    if (watch->after != 0)
        watch_at(p, watch->after)->before = watch->before;
    if (watch->before != 0)
        watch_at(p, watch->before)->after = watch->after;
    else
        entry->first[watch->table] = watch->after;
    if (entry->first[ROTA_WATCH_TABLE_DATA] == 0 && entry->first[ROTA_WATCH_TABLE_CHILD] == 0) {
        rota_map_remove(p, &w->paths, rota_pool_at(p, entry->path));
        rota_pool_give(p, watch->watched, sizeof(struct watched));
    }
}

static void remove_from_watcher(struct rota_pool *p, const struct watch *watch)
{
    if (watch->next != 0)
        watch_at(p, watch->next)->previous = watch->previous;
    if (watch->previous != 0)
        watch_at(p, watch->previous)->next = watch->next;
    else
        watcher_at(p, watch->watcher)->first = watch->next;
}

static void remove_watch(struct rota_pool *p, struct rota_watches *w, rota_ref ref)
{
    struct watch watch = *watch_at(p, ref);

    remove_from_watcher(p, &watch);
    remove_from_path(p, w, &watch);
    rota_pool_give(p, ref, sizeof(struct watch));
    rota_assert(w->count > 0);
    w->count--;
}

rota_ref rota_watches_take(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                           const char *path)
{
    rota_ref entry = w->count == 0 ? ROTA_MAP_NONE : rota_map_get(p, &w->paths, path);
    rota_ref ref, watcher;

    if (entry == ROTA_MAP_NONE)
        return 0;
    ref = watched_at(p, entry)->first[table];
    if (ref == 0)
        return 0;
    watcher = watch_at(p, ref)->watcher;
    remove_watch(p, w, ref);
    return watcher;
}

void rota_watches_forget(struct rota_pool *p, struct rota_watches *w, rota_ref watcher)
{
    while (watcher_at(p, watcher)->first != 0)
        remove_watch(p, w, watcher_at(p, watcher)->first);
}

void rota_watches_check(const struct rota_pool *p, const struct rota_watches *w, rota_ref watcher)
{
    rota_ref previous = 0;

    for (rota_ref ref = watcher_at(p, watcher)->first; ref != 0; ref = watch_at(p, ref)->next) {
        const struct watch *watch = watch_at(p, ref);
        const struct watched *entry = watched_at(p, watch->watched);

        rota_assert(watch->watcher == watcher && watch->previous == previous);
        rota_assert(rota_map_get(p, &w->paths, rota_pool_at(p, entry->path)) == watch->watched);
        rota_assert(ref == (watch->before == 0 ? entry->first[watch->table]
                                               : watch_at(p, watch->before)->after));
        previous = ref;
    }
}
