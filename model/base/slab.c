#include "model/base/slab.h"

#include <string.h>

#include "model/base/assert.h"

static uint32_t *link_of(const struct rota_pool *p, const struct rota_slab *s, uint32_t i,
                         size_t size, size_t link)
{
    rota_assert(link + sizeof(uint32_t) <= size);
    return (uint32_t *)(void *)((uint8_t *)rota_slab_at(p, s, i, size) + link);
}

uint32_t rota_slab_take(struct rota_pool *p, struct rota_slab *s, size_t size, size_t link)
{
    uint32_t i;

    s->used++;
    if (s->free == 0)
        return rota_array_push(p, &s->records, size);
    i = s->free - 1;
    s->free = *link_of(p, s, i, size, link);
    *link_of(p, s, i, size, link) = 0;
    return i;
}

void rota_slab_give(struct rota_pool *p, struct rota_slab *s, uint32_t i, size_t size, size_t link)
{
    rota_assert(s->used > 0);
    memset(rota_slab_at(p, s, i, size), 0, size);
    *link_of(p, s, i, size, link) = s->free;
    s->free = i + 1;
    s->used--;
}

void *rota_slab_at(const struct rota_pool *p, const struct rota_slab *s, uint32_t i, size_t size)
{
    rota_assert(i < s->records.length);
    return rota_array_at(p, &s->records, i, size);
}

void rota_slab_clear(struct rota_pool *p, struct rota_slab *s, size_t size)
{
    rota_array_clear(p, &s->records, size);
    *s = (struct rota_slab){0};
}

void rota_slab_check(const struct rota_pool *p, const struct rota_slab *s, size_t size, size_t link)
{
    uint32_t length = 0;

    for (uint32_t i = s->free; i != 0; i = *link_of(p, s, i - 1, size, link)) {
        length++;
        rota_assert(length <= s->records.length); /* else the list is a circle */
    }
    rota_assert_equal(length + s->used, s->records.length);
}
