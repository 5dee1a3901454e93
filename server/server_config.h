/* The settings of a server, and the sink for its output. */
#ifndef ROTA_SERVER_SERVER_CONFIG_H
#define ROTA_SERVER_SERVER_CONFIG_H

#include "server/commit.h"

/* A setting of 0 means the default in brackets. */
struct rota_server_config {
    uint64_t seed;             /* of the order of children and of expiry, and of passwords */
    uint8_t server_id;         /* first byte of the session ids made here; unique in an ensemble */
    uint32_t tick_ms;          /* [2000] width of an expiry bucket (S67) */
    uint32_t timeout_least_ms; /* [2 ticks] */
    uint32_t timeout_most_ms;  /* [20 ticks] (S66) */
    int64_t wall_ms;           /* wall clock minus the clock of `now_ms` (S19) */
    bool ttl_disabled;         /* extendedTypesEnabled=false: TTL nodes are UNIMPLEMENTED */
    uint32_t reap_ms;          /* [60000] between two checks of containers and TTL nodes (S39) */
};

/* A request was answered. */
typedef void (*rota_server_reply_f)(void *context, uint64_t connection,
                                    const struct rota_reply *reply);

/* A watch of this connection has fired. */
typedef void (*rota_server_watch_f)(void *context, uint64_t connection, enum rota_watch_kind kind,
                                    const char *path);

/* The server has closed this connection and does not know it any more: a request was too large
 * (S35), credentials were refused (S88), or the session was taken over (S71) or has expired. */
typedef void (*rota_server_cut_f)(void *context, uint64_t connection);

/* A transaction was committed. This comes before the watch events and the reply that it causes. */
typedef void (*rota_server_commit_f)(void *context, const struct rota_commit *commit);

/* Everything is borrowed for the call: the functions copy what they keep. They may query the server
 * but not change it. To lose a reply, or to apply a write without a reply, drop the reply here. */
struct rota_server_sink {
    rota_server_reply_f reply;
    rota_server_watch_f watch;
    rota_server_cut_f cut;
    rota_server_commit_f commit; /* may be NULL */
};

#endif
