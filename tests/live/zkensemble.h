/* Three real ZooKeeper servers on loopback that make one ensemble; between each two of them lies a
 * pipe, so that a follower can be made to lag behind its leader. */
#ifndef ROTA_TESTS_LIVE_ZKENSEMBLE_H
#define ROTA_TESTS_LIVE_ZKENSEMBLE_H

#include "tests/live/pipe.h"
#include "tests/live/zkserver.h"

enum {
    ROTA_ZKENSEMBLE_SERVERS = 3,
    ROTA_ZKENSEMBLE_TICK_MS = 200,
    ROTA_ZKENSEMBLE_SYNC_MS = 10000, /* a follower or leader not heard for so long is given up */
};

struct rota_zkensemble {
    struct rota_zkserver servers[ROTA_ZKENSEMBLE_SERVERS];
    /* By who listens and who calls; NULL on the diagonal. */
    struct rota_pipe *pipes[ROTA_ZKENSEMBLE_SERVERS][ROTA_ZKENSEMBLE_SERVERS];
    char error[512]; /* one sentence after a function returned false */
};

/* Starts three servers in temporary directories and waits until all of them serve. They end with
 * the process. To be closed, also after a failure. */
bool rota_zkensemble_start(struct rota_zkensemble *e);

/* Waits until one of the servers leads and returns its place, -1 if none does within 90 seconds. */
int rota_zkensemble_leader(const struct rota_zkensemble *e);

/* From its return on the server hears nothing of what others do, and nobody can tell for
 * ROTA_ZKENSEMBLE_SYNC_MS: its clients go on reading, and what it says itself is heard. */
void rota_zkensemble_hold(struct rota_zkensemble *e, int server);

/* It hears everything again, first what it missed. */
void rota_zkensemble_flow(struct rota_zkensemble *e, int server);

/* Undoes what was done to servers: those held hear, those paused go on, those dead are started, on
 * their data. */
bool rota_zkensemble_mend(struct rota_zkensemble *e);

void rota_zkensemble_close(struct rota_zkensemble *e);

#endif
