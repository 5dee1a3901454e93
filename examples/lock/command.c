#include "examples/lock/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_EXECUTED = 127 };

/* Runs in the child. Its process dies with the lock's, also if that is killed. If the lock's
 * process is stopped, the command goes on, even when another process has the lock; then only the
 * fence tells its writes from those of the new holder. */
static _Noreturn void execute(char **argv, pid_t parent)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        execvp(argv[0], argv);
    _exit(NOT_EXECUTED);
}

void lock_command_start(struct lock_command *c, const char *path, int64_t fence)
{
    pid_t parent = getpid();
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, fence);
    setenv("LOCK_PATH", path, 1);
    setenv("LOCK_FENCE", text, 1);
    c->cancelled = false;
    c->pid = fork();
    if (c->pid == 0)
        execute(c->argv, parent);
    if (c->pid < 0) {
        perror("lock: the command cannot be started");
        _exit(NOT_EXECUTED); /* the end of the session releases the lock */
    }
    setpgid(c->pid, c->pid);
}

void lock_command_cancel(struct lock_command *c, bool at_once)
{
    if (c->pid == 0)
        return;
    c->cancelled = true;
    kill(-c->pid, at_once ? SIGKILL : SIGTERM);
}

bool lock_command_reap(struct lock_command *c)
{
    if (c->pid == 0 || waitpid(c->pid, &c->status, WNOHANG) != c->pid)
        return false;
    kill(-c->pid, SIGKILL); /* what the command has left in its group */
    c->pid = 0;
    return true;
}

int lock_command_exit_status(const struct lock_command *c)
{
    return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status);
}
