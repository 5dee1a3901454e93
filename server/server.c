#include "server/server.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "server/effects.h"
#include "server/reads.h"
#include "server/session_table.h"
#include "server/transaction.h"
#include "system/memory.h"

enum {
    DEFAULT_TICK_MS = 2000,
    DEFAULT_REAP_MS = 60000,
    SERVER_ID_SHIFT = 56,
    SET_WATCHES_HEADER = 8 + 8 + 3 * 4
};

static rota_ref session_find(const struct rota_server *s, int64_t id)
{
    return rota_server_session_find(s, id);
}

static struct rota_server_session *session_at(const struct rota_server *s, rota_ref session)
{
    return rota_server_session_at(s, session);
}

static rota_ref connection_find(const struct rota_server *s, uint64_t number)
{
    return rota_server_connection_find(s, number);
}

static struct rota_server_connection *connection_at(const struct rota_server *s,
                                                    rota_ref connection)
{
    return rota_server_connection_at(s, connection);
}

/* ---- opening and closing ---- */

static struct rota_server_config with_defaults(const struct rota_server_config *config)
{
    struct rota_server_config c = *config;

    if (c.tick_ms == 0)
        c.tick_ms = DEFAULT_TICK_MS;
    if (c.timeout_least_ms == 0)
        c.timeout_least_ms = 2 * c.tick_ms;
    if (c.timeout_most_ms == 0)
        c.timeout_most_ms = 20 * c.tick_ms;
    if (c.reap_ms == 0)
        c.reap_ms = DEFAULT_REAP_MS;
    return c;
}

/* A session id with this server's id as its first byte. */
static int64_t with_server_id(int64_t session, uint8_t server_id)
{
    uint64_t counted = (uint64_t)session & ((UINT64_C(1) << SERVER_ID_SHIFT) - 1);

    return (int64_t)((uint64_t)server_id << SERVER_ID_SHIFT | counted);
}

struct rota_server *rota_server_open(const struct rota_server_config *config,
                                     const struct rota_server_sink *sink, void *context)
{
    struct rota_server *s = rota_memory_zeroed(1, sizeof *s);

    rota_assert(sink->reply != NULL);
    s->config = with_defaults(config);
    s->sink = sink;
    s->context = context;
    s->due_ms = INT64_MAX;
    s->last_session =
        with_server_id((int64_t)((uint64_t)s->config.wall_ms << 16), config->server_id);
    rota_tree_init(&s->tree, config->seed);
    return s;
}

void rota_server_close(struct rota_server *s)
{
    struct rota_buffer *buffers[] = {&s->txn.steps,   &s->txn.changes, &s->txn.entries,
                                     &s->txn.results, &s->txn.path,    &s->list};

    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        free(buffers[i]->at);
    rota_tree_close(&s->tree);
    free(s);
}

/* Removes a connection; the sink is not called. */
static void forget_connection(struct rota_server *s, rota_ref ref)
{
    struct rota_server_connection *c = connection_at(s, ref);
    rota_ref session = session_find(s, c->session);

    if (session != 0 && session_at(s, session)->connection == c->number)
        session_at(s, session)->connection = 0;
    rota_watches_forget(&s->tree.pool, &s->watches, ref);
    rota_auth_clear(&s->tree, &c->identities);
    rota_index_remove(&s->tree.pool, &s->connections, c->number);
    rota_pool_give(&s->tree.pool, ref, sizeof *c);
}

static void forget_all_connections(struct rota_server *s)
{
    uint32_t i = 0;

    while (s->connections.length > 0) { /* a removal may move another one into this cell */
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->connections, i);

        if (ref != 0)
            forget_connection(s, ref);
        else
            i = (i + 1) % s->connections.capacity;
    }
}

struct rota_server *rota_server_copy(const struct rota_server *from, uint8_t server_id,
                                     const struct rota_server_sink *sink, void *context)
{
    struct rota_server *s = rota_memory_zeroed(1, sizeof *s);
    struct rota_tree tree = {0};

    rota_tree_copy(&tree, &from->tree);
    *s = *from;
    s->tree = tree;
    s->txn = (struct rota_transaction){0};
    s->list = (struct rota_buffer){0};
    s->sink = sink;
    s->context = context;
    s->config.server_id = server_id;
    s->last_session = with_server_id(s->last_session, server_id);
    forget_all_connections(s);
    return s;
}

/* ---- sessions ---- */

