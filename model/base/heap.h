/* A binary heap: an array of plain elements whose first is always the one that leaves next. It
 * stands in a pool's array or in memory of the caller's own; the caller appends and counts, the
 * functions here only move elements.
 *
 * The order is a function that the caller passes, for state holds no function pointers. Elements
 * that are equal in that order leave in an order that depends only on the calls made before. */
#ifndef ROTA_MODEL_BASE_HEAP_H
#define ROTA_MODEL_BASE_HEAP_H

#include <stdbool.h>

#include "model/base/pool.h"

/* Whether element `a` leaves before element `b`: a strict order. */
typedef bool (*rota_heap_before_f)(const void *a, const void *b);

enum { ROTA_HEAP_ELEMENT_MOST = 64 };

/* A heap for the duration of one call; made anew after the array has moved. */
struct rota_heap {
    void *elements;
    uint32_t length;
    uint32_t size; /* of one element, at most ROTA_HEAP_ELEMENT_MOST bytes */
    rota_heap_before_f before;
};

/* The heap in a pool's array. */
struct rota_heap rota_heap_of(const struct rota_pool *p, const struct rota_array *a, size_t size,
                              rota_heap_before_f before);

/* Moves element `i` up to its place: after the caller appended it as the last. */
void rota_heap_rise(struct rota_heap h, uint32_t i);

/* Moves element `i` down to its place. */
void rota_heap_sink(struct rota_heap h, uint32_t i);

/* Removes the first element: it is overwritten by the last, which moves down to its place. The
 * caller then counts one element less. */
void rota_heap_remove_first(struct rota_heap h);

/* Puts all elements in order, whatever order they were in. */
void rota_heap_order(struct rota_heap h);

/* Asserts that no element leaves before the one above it. Takes time proportional to the length. */
void rota_heap_check(struct rota_heap h);

#endif
