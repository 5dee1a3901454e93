/* A ZooKeeper server's state machine: sessions, watches, validation of requests and the order of
 * errors, transactions (S1-S74). No input and output, no threads, no clock: time comes as a
 * parameter, in milliseconds on a clock that never goes back, and everything the server says goes
 * into its sink.
 *
 * One server alone is a standalone ZooKeeper. Several make an ensemble: one leads and executes
 * every write, its commits are given to the others with rota_server_apply, later and in order, and
 * each of them answers the reads of its own connections from what it has applied so far. */
#ifndef ROTA_SERVER_SERVER_H
#define ROTA_SERVER_SERVER_H

#include <stdbool.h>

#include "server/tree.h"
#include "model/seam/backend.h"

struct rota_server;
struct rota_proof;

/* One effect of a transaction. */
struct rota_change {
    enum rota_op
        op; /* CREATE, DELETE, SET, SET_ACL; CHECK changes nothing but was asked for and true */
    const char *path;       /* as created, with its sequence number */
    struct rota_bytes data; /* CREATE, SET */
    int32_t version; /* SET, SET_ACL: the new one; CHECK: the one asked for; DELETE: the last one */
    int64_t czxid;   /* the incarnation of the path that was touched */
    enum rota_node_kind kind; /* CREATE, DELETE */
    int64_t owner; /* CREATE, DELETE of an ephemeral: its session; CREATE with TTL: milliseconds */
    const struct rota_acl *acl; /* CREATE, SET_ACL */
    uint32_t acl_count;
};

enum rota_commit_kind {
    ROTA_COMMIT_WRITE, /* a request, single or multi */
    ROTA_COMMIT_SESSION_OPENED,
    ROTA_COMMIT_SESSION_CLOSED, /* the changes are the deletions of its ephemerals (S62) */
    ROTA_COMMIT_REAPED,         /* an empty container or TTL node was removed (S39) */
};

/* One transaction: everything that took a zxid, refused writes too (S1, S3, S4). */
struct rota_commit {
    enum rota_commit_kind kind;
    int64_t zxid;
    int64_t session;
    int64_t time_ms;                 /* the wall clock that becomes ctime and mtime (S19) */
    int32_t rc;                      /* not 0: a refused write, without changes */
    bool multi;                      /* WRITE */
    bool expired;                    /* SESSION_CLOSED: by the server, not on request */
    struct rota_client_id client_id; /* SESSION_OPENED */
    uint32_t timeout_ms;             /* SESSION_OPENED: as negotiated */
    const struct rota_change *changes;
    uint32_t change_count;
};

/* Answers a request. Everything is borrowed for the call. */
typedef void (*rota_server_reply_f)(void *context, uint64_t connection,
                                    const struct rota_reply *reply);

/* A watch of this connection fired. The path is borrowed for the call. */
typedef void (*rota_server_watch_f)(void *context, uint64_t connection, enum rota_watch_kind kind,
                                    const char *path);

/* The server closes this connection and has forgotten it: a request too large (S35),
 * credentials refused (S88), a session that was taken over (S71) or has expired. */
typedef void (*rota_server_cut_f)(void *context, uint64_t connection);

/* A transaction was committed. It comes before the watch events and the reply it causes. Everything
 * is borrowed for the call. Optional. */
typedef void (*rota_server_commit_f)(void *context, const struct rota_commit *commit);

/* What a server speaks to. Its functions copy what they keep; they may look at the server, as at
 * the zxid that goes into a reply's header, but not change it. To lose a reply, or to let a write
 * be applied without one, drop it here. */
struct rota_server_sink {
    rota_server_reply_f reply;
    rota_server_watch_f watch;
    rota_server_cut_f cut;
    rota_server_commit_f commit;
};

