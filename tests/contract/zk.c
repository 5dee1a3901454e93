/* The contract on a real ZooKeeper server: one server for all tests, and a chroot for each test.
 * The connection of every peer goes through its own proxy. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_zk/zk.h"
#include "system/memory.h"
#include "tests/contract/contract.h"
#include "tests/contract/peer.h"
#include "tests/live/proxy.h"
#include "tests/live/zkserver.h"

enum { WAIT_MS = 50, WAITS = 1800, SESSION_MS = 10000 };

struct world {
    char chroot[32];
    int bell; /* an eventfd that every backend writes to */
    struct rota_proxy *proxies[PEERS];
    _Atomic unsigned wakes[PEERS + 1];
    struct waker {
        struct world *world;
        unsigned peer;
    } wakers[PEERS + 1];
};

/* Shared by all worlds. */
struct shared {
    struct rota_zkserver server;
    unsigned worlds;
};

static void wake(void *context)
{
    struct waker *w = context;
    uint64_t ring = 1;

    w->world->wakes[w->peer]++;
    (void)!write(w->world->bell, &ring, sizeof ring);
}

static void zk_wait(struct world *w)
{
    struct pollfd bell = {.fd = w->bell, .events = POLLIN};
    uint64_t rings;

    if (poll(&bell, 1, WAIT_MS) == 1)
        (void)!read(w->bell, &rings, sizeof rings);
}

/* Creates the chroot, through a handle without a chroot. */
static void chroot_make(struct world *w, const char *hosts)
{
    struct rota_zk_config config = {.hosts = hosts, .session_timeout_ms = SESSION_MS};
    struct waker waker = {w, PEERS};
    struct rota_backend *b = rota_zk_open(&config, wake, &waker);
    struct rota_request r = {.operation = {.op = ROTA_OP_CREATE, .path = w->chroot}};
    struct rota_handle_event e = {0};

    b->ops->open(b, NULL);
    b->ops->request(b, &r);
    for (unsigned waits = 0; e.handle == 0 || e.kind != ROTA_HANDLE_REPLY;) {
        if (!b->ops->next(b, &e)) {
            assert_in_range(waits++, 0, WAITS);
            zk_wait(w);
        }
    }
    assert_int_equal(e.reply.rc, ROTA_ERR_OK);
    b->ops->destroy(b);
}

static struct world *zk_begin(void *context)
{
    struct shared *shared = context;
    struct world *w = rota_memory_zeroed(1, sizeof *w);

    snprintf(w->chroot, sizeof w->chroot, "/world%u", ++shared->worlds);
    w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(w->bell >= 0);
    for (unsigned i = 0; i < PEERS; i++) {
        w->proxies[i] = rota_proxy_open(shared->server.port);
        assert_non_null(w->proxies[i]);
    }
    chroot_make(w, shared->server.hosts);
    return w;
}

static void zk_end(struct world *w)
{
    for (unsigned i = 0; i < PEERS; i++)
        rota_proxy_close(w->proxies[i]);
    close(w->bell);
    free(w);
}

static struct rota_backend *zk_backend(struct world *w, unsigned peer, uint32_t session_timeout_ms)
{
    char hosts[128] = "no..such.host:2181";
    struct rota_zk_config config = {.hosts = hosts, .session_timeout_ms = session_timeout_ms};

    if (peer != UNREACHABLE)
        snprintf(hosts, sizeof hosts, "%s%s", rota_proxy_hosts(w->proxies[peer]), w->chroot);
    w->wakers[peer] = (struct waker){w, peer};
    return rota_zk_open(&config, wake, &w->wakers[peer]);
}

static void zk_cut(struct world *w, unsigned peer)
{
    rota_proxy_cut(w->proxies[peer]);
}

static void zk_heal(struct world *w, unsigned peer)
{
    rota_proxy_heal(w->proxies[peer]);
}

static void zk_fault(struct world *w, unsigned peer, enum fault fault)
{
    static const enum rota_proxy_fault faults[] = {
        [FAULT_LOST] = ROTA_PROXY_LOST,
        [FAULT_APPLIED] = ROTA_PROXY_APPLIED,
        [FAULT_LATE] = ROTA_PROXY_LATE,
    };

    rota_proxy_arm(w->proxies[peer], faults[fault]);
}

static bool zk_fault_happened(struct world *w, unsigned peer)
{
    return rota_proxy_struck(w->proxies[peer]);
}

static void zk_release(struct world *w, unsigned peer)
{
    rota_proxy_release(w->proxies[peer]);
}

static void zk_silence(struct world *w, unsigned peer)
{
    rota_proxy_blackhole(w->proxies[peer]);
}

static unsigned zk_wakes(struct world *w, unsigned peer)
{
    return w->wakes[peer];
}

static const struct fixture zk_fixture = {
    .name = "zk",
    .abilities = ABLE_CUT | ABLE_FAULT | ABLE_LATE | ABLE_SILENCE | ABLE_UNREACHABLE | ABLE_WAKE,
    .begin = zk_begin,
    .end = zk_end,
    .backend = zk_backend,
    .wait = zk_wait,
    .cut = zk_cut,
    .heal = zk_heal,
    .fault = zk_fault,
    .fault_happened = zk_fault_happened,
    .release = zk_release,
    .silence = zk_silence,
    .wakes = zk_wakes,
};

int main(void)
{
    struct shared shared = {0};
    struct rota_zkserver_config config = {.tick_ms = 200};
    struct fixture fixture = zk_fixture;
    int failures;

    if (!rota_zkserver_start(&shared.server, &config)) {
        fprintf(stderr, "contract_zk: %s\n", shared.server.error);
        rota_zkserver_close(&shared.server);
        return 1;
    }
    fixture.context = &shared;
    failures = contract_run(&fixture);
    rota_zkserver_close(&shared.server);
    return failures != 0;
}
