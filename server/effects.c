#include "server/effects.h"

#include "model/base/assert.h"

static struct rota_node *node_at(const struct rota_server *s, rota_ref node)
{
    return rota_tree_node(&s->tree, node);
}

/* The next version; after the largest number comes the smallest (S22). */
static int32_t plus_one(int32_t version)
{
    return (int32_t)((uint32_t)version + 1);
}

/* ---- lists of ephemerals and of reapable znodes ---- */

/* The head of the list that a znode belongs in, NULL for a persistent znode. */
static rota_ref *list_of(struct rota_server *s, const struct rota_node *n)
{
    rota_ref session;

    if (n->kind == ROTA_NODE_PERSISTENT)
        return NULL;
    if (n->kind != ROTA_NODE_EPHEMERAL)
        return &s->reapable;
    session = rota_server_session_find(s, n->owner);
    return &rota_server_session_at(s, session)->ephemerals;
}

static void count_ephemeral(struct rota_server *s, const struct rota_node *n, uint32_t by)
{
    if (n->kind == ROTA_NODE_EPHEMERAL)
        rota_server_session_at(s, rota_server_session_find(s, n->owner))->ephemeral_count += by;
}

static void list_insert(struct rota_server *s, rota_ref node)
{
    struct rota_node *n = node_at(s, node);
    rota_ref *first = list_of(s, n);

    if (first == NULL)
        return;
    n->previous = 0;
    n->next = *first;
    if (n->next != 0)
        node_at(s, n->next)->previous = node;
    *first = node;
    count_ephemeral(s, n, 1);
}

static void list_remove(struct rota_server *s, rota_ref node)
{
    struct rota_node *n = node_at(s, node);
    rota_ref *first = list_of(s, n);

    if (first == NULL)
        return;
    rota_assert((n->previous == 0 ? *first : node_at(s, n->previous)->next) == node);
    rota_assert(n->next == 0 || node_at(s, n->next)->previous == node);
    if (n->next != 0)
        node_at(s, n->next)->previous = n->previous;
    if (n->previous != 0)
        node_at(s, n->previous)->next = n->next;
    else
        *first = n->next;
    count_ephemeral(s, n, UINT32_MAX);
}

/* ---- effects ---- */

struct rota_transaction_step *rota_effects_step(const struct rota_server *s, uint32_t i)
{
    return (struct rota_transaction_step *)s->txn.steps.at + i;
}

struct rota_transaction_step *rota_effects_add(struct rota_server *s, enum rota_op op,
                                               rota_ref node)
{
    struct rota_transaction *txn = &s->txn;
    struct rota_transaction_step *step;

    rota_buffer_need(&txn->steps, (txn->length + 1) * sizeof *step);
    step = rota_effects_step(s, txn->length++);
    *step = (struct rota_transaction_step){.op = op, .node = node};
    return step;
}

/* Records the parent's counters in the step, then advances them: a create raises the internal
 * cversion (S7), a delete does not, and both set the pzxid (S14, S15). When the counter is at its
 * largest number, neither changes (S12). */
static void touch_parent(struct rota_server *s, struct rota_transaction_step *step, rota_ref parent)
{
    struct rota_node *p = node_at(s, parent);

    step->parent = parent;
    step->parent_cversion = p->cversion;
    step->parent_pzxid = p->pzxid;
    if (step->op == ROTA_OP_CREATE && p->cversion == INT32_MAX)
        return;
    if (step->op == ROTA_OP_CREATE)
        p->cversion++;
    p->pzxid = s->txn.zxid;
}

rota_ref rota_effects_create(struct rota_server *s, rota_ref parent, const char *path,
                             struct rota_bytes data, uint32_t acl, enum rota_node_kind kind,
                             int64_t owner)
{
    rota_ref node = rota_tree_add(&s->tree, parent, path, data, s->txn.zxid, s->txn.time_ms);
    struct rota_node *n = node_at(s, node);
    struct rota_transaction_step *step = rota_effects_add(s, ROTA_OP_CREATE, node);

    n->acl = step->acl = acl;
    n->kind = kind;
    n->owner = owner;
    step->bytes = data;
    list_insert(s, node);
    touch_parent(s, step, parent);
    step->stat = rota_tree_stat(&s->tree, node);
    return node;
}

