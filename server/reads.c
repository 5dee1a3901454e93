#include "server/reads.h"

#include <string.h>

#include "server/java_text.h"

static void list_children(struct rota_server *s, rota_ref node, struct rota_reply *reply)
{
    uint32_t count = rota_tree_node(&s->tree, node)->children.length;
    const char **names = rota_buffer_need(&s->list, (count + 1) * sizeof *names);

    for (uint32_t i = 0; i < count; i++)
        names[i] = rota_tree_name(&s->tree, rota_tree_child(&s->tree, node, i));
    reply->children = names;
    reply->child_count = count;
}

/* Sets the watch of a read that has succeeded, or of an exists that has found no znode (S50). */
static void set_watch(struct rota_server *s, rota_ref connection, const struct rota_operation *o,
                      int32_t rc)
{
    bool found = rc == ROTA_ERR_OK || (o->op == ROTA_OP_EXISTS && rc == ROTA_ERR_NO_NODE);

    if (o->watch && found)
        rota_watches_add(&s->tree.pool, &s->watches,
                         o->op == ROTA_OP_CHILDREN ? ROTA_WATCH_TABLE_CHILD : ROTA_WATCH_TABLE_DATA,
                         o->path, connection);
}

/* Writes an id without its digest. `to` has room for the id and two more characters. */
static void hide_digest(char *to, const char *id)
{
    size_t user = strcspn(id, ":");

    memcpy(to, id, user);
    memcpy(to + user, ":x", sizeof ":x");
}

const char *rota_reads_sync_path(struct rota_server *s, const char *path)
{
    char *to = rota_buffer_need(&s->list, 3 * strlen(path) + 1);

    rota_java_text_encode(path, to);
    return to;
}

/* Lists an access list. Digests are hidden from connections that may not change it. */
static void list_acl(struct rota_server *s, rota_ref node, rota_ref connection,
                     struct rota_reply *reply)
{
    uint32_t acl = rota_tree_node(&s->tree, node)->acl;
    uint32_t count = rota_tree_acl_count(&s->tree, acl);
    bool hide = !rota_server_permits(s, node, ROTA_PERM_ADMIN, connection);
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

/* The permissions of which a read needs one. Exists needs none (S28). */
static uint32_t perms_for(enum rota_op op)
{
    return op == ROTA_OP_GET_ACL ? ROTA_PERM_READ | ROTA_PERM_ADMIN : ROTA_PERM_READ;
}

void rota_reads_execute(struct rota_server *s, rota_ref connection, const struct rota_operation *o,
                        struct rota_reply *reply)
{
    rota_ref node = rota_tree_find(&s->tree, o->path);

    if (node == 0)
        reply->rc = ROTA_ERR_NO_NODE;
    else if (o->op != ROTA_OP_EXISTS && !rota_server_permits(s, node, perms_for(o->op), connection))
        reply->rc = ROTA_ERR_NO_AUTH;
    if (o->op != ROTA_OP_GET_ACL)
        set_watch(s, connection, o, reply->rc);
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
