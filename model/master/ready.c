#include "model/master/ready.h"

#include <string.h>

enum { SUSPECT_LOSSES = 2 }; /* from so many losses on a task runs alone (rule 7) */

struct rota_kind *rota_ready_kind(const struct rota_master_context *s, uint32_t i)
{
    return rota_array_at(s->mem, &s->m->kind, i, sizeof(struct rota_kind));
}

bool rota_ready_suspect(const struct rota_master_task *t)
{
    return t->losses + (t->lost_worker != 0 && !t->mass_lost ? 1u : 0u) >= SUSPECT_LOSSES;
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

/* The kind of that task, new if there was none of it. */
static uint32_t kind_of(struct rota_master_context *s, uint32_t task)
{
    bool suspect = rota_ready_suspect(rota_belief_task(s, task));
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

/* ---- heaps ---- */

static struct rota_ready *at(const struct rota_master_context *s, const struct rota_kind *k,
                             uint32_t i)
{
    return rota_array_at(s->mem, &k->heap, i, sizeof(struct rota_ready));
}

static bool before(const struct rota_ready *a, const struct rota_ready *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return a->age != b->age ? a->age < b->age : a->listed_order < b->listed_order;
}

static void swap(struct rota_master_context *s, const struct rota_kind *k, uint32_t i,
                 uint32_t other)
{
    struct rota_ready one = *at(s, k, i);

    *at(s, k, i) = *at(s, k, other);
    *at(s, k, other) = one;
}

void rota_ready_put(struct rota_master_context *s, uint32_t task)
{
    uint32_t kind = kind_of(s, task);
    struct rota_array heap = rota_ready_kind(s, kind)->heap;
    uint32_t i = rota_array_push(s->mem, &heap, sizeof(struct rota_ready));
    struct rota_kind *k = rota_ready_kind(s, kind);
    struct rota_master_task *t = rota_belief_task(s, task);

    k->heap = heap;
    t->state = ROTA_TASK_READY;
    s->m->ready++;
    t->ready_turn = ++s->m->ready_turns;
    *at(s, k, i) = (struct rota_ready){t->czxid, t->listed_order, t->ready_turn, task,
                                       rota_belief_terms(s, task).priority};
    while (i > 0 && before(at(s, k, i), at(s, k, (i - 1) / 2))) {
        swap(s, k, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

uint32_t rota_ready_first(const struct rota_master_context *s, uint32_t kind)
{
    return at(s, rota_ready_kind(s, kind), 0)->task;
}

void rota_ready_take(struct rota_master_context *s, uint32_t kind)
{
    struct rota_kind *k = rota_ready_kind(s, kind);
    uint32_t n = --k->heap.length;

    s->m->ready--;
    *at(s, k, 0) = *at(s, k, n);
    for (uint32_t i = 0, other; (other = 2 * i + 1) < n; i = other) {
        if (other + 1 < n && before(at(s, k, other + 1), at(s, k, other)))
            other++;
        if (!before(at(s, k, other), at(s, k, i)))
            break;
        swap(s, k, i, other);
    }
}

/* Whether the first of a kind may still be placed by that place of its. */
static bool first_valid(const struct rota_master_context *s, uint32_t kind)
{
    const struct rota_ready *first = at(s, rota_ready_kind(s, kind), 0);
    const struct rota_master_task *t = rota_belief_task(s, first->task);

    return t->state == ROTA_TASK_READY && t->ready_turn == first->ready_turn;
}

uint32_t rota_ready_next(struct rota_master_context *s)
{
    uint32_t best = ROTA_MAP_NONE;

    for (uint32_t i = 0; i < s->m->kind.length; i++) {
        while (rota_ready_kind(s, i)->heap.length > 0 && !first_valid(s, i))
            rota_ready_take(s, i); /* it went another way */
        if (rota_ready_kind(s, i)->heap.length == 0 || rota_ready_kind(s, i)->blocked)
            continue;
        if (best == ROTA_MAP_NONE ||
            before(at(s, rota_ready_kind(s, i), 0), at(s, rota_ready_kind(s, best), 0)))
            best = i;
    }
    return best;
}

void rota_ready_open(struct rota_master_context *s)
{
    for (uint32_t i = 0; i < s->m->kind.length; i++)
        rota_ready_kind(s, i)->blocked = false;
}
