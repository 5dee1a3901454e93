/* The proxy between a client and a server, both of which are sockets here. What is guarded is what
 * the comparison with a real server leans on: nothing that was sent is lost with its sender, and
 * the end of a connection can be waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/live/proxy.h"

enum { BOUND_S = 20, BOUND_MS = 1000 * BOUND_S, FRAME = 12, KNOCKS = 16 };

struct scene {
    struct rota_proxy *proxy;
    int listener; /* the server's */
    int client;
    int server;
};

static int bounded(int fd)
{
    struct timeval bound = {.tv_sec = BOUND_S};

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
    return fd;
}

static int knock(const struct scene *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = bounded(socket(AF_INET, SOCK_STREAM, 0));

    address.sin_port =
        htons((uint16_t)strtol(strchr(rota_proxy_hosts(s->proxy), ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* A frame of eight bytes, the number first. */
static void say(int fd, uint32_t number)
{
    uint32_t frame[] = {htonl(8), htonl(number), 0};

    assert_int_equal(send(fd, frame, sizeof(frame), MSG_NOSIGNAL), FRAME);
}

static void hears(int fd, uint32_t number)
{
    uint32_t frame[3];

    assert_int_equal(recv(fd, frame, sizeof(frame), MSG_WAITALL), FRAME);
    assert_int_equal(ntohl(frame[1]), number);
}

static void hears_the_end(int fd)
{
    char byte;

    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

static int begin(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    struct scene *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = bounded(socket(AF_INET, SOCK_STREAM, 0));
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &length), 0);
    s->proxy = rota_proxy_open(ntohs(address.sin_port));
    assert_non_null(s->proxy);
    s->client = knock(s);
    s->server = bounded(accept(s->listener, NULL, NULL));
    say(s->client, 1);
    hears(s->server, 1);
    say(s->server, 1);
    hears(s->client, 1);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct scene *s = *state;

    rota_proxy_close(s->proxy);
    close(s->listener);
    free(s);
    return 0;
}

static void close_both(struct scene *s)
{
    close(s->client);
    close(s->server);
}

/* The server answers somebody who has gone, twice, before it reads the rest: a reset by the first
 * answer would cost it what it has not read. */
static void what_was_sent_outlives_its_sender(void **state)
{
    struct scene *s = *state;

    for (uint32_t i = 2; i < 5; i++)
        say(s->client, i);
    close(s->client);
    assert_false(rota_proxy_settle(s->proxy, 0));
    for (uint32_t i = 2; i < 5; i++) {
        say(s->server, i);
        hears(s->server, i);
    }
    hears_the_end(s->server);
    close(s->server);
    assert_true(rota_proxy_settle(s->proxy, BOUND_S));
}

static void a_cut_is_found_behind_what_was_carried(void **state)
{
    struct scene *s = *state;

    say(s->client, 2);
    assert_int_equal(poll(&(struct pollfd){.fd = s->server, .events = POLLIN}, 1, BOUND_MS), 1);
    rota_proxy_cut(s->proxy);
    hears_the_end(s->client);
    say(s->server, 2);
    hears(s->server, 2);
    hears_the_end(s->server);
    close_both(s);
    assert_true(rota_proxy_settle(s->proxy, BOUND_S));
}

/* Whoever knocks before the heal is not let in by it. */
static void barred(void **state)
{
    struct scene *s = *state;
    int early[KNOCKS];

    rota_proxy_bar(s->proxy);
    say(s->client, 2);
    hears(s->server, 2);
    for (int i = 0; i < KNOCKS; i++)
        early[i] = knock(s);
    rota_proxy_heal(s->proxy);
    for (int i = 0; i < KNOCKS; i++) {
        hears_the_end(early[i]);
        close(early[i]);
    }
    close_both(s);
    s->client = knock(s);
    s->server = bounded(accept(s->listener, NULL, NULL));
    say(s->client, 3);
    hears(s->server, 3);
    close_both(s);
}

static void mute(void **state)
{
    struct scene *s = *state;
    struct pollfd nothing = {.fd = s->client, .events = POLLIN};

    rota_proxy_mute(s->proxy);
    say(s->server, 2);
    say(s->client, 2);
    hears(s->server, 2);
    assert_int_equal(poll(&nothing, 1, 0), 0);
    rota_proxy_heal(s->proxy);
    hears(s->client, 2);
    close_both(s);
}

/* Kept, and then carried although its sender has gone. */
static void released(void **state)
{
    struct scene *s = *state;
    struct pollfd nothing = {.fd = s->server, .events = POLLIN};

    rota_proxy_arm(s->proxy, ROTA_PROXY_LATE);
    say(s->client, 2);
    hears_the_end(s->client);
    assert_int_equal(poll(&nothing, 1, 0), 0);
    rota_proxy_release(s->proxy);
    say(s->server, 2);
    hears(s->server, 2);
    hears_the_end(s->server);
    close_both(s);
    assert_true(rota_proxy_settle(s->proxy, BOUND_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_sent_outlives_its_sender, begin, end),
        cmocka_unit_test_setup_teardown(a_cut_is_found_behind_what_was_carried, begin, end),
        cmocka_unit_test_setup_teardown(barred, begin, end),
        cmocka_unit_test_setup_teardown(mute, begin, end),
        cmocka_unit_test_setup_teardown(released, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
