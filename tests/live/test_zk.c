/* Properties of the real backend alone: its threads end, its descriptors do not leak, completions
 * that the library loses do no harm, and its server may die, pause and come back. */
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend_zk/zk.h"
#include "tests/live/probe.h"
#include "tests/live/proxy.h"
#include "tests/live/zkserver.h"

enum { SESSION_MS = 10000 };

/* ---- descriptors ---- */

/* The number of descriptors above 2 that a child would inherit. */
static unsigned count_inherited(void)
{
    DIR *all = opendir("/proc/self/fd");
    const struct dirent *entry;
    unsigned n = 0;

    assert_non_null(all);
    while ((entry = readdir(all)) != NULL) {
        int fd = (int)strtol(entry->d_name, NULL, 10);

        if (fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0)
            n++;
    }
    closedir(all);
    return n;
}

static void descriptors_are_not_inherited(void **state)
{
    struct rota_zkserver *server = *state;
    struct probe p;

    probe_connect(&p, server->hosts, SESSION_MS, NULL);
    assert_int_equal(count_inherited(), 0);
    assert_true(rota_zkserver_kill(server));
    probe_await(&p, ROTA_SESSION_DISCONNECTED);
    assert_true(rota_zkserver_restart(server));
    probe_await(&p, ROTA_SESSION_CONNECTED);
    assert_int_equal(count_inherited(), 0);
    probe_end(&p);
}

/* ---- the end of a handle ---- */

