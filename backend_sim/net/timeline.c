#include "backend_sim/net/timeline.h"

#include <stdlib.h>

#include "model/base/assert.h"

static bool before(const struct rota_moment *a, const struct rota_moment *b)
{
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

void rota_timeline_close(struct rota_timeline *t)
{
    free(t->heap);
    *t = (struct rota_timeline){0};
}

static void grow(struct rota_timeline *t)
{
    t->capacity = t->capacity == 0 ? 256 : 2 * t->capacity;
    t->heap = realloc(t->heap, t->capacity * sizeof *t->heap);
    rota_assert(t->heap != NULL);
}

void rota_timeline_put(struct rota_timeline *t, rota_time time, enum rota_moment_kind kind,
                       uint32_t who, uint64_t serial)
{
    struct rota_moment moment = {time, t->orders++, serial, kind, who};
    uint32_t i = t->length;

    if (t->length == t->capacity)
        grow(t);
    t->length++;
    while (i > 0 && before(&moment, &t->heap[(i - 1) / 2])) {
        t->heap[i] = t->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    t->heap[i] = moment;
}

bool rota_timeline_take(struct rota_timeline *t, struct rota_moment *moment)
{
    struct rota_moment last;
    uint32_t i = 0;

    if (t->length == 0)
        return false;
    *moment = t->heap[0];
    last = t->heap[--t->length];
    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= t->length)
            break;
        if (child + 1 < t->length && before(&t->heap[child + 1], &t->heap[child]))
            child++;
        if (!before(&t->heap[child], &last))
            break;
        t->heap[i] = t->heap[child];
        i = child;
    }
    t->heap[i] = last;
    return true;
}

rota_time rota_timeline_next(const struct rota_timeline *t)
{
    return t->length == 0 ? ROTA_NEVER : t->heap[0].time;
}
