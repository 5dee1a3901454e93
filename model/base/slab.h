/* Records in a growable array of a pool, with a list of the free ones: the index of a record stays
 * the same until the record is given back, and memory is used again.
 *
 * A free record holds the link to the next free one, as index + 1, in a uint32_t member of its own
 * at the offset `link`; the rest of it is zero. While the record is in use the member is the
 * owner's. The record given back last is taken first. */
#ifndef ROTA_MODEL_BASE_SLAB_H
#define ROTA_MODEL_BASE_SLAB_H

#include "model/base/pool.h"

/* Zeroed memory is an empty slab. */
struct rota_slab {
    struct rota_array records; /* used and free ones */
    uint32_t free;             /* the first free record, as index + 1; 0 if there is none */
    uint32_t used;
};

/* Takes a record of `size` bytes and returns its index. The record is zeroed, but for what its
 * owner wrote after giving it back. Addresses of records become invalid. */
uint32_t rota_slab_take(struct rota_pool *p, struct rota_slab *s, size_t size, size_t link);

/* Gives record `i` back: zeroes it. Addresses stay valid, so the owner may write what the next
 * taker should find, such as a count of reuses. */
void rota_slab_give(struct rota_pool *p, struct rota_slab *s, uint32_t i, size_t size, size_t link);

/* The address of record `i`, used or free; valid until something is taken from the pool. */
void *rota_slab_at(const struct rota_pool *p, const struct rota_slab *s, uint32_t i, size_t size);

/* Removes all records and gives the memory back. */
void rota_slab_clear(struct rota_pool *p, struct rota_slab *s, size_t size);

/* Asserts that the free list holds exactly the records that are not in use. Takes time proportional
 * to the number of free records. */
void rota_slab_check(const struct rota_pool *p, const struct rota_slab *s, size_t size,
                     size_t link);

#endif
