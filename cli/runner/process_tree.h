/* The descendants of a process, read from /proc. A guard uses it to find what a run left behind. */
#ifndef ROTA_CLI_RUNNER_PROCESS_TREE_H
#define ROTA_CLI_RUNNER_PROCESS_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One running process; a process that waits to be reaped is none. */
struct rota_process_info {
    pid_t pid;
    pid_t parent;
    pid_t group;
    pid_t session;
    uint64_t started; /* start time, in ticks since the boot */
    bool marked;      /* set by the caller; false when read */
};

/* Zeroed memory is an empty list. */
struct rota_process_tree {
    struct rota_process_info *members; /* sorted by process id */
    uint32_t count;
    uint32_t capacity;
};

/* Reads the running descendants of a process. Processes may end and begin during the call. */
void rota_process_tree_read(struct rota_process_tree *t, pid_t root);

/* Marks all descendants of marked members. */
void rota_process_tree_spread(struct rota_process_tree *t);

/* The start time of a member; 0 if the process is not one. */
uint64_t rota_process_tree_start_of(const struct rota_process_tree *t, pid_t pid);

/* Frees the list. */
void rota_process_tree_close(struct rota_process_tree *t);

/* Whether a process was started with this entry in its environment, such as "ROTA_FENCE=7". */
bool rota_process_tree_environment_has(pid_t pid, const char *entry);

/* Reads the process ids of this process's own children, including those that wait to be reaped.
 * Only one file is read instead of all of /proc. False if the system does not have that file. */
bool rota_process_tree_read_children(struct rota_process_tree *t);

#endif
