/* What libzookeeper_mt does with a connection, in virtual time: states, queues, pings, attempts to
 * connect again, watches armed again, the order of events (S75-S92 as far as the seam shows them).
 *
 * It is a backend: `head` is what a driver holds. Its events are taken with next, as from any
 * other. */
#ifndef ROTA_BACKEND_SIM_NET_CLIENT_H
#define ROTA_BACKEND_SIM_NET_CLIENT_H

#include "backend_sim/net/clock.h"
#include "backend_sim/net/link.h"
#include "model/base/map.h"
#include "model/base/pool.h"

enum rota_sim_client_state {
    ROTA_SIM_CLIENT_NONE,       /* no handle yet */
    ROTA_SIM_CLIENT_WAITING,    /* between two attempts to connect */
    ROTA_SIM_CLIENT_REFUSED,    /* an attempt is under way that will fail */
    ROTA_SIM_CLIENT_CONNECTING, /* an attempt is under way */
    ROTA_SIM_CLIENT_CONNECTED,
    ROTA_SIM_CLIENT_CLOSING, /* the close has been sent */
    ROTA_SIM_CLIENT_DEAD,    /* expired, or its credentials were refused */
    ROTA_SIM_CLIENT_CLOSED,  /* on request */
};

/* A request that is not answered yet. */
struct rota_asked {
    struct rota_asked *next;
    struct rota_request_copy *parcel;
    bool again; /* credentials of before: nobody waits for their answer */
};

/* An event that has not been taken yet. */
struct rota_heard {
    struct rota_heard *next;
    struct rota_handle_event event;
    void *block; /* what the event points to */
};

enum { ROTA_DOOMS_MOST = 8 };

/* What becomes of a request to come. */
struct rota_doom {
    enum rota_fate fate;
    rota_time late_most;
};

struct rota_sim_client {
    struct rota_backend head;
    struct rota_net *net; /* borrowed */
    uint32_t who;
    uint32_t wish_ms;
    enum rota_sim_client_state state;
    uint32_t handle;
    uint64_t owner; /* names the handle among all handles of the world */
    struct rota_client_id client_id;
    uint32_t timeout_ms;
    int64_t last_zxid; /* of the last reply */
    struct rota_clock clock;
    rota_time sent; /* when something was sent, by its clock, as is what follows */
    rota_time received;
    rota_time due;   /* WAITING, REFUSED, CONNECTING, CLOSING: when the state ends */
    rota_time armed; /* the moment that is on the timeline, by the world's clock */
    uint32_t server; /* the one of the attempt; ensembles only */
    bool backwards;  /* the others are tried in this order */
    uint32_t tries;  /* attempts since the last connection */
    struct rota_link *link;
    struct rota_asked *asked; /* first in, first answered */
    struct rota_asked *asked_last;
    struct rota_asked *unsent;              /* the first of them that was not sent */
    struct rota_request_copy **credentials; /* sent again with every connection (S88); held */
    uint32_t credential_count;
    struct rota_heard *heard;
    struct rota_heard *heard_last;
    struct rota_heard *taken; /* lent out by next */
    struct rota_pool pool;
    struct rota_map watched;   /* path -> index in `watches` */
    struct rota_array watches; /* what the handle believes to watch */
    uint32_t watch_bytes;
    uint32_t watch_bytes_most;
    bool connected_before;
    bool expired;      /* DEAD: a server said so */
    bool mute_replies; /* CLOSING: replies on their way are lost (S84) */
    bool paused;
    bool blocked;        /* no server can be reached */
    uint32_t side;       /* of a partition; 0: it reaches every server */
    rota_time slow;      /* added to the latency of messages */
    enum rota_fate fate; /* of the next request */
    rota_time late_most;
    struct rota_doom dooms[ROTA_DOOMS_MOST]; /* fates to come, one in each connection */
    uint32_t doom_count;
    bool doomed;      /* a request on this connection has its fate: it will be lost */
    uint32_t refused; /* requests answered here because the handle's session had ended */
};

/* Prepares a client; `wish_ms` is the wish for a session timeout. Net is borrowed. */
void rota_sim_client_init(struct rota_sim_client *c, struct rota_net *net, uint32_t who,
                          uint32_t wish_ms);

/* Takes over what befalls the machine, not the process: cuts, delays, the clock, and what is to
 * become of requests to come. */
void rota_sim_client_inherit(struct rota_sim_client *c, const struct rota_sim_client *before);

/* Frees the memory and closes the socket, as the death of a process does. */
void rota_sim_client_close(struct rota_sim_client *c);

/* A message has come down. It stays the caller's, but for the reply's body, which is taken. */
void rota_sim_client_hear(struct rota_sim_client *c, struct rota_message *m);

/* Looks at the clock: a moment of this client has come. */
void rota_sim_client_tick(struct rota_sim_client *c);

/* The connection is cut at both ends, now. Without a connection nothing happens. */
void rota_sim_client_cut(struct rota_sim_client *c);

/* Loses the connection around the next request, or, if that has a fate already, around one of the
 * connection that comes after. What exceeds ROTA_DOOMS_MOST takes the place of the last. */
void rota_sim_client_doom(struct rota_sim_client *c, enum rota_fate fate, rota_time late_most);

/* Whether the client could reach this server. */
bool rota_sim_client_reaches(const struct rota_sim_client *c, uint32_t server);

/* What its clock shows. */
rota_time rota_sim_client_now(const struct rota_sim_client *c);

/* Its clock goes at another pace now. */
void rota_sim_client_rearm(struct rota_sim_client *c);

/* Stands still, and goes on: what was asked meanwhile is sent, what has come meanwhile arrives. */
void rota_sim_client_pause(struct rota_sim_client *c);
void rota_sim_client_resume(struct rota_sim_client *c);

#endif
