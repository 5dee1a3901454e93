#include "server/tree.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

/* One entry of an access list, and an access list. */
struct entry {
    uint32_t perms;
    rota_ref scheme;
    rota_ref id;
};

struct list {
    rota_ref entries;
    uint32_t count;
};

static const struct rota_acl open_acl = {ROTA_PERM_ALL, "world", "anyone"};
static const struct rota_acl read_acl = {ROTA_PERM_READ, "world", "anyone"};

/* Adds one of the znodes of a new tree. */
static rota_ref add_first(struct rota_tree *t, rota_ref parent, const char *path)
{
    return rota_tree_add(t, parent, path, (struct rota_bytes){"", 0}, 0, 0);
}

void rota_tree_init(struct rota_tree *t, uint64_t seed)
{
    rota_ref zookeeper, config;

    memset(t, 0, sizeof *t);
    rota_pool_init(&t->pool);
    t->random = seed;
    rota_tree_acl_put(t, &open_acl, 1);
    t->root = add_first(t, 0, "/");
    zookeeper = add_first(t, t->root, "/zookeeper");
    add_first(t, zookeeper, "/zookeeper/quota");
    config = add_first(t, zookeeper, "/zookeeper/config");
    rota_tree_node(t, config)->acl = rota_tree_acl_put(t, &read_acl, 1);
    rota_tree_node(t, config)->aversion = -1;
}

void rota_tree_close(struct rota_tree *t)
{
    rota_pool_close(&t->pool);
}

void rota_tree_copy(struct rota_tree *to, const struct rota_tree *from)
{
    struct rota_pool pool = to->pool;

    rota_pool_copy(&pool, &from->pool);
    *to = *from;
    to->pool = pool;
}

rota_ref rota_tree_find(const struct rota_tree *t, const char *path)
{
    uint32_t found;

    if (path[0] == '\0') /* the parent path of a child of the root */
        return t->root;
    found = rota_map_get(&t->pool, &t->paths, path);
    return found == ROTA_MAP_NONE ? 0 : found;
}

struct rota_node *rota_tree_node(const struct rota_tree *t, rota_ref node)
{
    return rota_pool_at(&t->pool, node);
}

const char *rota_tree_path(const struct rota_tree *t, rota_ref node)
{
    return rota_pool_at(&t->pool, rota_tree_node(t, node)->path);
}

const char *rota_tree_name(const struct rota_tree *t, rota_ref node)
{
    return rota_tree_path(t, node) + rota_tree_node(t, node)->name;
}

struct rota_bytes rota_tree_data(const struct rota_tree *t, rota_ref node)
{
    const struct rota_node *n = rota_tree_node(t, node);

    return (struct rota_bytes){n->data == 0 ? NULL : rota_pool_at(&t->pool, n->data), n->length};
}

struct rota_stat rota_tree_stat(const struct rota_tree *t, rota_ref node)
{
    const struct rota_node *n = rota_tree_node(t, node);

    return (struct rota_stat){
        .czxid = n->czxid,
        .mzxid = n->mzxid,
        .pzxid = n->pzxid,
        .ctime_ms = n->ctime_ms,
        .mtime_ms = n->mtime_ms,
        .ephemeral_owner = n->kind == ROTA_NODE_EPHEMERAL ? n->owner : 0,
        .version = n->version,
        .cversion = (int32_t)((uint32_t)n->cversion * 2 - n->children.length),
        .aversion = n->aversion,
        .data_length = n->length < 0 ? 0 : n->length,
        .num_children = (int32_t)n->children.length,
    };
}

static rota_ref *children_of(const struct rota_tree *t, const struct rota_node *n)
{
    return rota_pool_at(&t->pool, n->children.at);
}

rota_ref rota_tree_child(const struct rota_tree *t, rota_ref node, uint32_t i)
{
    const struct rota_node *n = rota_tree_node(t, node);

    return i < n->children.length ? children_of(t, n)[i] : 0;
}

rota_ref rota_tree_next(const struct rota_tree *t, rota_ref node)
{
    rota_ref next = rota_tree_child(t, node, 0);

    while (next == 0 && node != t->root) { /* up, until a znode has a next sibling */
        const struct rota_node *n = rota_tree_node(t, node);

        next = rota_tree_child(t, n->parent, n->place + 1);
        node = n->parent;
    }
    return next;
}

uint32_t rota_tree_random(struct rota_tree *t, uint32_t below)
{
    uint64_t x = t->random += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return (uint32_t)(((x >> 32) * below) >> 32);
}

/* Puts a znode at a random place among the children, and the child that was there at the end. So
 * every order is equally likely, and the order has nothing to do with names or time (S37). */
static void insert_child(struct rota_tree *t, rota_ref parent, rota_ref node)
{
    struct rota_array array = rota_tree_node(t, parent)->children;
    uint32_t last = rota_array_push(&t->pool, &array, sizeof(rota_ref));
    uint32_t place = rota_tree_random(t, last + 1);
    struct rota_node *n = rota_tree_node(t, parent);
    rota_ref *children;

    n->children = array;
    children = children_of(t, n);
    children[last] = children[place];
    if (last != place)
        rota_tree_node(t, children[last])->place = last;
    children[place] = node;
    n = rota_tree_node(t, node);
    n->parent = parent;
    n->place = place;
}

static void remove_child(struct rota_tree *t, rota_ref node)
{
    struct rota_node *n = rota_tree_node(t, node);
    struct rota_node *parent = rota_tree_node(t, n->parent);
    rota_ref *children = children_of(t, parent);
    rota_ref last = children[--parent->children.length];

    children[n->place] = last;
    rota_tree_node(t, last)->place = n->place;
    n->parent = 0;
    if (parent->children.length == 0)
        rota_array_clear(&t->pool, &parent->children, sizeof(rota_ref));
}

