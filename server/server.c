#include "server/server.h"

#include <stdlib.h>
#include <string.h>

#include "server/transaction.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

enum {
    DEFAULT_TICK_MS = 2000,
    DEFAULT_REAP_MS = 60000,
    SERVER_ID_SHIFT = 56,
    SET_WATCHES_HEADER = 8 + 8 + 3 * 4
};

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

static int64_t on_server(int64_t session, uint8_t server_id)
{
    uint64_t counted = (uint64_t)session & ((UINT64_C(1) << SERVER_ID_SHIFT) - 1);

    return (int64_t)((uint64_t)server_id << SERVER_ID_SHIFT | counted);
}

struct rota_server *rota_server_open(const struct rota_server_config *config,
                                     const struct rota_server_sink *sink, void *context)
{
    struct rota_server *s = calloc(1, sizeof *s);

    rota_assert(s != NULL);
    s->config = with_defaults(config);
    s->sink = sink;
    s->context = context;
    s->due_ms = INT64_MAX;
    s->last_session = on_server((int64_t)((uint64_t)s->config.wall_ms << 16), config->server_id);
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

/* Ends a connection here; the sink is not told. */
static void forget_connection(struct rota_server *s, rota_ref ref)
{
    struct rota_server_connection *c = rota_connection_at(s, ref);
    rota_ref session = rota_index_get(&s->tree.pool, &s->sessions, (uint64_t)c->session);

    if (session != 0 && rota_session_at(s, session)->connection == c->number)
        rota_session_at(s, session)->connection = 0;
    rota_watches_forget(&s->tree.pool, &s->watches, ref);
    rota_auth_clear(&s->tree, &c->identities);
    rota_index_remove(&s->tree.pool, &s->connections, c->number);
    rota_pool_give(&s->tree.pool, ref, sizeof *c);
}

static void forget_all_connections(struct rota_server *s)
{
    uint32_t i = 0;

    while (s->connections.length > 0) { /* a removal may move another one into its cell */
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
    struct rota_server *s = calloc(1, sizeof *s);
    struct rota_tree tree = {0};

    rota_assert(s != NULL);
    rota_tree_copy(&tree, &from->tree);
    *s = *from;
    s->tree = tree;
    s->txn = (struct rota_transaction){0};
    s->list = (struct rota_buffer){0};
    s->sink = sink;
    s->context = context;
    s->config.server_id = server_id;
    s->last_session = on_server(s->last_session, server_id);
    forget_all_connections(s);
    return s;
}

/* ---- sessions ---- */

static rota_ref session_find(const struct rota_server *s, int64_t id)
{
    return rota_index_get(&s->tree.pool, &s->sessions, (uint64_t)id);
}

static uint32_t negotiate(const struct rota_server *s, uint32_t timeout_ms)
{
    if (timeout_ms < s->config.timeout_least_ms)
        return s->config.timeout_least_ms;
    return timeout_ms > s->config.timeout_most_ms ? s->config.timeout_most_ms : timeout_ms;
}

/* The session lives a full timeout from now, rounded up to the end of its bucket (S67). */
static void renew(struct rota_server *s, struct rota_server_session *session, int64_t now_ms)
{
    int64_t tick = s->config.tick_ms;

    session->due_ms = ((now_ms + session->timeout_ms) / tick + 1) * tick;
    if (session->due_ms < s->due_ms)
        s->due_ms = session->due_ms;
}

static rota_ref session_add(struct rota_server *s, const struct rota_client_id *client_id,
                            uint32_t timeout_ms, int64_t now_ms)
{
    rota_ref ref = rota_pool_take(&s->tree.pool, sizeof(struct rota_server_session));

    rota_session_at(s, ref)->client_id = *client_id;
    rota_session_at(s, ref)->timeout_ms = timeout_ms;
    renew(s, rota_session_at(s, ref), now_ms);
    rota_index_put(&s->tree.pool, &s->sessions, (uint64_t)client_id->id, ref);
    return ref;
}

/* A password that follows from the seed and the session id, and from nothing a client knows. */
static struct rota_client_id client_id_make(struct rota_server *s)
{
    struct rota_client_id made = {.id = ++s->last_session};
    uint64_t x = s->config.seed ^ (uint64_t)made.id * UINT64_C(0xd6e8feb86659fd93);

    for (size_t i = 0; i < sizeof made.password; i++) {
        x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93) + i;
        made.password[i] = (uint8_t)(x >> 40);
    }
    return made;
}

struct rota_served rota_server_open_session(struct rota_server *s, uint32_t timeout_ms,
                                            int64_t now_ms)
{
    struct rota_served served = {client_id_make(s), negotiate(s, timeout_ms)};

    rota_transaction_begin(s, now_ms);
    session_add(s, &served.client_id, served.timeout_ms, now_ms);
    rota_transaction_commit(s, &(struct rota_commit){.kind = ROTA_COMMIT_SESSION_OPENED,
                                                     .session = served.client_id.id,
                                                     .client_id = served.client_id,
                                                     .timeout_ms = served.timeout_ms});
    rota_transaction_end(s);
    return served;
}

static void shuffle(struct rota_server *s, rota_ref *refs, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = rota_tree_draw(&s->tree, i);
        rota_ref ref = refs[i - 1];

        refs[i - 1] = refs[other];
        refs[other] = ref;
    }
}

