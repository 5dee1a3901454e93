/* First-in first-out queues of records that live in an array and carry their own link. An index is
 * stored plus one, so that zeroed memory is an empty queue. A record is in one queue at a time. */
#ifndef ROTA_MODEL_BASE_QUEUE_H
#define ROTA_MODEL_BASE_QUEUE_H

#include <stdbool.h>

#include "model/base/pool.h"

struct rota_queue {
    uint32_t head;
    uint32_t tail;
    uint32_t length;
};

/* Where the links are: in the records of an array, each of `size` bytes, at `offset`. */
struct rota_links {
    const struct rota_pool *mem;
    const struct rota_array *records;
    size_t size;
    size_t offset;
};

/* Appends record `i`. */
void rota_queue_push(struct rota_queue *q, struct rota_links l, uint32_t i);

/* Takes the first record out, which must be there. */
uint32_t rota_queue_pop(struct rota_queue *q, struct rota_links l);

/* Takes record `i` out, wherever it is; false if it is not in the queue. */
bool rota_queue_remove(struct rota_queue *q, struct rota_links l, uint32_t i);

/* The record after `i` in its queue, as index + 1; 0 at the end. */
uint32_t rota_queue_next(struct rota_links l, uint32_t i);

#endif
