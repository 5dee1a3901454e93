/* The state machine of a ZooKeeper server: sessions, watches, validation of requests in ZooKeeper's
 * order, transactions (S1-S74). It has no input and output, no threads and no clock: the time is a
 * parameter, in milliseconds on a clock that never goes back, and all output goes into the sink.
 *
 * One server is a standalone ZooKeeper. Several are an ensemble: one leads and executes every
 * write. Its commits are given to the others later, in order, with rota_server_apply; each of them
 * answers the reads of its own connections from what it has applied so far. */
#ifndef ROTA_SERVER_SERVER_H
#define ROTA_SERVER_SERVER_H

#include "server/server_config.h"

struct rota_server;
struct rota_identity_list;

/* Makes a server with a new tree, zxid 0 and no sessions (S5, S10). The sink is borrowed. */
struct rota_server *rota_server_open(const struct rota_server_config *config,
                                     const struct rota_server_sink *sink, void *context);

/* Frees it. The sink is not called. */
void rota_server_close(struct rota_server *s);

/* Makes a second server with the same state, but without connections and watches: a follower that
 * has caught up, or a server after a restart (S73). `server_id` is the copy's own. */
struct rota_server *rota_server_copy(const struct rota_server *from, uint8_t server_id,
                                     const struct rota_server_sink *sink, void *context);

/* ---- connections ---- */

/* The first packet of a client. */
struct rota_connect {
    struct rota_client_id client_id; /* id 0: a new session, else this one is taken up (S70, S71) */
    uint32_t timeout_ms;             /* as asked for (S66) */
    int64_t last_zxid;               /* of the last reply that this handle has received (S72) */
};

enum rota_connect_result {
    ROTA_CONNECT_ACCEPTED,
    ROTA_CONNECT_EXPIRED, /* the session does not exist, or the password is wrong (S70) */
    ROTA_CONNECT_CLOSED,  /* the client has seen more than this server: no answer (S72) */
};

/* The session of an accepted client. */
struct rota_session_grant {
    struct rota_client_id client_id;
    uint32_t timeout_ms; /* as negotiated */
};

/* Connects a client under a number that the caller chooses: not 0, and not in use. A new session is
 * a transaction. If this server serves the session on another connection, that one is cut. `grant`
 * is set if the client is ACCEPTED; otherwise the number stays unused. */
enum rota_connect_result rota_server_connect(struct rota_server *s, uint64_t connection,
                                             const struct rota_connect *connect, int64_t now_ms,
                                             struct rota_session_grant *grant);

/* The connection is lost. Its watches are removed, its session stays (S57, S68). Unknown numbers
 * are no error. */
void rota_server_disconnect(struct rota_server *s, uint64_t connection);

/* The session of a connection, 0 if the connection is unknown. */
int64_t rota_server_session_of(const struct rota_server *s, uint64_t connection);

/* The lists in which a client keeps its watches (S51). */
enum rota_watch_list {
    ROTA_WATCH_LIST_DATA,   /* of get, and of exists if the znode existed */
    ROTA_WATCH_LIST_EXISTS, /* of exists if the znode did not exist */
    ROTA_WATCH_LIST_CHILD,  /* of children */
    ROTA_WATCH_LISTS,
};

struct rota_watch_paths {
    const char *const *paths;
    uint32_t count;
};

/* The watches that a client sends after it has connected again: each is set again, or fires at once
 * if it has missed a change since `relative_zxid` (S57, S58). If the paths are too long for one
 * packet, the connection is cut (S59). */
void rota_server_set_watches(struct rota_server *s, uint64_t connection, int64_t relative_zxid,
                             const struct rota_watch_paths lists[ROTA_WATCH_LISTS], int64_t now_ms);

/* Executes a request of a connection and touches its session. Paths are absolute and include the
 * chroot. The sink receives, in this order: commit, watch events, reply (S54). After the reply to
 * CLOSE the connection is unknown. False if the connection is unknown: the request is lost. */
bool rota_server_request(struct rota_server *s, uint64_t connection,
                         const struct rota_request *request, int64_t now_ms);