static void session_remove(struct rota_server *s, rota_ref ref)
{
    struct rota_server_session *session = rota_session_at(s, ref);

    rota_assert(session->ephemerals == 0 && session->ephemeral_count == 0);
    rota_index_remove(&s->tree.pool, &s->sessions, (uint64_t)session->client_id.id);
    rota_pool_give(&s->tree.pool, ref, sizeof *session);
}

/* Ends a session: all its ephemerals go under one zxid, in no order (S62). Its connection stays for
 * the caller to deal with. */
static void session_close(struct rota_server *s, rota_ref ref, bool expired, int64_t now_ms)
{
    const struct rota_server_session *session = rota_session_at(s, ref);
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
        rota_transaction_delete(s, nodes[i]);
    session_remove(s, ref);
    rota_transaction_commit(s, &commit);
    rota_transaction_fire(s);
    rota_transaction_end(s);
}

static void cut(struct rota_server *s, uint64_t connection)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);

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
    renew(s, rota_session_at(s, ref), now_ms);
    return true;
}

bool rota_server_expire(struct rota_server *s, int64_t session, int64_t now_ms)
{
    rota_ref ref = session_find(s, session);
    uint64_t connection;

    if (ref == 0)
        return false;
    connection = rota_session_at(s, ref)->connection;
    session_close(s, ref, true, now_ms);
    cut(s, connection);
    return true;
}

/* The sessions that are due, in the pool's numbers. */
static struct rota_array due_sessions(struct rota_server *s, int64_t now_ms)
{
    struct rota_array due = {0};

    s->due_ms = INT64_MAX;
    for (uint32_t i = 0; i < s->sessions.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->sessions, i);
        int64_t due_ms = ref == 0 ? INT64_MAX : rota_session_at(s, ref)->due_ms;

        if (due_ms <= now_ms) {
            uint32_t at = rota_array_push(&s->tree.pool, &due, sizeof ref);

            *(rota_ref *)rota_array_at(&s->tree.pool, &due, at, sizeof ref) = ref;
        } else if (due_ms < s->due_ms) {
            s->due_ms = due_ms;
        }
    }
    return due;
}

