/* The simulated client, which behaves as libzookeeper; choices and timelines; worlds that are
 * deterministic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend_sim/world/world.h"
#include "backend_sim/world/world_servers.h"
#include "model/base/error.h"
#include "model/client/client.h"
#include "model/master/master.h"
#include "model/operator/operator.h"
#include "model/worker/worker.h"
#include "system/memory.h"
#include "tests/room/room.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)

enum { CLIENTS = 2, TIMEOUT_MS = 6000 };

static int setup(void **state)
{
    struct rota_server_config config = {.seed = 1, .tick_ms = 1000, .timeout_least_ms = 1};
    struct room *r = rota_memory_zeroed(1, sizeof *r);

    room_open(r, &config, 1);
    for (uint32_t i = 0; i < CLIENTS; i++)
        room_client(r, i, TIMEOUT_MS);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;

    for (uint32_t i = 0; i < CLIENTS; i++)
        rota_sim_client_close(&r->clients[i]);
    room_close(r);
    free(r);
    return 0;
}

/* ---- requests and events ---- */

static void request(struct room *r, int who, uint64_t tag, struct rota_operation o)
{
    struct rota_request request = {.tag = tag, .operation = o};

    if (o.op == ROTA_OP_CREATE)
        request.operation.data = ROTA_NULL_BYTES;
    r->clients[who].head.ops->request(&r->clients[who].head, &request);
}

static void create(struct room *r, int who, uint64_t tag, const char *path)
{
    request(r, who, tag, (struct rota_operation){.op = ROTA_OP_CREATE, .path = path});
}

static void look(struct room *r, int who, uint64_t tag, enum rota_op op, const char *path,
                 bool watch)
{
    request(r, who, tag, (struct rota_operation){.op = op, .path = path, .watch = watch});
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

static void expect_reply(struct room *r, int who, uint64_t tag, int32_t rc)
{
    assert_true(next(r, who));
    assert_int_equal(r->event.kind, ROTA_HANDLE_REPLY);
    assert_int_equal(r->event.reply.tag, tag);
    assert_int_equal(r->event.reply.rc, rc);
}

static void expect_watch(struct room *r, int who, enum rota_watch_kind kind, const char *path)
{
    assert_true(next(r, who));
    assert_int_equal(r->event.kind, ROTA_HANDLE_WATCH);
    assert_int_equal(r->event.watch.kind, kind);
    assert_string_equal(r->event.watch.path, path);
}

static void connect(struct room *r, int who)
{
    r->clients[who].head.ops->open(&r->clients[who].head, NULL);
    room_pass(r, 10 * MS);
    expect_session(r, who, ROTA_SESSION_CONNECTED);
    assert_int_equal(r->event.session.timeout_ms, TIMEOUT_MS);
    expect_nothing(r, who);
}

static bool exists(struct room *r, const char *path)
{
    return rota_tree_find(rota_server_tree(rota_ensemble_server(r->net.ensemble)), path) != 0;
}

static void lose_next(struct room *r, enum rota_connection_fault fault, rota_time most)
{
    r->clients[0].fault = (struct rota_planned_fault){fault, most};
}

/* ---- the client ---- */

/* Replies come in the order of the requests, with watch events between them (S55, S93). */
static void replies_come_in_the_order_of_the_requests(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    connect(r, 1);
    look(r, 0, 1, ROTA_OP_CHILDREN, "/", true);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_OK);
    for (uint64_t i = 0; i < 20; i++)
        look(r, 0, 10 + i, ROTA_OP_EXISTS, "/a", false);
    create(r, 1, 2, "/a");
    room_pass(r, 20 * MS);
    for (uint64_t i = 0; i < 20;) {
        assert_true(next(r, 0));
        if (r->event.kind == ROTA_HANDLE_REPLY)
            assert_int_equal(r->event.reply.tag, 10 + i++);
    }
    expect_reply(r, 1, 2, ROTA_ERR_OK);
}

/* Pings alone keep a session alive (S76). */
static void pings_keep_a_session_alive(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    room_pass(r, 60 * SECOND);
    expect_nothing(r, 0);
    assert_int_equal(rota_server_session_count(rota_ensemble_server(r->net.ensemble)), 1);
}

