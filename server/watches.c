#include "server/watches.h"

#include "model/base/assert.h"

struct watch {
    rota_ref watched;
    rota_ref watcher;
    rota_ref before, after;  /* on the same path, in the same table */
    rota_ref previous, next; /* of the same watcher */
    enum rota_watch_table table;
};

/* A path somebody watches. */
struct watched {
    rota_ref path; /* held by the map */
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

/* The entry of a path, made if it is not there. */
static rota_ref enter(struct rota_pool *p, struct rota_watches *w, const char *path)
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
    rota_ref entry = enter(p, w, path);
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

/* Takes a watch off the list of its path, and its path off the map when it was the last. */
static void leave_path(struct rota_pool *p, struct rota_watches *w, const struct watch *watch)
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

static void leave_watcher(struct rota_pool *p, const struct watch *watch)
{
    if (watch->next != 0)
        watch_at(p, watch->next)->previous = watch->previous;
    if (watch->previous != 0)
        watch_at(p, watch->previous)->next = watch->next;
    else
        watcher_at(p, watch->watcher)->first = watch->next;
}

static void disarm(struct rota_pool *p, struct rota_watches *w, rota_ref ref)
{
    struct watch watch = *watch_at(p, ref);

    leave_watcher(p, &watch);
    leave_path(p, w, &watch);
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
    disarm(p, w, ref);
    return watcher;
}

void rota_watches_forget(struct rota_pool *p, struct rota_watches *w, rota_ref watcher)
{
    while (watcher_at(p, watcher)->first != 0)
        disarm(p, w, watcher_at(p, watcher)->first);
}
