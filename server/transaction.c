#include "server/transaction.h"

#include <stdio.h>
#include <string.h>

#include "model/base/assert.h"
#include "server/effects.h"
#include "server/java_text.h"

#define TTL_MOST_MS INT64_C(0xffffffffff)

enum { SEQUENCE_BYTES = 12 }; /* a number of 32 bits with its sign, and the NUL */

static struct rota_node *node_at(const struct rota_server *s, rota_ref node)
{
    return rota_tree_node(&s->tree, node);
}

static const struct rota_transaction_step *step_at(const struct rota_server *s, uint32_t i)
{
    return rota_effects_step(s, i);
}

/* ---- validation, in ZooKeeper's order: the first error is the result ---- */

static const struct rota_identities *identities_of(const struct rota_server *s, rota_ref connection)
{
    return connection == 0 ? NULL : &rota_server_connection_at(s, connection)->identities;
}

static bool version_expected(int32_t expected, int32_t current)
{
    return expected == -1 || expected == current;
}

static bool mode_is_ttl(enum rota_mode mode)
{
    return mode == ROTA_MODE_TTL || mode == ROTA_MODE_TTL_SEQUENTIAL;
}

static bool mode_is_sequential(enum rota_mode mode)
{
    return mode == ROTA_MODE_SEQUENTIAL || mode == ROTA_MODE_EPHEMERAL_SEQUENTIAL ||
           mode == ROTA_MODE_TTL_SEQUENTIAL;
}

static int32_t mode_check(const struct rota_server *s, const struct rota_operation *o)
{
    if ((unsigned)o->mode > ROTA_MODE_TTL_SEQUENTIAL)
        return ROTA_ERR_BAD_ARGUMENTS;
    if (!mode_is_ttl(o->mode))
        return ROTA_ERR_OK;
    if (s->config.ttl_disabled)
        return ROTA_ERR_UNIMPLEMENTED;
    return o->ttl_ms > 0 && o->ttl_ms <= TTL_MOST_MS ? ROTA_ERR_OK : ROTA_ERR_BAD_ARGUMENTS;
}

static enum rota_node_kind kind_of(enum rota_mode mode)
{
    switch (mode) {
    case ROTA_MODE_EPHEMERAL:
    case ROTA_MODE_EPHEMERAL_SEQUENTIAL:
        return ROTA_NODE_EPHEMERAL;
    case ROTA_MODE_CONTAINER:
        return ROTA_NODE_CONTAINER;
    case ROTA_MODE_TTL:
    case ROTA_MODE_TTL_SEQUENTIAL:
        return ROTA_NODE_TTL;
    default:
        return ROTA_NODE_PERSISTENT;
    }
}

/* The path of the parent: "" for a child of the root, NULL if the path has no "/". */
static const char *parent_path(struct rota_server *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length;
    char *parent;

    if (slash == NULL)
        return NULL;
    length = (size_t)(slash - path);
    parent = rota_buffer_need(&s->txn.path, length + 1);
    memcpy(parent, path, length);
    parent[length] = '\0';
    return parent;
}

/* The path with the parent's internal cversion as its suffix (S9). */
static const char *sequential_path(struct rota_server *s, const char *path, int32_t cversion)
{
    size_t length = strlen(path);
    char *named = rota_buffer_need(&s->txn.path, length + SEQUENCE_BYTES);

    memcpy(named, path, length);
    snprintf(named + length, SEQUENCE_BYTES, "%010d", cversion);
    return named;
}

static int32_t try_create(struct rota_server *s, struct rota_writer writer,
                          const struct rota_operation *o)
{
    int32_t rc = mode_check(s, o);
    enum rota_node_kind kind = kind_of(o->mode);
    const char *path = o->path;
    const char *above;
    rota_ref parent;
    uint32_t acl;

    if (rc != ROTA_ERR_OK)
        return rc;
    if (writer.known == 0)
        return ROTA_ERR_SESSION_EXPIRED;
    above = parent_path(s, path);
    if (above == NULL)
        return ROTA_ERR_BAD_ARGUMENTS;
    parent = rota_tree_find(&s->tree, above);
    rc = rota_auth_resolve(&s->tree, identities_of(s, writer.connection), o->acl, o->acl_count,
                           &acl);
    if (rc != ROTA_ERR_OK)
        return rc;
    if (parent == 0)
        return ROTA_ERR_NO_NODE;
    if (!rota_server_permits(s, parent, ROTA_PERM_CREATE, writer.connection))
        return ROTA_ERR_NO_AUTH;
    if (mode_is_sequential(o->mode))
        path = sequential_path(s, path, node_at(s, parent)->cversion);
    if (!rota_java_text_is_path(path))
        return ROTA_ERR_BAD_ARGUMENTS;
    if (rota_tree_find(&s->tree, path) != 0)
        return ROTA_ERR_NODE_EXISTS;
    if (node_at(s, parent)->kind == ROTA_NODE_EPHEMERAL)
        return ROTA_ERR_NO_CHILDREN_FOR_EPHEMERALS;
    rota_effects_create(s, parent, path, o->data, acl, kind,
                        kind == ROTA_NODE_EPHEMERAL ? writer.session
                        : kind == ROTA_NODE_TTL     ? o->ttl_ms
                                                    : 0);
    return ROTA_ERR_OK;
}