/* The client gives up a silent server after two thirds of the timeout: outstanding requests are
 * answered so, in order, and may have been applied all the same (S77, S78). */
static void silent_server_is_given_up(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    rota_ensemble_pause(r->net.ensemble, 0);
    create(r, 0, 1, "/a");
    create(r, 0, 2, "/b");
    room_pass(r, 3900 * MS);
    expect_nothing(r, 0);
    room_pass(r, 200 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_OPERATION_TIMEOUT);
    expect_reply(r, 0, 2, ROTA_ERR_OPERATION_TIMEOUT);
    rota_ensemble_resume(r->net.ensemble, 0);
    room_pass(r, 500 * MS);
    assert_true(exists(r, "/a"));
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
}

/* A cut is reported at once; messages under way are lost; the session goes on (S68, S78). */
static void cut_connection(void **state)
{
    struct room *r = *state;
    int64_t session;

    connect(r, 0);
    session = r->clients[0].client_id.id;
    create(r, 0, 1, "/a");
    rota_sim_client_cut(&r->clients[0]);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
    assert_int_equal(r->event.session.client_id.id, session);
    assert_false(exists(r, "/a"));
    assert_int_equal(r->dropped, 1);
}

static void prove(struct room *r, int who, uint64_t tag, const char *scheme)
{
    request(r, who, tag,
            (struct rota_operation){.op = ROTA_OP_ADD_AUTH, .scheme = scheme, .data = {"u:p", 3}});
}

/* Credentials are sent again with every connection, and answered once (S88). */
static void credentials_outlive_a_connection(void **state)
{
    struct room *r = *state;
    static const struct rota_acl mine = {ROTA_PERM_ALL, "auth", ""};

    connect(r, 0);
    prove(r, 0, 1, "digest");
    request(r, 0, 2,
            (struct rota_operation){
                .op = ROTA_OP_CREATE, .path = "/mine", .acl = &mine, .acl_count = 1});
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_OK);
    expect_reply(r, 0, 2, ROTA_ERR_OK);
    rota_sim_client_cut(&r->clients[0]);
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
    look(r, 0, 3, ROTA_OP_GET, "/mine", false);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 3, ROTA_ERR_OK);
    expect_nothing(r, 0);
}

/* Refused credentials end the handle, but not its session (S88). */
static void refused_credentials_end_the_handle(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    prove(r, 0, 1, "nobody");
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_AUTH_FAILED);
    expect_session(r, 0, ROTA_SESSION_AUTH_FAILED);
    look(r, 0, 2, ROTA_OP_EXISTS, "/", false);
    expect_reply(r, 0, 2, ROTA_ERR_INVALID_STATE);
    assert_int_equal(rota_server_session_count(rota_ensemble_server(r->net.ensemble)), 1);
    request(r, 0, 3, (struct rota_operation){.op = ROTA_OP_CLOSE});
    expect_session(r, 0, ROTA_SESSION_CLOSED);
    assert_false(r->event.session.acknowledged);
}

/* A request that the library refuses never reaches the server: it takes no zxid (S2, S30, S44). */
static void refused_by_the_library(void **state)
{
    struct room *r = *state;
    int64_t zxid;

    connect(r, 0);
    zxid = rota_server_last_zxid(rota_ensemble_server(r->net.ensemble));
    create(r, 0, 1, "/a//b");
    expect_reply(r, 0, 1, ROTA_ERR_BAD_ARGUMENTS);
    request(r, 0, 2, (struct rota_operation){.op = ROTA_OP_CHECK, .path = "/", .version = -1});
    expect_reply(r, 0, 2, ROTA_ERR_UNIMPLEMENTED);
    request(r, 0, 3,
            (struct rota_operation){.op = ROTA_OP_CREATE, .path = "/t", .mode = ROTA_MODE_TTL});
    expect_reply(r, 0, 3, ROTA_ERR_BAD_ARGUMENTS);
    rota_sim_client_cut(&r->clients[0]);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    request(r, 0, 4, (struct rota_operation){.op = ROTA_OP_MULTI});
    expect_reply(r, 0, 4, ROTA_ERR_CONNECTION_LOSS);
    assert_int_equal(rota_server_last_zxid(rota_ensemble_server(r->net.ensemble)), zxid);
}

