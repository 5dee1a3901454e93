#include "backend_sim/net/ensemble.h"

#include <stdlib.h>

#include "backend_sim/net/election.h"
#include "backend_sim/net/forwards.h"
#include "backend_sim/net/late_writes.h"
#include "backend_sim/net/leader_clock.h"
#include "backend_sim/net/replica.h"
#include "backend_sim/net/replication.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

enum { DEFAULT_TICK_MS = 2000 };

static struct rota_replica *replica_at(struct rota_ensemble *e, uint32_t server)
{
    rota_assert(server < e->count);
    return &e->replicas[server];
}

/* ---- the leader's state machine ---- */

/* A reply to a forwarded request goes back to the server that has forwarded it. Otherwise a server
 * alone has answered one of its own connections. */
static void on_leader_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    struct rota_ensemble *e = context;

    if (e->executing == NULL) {
        rota_replica_reply(&e->replicas[0], connection, reply);
        return;
    }
    e->rc = reply->rc;
    if (e->executing->reply == NULL)
        e->executing->reply = rota_reply_copy(reply);
}

/* Only a server alone has connections and watches in the leader's state machine. */
static void on_leader_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                            const char *path)
{
    struct rota_ensemble *e = context;

    rota_assert(rota_ensemble_is_single(e));
    rota_replica_watch(&e->replicas[0], connection, kind, path);
}

static void on_leader_cut(void *context, uint64_t connection)
{
    struct rota_ensemble *e = context;

    rota_assert(rota_ensemble_is_single(e));
    rota_replica_cut(&e->replicas[0], connection);
}

static void on_leader_commit(void *context, const struct rota_commit *commit)
{
    struct rota_ensemble *e = context;

    rota_leader_clock_arm_reap(e);
    rota_replication_append(e, commit);
    e->sink->commit(e->context, e->acting, commit);
}

static const struct rota_server_sink leader_sink = {on_leader_reply, on_leader_watch, on_leader_cut,
                                                    on_leader_commit};

/* ---- requests that the leader executes ---- */

/* Finds the session of a first packet, or makes it. */
static void execute_connect(struct rota_ensemble *e, struct rota_forward *f)
{
    int64_t now_ms = rota_ensemble_now_ms(e);

    e->acting = f->connection.who;
    if (f->session == 0) {
        struct rota_session_grant grant =
            rota_server_open_session(e->server, f->connect.timeout_ms, now_ms);

        f->connect.client_id = grant.client_id;
        f->session = grant.client_id.id;
    } else {
        f->session_ended = !rota_server_touch(e->server, f->session, now_ms);
    }
    e->acting = ROTA_NOBODY;
    f->done = true;
    if (!f->session_ended)
        f->position = rota_session_route_set(e, f->session, f->connection.number)->position;
    rota_leader_clock_arm_expiry(e);
    if (rota_forwards_is_deliverable(e, f))
        rota_forwards_deliver(e, f->connection.server);
}

/* `applied` may act on the world, so it comes last. */
static void execute_request(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_request_copy *request = rota_request_copy_hold(f->request);
    struct rota_connection c = f->connection;
    int32_t rc;

    e->rc = ROTA_ERR_CONNECTION_LOSS;
    e->acting = c.who;
    e->executing = f;
    rota_server_write(e->server, c.number, f->session, f->identities, request->request,
                      rota_ensemble_now_ms(e));
    e->executing = NULL;
    e->acting = ROTA_NOBODY;
    rc = e->rc;
    f->done = true;
    f->position = e->appended;
    if (f->lose && !f->disconnected)
        rota_replica_close(replica_at(e, c.server), c.number);
    rota_leader_clock_arm_expiry(e);
    if (rota_forwards_is_deliverable(e, f))
        rota_forwards_deliver(e, c.server);
    e->sink->applied(e->context, c.who, request->request, rc);
    rota_request_copy_drop(request);
}

/* A leader that has lost its quorum, or that was deposed and does not know it, still answers a sync
 * of its own connections (S96). */
