/* Names to numbers: an open-addressing hash table in a pool. Names live in the pool as texts. */
#ifndef ROTA_MODEL_BASE_MAP_H
#define ROTA_MODEL_BASE_MAP_H

#include "model/base/pool.h"

#define ROTA_MAP_NONE UINT32_MAX

/* Zeroed memory is an empty map. */
struct rota_map {
    rota_ref cells; /* its table of name, hash and value */
    uint32_t capacity;
    uint32_t length;
};

/* The value under a name, ROTA_MAP_NONE if there is none. */
uint32_t rota_map_get(const struct rota_pool *p, const struct rota_map *m, const char *name);

/* Puts a value under a name, new or not. Copies the name. Returns the name's place in the pool,
 * which stays valid until the name is removed. */
rota_ref rota_map_put(struct rota_pool *p, struct rota_map *m, const char *name, uint32_t value);

/* Removes a name; its absence is no error. */
void rota_map_remove(struct rota_pool *p, struct rota_map *m, const char *name);

/* Removes everything and gives the memory back. */
void rota_map_clear(struct rota_pool *p, struct rota_map *m);

#endif