/* True for znodes that cannot be deleted. */
static bool path_is_reserved(const char *path)
{
    return strcmp(path, "/") == 0 || strcmp(path, "/zookeeper") == 0 ||
           strcmp(path, "/zookeeper/quota") == 0 || strcmp(path, "/zookeeper/config") == 0;
}

static int32_t try_delete(struct rota_server *s, struct rota_writer writer,
                          const struct rota_operation *o)
{
    const char *above = parent_path(s, o->path);
    rota_ref parent, node;

    if (above == NULL || path_is_reserved(o->path))
        return ROTA_ERR_BAD_ARGUMENTS;
    parent = rota_tree_find(&s->tree, above);
    if (parent == 0)
        return ROTA_ERR_NO_NODE;
    if (!rota_server_permits(s, parent, ROTA_PERM_DELETE, writer.connection))
        return ROTA_ERR_NO_AUTH;
    node = rota_tree_find(&s->tree, o->path);
    if (node == 0)
        return ROTA_ERR_NO_NODE;
    if (!version_expected(o->version, node_at(s, node)->version))
        return ROTA_ERR_BAD_VERSION;
    if (node_at(s, node)->children.length > 0)
        return ROTA_ERR_NOT_EMPTY;
    rota_effects_delete(s, node);
    return ROTA_ERR_OK;
}

/* The validation that set and check share: finds the znode and checks permission and version. */
static int32_t find_expected(const struct rota_server *s, struct rota_writer writer,
                             const struct rota_operation *o, uint32_t perms, rota_ref *node)
{
    if (!rota_java_text_is_path(o->path))
        return ROTA_ERR_BAD_ARGUMENTS;
    *node = rota_tree_find(&s->tree, o->path);
    if (*node == 0)
        return ROTA_ERR_NO_NODE;
    if (!rota_server_permits(s, *node, perms, writer.connection))
        return ROTA_ERR_NO_AUTH;
    return version_expected(o->version, node_at(s, *node)->version) ? ROTA_ERR_OK
                                                                    : ROTA_ERR_BAD_VERSION;
}

static int32_t try_set(struct rota_server *s, struct rota_writer writer,
                       const struct rota_operation *o)
{
    rota_ref node;
    int32_t rc = find_expected(s, writer, o, ROTA_PERM_WRITE, &node);

    if (rc == ROTA_ERR_OK)
        rota_effects_set(s, node, o->data);
    return rc;
}

static int32_t try_check(struct rota_server *s, struct rota_writer writer,
                         const struct rota_operation *o)
{
    rota_ref node;
    int32_t rc = find_expected(s, writer, o, ROTA_PERM_READ, &node);

    if (rc == ROTA_ERR_OK)
        rota_effects_add(s, ROTA_OP_CHECK, node)->version = o->version;
    return rc;
}

static int32_t try_set_acl(struct rota_server *s, struct rota_writer writer,
                           const struct rota_operation *o)
{
    rota_ref node;
    uint32_t acl;

    if (!rota_java_text_is_path(o->path))
        return ROTA_ERR_BAD_ARGUMENTS;
    if (rota_auth_resolve(&s->tree, identities_of(s, writer.connection), o->acl, o->acl_count,
                          &acl) != ROTA_ERR_OK)
        return ROTA_ERR_INVALID_ACL;
    node = rota_tree_find(&s->tree, o->path);
    if (node == 0)
        return ROTA_ERR_NO_NODE;
    if (!rota_server_permits(s, node, ROTA_PERM_ADMIN, writer.connection))
        return ROTA_ERR_NO_AUTH;
    if (!version_expected(o->version, node_at(s, node)->aversion))
        return ROTA_ERR_BAD_VERSION;
    rota_effects_set_acl(s, node, acl);
    return ROTA_ERR_OK;
}

static int32_t try_operation(struct rota_server *s, struct rota_writer writer,
                             const struct rota_operation *o)
{
    if (o->op == ROTA_OP_CREATE)
        return try_create(s, writer, o);
    if (writer.known == 0)
        return ROTA_ERR_SESSION_EXPIRED;
    switch (o->op) {
    case ROTA_OP_DELETE:
        return try_delete(s, writer, o);
    case ROTA_OP_SET:
        return try_set(s, writer, o);
    case ROTA_OP_CHECK:
        return try_check(s, writer, o);
    case ROTA_OP_SET_ACL:
        return try_set_acl(s, writer, o);
    default:
        return ROTA_ERR_UNIMPLEMENTED;
    }
}

