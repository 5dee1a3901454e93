/* An ensemble of three real ZooKeeper servers on loopback. There is a pipe between each two of
 * them, so that a follower can be made to lag behind its leader. */
#ifndef ROTA_TESTS_LIVE_ZKENSEMBLE_H
#define ROTA_TESTS_LIVE_ZKENSEMBLE_H

#include "tests/live/pipe.h"
#include "tests/live/zkserver.h"

enum {
    ROTA_ZKENSEMBLE_SERVERS = 3,
    ROTA_ZKENSEMBLE_TICK_MS = 200,
    ROTA_ZKENSEMBLE_SYNC_MS = 10000, /* a follower or leader that is silent so long is given up */
};

struct rota_zkensemble {
    struct rota_zkserver servers[ROTA_ZKENSEMBLE_SERVERS];
    /* Indexed by the server that listens and the one that connects; NULL on the diagonal. */
    struct rota_pipe *pipes[ROTA_ZKENSEMBLE_SERVERS][ROTA_ZKENSEMBLE_SERVERS];
    char error[512]; /* one sentence after a function returned false */
};

/* Starts three servers in temporary directories and waits until all of them serve. They end with
 * this process. Must be closed, also after a failure. */
bool rota_zkensemble_start(struct rota_zkensemble *e);

/* Waits until one of the servers leads. Returns its index, -1 if none leads within 90 seconds. */
int rota_zkensemble_leader(const struct rota_zkensemble *e);

/* Holds back all messages to this server, from the return of the function on. For
 * ROTA_ZKENSEMBLE_SYNC_MS no process can notice: its clients still read, and its own messages are
 * delivered. */
void rota_zkensemble_hold(struct rota_zkensemble *e, int server);

/* Delivers all messages to the server again, first those that were held back. */
void rota_zkensemble_flow(struct rota_zkensemble *e, int server);

/* Repairs the ensemble: ends every hold, resumes paused servers, and starts dead ones on their
 * data. */
bool rota_zkensemble_mend(struct rota_zkensemble *e);

/* Kills the servers and frees everything. */
void rota_zkensemble_close(struct rota_zkensemble *e);

#endif
