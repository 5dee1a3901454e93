/* Watches: which watchers are notified when a path changes. There are two tables of one-shot
 * watches (S48). */
#ifndef ROTA_SERVER_WATCHES_H
#define ROTA_SERVER_WATCHES_H

#include "model/base/map.h"
#include "model/base/pool.h"

enum rota_watch_table {
    ROTA_WATCH_TABLE_DATA,  /* set by get and exists */
    ROTA_WATCH_TABLE_CHILD, /* set by children */
    ROTA_WATCH_TABLES,
};

/* Zeroed memory holds no watches. */
struct rota_watches {
    struct rota_map paths; /* path -> its watches */
    uint32_t count;
};

/* The first member of a record in the pool that sets watches. Zeroed memory has none. */
struct rota_watcher {
    rota_ref first; /* of its watches */
};

/* Sets a watch. A watcher has at most one on a path in each table (S48). The path must not be in
 * the pool; it is copied. */
void rota_watches_add(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                      const char *path, rota_ref watcher);

/* Removes one watch of a path and returns its watcher, 0 if none is left. */
rota_ref rota_watches_take(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                           const char *path);

/* Removes all watches of a watcher (S57). */
void rota_watches_forget(struct rota_pool *p, struct rota_watches *w, rota_ref watcher);

/* Asserts that the list of a watcher and those of its paths fit together. Takes time proportional
 * to the number of its watches. */
void rota_watches_check(const struct rota_pool *p, const struct rota_watches *w, rota_ref watcher);

#endif
