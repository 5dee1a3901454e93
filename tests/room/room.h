/* Simulated clients on a simulated network, and no processes: what a test of either stands in. */
#ifndef ROTA_TESTS_ROOM_ROOM_H
#define ROTA_TESTS_ROOM_ROOM_H

#include "backend_sim/net/client.h"

enum { ROOM_CLIENTS = 12 };

struct room {
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_sim_client clients[ROOM_CLIENTS]; /* those that were made */
    uint32_t applied;                             /* requests that succeeded */
    uint32_t dropped;                             /* requests that will never be executed */
    struct rota_handle_event event;               /* for the test: the last one taken */
    bool silent[ROOM_CLIENTS];                    /* nothing arrives from them */
    bool deaf[ROOM_CLIENTS];                      /* nothing arrives at them */
    bool keeps_late; /* late requests wait for room_release, the last one in `kept` */
    struct rota_late_write kept;
};

/* Makes a room with that many fresh servers, without clients. The seed of the servers is the room's
 * too. */
void room_open(struct room *r, const struct rota_server_config *config, uint32_t servers);

/* Frees it. The clients must have been closed. */
void room_close(struct room *r);

/* Makes a client that is not connected; its head is the backend. */
struct rota_backend *room_client(struct room *r, uint32_t who, uint32_t timeout_ms);

/* The next moment, if it comes up to that time; it is then the time. False, and nothing changes, if
 * there is none. */
bool room_take(struct room *r, rota_time until, struct rota_moment *m);

/* Lets happen what happens at a moment. */
void room_happen(struct room *r, const struct rota_moment *m);

/* Lets everything happen within that span. */
void room_pass(struct room *r, rota_time span);

/* Every connection of the client breaks, those it has given up too, and none succeeds until heal.
 */
void room_cut(struct room *r, uint32_t who);

/* No connection of the client succeeds until heal; the one it has stays. */
void room_bar(struct room *r, uint32_t who);

/* Nothing arrives any more at the client until heal or cut; nor, unless `heard`, what it sends. */
void room_silence(struct room *r, uint32_t who, bool heard);

/* Ends cut, bar and silence. */
void room_heal(struct room *r, uint32_t who);

/* The client's next request meets a fate, and with it its connection; none succeeds until heal. */
void room_strike(struct room *r, uint32_t who, enum rota_connection_fault fault);

/* Lets the late request that was kept be done, unless its session has come back to `who` by another
 * connection. */
void room_release(struct room *r, uint32_t who);

#endif
