#include "model/master/ready.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/base/heap.h"
#include "model/master/attempts.h"

struct rota_kind *rota_ready_kind(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->kind, i, sizeof(struct rota_kind));
}

bool rota_ready_carries(const char *tags, const char *wanted)
{
    while (*wanted != '\0') {
        size_t n = strcspn(wanted, ",");
        const char *tag = tags;

        while (*tag != '\0' && !(strcspn(tag, ",") == n && strncmp(tag, wanted, n) == 0)) {
            tag += strcspn(tag, ",");
            tag += *tag == ',';
        }
        if (*tag == '\0')
            return false;
        wanted += n;
        wanted += *wanted == ',';
    }
    return true;
}

/* The kind of that task, which is made if there is none. */
static uint32_t kind_of(struct rota_master_context *s, uint32_t task)
{
    bool suspect = rota_attempts_suspect(s, rota_belief_task(s, task));
    const char *tags = rota_belief_text(s, rota_belief_terms(s, task).tags);
    const char *name = rota_outbox_text(s->out, "%s%s", suspect ? "!" : "", tags);
    uint32_t i = rota_map_get(s->mem, &s->m->kinds, name);
    rota_ref text;

    if (i != ROTA_MAP_NONE)
        return i;
    i = rota_array_push(s->mem, &s->m->kind, sizeof(struct rota_kind));
    rota_map_put(s->mem, &s->m->kinds, name, i);
    text = rota_belief_keep(s, 0, name + suspect);
    *rota_ready_kind(s, i) = (struct rota_kind){.tags = text, .suspect = suspect};
    return i;
}

/* ---- the heaps ---- */

static bool before(const void *a, const void *b)
{
    const struct rota_ready *one = a;
    const struct rota_ready *other = b;

    if (one->priority != other->priority)
        return one->priority > other->priority;
    return one->age != other->age ? one->age < other->age : one->listed_order < other->listed_order;
}

static struct rota_heap heap_of(const struct rota_master_context *s, uint32_t kind)
{
    return rota_heap_of(s->mem, &rota_ready_kind(s, kind)->heap, sizeof(struct rota_ready), before);
}

static const struct rota_ready *first(const struct rota_master_context *s, uint32_t kind)
{
    return rota_array_at(s->mem, &rota_ready_kind(s, kind)->heap, 0, sizeof(struct rota_ready));
}

void rota_ready_put(struct rota_master_context *s, uint32_t task)
{
    uint32_t kind = kind_of(s, task);
    struct rota_array heap = rota_ready_kind(s, kind)->heap;
    uint32_t i = rota_array_push(s->mem, &heap, sizeof(struct rota_ready));
    struct rota_master_task *t = rota_belief_task(s, task);
    struct rota_ready entry = {.age = t->czxid,
                               .listed_order = t->listed_order,
                               .ready_turn = ++s->m->ready_turns,
                               .task = task,
                               .priority = rota_belief_terms(s, task).priority};

    rota_assert(t->used && t->worker == 0 && t->state != ROTA_TASK_FINISHING);
    t->state = ROTA_TASK_READY;
    t->ready_turn = entry.ready_turn;
    s->m->ready++;
    rota_ready_kind(s, kind)->heap = heap;
    memcpy(rota_array_at(s->mem, &heap, i, sizeof entry), &entry, sizeof entry);
    rota_heap_rise(heap_of(s, kind), i);
}

uint32_t rota_ready_first(const struct rota_master_context *s, uint32_t kind)
{
    rota_assert(rota_ready_kind(s, kind)->heap.length > 0);
    return first(s, kind)->task;
}

void rota_ready_take(struct rota_master_context *s, uint32_t kind)
{
    rota_assert(s->m->ready > 0);
    rota_heap_remove_first(heap_of(s, kind));
    rota_ready_kind(s, kind)->heap.length--;
    s->m->ready--;
}

static bool stale(const struct rota_master_context *s, const struct rota_ready *entry)
{
    const struct rota_master_task *t = rota_belief_task(s, entry->task);

    return t->state != ROTA_TASK_READY || t->ready_turn != entry->ready_turn;
}

uint32_t rota_ready_next(struct rota_master_context *s)
{
    uint32_t best = ROTA_MAP_NONE;

    for (uint32_t i = 0; i < s->m->kind.length; i++) {
        while (rota_ready_kind(s, i)->heap.length > 0 && stale(s, first(s, i)))
            rota_ready_take(s, i);
        if (rota_ready_kind(s, i)->heap.length == 0 || rota_ready_kind(s, i)->blocked)
            continue;
        if (best == ROTA_MAP_NONE || before(first(s, i), first(s, best)))
            best = i;
    }
    return best;
}

void rota_ready_unblock(struct rota_master_context *s)
{
    for (uint32_t i = 0; i < s->m->kind.length; i++)
        rota_ready_kind(s, i)->blocked = false;
}

void rota_ready_check(const struct rota_master_context *s)
{
    uint32_t entries = 0, valid = 0, ready = 0;

    for (uint32_t k = 0; k < s->m->kind.length; k++) {
        const struct rota_array *heap = &rota_ready_kind(s, k)->heap;

        rota_heap_check(heap_of(s, k));
        entries += heap->length;
        for (uint32_t i = 0; i < heap->length; i++)
            valid += !stale(s, rota_array_at(s->mem, heap, i, sizeof(struct rota_ready)));
    }
    for (uint32_t i = 0; i < s->m->tasks.records.length; i++) {
        const struct rota_master_task *t = rota_belief_task(s, i);

        ready += t->used && t->state == ROTA_TASK_READY;
    }
    rota_assert_equal(entries, s->m->ready);
    rota_assert_equal(valid, ready);
}