static bool answers_sync(const struct rota_ensemble *e, const struct rota_forward *f)
{
    const struct rota_replica *r = &e->replicas[f->connection.server];

    return !e->sync_by_quorum && f->request != NULL &&
           f->request->request->operation.op == ROTA_OP_SYNC && r->mode == ROTA_REPLICA_LEADING &&
           rota_replica_is_awake(r);
}

static void answer_sync(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_request_copy *request = rota_request_copy_hold(f->request);
    struct rota_reply reply = {.tag = request->request->tag,
                               .data = ROTA_NULL_BYTES,
                               .path = request->request->operation.path};
    uint32_t who = f->connection.who;

    f->reply = rota_reply_copy(&reply);
    f->done = true;
    rota_forwards_deliver(e, f->connection.server);
    e->sink->applied(e->context, who, request->request, ROTA_ERR_OK);
    rota_request_copy_drop(request);
}

/* The session has moved to another connection: this one ends (S71). */
static void refuse_moved(struct rota_ensemble *e, struct rota_forward *f)
{
    struct rota_connection c = f->connection;
    bool disconnected = f->disconnected;

    rota_forwards_drop(e, f);
    if (!disconnected)
        rota_replica_close(replica_at(e, c.server), c.number);
}

static void forward_moment(struct rota_ensemble *e, uint64_t serial)
{
    struct rota_forward *f = rota_forwards_find(e, serial);
    const struct rota_session_route *route;

    if (f == NULL || f->done)
        return;
    if (!rota_ensemble_has_leader(e) || !rota_ensemble_is_current(e, f->connection.server)) {
        f->waits = true;
        if (answers_sync(e, f))
            answer_sync(e, f);
        return;
    }
    if (f->request == NULL) {
        execute_connect(e, f);
        return;
    }
    route = rota_session_route_find(e, f->session);
    if (route != NULL && route->connection != f->connection.number)
        refuse_moved(e, f);
    else
        execute_request(e, f);
}

/* ---- messages of clients ---- */

/* Forwards a first packet, unless the server serves no client or has seen less than the client. */
static void forward_connect(struct rota_ensemble *e, const struct rota_connection *c,
                            const struct rota_connect *connect)
{
    struct rota_replica *r = replica_at(e, c->server);
    struct rota_forward *f;

    if (r->down || r->mode == ROTA_REPLICA_LOOKING ||
        connect->last_zxid > rota_server_last_zxid(r->server)) {
        rota_replica_close(r, c->number);
        return;
    }
    f = rota_forwards_add(e, c);
    f->connect = *connect;
    f->session = connect->client_id.id;
    rota_forwards_send(e, f);
}

void rota_ensemble_connect(struct rota_ensemble *e, const struct rota_connection *c,
                           const struct rota_connect *connect)
{
    rota_assert(c->number != 0);
    rota_late_writes_drop_moved(e, connect->client_id.id, c->handle);
    if (rota_ensemble_is_single(e))
        rota_replica_connect(replica_at(e, c->server), c->number, c->who, connect);
    else
        forward_connect(e, c, connect);
    rota_leader_clock_arm_expiry(e);
}

static bool is_leaders(const struct rota_request *request)
{
    enum rota_op op = request->operation.op;

    return rota_request_writes(request) || op == ROTA_OP_SYNC || op == ROTA_OP_CLOSE;
}

/* Forwards a request to the leader. False if it is too large: the connection is cut (S35). */
static bool forward_request(struct rota_ensemble *e, const struct rota_connection *c,
                            struct rota_request_copy *request, bool lose)
{
    struct rota_replica *r = replica_at(e, c->server);
    struct rota_forward *f;

    if (rota_request_bytes(request->request, 0) > ROTA_REQUEST_LIMIT) {
        e->sink->dropped(e->context, c->who, request->request);
        rota_replica_close(r, c->number);
        return false;
    }
    f = rota_forwards_add(e, c);
    f->session = rota_server_session_of(r->server, c->number);
    f->identities = rota_server_identities(r->server, c->number);
    f->request = rota_request_copy_hold(request);
    f->lose = lose;
    rota_forwards_send(e, f);
    return true;
}

