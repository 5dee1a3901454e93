/* A binary heap: an array of plain elements whose first element is always the next to leave. The
 * array is in a pool or in memory of the caller. The caller appends elements and counts them; these
 * functions only move elements.
 *
 * The caller passes the order as a function with each call, because state holds no function
 * pointers. The order in which equal elements leave depends only on the sequence of calls. */
#ifndef ROTA_MODEL_BASE_HEAP_H
#define ROTA_MODEL_BASE_HEAP_H

#include <stdbool.h>

#include "model/base/pool.h"

/* True if element `a` leaves before element `b`: a strict order. */
typedef bool (*rota_heap_before_f)(const void *a, const void *b);

enum { ROTA_HEAP_ELEMENT_MOST = 64 };

/* A heap, for the duration of one call: the array may move between calls. */
struct rota_heap {
    void *elements;
    uint32_t length;
    uint32_t size; /* of one element, at most ROTA_HEAP_ELEMENT_MOST bytes */
    rota_heap_before_f before;
};

/* The heap in a pool's array. */
struct rota_heap rota_heap_of(const struct rota_pool *p, const struct rota_array *a, size_t size,
                              rota_heap_before_f before);

/* Moves element `i` up to its place. Called for the last element after it was appended. */
void rota_heap_rise(struct rota_heap h, uint32_t i);

/* Moves element `i` down to its place. */
void rota_heap_sink(struct rota_heap h, uint32_t i);

/* Removes the first element: it is overwritten by the last, which moves down to its place. The
 * caller then counts one element less. */
void rota_heap_remove_first(struct rota_heap h);

/* Makes a heap of elements in any order. */
void rota_heap_order(struct rota_heap h);

/* Asserts that no element leaves before the one above it. Takes time proportional to the length. */
void rota_heap_check(struct rota_heap h);

#endif
