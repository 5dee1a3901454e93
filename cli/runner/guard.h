/* The guard: the process every run of a worker sits under (rule 6). A worker that is stopped,
 * killed or cut off cannot end what it started; its guard does, by a clock and a lease of its own.
 * It is this very program, started before any ZooKeeper handle is open, so it inherits none of its
 * sockets (S87). */
#ifndef ROTA_CLI_RUNNER_GUARD_H
#define ROTA_CLI_RUNNER_GUARD_H

enum { ROTA_GUARD_DESCRIPTOR = 3 }; /* where it finds its end of the channel */

/* The hidden command `rota guard MAX_RESULT GRACE_MS WORKER [PROGRAM [ARG…]]`: serves the channel
 * until the worker closes it or dies, then kills everything that descends from it. Without PROGRAM
 * payloads are run by /bin/sh -c. Returns the exit status. */
int rota_guard_main(int argc, char **argv);

#endif