uint32_t rota_server_expire_due(struct rota_server *s, int64_t now_ms)
{
    struct rota_array due;
    uint32_t count;

    if (now_ms < s->due_ms)
        return 0;
    due = due_sessions(s, now_ms);
    count = due.length;
    if (count > 0)
        shuffle(s, rota_pool_at(&s->tree.pool, due.at), count);
    for (uint32_t i = 0; i < count; i++) {
        const rota_ref *ref = rota_array_at(&s->tree.pool, &due, i, sizeof *ref);

        rota_server_expire(s, rota_session_at(s, *ref)->client_id.id, now_ms);
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
    session = rota_session_at(s, ref);
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

    rota_connection_at(s, ref)->number = connection;
    rota_connection_at(s, ref)->session = rota_session_at(s, session)->client_id.id;
    rota_session_at(s, session)->connection = connection;
    rota_index_put(&s->tree.pool, &s->connections, connection, ref);
}

/* A client asks for a session that exists already. Whoever holds it here is cut before the password
 * is looked at, as the real server does. */
static enum rota_welcome resume(struct rota_server *s, uint64_t connection,
                                const struct rota_connect *wish, int64_t now_ms,
                                struct rota_served *served)
{
    rota_ref ref = session_find(s, wish->client_id.id);
    struct rota_server_session *session;

    if (ref == 0)
        return ROTA_WELCOME_EXPIRED;
    session = rota_session_at(s, ref);
    cut(s, session->connection);
    if (memcmp(session->client_id.password, wish->client_id.password,
               sizeof wish->client_id.password) != 0)
        return ROTA_WELCOME_EXPIRED;
    session->timeout_ms = negotiate(s, wish->timeout_ms);
    renew(s, session, now_ms);
    *served = (struct rota_served){session->client_id, session->timeout_ms};
    attach(s, connection, ref);
    return ROTA_WELCOME_SERVED;
}

enum rota_welcome rota_server_connect(struct rota_server *s, uint64_t connection,
                                      const struct rota_connect *wish, int64_t now_ms,
                                      struct rota_served *served)
{
    rota_assert(connection != 0);
    if (wish->last_zxid > s->zxid)
        return ROTA_WELCOME_CLOSED;
    if (wish->client_id.id != 0)
        return resume(s, connection, wish, now_ms, served);
    *served = rota_server_open_session(s, wish->timeout_ms, now_ms);
    attach(s, connection, session_find(s, served->client_id.id));
    return ROTA_WELCOME_SERVED;
}

void rota_server_disconnect(struct rota_server *s, uint64_t connection)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);

    if (ref != 0)
        forget_connection(s, ref);
}

int64_t rota_server_session_of(const struct rota_server *s, uint64_t connection)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);

    return ref == 0 ? 0 : rota_connection_at(s, ref)->session;
}

/* What happened to a path since `zxid`, as far as a list of watches cares; 0: nothing (S58). */
static int missed(const struct rota_server *s, enum rota_watch_list list, const char *path,
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

static void rearm(struct rota_server *s, rota_ref connection, enum rota_watch_list list,
                  const char *path, int64_t zxid)
{
    int kind = missed(s, list, path, zxid);

    if (kind == 0)
        rota_watches_add(&s->tree.pool, &s->watches,
                         list == ROTA_WATCH_LIST_CHILD ? ROTA_WATCH_TABLE_CHILD
                                                       : ROTA_WATCH_TABLE_DATA,
                         path, connection);
    else
        s->sink->watch(s->context, rota_connection_at(s, connection)->number,
                       (enum rota_watch_kind)kind, path);
}

void rota_server_set_watches(struct rota_server *s, uint64_t connection, int64_t relative_zxid,
                             const struct rota_watch_paths lists[ROTA_WATCH_LISTS], int64_t now_ms)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);
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
    rota_server_touch(s, rota_connection_at(s, ref)->session, now_ms);
    for (int list = 0; list < ROTA_WATCH_LISTS; list++)
        for (uint32_t i = 0; i < lists[list].count; i++)
            rearm(s, ref, (enum rota_watch_list)list, lists[list].paths[i], relative_zxid);
}

/* ---- requests ---- */

