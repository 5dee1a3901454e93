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

enum { CALLS = 8 };

/* One connection, in two halves. */
struct call {
    int caller; /* -1: the place is free */
    int called; /* -1: not reached yet */
};

struct rota_pipe {
    uint16_t port;     /* of the pipe */
    uint16_t far_port; /* of the one who listens behind it */
    int listener;
    int bell; /* rings when something below has changed */
    pthread_t thread;
    pthread_mutex_t lock; /* held while anything is carried */
    bool held;            /* under the lock */
    bool ended;           /* under the lock */
    struct call calls[CALLS];
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {0};

    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void call_end(struct call *c)
{
    if (c->caller >= 0)
        close(c->caller);
    if (c->called >= 0)
        close(c->called);
    *c = (struct call){-1, -1};
}

/* Packets go at once, as they do without a pipe. */
static void send_at_once(int fd)
{
    int yes = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

/* Calls on; who does not listen yet is called again. */
static void reach(const struct rota_pipe *p, struct call *c)
{
    struct sockaddr_in address = loopback(p->far_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    rota_assert(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        send_at_once(fd);
        c->called = fd;
    } else {
        close(fd);
    }
}

static void answer_door(struct rota_pipe *p)
{
    int caller = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
    size_t i = 0;

    if (caller < 0)
        return;
    while (i < CALLS && p->calls[i].caller >= 0)
        i++;
    if (i == CALLS) {
        close(caller);
        return;
    }
    send_at_once(caller);
    p->calls[i] = (struct call){caller, -1};
    reach(p, &p->calls[i]);
}

/* Carries what has come. False if either side has gone. */
static bool carry(int from, int to)
{
    char bytes[65536];
    ssize_t length = recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);

    for (ssize_t sent = 0; sent < length;) {
        ssize_t n = send(to, bytes + sent, (size_t)(length - sent), MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        sent += n;
    }
    return length > 0;
}

/* Fills in what to listen for. What is held back is not even listened to: the kernel keeps it.
 * Returns whether nobody has answered the call yet. */
static bool call_listen(const struct rota_pipe *p, const struct call *c, struct pollfd ends[2])
{
    bool reached = c->called >= 0;

    ends[0] = (struct pollfd){.fd = c->caller, .events = reached ? POLLIN : POLLRDHUP};
    ends[1] = (struct pollfd){.fd = p->held ? -1 : c->called, .events = POLLIN};
    return c->caller >= 0 && !reached;
}

static void call_hear(const struct rota_pipe *p, struct call *c, const struct pollfd ends[2])
{
    if (c->caller >= 0 && c->called < 0) {
        if (ends[0].revents != 0)
            call_end(c);
        else
            reach(p, c);
        return;
    }
    if (ends[0].revents != 0 && !carry(c->caller, c->called))
        call_end(c);
    if (c->caller >= 0 && !p->held && ends[1].revents != 0 && !carry(c->called, c->caller))
        call_end(c);
}

static void *run(void *context)
{
    enum { BELL, DOOR, FIRST, ALL = FIRST + 2 * CALLS, AGAIN_MS = 5 };
    struct rota_pipe *p = context;

    pthread_mutex_lock(&p->lock);
    while (!p->ended) {
        struct pollfd fds[ALL];
        bool unanswered = false;
        uint64_t rings;

        fds[BELL] = (struct pollfd){.fd = p->bell, .events = POLLIN};
        fds[DOOR] = (struct pollfd){.fd = p->listener, .events = POLLIN};
        for (size_t i = 0; i < CALLS; i++)
            unanswered |= call_listen(p, &p->calls[i], &fds[FIRST + 2 * i]);
        pthread_mutex_unlock(&p->lock);
        poll(fds, ALL, unanswered ? AGAIN_MS : -1);
        pthread_mutex_lock(&p->lock);
        for (size_t i = 0; i < CALLS; i++)
            call_hear(p, &p->calls[i], &fds[FIRST + 2 * i]);
        if (fds[DOOR].revents != 0)
            answer_door(p);
        if (fds[BELL].revents != 0)
            (void)!read(p->bell, &rings, sizeof(rings));
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool listen_on_loopback(struct rota_pipe *p)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof(address);

    if (bind(p->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(p->listener, CALLS) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&address, &length) != 0)
        return false;
    p->port = ntohs(address.sin_port);
    return true;
}

struct rota_pipe *rota_pipe_open(uint16_t port)
{
    struct rota_pipe *p = calloc(1, sizeof(*p));

    rota_assert(p != NULL);
    p->far_port = port;
    for (size_t i = 0; i < CALLS; i++)
        p->calls[i] = (struct call){-1, -1};
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    p->bell = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&p->lock, NULL);
    if (p->listener >= 0 && p->bell >= 0 && listen_on_loopback(p) &&
        pthread_create(&p->thread, NULL, run, p) == 0)
        return p;
    close(p->listener);
    close(p->bell);
    free(p);
    return NULL;
}

uint16_t rota_pipe_port(const struct rota_pipe *p)
{
    return p->port;
}

static void change(struct rota_pipe *p, bool *what, bool value)
{
    uint64_t ring = 1;

    pthread_mutex_lock(&p->lock);
    *what = value;
    pthread_mutex_unlock(&p->lock);
    (void)!write(p->bell, &ring, sizeof(ring));
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
    for (size_t i = 0; i < CALLS; i++)
        call_end(&p->calls[i]);
    close(p->listener);
    close(p->bell);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
