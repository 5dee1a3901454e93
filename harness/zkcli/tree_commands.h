/* The commands of zkCli on the tree: create, get, ls and so on. */
#ifndef ROTA_HARNESS_ZKCLI_TREE_COMMANDS_H
#define ROTA_HARNESS_ZKCLI_TREE_COMMANDS_H

#include "harness/zkcli/zkcommand.h"

/* Sorted by name; the entry after the last one has no name. */
extern const struct rota_zkcommand rota_zk_tree_commands[];

#endif
