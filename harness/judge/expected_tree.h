/* bounded-tree: the tree that must be left when all tasks are collected. */
#ifndef ROTA_HARNESS_JUDGE_EXPECTED_TREE_H
#define ROTA_HARNESS_JUDGE_EXPECTED_TREE_H

#include "harness/judge/judge_state.h"

/* Takes the tree as it is now as the one that must be left. */
void rota_expected_tree_init(struct rota_judge *j);

/* Frees the nodes. */
void rota_expected_tree_close(struct rota_judge *j);

/* The node with this path; NULL if there is none. Borrowed until the next one is added. */
struct rota_judge_node *rota_expected_tree_find(const struct rota_judge *j, const char *path);

/* Another program creates this znode, which may stay. */
void rota_expected_tree_add_foreign(struct rota_judge *j, const char *path);

/* Whether the tree is the expected one, but for what running processes need. If not, `path` of
 * `size` bytes names a znode that is left over or missing. */
bool rota_expected_tree_check(const struct rota_judge *j, char *path, size_t size);

#endif