/* The server executes the request itself. `applied` may act on the world, so it comes last. */
static void execute_here(struct rota_ensemble *e, const struct rota_connection *c,
                         const struct rota_request *request, bool lose)
{
    struct rota_replica *r = replica_at(e, c->server);

    e->muted = lose ? c->number : 0;
    e->rc =
        ROTA_ERR_CONNECTION_LOSS; /* in case the server cuts the connection and sends no reply */
    e->acting = c->who;
    rota_server_request(r->server, c->number, request, rota_ensemble_now_ms(e));
    e->acting = ROTA_NOBODY;
    e->muted = 0;
    rota_ensemble_ping(e, c);
    if (lose)
        rota_replica_close(r, c->number);
    e->sink->applied(e->context, c->who, request, e->rc);
}

bool rota_ensemble_request(struct rota_ensemble *e, const struct rota_connection *c,
                           struct rota_request_copy *request, bool lose)
{
    const struct rota_server *server = replica_at(e, c->server)->server;
    bool leaders = is_leaders(request->request);

    rota_assert(c->number != 0);
    if (leaders && e->late_count > 0)
        rota_late_writes_execute(e, rota_server_session_of(server, c->number));
    if (leaders && !rota_ensemble_is_single(e))
        return !forward_request(e, c, request, lose);
    execute_here(e, c, request->request, lose);
    return true;
}

void rota_ensemble_write_late(struct rota_ensemble *e, const struct rota_connection *c,
                              struct rota_request_copy *request, rota_time most)
{
    rota_assert(rota_request_writes(request->request));
    rota_late_writes_add(e, c, request, most);
}

void rota_ensemble_set_watches(struct rota_ensemble *e, const struct rota_connection *c,
                               int64_t relative_zxid,
                               const struct rota_watch_paths lists[ROTA_WATCH_LISTS])
{
    rota_server_set_watches(replica_at(e, c->server)->server, c->number, relative_zxid, lists,
                            rota_ensemble_now_ms(e));
}

/* Adds a session to the server's next report to the leader. */
static void report_later(struct rota_ensemble *e, struct rota_replica *r, int64_t session)
{
    if (r->touched_count == 0)
        rota_timeline_put(e->timeline, e->timeline->now + (rota_time)e->tick_ms * 500,
                          ROTA_MOMENT_REPORT, r->index, 0);
    for (uint32_t i = 0; i < r->touched_count; i++)
        if (r->touched[i] == session)
            return;
    r->touched =
        rota_memory_extend(r->touched, r->touched_count, &r->touched_capacity, sizeof *r->touched);
    r->touched[r->touched_count++] = session;
}

void rota_ensemble_ping(struct rota_ensemble *e, const struct rota_connection *c)
{
    struct rota_replica *r = replica_at(e, c->server);
    int64_t session = rota_server_session_of(r->server, c->number);

    if (session == 0)
        return;
    if (rota_ensemble_is_single(e))
        rota_server_touch(r->server, session, rota_ensemble_now_ms(e));
    else
        report_later(e, r, session);
}

/* A server that is out of touch with the leader forgets what it cannot report. */
static void report_moment(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = replica_at(e, server);

    for (uint32_t i = 0; i < r->touched_count && rota_ensemble_is_current(e, server); i++)
        rota_server_touch(e->server, r->touched[i], rota_ensemble_now_ms(e));
    r->touched_count = 0;
}

void rota_ensemble_disconnect(struct rota_ensemble *e, const struct rota_connection *c)
{
    rota_server_disconnect(replica_at(e, c->server)->server, c->number);
    rota_forwards_disconnect(e, c->number);
}