/* A sync sets no watch, even with a watch flag; a dead handle can be closed (S50, S81). */
static void sync_sets_no_watch(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    look(r, 0, 1, ROTA_OP_SYNC, "/none", true);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_OK);
    rota_sim_client_cut(&r->clients[0]);
    rota_server_expire(rota_ensemble_server(r->net.ensemble), r->clients[0].client_id.id,
                       rota_timeline_now_ms(&r->timeline));
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_session(r, 0, ROTA_SESSION_EXPIRED);
    expect_nothing(r, 0);
    request(r, 0, 2, (struct rota_operation){.op = ROTA_OP_CLOSE});
    expect_session(r, 0, ROTA_SESSION_CLOSED);
    assert_true(r->event.session.acknowledged);
}

/* A request without a connection fails with the next attempt, or is sent by it (S79). */
static void request_while_disconnected(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    r->clients[0].blocked = true;
    rota_sim_client_cut(&r->clients[0]);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    create(r, 0, 1, "/a");
    expect_nothing(r, 0);
    room_pass(r, 200 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    r->clients[0].blocked = false;
    create(r, 0, 2, "/b");
    room_pass(r, 200 * MS);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
    expect_reply(r, 0, 2, ROTA_ERR_OK);
    assert_false(exists(r, "/a"));
}

/* Only a server reports that a session has ended; then the handle is dead (S80, S81). */
static void only_a_server_reports_the_end_of_a_session(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    request(
        r, 0, 1,
        (struct rota_operation){.op = ROTA_OP_CREATE, .path = "/e", .mode = ROTA_MODE_EPHEMERAL});
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_OK);
    r->clients[0].blocked = true;
    rota_sim_client_cut(&r->clients[0]);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    room_pass(r, 60 * SECOND);
    expect_nothing(r, 0);
    assert_false(exists(r, "/e"));
    r->clients[0].blocked = false;
    create(r, 0, 2, "/a");
    room_pass(r, 200 * MS);
    expect_session(r, 0, ROTA_SESSION_EXPIRED);
    expect_reply(r, 0, 2, ROTA_ERR_SESSION_EXPIRED);
    create(r, 0, 3, "/a");
    expect_reply(r, 0, 3, ROTA_ERR_INVALID_STATE);
    room_pass(r, SECOND);
    expect_nothing(r, 0);
}

/* A session expires at most a tick after its timeout, counted from the last message (S67). */
static void expiry_in_time(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    rota_sim_client_close(&r->clients[0]);
    room_pass(r, TIMEOUT_MS * MS - 20 * MS);
    assert_int_equal(rota_server_session_count(rota_ensemble_server(r->net.ensemble)), 1);
    room_pass(r, 1100 * MS);
    assert_int_equal(rota_server_session_count(rota_ensemble_server(r->net.ensemble)), 0);
}

/* The client sets its watches again, and the server fires those that have missed a change (S57,
 * S58).
 */
static void watches_set_again(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    connect(r, 1);
    create(r, 1, 1, "/a");
    room_pass(r, 10 * MS);
    expect_reply(r, 1, 1, ROTA_ERR_OK);
    look(r, 0, 2, ROTA_OP_GET, "/a", true);
    look(r, 0, 3, ROTA_OP_EXISTS, "/b", true);
    look(r, 0, 4, ROTA_OP_CHILDREN, "/a", true);
    look(r, 0, 5, ROTA_OP_GET, "/none", true);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 2, ROTA_ERR_OK);
    expect_reply(r, 0, 3, ROTA_ERR_NO_NODE);
    expect_reply(r, 0, 4, ROTA_ERR_OK);
    expect_reply(r, 0, 5, ROTA_ERR_NO_NODE);
    assert_int_equal(rota_client_watches_count(&r->clients[0].watches), 2);
    rota_sim_client_cut(&r->clients[0]);
    create(r, 1, 6, "/b");
    create(r, 1, 7, "/a/c");
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
    expect_watch(r, 0, ROTA_WATCH_CREATED, "/b");
    expect_watch(r, 0, ROTA_WATCH_CHILD, "/a");
    expect_nothing(r, 0);
    request(r, 1, 8, (struct rota_operation){.op = ROTA_OP_SET, .path = "/a", .version = -1});
    room_pass(r, 10 * MS);
    expect_watch(r, 0, ROTA_WATCH_CHANGED, "/a");
    assert_int_equal(rota_client_watches_count(&r->clients[0].watches), 0);
    assert_int_equal(r->clients[0].watches.bytes, 0);
}