rota_ref rota_tree_bytes(struct rota_tree *t, struct rota_bytes bytes)
{
    rota_ref ref;

    if (bytes.length <= 0)
        return 0;
    ref = rota_pool_take(&t->pool, (size_t)bytes.length);
    memcpy(rota_pool_at(&t->pool, ref), bytes.data, (size_t)bytes.length);
    return ref;
}

rota_ref rota_tree_add(struct rota_tree *t, rota_ref parent, const char *path,
                       struct rota_bytes data, int64_t zxid, int64_t time_ms)
{
    rota_ref bytes = rota_tree_bytes(t, data);
    rota_ref node = rota_pool_take(&t->pool, sizeof(struct rota_node));
    rota_ref name = rota_map_put(&t->pool, &t->paths, path, node);

    *rota_tree_node(t, node) = (struct rota_node){
        .path = name,
        .name = (uint32_t)(strrchr(path, '/') + 1 - path),
        .data = bytes,
        .length = data.length < 0 ? -1 : data.length,
        .czxid = zxid,
        .mzxid = zxid,
        .pzxid = zxid,
        .ctime_ms = time_ms,
        .mtime_ms = time_ms,
    };
    if (parent != 0)
        insert_child(t, parent, node);
    t->count++;
    return node;
}

void rota_tree_detach(struct rota_tree *t, rota_ref node)
{
    struct rota_node *n = rota_tree_node(t, node);
    size_t size = strlen(rota_tree_path(t, node)) + 1;
    rota_ref path;

    rota_assert(n->parent != 0 && n->children.length == 0);
    remove_child(t, node);
    path = rota_pool_take(&t->pool, size); /* the map frees its copy */
    memcpy(rota_pool_at(&t->pool, path), rota_tree_path(t, node), size);
    rota_map_remove(&t->pool, &t->paths, rota_tree_path(t, node));
    rota_tree_node(t, node)->path = path;
    t->count--;
}

void rota_tree_attach(struct rota_tree *t, rota_ref parent, rota_ref node)
{
    char *path = rota_memory_text(rota_tree_path(t, node)); /* the map may move the pool */
    rota_ref name;

    rota_assert(rota_tree_node(t, node)->parent == 0);
    rota_text_give(&t->pool, rota_tree_node(t, node)->path);
    name = rota_map_put(&t->pool, &t->paths, path, node);
    rota_tree_node(t, node)->path = name;
    free(path);
    insert_child(t, parent, node);
    t->count++;
}

void rota_tree_free(struct rota_tree *t, rota_ref node)
{
    struct rota_node *n = rota_tree_node(t, node);

    rota_assert(n->parent == 0 && n->children.length == 0);
    if (n->data != 0)
        rota_pool_give(&t->pool, n->data, (size_t)n->length);
    rota_text_give(&t->pool, n->path);
    rota_pool_give(&t->pool, node, sizeof *n);
}

static const struct list *list_at(const struct rota_tree *t, uint32_t acl)
{
    rota_assert(acl < t->acls.length);
    return rota_array_at(&t->pool, &t->acls, acl, sizeof(struct list));
}

uint32_t rota_tree_acl_count(const struct rota_tree *t, uint32_t acl)
{
    return list_at(t, acl)->count;
}

struct rota_acl rota_tree_acl(const struct rota_tree *t, uint32_t acl, uint32_t i)
{
    const struct list *list = list_at(t, acl);
    const struct entry *e = rota_pool_at(&t->pool, list->entries);

    rota_assert(i < list->count);
    return (struct rota_acl){e[i].perms, rota_pool_at(&t->pool, e[i].scheme),
                             rota_pool_at(&t->pool, e[i].id)};
}

static bool acl_equals(const struct rota_tree *t, uint32_t index, const struct rota_acl *acl,
                       uint32_t count)
{
    if (rota_tree_acl_count(t, index) != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct rota_acl e = rota_tree_acl(t, index, i);

        if (e.perms != acl[i].perms || strcmp(e.scheme, acl[i].scheme) != 0 ||
            strcmp(e.id, acl[i].id) != 0)
            return false;
    }
    return true;
}

uint32_t rota_tree_acl_put(struct rota_tree *t, const struct rota_acl *acl, uint32_t count)
{
    uint32_t index;
    rota_ref entries;

    for (index = 0; index < t->acls.length; index++)
        if (acl_equals(t, index, acl, count))
            return index;
    index = rota_array_push(&t->pool, &t->acls, sizeof(struct list));
    entries = rota_pool_take(&t->pool, count * sizeof(struct entry));
    for (uint32_t i = 0; i < count; i++) {
        rota_ref scheme = rota_text_take(&t->pool, acl[i].scheme);
        rota_ref id = rota_text_take(&t->pool, acl[i].id);

        ((struct entry *)rota_pool_at(&t->pool, entries))[i] =
            (struct entry){acl[i].perms, scheme, id};
    }
    *(struct list *)rota_array_at(&t->pool, &t->acls, index, sizeof(struct list)) =
        (struct list){entries, count};
    return index;
}

/* Half of a surrogate pair takes three bytes, and U+FFFD three bytes too. */
static void replace_surrogates(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)text[0] == 0xed && (unsigned char)text[1] >= 0xa0)
            memcpy(text, "\xef\xbf\xbd", 3);
}

void rota_tree_acl_reload(struct rota_tree *t)
{
    for (uint32_t i = 0; i < t->acls.length; i++) {
        const struct list *list = list_at(t, i);
        const struct entry *e = rota_pool_at(&t->pool, list->entries);

        for (uint32_t k = 0; k < list->count; k++)
            replace_surrogates(rota_pool_at(&t->pool, e[k].id));
    }
}
