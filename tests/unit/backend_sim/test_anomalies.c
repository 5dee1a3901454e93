/* The anomalies of ZooKeeper, which a simple simulator would hide; a search over seeds finds each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/error.h"
#include "system/memory.h"
#include "tests/room/room.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)

enum { CLIENTS = 3, SERVERS = 3, TIMEOUT_MS = 6000, LETTERS = 8 };

/* A client on the leader, one on the last follower, and one that is not connected yet. */
enum { NEAR, FAR, LATER };

/* ---- requests and events ---- */

static void request(struct room *r, int who, struct rota_operation o)
{
    struct rota_request sent = {.operation = o};

    if (o.op == ROTA_OP_CREATE || o.op == ROTA_OP_SET)
        sent.operation.data = ROTA_NULL_BYTES;
    r->clients[who].head.ops->request(&r->clients[who].head, &sent);
}

static bool next(struct room *r, int who)
{
    return r->clients[who].head.ops->next(&r->clients[who].head, &r->event);
}

static void expect_nothing(struct room *r, int who)
{
    assert_false(next(r, who));
}

static void expect_session(struct room *r, int who, enum rota_session_state state)
{
    assert_true(next(r, who));
    assert_int_equal(r->event.kind, ROTA_HANDLE_SESSION);
    assert_int_equal(r->event.session.state, state);
}

static void expect_reply(struct room *r, int who, int32_t rc)
{
    assert_true(next(r, who));
    assert_int_equal(r->event.kind, ROTA_HANDLE_REPLY);
    assert_int_equal(r->event.reply.rc, rc);
}

static void expect_watch(struct room *r, int who, enum rota_watch_kind kind)
{
    assert_true(next(r, who));
    assert_int_equal(r->event.kind, ROTA_HANDLE_WATCH);
    assert_int_equal(r->event.watch.kind, kind);
}

static void create(struct room *r, int who, const char *path, enum rota_mode mode)
{
    static const struct rota_acl world = {ROTA_PERM_ALL, "world", "anyone"};

    request(r, who,
            (struct rota_operation){
                .op = ROTA_OP_CREATE, .path = path, .mode = mode, .acl = &world, .acl_count = 1});
}

static void look(struct room *r, int who, const char *path, bool watch)
{
    request(r, who, (struct rota_operation){.op = ROTA_OP_EXISTS, .path = path, .watch = watch});
}

/* Sends a request, waits, and expects this reply. */
static void expect_rc(struct room *r, int who, enum rota_op op, const char *path, int32_t rc)
{
    if (op == ROTA_OP_CREATE)
        create(r, who, path, ROTA_MODE_PERSISTENT);
    else
        request(r, who, (struct rota_operation){.op = op, .path = path, .version = -1});
    room_pass(r, 20 * MS);
    expect_reply(r, who, rc);
}

static bool exists(const struct room *r, const char *path)
{
    return rota_tree_find(rota_server_tree(rota_ensemble_server(r->net.ensemble)), path) != 0;
}

static void take_all(struct room *r, int who)
{
    while (next(r, who))
        ;
}

/* ---- setup ---- */

static void close_room(struct room *r)
{
    for (uint32_t i = 0; i < CLIENTS; i++)
        rota_sim_client_close(&r->clients[i]);
    room_close(r);
    free(r);
}

static struct room *open_room(uint64_t seed)
{
    struct rota_server_config config = {.seed = seed, .tick_ms = 1000, .timeout_least_ms = 1};
    struct room *r = rota_memory_zeroed(1, sizeof *r);

    room_open(r, &config, SERVERS);
    for (uint32_t i = 0; i < CLIENTS; i++)
        room_client(r, i, TIMEOUT_MS);
    for (int i = NEAR; i <= FAR; i++)
        r->clients[i].head.ops->open(&r->clients[i].head, NULL);
    room_pass(r, 50 * MS);
    return r;
}

/* Finds the first seed by which the clients connect to these servers. */
static int setup(void **state)
{
    for (uint64_t seed = 1;; seed++) {
        struct room *r = open_room(seed);

        if (r->clients[NEAR].link->connection.server == 0 &&
            r->clients[FAR].link->connection.server == SERVERS - 1) {
            take_all(r, NEAR);
            take_all(r, FAR);
            *state = r;
            return 0;
        }
        close_room(r);
    }
}

