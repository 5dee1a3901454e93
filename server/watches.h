/* Who is told when a path changes: two tables of one-shot watches (S48). */
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
    struct rota_map paths; /* path -> who watches it */
    uint32_t count;
};

/* The head of whatever watches, in the pool. Zeroed memory watches nothing. */
struct rota_watcher {
    rota_ref first; /* of its watches */
};

/* Arms a watch; a second one of the same watcher on the same path is the same watch (S48). The path
 * is not in the pool and is copied. */
void rota_watches_add(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                      const char *path, rota_ref watcher);

/* Takes one watch off a path and returns its watcher, 0 when none is left. */
rota_ref rota_watches_take(struct rota_pool *p, struct rota_watches *w, enum rota_watch_table table,
                           const char *path);

/* Takes off all watches of a watcher (S57). */
void rota_watches_forget(struct rota_pool *p, struct rota_watches *w, rota_ref watcher);

#endif
