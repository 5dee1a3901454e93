/* The seam: one ZooKeeper handle as a C program holds it.
 *
 * A backend is a const table of six functions. Requests go down as data, and the call returns at
 * once; replies, watches and changes of the session come up as events, one at a time, in the order
 * of the socket (S55). docs/BACKEND.md numbers each guarantee that the model depends on;
 * tests/contract checks each of them on every backend.
 *
 * A backend is used from one thread. Other threads inside it only append to its queue. */
#ifndef ROTA_MODEL_SEAM_BACKEND_H
#define ROTA_MODEL_SEAM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/base/error.h"

/* Microseconds on a clock that never goes back and that counts suspended time (hazard 7). Its zero
 * is arbitrary: only differences within one process have a meaning. */
typedef int64_t rota_time;
#define ROTA_NEVER INT64_MAX

/* Bytes with a length. ZooKeeper distinguishes no data (length -1) from empty data (length 0): S33.
 */
struct rota_bytes {
    const void *data;
    int32_t length;
};
#define ROTA_NULL_BYTES ((struct rota_bytes){NULL, -1})

/* ZooKeeper's Stat, field by field. A path and its czxid identify one znode, also after a znode is
 * deleted and created again (S23). */
struct rota_stat {
    int64_t czxid;
    int64_t mzxid;
    int64_t pzxid;
    int64_t ctime_ms; /* the leader's wall clock: never compare it with a local one (S19) */
    int64_t mtime_ms;
    int64_t
        ephemeral_owner; /* session id; 0 for other znodes, also containers and TTL nodes (S18) */
    int32_t version;
    int32_t cversion;
    int32_t aversion;
    int32_t data_length;
    int32_t num_children;
};

enum rota_op {
    ROTA_OP_CREATE,
    ROTA_OP_DELETE,
    ROTA_OP_SET,
    ROTA_OP_CHECK, /* inside a multi only */
    ROTA_OP_GET,
    ROTA_OP_EXISTS,
    ROTA_OP_CHILDREN,
    ROTA_OP_MULTI,
    ROTA_OP_SYNC,
    ROTA_OP_GET_ACL,
    ROTA_OP_SET_ACL,
    ROTA_OP_ADD_AUTH,
    ROTA_OP_CLOSE, /* ends the session and the handle */
};

/* How a znode is created; the numbers are ZooKeeper's create modes. */
enum rota_mode {
    ROTA_MODE_PERSISTENT = 0,
    ROTA_MODE_EPHEMERAL = 1,
    ROTA_MODE_SEQUENTIAL = 2,
    ROTA_MODE_EPHEMERAL_SEQUENTIAL = 3,
    ROTA_MODE_CONTAINER = 4, /* never inside a multi: the C client crashes (S43) */
    ROTA_MODE_TTL = 5,
    ROTA_MODE_TTL_SEQUENTIAL = 6,
};

#define ROTA_PERM_READ   1u
#define ROTA_PERM_WRITE  2u
#define ROTA_PERM_CREATE 4u
#define ROTA_PERM_DELETE 8u
#define ROTA_PERM_ADMIN  16u
#define ROTA_PERM_ALL    31u

struct rota_acl {
    uint32_t perms; /* ROTA_PERM_* */
    const char *scheme;
    const char *id;
};

/* One operation. Fields that it does not use are ignored. */
struct rota_operation {
    enum rota_op op;
    const char *path;       /* absolute, below the chroot */
    struct rota_bytes data; /* CREATE, SET; ADD_AUTH: the credentials */
    int32_t version;        /* DELETE, SET, CHECK, SET_ACL: expected version, -1 for any (S22) */
    enum rota_mode mode;    /* CREATE */
    int64_t ttl_ms;         /* CREATE with a TTL mode */
    bool watch;             /* GET, EXISTS, CHILDREN: set a one-shot watch (S48, S50) */
    const struct rota_acl *acl; /* CREATE, SET_ACL; NULL with CREATE means world:anyone:cdrwa */
    uint32_t acl_count;
    const char *scheme; /* ADD_AUTH */
};

/* A request. The reply has the same tag, which has a meaning only for the caller. */
struct rota_request {
    uint64_t tag;
    struct rota_operation operation;
    const struct rota_operation *operations; /* MULTI: create, delete, set, check */
    uint32_t operation_count;
};

enum rota_session_state {
    ROTA_SESSION_CONNECTED,    /* to a server, in a new session or again in the same one */
    ROTA_SESSION_DISCONNECTED, /* from the server; the session may still live (S78) */
    ROTA_SESSION_EXPIRED,      /* a server said the session has ended; the handle is dead (S81) */
    ROTA_SESSION_AUTH_FAILED,  /* credentials refused; the handle is dead (S88) */
    ROTA_SESSION_CLOSED,       /* the handle was closed on request; see `acknowledged` */
    ROTA_SESSION_UNREACHABLE,  /* no handle could be made: the server list is unusable (S83) */
};