static int teardown(void **state)
{
    close_room(*state);
    return 0;
}

/* ---- the anomalies ---- */

/* 1: reads are local, and a watch fires when its own server applies the change (S94). */
static void follower_lag(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    look(r, NEAR, "/a", true);
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_NO_NODE);
    expect_reply(r, NEAR, ROTA_ERR_NO_NODE);
    rota_ensemble_lag(r->net.ensemble, SERVERS - 1, SECOND);
    create(r, NEAR, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, 20 * MS);
    expect_watch(r, NEAR, ROTA_WATCH_CREATED);
    expect_reply(r, NEAR, ROTA_ERR_OK);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_NO_NODE);
    expect_nothing(r, FAR);
    room_pass(r, SECOND);
    expect_watch(r, FAR, ROTA_WATCH_CREATED);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_OK);
}

/* The remedy of 1: a read after a sync is at least as new as the sync (S96). */
static void sync_and_read(void **state)
{
    struct room *r = *state;

    rota_ensemble_lag(r->net.ensemble, SERVERS - 1, SECOND);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    request(r, FAR, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
    look(r, FAR, "/a", false);
    room_pass(r, 2 * SECOND);
    expect_reply(r, FAR, ROTA_ERR_OK);
    expect_reply(r, FAR, ROTA_ERR_OK);
}

/* Opens a handle on this server, by trying again; `id` as for open. */
static void open_at(struct room *r, int who, uint32_t server, const struct rota_client_id *id)
{
    do {
        rota_sim_client_close(&r->clients[who]);
        room_client(r, (uint32_t)who, TIMEOUT_MS);
        r->clients[who].head.ops->open(&r->clients[who].head, id);
    } while (r->clients[who].link->connection.server != server);
}

/* 2: a process takes over its own session with a new handle, on a server that is behind: it reads
 * older data than it has written (S72, S95). */
static void session_taken_over_on_a_server_behind(void **state)
{
    struct room *r = *state;
    struct rota_client_id id = r->clients[NEAR].client_id;

    rota_ensemble_lag(r->net.ensemble, SERVERS - 1, SECOND);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    open_at(r, NEAR, SERVERS - 1, &id);
    room_pass(r, 20 * MS);
    expect_session(r, NEAR, ROTA_SESSION_CONNECTED);
    assert_int_equal(r->event.session.client_id.id, id.id);
    expect_rc(r, NEAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_NO_NODE);
}

/* The limit of 2: a new session is a transaction, and a server that is behind connects the client
 * only when it has applied that transaction and all earlier ones. */
static void new_session_on_a_server_behind(void **state)
{
    struct room *r = *state;

    rota_ensemble_lag(r->net.ensemble, SERVERS - 1, SECOND);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    request(r, NEAR, (struct rota_operation){.op = ROTA_OP_CLOSE});
    room_pass(r, 20 * MS);
    expect_session(r, NEAR, ROTA_SESSION_CLOSED);
    open_at(r, NEAR, SERVERS - 1, NULL);
    room_pass(r, SECOND / 2);
    expect_nothing(r, NEAR);
    room_pass(r, SECOND);
    expect_session(r, NEAR, ROTA_SESSION_CONNECTED);
    expect_rc(r, NEAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_OK);
}

/* 2: another handle of the same process is behind what the process has seen (S95). */
static void another_handle_is_behind(void **state)
{
    struct room *r = *state;

    rota_ensemble_lag(r->net.ensemble, SERVERS - 1, SECOND);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    expect_rc(r, NEAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_OK);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_NO_NODE);
}

/* A create with a fault of the connection. */
static void create_with_fault(struct room *r, enum rota_connection_fault fault)
{
    r->clients[FAR].fault = (struct rota_planned_fault){fault, 300 * MS};
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, 20 * MS);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, FAR, ROTA_ERR_CONNECTION_LOSS);
}

/* 3: the write is applied and its writer does not know; the second attempt is refused because of
 * the first. */
static void lost_acknowledgement(void **state)
{
    struct room *r = *state;

    create_with_fault(r, ROTA_CONNECTION_FAULT_APPLIED);
    room_pass(r, SECOND);
    take_all(r, FAR);
    expect_rc(r, FAR, ROTA_OP_CREATE, "/a", ROTA_ERR_NODE_EXISTS);
}

