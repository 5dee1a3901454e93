/* The contract on the embedded tree: one thread, and no connection that can break. */
#include <stdlib.h>

#include "backend_sim/embedded.h"
#include "system/memory.h"
#include "tests/contract/contract.h"

struct world {
    struct rota_embedded_tree *tree;
    unsigned wakes[PEERS];
};

static struct world *embedded_begin(void *context)
{
    struct world *w = rota_memory_zeroed(1, sizeof *w);

    (void)context;
    w->tree = rota_embedded_tree_open(0);
    return w;
}

static void embedded_end(struct world *w)
{
    rota_embedded_tree_close(w->tree);
    free(w);
}

static void count_wake(void *context)
{
    ++*(unsigned *)context;
}

static struct rota_backend *embedded_backend(struct world *w, unsigned peer,
                                             uint32_t session_timeout_ms)
{
    return rota_embedded_open(w->tree, session_timeout_ms, count_wake, &w->wakes[peer]);
}

/* A request is complete when its call returns, so there is nothing to wait for. */
static void embedded_wait(struct world *w)
{
    (void)w;
}

static unsigned embedded_wakes(struct world *w, unsigned peer)
{
    return w->wakes[peer];
}

static const struct fixture embedded = {
    .name = "embedded",
    .abilities = ABLE_WAKE,
    .begin = embedded_begin,
    .end = embedded_end,
    .backend = embedded_backend,
    .wait = embedded_wait,
    .wakes = embedded_wakes,
};

int main(void)
{
    return contract_run(&embedded) != 0;
}
