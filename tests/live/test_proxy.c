/* The proxy between a client and a server, both of which are plain sockets here. The comparison
 * with a real server depends on two properties: bytes that a client sent are not lost when it
 * closes, and the end of a connection can be waited for. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/live/proxy.h"

enum { LIMIT_S = 20, LIMIT_MS = 1000 * LIMIT_S, FRAME = 12, EARLY_CLIENTS = 16 };

struct fixture {
    struct rota_proxy *proxy;
    int listener; /* of the server */
    int client;
    int server;
};

static int with_time_limit(int fd)
{
    struct timeval limit = {.tv_sec = LIMIT_S};

    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static int connect_client(const struct fixture *f)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = with_time_limit(socket(AF_INET, SOCK_STREAM, 0));

    address.sin_port =
        htons((uint16_t)strtol(strchr(rota_proxy_hosts(f->proxy), ':') + 1, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends a frame of eight bytes that begins with the number. */
static void send_frame(int fd, uint32_t number)
{
    uint32_t frame[] = {htonl(8), htonl(number), 0};

    assert_int_equal(send(fd, frame, sizeof frame, MSG_NOSIGNAL), FRAME);
}

static void expect_frame(int fd, uint32_t number)
{
    uint32_t frame[3];

    assert_int_equal(recv(fd, frame, sizeof frame, MSG_WAITALL), FRAME);
    assert_int_equal(ntohl(frame[1]), number);
}

static void expect_end(int fd)
{
    char byte;

    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

static int begin(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    f->listener = with_time_limit(socket(AF_INET, SOCK_STREAM, 0));
    assert_int_equal(bind(f->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(f->listener, 8), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&address, &length), 0);
    f->proxy = rota_proxy_open(ntohs(address.sin_port));
    assert_non_null(f->proxy);
    f->client = connect_client(f);
    f->server = with_time_limit(accept(f->listener, NULL, NULL));
    send_frame(f->client, 1);
    expect_frame(f->server, 1);
    send_frame(f->server, 1);
    expect_frame(f->client, 1);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    rota_proxy_close(f->proxy);
    close(f->listener);
    free(f);
    return 0;
}

static void close_both(struct fixture *f)
{
    close(f->client);
    close(f->server);
}

/* The client has closed, and the server answers it twice before it reads the rest. A reset after
 * the first answer would lose the requests that the server has not read. */
static void requests_reach_the_server_after_their_client_has_closed(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 2; i < 5; i++)
        send_frame(f->client, i);
    close(f->client);
    assert_false(rota_proxy_settle(f->proxy, 0));
    for (uint32_t i = 2; i < 5; i++) {
        send_frame(f->server, i);
        expect_frame(f->server, i);
    }
    expect_end(f->server);
    close(f->server);
    assert_true(rota_proxy_settle(f->proxy, LIMIT_S));
}

static void server_finds_the_cut_behind_the_carried_requests(void **state)
{
    struct fixture *f = *state;

    send_frame(f->client, 2);
    assert_int_equal(poll(&(struct pollfd){.fd = f->server, .events = POLLIN}, 1, LIMIT_MS), 1);
    rota_proxy_cut(f->proxy);
    expect_end(f->client);
    send_frame(f->server, 2);
    expect_frame(f->server, 2);
    expect_end(f->server);
    close_both(f);
    assert_true(rota_proxy_settle(f->proxy, LIMIT_S));
}

static void clients_that_connected_before_the_heal_are_refused(void **state)
{
    struct fixture *f = *state;
    int early[EARLY_CLIENTS];

    rota_proxy_bar(f->proxy);
    send_frame(f->client, 2);
    expect_frame(f->server, 2);
    for (int i = 0; i < EARLY_CLIENTS; i++)
        early[i] = connect_client(f);
    rota_proxy_heal(f->proxy);
    for (int i = 0; i < EARLY_CLIENTS; i++) {
        expect_end(early[i]);
        close(early[i]);
    }
    close_both(f);
    f->client = connect_client(f);
    f->server = with_time_limit(accept(f->listener, NULL, NULL));
    send_frame(f->client, 3);
    expect_frame(f->server, 3);
    close_both(f);
}

static void muted_server_is_heard_after_the_heal(void **state)
{
    struct fixture *f = *state;
    struct pollfd readable = {.fd = f->client, .events = POLLIN};

    rota_proxy_mute(f->proxy);
    send_frame(f->server, 2);
    send_frame(f->client, 2);
    expect_frame(f->server, 2);
    assert_int_equal(poll(&readable, 1, 0), 0);
    rota_proxy_heal(f->proxy);
    expect_frame(f->client, 2);
    close_both(f);
}

static void kept_request_is_sent_after_its_client_was_cut(void **state)
{
    struct fixture *f = *state;
    struct pollfd readable = {.fd = f->server, .events = POLLIN};

    rota_proxy_arm(f->proxy, ROTA_PROXY_LATE);
    send_frame(f->client, 2);
    expect_end(f->client);
    assert_int_equal(poll(&readable, 1, 0), 0);
    rota_proxy_release(f->proxy);
    send_frame(f->server, 2);
    expect_frame(f->server, 2);
    expect_end(f->server);
    close_both(f);
    assert_true(rota_proxy_settle(f->proxy, LIMIT_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_reach_the_server_after_their_client_has_closed,
                                        begin, end),
        cmocka_unit_test_setup_teardown(server_finds_the_cut_behind_the_carried_requests, begin,
                                        end),
        cmocka_unit_test_setup_teardown(clients_that_connected_before_the_heal_are_refused, begin,
                                        end),
        cmocka_unit_test_setup_teardown(muted_server_is_heard_after_the_heal, begin, end),
        cmocka_unit_test_setup_teardown(kept_request_is_sent_after_its_client_was_cut, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