/* ---- the faults of a connection ---- */

static void lost(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    lose_next(r, ROTA_CONNECTION_FAULT_LOST, 0);
    create(r, 0, 1, "/a");
    create(r, 0, 2, "/b");
    room_pass(r, 10 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    expect_reply(r, 0, 2, ROTA_ERR_CONNECTION_LOSS);
    room_pass(r, SECOND);
    assert_false(exists(r, "/a") || exists(r, "/b"));
    assert_int_equal(r->dropped, 2);
    assert_int_equal(r->net.faults, 1);
}

static void applied(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    lose_next(r, ROTA_CONNECTION_FAULT_APPLIED, 0);
    create(r, 0, 1, "/a");
    create(r, 0, 2, "/b");
    room_pass(r, 10 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    expect_reply(r, 0, 2, ROTA_ERR_CONNECTION_LOSS);
    assert_true(exists(r, "/a"));
    assert_false(exists(r, "/b"));
}

/* A late write is applied before the next write or sync of its session, if not sooner. */
static void late_write_comes_before_the_next_sync(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    r->choices.replay = true; /* every choice has its default: as late as possible */
    lose_next(r, ROTA_CONNECTION_FAULT_LATE, 3 * SECOND);
    create(r, 0, 1, "/a");
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
    look(r, 0, 2, ROTA_OP_EXISTS, "/a", false);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 2, ROTA_ERR_NO_NODE);
    request(r, 0, 3, (struct rota_operation){.op = ROTA_OP_SYNC, .path = "/"});
    look(r, 0, 4, ROTA_OP_EXISTS, "/a", false);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 3, ROTA_ERR_OK);
    expect_reply(r, 0, 4, ROTA_ERR_OK);
}

static void late_write_comes_within_its_time(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    lose_next(r, ROTA_CONNECTION_FAULT_LATE, 3 * SECOND);
    create(r, 0, 1, "/a");
    room_pass(r, 3100 * MS);
    assert_true(exists(r, "/a"));
    assert_int_equal(r->applied, 1);
}

/* A late write is dropped if its session has ended or was taken over by another handle. */
static void late_write_is_dropped(void **state)
{
    struct room *r = *state;
    struct rota_client_id id;

    connect(r, 0);
    r->choices.replay = true;
    lose_next(r, ROTA_CONNECTION_FAULT_LATE, 30 * SECOND);
    create(r, 0, 1, "/a");
    room_pass(r, 10 * MS);
    rota_server_expire(rota_ensemble_server(r->net.ensemble), r->clients[0].client_id.id,
                       rota_timeline_now_ms(&r->timeline));
    room_pass(r, 40 * SECOND);
    assert_false(exists(r, "/a"));
    connect(r, 1);
    id = r->clients[1].client_id;
    r->clients[1].fault = (struct rota_planned_fault){ROTA_CONNECTION_FAULT_LATE, 30 * SECOND};
    create(r, 1, 2, "/b");
    room_pass(r, 10 * MS);
    rota_sim_client_close(&r->clients[0]);
    rota_sim_client_init(&r->clients[0], &r->net, 0, TIMEOUT_MS);
    r->clients[0].head.ops->open(&r->clients[0].head, &id);
    room_pass(r, 40 * SECOND);
    assert_false(exists(r, "/b"));
    assert_int_equal(r->dropped, 2);
}

/* ---- the end of a handle ---- */

static void close_ends_the_session(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    request(r, 0, 1, (struct rota_operation){.op = ROTA_OP_CLOSE});
    create(r, 0, 2, "/a");
    expect_reply(r, 0, 2, ROTA_ERR_INVALID_STATE);
    room_pass(r, 10 * MS);
    expect_session(r, 0, ROTA_SESSION_CLOSED);
    assert_true(r->event.session.acknowledged);
    assert_int_equal(rota_server_session_count(rota_ensemble_server(r->net.ensemble)), 0);
    connect(r, 0);
}

