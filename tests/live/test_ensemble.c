/* The anomalies of ZooKeeper, each reproduced on three real servers. The tests have the same names
 * as those in tests/unit/backend_sim/test_anomalies.c, which show that the simulator does the same.
 *
 * Two anomalies are missing: a clock that goes back (the servers share the clock of this machine),
 * and handles that are closed without answers (test_zk.c, which needs only one server). */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/base/error.h"
#include "tests/live/probe.h"
#include "tests/live/proxy.h"
#include "tests/live/zkensemble.h"

#define MS INT64_C(1000)

enum { LONG_MS = 30000, SHORT_MS = 3000, A_WHILE = 20 };

/* The clients: NEAR is connected to the leader, FAR to a follower, LATER connects during the test.
 * HEART is connected to the other follower and writes while a test waits, since a server may keep
 * an answer back until the next transaction (ZOOKEEPER-4537). */
enum { NEAR, FAR, LATER, HEART, CLIENTS };

struct fixture {
    struct rota_zkensemble ensemble;
    unsigned chroots; /* created so far */
    char chroot[16];
    int leader; /* at the start of the test */
    int follower;
    int other;
    struct rota_proxy *proxies[CLIENTS];
    struct probe probes[CLIENTS];
    struct rota_client_id far; /* FAR's session */
};

/* ---- connecting ---- */

/* Connects the proxy of a client to a server. */
static void use_server(struct fixture *f, int client, int server)
{
    if (f->proxies[client] != NULL)
        rota_proxy_close(f->proxies[client]);
    f->proxies[client] = rota_proxy_open(f->ensemble.servers[server].port);
    assert_non_null(f->proxies[client]);
}

/* Makes a client, without opening its handle. */
static void make(struct fixture *f, int client, uint32_t session_ms)
{
    char hosts[64];

    snprintf(hosts, sizeof hosts, "%s%s", rota_proxy_hosts(f->proxies[client]), f->chroot);
    probe_make(&f->probes[client], hosts, session_ms);
}

static void begin(struct fixture *f, int client, const struct rota_client_id *take_over)
{
    f->probes[client].backend->ops->open(f->probes[client].backend, take_over);
}

static rota_time now(struct fixture *f)
{
    struct rota_backend *b = f->probes[FAR].backend;

    return b->ops->now(b);
}

/* ---- requests and events ---- */

static void create(struct fixture *f, int client, const char *path, enum rota_mode mode)
{
    probe_send(&f->probes[client], 0,
               (struct rota_operation){
                   .op = ROTA_OP_CREATE, .path = path, .data = ROTA_NULL_BYTES, .mode = mode});
}

static void look(struct fixture *f, int client, const char *path, bool watch)
{
    probe_send(&f->probes[client], 0,
               (struct rota_operation){.op = ROTA_OP_EXISTS, .path = path, .watch = watch});
}