/* ---- transactions ---- */

void rota_transaction_begin(struct rota_server *s, int64_t now_ms)
{
    rota_assert(s->txn.length == 0);
    s->txn.zxid = ++s->zxid;
    s->txn.time_ms = now_ms + s->config.wall_ms;
    s->txn.length = 0;
}

/* Executes the operations until one fails. Returns its index, or how many there are. */
static uint32_t try_multi(struct rota_server *s, struct rota_writer writer,
                          const struct rota_request *r, int32_t *rc)
{
    for (uint32_t i = 0; i < r->operation_count; i++) {
        *rc = try_operation(s, writer, &r->operations[i]);
        if (*rc != ROTA_ERR_OK)
            return i;
    }
    return r->operation_count;
}

/* Fills in the result of each operation of a multi. If one failed, those before it have 0 and those
 * after it INCONSISTENT (S41). */
static void results_fill(struct rota_server *s, uint32_t failed, int32_t rc,
                         struct rota_reply *reply, uint32_t count)
{
    struct rota_result *results = rota_buffer_need(&s->txn.results, (count + 1) * sizeof *results);

    for (uint32_t i = 0; i < count; i++) {
        const struct rota_transaction_step *step = rc == ROTA_ERR_OK ? step_at(s, i) : NULL;

        results[i] = (struct rota_result){.rc = i < failed    ? ROTA_ERR_OK
                                                : i == failed ? rc
                                                              : ROTA_ERR_INCONSISTENT};
        if (step != NULL && step->op == ROTA_OP_CREATE)
            results[i].path = rota_tree_path(&s->tree, step->node);
        if (step != NULL && step->op == ROTA_OP_SET)
            results[i].stat = step->stat;
    }
    reply->results = results;
    reply->result_count = count;
}

static void result_fill(const struct rota_server *s, struct rota_reply *reply)
{
    const struct rota_transaction_step *step = step_at(s, 0);

    if (step->op == ROTA_OP_CREATE)
        reply->path = rota_tree_path(&s->tree, step->node);
    if (step->op == ROTA_OP_SET || step->op == ROTA_OP_SET_ACL)
        reply->stat = step->stat;
}

void rota_transaction_write(struct rota_server *s, struct rota_writer writer,
                            const struct rota_request *request, struct rota_reply *reply)
{
    bool multi = request->operation.op == ROTA_OP_MULTI;
    uint32_t failed = 0;
    int32_t rc = writer.known == 0 ? ROTA_ERR_SESSION_EXPIRED : ROTA_ERR_OK;

    if (multi)
        failed = rc == ROTA_ERR_OK ? try_multi(s, writer, request, &rc) : 0;
    else
        rc = try_operation(s, writer, &request->operation);
    if (rc != ROTA_ERR_OK)
        rota_effects_roll_back(s);
    reply->rc = rc;
    if (multi)
        results_fill(s, failed, rc, reply, request->operation_count);
    else if (rc == ROTA_ERR_OK)
        result_fill(s, reply);
    rota_transaction_commit(
        s, &(struct rota_commit){
               .kind = ROTA_COMMIT_WRITE, .session = writer.session, .rc = rc, .multi = multi});
    rota_transaction_fire(s);
}

/* The index of the access list that a step sets, -1 if it sets none. */
static int64_t acl_set_by(const struct rota_server *s, const struct rota_transaction_step *step)
{
    return step->op == ROTA_OP_CREATE    ? step->acl
           : step->op == ROTA_OP_SET_ACL ? (int64_t)node_at(s, step->node)->acl
                                         : -1;
}

static struct rota_change change_of(const struct rota_server *s,
                                    const struct rota_transaction_step *step)
{
    const struct rota_node *n = node_at(s, step->node);

    return (struct rota_change){
        .op = step->op,
        .path = rota_tree_path(&s->tree, step->node),
        .data =
            step->op == ROTA_OP_CREATE || step->op == ROTA_OP_SET ? step->bytes : ROTA_NULL_BYTES,
        .version = step->op == ROTA_OP_SET       ? step->stat.version
                   : step->op == ROTA_OP_SET_ACL ? step->stat.aversion
                                                 : step->version,
        .czxid = n->czxid,
        .kind = n->kind,
        .owner = n->owner,
    };
}

