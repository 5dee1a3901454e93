#include "harness/judge/expected_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/znode_path.h"
#include "system/memory.h"

static uint64_t hash_of(const struct rota_tree *tree, rota_ref node)
{
    return rota_judge_hash_data(rota_tree_data(tree, node));
}

struct rota_judge_node *rota_expected_tree_find(const struct rota_judge *j, const char *path)
{
    for (uint32_t i = 0; i < j->node_count; i++)
        if (strcmp(j->nodes[i].path, path) == 0)
            return &j->nodes[i];
    return NULL;
}

static void add(struct rota_judge *j, const char *path, uint64_t data_hash, bool foreign)
{
    j->nodes = rota_memory_extend(j->nodes, j->node_count, &j->node_capacity, sizeof *j->nodes);
    j->nodes[j->node_count++] =
        (struct rota_judge_node){rota_memory_text(path), data_hash, foreign};
}

void rota_expected_tree_add_foreign(struct rota_judge *j, const char *path)
{
    if (rota_expected_tree_find(j, path) == NULL)
        add(j, path, 0, true);
}

void rota_expected_tree_init(struct rota_judge *j)
{
    const struct rota_tree *tree = rota_judge_tree(j);

    for (rota_ref n = tree->root; n != 0; n = rota_tree_next(tree, n))
        add(j, rota_tree_path(tree, n), hash_of(tree, n), false);
}

void rota_expected_tree_close(struct rota_judge *j)
{
    for (uint32_t i = 0; i < j->node_count; i++)
        free(j->nodes[i].path);
    free(j->nodes);
    j->nodes = NULL;
    j->node_count = 0;
}

/* ---- bounded-tree ---- */

/* Whether no process waits for the task: it has a second life that its client does not know, or
 * another program made it. */
static bool is_unclaimed(const struct rota_task *t)
{
    return t->orphan || t->abandoned || (t->retried_zxid != 0 && t->collected) ||
           (t->exists && (!t->submitted || t->foreign));
}

/* Whether the path is that of one of ZooKeeper's own znodes. */
static bool is_zookeepers(const char *path)
{
    static const char own[] = "/zookeeper";
    size_t length = strlen(own);

    return strncmp(path, own, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* Whether a path that is not expected may exist: the lock, and znodes of running workers. */
static bool may_stay(const struct rota_judge *j, const char *path)
{
    struct rota_znode_path at;
    uint32_t who, task;

    if (strcmp(path, "/") == 0 || is_zookeepers(path))
        return true;
    rota_znode_path_read(path, &at);
    if (at.kind == ROTA_ZNODE_PATH_MASTER)
        return true;
    if (rota_znode_path_task(&at) != NULL) {
        task = rota_history_find(j->h, rota_znode_path_task(&at));
        return task != ROTA_NO_TASK && is_unclaimed(&j->h->tasks[task]);
    }
    if (at.kind != ROTA_ZNODE_PATH_WORKER && at.kind != ROTA_ZNODE_PATH_PLACE &&
        at.kind != ROTA_ZNODE_PATH_DRAIN)
        return false;
    who = rota_judge_worker(j, at.a);
    return who != ROTA_NOBODY && rota_world_process(j->w, who)->state == ROTA_PROCESS_RUNNING;
}

/* A leader writes into /epoch, to raise it. */
static bool holds_the_same(const struct rota_tree *tree, rota_ref node,
                           const struct rota_judge_node *expected)
{
    return expected->foreign || strcmp(expected->path, "/epoch") == 0 ||
           expected->data_hash == hash_of(tree, node);
}

bool rota_expected_tree_check(const struct rota_judge *j, char *path, size_t size)
{
    const struct rota_tree *tree = rota_judge_tree(j);

    for (rota_ref n = tree->root; n != 0; n = rota_tree_next(tree, n)) {
        const char *here = rota_tree_path(tree, n);
        const struct rota_judge_node *expected = rota_expected_tree_find(j, here);

        if (expected == NULL ? may_stay(j, here) : holds_the_same(tree, n, expected))
            continue;
        snprintf(path, size, "%s", here);
        return false;
    }
    for (uint32_t i = 0; i < j->node_count; i++) {
        if (j->nodes[i].foreign || rota_tree_find(tree, j->nodes[i].path) != 0)
            continue;
        snprintf(path, size, "%s", j->nodes[i].path);
        return false;
    }
    return true;
}