/* Executes a write whose connection belongs to another server of the ensemble; also SYNC, which
 * changes nothing, and CLOSE. The reply goes to the sink under `connection`, which is unknown here.
 * The reply is SESSION_EXPIRED if the session does not exist (S74). `identities` come from
 * rota_server_identities of the other server; NULL: none. */
void rota_server_write(struct rota_server *s, uint64_t connection, int64_t session,
                       const struct rota_identity_list *identities,
                       const struct rota_request *request, int64_t now_ms);

/* The identities that a connection has proved, to be freed with free(); NULL if there are none. */
struct rota_identity_list *rota_server_identities(const struct rota_server *s, uint64_t connection);

/* ---- sessions ---- */

/* Opens a session, as a transaction, without a connection. */
struct rota_session_grant rota_server_open_session(struct rota_server *s, uint32_t timeout_ms,
                                                   int64_t now_ms);

/* A ping: the session gets a full timeout. False if it does not exist. */
bool rota_server_touch(struct rota_server *s, int64_t session, int64_t now_ms);

/* Ends a session as if its time had run out, and cuts its connection. False if it does not exist.
 */
bool rota_server_expire(struct rota_server *s, int64_t session, int64_t now_ms);

/* Ends every session whose bucket is due (S67), in no order. Returns how many. */
uint32_t rota_server_expire_due(struct rota_server *s, int64_t now_ms);

/* The earliest time at which a session may be due, INT64_MAX without sessions. It may be too early,
 * never too late: call expire_due then, and ask again. */
int64_t rota_server_next_expiry(const struct rota_server *s);

struct rota_session_view {
    int64_t id;
    uint32_t timeout_ms;
    int64_t due_ms;      /* when it expires unless it is touched */
    uint64_t connection; /* on this server; 0: none */
    uint32_t ephemerals;
};

/* Fills in the view of a session. False if it does not exist. */
bool rota_server_session(const struct rota_server *s, int64_t id, struct rota_session_view *view);

/* How many sessions exist, and how many watches are set on all connections. */
uint32_t rota_server_session_count(const struct rota_server *s);
uint32_t rota_server_watch_count(const struct rota_server *s);

/* ---- the ensemble ---- */

/* Applies a transaction that another server has committed; zxids must come in order. Fires the
 * watches of the connections here, and cuts the connection of a session that was closed. The sink's
 * commit is not called. */
void rota_server_apply(struct rota_server *s, const struct rota_commit *commit, int64_t now_ms);

/* From now on this server decides: every session gets a full timeout (S69, S73), and the time to
 * the next check of containers begins anew (S39). */
void rota_server_begin_term(struct rota_server *s, int64_t now_ms);

/* The server was restarted and reads its disk: see rota_tree_acl_reload. */
void rota_server_reload(struct rota_server *s);

/* Begins a term as the leader of a new epoch, which is in the high half of the zxid (S5). `epoch`
 * must be higher than the present one. */
void rota_server_lead(struct rota_server *s, uint32_t epoch, int64_t now_ms);

/* Sets the wall clock, forwards or backwards (S19). */
void rota_server_set_wall(struct rota_server *s, int64_t wall_ms);

/* Removes empty containers that have had children, and empty TTL nodes whose time is over by the
 * wall clock, each in its own transaction. A znode that becomes empty by this is removed the next
 * time (S39). Returns how many. */
uint32_t rota_server_reap(struct rota_server *s, int64_t now_ms);

/* When the next check is due, later than `now_ms`: every reap_ms since the term began. INT64_MAX if
 * there are neither containers nor TTL nodes. */
int64_t rota_server_next_reap(const struct rota_server *s, int64_t now_ms);

/* Sets how many children were ever created under this znode, which exists: as after long use. No
 * transaction. */
void rota_server_set_creates(struct rota_server *s, const char *path, int32_t creates);

/* ---- queries ---- */

/* Asserts that the lists of the server are whole, between two calls. Takes time proportional to the
 * number of sessions, ephemerals and watches: for tests. */
void rota_server_check(const struct rota_server *s);

/* The zxid of the last transaction. */
int64_t rota_server_last_zxid(const struct rota_server *s);

/* The znodes, for tests and for conditions, read with the functions of tree.h. */
const struct rota_tree *rota_server_tree(const struct rota_server *s);

#endif