struct rota_session_grant rota_server_open_session(struct rota_server *s, uint32_t timeout_ms,
                                                   int64_t now_ms)
{
    struct rota_session_grant grant = {rota_session_table_new_id(s),
                                       rota_session_table_negotiate(s, timeout_ms)};

    rota_transaction_begin(s, now_ms);
    rota_session_table_add(s, &grant.client_id, grant.timeout_ms, now_ms);
    rota_transaction_commit(s, &(struct rota_commit){.kind = ROTA_COMMIT_SESSION_OPENED,
                                                     .session = grant.client_id.id,
                                                     .client_id = grant.client_id,
                                                     .timeout_ms = grant.timeout_ms});
    rota_transaction_end(s);
    return grant;
}

static void shuffle(struct rota_server *s, rota_ref *refs, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = rota_tree_random(&s->tree, i);
        rota_ref ref = refs[i - 1];

        refs[i - 1] = refs[other];
        refs[other] = ref;
    }
}

/* Ends a session: all its ephemerals are deleted under one zxid, in no order (S62). The caller ends
 * its connection. */
static void session_close(struct rota_server *s, rota_ref ref, bool expired, int64_t now_ms)
{
    const struct rota_server_session *session = session_at(s, ref);
    struct rota_commit commit = {
        .kind = ROTA_COMMIT_SESSION_CLOSED, .session = session->client_id.id, .expired = expired};
    uint32_t count = session->ephemeral_count;
    rota_ref *nodes = rota_buffer_need(&s->list, count * sizeof *nodes);
    rota_ref node = session->ephemerals;

    for (uint32_t i = 0; i < count; i++, node = rota_tree_node(&s->tree, node)->next)
        nodes[i] = node;
    shuffle(s, nodes, count);
    rota_transaction_begin(s, now_ms);
    for (uint32_t i = 0; i < count; i++)
        rota_effects_delete(s, nodes[i]);
    rota_session_table_remove(s, ref);
    rota_transaction_commit(s, &commit);
    rota_transaction_fire(s);
    rota_transaction_end(s);
}

static void cut(struct rota_server *s, uint64_t connection)
{
    rota_ref ref = connection_find(s, connection);

    if (ref == 0)
        return;
    forget_connection(s, ref);
    s->sink->cut(s->context, connection);
}

bool rota_server_touch(struct rota_server *s, int64_t session, int64_t now_ms)
{
    rota_ref ref = session_find(s, session);

    if (ref == 0)
        return false;
    rota_session_table_renew(s, session_at(s, ref), now_ms);
    return true;
}

bool rota_server_expire(struct rota_server *s, int64_t session, int64_t now_ms)
{
    rota_ref ref = session_find(s, session);
    uint64_t connection;

    if (ref == 0)
        return false;
    connection = session_at(s, ref)->connection;
    session_close(s, ref, true, now_ms);
    cut(s, connection);
    return true;
}

uint32_t rota_server_expire_due(struct rota_server *s, int64_t now_ms)
{
    struct rota_array due;
    uint32_t count;

    if (now_ms < s->due_ms)
        return 0;
    due = rota_session_table_due(s, now_ms);
    count = due.length;
    if (count > 0)
        shuffle(s, rota_pool_at(&s->tree.pool, due.at), count);
    for (uint32_t i = 0; i < count; i++) {
        const rota_ref *ref = rota_array_at(&s->tree.pool, &due, i, sizeof *ref);

        rota_server_expire(s, session_at(s, *ref)->client_id.id, now_ms);
    }
    rota_array_clear(&s->tree.pool, &due, sizeof(rota_ref));
    return count;
}

int64_t rota_server_next_expiry(const struct rota_server *s)
{
    return s->due_ms;
}

bool rota_server_session(const struct rota_server *s, int64_t id, struct rota_session_view *view)
{
    rota_ref ref = session_find(s, id);
    const struct rota_server_session *session;

    if (ref == 0)
        return false;
    session = session_at(s, ref);
    *view = (struct rota_session_view){
        .id = id,
        .timeout_ms = session->timeout_ms,
        .due_ms = session->due_ms,
        .connection = session->connection,
        .ephemerals = session->ephemeral_count,
    };
    return true;
}

uint32_t rota_server_session_count(const struct rota_server *s)
{
    return s->sessions.length;
}

uint32_t rota_server_watch_count(const struct rota_server *s)
{
    return s->watches.count;
}

/* ---- connections ---- */

static void attach(struct rota_server *s, uint64_t connection, rota_ref session)
{
    rota_ref ref = rota_pool_take(&s->tree.pool, sizeof(struct rota_server_connection));

    connection_at(s, ref)->number = connection;
    connection_at(s, ref)->session = session_at(s, session)->client_id.id;
    session_at(s, session)->connection = connection;
    rota_index_put(&s->tree.pool, &s->connections, connection, ref);
}

