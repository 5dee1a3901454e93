#include "tests/live/pipe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/base/assert.h"

enum { CONNECTIONS = 8 };

/* One connection between the two servers, in two halves. */
struct connection {
    int opener; /* socket to the server that opened it; -1: the entry is free */
    int target; /* socket to the other server; -1: not connected yet */
};

struct rota_pipe {
    uint16_t port;        /* of the pipe */
    uint16_t target_port; /* of the server behind it */
    int listener;
    int wakeup; /* an eventfd: something below has changed */
    pthread_t thread;
    pthread_mutex_t lock; /* taken while bytes are carried */
    bool held;            /* under the lock */
    bool ended;           /* under the lock */
    struct connection connections[CONNECTIONS];
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {0};

    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void connection_close(struct connection *c)
{
    if (c->opener >= 0)
        close(c->opener);
    if (c->target >= 0)
        close(c->target);
    *c = (struct connection){-1, -1};
}

/* Packets are sent without delay, as they are without a pipe. */
static void send_at_once(int fd)
{
    int yes = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/* Connects to the target. If it does not listen yet, the caller tries again later. */
static void connect_target(const struct rota_pipe *p, struct connection *c)
{
    struct sockaddr_in address = loopback(p->target_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    rota_assert(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        send_at_once(fd);
        c->target = fd;
    } else {
        close(fd);
    }
}

static void accept_connection(struct rota_pipe *p)
{
    int opener = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
    size_t i = 0;

    if (opener < 0)
        return;
    while (i < CONNECTIONS && p->connections[i].opener >= 0)
        i++;
    if (i == CONNECTIONS) {
        close(opener);
        return;
    }
    send_at_once(opener);
    p->connections[i] = (struct connection){opener, -1};
    connect_target(p, &p->connections[i]);
}

/* Carries the bytes that have arrived. False if one of the sides has closed. */
static bool carry(int from, int to)
{
    char bytes[65536];
    ssize_t length = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);

    for (ssize_t sent = 0; sent < length;) {
        ssize_t n = send(to, bytes + sent, (size_t)(length - sent), MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        sent += n;
    }
    return length > 0;
}

/* Fills in the events to poll for. Bytes that are held back are not read, so the kernel keeps them.
 * Returns whether the target is not connected yet. */
static bool connection_poll(const struct rota_pipe *p, const struct connection *c,
                            struct pollfd ends[2])
{
    bool connected = c->target >= 0;

    ends[0] = (struct pollfd){.fd = c->opener, .events = connected ? POLLIN : POLLRDHUP};
    ends[1] = (struct pollfd){.fd = p->held ? -1 : c->target, .events = POLLIN};
    return c->opener >= 0 && !connected;
}

static void connection_handle(const struct rota_pipe *p, struct connection *c,
                              const struct pollfd ends[2])
{
    if (c->opener >= 0 && c->target < 0) {
        if (ends[0].revents != 0)
            connection_close(c);
        else
            connect_target(p, c);
        return;
    }
    if (ends[0].revents != 0 && !carry(c->opener, c->target))
        connection_close(c);
    if (c->opener >= 0 && !p->held && ends[1].revents != 0 && !carry(c->target, c->opener))
        connection_close(c);
}

static void *run(void *context)
{
    enum { WAKEUP, LISTENER, FIRST, ALL = FIRST + 2 * CONNECTIONS, RETRY_MS = 5 };
    struct rota_pipe *p = context;

    pthread_mutex_lock(&p->lock);
    while (!p->ended) {
        struct pollfd fds[ALL];
        bool unconnected = false;
        uint64_t count;

        fds[WAKEUP] = (struct pollfd){.fd = p->wakeup, .events = POLLIN};
        fds[LISTENER] = (struct pollfd){.fd = p->listener, .events = POLLIN};
        for (size_t i = 0; i < CONNECTIONS; i++)
            unconnected |= connection_poll(p, &p->connections[i], &fds[FIRST + 2 * i]);
        pthread_mutex_unlock(&p->lock);
        poll(fds, ALL, unconnected ? RETRY_MS : -1);
        pthread_mutex_lock(&p->lock);
        for (size_t i = 0; i < CONNECTIONS; i++)
            connection_handle(p, &p->connections[i], &fds[FIRST + 2 * i]);
        if (fds[LISTENER].revents != 0)
            accept_connection(p);
        if (fds[WAKEUP].revents != 0)
            (void)!read(p->wakeup, &count, sizeof count);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool listen_on_loopback(struct rota_pipe *p)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;

    if (bind(p->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(p->listener, CONNECTIONS) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&address, &length) != 0)
        return false;
    p->port = ntohs(address.sin_port);
    return true;
}

struct rota_pipe *rota_pipe_open(uint16_t port)
{
    struct rota_pipe *p = calloc(1, sizeof *p);

    rota_assert(p != NULL);
    p->target_port = port;
    for (size_t i = 0; i < CONNECTIONS; i++)
        p->connections[i] = (struct connection){-1, -1};
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    p->wakeup = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&p->lock, NULL);
    if (p->listener >= 0 && p->wakeup >= 0 && listen_on_loopback(p) &&
        pthread_create(&p->thread, NULL, run, p) == 0)
        return p;
    close(p->listener);
    close(p->wakeup);
    free(p);
    return NULL;
}

uint16_t rota_pipe_port(const struct rota_pipe *p)
{
    return p->port;
}

static void change(struct rota_pipe *p, bool *flag, bool value)
{
    uint64_t one = 1;

    pthread_mutex_lock(&p->lock);
    *flag = value;
    pthread_mutex_unlock(&p->lock);
    (void)!write(p->wakeup, &one, sizeof one);
}

void rota_pipe_hold(struct rota_pipe *p)
{
    change(p, &p->held, true);
}

void rota_pipe_flow(struct rota_pipe *p)
{
    change(p, &p->held, false);
}

void rota_pipe_close(struct rota_pipe *p)
{
    change(p, &p->ended, true);
    pthread_join(p->thread, NULL);
    for (size_t i = 0; i < CONNECTIONS; i++)
        connection_close(&p->connections[i]);
    close(p->listener);
    close(p->wakeup);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
