/* The command that runs under the lock: a process group of its own, which ends with this process.
 */
#ifndef ROTA_EXAMPLES_LOCK_COMMAND_H
#define ROTA_EXAMPLES_LOCK_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lock_command {
    char **argv;
    pid_t pid;      /* of the process and of its group; 0: it does not run */
    bool cancelled; /* lock_command_cancel was called */
    int status;     /* as wait gives it, once it has ended */
};

/* Starts the command with LOCK_PATH and LOCK_FENCE in its environment. A command that cannot be
 * executed ends with status 127. */
void lock_command_start(struct lock_command *c, const char *path, int64_t fence);

/* Ends the command: with SIGTERM, or at once. Does nothing if it does not run. */
void lock_command_cancel(struct lock_command *c, bool at_once);

/* Returns true if the command has ended since the last call. */
bool lock_command_reap(struct lock_command *c);

/* The status as a shell gives it: of an exit, or 128 and the signal. */
int lock_command_exit_status(const struct lock_command *c);

#endif
