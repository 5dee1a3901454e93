/* What a server consists of. Private to server.c and transaction.c. */
#ifndef ROTA_SERVER_SERVER_STATE_H
#define ROTA_SERVER_SERVER_STATE_H

#include "server/auth.h"
#include "server/index.h"
#include "server/server.h"
#include "server/watches.h"

struct rota_server_session {
    struct rota_client_id client_id;
    uint32_t timeout_ms;
    int64_t due_ms;
    uint64_t connection; /* 0: none here */
    rota_ref ephemerals; /* first in the list of its nodes */
    uint32_t ephemeral_count;
};

struct rota_server_connection {
    struct rota_watcher watcher; /* first: watches refer to the connection by it */
    uint64_t number;
    int64_t session;
    uint64_t told; /* the deletion it was last told of */
    struct rota_identities identities;
};

/* Memory that is used again and again. */
struct rota_buffer {
    void *at;
    size_t size;
};

/* One operation of a transaction, with what it takes to undo it. */
struct rota_transaction_step {
    enum rota_op op;
    rota_ref node;
    rota_ref parent;         /* CREATE, DELETE */
    int32_t parent_cversion; /* CREATE, DELETE: before */
    int64_t parent_pzxid;
    rota_ref data; /* SET: before, with length, version, mzxid and mtime */
    int32_t length;
    int64_t mzxid, mtime_ms;
    int32_t version;         /* SET, SET_ACL: before; CHECK: as asked for; DELETE: the last */
    uint32_t acl;            /* SET_ACL: before; CREATE: given */
    struct rota_stat stat;   /* after */
    struct rota_bytes bytes; /* CREATE, SET: as given */
};

/* A transaction under way. */
struct rota_transaction {
    int64_t zxid;
    int64_t time_ms;
    uint32_t length;
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
    struct rota_tree tree; /* its pool holds everything else too */
    struct rota_watches watches;
    struct rota_index sessions;
    struct rota_index connections;
    rota_ref perishable; /* first in the list of containers and TTL nodes */
    int64_t zxid;
    int64_t last_session;
    int64_t due_ms;     /* no session is due before */
    int64_t since_ms;   /* it decides since then */
    uint64_t deletions; /* counted, so that a connection is told once of each */
    struct rota_transaction txn;
    struct rota_buffer list;
};

/* At least `bytes` bytes, until the next call for the same buffer; what was in it is kept. */
void *rota_buffer_need(struct rota_buffer *b, size_t bytes);

/* A session and a connection, by reference. */
struct rota_server_session *rota_session_at(const struct rota_server *s, rota_ref session);
struct rota_server_connection *rota_connection_at(const struct rota_server *s, rota_ref connection);

#endif