/* 4: for the writer the same as 3, but the write was not applied. */
static void lost_write(void **state)
{
    struct room *r = *state;

    create_with_fault(r, ROTA_CONNECTION_FAULT_LOST);
    room_pass(r, 5 * SECOND);
    assert_false(exists(r, "/a"));
}

/* 5: the write is applied after the client has given it up. */
static void late_write(void **state)
{
    struct room *r = *state;

    create_with_fault(r, ROTA_CONNECTION_FAULT_LATE);
    take_all(r, FAR);
    for (int i = 0; i < 400 && !exists(r, "/a"); i++)
        room_pass(r, MS);
    assert_true(exists(r, "/a"));
}

/* 6: a session has ended, and its owner does not learn it as long as it is disconnected (S80). */
static void zombie_owner(void **state)
{
    struct room *r = *state;

    create(r, NEAR, "/e", ROTA_MODE_EPHEMERAL);
    room_pass(r, 20 * MS);
    expect_reply(r, NEAR, ROTA_ERR_OK);
    r->clients[NEAR].blocked = true;
    rota_sim_client_cut(&r->clients[NEAR]);
    expect_session(r, NEAR, ROTA_SESSION_DISCONNECTED);
    room_pass(r, 60 * SECOND);
    assert_false(exists(r, "/e"));
    expect_nothing(r, NEAR);
    r->clients[NEAR].blocked = false;
    room_pass(r, SECOND);
    expect_session(r, NEAR, ROTA_SESSION_EXPIRED);
}

/* 7: the owner is dead and its ephemeral still exists. */
static void zombie_ephemeral(void **state)
{
    struct room *r = *state;

    create(r, NEAR, "/e", ROTA_MODE_EPHEMERAL);
    room_pass(r, 20 * MS);
    rota_sim_client_close(&r->clients[NEAR]);
    room_pass(r, TIMEOUT_MS * MS - SECOND);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/e", ROTA_ERR_OK);
    room_pass(r, 3 * SECOND);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/e", ROTA_ERR_NO_NODE);
    room_client(r, NEAR, TIMEOUT_MS);
}

/* 8: without a quorum no session ends, and a new leader gives each session a full timeout (S69). */
static void late_expiry(void **state)
{
    struct room *r = *state;
    int64_t session = r->clients[FAR].client_id.id;
    struct rota_session_view view;

    rota_ensemble_crash(r->net.ensemble, 0);
    rota_ensemble_crash(r->net.ensemble, 1);
    room_pass(r, 100 * SECOND);
    assert_true(rota_server_session(rota_ensemble_server(r->net.ensemble), session, &view));
    r->clients[FAR].blocked = true;
    rota_ensemble_start(r->net.ensemble, 1);
    room_pass(r, TIMEOUT_MS * MS - SECOND);
    assert_true(rota_server_session(rota_ensemble_server(r->net.ensemble), session, &view));
    room_pass(r, 4 * SECOND);
    assert_false(rota_server_session(rota_ensemble_server(r->net.ensemble), session, &view));
    assert_int_equal(rota_server_last_zxid(rota_ensemble_server(r->net.ensemble)) >> 32, 2);
}

/* 9: a znode that was created and deleted while the watcher was disconnected causes no event (S58).
 */
static void missed_events(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_NO_NODE);
    r->clients[FAR].blocked = true;
    rota_sim_client_cut(&r->clients[FAR]);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    expect_rc(r, NEAR, ROTA_OP_DELETE, "/a", ROTA_ERR_OK);
    r->clients[FAR].blocked = false;
    room_pass(r, SECOND);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    expect_session(r, FAR, ROTA_SESSION_CONNECTED);
    expect_nothing(r, FAR);
}

/* 10: the library reports a change of session to every watch and ends none (S53). At the seam it
 * comes once, and the watches fire later. */
static void session_events_end_no_watch(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    look(r, FAR, "/b", true);
    request(r, FAR, (struct rota_operation){.op = ROTA_OP_CHILDREN, .path = "/", .watch = true});
    room_pass(r, 20 * MS);
    take_all(r, FAR);
    rota_sim_client_cut(&r->clients[FAR]);
    room_pass(r, SECOND);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    expect_session(r, FAR, ROTA_SESSION_CONNECTED);
    expect_nothing(r, FAR);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    expect_watch(r, FAR, ROTA_WATCH_CREATED);
    expect_watch(r, FAR, ROTA_WATCH_CHILD);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/b", ROTA_ERR_OK);
    expect_watch(r, FAR, ROTA_WATCH_CREATED);
    expect_nothing(r, FAR);
}

