#include "bench/handle.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_zk/zk.h"
#include "model/base/assert.h"

enum { SILENCE_MS = 30000, SESSION_MS = 10000 };

static void wake(void *context)
{
    const struct rota_handle *h = context;

    eventfd_write(h->woken, 1);
}

static void take(struct rota_handle *h, const struct rota_handle_event *e)
{
    if (e->kind == ROTA_HANDLE_SESSION) {
        h->connected = e->session.state == ROTA_SESSION_CONNECTED;
        h->closed = e->session.state == ROTA_SESSION_CLOSED;
    } else if (e->kind == ROTA_HANDLE_REPLY) {
        rota_assert(h->outstanding > 0);
        h->outstanding--;
        h->refused += e->reply.rc != ROTA_ERR_OK;
        h->last = e->reply;
    }
}

/* Takes all events that have arrived, and waits for one if there is none. False if none arrived for
 * too long. */
static bool take_events(struct rota_handle *h)
{
    struct rota_handle_event e;
    struct pollfd woken = {.fd = h->woken, .events = POLLIN};
    eventfd_t times;

    for (;;) {
        bool any = false;

        while (h->backend->ops->next(h->backend, &e)) {
            take(h, &e);
            any = true;
        }
        if (any)
            return true;
        if (poll(&woken, 1, SILENCE_MS) <= 0)
            return false;
        eventfd_read(h->woken, &times);
    }
}

static void destroy(struct rota_handle *h)
{
    h->backend->ops->destroy(h->backend);
    close(h->woken);
}

bool rota_handle_open(struct rota_handle *h, const char *hosts)
{
    struct rota_zk_config config = {
        .hosts = hosts, .session_timeout_ms = SESSION_MS, .log = ROTA_ZK_LOG_QUIET};

    *h = (struct rota_handle){.woken = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    rota_assert(h->woken >= 0);
    h->backend = rota_zk_open(&config, wake, h);
    h->backend->ops->open(h->backend, NULL);
    while (!h->connected) {
        if (!take_events(h)) {
            destroy(h);
            return false;
        }
    }
    return true;
}

bool rota_handle_send(struct rota_handle *h, const struct rota_request *request, uint32_t window)
{
    while (h->outstanding >= window)
        if (!take_events(h))
            return false;
    h->outstanding++;
    h->backend->ops->request(h->backend, request);
    return true;
}

bool rota_handle_settle(struct rota_handle *h)
{
    while (h->outstanding > 0)
        if (!take_events(h))
            return false;
    return h->refused == 0;
}

bool rota_handle_ask(struct rota_handle *h, const struct rota_operation *operation)
{
    struct rota_request request = {.operation = *operation};
    uint32_t refused = h->refused;

    if (!rota_handle_send(h, &request, UINT32_MAX))
        return false;
    rota_handle_settle(h);
    bool done = h->outstanding == 0 && h->refused == refused;
    h->refused = refused;
    return done;
}

int64_t rota_handle_zxid(struct rota_handle *h)
{
    struct rota_operation set = {
        .op = ROTA_OP_SET, .path = "/", .data = {.data = "", .length = 0}, .version = -1};

    return rota_handle_ask(h, &set) ? h->last.stat.mzxid : 0;
}

void rota_handle_close(struct rota_handle *h)
{
    struct rota_request end = {.operation = {.op = ROTA_OP_CLOSE}};

    h->backend->ops->request(h->backend, &end);
    while (!h->closed && take_events(h))
        ;
    destroy(h);
}