/* Zeros stand for the defaults in brackets. */
struct rota_server_config {
    uint64_t seed;             /* order of children and of expiry, passwords */
    uint8_t server_id;         /* first byte of the session ids made here; differs in an ensemble */
    uint32_t tick_ms;          /* [2000] width of an expiry bucket (S67) */
    uint32_t timeout_least_ms; /* [2 ticks] */
    uint32_t timeout_most_ms;  /* [20 ticks] (S66) */
    int64_t wall_ms;           /* wall clock minus the clock of `now_ms` (S19) */
    bool ttl_disabled;         /* extendedTypesEnabled=false: TTL nodes are UNIMPLEMENTED */
    uint32_t reap_ms;          /* [60000] between two looks at containers and TTL nodes (S39) */
};

/* Makes a server with a fresh tree, zxid 0 and no sessions (S5, S10). The sink is borrowed. */
struct rota_server *rota_server_open(const struct rota_server_config *config,
                                     const struct rota_server_sink *sink, void *context);

/* Frees it. The sink hears nothing. */
void rota_server_close(struct rota_server *s);

/* A second server with the same state, but without connections and watches: a replica that has
 * caught up, or a server after a restart (S73). `server_id` is that of the copy. */
struct rota_server *rota_server_copy(const struct rota_server *from, uint8_t server_id,
                                     const struct rota_server_sink *sink, void *context);

/* ---- connections ---- */

/* A client's first packet. */
struct rota_connect {
    struct rota_client_id client_id; /* id 0: a new session, else take this one over (S70, S71) */
    uint32_t timeout_ms;             /* the wish (S66) */
    int64_t last_zxid;               /* of the last reply this handle has seen (S72) */
};

enum rota_welcome {
    ROTA_WELCOME_SERVED,  /* connected; `session` says to what */
    ROTA_WELCOME_EXPIRED, /* the session is unknown, has ended, or the password is wrong (S70) */
    ROTA_WELCOME_CLOSED,  /* the client has seen more than this server: cut without an answer (S72)
                           */
};

struct rota_served {
    struct rota_client_id client_id;
    uint32_t timeout_ms; /* as negotiated */
};

/* Connects a client under a number of the caller's choice, not 0 and not in use. A new session is a
 * transaction. A former connection of the session on this server is cut. Unless SERVED the number
 * stays unused. */
enum rota_welcome rota_server_connect(struct rota_server *s, uint64_t connection,
                                      const struct rota_connect *wish, int64_t now_ms,
                                      struct rota_served *served);

/* The connection is lost. Its watches go, its session stays (S57, S68). Unknown numbers are no
 * error. */
void rota_server_disconnect(struct rota_server *s, uint64_t connection);

/* The session a connection serves, 0 if the connection is not known. */
int64_t rota_server_session_of(const struct rota_server *s, uint64_t connection);

/* The lists in which a client keeps its watches (S51). */
enum rota_watch_list {
    ROTA_WATCH_LIST_DATA,   /* from get, and from exists on what existed */
    ROTA_WATCH_LIST_EXISTS, /* from exists on what did not exist */
    ROTA_WATCH_LIST_CHILD,  /* from children */
    ROTA_WATCH_LISTS,
};

struct rota_watch_paths {
    const char *const *paths;
    uint32_t count;
};

/* What a client sends after it has connected again: the watches it believes in are armed again, or
 * fire at once if something happened since `relative_zxid` (S57, S58). Paths too long for one
 * packet cut the connection (S59). */
void rota_server_set_watches(struct rota_server *s, uint64_t connection, int64_t relative_zxid,
                             const struct rota_watch_paths lists[ROTA_WATCH_LISTS], int64_t now_ms);

/* Executes a request of a connection and touches its session. Paths are absolute: chroot included.
 * Says, in this order: commit, watch events, reply (S54). After the reply to CLOSE the connection
 * is forgotten. False if the connection is not known: the request is lost. */
bool rota_server_request(struct rota_server *s, uint64_t connection,
                         const struct rota_request *request, int64_t now_ms);

/* Executes a write of a session whose connection is held by another server of the ensemble; also
 * SYNC, which changes nothing, and CLOSE. The reply goes to the sink under `connection`, unknown
 * here. A session that is unknown or has ended is told SESSION_EXPIRED (S74). `proof` is what that
 * server knows about who the connection is; NULL: nothing. */