/* 11: the event of a client's own write comes before the reply (S54). */
static void event_before_answer(void **state)
{
    struct room *r = *state;

    look(r, FAR, "/a", true);
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, 30 * MS);
    expect_reply(r, FAR, ROTA_ERR_NO_NODE);
    expect_watch(r, FAR, ROTA_WATCH_CREATED);
    expect_reply(r, FAR, ROTA_ERR_OK);
}

/* 12: all outstanding requests fail together. */
static void all_fail_together(void **state)
{
    struct room *r = *state;

    for (int i = 0; i < 5; i++)
        look(r, FAR, "/a", false);
    rota_sim_client_cut(&r->clients[FAR]);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    for (int i = 0; i < 5; i++)
        expect_reply(r, FAR, ROTA_ERR_CONNECTION_LOSS);
    expect_nothing(r, FAR);
}

/* 13: a session is taken over on another server; the old connection can read until it writes (S71).
 */
static void session_moved(void **state)
{
    struct room *r = *state;
    struct rota_client_id id = r->clients[FAR].client_id;

    r->clients[LATER].head.ops->open(&r->clients[LATER].head, &id);
    room_pass(r, 50 * MS);
    expect_session(r, LATER, ROTA_SESSION_CONNECTED);
    assert_true(r->clients[LATER].link->connection.server != SERVERS - 1);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/", ROTA_ERR_OK);
    create(r, FAR, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, 5 * MS);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    assert_false(exists(r, "/a"));
}

/* 14: connections are lost again and again, and the session stays. */
static void flapping(void **state)
{
    struct room *r = *state;
    int64_t session = r->clients[FAR].client_id.id;

    for (int i = 0; i < 10; i++) {
        rota_sim_client_cut(&r->clients[FAR]);
        room_pass(r, SECOND);
        expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
        expect_session(r, FAR, ROTA_SESSION_CONNECTED);
        assert_int_equal(r->event.session.client_id.id, session);
    }
}

/* The first letters of the names under the root, in the order of the listing. */
static void list(struct room *r, int who, char names[LETTERS + 1])
{
    uint32_t count = 0;

    expect_rc(r, who, ROTA_OP_CHILDREN, "/", ROTA_ERR_OK);
    for (uint32_t i = 0; i < r->event.reply.child_count && count < LETTERS; i++)
        if (r->event.reply.children[i][1] == '\0')
            names[count++] = r->event.reply.children[i][0];
    names[count] = '\0';
}

/* 15: every server lists children in its own order, and the ephemerals of a session are deleted in
 * no order (S37, S62). */
static void no_order(void **state)
{
    struct room *r = *state;
    char near[LETTERS + 1], far[LETTERS + 1], gone[LETTERS + 1] = "", path[] = "/?";

    for (char c = 'a'; c < 'a' + LETTERS; c++) {
        path[1] = c;
        create(r, NEAR, path, ROTA_MODE_EPHEMERAL);
    }
    room_pass(r, 20 * MS);
    take_all(r, NEAR);
    list(r, NEAR, near);
    list(r, FAR, far);
    assert_int_equal(strlen(near), LETTERS);
    assert_int_equal(strlen(far), LETTERS);
    assert_string_not_equal(near, far);
    for (char c = 'a'; c < 'a' + LETTERS; c++) {
        path[1] = c;
        look(r, FAR, path, true);
    }
    room_pass(r, 20 * MS);
    take_all(r, FAR);
    request(r, NEAR, (struct rota_operation){.op = ROTA_OP_CLOSE});
    room_pass(r, 20 * MS);
    for (int i = 0; i < LETTERS; i++) {
        expect_watch(r, FAR, ROTA_WATCH_DELETED);
        gone[i] = r->event.watch.path[1];
    }
    assert_string_not_equal(gone, "abcdefgh");
    assert_string_not_equal(gone, near);
}

static void create_next(struct room *r, const char *name)
{
    create(r, FAR, "/q/n", ROTA_MODE_SEQUENTIAL);
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_OK);
    assert_string_equal(r->event.reply.path, name);
}

