/* The servers behind a simulated network, as one ZooKeeper. Each server has applied transactions up
 * to a position of its own; it answers reads and fires watches from there. One server leads and
 * orders every write.
 *
 * The ensemble has a state machine for what the leader knows: it executes a write when the write
 * has reached the leader, and no write that it has executed is ever lost, whichever server leads
 * next. From there a transaction reaches every server after a round trip to a quorum, and the
 * followers a message and their lag later (S93, S94). Only the leader ends sessions: later than
 * their timeout, or never earlier by its clock (S69).
 *
 * Servers that have lost their leader, and a leader that has lost its quorum, keep serving until
 * they give up, five ticks later: so they may answer reads with an old state.
 *
 * One server alone is an ensemble of one. It has neither a log nor elections: it executes at once
 * what reaches it, and the state machine of the leader is its own.
 *
 * The ensemble knows connections by their numbers only. Its output for them goes into its sink. */
#ifndef ROTA_BACKEND_SIM_NET_ENSEMBLE_H
#define ROTA_BACKEND_SIM_NET_ENSEMBLE_H

#include "backend_sim/net/choice.h"
#include "backend_sim/net/connection.h"
#include "backend_sim/net/ensemble_sink.h"
#include "backend_sim/net/late_write.h"
#include "backend_sim/net/timeline.h"

struct rota_ensemble_config {
    const struct rota_server_config *server;
    uint32_t servers;  /* 1 to ROTA_SERVERS_MOST; the first one leads */
    rota_time lag;     /* how much later followers apply transactions */
    rota_time latency; /* of a message between two servers, on average */
};

/* Starts the servers. The sink, the timeline and the choices are borrowed. */
struct rota_ensemble *rota_ensemble_open(const struct rota_ensemble_config *config,
                                         const struct rota_ensemble_sink *sink, void *context,
                                         struct rota_timeline *timeline,
                                         struct rota_choices *choices);

/* Frees everything. The sink is not called. */
void rota_ensemble_close(struct rota_ensemble *e);

/* ---- messages of clients ---- */

/* A first packet: a new session is made by the leader, an old one is checked by it (S71, S72). The
 * answer goes to the sink's `connected` or `cut`, at once or later. Until then, the server takes no
 * message of the connection. */
void rota_ensemble_connect(struct rota_ensemble *e, const struct rota_connection *c,
                           const struct rota_connect *connect);

/* A request: the server that it has reached answers reads; writes, sync and close go to the leader.
 * With `lose`, the connection is lost once the request is executed. Returns false if the server
 * takes no message of the connection until the sink's `ready` or `cut`. */
bool rota_ensemble_request(struct rota_ensemble *e, const struct rota_connection *c,
                           struct rota_request_copy *request, bool lose);

/* A write that is executed `most` later or earlier. The caller ends the connection. */
void rota_ensemble_write_late(struct rota_ensemble *e, const struct rota_connection *c,
                              struct rota_request_copy *request, rota_time most);

/* The watches that a client believes in, after it has connected again. */
void rota_ensemble_set_watches(struct rota_ensemble *e, const struct rota_connection *c,
                               int64_t relative_zxid,
                               const struct rota_watch_paths lists[ROTA_WATCH_LISTS]);

/* A ping: the session lives on. A follower reports it to the leader later (S69). */
void rota_ensemble_ping(struct rota_ensemble *e, const struct rota_connection *c);

/* The connection is gone. Unknown connections are no error. */
void rota_ensemble_disconnect(struct rota_ensemble *e, const struct rota_connection *c);

/* A moment of the timeline has come. False if it is not one of the ensemble's. */
bool rota_ensemble_moment(struct rota_ensemble *e, const struct rota_moment *m);

/* ---- queries ---- */

/* How many servers there are. */
uint32_t rota_ensemble_count(const struct rota_ensemble *e);

/* The state machine of the leader, valid until a server starts. */
struct rota_server *rota_ensemble_server(const struct rota_ensemble *e);

/* The server that leads others with a quorum, ROTA_NOBODY if there is none. */
uint32_t rota_ensemble_leader(const struct rota_ensemble *e);

/* True if every server is awake and on no side of a partition. */
bool rota_ensemble_is_healthy(const struct rota_ensemble *e);

bool rota_ensemble_is_down(const struct rota_ensemble *e, uint32_t server);
bool rota_ensemble_is_paused(const struct rota_ensemble *e, uint32_t server);

/* The side of a server in a partition. */
uint32_t rota_ensemble_side(const struct rota_ensemble *e, uint32_t server);

/* ---- faults ---- */

/* The leader steps down, and the servers elect one. False if no server leads others. */
bool rota_ensemble_elect(struct rota_ensemble *e);

/* From the next transaction on, the server applies transactions so much later. */
void rota_ensemble_lag(struct rota_ensemble *e, uint32_t server, rota_time lag);

/* A server dies and its connections are cut; it keeps what is on its disk. A server alone comes
 * back with its sessions, each with a full timeout (S73). Starting a server that runs does nothing.
 */
void rota_ensemble_crash(struct rota_ensemble *e, uint32_t server);
void rota_ensemble_start(struct rota_ensemble *e, uint32_t server);

/* A server is paused, and resumed: then all that was due meanwhile happens at once (S69). */
void rota_ensemble_pause(struct rota_ensemble *e, uint32_t server);
void rota_ensemble_resume(struct rota_ensemble *e, uint32_t server);

/* Puts a server on a side of a partition. */
void rota_ensemble_set_side(struct rota_ensemble *e, uint32_t server, uint32_t side);

/* ---- for tests and for the start of a world ---- */

/* Every server applies every transaction at once. */
void rota_ensemble_apply_all(struct rota_ensemble *e);

/* Every server believes that so many children were created under this znode. */
void rota_ensemble_set_creates(struct rota_ensemble *e, const char *path, int32_t creates);

/* True lets a sync ask a quorum; a real sync does not (S96). */
void rota_ensemble_sync_by_quorum(struct rota_ensemble *e, bool by_quorum);

/* Asserts that the log and the forwards are consistent. Takes time proportional to their number. */
void rota_ensemble_check(const struct rota_ensemble *e);

/* Takes the newest late write out, for a caller that executes it or not. False if there is none. */
bool rota_ensemble_take_late(struct rota_ensemble *e, struct rota_late_write *write);

#endif
