#include "tests/live/probe.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend_zk/zk.h"

enum { TIME_LIMIT_MS = 90000, POLL_MS = 100 };

static void wake(void *context)
{
    const struct probe *p = context;
    uint64_t one = 1;

    (void)!write(p->wakeup, &one, sizeof one);
}

void probe_make(struct probe *p, const char *hosts, uint32_t session_ms)
{
    probe_make_by(p, hosts, session_ms, NULL);
}

void probe_make_by(struct probe *p, const char *hosts, uint32_t session_ms, rota_zk_lookup_f lookup)
{
    struct rota_zk_config config = {
        .hosts = hosts, .session_timeout_ms = session_ms, .lookup = lookup};

    p->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(p->wakeup >= 0);
    p->backend = rota_zk_open(&config, wake, p);
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
    close(p->wakeup);
}

bool probe_wait(struct probe *p, int timeout_ms)
{
    rota_time end = p->backend->ops->now(p->backend) + timeout_ms * INT64_C(1000);
    struct pollfd wakeup = {.fd = p->wakeup, .events = POLLIN};
    uint64_t count;

    while (!p->backend->ops->next(p->backend, &p->event)) {
        if (p->backend->ops->now(p->backend) >= end)
            return false;
        poll(&wakeup, 1, POLL_MS);
        (void)!read(p->wakeup, &count, sizeof count);
    }
    return true;
}

void probe_next(struct probe *p)
{
    assert_true(probe_wait(p, TIME_LIMIT_MS));
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