/* 15: a sequence number counts all creates, and neither deletes nor refused creates (S9). */
static void sequence_gaps(void **state)
{
    struct room *r = *state;

    expect_rc(r, FAR, ROTA_OP_CREATE, "/q", ROTA_ERR_OK);
    create_next(r, "/q/n0000000000");
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/q/other", ROTA_ERR_OK);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/q/other", ROTA_ERR_NODE_EXISTS);
    expect_rc(r, NEAR, ROTA_OP_DELETE, "/q/n0000000000", ROTA_ERR_OK);
    create_next(r, "/q/n0000000002");
}

/* 15: refused writes and other sessions leave gaps between the zxids of a session; reads do not
 * (S1).
 */
static void gaps(void **state)
{
    struct room *r = *state;
    int64_t before = rota_server_last_zxid(rota_ensemble_server(r->net.ensemble));

    expect_rc(r, FAR, ROTA_OP_DELETE, "/nothing", ROTA_ERR_NO_NODE);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/nothing", ROTA_ERR_NO_NODE);
    expect_rc(r, NEAR, ROTA_OP_CREATE, "/b", ROTA_ERR_OK);
    expect_rc(r, FAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/a", ROTA_ERR_OK);
    assert_int_equal(r->event.reply.stat.czxid, before + 3);
}

/* 16: the clock of the next leader is behind (S19). */
static void clock_goes_back(void **state)
{
    struct room *r = *state;

    rota_server_set_wall(rota_ensemble_server(r->net.ensemble), 1000000);
    expect_rc(r, FAR, ROTA_OP_CREATE, "/a", ROTA_ERR_OK);
    assert_true(rota_ensemble_elect(r->net.ensemble));
    rota_server_set_wall(rota_ensemble_server(r->net.ensemble), 0);
    room_pass(r, 2 * SECOND);
    take_all(r, FAR);
    request(r, FAR, (struct rota_operation){.op = ROTA_OP_SET, .path = "/a", .version = -1});
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_OK);
    assert_true(r->event.reply.stat.mtime_ms < r->event.reply.stat.ctime_ms);
    assert_int_equal(r->event.reply.stat.mzxid >> 32, 2);
}

/* 17: a handle is closed, and its outstanding requests are never answered (S84). */
static void close_without_answers(void **state)
{
    struct room *r = *state;

    r->clients[FAR].blocked = true;
    rota_sim_client_cut(&r->clients[FAR]);
    take_all(r, FAR);
    look(r, FAR, "/a", false);
    request(r, FAR, (struct rota_operation){.op = ROTA_OP_CLOSE});
    expect_session(r, FAR, ROTA_SESSION_CLOSED);
    room_pass(r, SECOND);
    expect_nothing(r, FAR);
}

static void ignore_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    (void)connection;
    *(int32_t *)context = reply->rc;
}

/* 18: an acknowledged write is lost, because a server's disk has lost it: the server is an older
 * copy of itself. It accepts clients that have seen more only in a new epoch (S72). */
static void acknowledged_and_lost(void **state)
{
    static const struct rota_server_sink sink = {.reply = ignore_reply};
    struct rota_server_config config = {.seed = 1};
    struct rota_connect again = {.timeout_ms = TIMEOUT_MS};
    struct rota_request create = {
        .operation = {.op = ROTA_OP_CREATE, .path = "/a", .data = ROTA_NULL_BYTES}};
    int32_t rc = ROTA_ERR_NO_NODE;
    struct rota_server *server = rota_server_open(&config, &sink, &rc), *disk;
    struct rota_session_grant grant;

    (void)state;
    rota_server_connect(server, 1, &again, 0, &grant);
    again.client_id = grant.client_id;
    disk = rota_server_copy(server, 0, &sink, &rc);
    rota_server_request(server, 1, &create, 0);
    assert_int_equal(rc, ROTA_ERR_OK);
    again.last_zxid = rota_server_last_zxid(server);
    rota_server_close(server);
    assert_int_equal(rota_server_connect(disk, 1, &again, 0, &grant), ROTA_CONNECT_CLOSED);
    rota_server_lead(disk, 2, 0);
    assert_int_equal(rota_server_connect(disk, 1, &again, 0, &grant), ROTA_CONNECT_ACCEPTED);
    assert_int_equal(rota_tree_find(rota_server_tree(disk), "/a"), 0);
    rota_server_close(disk);
}

