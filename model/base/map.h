/* A map from names to numbers: an open-addressing hash table in a pool, which holds copies of the
 * names. */
#ifndef ROTA_MODEL_BASE_MAP_H
#define ROTA_MODEL_BASE_MAP_H

#include "model/base/pool.h"

#define ROTA_MAP_NONE UINT32_MAX

/* Zeroed memory is an empty map. */
struct rota_map {
    rota_ref cells; /* the table: name, hash and value of each */
    uint32_t capacity;
    uint32_t length;
};

/* The value of a name; ROTA_MAP_NONE if the map does not hold the name. */
uint32_t rota_map_get(const struct rota_pool *p, const struct rota_map *m, const char *name);

/* Sets the value of a name, which is added and copied if it is new. Returns the place of the copy
 * in the pool, valid until the name is removed. Addresses in the pool become invalid. */
rota_ref rota_map_put(struct rota_pool *p, struct rota_map *m, const char *name, uint32_t value);

/* Removes a name, if the map holds it. */
void rota_map_remove(struct rota_pool *p, struct rota_map *m, const char *name);

/* Removes all names and gives the memory back. */
void rota_map_clear(struct rota_pool *p, struct rota_map *m);

#endif
