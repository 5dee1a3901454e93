/* The guarantees of docs/BACKEND.md, one test a number, written once and run against every backend.
 *
 * A world is one ZooKeeper tree, fresh, and the peers that hold handles on it. A fixture knows how
 * to make a world of its kind and how to disturb it. */
#ifndef ROTA_TESTS_CONTRACT_CONTRACT_H
#define ROTA_TESTS_CONTRACT_CONTRACT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "model/seam/backend.h"

/* ---- what a kind of backend provides ---- */

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
    FAULT_APPLIED, /* the next request is done, its reply lost; the connection is cut */
    FAULT_LATE,    /* the next request is kept, the connection is cut */
};

enum { PEERS = 4, UNREACHABLE = PEERS };

struct world;

struct fixture {
    const char *name;
    unsigned abilities; /* of enum ability */
    void *context;      /* what all worlds of this fixture share */

    /* A world with an empty tree. */
    struct world *(*begin)(void *context);

    /* After the backends were destroyed. */
    void (*end)(struct world *w);

    /* An instance for the peer with that number, below PEERS. Its handles go through a connection
     * of their own, which cut, fault and silence strike. */
    struct rota_backend *(*backend)(struct world *w, unsigned peer, uint32_t session_timeout_ms);

    /* Lets time pass until something may have happened, but not for long. */
    void (*wait)(struct world *w);

    /* Every connection of the peer breaks, and none succeeds until heal. */
    void (*cut)(struct world *w, unsigned peer);
    void (*heal)(struct world *w, unsigned peer);

    /* Strikes the next request of the peer; until heal there is no connection. */
    void (*fault)(struct world *w, unsigned peer, enum fault fault);
    bool (*struck)(struct world *w, unsigned peer);

    /* What FAULT_LATE kept arrives at the server now, if it still can. */
    void (*release)(struct world *w, unsigned peer);

    /* The peer's connection carries nothing any more, and does not break, until heal. */
    void (*silence)(struct world *w, unsigned peer);

    /* How often the backend has woken its owner. */
    unsigned (*wakes)(struct world *w, unsigned peer);
};

/* Runs every test that the fixture is able to run. Returns the number of failures. */
int contract_run(const struct fixture *fixture);

#endif
