#include "tests/live/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "model/base/assert.h"

enum {
    LINKS = 32,
    LENGTH = 4, /* size of a frame's length and of a request's number */
};

/* Bytes of one direction that are not a whole frame yet, or are kept. */
struct stream {
    uint8_t *bytes;
    size_t length;
    size_t capacity;
    bool begun; /* the first frame, which opens the session, was carried */
};

struct link {
    int client; /* -1: cut */
    int server; /* -1: cut, and the entry is free */
    struct stream up;
    struct stream down;
    bool kept; /* `up` waits for release */
    bool left; /* the client has closed; bytes of the server are dropped until it closes too */
    bool drop_reply; /* the reply with the number `xid` is not delivered */
    uint32_t xid;
};

enum command { NONE, CUT, BAR, ARM, RELEASE, BLACKHOLE, MUTE, HEAL, COUNT, END };

struct rota_proxy {
    char hosts[32];
    uint16_t server_port;
    int listener;
    int wakeup; /* an eventfd: there is a command */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t done;
    enum command command;        /* under the lock */
    uint32_t leaving;            /* under the lock: links that the server has not closed yet */
    bool struck;                 /* under the lock: the fault was injected */
    enum rota_proxy_fault fault; /* given with the command, then used by the loop alone */
    bool armed;                  /* this and the following are used by the loop alone */
    bool down;
    bool deaf; /* bytes of clients are not read */
    bool mute; /* bytes of servers are not read */
    struct link links[LINKS];
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {0};

    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static uint32_t number_at(const uint8_t *bytes)
{
    uint32_t n;

    memcpy(&n, bytes, sizeof n);
    return ntohl(n);
}

/* ---- streams ---- */

static void stream_append(struct stream *s, const uint8_t *bytes, size_t length)
{
    if (s->length + length > s->capacity) {
        s->capacity = 2 * (s->length + length);
        s->bytes = realloc(s->bytes, s->capacity);
        rota_assert(s->bytes != NULL);
    }
    memcpy(s->bytes + s->length, bytes, length);
    s->length += length;
}

/* The size of the first frame, 0 if it is not whole. */
static size_t stream_frame(const struct stream *s)
{
    size_t frame;

    if (s->length < LENGTH)
        return 0;
    frame = LENGTH + (size_t)number_at(s->bytes);
    return s->length >= frame ? frame : 0;
}

static void stream_drop(struct stream *s, size_t length)
{
    if (length == 0)
        return;
    s->length -= length;
    memmove(s->bytes, s->bytes + length, s->length);
}

static void stream_send(struct stream *s, size_t length, int fd)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(fd, s->bytes + sent, length - sent, MSG_NOSIGNAL);

        if (n <= 0)
            break; /* the other side has closed; reading will report it */
        sent += (size_t)n;
    }
    stream_drop(s, length);
}

/* ---- links ---- */

static void cut_client(struct link *l)
{
    if (l->client >= 0)
        close(l->client);
    l->client = -1;
}

/* Closes both sides of a link. */
static void link_end(struct link *l)
{
    cut_client(l);
    if (l->server >= 0)
        close(l->server);
    free(l->up.bytes);
    free(l->down.bytes);
    *l = (struct link){.client = -1, .server = -1};
}

/* Closes the client's side. The server finds the end of the stream behind the bytes it was sent,
 * and its replies are still read: a reset would discard the bytes that it has not read yet. */
static void link_leave(struct link *l)
{
    cut_client(l);
    if (l->server < 0 || l->left)
        return;
    l->left = true;
    l->kept = false;
    stream_drop(&l->up, l->up.length);
    stream_drop(&l->down, l->down.length);
    shutdown(l->server, SHUT_WR);
}

/* Cuts all links but those whose request is kept for release. */
static void cut_all(struct rota_proxy *p)
{
    for (size_t i = 0; i < LINKS; i++)
        if (!p->links[i].kept)
            link_leave(&p->links[i]);
}