static void sync_up(struct fixture *f, int client)
{
    probe_send(&f->probes[client], 0, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
}

static void beat(struct fixture *f)
{
    struct probe *p = &f->probes[HEART];

    while (p->backend->ops->next(p->backend, &p->event))
        ;
    probe_send(p, 0,
               (struct rota_operation){
                   .op = ROTA_OP_SET, .path = "/", .data = ROTA_NULL_BYTES, .version = -1});
}

static void next(struct fixture *f, int client)
{
    enum { BEAT_MS = 300, BEATS = 300 };

    for (int beats = 0; !probe_wait(&f->probes[client], BEAT_MS); beats++) {
        assert_in_range(beats, 0, BEATS);
        beat(f);
    }
}

/* Expects an event of this kind next. */
static struct rota_handle_event *expect_event(struct fixture *f, int client,
                                              enum rota_handle_event_kind kind)
{
    next(f, client);
    assert_int_equal(f->probes[client].event.kind, kind);
    return &f->probes[client].event;
}

static struct rota_client_id expect_session(struct fixture *f, int client,
                                            enum rota_session_state state)
{
    const struct rota_handle_event *e = expect_event(f, client, ROTA_HANDLE_SESSION);

    assert_int_equal(e->session.state, state);
    return e->session.client_id;
}

static struct rota_stat expect_reply(struct fixture *f, int client, int32_t rc)
{
    const struct rota_handle_event *e = expect_event(f, client, ROTA_HANDLE_REPLY);

    assert_int_equal(e->reply.rc, rc);
    return e->reply.stat;
}

static void expect_watch(struct fixture *f, int client, enum rota_watch_kind kind)
{
    assert_int_equal(expect_event(f, client, ROTA_HANDLE_WATCH)->watch.kind, kind);
}

/* Sends an exists and expects this result as the next event. */
static struct rota_stat expect_exists(struct fixture *f, int client, const char *path, int32_t rc)
{
    look(f, client, path, false);
    return expect_reply(f, client, rc);
}

static void expect_create(struct fixture *f, int client, const char *path, enum rota_mode mode,
                          int32_t rc)
{
    create(f, client, path, mode);
    expect_reply(f, client, rc);
}

/* Sends a sync: later reads see everything that was done before (S96). */
static void catch_up(struct fixture *f, int client)
{
    sync_up(f, client);
    expect_reply(f, client, ROTA_ERR_OK);
}

/* Leaves a watch on a znode that exists. */
static void watch_znode(struct fixture *f, int client, const char *path)
{
    catch_up(f, client);
    look(f, client, path, true);
    expect_reply(f, client, ROTA_ERR_OK);
}

static void expect_silence(struct fixture *f, int client)
{
    struct probe *p = &f->probes[client];

    assert_false(p->backend->ops->next(p->backend, &p->event));
}

/* Expects no event, neither now nor while another client makes many writes. */
static void expect_silence_while(struct fixture *f, int client, int other)
{
    for (int i = 0; i < A_WHILE; i++)
        expect_create(f, other, "/while-", ROTA_MODE_SEQUENTIAL, ROTA_ERR_OK);
    expect_silence(f, client);
}

static struct rota_client_id open_session(struct fixture *f, int client, uint32_t session_ms)
{
    make(f, client, session_ms);
    begin(f, client, NULL);
    return expect_session(f, client, ROTA_SESSION_CONNECTED);
}

static void hold(struct fixture *f)
{
    rota_zkensemble_hold(&f->ensemble, f->follower);
}

static void flow(struct fixture *f)
{
    rota_zkensemble_flow(&f->ensemble, f->follower);
}

/* ---- the fixture ---- */

/* Creates a chroot for this test. */
static void make_chroot(struct fixture *f)
{
    char chroot[sizeof f->chroot];

    f->chroot[0] = '\0';
    snprintf(chroot, sizeof chroot, "/test%u", ++f->chroots);
    open_session(f, HEART, LONG_MS / 4);
    expect_create(f, HEART, chroot, ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    snprintf(f->chroot, sizeof f->chroot, "%s", chroot);
}

static int set_up(void **state)
{
    struct fixture *f = *state;

    if (!rota_zkensemble_mend(&f->ensemble)) {
        fprintf(stderr, "test_ensemble: %s\n", f->ensemble.error);
        return -1;
    }
    f->leader = rota_zkensemble_leader(&f->ensemble);
    if (f->leader < 0)
        return -1;
    f->follower = (f->leader + 1) % ROTA_ZKENSEMBLE_SERVERS;
    f->other = (f->leader + 2) % ROTA_ZKENSEMBLE_SERVERS;
    use_server(f, NEAR, f->leader);
    use_server(f, FAR, f->follower);
    use_server(f, LATER, f->follower);
    use_server(f, HEART, f->other);
    make_chroot(f);
    open_session(f, NEAR, LONG_MS);
    f->far = open_session(f, FAR, LONG_MS);
    catch_up(f, FAR);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_flow(&f->ensemble, i);
    for (int client = 0; client < CLIENTS; client++)
        if (f->probes[client].backend != NULL)
            probe_end(&f->probes[client]);
    return 0;
}

/* ---- stale reads ---- */

/* 1: reads are local, and watches fire when the server applies (S94). */
static void follower_lag(void **state)
{
    struct fixture *f = *state;

    look(f, FAR, "/a", true);
    look(f, NEAR, "/a", true);
    expect_reply(f, FAR, ROTA_ERR_NO_NODE);
    expect_reply(f, NEAR, ROTA_ERR_NO_NODE);
    hold(f);
    create(f, NEAR, "/a", ROTA_MODE_PERSISTENT);
    expect_watch(f, NEAR, ROTA_WATCH_CREATED);
    expect_reply(f, NEAR, ROTA_ERR_OK);
    expect_exists(f, FAR, "/a", ROTA_ERR_NO_NODE);
    expect_silence_while(f, FAR, NEAR);
    flow(f);
    expect_watch(f, FAR, ROTA_WATCH_CREATED);
    expect_exists(f, FAR, "/a", ROTA_ERR_OK);
}

/* The remedy for 1: a read behind a sync is as new as the sync (S96). */
static void sync_and_read(void **state)
{
    struct fixture *f = *state;

    hold(f);
    expect_create(f, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    sync_up(f, FAR);
    look(f, FAR, "/a", false);
    expect_silence_while(f, FAR, NEAR);
    flow(f);
    expect_reply(f, FAR, ROTA_ERR_OK);
    expect_reply(f, FAR, ROTA_ERR_OK);
}

/* 2: another handle of the same process reads older data than the process has seen (S95). */
static void another_handle_is_behind(void **state)
{
    struct fixture *f = *state;

    hold(f);
    expect_create(f, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    expect_exists(f, NEAR, "/a", ROTA_ERR_OK);
    expect_exists(f, FAR, "/a", ROTA_ERR_NO_NODE);
}

/* The creation of a session is a write, so a server that lags opens it only after it has caught up
 * with the writes before. */
static void new_session_behind(void **state)
{
    struct fixture *f = *state;

    hold(f);
    expect_create(f, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    make(f, LATER, LONG_MS);
    begin(f, LATER, NULL);
    expect_silence_while(f, LATER, NEAR);
    flow(f);
    expect_session(f, LATER, ROTA_SESSION_CONNECTED);
    expect_exists(f, LATER, "/a", ROTA_ERR_OK);
}

/* A follower that is cut off still answers reads after the leader has expired the session (S69,
 * S94). */
static void cut_off_follower_reads_on(void **state)
{
    struct fixture *f = *state;

    open_session(f, LATER, SHORT_MS);
    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watch_znode(f, NEAR, "/e");
    hold(f);
    expect_watch(f, NEAR, ROTA_WATCH_DELETED);
    expect_exists(f, LATER, "/e", ROTA_ERR_OK);
    flow(f);
    expect_session(f, LATER, ROTA_SESSION_DISCONNECTED);
    expect_session(f, LATER, ROTA_SESSION_EXPIRED);
}

/* A leader without a quorum answers a sync, but not a write (S96). */
static void sync_without_quorum(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_hold(&f->ensemble, i);
    catch_up(f, NEAR);
    create(f, NEAR, "/a", ROTA_MODE_PERSISTENT);
    for (int i = 0; i < A_WHILE; i++)
        expect_exists(f, FAR, "/a", ROTA_ERR_NO_NODE);
    expect_silence(f, NEAR);
    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_flow(&f->ensemble, i);
    expect_reply(f, NEAR, ROTA_ERR_OK);
}

/* ---- moved sessions ---- */

/* Lets LATER take FAR's session over, through the leader. */
static void take_over_session(struct fixture *f)
{
    use_server(f, LATER, f->leader);
    make(f, LATER, LONG_MS);
    begin(f, LATER, &f->far);
    assert_int_equal(expect_session(f, LATER, ROTA_SESSION_CONNECTED).id, f->far.id);
}

/* 13: a session is taken over through another server. The old connection still reads, until it
 * writes. Then the two handles take the session from each other, until one ends it (S71). */
static void session_moved(void **state)
{
    struct fixture *f = *state;

    take_over_session(f);
    for (int i = 0; i < A_WHILE; i++)
        expect_exists(f, FAR, "/", ROTA_ERR_OK);
    create(f, FAR, "/a", ROTA_MODE_PERSISTENT);
    expect_session(f, FAR, ROTA_SESSION_DISCONNECTED);
    expect_reply(f, FAR, ROTA_ERR_CONNECTION_LOSS);
    catch_up(f, NEAR);
    expect_exists(f, NEAR, "/a", ROTA_ERR_NO_NODE);
    probe_close(&f->probes[LATER]);
    do {
        next(f, FAR);
    } while (f->probes[FAR].event.kind != ROTA_HANDLE_SESSION ||
             f->probes[FAR].event.session.state != ROTA_SESSION_EXPIRED);
}

/* ---- writes with unknown outcome ---- */

/* Writes while this fault is injected; the writer sees the same for each fault. */
static void write_with_fault(struct fixture *f, enum rota_proxy_fault fault)
{
    rota_proxy_arm(f->proxies[FAR], fault);
    create(f, FAR, "/a", ROTA_MODE_PERSISTENT);
    expect_session(f, FAR, ROTA_SESSION_DISCONNECTED);
    expect_reply(f, FAR, ROTA_ERR_CONNECTION_LOSS);
    assert_true(rota_proxy_struck(f->proxies[FAR]));
}

static void reconnect(struct fixture *f, int client)
{
    rota_proxy_heal(f->proxies[client]);
    expect_session(f, client, ROTA_SESSION_CONNECTED);
}

/* 3: the write is applied and its writer does not know it; the retry finds the writer's own znode.
 */
static void lost_acknowledgement(void **state)
{
    struct fixture *f = *state;

    write_with_fault(f, ROTA_PROXY_APPLIED);
    reconnect(f, FAR);
    expect_create(f, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_NODE_EXISTS);
}

/* 4: the writer sees the same, but the write was not applied. */
static void lost_write(void **state)
{
    struct fixture *f = *state;

    write_with_fault(f, ROTA_PROXY_LOST);
    reconnect(f, FAR);
    catch_up(f, FAR);
    expect_exists(f, FAR, "/a", ROTA_ERR_NO_NODE);
}

/* 5: the write is applied after the writer has lost its connection. */
static void late_write(void **state)
{
    struct fixture *f = *state;

    look(f, NEAR, "/a", true);
    expect_reply(f, NEAR, ROTA_ERR_NO_NODE);
    write_with_fault(f, ROTA_PROXY_LATE);
    expect_silence_while(f, NEAR, NEAR);
    rota_proxy_release(f->proxies[FAR]);
    expect_watch(f, NEAR, ROTA_WATCH_CREATED);
    reconnect(f, FAR);
    expect_exists(f, FAR, "/a", ROTA_ERR_OK);
}

/* The remedy for 5: the write is refused if the session has moved to another server meanwhile
 * (S71). */
static void late_write_of_a_moved_session(void **state)
{
    struct fixture *f = *state;

    write_with_fault(f, ROTA_PROXY_LATE);
    take_over_session(f);
    rota_proxy_release(f->proxies[FAR]);
    expect_silence_while(f, FAR, LATER);
    expect_exists(f, LATER, "/a", ROTA_ERR_NO_NODE);
}

/* 12: all outstanding requests fail together. */
static void all_fail_together(void **state)
{
    struct fixture *f = *state;

    rota_proxy_blackhole(f->proxies[FAR]);
    for (int i = 0; i < 5; i++)
        look(f, FAR, "/a", false);
    rota_proxy_cut(f->proxies[FAR]);
    expect_session(f, FAR, ROTA_SESSION_DISCONNECTED);
    for (int i = 0; i < 5; i++)
        expect_reply(f, FAR, ROTA_ERR_CONNECTION_LOSS);
    reconnect(f, FAR);
    catch_up(f, FAR);
}

/* ---- sessions ---- */

/* 6: a session has expired, and its owner does not learn it for any time (S80). */
static void zombie_owner(void **state)
{
    struct fixture *f = *state;

    open_session(f, LATER, SHORT_MS);
    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watch_znode(f, NEAR, "/e");
    rota_proxy_cut(f->proxies[LATER]);
    expect_session(f, LATER, ROTA_SESSION_DISCONNECTED);
    expect_watch(f, NEAR, ROTA_WATCH_DELETED);
    expect_silence_while(f, LATER, NEAR);
    rota_proxy_heal(f->proxies[LATER]);
    expect_session(f, LATER, ROTA_SESSION_EXPIRED);
}

/* 7: the owner is dead, but its ephemeral znode exists, and its successor finds it (hazard 3). */
static void zombie_ephemeral(void **state)
{
    struct fixture *f = *state;
    struct rota_client_id former = open_session(f, LATER, SHORT_MS);
    rota_time touched = now(f);

    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    rota_proxy_cut(f->proxies[LATER]);
    probe_end(&f->probes[LATER]);
    rota_proxy_heal(f->proxies[LATER]);
    open_session(f, LATER, LONG_MS);
    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_NODE_EXISTS);
    look(f, LATER, "/e", true);
    assert_int_equal(expect_reply(f, LATER, ROTA_ERR_OK).ephemeral_owner, former.id);
    expect_watch(f, LATER, ROTA_WATCH_DELETED);
    assert_true(now(f) - touched >= SHORT_MS * MS);
    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
}

/* Waits for longer than a short session timeout and expects no event. */
static void outlast_session(struct fixture *f, int client, rota_time since)
{
    while (now(f) - since < 2 * SHORT_MS * MS) {
        poll(&(struct pollfd){.fd = f->probes[client].wakeup, .events = POLLIN}, 1, 50);
        expect_silence(f, client);
    }
}

/* 8: while the leader is paused no session expires, and a follower does not show it (S69). */
static void stopped_leader_expires_late(void **state)
{
    struct fixture *f = *state;

    open_session(f, LATER, SHORT_MS);
    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watch_znode(f, FAR, "/e");
    rota_proxy_cut(f->proxies[LATER]);
    assert_true(rota_zkserver_pause(&f->ensemble.servers[f->leader]));
    outlast_session(f, FAR, now(f));
    expect_exists(f, FAR, "/e", ROTA_ERR_OK);
    assert_true(rota_zkserver_resume(&f->ensemble.servers[f->leader]));
    expect_watch(f, FAR, ROTA_WATCH_DELETED);
    expect_session(f, LATER, ROTA_SESSION_DISCONNECTED);
    rota_proxy_heal(f->proxies[LATER]);
    expect_session(f, LATER, ROTA_SESSION_EXPIRED);
}

/* 8: without a quorum no session expires, and a new leader gives each session a full timeout (S69).
 */
static void late_expiry(void **state)
{
    struct fixture *f = *state;
    struct rota_zkserver *other = &f->ensemble.servers[(f->follower + 1) % ROTA_ZKENSEMBLE_SERVERS];
    struct rota_client_id owner = open_session(f, LATER, SHORT_MS);
    struct rota_stat e;
    rota_time elected;

    expect_create(f, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    rota_proxy_cut(f->proxies[LATER]);
    assert_true(rota_zkserver_kill(&f->ensemble.servers[f->leader]));
    assert_true(rota_zkserver_kill(other));
    expect_session(f, FAR, ROTA_SESSION_DISCONNECTED);
    outlast_session(f, FAR, now(f));
    elected = now(f);
    assert_true(rota_zkserver_restart(other));
    expect_session(f, FAR, ROTA_SESSION_CONNECTED);
    look(f, FAR, "/e", true);
    e = expect_reply(f, FAR, ROTA_ERR_OK);
    assert_int_equal(e.ephemeral_owner, owner.id);
    expect_watch(f, FAR, ROTA_WATCH_DELETED);
    assert_true(now(f) - elected >= SHORT_MS * MS);
    expect_create(f, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    assert_true(expect_exists(f, FAR, "/a", ROTA_ERR_OK).czxid >> 32 > e.czxid >> 32);
}

/* 14: the connection is lost many times, and the session stays. */
static void flapping(void **state)
{
    struct fixture *f = *state;
    struct rota_client_id id = open_session(f, LATER, LONG_MS);

    for (int i = 0; i < 5; i++) {
        rota_proxy_cut(f->proxies[LATER]);
        expect_session(f, LATER, ROTA_SESSION_DISCONNECTED);
        rota_proxy_heal(f->proxies[LATER]);
        assert_int_equal(expect_session(f, LATER, ROTA_SESSION_CONNECTED).id, id.id);
    }
}

/* ---- events and numbers ---- */

/* 9: a znode that is created and deleted while the watcher is disconnected causes no event (S58).
 */
static void missed_events(void **state)
{
    struct fixture *f = *state;

    look(f, FAR, "/a", true);
    expect_reply(f, FAR, ROTA_ERR_NO_NODE);
    rota_proxy_cut(f->proxies[FAR]);
    expect_session(f, FAR, ROTA_SESSION_DISCONNECTED);
    expect_create(f, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    probe_send(&f->probes[NEAR], 0,
               (struct rota_operation){.op = ROTA_OP_DELETE, .path = "/a", .version = -1});
    expect_reply(f, NEAR, ROTA_ERR_OK);
    reconnect(f, FAR);
    catch_up(f, FAR);
}

/* 11: the watch event of a client's own write comes before the reply to it (S54). */
static void event_before_answer(void **state)
{
    struct fixture *f = *state;

    look(f, FAR, "/a", true);
    create(f, FAR, "/a", ROTA_MODE_PERSISTENT);
    expect_reply(f, FAR, ROTA_ERR_NO_NODE);
    expect_watch(f, FAR, ROTA_WATCH_CREATED);
    expect_reply(f, FAR, ROTA_ERR_OK);
}

/* 15: refused writes tear_down gaps between zxids (S1). */
static void gaps(void **state)
{
    struct fixture *f = *state;
    struct rota_stat a, b;

    expect_create(f, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    a = expect_exists(f, FAR, "/a", ROTA_ERR_OK);
    expect_create(f, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_NODE_EXISTS);
    expect_create(f, FAR, "/b", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    b = expect_exists(f, FAR, "/b", ROTA_ERR_OK);
    assert_true(b.czxid >= a.czxid + 2);
}

/* ---- the ensemble ---- */

static int start_ensemble(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    *state = f;
    if (f != NULL && rota_zkensemble_start(&f->ensemble))
        return 0;
    fprintf(stderr, "test_ensemble: %s\n", f != NULL ? f->ensemble.error : "no memory");
    return -1;
}

static int close_ensemble(void **state)
{
    struct fixture *f = *state;

    for (int client = 0; client < CLIENTS; client++)
        if (f->proxies[client] != NULL)
            rota_proxy_close(f->proxies[client]);
    rota_zkensemble_close(&f->ensemble);
    free(f);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(follower_lag),
        TEST(sync_and_read),
        TEST(another_handle_is_behind),
        TEST(new_session_behind),
        TEST(cut_off_follower_reads_on),
        TEST(sync_without_quorum),
        TEST(session_moved),
        TEST(lost_acknowledgement),
        TEST(lost_write),
        TEST(late_write),
        TEST(late_write_of_a_moved_session),
        TEST(all_fail_together),
        TEST(zombie_owner),
        TEST(zombie_ephemeral),
        TEST(stopped_leader_expires_late),
        TEST(late_expiry),
        TEST(flapping),
        TEST(missed_events),
        TEST(event_before_answer),
        TEST(gaps),
    };

    return cmocka_run_group_tests(tests, start_ensemble, close_ensemble);
}