/* The server does not answer: the session expires later, and the close is not acknowledged (S84).
 */
static void closing_without_an_answer(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    rota_ensemble_pause(r->net.ensemble, 0);
    request(r, 0, 1, (struct rota_operation){.op = ROTA_OP_CLOSE});
    room_pass(r, 1400 * MS);
    expect_nothing(r, 0);
    room_pass(r, 200 * MS);
    expect_session(r, 0, ROTA_SESSION_CLOSED);
    assert_false(r->event.session.acknowledged);
    r->clients[0].blocked = true;
    r->clients[0].head.ops->open(&r->clients[0].head, NULL);
    request(r, 0, 2, (struct rota_operation){.op = ROTA_OP_CLOSE});
    expect_session(r, 0, ROTA_SESSION_CLOSED);
    assert_false(r->event.session.acknowledged);
}

/* Another handle takes the session over: the former connection is cut. Its client would connect
 * again and take the session back, until one of them closes it (S71). */
static void take_over_cuts_the_former_connection(void **state)
{
    struct room *r = *state;
    struct rota_client_id id;

    connect(r, 0);
    id = r->clients[0].client_id;
    r->clients[0].blocked = true;
    r->clients[1].head.ops->open(&r->clients[1].head, &id);
    room_pass(r, 10 * MS);
    expect_session(r, 1, ROTA_SESSION_CONNECTED);
    assert_int_equal(r->event.session.client_id.id, id.id);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    request(r, 1, 1, (struct rota_operation){.op = ROTA_OP_CLOSE});
    room_pass(r, 10 * MS);
    expect_session(r, 1, ROTA_SESSION_CLOSED);
    r->clients[0].blocked = false;
    room_pass(r, SECOND);
    expect_session(r, 0, ROTA_SESSION_EXPIRED);
}

/* A request above the size limit loses the connection, not the session (S35). */
static void request_too_large_loses_the_connection(void **state)
{
    struct room *r = *state;
    struct rota_request request = {.tag = 1, .operation = {.op = ROTA_OP_CREATE, .path = "/a"}};
    char *data = rota_memory_zeroed(1, 1 << 20);

    request.operation.data = (struct rota_bytes){data, 1 << 20};
    connect(r, 0);
    r->clients[0].head.ops->request(&r->clients[0].head, &request);
    free(data);
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    expect_session(r, 0, ROTA_SESSION_CONNECTED);
}

/* A paused process receives nothing, and its requests wait in it. */
static void paused_process(void **state)
{
    struct room *r = *state;

    connect(r, 0);
    rota_sim_client_pause(&r->clients[0]);
    create(r, 0, 1, "/a");
    room_pass(r, SECOND);
    assert_false(exists(r, "/a"));
    rota_sim_client_resume(&r->clients[0]);
    room_pass(r, 10 * MS);
    expect_reply(r, 0, 1, ROTA_ERR_OK);
    rota_sim_client_pause(&r->clients[0]);
    room_pass(r, 20 * SECOND);
    create(r, 0, 2, "/b");
    rota_sim_client_resume(&r->clients[0]);
    room_pass(r, 500 * MS);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 2, ROTA_ERR_CONNECTION_LOSS);
    expect_session(r, 0, ROTA_SESSION_EXPIRED);
    assert_false(exists(r, "/b"));
}

/* The reply to a multi whose connection is lost has the code for each of its operations (S42). */
static void lost_multi_has_a_code_for_each_operation(void **state)
{
    struct room *r = *state;
    struct rota_operation ops[] = {
        {.op = ROTA_OP_CREATE, .path = "/a", .data = {NULL, -1}},
        {.op = ROTA_OP_CHECK, .path = "/a", .version = 0},
    };
    struct rota_request request = {
        .tag = 1, .operation = {.op = ROTA_OP_MULTI}, .operations = ops, .operation_count = 2};

    connect(r, 0);
    r->clients[0].head.ops->request(&r->clients[0].head, &request);
    rota_sim_client_cut(&r->clients[0]);
    expect_session(r, 0, ROTA_SESSION_DISCONNECTED);
    expect_reply(r, 0, 1, ROTA_ERR_CONNECTION_LOSS);
    assert_int_equal(r->event.reply.result_count, 2);
    assert_int_equal(r->event.reply.results[1].rc, ROTA_ERR_CONNECTION_LOSS);
}

