/* A growable block of memory that holds the state of a role. References are numbers, not addresses:
 * a role is copied by copying its struct and its block, and identified by hashing both. */
#ifndef ROTA_MODEL_BASE_POOL_H
#define ROTA_MODEL_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

/* A place in a pool; 0 is no place. */
typedef uint32_t rota_ref;

enum { ROTA_POOL_CLASSES = 33 };

struct rota_pool {
    uint8_t *base;                    /* the only address; not part of the state */
    uint64_t size;                    /* bytes of the block */
    uint64_t used;                    /* bytes ever taken from it */
    uint64_t live;                    /* bytes taken and not given back */
    rota_ref free[ROTA_POOL_CLASSES]; /* lists of places given back, by power of two */
};

/* Makes an empty pool; takes no memory yet. */
void rota_pool_init(struct rota_pool *p);

/* Frees the block. */
void rota_pool_close(struct rota_pool *p);

/* The model's report that there is no memory: called instead of returning, by a pool that cannot
 * grow and by an outbox. The default aborts. A program that wants to leave with a sentence and a
 * status of its own defines a function of this name, as system/memory.c does.
 *
 * The program ends as in a crash, and does not close its session first: a worker that closed its
 * session while its runs go on would let the master give them to another worker. */
_Noreturn void rota_pool_exhausted(void);

/* Takes `bytes` zeroed bytes, aligned to 16. Addresses from rota_pool_at become invalid. Calls
 * rota_pool_exhausted if there is no memory. */
rota_ref rota_pool_take(struct rota_pool *p, size_t bytes);

/* Gives a place back; `bytes` is the number it was taken with. `ref` may be 0. */
void rota_pool_give(struct rota_pool *p, rota_ref ref, size_t bytes);

/* The address of a place, valid until the next take. */
void *rota_pool_at(const struct rota_pool *p, rota_ref ref);

/* Makes `to`, which must be initialised, a copy of the whole block. */
void rota_pool_copy(struct rota_pool *to, const struct rota_pool *from);

/* A growable array in a pool. Zeroed memory is an empty array. */
struct rota_array {
    rota_ref at;
    uint32_t length;
    uint32_t capacity;
};

/* Appends one zeroed element of `size` bytes and returns its index. Addresses become invalid. */
uint32_t rota_array_push(struct rota_pool *p, struct rota_array *a, size_t size);

/* Removes all elements and gives the memory back. */
void rota_array_clear(struct rota_pool *p, struct rota_array *a, size_t size);

/* The address of element `i`, valid until the next take. */
void *rota_array_at(const struct rota_pool *p, const struct rota_array *a, uint32_t i, size_t size);

/* Copies a text into the pool. */
rota_ref rota_text_take(struct rota_pool *p, const char *text);

/* Gives back a text taken with rota_text_take. `ref` may be 0. */
void rota_text_give(struct rota_pool *p, rota_ref ref);

#endif
