/* The znodes: names, data, versions and the order of children. A pure data structure: it knows no
 * session, no watch and no request, and it takes what it is told: whoever changes it has checked
 * first.
 *
 * Everything lives in one pool and refers by number, so a tree is copied by copying its block. */
#ifndef ROTA_SERVER_TREE_H
#define ROTA_SERVER_TREE_H

#include <stdbool.h>

#include "model/seam/backend.h"
#include "model/base/map.h"
#include "model/base/pool.h"

enum rota_node_kind {
    ROTA_NODE_PERSISTENT,
    ROTA_NODE_EPHEMERAL,
    ROTA_NODE_CONTAINER,
    ROTA_NODE_TTL,
};

struct rota_node {
    rota_ref path;              /* the full path, a text that the table of paths holds */
    uint32_t name;              /* where in the path the last element begins */
    rota_ref parent;            /* 0: the root, and what has been removed */
    uint32_t place;             /* among the children of the parent */
    struct rota_array children; /* rota_ref, in no order (S37) */
    rota_ref data;
    int32_t length; /* -1: no data, which is not the same as empty data (S33) */
    uint32_t acl;   /* index of the access list */
    int32_t version;
    int32_t cversion; /* internal: creates ever done under this node (S7) */
    int32_t aversion;
    enum rota_node_kind kind;
    int64_t czxid, mzxid, pzxid;
    int64_t ctime_ms, mtime_ms;
    int64_t owner; /* EPHEMERAL: the session; TTL: the milliseconds; else 0 */
    rota_ref previous,
        next; /* in the list its owner keeps: a session's ephemerals, or what is reaped */
};

struct rota_tree {
    struct rota_pool pool;  /* also takes what belongs to the tree's user */
    struct rota_map paths;  /* full path -> node */
    struct rota_array acls; /* access lists, each stored once; index 0 is world:anyone:cdrwa */
    rota_ref root;
    uint32_t count;  /* znodes, the root and /zookeeper included */
    uint64_t random; /* where the order of children comes from */
};

/* Makes a fresh tree: the root, /zookeeper and its two children, exactly as a fresh server has them
 * (S10). The seed decides the order of children and nothing else. */
void rota_tree_init(struct rota_tree *t, uint64_t seed);

/* Frees the memory. */
void rota_tree_close(struct rota_tree *t);

/* Makes `to`, which must be initialised, a copy of `from`. */
void rota_tree_copy(struct rota_tree *to, const struct rota_tree *from);

/* The node at a path, 0 if there is none. */
rota_ref rota_tree_find(const struct rota_tree *t, const char *path);

/* A node's fields. The address is valid until something is added to the tree's pool. */
struct rota_node *rota_tree_node(const struct rota_tree *t, rota_ref node);

/* A node's full path, borrowed until the tree changes. */
const char *rota_tree_path(const struct rota_tree *t, rota_ref node);

/* The last element of a node's path, borrowed until the tree changes. */
const char *rota_tree_name(const struct rota_tree *t, rota_ref node);

/* A node's data, borrowed until the tree changes. */
struct rota_bytes rota_tree_data(const struct rota_tree *t, rota_ref node);

/* A node's Stat as clients see it: the visible cversion counts creates and deletes (S8), containers
 * and TTL nodes have no owner (S18), sizes are of now (S21). */
struct rota_stat rota_tree_stat(const struct rota_tree *t, rota_ref node);

/* Child number `i` of a node, counted from 0, 0 when there are no more. The order means nothing. */
rota_ref rota_tree_child(const struct rota_tree *t, rota_ref node, uint32_t i);

/* The node after this one in a walk over the whole tree, parents first, beginning at t->root; 0 at
 * the end. */
rota_ref rota_tree_next(const struct rota_tree *t, rota_ref node);

/* Adds a node under `parent`, whose counters are left alone; the path must be free and its data is
 * copied. The stat is that of a create (S14). */
rota_ref rota_tree_add(struct rota_tree *t, rota_ref parent, const char *path,
                       struct rota_bytes data, int64_t zxid, int64_t time_ms);

/* Takes a node without children out of the tree. Its memory stays until rota_tree_drop, so that it
 * can be put back. Counters of the parent are left alone. */
void rota_tree_take_out(struct rota_tree *t, rota_ref node);

/* Puts back under `parent` what was taken out. */
void rota_tree_put_back(struct rota_tree *t, rota_ref parent, rota_ref node);

/* Frees a node that was taken out. */
void rota_tree_drop(struct rota_tree *t, rota_ref node);

/* Copies bytes into the pool; 0 if there are none. */
rota_ref rota_tree_bytes(struct rota_tree *t, struct rota_bytes bytes);

/* The index of an access list, stored if it is new. */
uint32_t rota_tree_acl_put(struct rota_tree *t, const struct rota_acl *acl, uint32_t count);

/* How many entries an access list has. */
uint32_t rota_tree_acl_count(const struct rota_tree *t, uint32_t acl);

/* One entry of an access list, borrowed until the tree changes. */
struct rota_acl rota_tree_acl(const struct rota_tree *t, uint32_t acl, uint32_t i);

/* Reads all access lists again as a server does that has written them and starts: each half of a
 * character outside of the basic plane becomes U+FFFD. */
void rota_tree_acl_reread(struct rota_tree *t);

/* A random number below `below`, from the tree's own stream. */
uint32_t rota_tree_draw(struct rota_tree *t, uint32_t below);

/* Whether a server accepts this path for writing: UTF-8, absolute, without empty, "." or ".."
 * elements, control characters and what lies outside of the basic plane (S31). */
bool rota_path_check(const char *path);

/* Writes a path, or another text, as a server says it back: through Java's strings, so that
 * malformed UTF-8 becomes U+FFFD and what lies outside of the basic plane two halves. `to` has room
 * for three times its bytes and the end. */
void rota_path_echo(const char *path, char *to);

/* Whether that is how a server says the text back. */
bool rota_path_echoes(const char *path, const char *echo);

/* Writes a text as UTF-8 without faults: what is malformed becomes U+FFFD, the rest stays as it is.
 * `to` has room for three times its bytes and the end. */
void rota_path_mend(const char *path, char *to);

#endif