static void list_children(struct rota_server *s, rota_ref node, struct rota_reply *reply)
{
    uint32_t count = rota_tree_node(&s->tree, node)->children.length;
    const char **names = rota_buffer_need(&s->list, (count + 1) * sizeof *names);

    for (uint32_t i = 0; i < count; i++)
        names[i] = rota_tree_name(&s->tree, rota_tree_child(&s->tree, node, i));
    reply->children = names;
    reply->child_count = count;
}

/* Leaves a watch where the lookup allows one (S50). */
static void leave_watch(struct rota_server *s, rota_ref connection, const struct rota_operation *o,
                        int32_t rc)
{
    bool found = rc == ROTA_ERR_OK || (o->op == ROTA_OP_EXISTS && rc == ROTA_ERR_NO_NODE);

    if (o->watch && found)
        rota_watches_add(&s->tree.pool, &s->watches,
                         o->op == ROTA_OP_CHILDREN ? ROTA_WATCH_TABLE_CHILD : ROTA_WATCH_TABLE_DATA,
                         o->path, connection);
}

/* Copies an id without its digest to `to`, which has room for it and two bytes more. */
static void hide_digest(char *to, const char *id)
{
    size_t user = strcspn(id, ":");

    memcpy(to, id, user);
    memcpy(to + user, ":x", sizeof ":x");
}

/* The path of a sync, said back. */
static const char *echo(struct rota_server *s, const char *path)
{
    char *to = rota_buffer_need(&s->list, 3 * strlen(path) + 1);

    rota_path_echo(path, to);
    return to;
}

/* The access list; digests are shown to those who may change it and to no others. */
static void list_acl(struct rota_server *s, rota_ref node, rota_ref connection,
                     struct rota_reply *reply)
{
    uint32_t acl = rota_tree_node(&s->tree, node)->acl;
    uint32_t count = rota_tree_acl_count(&s->tree, acl);
    bool hide = rota_transaction_readable(s, node, ROTA_PERM_ADMIN, connection) != ROTA_ERR_OK;
    size_t bytes = count * sizeof(struct rota_acl);
    struct rota_acl *entries;
    char *texts;

    for (uint32_t i = 0; i < count; i++)
        bytes += strlen(rota_tree_acl(&s->tree, acl, i).id) + sizeof ":x";
    entries = rota_buffer_need(&s->list, bytes);
    texts = (char *)(entries + count);
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = rota_tree_acl(&s->tree, acl, i);
        if (!hide || strcmp(entries[i].scheme, "digest") != 0)
            continue;
        hide_digest(texts, entries[i].id);
        entries[i].id = texts;
        texts += strlen(texts) + 1;
    }
    reply->acl = entries;
    reply->acl_count = count;
}

/* What a read asks of the access list: exists asks nothing (S28). */
static uint32_t perms_for(enum rota_op op)
{
    return op == ROTA_OP_GET_ACL ? ROTA_PERM_READ | ROTA_PERM_ADMIN : ROTA_PERM_READ;
}

static void read_node(struct rota_server *s, rota_ref connection, const struct rota_operation *o,
                      struct rota_reply *reply)
{
    rota_ref node = rota_tree_find(&s->tree, o->path);

    if (o->op == ROTA_OP_EXISTS)
        reply->rc = node == 0 ? ROTA_ERR_NO_NODE : ROTA_ERR_OK;
    else
        reply->rc = rota_transaction_readable(s, node, perms_for(o->op), connection);
    if (o->op != ROTA_OP_GET_ACL)
        leave_watch(s, connection, o, reply->rc);
    if (reply->rc != ROTA_ERR_OK)
        return;
    reply->stat = rota_tree_stat(&s->tree, node);
    if (o->op == ROTA_OP_GET)
        reply->data = rota_tree_data(&s->tree, node);
    if (o->op == ROTA_OP_CHILDREN)
        list_children(s, node, reply);
    if (o->op == ROTA_OP_GET_ACL)
        list_acl(s, node, connection, reply);
}

