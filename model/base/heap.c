#include "model/base/heap.h"

#include <string.h>

#include "model/base/assert.h"

static void *at(struct rota_heap h, uint32_t i)
{
    return (uint8_t *)h.elements + (size_t)i * h.size;
}

static void copy(struct rota_heap h, uint32_t to, uint32_t from)
{
    memcpy(at(h, to), at(h, from), h.size);
}

struct rota_heap rota_heap_of(const struct rota_pool *p, const struct rota_array *a, size_t size,
                              rota_heap_before_f before)
{
    return (struct rota_heap){a->at == 0 ? NULL : rota_pool_at(p, a->at), a->length, (uint32_t)size,
                              before};
}

void rota_heap_rise(struct rota_heap h, uint32_t i)
{
    max_align_t element[ROTA_HEAP_ELEMENT_MOST / sizeof(max_align_t)];

    rota_assert(i < h.length && h.size <= sizeof element);
    memcpy(element, at(h, i), h.size);
    while (i > 0 && h.before(element, at(h, (i - 1) / 2))) {
        copy(h, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
    memcpy(at(h, i), element, h.size);
}

/* Of two children that are equal the first moves up, and an element stays above its equal. */
void rota_heap_sink(struct rota_heap h, uint32_t i)
{
    max_align_t element[ROTA_HEAP_ELEMENT_MOST / sizeof(max_align_t)];

    rota_assert(i < h.length && h.size <= sizeof element);
    memcpy(element, at(h, i), h.size);
    for (uint32_t child; (child = 2 * i + 1) < h.length; i = child) {
        if (child + 1 < h.length && h.before(at(h, child + 1), at(h, child)))
            child++;
        if (!h.before(at(h, child), element))
            break;
        copy(h, i, child);
    }
    memcpy(at(h, i), element, h.size);
}

void rota_heap_remove_first(struct rota_heap h)
{
    rota_assert(h.length > 0);
    h.length--;
    if (h.length == 0)
        return;
    copy(h, 0, h.length);
    rota_heap_sink(h, 0);
}

void rota_heap_order(struct rota_heap h)
{
    for (uint32_t i = h.length / 2; i-- > 0;)
        rota_heap_sink(h, i);
}

void rota_heap_check(struct rota_heap h)
{
    for (uint32_t i = 1; i < h.length; i++)
        rota_assert(!h.before(at(h, i), at(h, (i - 1) / 2)));
}