/* ---- choices ---- */

static void choices_repeat(void **state)
{
    struct rota_choices a, b;
    uint64_t first[50];

    (void)state;
    rota_choices_init(&a, 7);
    rota_choices_init(&b, 7);
    a.record = true;
    for (int i = 0; i < 50; i++) {
        first[i] = rota_choose(&a, ROTA_SITE_LATENCY, 1000);
        assert_in_range(first[i], 0, 999);
        /* The draws of another site do not shift this one. */
        rota_choose_bits(&b, ROTA_SITE_WORK);
        assert_int_equal(rota_choose(&b, ROTA_SITE_LATENCY, 1000), first[i]);
    }
    /* A deleted choice becomes the default, and the others stay the same. */
    memset(a.drawn, 0, sizeof a.drawn);
    a.replay = true;
    a.logs[ROTA_SITE_LATENCY].values[3] = ROTA_CHOICE_NONE;
    for (int i = 0; i < 60; i++)
        assert_int_equal(rota_choose(&a, ROTA_SITE_LATENCY, 1000),
                         i == 3 || i >= 50 ? 0 : first[i]);
    assert_string_equal(rota_site_name(ROTA_SITE_LATENCY), "LATENCY");
    assert_int_equal(b.logs[ROTA_SITE_LATENCY].length, 0); /* kept only when asked for */
    rota_choices_close(&a);
    rota_choices_close(&b);
}

static void moments_in_order(void **state)
{
    struct rota_timeline t = {0};
    struct rota_moment m, last = {0};
    uint64_t random = 1;

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        random = rota_mix(random);
        rota_timeline_put(&t, (rota_time)(random % 100), ROTA_MOMENT_CALL, 0, i);
    }
    assert_int_equal(rota_timeline_next(&t), 0);
    for (int i = 0; i < 5000; i++) {
        assert_true(rota_timeline_take(&t, &m));
        assert_true(m.time > last.time ||
                    (m.time == last.time && (i == 0 || m.serial > last.serial)));
        last = m;
    }
    assert_false(rota_timeline_take(&t, &m));
    assert_int_equal(rota_timeline_next(&t), ROTA_NEVER);
    rota_timeline_close(&t);
}

/* ---- worlds ---- */

static struct rota_work_plan plan(void *context, uint32_t who, const struct rota_action *a)
{
    (void)context;
    (void)who;
    (void)a;
    return (struct rota_work_plan){.duration = 20 * MS};
}

/* A small cluster with a crash in it; the hash of everything that happened. */
static uint64_t live(uint64_t seed, uint64_t *events)
{
    static const char *const paths[] = {"/epoch", "/workers", "/assign", "/tasks", "/retry"};
    static const struct rota_world_hooks world_hooks = {.plan = plan};
    struct rota_world_config config = {.seed = seed, .latency = MS, .session_ms = 4000};
    static const struct rota_master_config m1 = {.id = "m1"};
    static const struct rota_worker_config w1 = {.name = "w1", .slots = 2};
    static const struct rota_client_config c1 = {.wait = true, .collect = true};
    struct rota_driver_config master = {.role = &rota_master_role, .config = &m1};
    struct rota_driver_config worker = {
        .role = &rota_worker_role, .config = &w1, .session = {.lease = true}};
    struct rota_driver_config client = {.role = &rota_client_role, .config = &c1};
    struct rota_world *w = rota_world_open(&config, &world_hooks, NULL);
    struct rota_bytes payload = {"x", 1};
    uint64_t hash;
    char name[16];

    rota_world_create_znodes(w, paths, 5);
    rota_world_start(w, rota_world_add(w, "m1", ROTA_PART_MASTER, &master));
    rota_world_start(w, rota_world_add(w, "w1", ROTA_PART_WORKER, &worker));
    rota_world_start(w, rota_world_add(w, "c1", ROTA_PART_CLIENT, &client));
    for (uint64_t i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "t%d", (int)i);
        rota_world_submit(w, 2, i, i % 3 == 0 ? NULL : name, &payload);
    }
    rota_world_run(w, 100 * MS);
    rota_world_crash(w, 0, true);
    rota_world_run(w, 60 * SECOND);
    assert_int_equal(rota_world_now(w), 60 * SECOND);
    /* 4 of the server itself, 5 founded and 5 that the master found missing, the lock, and what
     * belongs to the worker. */
    assert_int_equal(rota_server_tree(rota_world_server(w))->count, 4 + 5 + 5 + 3);
    hash = rota_world_hash(w);
    *events = rota_world_events(w);
    rota_world_close(w);
    return hash;
}