/* The node's data for the reply, and what else lies in the pool, is borrowed: nothing takes memory
 * between here and the sink. */
static void answer(struct rota_server *s, uint64_t connection, const struct rota_reply *reply)
{
    s->sink->reply(s->context, connection, reply);
}

/* Executes a write or a sync and answers it. */
static void write_and_answer(struct rota_server *s, uint64_t connection, struct rota_writer who,
                             const struct rota_request *request, int64_t now_ms)
{
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};

    rota_transaction_begin(s, now_ms);
    rota_transaction_write(s, who, request, &reply);
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

/* Credentials that prove nothing cost the connection (S88). */
static void authenticate(struct rota_server *s, rota_ref ref, const struct rota_request *request)
{
    struct rota_server_connection *c = rota_connection_at(s, ref);
    struct rota_identities identities = c->identities; /* adding may move the connection */
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};
    uint64_t number = c->number;

    reply.rc =
        rota_auth_add(&s->tree, &identities, request->operation.scheme, request->operation.data);
    rota_connection_at(s, ref)->identities = identities;
    answer(s, number, &reply);
    if (reply.rc != ROTA_ERR_OK)
        cut(s, number);
}

bool rota_server_request(struct rota_server *s, uint64_t connection,
                         const struct rota_request *request, int64_t now_ms)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);
    const struct rota_operation *o = &request->operation;
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};
    int64_t session;

    if (ref == 0)
        return false;
    if (rota_request_bytes(request, 0) > ROTA_REQUEST_LIMIT) {
        cut(s, connection);
        return true;
    }
    session = rota_connection_at(s, ref)->session;
    rota_server_touch(s, session, now_ms);
    switch (o->op) {
    case ROTA_OP_GET:
    case ROTA_OP_EXISTS:
    case ROTA_OP_CHILDREN:
    case ROTA_OP_GET_ACL:
        read_node(s, ref, o, &reply);
        break;
    case ROTA_OP_SYNC:
        reply.path = echo(s, o->path);
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

struct rota_proof *rota_server_proof(const struct rota_server *s, uint64_t connection)
{
    rota_ref ref = rota_index_get(&s->tree.pool, &s->connections, connection);

    return ref == 0 ? NULL : rota_auth_prove(&s->tree, &rota_connection_at(s, ref)->identities);
}

/* A write whose connection is elsewhere: for as long as it takes there is one here that is nobody's
 * but has proved the same. */
static void write_for(struct rota_server *s, uint64_t connection, struct rota_writer who,
                      const struct rota_proof *proof, const struct rota_request *request,
                      int64_t now_ms)
{
    struct rota_identities identities = {0};

    rota_auth_believe(&s->tree, &identities, proof);
    who.connection = rota_pool_take(&s->tree.pool, sizeof(struct rota_server_connection));
    rota_connection_at(s, who.connection)->identities = identities;
    write_and_answer(s, connection, who, request, now_ms);
    rota_pool_give(&s->tree.pool, who.connection, sizeof(struct rota_server_connection));
    rota_auth_clear(&s->tree, &identities);
}

void rota_server_write(struct rota_server *s, uint64_t connection, int64_t session,
                       const struct rota_proof *proof, const struct rota_request *request,
                       int64_t now_ms)
{
    rota_ref known = session_find(s, session);
    enum rota_op op = request->operation.op;
    struct rota_reply reply = {.tag = request->tag, .data = ROTA_NULL_BYTES};

    rota_server_touch(s, session, now_ms);
    if (op == ROTA_OP_CLOSE && known != 0) {
        close_and_answer(s, connection, known, request->tag, now_ms);
    } else if (op == ROTA_OP_CLOSE || op == ROTA_OP_SYNC) {
        reply.rc = known == 0 ? ROTA_ERR_SESSION_EXPIRED : ROTA_ERR_OK;
        reply.path = op == ROTA_OP_SYNC ? echo(s, request->operation.path) : NULL;
        answer(s, connection, &reply);
    } else {
        write_for(s, connection, (struct rota_writer){.session = session, .known = known}, proof,
                  request, now_ms);
    }
}

/* ---- the ensemble ---- */

void rota_server_apply(struct rota_server *s, const struct rota_commit *commit, int64_t now_ms)
{
    rota_ref session = session_find(s, commit->session);
    uint64_t connection = session == 0 ? 0 : rota_session_at(s, session)->connection;

    rota_assert(commit->zxid > s->zxid);
    rota_transaction_begin(s, now_ms);
    s->zxid = s->txn.zxid = commit->zxid;
    s->txn.time_ms = commit->time_ms;
    if (commit->kind == ROTA_COMMIT_SESSION_OPENED)
        session_add(s, &commit->client_id, commit->timeout_ms, now_ms);
    for (uint32_t i = 0; i < commit->change_count; i++)
        rota_transaction_change(s, &commit->changes[i]);
    if (commit->kind == ROTA_COMMIT_SESSION_CLOSED && session != 0)
        session_remove(s, session);
    rota_transaction_fire(s);
    rota_transaction_end(s);
    if (commit->kind == ROTA_COMMIT_SESSION_CLOSED)
        cut(s, connection);
}

void rota_server_wake(struct rota_server *s, int64_t now_ms)
{
    s->since_ms = now_ms;
    s->due_ms = INT64_MAX;
    for (uint32_t i = 0; i < s->sessions.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->sessions, i);

        if (ref != 0)
            renew(s, rota_session_at(s, ref), now_ms);
    }
}

