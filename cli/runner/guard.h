/* The guard: the process under which all runs of a worker run. A worker that is stopped, killed or
 * cut off cannot end its runs in time, so the guard ends them when the lease is over, by its own
 * clock (rule 6). The guard is the same program, started before any ZooKeeper handle is open, so
 * that it does not inherit the sockets of one (S87). */
#ifndef ROTA_CLI_RUNNER_GUARD_H
#define ROTA_CLI_RUNNER_GUARD_H

enum { ROTA_GUARD_DESCRIPTOR = 3 }; /* the guard's end of the channel */

/* The hidden command `rota guard MAX_RESULT GRACE_MS WORKER [PROGRAM [ARG…]]`. It serves the
 * channel until the worker closes it or dies, then kills all its descendants. Without PROGRAM a
 * payload is a command for /bin/sh -c. Returns the exit status. */
int rota_guard_main(int argc, char **argv);

#endif