static void the_same_seed_the_same_world(void **state)
{
    uint64_t events, again;
    uint64_t hash = live(1, &events);

    (void)state;
    assert_int_equal(live(1, &again), hash);
    assert_int_equal(again, events);
    assert_int_not_equal(live(2, &again), hash);
    assert_int_not_equal(live(3, &again), hash);
}

/* The results of an operator's jobs: the first letter of each state. */
static void on_acted(void *context, uint32_t who, const struct rota_action *a)
{
    char *results = context;

    (void)who;
    if (a->kind == ROTA_ACTION_RESULT)
        results[strlen(results)] = a->job.state[0];
}

static void operator_drains_a_worker(void **state)
{
    static const char *const paths[] = {"/epoch", "/workers", "/assign", "/tasks", "/drain"};
    static const struct rota_world_hooks world_hooks = {.acted = on_acted};
    struct rota_world_config config = {.seed = 1, .latency = MS, .session_ms = 4000};
    static const struct rota_worker_config w1 = {.name = "w1", .slots = 2};
    static const struct rota_operator_config drain = {
        .command = ROTA_OPERATOR_DRAIN, .wait = true, .timeout_ms = -1};
    struct rota_driver_config worker = {
        .role = &rota_worker_role, .config = &w1, .session = {.lease = true}};
    struct rota_driver_config person = {.role = &rota_operator_role, .config = &drain};
    char results[8] = "";
    struct rota_world *w = rota_world_open(&config, &world_hooks, results);

    (void)state;
    rota_world_create_znodes(w, paths, 5);
    rota_world_start(w, rota_world_add(w, "w1", ROTA_PART_WORKER, &worker));
    rota_world_start(w, rota_world_add(w, "o1", ROTA_PART_OPERATOR, &person));
    rota_world_run(w, SECOND);
    rota_world_submit(w, 1, 0, "w1", NULL);
    rota_world_submit(w, 1, 1, "w2", NULL);
    rota_world_close_input(w, 1);
    rota_world_run(w, 2 * SECOND);
    assert_string_equal(results, "md"); /* missing, drained: that one takes one question more */
    assert_int_equal(rota_world_process(w, 1)->state, ROTA_PROCESS_LEFT);
    rota_world_close(w);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(replies_come_in_the_order_of_the_requests),
        CASE(pings_keep_a_session_alive),
        CASE(silent_server_is_given_up),
        CASE(cut_connection),
        CASE(credentials_outlive_a_connection),
        CASE(refused_credentials_end_the_handle),
        CASE(refused_by_the_library),
        CASE(sync_sets_no_watch),
        CASE(request_while_disconnected),
        CASE(only_a_server_reports_the_end_of_a_session),
        CASE(expiry_in_time),
        CASE(watches_set_again),
        CASE(lost),
        CASE(applied),
        CASE(late_write_comes_before_the_next_sync),
        CASE(late_write_comes_within_its_time),
        CASE(late_write_is_dropped),
        CASE(close_ends_the_session),
        CASE(closing_without_an_answer),
        CASE(take_over_cuts_the_former_connection),
        CASE(request_too_large_loses_the_connection),
        CASE(paused_process),
        CASE(lost_multi_has_a_code_for_each_operation),
        cmocka_unit_test(choices_repeat),
        cmocka_unit_test(moments_in_order),
        cmocka_unit_test(the_same_seed_the_same_world),
        cmocka_unit_test(operator_drains_a_worker),
    };

    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