/* Identifies a session, so that another handle can take it over (S71). */
struct rota_client_id {
    int64_t id; /* 0: none */
    uint8_t password[16];
};

/* ZooKeeper's event types (S49). */
enum rota_watch_kind {
    ROTA_WATCH_CREATED = 1,
    ROTA_WATCH_DELETED = 2,
    ROTA_WATCH_CHANGED = 3,
    ROTA_WATCH_CHILD = 4,
};

/* The result of one operation of a multi. In a refused multi the operations before the one that
 * failed have rc 0, although nothing was applied, and those after it ROTA_ERR_INCONSISTENT (S41).
 */
struct rota_result {
    int32_t rc;
    const char *path;      /* CREATE: the path as created; otherwise NULL */
    struct rota_stat stat; /* SET */
};

struct rota_reply {
    uint64_t tag;
    int32_t rc;                  /* enum rota_error */
    struct rota_stat stat;       /* GET, EXISTS, SET, CHILDREN, GET_ACL, on success */
    struct rota_bytes data;      /* GET */
    const char *path;            /* CREATE: the path as created; SYNC */
    const char *const *children; /* CHILDREN, in no particular order (S37) */
    uint32_t child_count;
    const struct rota_result *results; /* MULTI: one for each operation */
    uint32_t result_count;
    const struct rota_acl *acl; /* GET_ACL */
    uint32_t acl_count;
};

/* An event of a handle. */
enum rota_handle_event_kind {
    ROTA_HANDLE_REPLY,
    ROTA_HANDLE_WATCH,
    ROTA_HANDLE_SESSION,
};

struct rota_handle_event {
    enum rota_handle_event_kind kind;
    uint32_t handle; /* as returned by open, so events of an older handle are recognised */
    union {
        struct rota_reply reply;
        struct {
            enum rota_watch_kind kind;
            const char *path; /* without the chroot (S65) */
        } watch;
        struct {
            enum rota_session_state state;
            struct rota_client_id client_id; /* CONNECTED */
            uint32_t timeout_ms;             /* CONNECTED: as negotiated (S66) */
            bool acknowledged; /* CLOSED: a server confirmed that the session has ended */
        } session;
    };
};

struct rota_backend;

/* Opens a new handle in place of the former one, if any, which must be dead or closed. The server
 * list, the chroot and the requested session timeout belong to the instance. If `take_over` is not
 * NULL, the handle asks for that session instead of a new one (S70, S71). Returns the number of the
 * handle: 1 for the first, then one more each time. Success or failure comes as an event. */
typedef uint32_t (*rota_backend_open_f)(struct rota_backend *b,
                                        const struct rota_client_id *take_over);

/* Sends a request on the current handle. All its data is copied before the return. Each request
 * gets exactly one REPLY, except that CLOSE gets a SESSION event, and that the requests without a
 * reply at the end of the handle get none (S84: the session layer replies to them). The reply on a
 * dead handle is ROTA_ERR_INVALID_STATE. */
typedef void (*rota_backend_request_f)(struct rota_backend *b, const struct rota_request *request);

/* Takes the next event from the queue; false if there is none. The event's data is borrowed until
 * the next call of next, open or destroy. */
typedef bool (*rota_backend_next_f)(struct rota_backend *b, struct rota_handle_event *event);

/* The time. */
typedef rota_time (*rota_backend_now_f)(struct rota_backend *b);

/* 64 random bits; in a simulation, from the world's seed. */
typedef uint64_t (*rota_backend_random_f)(struct rota_backend *b);

/* Ends the instance: closes an open handle, waiting for the server no longer than the client
 * library does (S84), and frees the memory. */
typedef void (*rota_backend_destroy_f)(struct rota_backend *b);

/* All members are mandatory. */
struct rota_backend_ops {
    const char *name;
    rota_backend_open_f open;
    rota_backend_request_f request;
    rota_backend_next_f next;
    rota_backend_now_f now;
    rota_backend_random_f random;
    rota_backend_destroy_f destroy;
};

/* The head of every backend instance; a backend's own struct begins with it. */
struct rota_backend {
    const struct rota_backend_ops *ops;
};

/* A real-time backend calls this, from any thread, whenever its queue is no longer empty; the
 * owner's loop then calls next until it returns false. */
typedef void (*rota_wake_f)(void *context);

#endif
