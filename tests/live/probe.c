#include "tests/live/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_zk/zk.h"

enum { BOUND_MS = 90000, LISTEN_MS = 100 };

static void ring(void *context)
{
    const struct probe *p = context;
    uint64_t one = 1;

    (void)!write(p->bell, &one, sizeof(one));
}

void probe_make(struct probe *p, const char *hosts, uint32_t session_ms)
{
    struct rota_zk_config config = {.hosts = hosts, .session_timeout_ms = session_ms};

    p->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(p->bell >= 0);
    p->backend = rota_zk_open(&config, ring, p);
}

void probe_connect(struct probe *p, const char *hosts, uint32_t session_ms,
                   const struct rota_client_id *take_over)
{
    probe_make(p, hosts, session_ms);
    p->backend->ops->open(p->backend, take_over);
    probe_await(p, ROTA_SESSION_CONNECTED);
}

void probe_end(struct probe *p)
{
    p->backend->ops->destroy(p->backend);
    p->backend = NULL;
    close(p->bell);
}

bool probe_wait(struct probe *p, int timeout_ms)
{
    rota_time bound = p->backend->ops->now(p->backend) + timeout_ms * INT64_C(1000);
    struct pollfd bell = {.fd = p->bell, .events = POLLIN};
    uint64_t rings;

    while (!p->backend->ops->next(p->backend, &p->event)) {
        if (p->backend->ops->now(p->backend) >= bound)
            return false;
        poll(&bell, 1, LISTEN_MS);
        (void)!read(p->bell, &rings, sizeof(rings));
    }
    return true;
}

void probe_next(struct probe *p)
{
    assert_true(probe_wait(p, BOUND_MS));
}

void probe_await(struct probe *p, enum rota_session_state state)
{
    do {
        probe_next(p);
    } while (p->event.kind != ROTA_HANDLE_SESSION || p->event.session.state != state);
}

void probe_send(struct probe *p, uint64_t tag, struct rota_operation o)
{
    struct rota_request r = {.tag = tag, .operation = o};

    p->backend->ops->request(p->backend, &r);
}

int32_t probe_ask(struct probe *p, struct rota_operation o)
{
    enum { TAG = 1 };

    probe_send(p, TAG, o);
    do {
        probe_next(p);
    } while (p->event.kind != ROTA_HANDLE_REPLY || p->event.reply.tag != TAG);
    return p->event.reply.rc;
}

void probe_close(struct probe *p)
{
    probe_send(p, 0, (struct rota_operation){.op = ROTA_OP_CLOSE});
}