void rota_server_write(struct rota_server *s, uint64_t connection, int64_t session,
                       const struct rota_proof *proof, const struct rota_request *request,
                       int64_t now_ms);

/* Who a connection has proved to be, for rota_server_write of another server; NULL: nobody in
 * particular. To be freed. */
struct rota_proof *rota_server_proof(const struct rota_server *s, uint64_t connection);

/* ---- sessions ---- */

/* Opens a session, as a transaction, without connecting anybody. */
struct rota_served rota_server_open_session(struct rota_server *s, uint32_t timeout_ms,
                                            int64_t now_ms);

/* A ping: the session lives on. False if there is no such session. */
bool rota_server_touch(struct rota_server *s, int64_t session, int64_t now_ms);

/* Ends a session as if its time had run out; its connection is cut. False if there is no such
 * session. */
bool rota_server_expire(struct rota_server *s, int64_t session, int64_t now_ms);

/* Ends every session whose bucket is due (S67), in no order. Returns how many. */
uint32_t rota_server_expire_due(struct rota_server *s, int64_t now_ms);

/* The earliest time at which a session may be due, INT64_MAX without sessions. It may turn out too
 * early, never too late: call expire_due then, and ask again. */
int64_t rota_server_next_expiry(const struct rota_server *s);

struct rota_session_view {
    int64_t id;
    uint32_t timeout_ms;
    int64_t due_ms;      /* when it expires unless it is touched */
    uint64_t connection; /* on this server; 0: none */
    uint32_t ephemerals;
};

/* Looks at a session. False if there is no such session. */
bool rota_server_session(const struct rota_server *s, int64_t id, struct rota_session_view *view);

/* How many sessions live. */
uint32_t rota_server_session_count(const struct rota_server *s);

/* How many watches are armed, over all connections. */
uint32_t rota_server_watch_count(const struct rota_server *s);

/* ---- the ensemble ---- */

/* Applies a transaction that another server has committed; zxids must come in order. Fires the
 * watches of the connections here, and cuts the connection of a session that was closed. The sink's
 * commit is not called. */
void rota_server_apply(struct rota_server *s, const struct rota_commit *commit, int64_t now_ms);

/* This server decides from now on, again or for the first time: every session has a full timeout
 * (S69, S73), and the time to the next look at containers begins anew (S39). */
void rota_server_wake(struct rota_server *s, int64_t now_ms);

/* The server has died and reads what it had written (rota_tree_acl_reread). */
void rota_server_reread(struct rota_server *s);

/* The same as the leader of a new epoch, which stands in the high half of the zxid (S5). `epoch`
 * must be higher than the present one. */
void rota_server_lead(struct rota_server *s, uint32_t epoch, int64_t now_ms);

/* Moves the wall clock, forwards or backwards (S19). */
void rota_server_set_wall(struct rota_server *s, int64_t wall_ms);

/* Looks at the containers and TTL nodes: empty containers that have had children, and empty TTL
 * nodes whose time is over by the wall clock, are removed, each in a transaction of its own. What
 * becomes empty by that waits for the next look (S39). Returns how many. */
uint32_t rota_server_reap(struct rota_server *s, int64_t now_ms);

/* When the next look is due: every reap_ms since the server decides; later than `now_ms`. INT64_MAX
 * if there is nothing to look at. */
int64_t rota_server_next_reap(const struct rota_server *s, int64_t now_ms);

/* Lets it believe that so many znodes were ever made under this one, which is there: a tree of long
 * use. Outside of any transaction. */
void rota_server_count_up(struct rota_server *s, const char *path, int32_t creates);

/* ---- looking on ---- */

/* The zxid of the last transaction. */
int64_t rota_server_last_zxid(const struct rota_server *s);

/* The znodes, for tests and for conditions: read with the functions of tree.h. */
const struct rota_tree *rota_server_tree(const struct rota_server *s);

#endif