/* The steps as changes, with all their access lists in one buffer. */
static const struct rota_change *changes_fill(struct rota_server *s)
{
    struct rota_transaction *txn = &s->txn;
    struct rota_change *changes =
        rota_buffer_need(&txn->changes, (txn->length + 1) * sizeof *changes);
    struct rota_acl *entries;
    size_t total = 0;

    for (uint32_t i = 0; i < txn->length; i++) {
        int64_t acl = acl_set_by(s, step_at(s, i));

        changes[i] = change_of(s, step_at(s, i));
        changes[i].acl_count = acl < 0 ? 0 : rota_tree_acl_count(&s->tree, (uint32_t)acl);
        total += changes[i].acl_count;
    }
    entries = rota_buffer_need(&txn->entries, (total + 1) * sizeof *entries);
    for (uint32_t i = 0; i < txn->length; i++) {
        changes[i].acl = changes[i].acl_count == 0 ? NULL : entries;
        for (uint32_t e = 0; e < changes[i].acl_count; e++)
            *entries++ = rota_tree_acl(&s->tree, (uint32_t)acl_set_by(s, step_at(s, i)), e);
    }
    return changes;
}

void rota_transaction_commit(struct rota_server *s, struct rota_commit *commit)
{
    if (s->sink->commit == NULL)
        return;
    commit->zxid = s->txn.zxid;
    commit->time_ms = s->txn.time_ms;
    commit->changes = changes_fill(s);
    commit->change_count = s->txn.length;
    s->sink->commit(s->context, commit);
}

/* Takes the watches off a path and notifies their connections, except those that may not read
 * `node` (CVE-2024-23944, which is repaired in Debian's 3.8.0). With `once`, a connection is not
 * notified a second time of the same deletion (S49). */
static void fire(struct rota_server *s, enum rota_watch_table table, const char *path,
                 enum rota_watch_kind kind, rota_ref node, bool once)
{
    rota_ref watcher;

    while ((watcher = rota_watches_take(&s->tree.pool, &s->watches, table, path)) != 0) {
        struct rota_server_connection *c = rota_server_connection_at(s, watcher);
        bool notified = once && c->notified == s->deletions;

        if (kind == ROTA_WATCH_DELETED)
            c->notified = s->deletions;
        if (!notified && rota_server_permits(s, node, ROTA_PERM_READ, watcher))
            s->sink->watch(s->context, c->number, kind, path);
    }
}

static void fire_step(struct rota_server *s, const struct rota_transaction_step *step)
{
    const char *path = rota_tree_path(&s->tree, step->node);
    const char *above;

    if (step->op == ROTA_OP_SET)
        fire(s, ROTA_WATCH_TABLE_DATA, path, ROTA_WATCH_CHANGED, step->node, false);
    if (step->op != ROTA_OP_CREATE && step->op != ROTA_OP_DELETE)
        return;
    if (step->op == ROTA_OP_CREATE) {
        fire(s, ROTA_WATCH_TABLE_DATA, path, ROTA_WATCH_CREATED, step->node, false);
    } else {
        s->deletions++;
        fire(s, ROTA_WATCH_TABLE_DATA, path, ROTA_WATCH_DELETED, step->node, false);
        fire(s, ROTA_WATCH_TABLE_CHILD, path, ROTA_WATCH_DELETED, step->node, true);
    }
    above = parent_path(s, path);
    fire(s, ROTA_WATCH_TABLE_CHILD, above[0] == '\0' ? "/" : above, ROTA_WATCH_CHILD, step->parent,
         false);
}

void rota_transaction_fire(struct rota_server *s)
{
    for (uint32_t i = 0; i < s->txn.length && s->watches.count > 0; i++)
        fire_step(s, step_at(s, i));
}

void rota_transaction_end(struct rota_server *s)
{
    for (uint32_t i = 0; i < s->txn.length; i++) {
        const struct rota_transaction_step *step = step_at(s, i);

        if (step->op == ROTA_OP_SET)
            rota_pool_give(&s->tree.pool, step->data, step->length > 0 ? (size_t)step->length : 0);
        if (step->op == ROTA_OP_DELETE)
            rota_tree_free(&s->tree, step->node);
    }
    s->txn.length = 0;
}

void rota_transaction_change(struct rota_server *s, const struct rota_change *change)
{
    rota_ref node = rota_tree_find(&s->tree, change->path);
    uint32_t acl;

    switch (change->op) {
    case ROTA_OP_CREATE:
        rota_assert(node == 0);
        acl = rota_tree_acl_put(&s->tree, change->acl, change->acl_count);
        rota_effects_create(s, rota_tree_find(&s->tree, parent_path(s, change->path)), change->path,
                            change->data, acl, change->kind, change->owner);
        break;
    case ROTA_OP_DELETE:
        rota_effects_delete(s, node);
        break;
    case ROTA_OP_SET:
        rota_effects_set(s, node, change->data);
        break;
    case ROTA_OP_SET_ACL:
        rota_effects_set_acl(s, node, rota_tree_acl_put(&s->tree, change->acl, change->acl_count));
        break;
    default:
        break;
    }
}
