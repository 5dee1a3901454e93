/* The seam: one ZooKeeper handle as a C program holds it.
 *
 * A backend is a const table of five functions. Requests go down as data and return at once;
 * everything that happens comes up as data, one event at a time, in the order of the socket (S55).
 * docs/BACKEND.md numbers every guarantee the model leans on; tests/contract checks each of them
 * on every backend.
 *
 * A backend is used from one thread. What runs on other threads inside it ends at its queue. */
#ifndef ROTA_MODEL_SEAM_BACKEND_H
#define ROTA_MODEL_SEAM_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/base/error.h"

/* Microseconds on a clock that never goes back and counts suspended time (hazard 7). Its zero is
 * arbitrary: only differences within one process mean anything. */
typedef int64_t rota_time;
#define ROTA_NEVER INT64_MAX

/* Bytes with a length. ZooKeeper tells "no data" (length -1) from "empty data" (length 0): S33. */
struct rota_bytes {
    const void *data;
    int32_t length;
};
#define ROTA_NULL_BYTES ((struct rota_bytes){NULL, -1})

/* ZooKeeper's Stat, field by field. czxid names an incarnation of a path (S23). */
struct rota_stat {
    int64_t czxid;
    int64_t mzxid;
    int64_t pzxid;
    int64_t ctime_ms; /* the leader's wall clock: never compare it with a local one (S19) */
    int64_t mtime_ms;
    int64_t
        ephemeral_owner; /* session id, 0 for other znodes, containers and TTL nodes too (S18) */
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
    ROTA_MODE_CONTAINER = 4, /* never inside a multi: the C client dies of it (S43) */
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

/* One operation. Fields an operation does not use are ignored. */
struct rota_operation {
    enum rota_op op;
    const char *path;       /* absolute, below the chroot */
    struct rota_bytes data; /* CREATE, SET; ADD_AUTH: the credentials */
    int32_t version;        /* DELETE, SET, CHECK, SET_ACL: expected version, -1 for any (S22) */
    enum rota_mode mode;    /* CREATE */
    int64_t ttl_ms;         /* CREATE with a TTL mode */
    bool watch;             /* GET, EXISTS, CHILDREN: leave a one-shot watch (S48, S50) */
    const struct rota_acl *acl; /* CREATE, SET_ACL; NULL with CREATE means world:anyone:cdrwa */
    uint32_t acl_count;
    const char *scheme; /* ADD_AUTH */
};

/* A request. `tag` comes back in the reply and means something to the caller only. */
struct rota_request {
    uint64_t tag;
    struct rota_operation operation;
    const struct rota_operation *operations; /* MULTI: create, delete, set, check */
    uint32_t operation_count;
};

enum rota_session_state {
    ROTA_SESSION_CONNECTED,    /* a server serves the session; a fresh one or the same again */
    ROTA_SESSION_DISCONNECTED, /* no server; the session may live on (S78) */
    ROTA_SESSION_EXPIRED,      /* a server said the session has ended; the handle is dead (S81) */
    ROTA_SESSION_AUTH_FAILED,  /* credentials refused; the handle is dead (S88) */
    ROTA_SESSION_CLOSED,       /* the handle was closed on request; `acknowledged` says by whom */
    ROTA_SESSION_UNREACHABLE,  /* the handle could not be made: the server list is not usable (S83)
                                */
};

/* Names a session so that another handle can take it over (S71). */
struct rota_client_id {
    int64_t id; /* 0: none */
    uint8_t password[16];
};

enum rota_watch_kind { /* ZooKeeper's event types (S49) */
                       ROTA_WATCH_CREATED = 1,
                       ROTA_WATCH_DELETED = 2,
                       ROTA_WATCH_CHANGED = 3,
                       ROTA_WATCH_CHILD = 4,
};

/* The result of one operation of a multi. In a refused multi the operations before the failing one
 * have rc 0 although nothing was applied, and those after it ROTA_ERR_INCONSISTENT (S41). */
struct rota_result {
    int32_t rc;
    const char *path;      /* CREATE: the name as created, else NULL */
    struct rota_stat stat; /* SET */
};

struct rota_reply {
    uint64_t tag;
    int32_t rc;                  /* enum rota_error */
    struct rota_stat stat;       /* GET, EXISTS, SET, CHILDREN, GET_ACL, on success */
    struct rota_bytes data;      /* GET */
    const char *path;            /* CREATE: the name as created; SYNC */
    const char *const *children; /* CHILDREN, in no order (S37) */
    uint32_t child_count;
    const struct rota_result *results; /* MULTI: one for each operation */
    uint32_t result_count;
    const struct rota_acl *acl; /* GET_ACL */
    uint32_t acl_count;
};

/* What a handle reports. */
enum rota_handle_event_kind {
    ROTA_HANDLE_REPLY,
    ROTA_HANDLE_WATCH,
    ROTA_HANDLE_SESSION,
};

struct rota_handle_event {
    enum rota_handle_event_kind kind;
    uint32_t handle; /* as returned by open: events of a former handle are recognised by it */
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
            bool acknowledged; /* CLOSED: a server confirmed it, the session is gone */
        } session;
    };
};

struct rota_backend;

/* Opens a new handle in the place of the former one, which must be dead or closed, or absent. The
 * server list, the chroot and the wish for a session timeout belong to the instance. With
 * `take_over` not NULL the handle asks for that session instead of a new one (S70, S71). Returns
 * the handle's number, 1 for the first, one more each time. Success or failure comes as an event.
 */
typedef uint32_t (*rota_backend_open_f)(struct rota_backend *b,
                                        const struct rota_client_id *take_over);

/* Sends a request on the current handle. Everything it points to is copied before returning. Each
 * request is answered exactly once with a REPLY, unless the handle ends: CLOSE is answered by a
 * SESSION event, and what the handle's end left unanswered stays so (S84: the session layer above
 * answers it). A request on a dead handle is answered with ROTA_ERR_INVALID_STATE. */
typedef void (*rota_backend_request_f)(struct rota_backend *b, const struct rota_request *request);

/* Takes the next event out of the queue. False if there is none. What the event points to is
 * borrowed until the next call of next, open or destroy. */
typedef bool (*rota_backend_next_f)(struct rota_backend *b, struct rota_handle_event *event);

/* The time. */
typedef rota_time (*rota_backend_now_f)(struct rota_backend *b);

/* 64 random bits; in a simulation, from the world's seed. */
typedef uint64_t (*rota_backend_random_f)(struct rota_backend *b);

/* Ends the instance: closes what is open, without waiting for an answer beyond the client library's
 * own limit (S84), and frees the memory. */
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
