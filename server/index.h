/* Numbers to references: an open-addressing hash table in a pool. Unlike model/base/map, its keys
 * are numbers, which it holds itself. */
#ifndef ROTA_SERVER_INDEX_H
#define ROTA_SERVER_INDEX_H

#include "model/base/pool.h"

/* Zeroed memory is an empty index. */
struct rota_index {
    rota_ref cells;
    uint32_t capacity; /* a power of two */
    uint32_t length;
};

/* The reference under a number, 0 if there is none. */
rota_ref rota_index_get(const struct rota_pool *p, const struct rota_index *x, uint64_t number);

/* Puts a reference, which is not 0, under a number that the index does not hold. */
void rota_index_put(struct rota_pool *p, struct rota_index *x, uint64_t number, rota_ref ref);

/* Removes a number that the index holds. */
void rota_index_remove(struct rota_pool *p, struct rota_index *x, uint64_t number);

/* The reference in cell `i`, 0 if the cell is empty. A walk over all cells, x->capacity of them,
 * finds every reference. */
rota_ref rota_index_cell(const struct rota_pool *p, const struct rota_index *x, uint32_t i);

#endif
