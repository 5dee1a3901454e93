/* The state of a server. Private to the server room. */
#ifndef ROTA_SERVER_SERVER_STATE_H
#define ROTA_SERVER_SERVER_STATE_H

#include "server/auth.h"
#include "server/index.h"
#include "server/server_config.h"
#include "server/watches.h"

struct rota_server_session {
    struct rota_client_id client_id;
    uint32_t timeout_ms;
    int64_t due_ms;      /* when it expires unless it is touched */
    uint64_t connection; /* on this server; 0: none */
    rota_ref ephemerals; /* the first znode in its list */
    uint32_t ephemeral_count;
};

struct rota_server_connection {
    struct rota_watcher watcher; /* the first member: watches refer to the connection by it */
    uint64_t number;
    int64_t session;
    uint64_t notified; /* the number of the last deletion whose event it has received */
    struct rota_identities identities;
};

/* Memory that is used again for each request. */
struct rota_buffer {
    void *at;
    size_t size;
};

/* One operation of a transaction, with what is needed to undo it. */
struct rota_transaction_step {
    enum rota_op op;
    rota_ref node;
    rota_ref parent;         /* CREATE, DELETE */
    int32_t parent_cversion; /* CREATE, DELETE: before */
    int64_t parent_pzxid;
    rota_ref data; /* SET: before, with the length, the version, mzxid and mtime */
    int32_t length;
    int64_t mzxid, mtime_ms;
    int32_t version;         /* SET, SET_ACL: before; CHECK: expected; DELETE: the last one */
    uint32_t acl;            /* SET_ACL: before; CREATE: given */
    struct rota_stat stat;   /* after */
    struct rota_bytes bytes; /* CREATE, SET: as given */
};

/* The transaction under way. */
struct rota_transaction {
    int64_t zxid;
    int64_t time_ms;
    uint32_t length; /* steps so far */
    struct rota_buffer steps;
    struct rota_buffer changes;
    struct rota_buffer entries;
    struct rota_buffer results;
    struct rota_buffer path;
};

struct rota_server {
    struct rota_server_config config;
    const struct rota_server_sink *sink;
    void *context;
    struct rota_tree tree; /* its pool holds the sessions, connections and watches too */
    struct rota_watches watches;
    struct rota_index sessions;    /* by id */
    struct rota_index connections; /* by number */
    rota_ref reapable;             /* the first in the list of containers and TTL nodes */
    int64_t zxid;
    int64_t last_session;
    int64_t due_ms;     /* no session is due before */
    int64_t since_ms;   /* when the checks of containers and TTL nodes began */
    uint64_t deletions; /* ever, so that a connection receives one event for each */
    struct rota_transaction txn;
    struct rota_buffer list;
};

/* At least `bytes` bytes, valid until the next call for the same buffer; the content is kept. */
void *rota_buffer_need(struct rota_buffer *b, size_t bytes);

/* The session of a reference, and the reference of a session id: 0 if it does not exist. */
struct rota_server_session *rota_server_session_at(const struct rota_server *s, rota_ref session);
rota_ref rota_server_session_find(const struct rota_server *s, int64_t id);

/* The same for a connection. */
struct rota_server_connection *rota_server_connection_at(const struct rota_server *s,
                                                         rota_ref connection);
rota_ref rota_server_connection_find(const struct rota_server *s, uint64_t number);

/* Whether the access list of a znode gives one of these permissions to a connection. */
bool rota_server_permits(const struct rota_server *s, rota_ref node, uint32_t perms,
                         rota_ref connection);

#endif
