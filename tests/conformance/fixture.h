/* A kind of ZooKeeper under comparison: how to make its backends, and how to disturb them. */
#ifndef ROTA_TESTS_CONFORMANCE_FIXTURE_H
#define ROTA_TESTS_CONFORMANCE_FIXTURE_H

#include "tests/conformance/sequence.h"

/* The peers that hold a handle besides the clients. */
enum {
    PEER_OTHER = CLIENTS_MOST, /* takes sessions over */
    PEER_OBSERVER,             /* reads */
    PEER_SHORT,                /* has the session that expires */
    PEERS_MOST,
};

/* Containers and TTL nodes are checked every ten hours: never during a run. */
enum { TICK_MS = 200, REAP_MS = 36000000 };

/* Sessions are long, so that no delay of a loaded machine ends one; except sessions that are to
 * expire, and sessions of clients that are to give up by their own clock. */
enum { SESSION_MS = 40000, SILENT_SESSION_MS = 6000, SHORT_SESSION_MS = 2000 };

enum fault {
    FAULT_LOST,
    FAULT_APPLIED,
    FAULT_LATE,
};

struct world; /* the fixture's own */

struct fixture {
    const char *name;
    bool connections; /* it has connections that can be cut */

    /* Starts a new server. NULL, after a sentence on standard error, if that is not possible. */
    struct world *(*begin)(void);

    /* Frees a world, after its backends were destroyed. */
    void (*end)(struct world *w);

    /* A backend for a peer. */
    struct rota_backend *(*backend)(struct world *w, uint32_t peer, uint32_t session_timeout_ms);

    /* Waits until something may have happened, but not for long. */
    void (*wait)(struct world *w);

    /* Breaks every connection of the peer; none succeeds until heal. */
    void (*cut)(struct world *w, uint32_t peer);
    void (*heal)(struct world *w, uint32_t peer);

    /* No new connection of the peer succeeds until heal; the present one stays. */
    void (*block)(struct world *w, uint32_t peer);

    /* Returns when the server has noticed the end of every connection that the peer has lost or
     * closed. False if it does not notice. */
    bool (*settle)(struct world *w, uint32_t peer);

    /* Causes a fault at the next request of the peer; no connection succeeds until heal. */
    void (*fault)(struct world *w, uint32_t peer, enum fault fault);

    /* The request that FAULT_LATE holds back reaches the server. */
    void (*release)(struct world *w, uint32_t peer);

    /* Until cut, the peer receives nothing, and its connections stay. If `arrives`, its requests
     * still reach the server. */
    void (*silence)(struct world *w, uint32_t peer, bool arrives);

    /* Pauses and resumes the server. */
    void (*pause)(struct world *w);
    void (*resume)(struct world *w);

    /* Kills the server, and starts it again with all its data. False if it does not start. */
    void (*stop)(struct world *w);
    bool (*start)(struct world *w);

    /* Adds the logs of the server; NULL: it has none. */
    void (*add_logs)(struct world *w, struct text *t);
};

extern const struct fixture fixture_real;
extern const struct fixture fixture_simulated;
extern const struct fixture fixture_embedded;

#endif
