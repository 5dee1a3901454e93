/* Scenarios of zkCli sessions on a real ZooKeeper: the same files as in virtual time. */
#ifndef ROTA_HARNESS_PLAY_LIVE_H
#define ROTA_HARNESS_PLAY_LIVE_H

#include "harness/play/sim.h"

/* Runs every file once on the servers of the connect string, which should hold nothing but
 * ZooKeeper's own znodes. Of the options, `files`, `out` and `err` count. A file that asks for more
 * than zkCli sessions is refused. Returns the exit status of docs/SCENARIOS.md. Blocks; from one
 * thread. */
int rota_live_run(const struct rota_sim_options *options, const char *hosts);

#endif