/* A follower that is cut off answers reads of a session that the leader has ended (S69, S94). */
static void cut_off_follower_answers_reads(void **state)
{
    struct room *r = *state;
    int64_t session = r->clients[FAR].client_id.id;
    struct rota_session_view view;

    create(r, FAR, "/e", ROTA_MODE_EPHEMERAL);
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_OK);
    room_pass(r, SECOND);
    rota_ensemble_set_side(r->net.ensemble, 0, 1);
    rota_ensemble_set_side(r->net.ensemble, 1, 1);
    rota_ensemble_set_side(r->net.ensemble, SERVERS - 1, 2);
    rota_server_expire(rota_ensemble_server(r->net.ensemble), session,
                       rota_timeline_now_ms(&r->timeline));
    room_pass(r, 4 * SECOND);
    assert_false(rota_server_session(rota_ensemble_server(r->net.ensemble), session, &view));
    assert_false(exists(r, "/e"));
    expect_rc(r, FAR, ROTA_OP_EXISTS, "/e", ROTA_ERR_OK);
    rota_ensemble_set_side(r->net.ensemble, SERVERS - 1, 0);
    room_pass(r, 3 * SECOND);
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    expect_session(r, FAR, ROTA_SESSION_EXPIRED);
}

/* A leader without a quorum answers a sync, but no write (S96). */
static void sync_without_quorum(void **state)
{
    struct room *r = *state;

    rota_ensemble_set_side(r->net.ensemble, 0, 1);
    rota_ensemble_set_side(r->net.ensemble, 1, 2);
    rota_ensemble_set_side(r->net.ensemble, SERVERS - 1, 2);
    expect_rc(r, NEAR, ROTA_OP_SYNC, "/", ROTA_ERR_OK);
    create(r, NEAR, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, SECOND);
    expect_nothing(r, NEAR);
}

/* Cuts the leader off; the others elect a leader, which commits a write. Returns whether the former
 * leader still serves its client then. */
static bool depose(struct room *r)
{
    rota_ensemble_set_side(r->net.ensemble, 0, 1);
    rota_ensemble_set_side(r->net.ensemble, 1, 2);
    rota_ensemble_set_side(r->net.ensemble, SERVERS - 1, 2);
    r->clients[NEAR].side = 1;
    r->clients[FAR].side = r->clients[LATER].side = 2;
    for (int i = 0; i < 2000 && rota_ensemble_leader(r->net.ensemble) == ROTA_NOBODY; i++)
        room_pass(r, 10 * MS);
    r->clients[LATER].head.ops->open(&r->clients[LATER].head, NULL);
    room_pass(r, 20 * MS);
    create(r, LATER, "/a", ROTA_MODE_PERSISTENT);
    room_pass(r, 20 * MS);
    assert_true(exists(r, "/a"));
    return r->clients[NEAR].state == ROTA_SIM_CLIENT_CONNECTED;
}

/* A leader that was deposed and does not know it answers a sync, and the read after it shows an old
 * state; except if syncs ask a quorum (S96). */
