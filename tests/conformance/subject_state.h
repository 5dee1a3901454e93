/* The state of a ZooKeeper under comparison: several clients on one server, and the events that
 * they have received. */
#ifndef ROTA_TESTS_CONFORMANCE_SUBJECT_STATE_H
#define ROTA_TESTS_CONFORMANCE_SUBJECT_STATE_H

#include "tests/conformance/fixture.h"

enum peer_state {
    PEER_ABSENT,
    PEER_OPENING,
    PEER_UP,
    PEER_DOWN,
    PEER_DEAD,
    PEER_CLOSED,
};

/* One event. */
struct line {
    char *text;
    int watch; /* enum rota_watch_kind; 0: not a watch event */
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
    bool late;         /* a request of it is held back */
    bool auth_refused; /* its credentials were refused */
    uint32_t losses;
    uint32_t timeout_ms; /* as negotiated */
    const struct command *sent[GROUP_MOST];
    uint32_t outstanding;
    uint32_t kept;  /* lines that stay when it is closed */
    int32_t rc;     /* of the last reply */
    int32_t before; /* the value whose change a condition waits for */
    int32_t seen;   /* in the last reply: a sum that every create under a znode and every set of
                       it raises */
    struct lines lines;
    struct lines aside; /* answers that the client library itself gives at any time */
};

struct subject {
    const struct fixture *fixture;
    struct world *world;
    struct peer peers[PEERS_MOST];
    uint32_t clients;
    char root[ROOT_BYTES];
    int64_t *sessions; /* in the order of opening: an index is the name of a session */
    uint32_t session_count;
    uint32_t session_capacity;
    bool late;             /* some request is held back; there can be only one */
    uint32_t disturbances; /* lost connections and sessions, except those that a step has cut */
    bool stuck;            /* an expected event did not come */
    bool ended;            /* a session has ended in this step */
    struct text text;      /* the events of the last step */
    struct text journal;   /* all steps and events of this sequence, with the time */
    rota_time began;       /* this sequence */
};

#endif
