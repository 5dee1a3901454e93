#include "model/base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum { UNIT = 16, FIRST_BLOCK = 4096 };

void rota_pool_init(struct rota_pool *p)
{
    memset(p, 0, sizeof *p);
}

void rota_pool_close(struct rota_pool *p)
{
    free(p->base);
    rota_pool_init(p);
}

__attribute__((weak)) void rota_pool_exhausted(void)
{
    abort();
}

/* Like realloc, but returns only with memory. */
static uint8_t *resize(uint8_t *old, uint64_t bytes)
{
    uint8_t *new = realloc(old, bytes);

    if (new == NULL)
        rota_pool_exhausted();
    return new;
}

/* The power of two, in units, that holds so many bytes. */
static unsigned size_class(size_t bytes)
{
    uint64_t units = bytes / UNIT + (bytes % UNIT != 0);
    unsigned class = 0;

    while (class < ROTA_POOL_CLASSES && (UINT64_C(1) << class) < units)
        class ++;
    if (class == ROTA_POOL_CLASSES) /* more than a reference can name */
        rota_pool_exhausted();
    return class;
}

static void grow(struct rota_pool *p, uint64_t need)
{
    uint64_t size = p->size == 0 ? FIRST_BLOCK : p->size;

    if (need > UNIT * (UINT64_C(1) << 32)) /* more than a reference can name */
        rota_pool_exhausted();
    while (size < need)
        size *= 2;
    if (size == p->size)
        return;
    p->base = resize(p->base, size);
    memset(p->base + p->size, 0, size - p->size);
    p->size = size;
}

rota_ref rota_pool_take(struct rota_pool *p, size_t bytes)
{
    unsigned class = size_class(bytes);
    uint64_t length = (uint64_t)UNIT << class;
    rota_ref ref = p->free[class];

    p->live += length;
    if (ref != 0) { /* a free place holds the link to the next one, and zeros */
        memcpy(&p->free[class], rota_pool_at(p, ref), sizeof ref);
        memset(rota_pool_at(p, ref), 0, sizeof ref);
        return ref;
    }
    if (p->used == 0)
        p->used = UNIT; /* reference 0 stays unused */
    grow(p, p->used + length);
    ref = (rota_ref)(p->used / UNIT);
    p->used += length;
    return ref;
}

void rota_pool_give(struct rota_pool *p, rota_ref ref, size_t bytes)
{
    unsigned class = size_class(bytes);
    uint64_t length = (uint64_t)UNIT << class;

    if (ref == 0)
        return;
    rota_assert(p->live >= length);
    p->live -= length;
    memset(rota_pool_at(p, ref), 0, length);
    memcpy(rota_pool_at(p, ref), &p->free[class], sizeof ref);
    p->free[class] = ref;
}

void *rota_pool_at(const struct rota_pool *p, rota_ref ref)
{
    rota_assert(ref != 0 && (uint64_t)ref * UNIT < p->used);
    return p->base + (uint64_t)ref * UNIT;
}

void rota_pool_copy(struct rota_pool *to, const struct rota_pool *from)
{
    uint8_t *base = resize(to->base, from->size == 0 ? 1 : from->size);

    if (from->size != 0)
        memcpy(base, from->base, from->size);
    *to = *from;
    to->base = base;
}

uint32_t rota_array_push(struct rota_pool *p, struct rota_array *a, size_t size)
{
    if (a->length == a->capacity) {
        uint32_t capacity = a->capacity == 0 ? 4 : a->capacity * 2;
        rota_ref at = rota_pool_take(p, capacity * size);

        if (a->at != 0) {
            memcpy(rota_pool_at(p, at), rota_pool_at(p, a->at), a->length * size);
            rota_pool_give(p, a->at, a->capacity * size);
        }
        a->at = at;
        a->capacity = capacity;
    }
    memset(rota_array_at(p, a, a->length, size), 0, size);
    return a->length++;
}

void rota_array_clear(struct rota_pool *p, struct rota_array *a, size_t size)
{
    rota_pool_give(p, a->at, a->capacity * size);
    memset(a, 0, sizeof *a);
}

void *rota_array_at(const struct rota_pool *p, const struct rota_array *a, uint32_t i, size_t size)
{
    rota_assert(i < a->capacity);
    return (uint8_t *)rota_pool_at(p, a->at) + i * size;
}

rota_ref rota_text_take(struct rota_pool *p, const char *text)
{
    size_t size = strlen(text) + 1;
    rota_ref ref = rota_pool_take(p, size);

    memcpy(rota_pool_at(p, ref), text, size);
    return ref;
}

void rota_text_give(struct rota_pool *p, rota_ref ref)
{
    if (ref != 0)
        rota_pool_give(p, ref, strlen(rota_pool_at(p, ref)) + 1);
}