void rota_server_reread(struct rota_server *s)
{
    rota_tree_acl_reread(&s->tree);
}

void rota_server_lead(struct rota_server *s, uint32_t epoch, int64_t now_ms)
{
    rota_assert((int64_t)epoch > s->zxid >> 32);
    s->zxid = (int64_t)epoch << 32;
    rota_server_wake(s, now_ms);
}

void rota_server_set_wall(struct rota_server *s, int64_t wall_ms)
{
    s->config.wall_ms = wall_ms;
}

static bool reapable(const struct rota_node *n, int64_t wall_ms)
{
    if (n->children.length > 0)
        return false;
    return n->kind == ROTA_NODE_CONTAINER ? n->cversion > 0 : wall_ms - n->mtime_ms > n->owner;
}

/* The nodes to be removed, in the server's list; returns how many. */
static uint32_t reapable_nodes(struct rota_server *s, int64_t wall_ms)
{
    uint32_t count = 0;

    for (rota_ref node = s->perishable; node != 0; node = rota_tree_node(&s->tree, node)->next) {
        if (!reapable(rota_tree_node(&s->tree, node), wall_ms))
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
        rota_transaction_delete(s, ((const rota_ref *)s->list.at)[i]);
        rota_transaction_commit(s, &(struct rota_commit){.kind = ROTA_COMMIT_REAPED});
        rota_transaction_fire(s);
        rota_transaction_end(s);
    }
    return count;
}

int64_t rota_server_next_reap(const struct rota_server *s, int64_t now_ms)
{
    int64_t every = s->config.reap_ms;

    if (s->perishable == 0)
        return INT64_MAX;
    return s->since_ms + ((now_ms - s->since_ms) / every + 1) * every;
}

/* ---- looking on ---- */

int64_t rota_server_last_zxid(const struct rota_server *s)
{
    return s->zxid;
}

void rota_server_count_up(struct rota_server *s, const char *path, int32_t creates)
{
    rota_ref node = rota_tree_find(&s->tree, path);

    rota_assert(node != 0);
    rota_tree_node(&s->tree, node)->cversion = creates;
}

const struct rota_tree *rota_server_tree(const struct rota_server *s)
{
    return &s->tree;
}
