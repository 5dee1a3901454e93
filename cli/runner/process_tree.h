/* Who descends from whom, as /proc shows it: how a guard finds what a run left behind. */
#ifndef ROTA_CLI_RUNNER_PROCESS_TREE_H
#define ROTA_CLI_RUNNER_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One living process: neither ended nor waiting to be reaped. */
struct rota_process_info {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    uint64_t started; /* in the system's ticks since it was booted */
    bool marked;      /* the caller's; false when read */
};

/* Zeroed memory is an empty family. */
struct rota_process_tree {
    struct rota_process_info *members; /* the descendants alone */
    size_t count;
    size_t capacity;
};

/* Reads the living descendants of a process. They may end, and others may begin, meanwhile. */
void rota_process_tree_read(struct rota_process_tree *f, pid_t root);

/* Marks every descendant of a marked member. */
void rota_process_tree_spread(struct rota_process_tree *f);

/* When a member began, 0 if it is none. */
uint64_t rota_process_tree_start_of(const struct rota_process_tree *f, pid_t pid);

/* Frees the list. */
void rota_process_tree_close(struct rota_process_tree *f);

/* Whether the environment a process was started with holds this entry, such as "ROTA_FENCE=7". */
bool rota_process_tree_environment_has(pid_t pid, const char *entry);

/* Reads this process's own children, running or not yet reaped, by pid alone: one file instead of
 * all of /proc. False if this system does not offer it. */
bool rota_process_tree_read_children(struct rota_process_tree *f);

#endif
