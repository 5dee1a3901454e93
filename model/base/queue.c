#include "model/base/queue.h"

#include "model/base/assert.h"

static uint32_t *link_of(struct rota_links l, uint32_t i)
{
    return (uint32_t *)(void *)((uint8_t *)rota_array_at(l.mem, l.records, i, l.size) + l.offset);
}

uint32_t rota_queue_next(struct rota_links l, uint32_t i)
{
    return *link_of(l, i);
}

void rota_queue_push(struct rota_queue *q, struct rota_links l, uint32_t i)
{
    *link_of(l, i) = 0;
    if (q->tail != 0)
        *link_of(l, q->tail - 1) = i + 1;
    else
        q->head = i + 1;
    q->tail = i + 1;
    q->length++;
}

uint32_t rota_queue_pop(struct rota_queue *q, struct rota_links l)
{
    uint32_t i = q->head - 1;

    rota_assert(q->length > 0);
    q->head = *link_of(l, i);
    if (q->head == 0)
        q->tail = 0;
    q->length--;
    *link_of(l, i) = 0;
    return i;
}

void rota_queue_check(const struct rota_queue *q, struct rota_links l)
{
    uint32_t length = 0;
    uint32_t last = 0;

    for (uint32_t i = q->head; i != 0; i = *link_of(l, i - 1)) {
        length++;
        rota_assert(length <= q->length); /* otherwise the links are a circle */
        last = i;
    }
    rota_assert_equal(length, q->length);
    rota_assert_equal(last, q->tail);
}

bool rota_queue_remove(struct rota_queue *q, struct rota_links l, uint32_t i)
{
    uint32_t before = 0;

    for (uint32_t k = q->head; k != 0; before = k, k = *link_of(l, k - 1)) {
        if (k != i + 1)
            continue;
        if (before != 0)
            *link_of(l, before - 1) = *link_of(l, i);
        else
            q->head = *link_of(l, i);
        if (q->tail == k)
            q->tail = before;
        q->length--;
        *link_of(l, i) = 0;
        return true;
    }
    return false;
}