/* Frames are sent without delay, as they are without a proxy. */
static void send_at_once(int fd)
{
    int yes = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void link_add(struct rota_proxy *p, int client)
{
    struct sockaddr_in address = loopback(p->server_port);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t i = 0;

    rota_assert(server >= 0);
    while (i < LINKS && p->links[i].server >= 0)
        i++;
    if (i == LINKS || connect(server, (struct sockaddr *)&address, sizeof address) != 0) {
        close(server);
        close(client);
        return;
    }
    send_at_once(client);
    send_at_once(server);
    p->links[i] = (struct link){.client = client, .server = server};
}

static void inject(struct rota_proxy *p, struct link *l)
{
    pthread_mutex_lock(&p->lock);
    p->struck = true; /* before the client can notice the fault */
    pthread_mutex_unlock(&p->lock);
    p->armed = false;
    p->down = true;
    switch (p->fault) {
    case ROTA_PROXY_LOST:
        link_leave(l);
        break;
    case ROTA_PROXY_APPLIED:
        l->drop_reply = true;
        l->xid = number_at(l->up.bytes + LENGTH);
        stream_send(&l->up, stream_frame(&l->up), l->server);
        break;
    case ROTA_PROXY_LATE:
        cut_client(l);
        l->kept = true;
        break;
    }
}

/* The library numbers requests from the time of day; frames that it sends by itself have negative
 * numbers. */
static bool is_request(const struct stream *s)
{
    return s->begun && number_at(s->bytes + LENGTH) <= INT32_MAX;
}

static void carry_up(struct rota_proxy *p, struct link *l)
{
    size_t frame;

    while (!l->left && !l->kept && (frame = stream_frame(&l->up)) != 0) {
        if (p->armed && is_request(&l->up)) {
            inject(p, l);
        } else {
            stream_send(&l->up, frame, l->server);
            l->up.begun = true;
        }
    }
}

static void carry_down(struct link *l)
{
    size_t frame;

    while (!l->left && (frame = stream_frame(&l->down)) != 0) {
        if (l->drop_reply && l->down.begun && number_at(l->down.bytes + LENGTH) == l->xid) {
            link_leave(l);
        } else {
            stream_send(&l->down, frame, l->client);
            l->down.begun = true;
        }
    }
}

/* Reads the bytes that have arrived. False if that side has closed. */
static bool stream_read(struct stream *s, int fd)
{
    uint8_t bytes[65536];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n > 0)
        stream_append(s, bytes, (size_t)n);
    return n > 0;
}

static void link_handle(struct rota_proxy *p, struct link *l, short client, short server)
{
    if (client != 0) {
        if (stream_read(&l->up, l->client))
            carry_up(p, l);
        else
            link_leave(l);
    }
    if (server != 0) {
        if (!stream_read(&l->down, l->server))
            link_end(l);
        else if (l->client >= 0)
            carry_down(l);
        else
            stream_drop(&l->down, l->down.length);
    }
}

/* ---- the loop ---- */

static void link_release(struct link *l)
{
    if (l->kept) {
        stream_send(&l->up, l->up.length, l->server);
        link_leave(l);
    }
}

/* Closes the connections that were opened before the heal, since their clients may have gone. */
static void refuse_waiting(const struct rota_proxy *p)
{
    int client;

    while ((client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        close(client);
}

/* Carries all bytes that a client has sent until now, and finds its end if there is one. */
static void drain_client(struct rota_proxy *p, struct link *l)
{
    struct pollfd client = {.fd = l->client, .events = POLLIN};

    while (l->client >= 0 && poll(&client, 1, 0) == 1)
        link_handle(p, l, POLLIN, 0);
}

static void carry_out(struct rota_proxy *p, enum command command)
{
    switch (command) {
    case CUT:
        p->down = true;
        cut_all(p);
        break;
    case BAR:
        p->down = true;
        break;
    case ARM:
        p->armed = true;
        break;
    case RELEASE:
        for (size_t i = 0; i < LINKS; i++)
            link_release(&p->links[i]);
        break;
    case BLACKHOLE:
        p->deaf = p->mute = true;
        break;
    case MUTE:
        p->mute = true;
        break;
    case HEAL:
        if (p->down)
            refuse_waiting(p);
        p->down = false;
        p->deaf = p->mute = false;
        break;
    case END:
        for (size_t i = 0; i < LINKS; i++)
            link_end(&p->links[i]);
        break;
    case COUNT:
        for (size_t i = 0; i < LINKS && !p->deaf; i++)
            drain_client(p, &p->links[i]);
        break;
    case NONE:
        break;
    }
}

/* Counts the links whose client has closed and whose server has not. */
static void count_leaving(struct rota_proxy *p)
{
    uint32_t leaving = 0;

    for (size_t i = 0; i < LINKS; i++)
        leaving += p->links[i].left;
    pthread_mutex_lock(&p->lock);
    p->leaving = leaving;
    pthread_cond_broadcast(&p->done);
    pthread_mutex_unlock(&p->lock);
}

/* Carries out the command that was given. */
static enum command take_command(struct rota_proxy *p)
{
    enum command command;
    uint64_t count;

    (void)!read(p->wakeup, &count, sizeof count);
    pthread_mutex_lock(&p->lock);
    command = p->command;
    pthread_mutex_unlock(&p->lock);
    carry_out(p, command);
    count_leaving(p);
    pthread_mutex_lock(&p->lock);
    p->command = NONE;
    pthread_cond_broadcast(&p->done);
    pthread_mutex_unlock(&p->lock);
    return command;
}

static void accept_client(struct rota_proxy *p)
{
    int client = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);

    if (client < 0)
        return;
    if (p->down)
        close(client);
    else
        link_add(p, client);
}

static void *run(void *context)
{
    enum { WAKEUP, LISTENER, FIRST };
    struct rota_proxy *p = context;
    enum command command = NONE;

    while (command != END) {
        struct pollfd fds[FIRST + 2 * LINKS];

        fds[WAKEUP] = (struct pollfd){.fd = p->wakeup, .events = POLLIN};
        fds[LISTENER] = (struct pollfd){.fd = p->listener, .events = POLLIN};
        for (size_t i = 0; i < LINKS; i++) {
            int client = p->deaf ? -1 : p->links[i].client;
            int server = p->mute && !p->links[i].left ? -1 : p->links[i].server;

            fds[FIRST + 2 * i] = (struct pollfd){.fd = client, .events = POLLIN};
            fds[FIRST + 2 * i + 1] = (struct pollfd){.fd = server, .events = POLLIN};
        }
        poll(fds, FIRST + 2 * LINKS, -1);
        for (size_t i = 0; i < LINKS; i++)
            link_handle(p, &p->links[i], fds[FIRST + 2 * i].revents,
                        fds[FIRST + 2 * i + 1].revents);
        if (fds[LISTENER].revents != 0)
            accept_client(p);
        count_leaving(p);
        if (fds[WAKEUP].revents != 0)
            command = take_command(p);
    }
    return NULL;
}

/* ---- functions of other threads ---- */

/* Gives the loop a command and waits until it was carried out. */
static void command_loop(struct rota_proxy *p, enum command command, enum rota_proxy_fault fault)
{
    uint64_t one = 1;

    pthread_mutex_lock(&p->lock);
    rota_assert(p->command == NONE);
    p->command = command;
    if (command == ARM) {
        p->fault = fault;
        p->struck = false;
    }
    (void)!write(p->wakeup, &one, sizeof one);
    while (p->command != NONE)
        pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static bool listen_on_loopback(struct rota_proxy *p)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;

    if (bind(p->listener, (struct sockaddr *)&address, length) != 0 ||
        listen(p->listener, LINKS) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&address, &length) != 0)
        return false;
    snprintf(p->hosts, sizeof p->hosts, "127.0.0.1:%u", ntohs(address.sin_port));
    return true;
}

