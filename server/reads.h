/* Reads: get, exists, children, get_acl and the path of a sync. Private to the server room. */
#ifndef ROTA_SERVER_READS_H
#define ROTA_SERVER_READS_H

#include "server/server_state.h"

/* Executes a read of a connection, and sets its watch. Fills in the reply, which is borrowed until
 * the tree changes or the next read. */
void rota_reads_execute(struct rota_server *s, rota_ref connection, const struct rota_operation *o,
                        struct rota_reply *reply);

/* The path of a sync, as the server sends it back; borrowed in the same way. */
const char *rota_reads_sync_path(struct rota_server *s, const char *path);

#endif
