/* Several servers that are one ZooKeeper: each has its own applied position and answers reads, and
 * fires watches, from there; one leads and orders every write.
 *
 * The net's own server is what the leader knows: it executes a write when that has reached the
 * leader, and what it has ordered is never lost again, whoever leads next. From there a transaction
 * comes to every server after a round trip to a quorum, to the followers later by a message and
 * their lag (S93, S94). Sessions end by the leader's decision alone, later than their time or never
 * earlier by its clock (S69).
 *
 * Servers that have lost their leader, and a leader that has lost its quorum, serve on until they
 * give up, five ticks later: so reads may be answered that the rest of the world has left behind.
 */
#ifndef ROTA_BACKEND_SIM_NET_ENSEMBLE_H
#define ROTA_BACKEND_SIM_NET_ENSEMBLE_H

#include "backend_sim/net/link.h"

enum { ROTA_SERVERS_MOST = 9 };

/* Turns a network with a fresh server into an ensemble of `count` servers, of which the first one
 * leads; `lag` is how much later followers apply. Freed with the network. */
void rota_ensemble_open(struct rota_net *n, const struct rota_server_config *config, uint32_t count,
                        rota_time lag);

/* Frees it. Without an ensemble nothing happens. */
void rota_ensemble_close(struct rota_net *n);

/* Every server applies everything at once, as if much time had passed. */
void rota_ensemble_settle(struct rota_net *n);

uint32_t rota_ensemble_count(const struct rota_ensemble *e);

/* The state of one server, counted from 0 like all of them here. */
struct rota_server *rota_ensemble_replica(const struct rota_ensemble *e, uint32_t server);

/* The server that leads with a quorum behind it, ROTA_NOBODY without one. */
uint32_t rota_ensemble_leader(const struct rota_ensemble *e);

/* Whether somebody leads, is awake, and has a quorum. */
bool rota_ensemble_decides(const struct rota_ensemble *e);

/* Whether all servers are there, follow one leader, and reach each other. */
bool rota_ensemble_well(const struct rota_ensemble *e);

bool rota_ensemble_is_down(const struct rota_ensemble *e, uint32_t server);
bool rota_ensemble_stands_still(const struct rota_ensemble *e, uint32_t server);

/* ---- what has reached a server ---- */

/* Whether the leader executes it: writes, sync and close. */
bool rota_ensemble_decided(const struct rota_request *request);

/* The first packet: a new session is made by the leader, an old one is found by it (S71, S72). */
void rota_ensemble_connect(struct rota_net *n, struct rota_link *l,
                           const struct rota_connect *wish);

/* Sends a request on to the leader; the link is busy until the answer is there. With `lose` the
 * connection breaks when it is done. */
void rota_ensemble_request(struct rota_net *n, struct rota_link *l,
                           struct rota_request_copy *request, bool lose);

/* The session of a connection lives on: the leader learns it with the next report (S69). */
void rota_ensemble_touch(struct rota_net *n, const struct rota_link *l);

/* The deciding server has answered, has committed. */
void rota_ensemble_answer(struct rota_ensemble *e, const struct rota_reply *reply);
void rota_ensemble_append(struct rota_net *n, const struct rota_commit *commit);

/* One of its moments has come: FORWARD, APPLY, GIVE_UP, ELECT or REPORT. */
void rota_ensemble_moment(struct rota_net *n, const struct rota_moment *m);

/* Every server believes that so many znodes were made under this one. */
void rota_ensemble_count_up(struct rota_net *n, const char *path, int32_t creates);

/* ---- misfortunes ---- */

/* The leader steps down, and another server is elected. False if nobody leads. */
bool rota_ensemble_elect(struct rota_net *n);

/* A server applies transactions that much later, from the next one on. */
void rota_ensemble_lag(struct rota_net *n, uint32_t server, rota_time lag);

/* A server dies, keeping what is on its disk, and comes back. */
void rota_ensemble_crash(struct rota_net *n, uint32_t server);
void rota_ensemble_start(struct rota_net *n, uint32_t server);

/* A server stands still, and goes on. */
void rota_ensemble_pause(struct rota_net *n, uint32_t server);
void rota_ensemble_resume(struct rota_net *n, uint32_t server);

/* Puts a server on one side of a partition, as rota_sides_meet has it. */
void rota_ensemble_separate(struct rota_net *n, uint32_t server, uint32_t side);

/* The side of a server. */
uint32_t rota_ensemble_side(const struct rota_ensemble *e, uint32_t server);

/* Whether a sync asks for a quorum; the real one does not (S96). */
void rota_ensemble_sync_by_quorum(struct rota_ensemble *e, bool by_quorum);

#endif
