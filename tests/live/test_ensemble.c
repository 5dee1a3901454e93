/* The anomalies of ZooKeeper, each brought about on three real servers: what tests/unit/
 * test_anomalies.c shows in the simulator, by the same names, is what the real thing does.
 *
 * Not here: a clock that goes back (the servers share this machine's), and handles that are closed
 * without answers, for which one server is enough (test_zk). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/base/error.h"
#include "tests/live/probe.h"
#include "tests/live/proxy.h"
#include "tests/live/zkensemble.h"

#define MS INT64_C(1000)

enum { LONG_MS = 30000, SHORT_MS = 3000, A_WHILE = 20 };

/* The client on the leader, the one on a follower, and one that is not connected yet. Another, on
 * the other follower, writes while anybody waits: a server may keep an answer until the next
 * transaction comes along (ZOOKEEPER-4537). */
enum { NEAR, FAR, LATER, HEART, CLIENTS };

struct room {
    struct rota_zkensemble ensemble;
    unsigned worlds; /* chroots given so far */
    char chroot[16];
    int leader; /* as the test found it */
    int follower;
    int other;
    struct rota_proxy *doors[CLIENTS];
    struct probe probes[CLIENTS];
    struct rota_client_id far; /* FAR's session */
};

/* ---- coming and going ---- */

/* Gives a client its server. */
static void lead(struct room *r, int who, int server)
{
    if (r->doors[who] != NULL)
        rota_proxy_close(r->doors[who]);
    r->doors[who] = rota_proxy_open(r->ensemble.servers[server].port);
    assert_non_null(r->doors[who]);
}

/* Makes a client without waiting for its connection. */
static void make(struct room *r, int who, uint32_t session_ms)
{
    char hosts[64];

    snprintf(hosts, sizeof(hosts), "%s%s", rota_proxy_hosts(r->doors[who]), r->chroot);
    probe_make(&r->probes[who], hosts, session_ms);
}

static void begin(struct room *r, int who, const struct rota_client_id *take_over)
{
    r->probes[who].backend->ops->open(r->probes[who].backend, take_over);
}

static rota_time now(struct room *r)
{
    struct rota_backend *b = r->probes[FAR].backend;

    return b->ops->now(b);
}

/* ---- asking and hearing ---- */

static void create(struct room *r, int who, const char *path, enum rota_mode mode)
{
    probe_send(&r->probes[who], 0,
               (struct rota_operation){
                   .op = ROTA_OP_CREATE, .path = path, .data = ROTA_NULL_BYTES, .mode = mode});
}

static void look(struct room *r, int who, const char *path, bool watch)
{
    probe_send(&r->probes[who], 0,
               (struct rota_operation){.op = ROTA_OP_EXISTS, .path = path, .watch = watch});
}

