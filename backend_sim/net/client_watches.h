/* The watches that a client believes in: paths, each with the lists that it is in (S51). */
#ifndef ROTA_BACKEND_SIM_NET_CLIENT_WATCHES_H
#define ROTA_BACKEND_SIM_NET_CLIENT_WATCHES_H

#include "model/base/map.h"
#include "model/base/pool.h"
#include "server/server.h"

struct rota_client_watches {
    struct rota_pool pool;
    struct rota_map indexes; /* path -> index in `entries` */
    struct rota_array entries;
    uint32_t bytes; /* that setting them again takes, without the header */
    uint32_t bytes_most;
};

void rota_client_watches_init(struct rota_client_watches *w);

/* Frees the memory. */
void rota_client_watches_close(struct rota_client_watches *w);

/* A read sets its watch when its answer arrives (S50). */
void rota_client_watches_keep(struct rota_client_watches *w, const struct rota_operation *o,
                              int32_t rc);

/* Takes the watches that an event ends out of their lists. False if there are none: then the event
 * is not reported. */
bool rota_client_watches_end(struct rota_client_watches *w, enum rota_watch_kind kind,
                             const char *path);

/* Removes all watches. */
void rota_client_watches_clear(struct rota_client_watches *w);

/* How many paths are watched. */
uint32_t rota_client_watches_count(const struct rota_client_watches *w);

/* Copies of the paths, list after list, and how many are in each list. The caller frees the array
 * and each path. */
char **rota_client_watches_paths(const struct rota_client_watches *w,
                                 uint32_t counts[ROTA_WATCH_LISTS]);

#endif
