/* A kind of backend under test: how to make a world of its kind, and how to disturb it. A world is
 * one ZooKeeper with an empty tree, and the peers that hold handles on it. */
#ifndef ROTA_TESTS_CONTRACT_FIXTURE_H
#define ROTA_TESTS_CONTRACT_FIXTURE_H

#include <stdbool.h>

#include "model/seam/backend.h"

enum ability {
    ABLE_NOTHING = 0u,
    ABLE_CUT = 1u << 0,         /* cut, heal */
    ABLE_FAULT = 1u << 1,       /* fault */
    ABLE_LATE = 1u << 2,        /* fault(FAULT_LATE), release */
    ABLE_SILENCE = 1u << 3,     /* silence */
    ABLE_UNREACHABLE = 1u << 4, /* a peer with the number UNREACHABLE */
    ABLE_WAKE = 1u << 5,        /* the backend runs in real time and wakes its owner */
};

enum fault {
    FAULT_LOST,    /* the next request never reaches the server; the connection is cut */
    FAULT_APPLIED, /* the next request is executed, its reply lost; the connection is cut */
    FAULT_LATE,    /* the next request is held back; the connection is cut */
};

enum { PEERS = 4, UNREACHABLE = PEERS };

struct world;

struct fixture {
    const char *name;
    unsigned abilities; /* of enum ability */
    void *context;      /* shared by all worlds of this fixture */

    /* A world with an empty tree. */
    struct world *(*begin)(void *context);

    /* Frees a world, after its backends were destroyed. */
    void (*end)(struct world *w);

    /* A backend for the peer with that number, below PEERS. It has a connection of its own, which
     * cut, fault and silence affect. */
    struct rota_backend *(*backend)(struct world *w, unsigned peer, uint32_t session_timeout_ms);

    /* Waits until something may have happened, but not for long. */
    void (*wait)(struct world *w);

    /* Breaks every connection of the peer; none succeeds until heal. */
    void (*cut)(struct world *w, unsigned peer);
    void (*heal)(struct world *w, unsigned peer);

    /* Causes a fault at the next request of the peer; no connection succeeds until heal. The second
     * function tells whether the fault has happened. */
    void (*fault)(struct world *w, unsigned peer, enum fault fault);
    bool (*fault_happened)(struct world *w, unsigned peer);

    /* The request that FAULT_LATE holds back arrives at the server now, if it still can. */
    void (*release)(struct world *w, unsigned peer);

    /* Until heal the peer's connection transports nothing, and does not break. */
    void (*silence)(struct world *w, unsigned peer);

    /* How often the backend has woken its owner. */
    unsigned (*wakes)(struct world *w, unsigned peer);
};

#endif