/* Takes up a session that exists. Its former connection on this server is cut before the password
 * is checked, as the real server does (S70). */
static enum rota_connect_result resume(struct rota_server *s, uint64_t connection,
                                       const struct rota_connect *connect, int64_t now_ms,
                                       struct rota_session_grant *grant)
{
    rota_ref ref = session_find(s, connect->client_id.id);
    struct rota_server_session *session;

    if (ref == 0)
        return ROTA_CONNECT_EXPIRED;
    session = session_at(s, ref);
    cut(s, session->connection);
    if (memcmp(session->client_id.password, connect->client_id.password,
               sizeof connect->client_id.password) != 0)
        return ROTA_CONNECT_EXPIRED;
    session->timeout_ms = rota_session_table_negotiate(s, connect->timeout_ms);
    rota_session_table_renew(s, session, now_ms);
    *grant = (struct rota_session_grant){session->client_id, session->timeout_ms};
    attach(s, connection, ref);
    return ROTA_CONNECT_ACCEPTED;
}

enum rota_connect_result rota_server_connect(struct rota_server *s, uint64_t connection,
                                             const struct rota_connect *connect, int64_t now_ms,
                                             struct rota_session_grant *grant)
{
    rota_assert(connection != 0 && connection_find(s, connection) == 0);
    if (connect->last_zxid > s->zxid)
        return ROTA_CONNECT_CLOSED;
    if (connect->client_id.id != 0)
        return resume(s, connection, connect, now_ms, grant);
    *grant = rota_server_open_session(s, connect->timeout_ms, now_ms);
    attach(s, connection, session_find(s, grant->client_id.id));
    return ROTA_CONNECT_ACCEPTED;
}

void rota_server_disconnect(struct rota_server *s, uint64_t connection)
{
    rota_ref ref = connection_find(s, connection);

    if (ref != 0)
        forget_connection(s, ref);
}

int64_t rota_server_session_of(const struct rota_server *s, uint64_t connection)
{
    rota_ref ref = connection_find(s, connection);

    return ref == 0 ? 0 : connection_at(s, ref)->session;
}

/* The event that a watch of this list has missed since `zxid`, 0 if none (S58). */
static int missed_event(const struct rota_server *s, enum rota_watch_list list, const char *path,
                        int64_t zxid)
{
    rota_ref node = rota_tree_find(&s->tree, path);

    if (list == ROTA_WATCH_LIST_EXISTS)
        return node == 0 ? 0 : ROTA_WATCH_CREATED;
    if (node == 0)
        return ROTA_WATCH_DELETED;
    if (list == ROTA_WATCH_LIST_DATA)
        return rota_tree_node(&s->tree, node)->mzxid > zxid ? ROTA_WATCH_CHANGED : 0;
    return rota_tree_node(&s->tree, node)->pzxid > zxid ? ROTA_WATCH_CHILD : 0;
}

/* Sets a watch again, or fires it. */
static void set_again(struct rota_server *s, rota_ref connection, enum rota_watch_list list,
                      const char *path, int64_t zxid)
{
    int kind = missed_event(s, list, path, zxid);

    if (kind == 0)
        rota_watches_add(&s->tree.pool, &s->watches,
                         list == ROTA_WATCH_LIST_CHILD ? ROTA_WATCH_TABLE_CHILD
                                                       : ROTA_WATCH_TABLE_DATA,
                         path, connection);
    else
        s->sink->watch(s->context, connection_at(s, connection)->number, (enum rota_watch_kind)kind,
                       path);
}

void rota_server_set_watches(struct rota_server *s, uint64_t connection, int64_t relative_zxid,
                             const struct rota_watch_paths lists[ROTA_WATCH_LISTS], int64_t now_ms)
{
    rota_ref ref = connection_find(s, connection);
    size_t bytes = SET_WATCHES_HEADER;

    if (ref == 0)
        return;
    for (int list = 0; list < ROTA_WATCH_LISTS; list++)
        for (uint32_t i = 0; i < lists[list].count; i++)
            bytes += 4 + strlen(lists[list].paths[i]);
    if (bytes > ROTA_REQUEST_LIMIT) {
        cut(s, connection);
        return;
    }
    rota_server_touch(s, connection_at(s, ref)->session, now_ms);
    for (int list = 0; list < ROTA_WATCH_LISTS; list++)
        for (uint32_t i = 0; i < lists[list].count; i++)
            set_again(s, ref, (enum rota_watch_list)list, lists[list].paths[i], relative_zxid);
}

/* ---- requests ---- */