bool rota_ensemble_moment(struct rota_ensemble *e, const struct rota_moment *m)
{
    switch (m->kind) {
    case ROTA_MOMENT_LATE:
        rota_late_writes_moment(e, m->serial);
        return true;
    case ROTA_MOMENT_EXPIRY:
        rota_leader_clock_expire(e);
        return true;
    case ROTA_MOMENT_REAP:
        rota_leader_clock_reap(e);
        return true;
    case ROTA_MOMENT_FORWARD:
        forward_moment(e, m->serial);
        return true;
    case ROTA_MOMENT_APPLY:
        rota_replication_moment(e, m->who, m->serial);
        return true;
    case ROTA_MOMENT_GIVE_UP:
        rota_election_give_up_moment(e, m->who, m->serial);
        return true;
    case ROTA_MOMENT_ELECT:
        rota_election_moment(e, m->serial);
        return true;
    case ROTA_MOMENT_REPORT:
        report_moment(e, m->who);
        return true;
    default:
        return false;
    }
}

/* ---- queries ---- */

uint32_t rota_ensemble_count(const struct rota_ensemble *e)
{
    return e->count;
}

struct rota_server *rota_ensemble_server(const struct rota_ensemble *e)
{
    return e->server;
}

uint32_t rota_ensemble_leader(const struct rota_ensemble *e)
{
    return !rota_ensemble_is_single(e) && rota_ensemble_has_leader(e) ? e->leader : ROTA_NOBODY;
}

bool rota_ensemble_is_healthy(const struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++)
        if (!rota_replica_is_awake(&e->replicas[i]) || e->replicas[i].side != 0)
            return false;
    return true;
}

bool rota_ensemble_is_down(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].down;
}

bool rota_ensemble_is_paused(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].paused;
}

uint32_t rota_ensemble_side(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].side;
}

/* ---- faults ---- */

bool rota_ensemble_elect(struct rota_ensemble *e)
{
    if (rota_ensemble_leader(e) == ROTA_NOBODY)
        return false;
    rota_election_depose(e);
    return true;
}

void rota_ensemble_lag(struct rota_ensemble *e, uint32_t server, rota_time lag)
{
    struct rota_replica *r = replica_at(e, server);

    r->lag = lag;
    r->apply = 0;
    rota_replication_arm(e, server);
}

/* A server alone keeps the lead: when it starts, it decides at once. */
static void crash_single(struct rota_ensemble *e)
{
    e->sink->close_all(e->context, 0);
    rota_late_writes_drop_all(e);
    e->replicas[0].paused = false;
    e->replicas[0].down = true;
}

void rota_ensemble_crash(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = replica_at(e, server);
    bool leads = e->leader == server;

    if (rota_ensemble_is_single(e)) {
        crash_single(e);
        return;
    }
    rota_election_look(e, server);
    r->paused = false;
    r->down = true;
    if (leads)
        rota_election_depose(e);
    rota_election_review(e);
}

static void start_single(struct rota_ensemble *e)
{
    struct rota_server *former = e->server;

    e->server = rota_server_copy(former, 1, &leader_sink, e);
    e->replicas[0].server = e->server;
    rota_server_close(former);
    rota_server_reload(e->server);
    rota_server_begin_term(e->server, rota_ensemble_now_ms(e));
    rota_leader_clock_restart(e);
}

static void start_replica(struct rota_replica *r)
{
    struct rota_server *former = r->server;

    r->server = rota_server_copy(former, (uint8_t)(r->index + 1), &rota_replica_sink, r);
    rota_server_close(former);
}

void rota_ensemble_start(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = replica_at(e, server);

    if (!r->down)
        return;
    r->down = false;
    if (rota_ensemble_is_single(e))
        start_single(e);
    else
        start_replica(r);
    rota_election_review(e);
}

void rota_ensemble_pause(struct rota_ensemble *e, uint32_t server)
{
    struct rota_replica *r = replica_at(e, server);

    r->paused = true;
    r->apply = 0;
    rota_election_review(e);
}

void rota_ensemble_resume(struct rota_ensemble *e, uint32_t server)
{
    replica_at(e, server)->paused = false;
    e->sink->resumed(e->context, server);
    rota_election_review(e);
}