static void backend_can_be_destroyed_at_any_time(void **state)
{
    const struct rota_zkserver *server = *state;
    struct probe p;

    probe_make(&p, server->hosts, SESSION_MS); /* its handle was never opened */
    probe_end(&p);
    probe_make(&p, server->hosts, SESSION_MS); /* it is not connected yet */
    p.backend->ops->open(p.backend, NULL);
    probe_end(&p);
    probe_connect(&p, server->hosts, SESSION_MS, NULL); /* requests are outstanding */
    for (uint64_t tag = 2; tag < 300; tag++)
        probe_send(&p, tag, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
    probe_end(&p);
    probe_connect(&p, server->hosts, SESSION_MS, NULL); /* it is closing */
    probe_close(&p);
    probe_end(&p);
}

static void handle_can_be_opened_again_at_any_time(void **state)
{
    const struct rota_zkserver *server = *state;
    struct rota_operation get = {.op = ROTA_OP_GET, .path = "/", .watch = true};
    struct probe p;

    probe_connect(&p, server->hosts, SESSION_MS, NULL);
    for (uint32_t handle = 2; handle < 6; handle++) {
        probe_send(&p, 7, get);
        probe_close(&p);
        assert_int_equal(p.backend->ops->open(p.backend, NULL), handle);
        do {
            probe_await(&p, ROTA_SESSION_CONNECTED);
        } while (p.event.handle != handle);
        assert_int_equal(probe_ask(&p, get), ROTA_ERR_OK);
    }
    probe_end(&p);
}

/* The library may lose completions when its handle is closed (S84). No reply comes twice, and the
 * end of the handle is reported. */
static void close_with_many_outstanding_requests(void **state)
{
    enum { MANY = 300 };
    const struct rota_zkserver *server = *state;
    bool answered[MANY + 1] = {false};
    struct probe p;

    probe_connect(&p, server->hosts, SESSION_MS, NULL);
    for (uint64_t tag = 1; tag <= MANY; tag++)
        probe_send(&p, tag, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
    probe_close(&p);
    do {
        probe_next(&p);
        if (p.event.kind == ROTA_HANDLE_REPLY) {
            assert_false(answered[p.event.reply.tag]);
            answered[p.event.reply.tag] = true;
        }
    } while (p.event.kind != ROTA_HANDLE_SESSION || p.event.session.state != ROTA_SESSION_CLOSED);
    assert_false(p.backend->ops->next(p.backend, &p.event));
    probe_end(&p);
}

/* The end of a session is acknowledged only if a server has confirmed it. */
static void end_of_a_session_is_acknowledged_by_a_server(void **state)
{
    const struct rota_zkserver *server = *state;
    struct rota_client_id id;
    struct probe p;

    probe_make(&p, server->hosts, SESSION_MS);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    id = p.event.session.client_id;
    probe_close(&p);
    probe_await(&p, ROTA_SESSION_CLOSED);
    assert_false(p.event.session.acknowledged);
    p.backend->ops->open(p.backend, &id);
    probe_await(&p, ROTA_SESSION_EXPIRED);
    probe_close(&p);
    probe_await(&p, ROTA_SESSION_CLOSED);
    assert_true(p.event.session.acknowledged);
    probe_end(&p);
}

static void close_without_a_server(void **state)
{
    char hosts[32];
    struct probe p;

    (void)state;
    snprintf(hosts, sizeof hosts, "127.0.0.1:%u", rota_zkserver_port());
    probe_make(&p, hosts, SESSION_MS);
    p.backend->ops->open(p.backend, NULL);
    assert_int_equal(probe_ask(&p, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"}),
                     ROTA_ERR_CONNECTION_LOSS);
    probe_close(&p);
    probe_await(&p, ROTA_SESSION_CLOSED);
    assert_true(p.event.session.acknowledged); /* there was no session */
    probe_end(&p);
}

/* ---- the server ---- */

static void reason_for_an_unusable_server_list(void **state)
{
    const struct rota_zkserver *server = *state;
    struct probe p;

    probe_make(&p, "127.0.0.1:", SESSION_MS);
    assert_string_equal(rota_zk_reason(p.backend), "");
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_UNREACHABLE);
    assert_non_null(strstr(rota_zk_reason(p.backend), "not HOST:PORT"));
    probe_end(&p);
    probe_connect(&p, server->hosts, SESSION_MS, NULL);
    assert_string_equal(rota_zk_reason(p.backend), "");
    probe_end(&p);
}

/* A name service that changes: `moved` becomes true on the test's thread. */
static atomic_bool moved;

/* "still" is loopback. "comes" has no address at first, "moves" another one, where no server is. */
static int lookup(const char *host, const char *port, const struct addrinfo *hints,
                  struct addrinfo **found)
{
    if (strcmp(host, "comes") == 0 && !atomic_load(&moved))
        return EAI_AGAIN;
    return getaddrinfo(strcmp(host, "moves") == 0 && !atomic_load(&moved) ? "127.0.0.9"
                                                                          : "127.0.0.1",
                       port, hints, found);
}

/* A name with two addresses; a server listens at the second one only. */
static int lookup_dual(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    int rc = getaddrinfo("127.0.0.9", port, hints, found);

    (void)host;
    return rc != 0 ? rc : getaddrinfo("127.0.0.1", port, hints, &(*found)->ai_next);
}

/* The library tries each address once before it goes by its own order, which it draws: so the
 * server comes late, and there are several handles. */
static void both_addresses_of_a_name_are_tried(void **state)
{
    enum { HANDLES = 8, FAILURES = 3 };
    struct rota_zkserver *server = *state;
    struct probe probes[HANDLES];
    char hosts[64];

    snprintf(hosts, sizeof hosts, "dual:%u", server->port);
    assert_true(rota_zkserver_kill(server));
    for (int i = 0; i < HANDLES; i++) {
        probe_make_by(&probes[i], hosts, SESSION_MS, lookup_dual);
        probes[i].backend->ops->open(probes[i].backend, NULL);
        for (int k = 0; k < FAILURES; k++)
            assert_int_equal(
                probe_ask(&probes[i], (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"}),
                ROTA_ERR_CONNECTION_LOSS);
    }
    assert_true(rota_zkserver_restart(server));
    for (int i = 0; i < HANDLES; i++)
        probe_await(&probes[i], ROTA_SESSION_CONNECTED);
    for (int i = 0; i < HANDLES; i++)
        probe_end(&probes[i]);
}

static void server_that_moves_before_it_is_reached_is_found(void **state)
{
    const struct rota_zkserver *server = *state;
    char hosts[64];
    struct probe p;

    atomic_store(&moved, false);
    snprintf(hosts, sizeof hosts, "moves:%u", server->port);
    probe_make_by(&p, hosts, SESSION_MS, lookup);
    p.backend->ops->open(p.backend, NULL);
    assert_int_equal(probe_ask(&p, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"}),
                     ROTA_ERR_CONNECTION_LOSS);
    atomic_store(&moved, true);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    probe_end(&p);
}

static void session_goes_on_at_a_server_whose_name_gets_an_address(void **state)
{
    const struct rota_zkserver *server = *state;
    struct rota_proxy *proxy = rota_proxy_open(server->port);
    const char *colon;
    int64_t session;
    char hosts[64];
    struct probe p;

    assert_non_null(proxy);
    colon = strchr(rota_proxy_hosts(proxy), ':');
    atomic_store(&moved, false);
    snprintf(hosts, sizeof hosts, "still%s,comes:%u", colon, server->port);
    probe_make_by(&p, hosts, SESSION_MS, lookup);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    session = p.event.session.client_id.id;
    atomic_store(&moved, true);
    rota_proxy_cut(proxy);
    probe_await(&p, ROTA_SESSION_DISCONNECTED);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    assert_true(p.event.session.client_id.id == session);
    probe_end(&p);
    rota_proxy_close(proxy);
}

/* The next handle looks its names up on another thread. */
static void next_handle_finds_a_server_that_moved(void **state)
{
    const struct rota_zkserver *server = *state;
    char hosts[64];
    struct probe p;

    atomic_store(&moved, true);
    snprintf(hosts, sizeof hosts, "comes:%u", server->port);
    probe_make_by(&p, hosts, SESSION_MS, lookup);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    atomic_store(&moved, false);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_UNREACHABLE);
    assert_non_null(strstr(rota_zk_reason(p.backend), "\"comes\" cannot be found"));
    atomic_store(&moved, true);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    assert_int_equal(p.event.handle, 3);
    p.backend->ops->open(p.backend, NULL); /* and is destroyed while it looks up */
    probe_end(&p);
}

static void chroot_does_not_exist(void **state)
{
    const struct rota_zkserver *server = *state;
    struct rota_operation create = {.op = ROTA_OP_CREATE, .path = "/a"};
    char hosts[64];
    struct probe p;

    snprintf(hosts, sizeof hosts, "%s/missing", server->hosts);
    probe_connect(&p, hosts, SESSION_MS, NULL);
    assert_int_equal(probe_ask(&p, create), ROTA_ERR_NO_NODE); /* as for every request: S89 */
    assert_int_equal(probe_ask(&p, (struct rota_operation){.op = ROTA_OP_GET, .path = "/"}),
                     ROTA_ERR_NO_NODE);
    probe_end(&p);
}

static void session_survives_a_restart_of_the_server(void **state)
{
    struct rota_zkserver *server = *state;
    struct rota_operation create = {
        .op = ROTA_OP_CREATE, .path = "/restarted", .mode = ROTA_MODE_EPHEMERAL};
    struct rota_operation exists = {.op = ROTA_OP_EXISTS, .path = "/restarted"};
    struct probe p;
    int64_t session;

    probe_make(&p, server->hosts, SESSION_MS);
    p.backend->ops->open(p.backend, NULL);
    probe_await(&p, ROTA_SESSION_CONNECTED);
    session = p.event.session.client_id.id;
    assert_int_equal(probe_ask(&p, create), ROTA_ERR_OK);
    assert_true(rota_zkserver_kill(server));
    probe_await(&p, ROTA_SESSION_DISCONNECTED);
    assert_true(rota_zkserver_restart(server));
    probe_await(&p, ROTA_SESSION_CONNECTED);
    assert_int_equal(p.event.session.client_id.id, session);
    assert_int_equal(probe_ask(&p, exists), ROTA_ERR_OK);
    assert_int_equal(p.event.reply.stat.ephemeral_owner, session);
    probe_end(&p);
}

/* The server is paused for longer than the session timeout. The client learns of the end of its
 * session only when the server continues (S69, S80). */
static void session_expires_when_a_paused_server_continues(void **state)
{
    enum { SHORT_MS = 1500 };
    struct rota_zkserver *server = *state;
    struct probe p;
    rota_time paused;

    probe_connect(&p, server->hosts, SHORT_MS, NULL);
    assert_true(rota_zkserver_pause(server));
    paused = p.backend->ops->now(p.backend);
    probe_await(&p, ROTA_SESSION_DISCONNECTED);
    while (p.backend->ops->now(p.backend) - paused < 3 * SHORT_MS * 1000)
        if (p.backend->ops->next(p.backend, &p.event))
            assert_false(p.event.kind == ROTA_HANDLE_SESSION &&
                         p.event.session.state == ROTA_SESSION_EXPIRED);
        else
            poll(&(struct pollfd){.fd = p.wakeup, .events = POLLIN}, 1, 50);
    assert_true(rota_zkserver_resume(server));
    do { /* a connection that waited for the server may save the session before it expires */
        probe_next(&p);
    } while (p.event.kind != ROTA_HANDLE_SESSION ||
             (p.event.session.state != ROTA_SESSION_EXPIRED &&
              p.event.session.state != ROTA_SESSION_CONNECTED));
    probe_end(&p);
}

static int group_begin(void **state)
{
    static const struct rota_zkserver_config config = {.tick_ms = 200};
    struct rota_zkserver *server = calloc(1, sizeof *server);

    *state = server;
    if (server != NULL && rota_zkserver_start(server, &config))
        return 0;
    fprintf(stderr, "test_zk: %s\n", server != NULL ? server->error : "no memory");
    return -1;
}

static int group_end(void **state)
{
    rota_zkserver_close(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_not_inherited),
        cmocka_unit_test(backend_can_be_destroyed_at_any_time),
        cmocka_unit_test(handle_can_be_opened_again_at_any_time),
        cmocka_unit_test(close_with_many_outstanding_requests),
        cmocka_unit_test(end_of_a_session_is_acknowledged_by_a_server),
        cmocka_unit_test(close_without_a_server),
        cmocka_unit_test(reason_for_an_unusable_server_list),
        cmocka_unit_test(both_addresses_of_a_name_are_tried),
        cmocka_unit_test(server_that_moves_before_it_is_reached_is_found),
        cmocka_unit_test(session_goes_on_at_a_server_whose_name_gets_an_address),
        cmocka_unit_test(next_handle_finds_a_server_that_moved),
        cmocka_unit_test(chroot_does_not_exist),
        cmocka_unit_test(session_survives_a_restart_of_the_server),
        cmocka_unit_test(session_expires_when_a_paused_server_continues),
    };

    return cmocka_run_group_tests(tests, group_begin, group_end);
}
