/* Runs scenarios of zkCli sessions on a real ZooKeeper: the same files as in virtual time. */
#ifndef ROTA_HARNESS_PLAY_LIVE_H
#define ROTA_HARNESS_PLAY_LIVE_H

#include "harness/play/sim.h"

/* Runs every file once on the servers of the connect string, which should hold only ZooKeeper's own
 * znodes. Of the options it uses `files`, `out` and `err`. A file with statements other than `zk`
 * is refused. Returns the exit status of docs/SCENARIOS.md. Blocks; call it from one thread. */
int rota_live_run(const struct rota_sim_options *options, const char *hosts);

#endif
