/* Debian's ZooKeeper server and libzookeeper; the connection of each peer goes through a proxy. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_zk/zk.h"
#include "model/base/assert.h"
#include "system/memory.h"
#include "tests/conformance/fixture.h"
#include "tests/conformance/server_log.h"
#include "tests/live/proxy.h"
#include "tests/live/zkserver.h"

enum { WAIT_MS = 50, SETTLE_S = 30, DUMP_MS = 1000 };

struct world {
    struct rota_zkserver server;
    struct rota_proxy *proxies[PEERS_MOST];
    int bell; /* an eventfd that every backend writes to */
};

static void ring(void *context)
{
    const struct world *w = context;
    uint64_t one = 1;

    (void)!write(w->bell, &one, sizeof one);
}

static void real_end(struct world *w)
{
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (w->proxies[i] != NULL)
            rota_proxy_close(w->proxies[i]);
    rota_zkserver_close(&w->server);
    if (w->bell >= 0)
        close(w->bell);
    free(w);
}

static struct world *real_begin(void)
{
    struct world *w = rota_memory_zeroed(1, sizeof *w);
    struct rota_zkserver_config config = {.tick_ms = TICK_MS};
    char options[512];

    w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    rota_assert(w->bell >= 0);
    snprintf(options, sizeof options,
             "-Dznode.container.checkIntervalMs=%d"
             " -Dfile.encoding=UTF-8"
             " -Dorg.slf4j.simpleLogger.log.org.apache.zookeeper.server=info"
             " -Dorg.slf4j.simpleLogger.showDateTime=true"
             " -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
             REAP_MS);
    setenv("JAVA_TOOL_OPTIONS", options, 1);
    if (!rota_zkserver_start(&w->server, &config)) {
        fprintf(stderr, "conformance: %s\n", w->server.error);
        real_end(w);
        return NULL;
    }
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        w->proxies[i] = rota_proxy_open(w->server.port);
        rota_assert(w->proxies[i] != NULL);
    }
    return w;
}

static struct rota_backend *real_backend(struct world *w, uint32_t peer,
                                         uint32_t session_timeout_ms)
{
    struct rota_zk_config config = {.hosts = rota_proxy_hosts(w->proxies[peer]),
                                    .session_timeout_ms = session_timeout_ms};

    return rota_zk_open(&config, ring, w);
}

static void real_wait(struct world *w)
{
    struct pollfd bell = {.fd = w->bell, .events = POLLIN};
    uint64_t rings;

    if (poll(&bell, 1, WAIT_MS) == 1)
        (void)!read(w->bell, &rings, sizeof rings);
}

static void real_cut(struct world *w, uint32_t peer)
{
    rota_proxy_cut(w->proxies[peer]);
}

static void real_block(struct world *w, uint32_t peer)
{
    rota_proxy_bar(w->proxies[peer]);
}

static bool real_settle(struct world *w, uint32_t peer)
{
    return rota_proxy_settle(w->proxies[peer], SETTLE_S);
}

static void real_heal(struct world *w, uint32_t peer)
{
    rota_proxy_heal(w->proxies[peer]);
}

static void real_fault(struct world *w, uint32_t peer, enum fault fault)
{
    static const enum rota_proxy_fault faults[] = {ROTA_PROXY_LOST, ROTA_PROXY_APPLIED,
                                                   ROTA_PROXY_LATE};

    rota_proxy_arm(w->proxies[peer], faults[fault]);
}

static void real_release(struct world *w, uint32_t peer)
{
    rota_proxy_release(w->proxies[peer]);
}

static void real_silence(struct world *w, uint32_t peer, bool arrives)
{
    if (arrives)
        rota_proxy_mute(w->proxies[peer]);
    else
        rota_proxy_blackhole(w->proxies[peer]);
}

static void real_pause(struct world *w)
{
    rota_zkserver_pause(&w->server);
}

static void real_resume(struct world *w)
{
    rota_zkserver_resume(&w->server);
}

static void real_stop(struct world *w)
{
    rota_zkserver_kill(&w->server);
}

static bool real_start(struct world *w)
{
    return rota_zkserver_restart(&w->server);
}

/* The end of the server's log, with the stacks of its threads, and its last transactions. */
static void real_add_logs(struct world *w, struct text *t)
{
    struct pollfd nothing = {.fd = -1};

    if (w->server.pid != 0 && kill(w->server.pid, SIGQUIT) == 0) /* Java writes it into the log */
        poll(&nothing, 1, DUMP_MS);
    server_log_add_end(t, &w->server);
    server_log_add_transactions(t, &w->server);
}

const struct fixture fixture_real = {
    .name = "real",
    .connections = true,
    .begin = real_begin,
    .end = real_end,
    .backend = real_backend,
    .wait = real_wait,
    .cut = real_cut,
    .block = real_block,
    .settle = real_settle,
    .heal = real_heal,
    .fault = real_fault,
    .release = real_release,
    .silence = real_silence,
    .pause = real_pause,
    .resume = real_resume,
    .stop = real_stop,
    .start = real_start,
    .add_logs = real_add_logs,
};
