/* The servers of an ensemble: their state, and which of them reach each other. For the files of the
 * ensemble only; others use ensemble.h. */
#ifndef ROTA_BACKEND_SIM_NET_ENSEMBLE_STATE_H
#define ROTA_BACKEND_SIM_NET_ENSEMBLE_STATE_H

#include "backend_sim/net/choice.h"
#include "backend_sim/net/connection.h"
#include "backend_sim/net/ensemble_sink.h"
#include "backend_sim/net/late_write.h"
#include "backend_sim/net/log_entry.h"
#include "backend_sim/net/timeline.h"

enum rota_replica_mode {
    ROTA_REPLICA_LOOKING, /* for a leader; it serves no client */
    ROTA_REPLICA_FOLLOWING,
    ROTA_REPLICA_LEADING,
};

struct rota_ensemble;

/* One server. */
struct rota_replica {
    struct rota_ensemble *ensemble;
    uint32_t index;
    struct rota_server *server; /* what it has applied; a server alone has the ensemble's own */
    enum rota_replica_mode mode;
    uint32_t follows; /* FOLLOWING: the leader */
    bool down;
    bool paused;
    uint32_t side;               /* of a partition */
    rota_time lag;               /* how much later it applies transactions */
    struct rota_log_entry *next; /* the first entry that it has not applied */
    uint64_t applied;            /* entries that it has applied */
    uint64_t apply;              /* serial of the moment at which it applies the next one, or 0 */
    uint64_t give_up;            /* serial of the moment at which it gives up, or 0 */
    int64_t *touched;            /* sessions to report to the leader */
    uint32_t touched_count;
    uint32_t touched_capacity;
};

/* The connection to which a session belongs (S71). */
struct rota_session_route {
    int64_t session;
    uint64_t connection;
    uint64_t position; /* a server that has applied so many entries knows the session */
};

struct rota_forward;

struct rota_ensemble {
    const struct rota_ensemble_sink *sink; /* borrowed, as are the next three */
    void *context;
    struct rota_timeline *timeline;
    struct rota_choices *choices;
    rota_time latency; /* of a message between two servers, on average */
    uint64_t serials;

    struct rota_server *server; /* what the leader knows: every write is executed here */
    uint32_t acting;            /* the process whose request is being executed, or ROTA_NOBODY */
    int32_t rc;                 /* of the last reply */
    uint64_t muted;             /* a connection that receives nothing, or 0 */
    rota_time expiry;           /* when the leader checks the sessions */
    rota_time reap;             /* when it checks containers and TTL nodes */

    struct rota_late_write *late;
    uint32_t late_count;
    uint32_t late_capacity;

    struct rota_replica replicas[ROTA_SERVERS_MOST];
    uint32_t count;
    uint32_t tick_ms;
    uint32_t leader; /* of the newest epoch; ROTA_NOBODY if none is elected */
    uint32_t epoch;
    bool sync_by_quorum;
    uint64_t election; /* serial of the moment of an election, or 0 */

    struct rota_log_entry *first; /* entries that some server has not applied */
    struct rota_log_entry *last;
    uint64_t appended; /* entries ever */

    struct rota_forward *forwards;
    struct rota_forward *executing;
    struct rota_session_route *routes;
    uint32_t route_count;
    uint32_t route_capacity;
};

/* True for a server alone: it needs no quorum and no log, so it executes at once all that reaches
 * it. */
bool rota_ensemble_is_single(const struct rota_ensemble *e);

/* The time in milliseconds, as servers count it. */
int64_t rota_ensemble_now_ms(const struct rota_ensemble *e);

/* How long a message between two servers takes. Drawn. */
rota_time rota_ensemble_hop(struct rota_ensemble *e);

/* True if the server is neither down nor paused. */
bool rota_replica_is_awake(const struct rota_replica *r);

/* True if two servers can send messages to each other. */
bool rota_ensemble_reach(const struct rota_ensemble *e, uint32_t a, uint32_t b);

/* True if the server leads in the newest epoch with a quorum, or follows that leader and reaches
 * it. */
bool rota_ensemble_is_current(const struct rota_ensemble *e, uint32_t server);

/* True if there is a leader with a quorum, and it is awake. */
bool rota_ensemble_has_leader(const struct rota_ensemble *e);

#endif