static void sync_up(struct room *r, int who)
{
    probe_send(&r->probes[who], 0, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
}

static void beat(struct room *r)
{
    struct probe *p = &r->probes[HEART];

    while (p->backend->ops->next(p->backend, &p->event))
        ;
    probe_send(p, 0,
               (struct rota_operation){
                   .op = ROTA_OP_SET, .path = "/", .data = ROTA_NULL_BYTES, .version = -1});
}

static void next(struct room *r, int who)
{
    enum { BEAT_MS = 300, BEATS = 300 };

    for (int beats = 0; !probe_wait(&r->probes[who], BEAT_MS); beats++) {
        assert_in_range(beats, 0, BEATS);
        beat(r);
    }
}

/* What comes next, and nothing before it. */
static struct rota_handle_event *hears(struct room *r, int who, enum rota_handle_event_kind kind)
{
    next(r, who);
    assert_int_equal(r->probes[who].event.kind, kind);
    return &r->probes[who].event;
}

static struct rota_client_id hears_session(struct room *r, int who, enum rota_session_state state)
{
    const struct rota_handle_event *e = hears(r, who, ROTA_HANDLE_SESSION);

    assert_int_equal(e->session.state, state);
    return e->session.client_id;
}

static struct rota_stat hears_reply(struct room *r, int who, int32_t rc)
{
    const struct rota_handle_event *e = hears(r, who, ROTA_HANDLE_REPLY);

    assert_int_equal(e->reply.rc, rc);
    return e->reply.stat;
}

static void hears_watch(struct room *r, int who, enum rota_watch_kind kind)
{
    assert_int_equal(hears(r, who, ROTA_HANDLE_WATCH)->watch.kind, kind);
}

/* Asks for a znode and expects this answer, and nothing before it. */
static struct rota_stat finds(struct room *r, int who, const char *path, int32_t rc)
{
    look(r, who, path, false);
    return hears_reply(r, who, rc);
}

static void creates(struct room *r, int who, const char *path, enum rota_mode mode, int32_t rc)
{
    create(r, who, path, mode);
    hears_reply(r, who, rc);
}

/* Sees everything that was done before (S96). */
static void catches_up(struct room *r, int who)
{
    sync_up(r, who);
    hears_reply(r, who, ROTA_ERR_OK);
}

/* Watches a znode that is there. */
static void watches(struct room *r, int who, const char *path)
{
    catches_up(r, who);
    look(r, who, path, true);
    hears_reply(r, who, ROTA_ERR_OK);
}

static void silent(struct room *r, int who)
{
    struct probe *p = &r->probes[who];

    assert_false(p->backend->ops->next(p->backend, &p->event));
}

/* Nothing has been heard, and nothing is while another client writes and is answered many times. */
static void silent_while(struct room *r, int who, int other)
{
    for (int i = 0; i < A_WHILE; i++)
        creates(r, other, "/while-", ROTA_MODE_SEQUENTIAL, ROTA_ERR_OK);
    silent(r, who);
}

static struct rota_client_id enters(struct room *r, int who, uint32_t session_ms)
{
    make(r, who, session_ms);
    begin(r, who, NULL);
    return hears_session(r, who, ROTA_SESSION_CONNECTED);
}

static void hold(struct room *r)
{
    rota_zkensemble_hold(&r->ensemble, r->follower);
}

static void flow(struct room *r)
{
    rota_zkensemble_flow(&r->ensemble, r->follower);
}

/* ---- the room ---- */

/* A chroot of its own, which everybody who comes in afterwards sees. */
static void lay_out(struct room *r)
{
    char chroot[sizeof(r->chroot)];

    r->chroot[0] = '\0';
    snprintf(chroot, sizeof(chroot), "/room%u", ++r->worlds);
    enters(r, HEART, LONG_MS / 4);
    creates(r, HEART, chroot, ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    snprintf(r->chroot, sizeof(r->chroot), "%s", chroot);
}

static int furnish(void **state)
{
    struct room *r = *state;

    if (!rota_zkensemble_mend(&r->ensemble)) {
        fprintf(stderr, "test_ensemble: %s\n", r->ensemble.error);
        return -1;
    }
    r->leader = rota_zkensemble_leader(&r->ensemble);
    if (r->leader < 0)
        return -1;
    r->follower = (r->leader + 1) % ROTA_ZKENSEMBLE_SERVERS;
    r->other = (r->leader + 2) % ROTA_ZKENSEMBLE_SERVERS;
    lead(r, NEAR, r->leader);
    lead(r, FAR, r->follower);
    lead(r, LATER, r->follower);
    lead(r, HEART, r->other);
    lay_out(r);
    enters(r, NEAR, LONG_MS);
    r->far = enters(r, FAR, LONG_MS);
    catches_up(r, FAR);
    return 0;
}

static int leave(void **state)
{
    struct room *r = *state;

    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_flow(&r->ensemble, i);
    for (int who = 0; who < CLIENTS; who++)
        if (r->probes[who].backend != NULL)
            probe_end(&r->probes[who]);
    return 0;
}

/* ---- reads that are behind ---- */

/* 1: reads are local, and watches fire when the server applies (S94). */
static void follower_lag(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    look(r, NEAR, "/a", true);
    hears_reply(r, FAR, ROTA_ERR_NO_NODE);
    hears_reply(r, NEAR, ROTA_ERR_NO_NODE);
    hold(r);
    create(r, NEAR, "/a", ROTA_MODE_PERSISTENT);
    hears_watch(r, NEAR, ROTA_WATCH_CREATED);
    hears_reply(r, NEAR, ROTA_ERR_OK);
    finds(r, FAR, "/a", ROTA_ERR_NO_NODE);
    silent_while(r, FAR, NEAR);
    flow(r);
    hears_watch(r, FAR, ROTA_WATCH_CREATED);
    finds(r, FAR, "/a", ROTA_ERR_OK);
}

/* The remedy of 1: a read behind a sync is as new as the sync (S96). */
static void sync_and_read(void **state)
{
    struct room *r = *state;

    hold(r);
    creates(r, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    sync_up(r, FAR);
    look(r, FAR, "/a", false);
    silent_while(r, FAR, NEAR);
    flow(r);
    hears_reply(r, FAR, ROTA_ERR_OK);
    hears_reply(r, FAR, ROTA_ERR_OK);
}

/* 2: another handle of the same process is behind what the process has seen (S95). */
static void another_handle_is_behind(void **state)
{
    struct room *r = *state;

    hold(r);
    creates(r, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    finds(r, NEAR, "/a", ROTA_ERR_OK);
    finds(r, FAR, "/a", ROTA_ERR_NO_NODE);
}

/* A new session is a write of its own: a server that lags serves it when it has caught up with
 * what was done before. */
static void new_session_behind(void **state)
{
    struct room *r = *state;

    hold(r);
    creates(r, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    make(r, LATER, LONG_MS);
    begin(r, LATER, NULL);
    silent_while(r, LATER, NEAR);
    flow(r);
    hears_session(r, LATER, ROTA_SESSION_CONNECTED);
    finds(r, LATER, "/a", ROTA_ERR_OK);
}

/* A follower that is cut off answers reads after the leader has ended the session (S69, S94). */
static void cut_off_follower_reads_on(void **state)
{
    struct room *r = *state;

    enters(r, LATER, SHORT_MS);
    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watches(r, NEAR, "/e");
    hold(r);
    hears_watch(r, NEAR, ROTA_WATCH_DELETED);
    finds(r, LATER, "/e", ROTA_ERR_OK);
    flow(r);
    hears_session(r, LATER, ROTA_SESSION_DISCONNECTED);
    hears_session(r, LATER, ROTA_SESSION_EXPIRED);
}

/* A leader without a quorum answers a sync, and not a write (S96). */
static void sync_without_quorum(void **state)
{
    struct room *r = *state;

    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_hold(&r->ensemble, i);
    catches_up(r, NEAR);
    create(r, NEAR, "/a", ROTA_MODE_PERSISTENT);
    for (int i = 0; i < A_WHILE; i++)
        finds(r, FAR, "/a", ROTA_ERR_NO_NODE);
    silent(r, NEAR);
    for (int i = 0; i < ROTA_ZKENSEMBLE_SERVERS; i++)
        rota_zkensemble_flow(&r->ensemble, i);
    hears_reply(r, NEAR, ROTA_ERR_OK);
}

/* ---- sessions that move ---- */

/* Takes FAR's session over, through the leader. */
static void takes_over(struct room *r)
{
    lead(r, LATER, r->leader);
    make(r, LATER, LONG_MS);
    begin(r, LATER, &r->far);
    assert_int_equal(hears_session(r, LATER, ROTA_SESSION_CONNECTED).id, r->far.id);
}

/* 13: a session is taken over through another server; its old connection still reads, until it
 * writes; then they take it from each other, until one ends it (S71). */
static void session_moved(void **state)
{
    struct room *r = *state;

    takes_over(r);
    for (int i = 0; i < A_WHILE; i++)
        finds(r, FAR, "/", ROTA_ERR_OK);
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    hears_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    hears_reply(r, FAR, ROTA_ERR_CONNECTION_LOSS);
    catches_up(r, NEAR);
    finds(r, NEAR, "/a", ROTA_ERR_NO_NODE);
    probe_close(&r->probes[LATER]);
    do {
        next(r, FAR);
    } while (r->probes[FAR].event.kind != ROTA_HANDLE_SESSION ||
             r->probes[FAR].event.session.state != ROTA_SESSION_EXPIRED);
}

/* ---- writes whose fate is unknown ---- */

/* The same to the writer, whatever became of it. */
static void fated(struct room *r, enum rota_proxy_fault fault)
{
    rota_proxy_arm(r->doors[FAR], fault);
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    hears_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    hears_reply(r, FAR, ROTA_ERR_CONNECTION_LOSS);
    assert_true(rota_proxy_struck(r->doors[FAR]));
}

static void comes_back(struct room *r, int who)
{
    rota_proxy_heal(r->doors[who]);
    hears_session(r, who, ROTA_SESSION_CONNECTED);
}

/* 3: the write is done and its writer does not know; trying again, it meets itself. */
static void lost_acknowledgement(void **state)
{
    struct room *r = *state;

    fated(r, ROTA_PROXY_APPLIED);
    comes_back(r, FAR);
    creates(r, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_NODE_EXISTS);
}

/* 4: the same to the writer, and nothing was done. */
static void lost_write(void **state)
{
    struct room *r = *state;

    fated(r, ROTA_PROXY_LOST);
    comes_back(r, FAR);
    catches_up(r, FAR);
    finds(r, FAR, "/a", ROTA_ERR_NO_NODE);
}

/* 5: the write is done after it was given up. */
static void late_write(void **state)
{
    struct room *r = *state;

    look(r, NEAR, "/a", true);
    hears_reply(r, NEAR, ROTA_ERR_NO_NODE);
    fated(r, ROTA_PROXY_LATE);
    silent_while(r, NEAR, NEAR);
    rota_proxy_release(r->doors[FAR]);
    hears_watch(r, NEAR, ROTA_WATCH_CREATED);
    comes_back(r, FAR);
    finds(r, FAR, "/a", ROTA_ERR_OK);
}

/* The remedy of 5: not when its session has moved to another server meanwhile (S71). */
static void late_write_of_a_moved_session(void **state)
{
    struct room *r = *state;

    fated(r, ROTA_PROXY_LATE);
    takes_over(r);
    rota_proxy_release(r->doors[FAR]);
    silent_while(r, FAR, LATER);
    finds(r, LATER, "/a", ROTA_ERR_NO_NODE);
}

/* 12: everything that waits fails together. */
static void all_fail_together(void **state)
{
    struct room *r = *state;

    rota_proxy_blackhole(r->doors[FAR]);
    for (int i = 0; i < 5; i++)
        look(r, FAR, "/a", false);
    rota_proxy_cut(r->doors[FAR]);
    hears_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    for (int i = 0; i < 5; i++)
        hears_reply(r, FAR, ROTA_ERR_CONNECTION_LOSS);
    comes_back(r, FAR);
    catches_up(r, FAR);
}

/* ---- sessions ---- */

/* 6: a session is over and its owner hears nothing of it, for any time (S80). */
static void zombie_owner(void **state)
{
    struct room *r = *state;

    enters(r, LATER, SHORT_MS);
    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watches(r, NEAR, "/e");
    rota_proxy_cut(r->doors[LATER]);
    hears_session(r, LATER, ROTA_SESSION_DISCONNECTED);
    hears_watch(r, NEAR, ROTA_WATCH_DELETED);
    silent_while(r, LATER, NEAR);
    rota_proxy_heal(r->doors[LATER]);
    hears_session(r, LATER, ROTA_SESSION_EXPIRED);
}

/* 7: the owner is dead and its ephemeral is there; who comes in its place meets it (hazard 3). */
static void zombie_ephemeral(void **state)
{
    struct room *r = *state;
    struct rota_client_id former = enters(r, LATER, SHORT_MS);
    rota_time touched = now(r);

    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    rota_proxy_cut(r->doors[LATER]);
    probe_end(&r->probes[LATER]);
    rota_proxy_heal(r->doors[LATER]);
    enters(r, LATER, LONG_MS);
    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_NODE_EXISTS);
    look(r, LATER, "/e", true);
    assert_int_equal(hears_reply(r, LATER, ROTA_ERR_OK).ephemeral_owner, former.id);
    hears_watch(r, LATER, ROTA_WATCH_DELETED);
    assert_true(now(r) - touched >= SHORT_MS * MS);
    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
}

/* Lets time pass beyond the end of short sessions, and hears nothing. */
static void outlast(struct room *r, int who, rota_time since)
{
    while (now(r) - since < 2 * SHORT_MS * MS) {
        poll(&(struct pollfd){.fd = r->probes[who].bell, .events = POLLIN}, 1, 50);
        silent(r, who);
    }
}

/* 8: while the leader is stopped no session ends, and nobody can tell from what a follower shows
 * (S69). */
static void stopped_leader_expires_late(void **state)
{
    struct room *r = *state;

    enters(r, LATER, SHORT_MS);
    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    watches(r, FAR, "/e");
    rota_proxy_cut(r->doors[LATER]);
    assert_true(rota_zkserver_pause(&r->ensemble.servers[r->leader]));
    outlast(r, FAR, now(r));
    finds(r, FAR, "/e", ROTA_ERR_OK);
    assert_true(rota_zkserver_resume(&r->ensemble.servers[r->leader]));
    hears_watch(r, FAR, ROTA_WATCH_DELETED);
    hears_session(r, LATER, ROTA_SESSION_DISCONNECTED);
    rota_proxy_heal(r->doors[LATER]);
    hears_session(r, LATER, ROTA_SESSION_EXPIRED);
}

/* 8: without a quorum no session ends, and a new leader gives each a full timeout (S69). */
static void late_expiry(void **state)
{
    struct room *r = *state;
    struct rota_zkserver *other = &r->ensemble.servers[(r->follower + 1) % ROTA_ZKENSEMBLE_SERVERS];
    struct rota_client_id owner = enters(r, LATER, SHORT_MS);
    struct rota_stat e;
    rota_time led;

    creates(r, LATER, "/e", ROTA_MODE_EPHEMERAL, ROTA_ERR_OK);
    rota_proxy_cut(r->doors[LATER]);
    assert_true(rota_zkserver_kill(&r->ensemble.servers[r->leader]));
    assert_true(rota_zkserver_kill(other));
    hears_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    outlast(r, FAR, now(r));
    led = now(r);
    assert_true(rota_zkserver_restart(other));
    hears_session(r, FAR, ROTA_SESSION_CONNECTED);
    look(r, FAR, "/e", true);
    e = hears_reply(r, FAR, ROTA_ERR_OK);
    assert_int_equal(e.ephemeral_owner, owner.id);
    hears_watch(r, FAR, ROTA_WATCH_DELETED);
    assert_true(now(r) - led >= SHORT_MS * MS);
    creates(r, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    assert_true(finds(r, FAR, "/a", ROTA_ERR_OK).czxid >> 32 > e.czxid >> 32);
}

/* 14: connections come and go, and the session stays. */
static void flapping(void **state)
{
    struct room *r = *state;
    struct rota_client_id id = enters(r, LATER, LONG_MS);

    for (int i = 0; i < 5; i++) {
        rota_proxy_cut(r->doors[LATER]);
        hears_session(r, LATER, ROTA_SESSION_DISCONNECTED);
        rota_proxy_heal(r->doors[LATER]);
        assert_int_equal(hears_session(r, LATER, ROTA_SESSION_CONNECTED).id, id.id);
    }
}

/* ---- events and numbers ---- */

/* 9: what came and went while the watcher was away leaves no trace (S58). */
static void missed_events(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    hears_reply(r, FAR, ROTA_ERR_NO_NODE);
    rota_proxy_cut(r->doors[FAR]);
    hears_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    creates(r, NEAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    probe_send(&r->probes[NEAR], 0,
               (struct rota_operation){.op = ROTA_OP_DELETE, .path = "/a", .version = -1});
    hears_reply(r, NEAR, ROTA_ERR_OK);
    comes_back(r, FAR);
    catches_up(r, FAR);
}

/* 11: the event of one's own write comes before its answer (S54). */
static void event_before_answer(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    hears_reply(r, FAR, ROTA_ERR_NO_NODE);
    hears_watch(r, FAR, ROTA_WATCH_CREATED);
    hears_reply(r, FAR, ROTA_ERR_OK);
}

/* 15: refused writes leave gaps between zxids (S1). */
static void gaps(void **state)
{
    struct room *r = *state;
    struct rota_stat a, b;

    creates(r, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    a = finds(r, FAR, "/a", ROTA_ERR_OK);
    creates(r, FAR, "/a", ROTA_MODE_PERSISTENT, ROTA_ERR_NODE_EXISTS);
    creates(r, FAR, "/b", ROTA_MODE_PERSISTENT, ROTA_ERR_OK);
    b = finds(r, FAR, "/b", ROTA_ERR_OK);
    assert_true(b.czxid >= a.czxid + 2);
}

/* ---- the building ---- */

static int open_building(void **state)
{
    struct room *r = calloc(1, sizeof(*r));

    *state = r;
    if (r != NULL && rota_zkensemble_start(&r->ensemble))
        return 0;
    fprintf(stderr, "test_ensemble: %s\n", r != NULL ? r->ensemble.error : "no memory");
    return -1;
}

static int close_building(void **state)
{
    struct room *r = *state;

    for (int who = 0; who < CLIENTS; who++)
        if (r->doors[who] != NULL)
            rota_proxy_close(r->doors[who]);
    rota_zkensemble_close(&r->ensemble);
    free(r);
    return 0;
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, furnish, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(follower_lag),
        IN_ROOM(sync_and_read),
        IN_ROOM(another_handle_is_behind),
        IN_ROOM(new_session_behind),
        IN_ROOM(cut_off_follower_reads_on),
        IN_ROOM(sync_without_quorum),
        IN_ROOM(session_moved),
        IN_ROOM(lost_acknowledgement),
        IN_ROOM(lost_write),
        IN_ROOM(late_write),
        IN_ROOM(late_write_of_a_moved_session),
        IN_ROOM(all_fail_together),
        IN_ROOM(zombie_owner),
        IN_ROOM(zombie_ephemeral),
        IN_ROOM(stopped_leader_expires_late),
        IN_ROOM(late_expiry),
        IN_ROOM(flapping),
        IN_ROOM(missed_events),
        IN_ROOM(event_before_answer),
        IN_ROOM(gaps),
    };

    return cmocka_run_group_tests(tests, open_building, close_building);
}