void rota_ensemble_set_side(struct rota_ensemble *e, uint32_t server, uint32_t side)
{
    replica_at(e, server)->side = side;
    if (!rota_ensemble_is_single(e)) /* which reaches no other server in any case */
        rota_election_review(e);
}

/* ---- for tests and for the start of a world ---- */

void rota_ensemble_apply_all(struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++)
        rota_replication_catch_up(e, i);
}

void rota_ensemble_set_creates(struct rota_ensemble *e, const char *path, int32_t creates)
{
    rota_server_set_creates(e->server, path, creates);
    for (uint32_t i = 0; i < e->count; i++)
        if (e->replicas[i].server != e->server)
            rota_server_set_creates(e->replicas[i].server, path, creates);
}

void rota_ensemble_sync_by_quorum(struct rota_ensemble *e, bool by_quorum)
{
    e->sync_by_quorum = by_quorum;
}

void rota_ensemble_check(const struct rota_ensemble *e)
{
    rota_replication_check(e);
    for (const struct rota_forward *f = e->forwards; f != NULL; f = f->next) {
        rota_assert(f->connection.number != 0 && f->connection.server < e->count);
        rota_assert(!f->done || f->position <= e->appended);
    }
    rota_assert(!rota_ensemble_is_single(e) || (e->forwards == NULL && e->leader == 0));
    rota_assert(e->acting == ROTA_NOBODY && e->executing == NULL && e->muted == 0);
}

bool rota_ensemble_take_late(struct rota_ensemble *e, struct rota_late_write *write)
{
    if (e->late_count == 0)
        return false;
    *write = e->late[--e->late_count];
    return true;
}

/* ---- opening and closing ---- */

static void open_replica(struct rota_ensemble *e, uint32_t i,
                         const struct rota_ensemble_config *config)
{
    struct rota_replica *r = &e->replicas[i];
    struct rota_server_config one = *config->server;

    one.seed += i;
    one.server_id = (uint8_t)(i + 1);
    *r = (struct rota_replica){
        .ensemble = e,
        .index = i,
        .mode = i == 0 ? ROTA_REPLICA_LEADING : ROTA_REPLICA_FOLLOWING,
        .lag = config->lag,
    };
    r->server =
        rota_ensemble_is_single(e) ? e->server : rota_server_open(&one, &rota_replica_sink, r);
}

struct rota_ensemble *rota_ensemble_open(const struct rota_ensemble_config *config,
                                         const struct rota_ensemble_sink *sink, void *context,
                                         struct rota_timeline *timeline,
                                         struct rota_choices *choices)
{
    struct rota_ensemble *e = rota_memory_zeroed(1, sizeof *e);
    uint32_t tick_ms = config->server->tick_ms;

    rota_assert(config->servers >= 1 && config->servers <= ROTA_SERVERS_MOST);
    *e = (struct rota_ensemble){
        .sink = sink,
        .context = context,
        .timeline = timeline,
        .choices = choices,
        .latency = config->latency,
        .acting = ROTA_NOBODY,
        .expiry = ROTA_NEVER,
        .reap = ROTA_NEVER,
        .count = config->servers,
        .tick_ms = tick_ms == 0 ? DEFAULT_TICK_MS : tick_ms,
    };
    e->server = rota_server_open(config->server, &leader_sink, e);
    for (uint32_t i = 0; i < e->count; i++)
        open_replica(e, i, config);
    if (!rota_ensemble_is_single(e))
        rota_server_lead(e->server, ++e->epoch, rota_ensemble_now_ms(e));
    return e;
}

void rota_ensemble_close(struct rota_ensemble *e)
{
    rota_late_writes_close(e);
    rota_forwards_close(e);
    rota_replication_close(e);
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->replicas[i].server != e->server)
            rota_server_close(e->replicas[i].server);
        free(e->replicas[i].touched);
    }
    rota_server_close(e->server);
    free(e);
}
