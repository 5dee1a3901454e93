/* One server of the ensemble and its connections. */
#ifndef ROTA_BACKEND_SIM_NET_REPLICA_H
#define ROTA_BACKEND_SIM_NET_REPLICA_H

#include "backend_sim/net/ensemble_state.h"

/* The sink of a server's state machine. Its context is a struct rota_replica. Commits are reported
 * by the leader only, so this sink has none. */
extern const struct rota_server_sink rota_replica_sink;

/* The functions of that sink. */
void rota_replica_reply(struct rota_replica *r, uint64_t connection,
                        const struct rota_reply *reply);
void rota_replica_watch(struct rota_replica *r, uint64_t connection, enum rota_watch_kind kind,
                        const char *path);
void rota_replica_cut(struct rota_replica *r, uint64_t connection);

/* Connects a client and answers its first packet. */
void rota_replica_connect(struct rota_replica *r, uint64_t connection, uint32_t who,
                          const struct rota_connect *connect);

/* Answers the first packet of a client whose session has ended. */
void rota_replica_refuse(struct rota_replica *r, uint64_t connection);

/* Closes the server's end of a connection, without an answer. */
void rota_replica_close(struct rota_replica *r, uint64_t connection);

#endif
