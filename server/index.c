#include "server/index.h"

#include "model/base/assert.h"

struct cell {
    uint64_t number;
    rota_ref ref;    /* 0: empty */
    uint32_t unused; /* 0: equal indexes have equal bytes */
};

enum { FIRST_CAPACITY = 16 };

static struct cell *cells_of(const struct rota_pool *p, const struct rota_index *x)
{
    return rota_pool_at(p, x->cells);
}

/* Where the search for a number begins. */
static uint32_t home_of(const struct rota_index *x, uint64_t number)
{
    return (uint32_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (x->capacity - 1);
}

/* The cell of a number, or the empty cell where the search for it ended. */
static uint32_t seek(const struct rota_pool *p, const struct rota_index *x, uint64_t number)
{
    const struct cell *cells = cells_of(p, x);
    uint32_t i = home_of(x, number);

    while (cells[i].ref != 0 && cells[i].number != number)
        i = (i + 1) & (x->capacity - 1);
    return i;
}

static void grow(struct rota_pool *p, struct rota_index *x)
{
    struct rota_index old = *x;

    x->capacity = old.capacity == 0 ? FIRST_CAPACITY : old.capacity * 2;
    x->cells = rota_pool_take(p, x->capacity * sizeof(struct cell));
    for (uint32_t i = 0; i < old.capacity; i++) {
        struct cell from = cells_of(p, &old)[i];

        if (from.ref != 0)
            cells_of(p, x)[seek(p, x, from.number)] = from;
    }
    rota_pool_give(p, old.cells, old.capacity * sizeof(struct cell));
}

rota_ref rota_index_get(const struct rota_pool *p, const struct rota_index *x, uint64_t number)
{
    return x->length == 0 ? 0 : cells_of(p, x)[seek(p, x, number)].ref;
}

void rota_index_put(struct rota_pool *p, struct rota_index *x, uint64_t number, rota_ref ref)
{
    struct cell *c;

    rota_assert(ref != 0);
    if ((x->length + 1) * 2 > x->capacity)
        grow(p, x);
    c = &cells_of(p, x)[seek(p, x, number)];
    rota_assert(c->ref == 0);
    *c = (struct cell){number, ref, 0};
    x->length++;
}

void rota_index_remove(struct rota_pool *p, struct rota_index *x, uint64_t number)
{
    struct cell *cells = cells_of(p, x);
    uint32_t mask = x->capacity - 1;
    uint32_t hole = seek(p, x, number);

    rota_assert(cells[hole].ref != 0);
    /* The cells behind move up into the hole, except those whose search begins behind it. */
    for (uint32_t i = (hole + 1) & mask; cells[i].ref != 0; i = (i + 1) & mask) {
        uint32_t home = home_of(x, cells[i].number);

        if (((i - home) & mask) >= ((i - hole) & mask)) {
            cells[hole] = cells[i];
            hole = i;
        }
    }
    cells[hole] = (struct cell){0};
    x->length--;
}

rota_ref rota_index_cell(const struct rota_pool *p, const struct rota_index *x, uint32_t i)
{
    rota_assert(i < x->capacity);
    return cells_of(p, x)[i].ref;
}
