/* A ZooKeeper under comparison, held through the seam: several clients on one server, and what they
 * have heard. The same code drives every kind of subject; a fixture knows how to make its backends
 * and how to disturb them. */
#ifndef ROTA_TESTS_CONFORMANCE_SUBJECT_H
#define ROTA_TESTS_CONFORMANCE_SUBJECT_H

#include "tests/conformance/sequence.h"

/* Who holds a handle beside the clients. */
enum {
    PEER_THIEF = CLIENTS_MOST, /* takes sessions over */
    PEER_WITNESS,              /* looks on */
    PEER_BRIEF,                /* has the session that runs out */
    PEERS_MOST,
};

/* Containers and TTL nodes are reaped by the hour: never, in a run. */
enum { TICK_MS = 200, REAP_MS = 36000000 };

/* Sessions outlive whatever a machine under load does to their owners; but for those that are to
 * run out, and those of clients that are to give up by their own clock. */
enum { SESSION_MS = 40000, PATIENCE_MS = 6000, BRIEF_MS = 2000 };

enum fault {
    FAULT_LOST,
    FAULT_APPLIED,
    FAULT_LATE,
};

struct world; /* the fixture's own */

struct fixture {
    const char *name;
    bool connections; /* it has connections that can be cut */

    /* A fresh server. NULL, after a sentence on standard error, if there is none to be had. */
    struct world *(*begin)(void);

    /* After the backends were destroyed. */
    void (*end)(struct world *w);

    /* An instance for a peer. */
    struct rota_backend *(*backend)(struct world *w, uint32_t peer, uint32_t session_timeout_ms);

    /* Lets time pass until something may have happened, but not for long. */
    void (*wait)(struct world *w);

    /* Every connection of the peer breaks, and none succeeds until heal. */
    void (*cut)(struct world *w, uint32_t peer);
    void (*heal)(struct world *w, uint32_t peer);

    /* No connection of the peer succeeds until heal; the one it has stays. */
    void (*bar)(struct world *w, uint32_t peer);

    /* Returns when the server knows of every connection that the peer has lost or left. False if it
     * does not come to know. */
    bool (*settle)(struct world *w, uint32_t peer);

    /* Strikes the next request of the peer; until heal there is no connection. */
    void (*fault)(struct world *w, uint32_t peer, enum fault fault);

    /* What FAULT_LATE has kept reaches the server. */
    void (*release)(struct world *w, uint32_t peer);

    /* Nothing is carried for the peer any more, and its connections stay, until cut; if `heard`,
     * what it sends still reaches the server. */
    void (*silence)(struct world *w, uint32_t peer, bool heard);

    /* The server stands still, and goes on. */
    void (*pause)(struct world *w);
    void (*resume)(struct world *w);

    /* The server dies, and comes back with all it had. False if it does not come back. */
    void (*stop)(struct world *w);
    bool (*start)(struct world *w);

    /* Adds what the server has written down about itself; NULL: nothing. */
    void (*testify)(struct world *w, struct text *t);
};

enum peer_state {
    PEER_ABSENT,
    PEER_OPENING,
    PEER_UP,
    PEER_DOWN,
    PEER_DEAD,
    PEER_CLOSED,
};

/* One thing heard. */
struct line {
    char *text;
    int watch; /* enum rota_watch_kind; 0: something else */
};

struct lines {
    struct line *at;
    uint32_t count;
    uint32_t capacity;
};

struct peer {
    struct rota_backend *backend;
    enum peer_state state;
    uint32_t handle;
    struct rota_client_id client_id;
    bool cut;
    bool late;      /* a request of its own waits to be done late */
    bool condemned; /* its credentials were refused */
    uint32_t losses;
    uint32_t timeout_ms; /* as negotiated */
    const struct command *asked[GROUP_MOST];
    uint32_t outstanding;
    uint32_t kept;  /* lines that stay when it is closed */
    int32_t rc;     /* of the last reply */
    int32_t before; /* what a condition looks for a change of */
    int32_t seen;   /* in the last reply: grows with every create under and every set of a znode */
    struct lines lines;
    struct lines aside; /* what the client library answers on its own, at a time of its own */
};

struct subject {
    const struct fixture *fixture;
    struct world *world;
    struct peer peers[PEERS_MOST];
    uint32_t clients;
    char root[ROOT_BYTES];
    int64_t *sessions; /* in the order of their opening: they are named by their place in it */
    uint32_t session_count;
    uint32_t session_capacity;
    bool late;             /* a request waits to be done late; there is room for one */
    uint32_t disturbances; /* connections and sessions lost, but for those cut */
    bool stuck;            /* something that must come did not come */
    bool ended;            /* a session has ended in this step */
    struct text text;      /* what was said in the last step */
    struct text journal;   /* all that was done and heard in this sequence, with the time */
    rota_time began;       /* this sequence */
};

/* Makes a subject with a fresh server. False, after a sentence on standard error, if there is none.
 */
bool subject_open(struct subject *s, const struct fixture *fixture);
void subject_close(struct subject *s);

/* Opens the clients' sessions and creates the root of a run. */
void subject_begin(struct subject *s, uint32_t clients, const char *root);

/* Does one step and waits until all is quiet. What was heard is in `text`, a line each: in the
 * order of hearing for each client, the clients one after the other; what has no order is sorted.
 */
void subject_perform(struct subject *s, const struct step *step);

/* Ends the clients' sessions. */
void subject_end(struct subject *s);

extern const struct fixture fixture_real;
extern const struct fixture fixture_simulated;
extern const struct fixture fixture_embedded;

#endif
