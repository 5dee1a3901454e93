/* Simulated clients on a simulated network, without processes: a fixture for tests. */
#ifndef ROTA_TESTS_ROOM_ROOM_H
#define ROTA_TESTS_ROOM_ROOM_H

#include "backend_sim/net/client.h"

enum { ROOM_CLIENTS = 12 };

struct room {
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_sim_client clients[ROOM_CLIENTS]; /* made by room_client */
    uint32_t applied;                             /* requests that succeeded */
    uint32_t dropped;                             /* requests that were dropped */
    struct rota_handle_event event;               /* for the test: the last event taken */
    bool silent[ROOM_CLIENTS];                    /* their messages do not arrive */
    bool deaf[ROOM_CLIENTS];                      /* messages to them do not arrive */
    bool keeps_late; /* late writes wait for room_release, the last one in `kept` */
    struct rota_late_write kept;
};

/* Makes a room with that many new servers, without clients. The servers' seed is also the seed of
 * the room's choices. */
void room_open(struct room *r, const struct rota_server_config *config, uint32_t servers);

/* Frees it. The clients must have been closed. */
void room_close(struct room *r);

/* Makes a client without a handle, and returns its backend. */
struct rota_backend *room_client(struct room *r, uint32_t who, uint32_t timeout_ms);

/* Takes the next moment, if it comes no later than that, and advances the time to it. Otherwise
 * returns false and changes nothing. */
bool room_take(struct room *r, rota_time until, struct rota_moment *m);

/* Executes a moment, then checks the lists of the ensemble and of the clients. */
void room_happen(struct room *r, const struct rota_moment *m);

/* Executes all moments within that span, and advances the time by it. */
void room_pass(struct room *r, rota_time span);

/* Breaks every connection of the client, also those it has given up; none succeeds until heal. */
void room_cut(struct room *r, uint32_t who);

/* No new connection of the client succeeds until heal; the present one stays. */
void room_block(struct room *r, uint32_t who);

/* Until heal or cut, nothing arrives at the client, and, unless `arrives`, nothing that it sends.
 */
void room_silence(struct room *r, uint32_t who, bool arrives);

/* Ends cut, block and silence. */
void room_heal(struct room *r, uint32_t who);

/* Plans a fault for the client's next request; no connection succeeds until heal. */
void room_fault(struct room *r, uint32_t who, enum rota_connection_fault fault);

/* Executes the late write that was kept, unless its client `who` is connected again. */
void room_release(struct room *r, uint32_t who);

#endif
