/* Committed transactions as they are handed up, and given to other servers. */
#ifndef ROTA_SERVER_COMMIT_H
#define ROTA_SERVER_COMMIT_H

#include "server/tree.h"

/* One effect of a transaction. */
struct rota_change {
    enum rota_op op;  /* CREATE, DELETE, SET, SET_ACL; or CHECK, which holds and changes nothing */
    const char *path; /* as created, with its sequence number */
    struct rota_bytes data;   /* CREATE, SET */
    int32_t version;          /* SET, SET_ACL: the new one; CHECK: expected; DELETE: the last one */
    int64_t czxid;            /* of the znode */
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

/* One transaction. Everything that takes a zxid is one, refused writes too (S1, S3, S4). */
struct rota_commit {
    enum rota_commit_kind kind;
    int64_t zxid;
    int64_t session;
    int64_t time_ms;                 /* wall clock; it becomes ctime and mtime (S19) */
    int32_t rc;                      /* not 0: a refused write, without changes */
    bool multi;                      /* WRITE */
    bool expired;                    /* SESSION_CLOSED: by the server, not on request */
    struct rota_client_id client_id; /* SESSION_OPENED */
    uint32_t timeout_ms;             /* SESSION_OPENED: as negotiated */
    const struct rota_change *changes;
    uint32_t change_count;
};

#endif
