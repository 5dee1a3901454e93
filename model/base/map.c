#include "model/base/map.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/base/hash.h"

struct cell {
    rota_ref name; /* 0: empty */
    uint32_t hash;
    uint32_t value;
};

enum { FIRST_CAPACITY = 16 };

static uint32_t hash_of(const char *name)
{
    return (uint32_t)rota_hash_text(name);
}

static struct cell *cell_at(const struct rota_pool *p, const struct rota_map *m, uint32_t i)
{
    return (struct cell *)rota_pool_at(p, m->cells) + i;
}

/* The cell of a name, or the empty cell at which its search ends. */
static struct cell *seek(const struct rota_pool *p, const struct rota_map *m, const char *name,
                         uint32_t hash)
{
    uint32_t mask = m->capacity - 1;

    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct cell *c = cell_at(p, m, i);

        if (c->name == 0)
            return c;
        if (c->hash == hash && strcmp(rota_pool_at(p, c->name), name) == 0)
            return c;
    }
}

static void resize(struct rota_pool *p, struct rota_map *m)
{
    struct rota_map old = *m;
    uint32_t capacity = FIRST_CAPACITY;

    while (capacity < old.length * 4)
        capacity *= 2;
    m->capacity = capacity;
    m->cells = rota_pool_take(p, capacity * sizeof(struct cell));
    for (uint32_t i = 0; i < old.capacity; i++) {
        struct cell *from = cell_at(p, &old, i);

        if (from->name != 0)
            *seek(p, m, rota_pool_at(p, from->name), from->hash) = *from;
    }
    rota_pool_give(p, old.cells, old.capacity * sizeof(struct cell));
}

uint32_t rota_map_get(const struct rota_pool *p, const struct rota_map *m, const char *name)
{
    const struct cell *c;

    if (m->length == 0)
        return ROTA_MAP_NONE;
    c = seek(p, m, name, hash_of(name));
    return c->name == 0 ? ROTA_MAP_NONE : c->value;
}

rota_ref rota_map_put(struct rota_pool *p, struct rota_map *m, const char *name, uint32_t value)
{
    uint32_t hash = hash_of(name);
    struct cell *c;

    if ((m->length + 1) * 4 > m->capacity * 3)
        resize(p, m);
    c = seek(p, m, name, hash);
    if (c->name == 0) {
        rota_ref text = rota_text_take(p, name);

        c = seek(p, m, name, hash); /* the take may have moved the block */
        c->name = text;
        c->hash = hash;
        m->length++;
    }
    c->value = value;
    return c->name;
}

/* Fills an emptied cell from the cells behind it, except with a name whose search begins behind the
 * gap. So every search can end at an empty cell, and a removed name leaves no mark behind. */
static void close_gap(const struct rota_pool *p, const struct rota_map *m, uint32_t gap)
{
    uint32_t mask = m->capacity - 1;

    for (uint32_t i = (gap + 1) & mask; cell_at(p, m, i)->name != 0; i = (i + 1) & mask) {
        struct cell *c = cell_at(p, m, i);

        if (((i - c->hash) & mask) < ((i - gap) & mask))
            continue;
        *cell_at(p, m, gap) = *c;
        *c = (struct cell){0};
        gap = i;
    }
}

void rota_map_remove(struct rota_pool *p, struct rota_map *m, const char *name)
{
    struct cell *c;

    if (m->length == 0)
        return;
    c = seek(p, m, name, hash_of(name));
    if (c->name == 0)
        return;
    rota_text_give(p, c->name);
    *c = (struct cell){0};
    m->length--;
    close_gap(p, m, (uint32_t)(c - cell_at(p, m, 0)));
}

void rota_map_clear(struct rota_pool *p, struct rota_map *m)
{
    for (uint32_t i = 0; i < m->capacity; i++)
        rota_text_give(p, cell_at(p, m, i)->name);
    rota_pool_give(p, m->cells, m->capacity * sizeof(struct cell));
    memset(m, 0, sizeof *m);
}
