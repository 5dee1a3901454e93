/* The embedded backend: the server in this process, without connections that could be cut. */
#include "backend_sim/embedded.h"
#include "tests/conformance/fixture.h"

/* The world is the tree. */
static struct world *embedded_begin(void)
{
    return (struct world *)(void *)rota_embedded_tree_open(REAP_MS);
}

static void embedded_end(struct world *w)
{
    rota_embedded_tree_close((struct rota_embedded_tree *)(void *)w);
}

static struct rota_backend *embedded_backend(struct world *w, uint32_t peer,
                                             uint32_t session_timeout_ms)
{
    (void)peer;
    return rota_embedded_open((struct rota_embedded_tree *)(void *)w, session_timeout_ms, NULL,
                              NULL);
}

static void embedded_wait(struct world *w)
{
    (void)w;
}

static void embedded_peer(struct world *w, uint32_t peer)
{
    (void)w;
    (void)peer;
}

static void embedded_fault(struct world *w, uint32_t peer, enum fault fault)
{
    (void)w;
    (void)peer;
    (void)fault;
}

static bool embedded_settle(struct world *w, uint32_t peer)
{
    (void)peer;
    return w != NULL;
}

static bool embedded_start(struct world *w)
{
    return w != NULL;
}

const struct fixture fixture_embedded = {
    .name = "embedded",
    .begin = embedded_begin,
    .end = embedded_end,
    .backend = embedded_backend,
    .wait = embedded_wait,
    .cut = embedded_peer,
    .settle = embedded_settle,
    .heal = embedded_peer,
    .fault = embedded_fault,
    .stop = embedded_wait,
    .start = embedded_start,
};