void rota_effects_delete(struct rota_server *s, rota_ref node)
{
    struct rota_transaction_step *step = rota_effects_add(s, ROTA_OP_DELETE, node);
    rota_ref parent = node_at(s, node)->parent;

    step->version = node_at(s, node)->version;
    list_remove(s, node);
    rota_tree_detach(&s->tree, node);
    touch_parent(s, step, parent);
}

void rota_effects_set(struct rota_server *s, rota_ref node, struct rota_bytes data)
{
    rota_ref bytes = rota_tree_bytes(&s->tree, data);
    struct rota_node *n = node_at(s, node);
    struct rota_transaction_step *step = rota_effects_add(s, ROTA_OP_SET, node);

    step->data = n->data;
    step->length = n->length;
    step->version = n->version;
    step->mzxid = n->mzxid;
    step->mtime_ms = n->mtime_ms;
    step->bytes = data;
    n->data = bytes;
    n->length = data.length < 0 ? -1 : data.length;
    n->version = plus_one(n->version);
    n->mzxid = s->txn.zxid;
    n->mtime_ms = s->txn.time_ms;
    step->stat = rota_tree_stat(&s->tree, node);
}

void rota_effects_set_acl(struct rota_server *s, rota_ref node, uint32_t acl)
{
    struct rota_node *n = node_at(s, node);
    struct rota_transaction_step *step = rota_effects_add(s, ROTA_OP_SET_ACL, node);

    step->acl = n->acl;
    step->version = n->aversion;
    n->acl = acl;
    n->aversion = plus_one(n->aversion);
    step->stat = rota_tree_stat(&s->tree, node);
}

static void undo(struct rota_server *s, const struct rota_transaction_step *step)
{
    struct rota_node *n = node_at(s, step->node);

    switch (step->op) {
    case ROTA_OP_CREATE:
        list_remove(s, step->node);
        rota_tree_detach(&s->tree, step->node);
        rota_tree_free(&s->tree, step->node);
        break;
    case ROTA_OP_DELETE:
        rota_tree_attach(&s->tree, step->parent, step->node);
        list_insert(s, step->node);
        break;
    case ROTA_OP_SET:
        rota_pool_give(&s->tree.pool, n->data, n->length > 0 ? (size_t)n->length : 0);
        n->data = step->data;
        n->length = step->length;
        n->version = step->version;
        n->mzxid = step->mzxid;
        n->mtime_ms = step->mtime_ms;
        break;
    default: /* a multi has no SET_ACL, and CHECK changes nothing */
        break;
    }
    if (step->parent != 0) {
        node_at(s, step->parent)->cversion = step->parent_cversion;
        node_at(s, step->parent)->pzxid = step->parent_pzxid;
    }
}

void rota_effects_roll_back(struct rota_server *s)
{
    while (s->txn.length > 0)
        undo(s, rota_effects_step(s, --s->txn.length));
}

/* Walks along a list of znodes and returns its length. */
static uint32_t list_check(const struct rota_server *s, rota_ref first)
{
    rota_ref previous = 0;
    uint32_t length = 0;

    for (rota_ref node = first; node != 0; node = node_at(s, node)->next) {
        rota_assert(node_at(s, node)->previous == previous);
        rota_assert(node_at(s, node)->kind != ROTA_NODE_PERSISTENT);
        previous = node;
        length++;
    }
    return length;
}

void rota_effects_check(const struct rota_server *s)
{
    for (uint32_t i = 0; i < s->sessions.capacity; i++) {
        rota_ref ref = rota_index_cell(&s->tree.pool, &s->sessions, i);

        if (ref != 0)
            rota_assert_equal(list_check(s, rota_server_session_at(s, ref)->ephemerals),
                              rota_server_session_at(s, ref)->ephemeral_count);
    }
    list_check(s, s->reapable);
}