/* The reply may point into the pool, so no memory is taken from the pool until the sink has it. */
static void answer(struct rota_server *s, uint64_t connection, const struct rota_reply *reply)
{
    s->sink->reply(s->context, connection, reply);
}

/* Executes a write or a sync and answers it. */
static void write_and_answer(struct rota_server *s, uint64_t connection, struct rota_writer writer,
                             const struct rota_request *request, int64_t now_ms)
{
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};

    rota_transaction_begin(s, now_ms);
    rota_transaction_write(s, writer, request, &reply);
    answer(s, connection, &reply);
    rota_transaction_end(s);
}

static void close_and_answer(struct rota_server *s, uint64_t connection, rota_ref session,
                             uint64_t tag, int64_t now_ms)
{
    struct rota_reply reply = {.tag = tag, .data = ROTA_NULL_BYTES};

    session_close(s, session, false, now_ms);
    answer(s, connection, &reply);
}

/* Refused credentials end the connection (S88). */
static void authenticate(struct rota_server *s, rota_ref ref, const struct rota_request *request)
{
    struct rota_server_connection *c = connection_at(s, ref);
    struct rota_identities identities = c->identities; /* adding may move the pool */
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};
    uint64_t number = c->number;

    reply.rc =
        rota_auth_add(&s->tree, &identities, request->operation.scheme, request->operation.data);
    connection_at(s, ref)->identities = identities;
    answer(s, number, &reply);
    if (reply.rc != ROTA_ERR_OK)
        cut(s, number);
}

bool rota_server_request(struct rota_server *s, uint64_t connection,
                         const struct rota_request *request, int64_t now_ms)
{
    rota_ref ref = connection_find(s, connection);
    const struct rota_operation *o = &request->operation;
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};
    int64_t session;

    if (ref == 0)
        return false;
    if (rota_request_bytes(request, 0) > ROTA_REQUEST_LIMIT) {
        cut(s, connection);
        return true;
    }
    session = connection_at(s, ref)->session;
    rota_server_touch(s, session, now_ms);
    switch (o->op) {
    case ROTA_OP_GET:
    case ROTA_OP_EXISTS:
    case ROTA_OP_CHILDREN:
    case ROTA_OP_GET_ACL:
        rota_reads_execute(s, ref, o, &reply);
        break;
    case ROTA_OP_SYNC:
        reply.path = rota_reads_sync_path(s, o->path);
        break;
    case ROTA_OP_ADD_AUTH:
        authenticate(s, ref, request);
        return true;
    case ROTA_OP_CLOSE:
        close_and_answer(s, connection, session_find(s, session), request->tag, now_ms);
        rota_server_disconnect(s, connection);
        return true;
    default:
        write_and_answer(s, connection,
                         (struct rota_writer){session, session_find(s, session), ref}, request,
                         now_ms);
        return true;
    }
    answer(s, connection, &reply);
    return true;
}

struct rota_identity_list *rota_server_identities(const struct rota_server *s, uint64_t connection)
{
    rota_ref ref = connection_find(s, connection);

    return ref == 0 ? NULL : rota_auth_export(&s->tree, &connection_at(s, ref)->identities);
}

/* Executes a write whose connection is elsewhere: until it is answered, a connection without a
 * number has the same identities here. */
static void write_for(struct rota_server *s, uint64_t connection, struct rota_writer writer,
                      const struct rota_identity_list *list, const struct rota_request *request,
                      int64_t now_ms)
{
    struct rota_identities identities = {0};

    rota_auth_import(&s->tree, &identities, list);
    writer.connection = rota_pool_take(&s->tree.pool, sizeof(struct rota_server_connection));
    connection_at(s, writer.connection)->identities = identities;
    write_and_answer(s, connection, writer, request, now_ms);
    rota_pool_give(&s->tree.pool, writer.connection, sizeof(struct rota_server_connection));
    rota_auth_clear(&s->tree, &identities);
}

void rota_server_write(struct rota_server *s, uint64_t connection, int64_t session,
                       const struct rota_identity_list *identities,
                       const struct rota_request *request, int64_t now_ms)
{
    rota_ref known = session_find(s, session);
    enum rota_op op = request->operation.op;
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};

    rota_assert(connection == 0 || connection_find(s, connection) == 0);
    rota_server_touch(s, session, now_ms);
    if (op == ROTA_OP_CLOSE && known != 0) {
        close_and_answer(s, connection, known, request->tag, now_ms);
    } else if (op == ROTA_OP_CLOSE || op == ROTA_OP_SYNC) {
        reply.rc = known == 0 ? ROTA_ERR_SESSION_EXPIRED : ROTA_ERR_OK;
        reply.path = op == ROTA_OP_SYNC ? rota_reads_sync_path(s, request->operation.path) : NULL;
        answer(s, connection, &reply);
    } else {
        write_for(s, connection, (struct rota_writer){.session = session, .known = known},
                  identities, request, now_ms);
    }
}

