/* First-in, first-out queues of records in an array. The link is a member of the record, as index
 * + 1, so zeroed memory is an empty queue. A record is in at most one queue of its link. The link
 * of a record that is in no queue is 0, so that equal states have equal bytes. */
#ifndef ROTA_MODEL_BASE_QUEUE_H
#define ROTA_MODEL_BASE_QUEUE_H

#include <stdbool.h>

#include "model/base/pool.h"

struct rota_queue {
    uint32_t head; /* index + 1; 0: empty */
    uint32_t tail;
    uint32_t length;
};

/* Where the links are: in each record of an array, at `offset` of its `size` bytes. */
struct rota_links {
    const struct rota_pool *mem;
    const struct rota_array *records;
    size_t size;
    size_t offset;
};

/* Appends record `i`, which is in no queue. */
void rota_queue_push(struct rota_queue *q, struct rota_links l, uint32_t i);

/* Removes the first record and returns its index. The queue must not be empty. */
uint32_t rota_queue_pop(struct rota_queue *q, struct rota_links l);

/* Removes record `i` from any place, in time proportional to its place; false if the record is not
 * in the queue. */
bool rota_queue_remove(struct rota_queue *q, struct rota_links l, uint32_t i);

/* The record behind `i` in its queue, as index + 1; 0 at the end. */
uint32_t rota_queue_next(struct rota_links l, uint32_t i);

/* Asserts that the links from head to tail are as many as the length says. Takes time proportional
 * to the length. */
void rota_queue_check(const struct rota_queue *q, struct rota_links l);

#endif
