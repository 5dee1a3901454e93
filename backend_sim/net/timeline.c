#include "backend_sim/net/timeline.h"

#include <stdlib.h>

#include "model/base/heap.h"
#include "system/memory.h"

static bool before(const void *a, const void *b)
{
    const struct rota_moment *x = a, *y = b;

    return x->time != y->time ? x->time < y->time : x->order < y->order;
}

static struct rota_heap heap_of(const struct rota_timeline *t)
{
    return (struct rota_heap){t->moments, t->length, sizeof *t->moments, before};
}

void rota_timeline_close(struct rota_timeline *t)
{
    free(t->moments);
    *t = (struct rota_timeline){0};
}

void rota_timeline_put(struct rota_timeline *t, rota_time time, enum rota_moment_kind kind,
                       uint32_t who, uint64_t serial)
{
    t->moments = rota_memory_extend(t->moments, t->length, &t->capacity, sizeof *t->moments);
    t->moments[t->length++] = (struct rota_moment){time, t->orders++, serial, kind, who};
    rota_heap_rise(heap_of(t), t->length - 1);
}

bool rota_timeline_take(struct rota_timeline *t, struct rota_moment *moment)
{
    if (t->length == 0)
        return false;
    *moment = t->moments[0];
    rota_heap_remove_first(heap_of(t));
    t->length--;
    return true;
}

rota_time rota_timeline_next(const struct rota_timeline *t)
{
    return t->length == 0 ? ROTA_NEVER : t->moments[0].time;
}

int64_t rota_timeline_now_ms(const struct rota_timeline *t)
{
    return t->now / 1000;
}