static void sync_at_a_deposed_leader(void **state)
{
    static const bool by_quorum[] = {false, true};

    (void)state;
    for (int i = 0; i < 2; i++) {
        bool found = false;

        for (uint64_t seed = 1; !found; seed++) {
            struct room *r = open_room(seed);

            rota_ensemble_sync_by_quorum(r->net.ensemble, by_quorum[i]);
            found = r->clients[NEAR].link->connection.server == 0 && depose(r);
            take_all(r, NEAR);
            if (found) {
                request(r, NEAR, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
                look(r, NEAR, "/a", false);
                room_pass(r, 20 * MS);
            }
            if (found && by_quorum[i]) {
                expect_nothing(r, NEAR);
            } else if (found) {
                expect_reply(r, NEAR, ROTA_ERR_OK);
                expect_reply(r, NEAR, ROTA_ERR_NO_NODE);
            }
            close_room(r);
        }
    }
}

/* ---- an ensemble behaves like one server ---- */

static void authenticate(struct room *r, int who)
{
    request(
        r, who,
        (struct rota_operation){.op = ROTA_OP_ADD_AUTH, .scheme = "digest", .data = {"one:1", 5}});
    room_pass(r, 20 * MS);
    expect_reply(r, who, ROTA_ERR_OK);
}

/* The leader knows the credentials of requests that a server forwards, and of late writes (S88). */
static void credentials_reach_the_leader(void **state)
{
    static const struct rota_acl mine = {ROTA_PERM_ALL, "auth", ""};
    struct rota_operation secret = {
        .op = ROTA_OP_CREATE, .path = "/a", .acl = &mine, .acl_count = 1};
    struct room *r = *state;

    authenticate(r, FAR);
    request(r, FAR, secret);
    room_pass(r, 20 * MS);
    expect_reply(r, FAR, ROTA_ERR_OK);
    expect_rc(r, NEAR, ROTA_OP_SET, "/a", ROTA_ERR_NO_AUTH);
    expect_rc(r, FAR, ROTA_OP_SET, "/a", ROTA_ERR_OK);
    authenticate(r, NEAR);
    expect_rc(r, NEAR, ROTA_OP_SET, "/a", ROTA_ERR_OK);
    r->clients[FAR].fault = (struct rota_planned_fault){ROTA_CONNECTION_FAULT_LATE, 300 * MS};
    request(r, FAR, (struct rota_operation){.op = ROTA_OP_SET, .path = "/a", .version = -1});
    room_pass(r, SECOND);
    expect_rc(r, NEAR, ROTA_OP_SET, "/a", ROTA_ERR_OK);
    assert_int_equal(r->event.reply.stat.version, 4);
}

/* The leader checks containers once a minute from the beginning of its term, without a leader they
 * are not checked, and the followers apply the deletions (S39). */
static void the_leader_reaps(void **state)
{
    struct room *r = *state;

    create(r, NEAR, "/c", ROTA_MODE_CONTAINER);
    create(r, NEAR, "/c/a", ROTA_MODE_PERSISTENT);
    request(r, NEAR, (struct rota_operation){.op = ROTA_OP_DELETE, .path = "/c/a", .version = -1});
    room_pass(r, 20 * MS);
    take_all(r, NEAR);
    look(r, FAR, "/c", true);
    room_pass(r, 30 * SECOND);
    expect_reply(r, FAR, ROTA_ERR_OK);
    assert_true(rota_ensemble_elect(r->net.ensemble));
    room_pass(r, 50 * SECOND);
    assert_true(exists(r, "/c"));
    room_pass(r, 12 * SECOND);
    assert_false(exists(r, "/c"));
    expect_session(r, FAR, ROTA_SESSION_DISCONNECTED);
    expect_session(r, FAR, ROTA_SESSION_CONNECTED);
    expect_watch(r, FAR, ROTA_WATCH_DELETED);
    create(r, NEAR, "/d", ROTA_MODE_CONTAINER);
    create(r, NEAR, "/d/a", ROTA_MODE_EPHEMERAL);
    room_pass(r, SECOND);
    rota_ensemble_crash(r->net.ensemble, 0);
    rota_ensemble_crash(r->net.ensemble, 1);
    rota_server_expire(rota_ensemble_server(r->net.ensemble), r->clients[NEAR].client_id.id,
                       rota_timeline_now_ms(&r->timeline));
    room_pass(r, 200 * SECOND);
    assert_true(exists(r, "/d"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(follower_lag),
        CASE(sync_and_read),
        CASE(session_taken_over_on_a_server_behind),
        CASE(new_session_on_a_server_behind),
        CASE(another_handle_is_behind),
        CASE(lost_acknowledgement),
        CASE(lost_write),
        CASE(late_write),
        CASE(zombie_owner),
        CASE(zombie_ephemeral),
        CASE(late_expiry),
        CASE(missed_events),
        CASE(session_events_end_no_watch),
        CASE(event_before_answer),
        CASE(all_fail_together),
        CASE(session_moved),
        CASE(flapping),
        CASE(no_order),
        CASE(sequence_gaps),
        CASE(gaps),
        CASE(clock_goes_back),
        CASE(close_without_answers),
        cmocka_unit_test(acknowledged_and_lost),
        CASE(cut_off_follower_answers_reads),
        CASE(sync_without_quorum),
        cmocka_unit_test(sync_at_a_deposed_leader),
        CASE(credentials_reach_the_leader),
        CASE(the_leader_reaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