struct rota_proxy *rota_proxy_open(uint16_t server_port)
{
    struct rota_proxy *p = calloc(1, sizeof *p);

    rota_assert(p != NULL);
    p->server_port = server_port;
    for (size_t i = 0; i < LINKS; i++)
        p->links[i] = (struct link){.client = -1, .server = -1};
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    p->wakeup = eventfd(0, EFD_CLOEXEC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->done, NULL);
    if (p->listener >= 0 && p->wakeup >= 0 && listen_on_loopback(p) &&
        pthread_create(&p->thread, NULL, run, p) == 0)
        return p;
    close(p->listener);
    close(p->wakeup);
    free(p);
    return NULL;
}

const char *rota_proxy_hosts(const struct rota_proxy *p)
{
    return p->hosts;
}

void rota_proxy_cut(struct rota_proxy *p)
{
    command_loop(p, CUT, ROTA_PROXY_LOST);
}

void rota_proxy_bar(struct rota_proxy *p)
{
    command_loop(p, BAR, ROTA_PROXY_LOST);
}

void rota_proxy_arm(struct rota_proxy *p, enum rota_proxy_fault fault)
{
    command_loop(p, ARM, fault);
}

bool rota_proxy_struck(struct rota_proxy *p)
{
    bool struck;

    pthread_mutex_lock(&p->lock);
    struck = p->struck;
    pthread_mutex_unlock(&p->lock);
    return struck;
}

void rota_proxy_release(struct rota_proxy *p)
{
    command_loop(p, RELEASE, ROTA_PROXY_LATE);
}

void rota_proxy_blackhole(struct rota_proxy *p)
{
    command_loop(p, BLACKHOLE, ROTA_PROXY_LOST);
}

void rota_proxy_mute(struct rota_proxy *p)
{
    command_loop(p, MUTE, ROTA_PROXY_LOST);
}

void rota_proxy_heal(struct rota_proxy *p)
{
    command_loop(p, HEAL, ROTA_PROXY_LOST);
}

bool rota_proxy_settle(struct rota_proxy *p, uint32_t bound_s)
{
    struct timespec end;
    bool settled;

    command_loop(p, COUNT, ROTA_PROXY_LOST);
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += bound_s;
    pthread_mutex_lock(&p->lock);
    while (p->leaving > 0 && pthread_cond_clockwait(&p->done, &p->lock, CLOCK_MONOTONIC, &end) == 0)
        ;
    settled = p->leaving == 0;
    pthread_mutex_unlock(&p->lock);
    return settled;
}

void rota_proxy_close(struct rota_proxy *p)
{
    command_loop(p, END, ROTA_PROXY_LOST);
    pthread_join(p->thread, NULL);
    close(p->listener);
    close(p->wakeup);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->done);
    free(p);
}
