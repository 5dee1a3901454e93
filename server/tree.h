/* The znodes: names, data, versions, access lists and the order of children. A pure data structure,
 * without sessions, watches or requests. It checks nothing: its caller has validated the change.
 *
 * Everything is in one pool and refers by number, so a tree is copied by copying its block. */
#ifndef ROTA_SERVER_TREE_H
#define ROTA_SERVER_TREE_H

#include <stdbool.h>

#include "model/base/map.h"
#include "model/base/pool.h"
#include "model/seam/backend.h"

enum rota_node_kind {
    ROTA_NODE_PERSISTENT,
    ROTA_NODE_EPHEMERAL,
    ROTA_NODE_CONTAINER,
    ROTA_NODE_TTL,
};

struct rota_node {
    rota_ref path;              /* the full path, held by the map of paths */
    uint32_t name;              /* where in the path the last element begins */
    rota_ref parent;            /* 0: the root, or detached */
    uint32_t place;             /* among the children of the parent */
    struct rota_array children; /* rota_ref, in no order (S37) */
    rota_ref data;
    int32_t length; /* -1: no data, which is not the same as empty data (S33) */
    uint32_t acl;   /* index of the access list */
    int32_t version;
    int32_t cversion; /* internal: how many children were ever created (S7) */
    int32_t aversion;
    enum rota_node_kind kind;
    int64_t czxid, mzxid, pzxid;
    int64_t ctime_ms, mtime_ms;
    int64_t owner;           /* EPHEMERAL: the session; TTL: milliseconds; else 0 */
    rota_ref previous, next; /* in the list of its session's ephemerals, or of reapable znodes */
};

struct rota_tree {
    struct rota_pool pool;  /* the user of the tree keeps its own state there too */
    struct rota_map paths;  /* full path -> znode */
    struct rota_array acls; /* access lists, each stored once; index 0 is world:anyone:cdrwa */
    rota_ref root;
    uint32_t count;  /* of znodes, the root and /zookeeper included */
    uint64_t random; /* the state of rota_tree_random */
};

/* Makes the tree of a new server: the root, /zookeeper and its two children (S10). The seed decides
 * the order of children and nothing else. */
void rota_tree_init(struct rota_tree *t, uint64_t seed);

/* Frees the memory. */
void rota_tree_close(struct rota_tree *t);

/* Makes `to`, which must be initialised, a copy of `from`. */
void rota_tree_copy(struct rota_tree *to, const struct rota_tree *from);

/* ---- queries ---- */

/* The znode of a path, 0 if it does not exist. The path "" is the root. */
rota_ref rota_tree_find(const struct rota_tree *t, const char *path);

/* The fields of a znode. The address is valid until something is added to the tree's pool. */
struct rota_node *rota_tree_node(const struct rota_tree *t, rota_ref node);

/* The full path of a znode, the last element of its path, and its data: borrowed until the tree
 * changes. */
const char *rota_tree_path(const struct rota_tree *t, rota_ref node);
const char *rota_tree_name(const struct rota_tree *t, rota_ref node);
struct rota_bytes rota_tree_data(const struct rota_tree *t, rota_ref node);

/* The Stat of a znode as clients see it: the visible cversion counts creates and deletes (S8),
 * containers and TTL nodes have no owner (S18), and sizes are the present ones (S21). */
struct rota_stat rota_tree_stat(const struct rota_tree *t, rota_ref node);

/* Child `i` of a znode, counted from 0; 0 if there are fewer. The order means nothing. */
rota_ref rota_tree_child(const struct rota_tree *t, rota_ref node, uint32_t i);

/* The znode after this one in a walk over the whole tree, parents first, which begins at t->root; 0
 * at the end. */
rota_ref rota_tree_next(const struct rota_tree *t, rota_ref node);

/* ---- changes ---- */

/* Adds a znode under `parent`, whose counters do not change. The path must be free; the data is
 * copied. The znode has the Stat of a create (S14). */
rota_ref rota_tree_add(struct rota_tree *t, rota_ref parent, const char *path,
                       struct rota_bytes data, int64_t zxid, int64_t time_ms);

/* Takes a znode without children out of the tree and keeps its memory, so that it can be attached
 * again. The counters of the parent do not change. */
void rota_tree_detach(struct rota_tree *t, rota_ref node);

/* Puts a detached znode back under `parent`. */
void rota_tree_attach(struct rota_tree *t, rota_ref parent, rota_ref node);

/* Frees a detached znode. */
void rota_tree_free(struct rota_tree *t, rota_ref node);

/* Copies bytes into the pool; 0 if there are none. */
rota_ref rota_tree_bytes(struct rota_tree *t, struct rota_bytes bytes);

/* A random number below `below`, from the tree's own stream. */
uint32_t rota_tree_random(struct rota_tree *t, uint32_t below);

/* ---- access lists ---- */

/* The index of an access list; a new one is stored. */
uint32_t rota_tree_acl_put(struct rota_tree *t, const struct rota_acl *acl, uint32_t count);

/* How many entries an access list has. */
uint32_t rota_tree_acl_count(const struct rota_tree *t, uint32_t acl);

/* Entry `i` of an access list, borrowed until the tree changes. */
struct rota_acl rota_tree_acl(const struct rota_tree *t, uint32_t acl, uint32_t i);

/* Reloads all access lists, as a server does that starts again: each half of a surrogate pair
 * becomes U+FFFD. */
void rota_tree_acl_reload(struct rota_tree *t);

#endif