/* ---- the ensemble ---- */

void rota_server_apply(struct rota_server *s, const struct rota_commit *commit, int64_t now_ms)
{
    rota_ref session = session_find(s, commit->session);
    uint64_t connection = session == 0 ? 0 : session_at(s, session)->connection;

    rota_assert(commit->zxid > s->zxid);
    rota_transaction_begin(s, now_ms);
    s->zxid = s->txn.zxid = commit->zxid;
    s->txn.time_ms = commit->time_ms;
    if (commit->kind == ROTA_COMMIT_SESSION_OPENED)
        rota_session_table_add(s, &commit->client_id, commit->timeout_ms, now_ms);
    for (uint32_t i = 0; i < commit->change_count; i++)
        rota_transaction_change(s, &commit->changes[i]);
    if (commit->kind == ROTA_COMMIT_SESSION_CLOSED && session != 0)
        rota_session_table_remove(s, session);
    rota_transaction_fire(s);
    rota_transaction_end(s);
    if (commit->kind == ROTA_COMMIT_SESSION_CLOSED)
        cut(s, connection);
}

void rota_server_begin_term(struct rota_server *s, int64_t now_ms)
{
    s->since_ms = now_ms;
    rota_session_table_renew_all(s, now_ms);
}

void rota_server_reload(struct rota_server *s)
{
    rota_tree_acl_reload(&s->tree);
}

void rota_server_lead(struct rota_server *s, uint32_t epoch, int64_t now_ms)
{
    rota_assert((int64_t)epoch > s->zxid >> 32);
    s->zxid = (int64_t)epoch << 32;
    rota_server_begin_term(s, now_ms);
}

void rota_server_set_wall(struct rota_server *s, int64_t wall_ms)
{
    s->config.wall_ms = wall_ms;
}

static bool is_reapable(const struct rota_node *n, int64_t wall_ms)
{
    if (n->children.length > 0)
        return false;
    return n->kind == ROTA_NODE_CONTAINER ? n->cversion > 0 : wall_ms - n->mtime_ms > n->owner;
}

/* Puts the znodes to be removed into s->list. Returns how many. */
static uint32_t reapable_nodes(struct rota_server *s, int64_t wall_ms)
{
    uint32_t count = 0;

    for (rota_ref node = s->reapable; node != 0; node = rota_tree_node(&s->tree, node)->next) {
        if (!is_reapable(rota_tree_node(&s->tree, node), wall_ms))
            continue;
        rota_ref *nodes = rota_buffer_need(&s->list, (count + 1) * sizeof *nodes);

        nodes[count++] = node;
    }
    return count;
}

uint32_t rota_server_reap(struct rota_server *s, int64_t now_ms)
{
    uint32_t count = reapable_nodes(s, now_ms + s->config.wall_ms);

    for (uint32_t i = 0; i < count; i++) {
        rota_transaction_begin(s, now_ms);
        rota_effects_delete(s, ((const rota_ref *)s->list.at)[i]);
        rota_transaction_commit(s, &(struct rota_commit){.kind = ROTA_COMMIT_REAPED});
        rota_transaction_fire(s);
        rota_transaction_end(s);
    }
    return count;
}

int64_t rota_server_next_reap(const struct rota_server *s, int64_t now_ms)
{
    int64_t every = s->config.reap_ms;

    if (s->reapable == 0)
        return INT64_MAX;
    return s->since_ms + ((now_ms - s->since_ms) / every + 1) * every;
}

/* ---- queries ---- */

void rota_server_check(const struct rota_server *s)
{
    rota_assert(s->txn.length == 0);
    rota_effects_check(s);
    for (uint32_t i = 0; i < s->connections.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->connections, i);

        if (ref != 0)
            rota_watches_check(&s->tree.pool, &s->watches, ref);
    }
}

int64_t rota_server_last_zxid(const struct rota_server *s)
{
    return s->zxid;
}

void rota_server_set_creates(struct rota_server *s, const char *path, int32_t creates)
{
    rota_ref node = rota_tree_find(&s->tree, path);

    rota_assert(node != 0);
    rota_tree_node(&s->tree, node)->cversion = creates;
}

const struct rota_tree *rota_server_tree(const struct rota_server *s)
{
    return &s->tree;
}
