/* Writes: validated in the order in which ZooKeeper validates (S24-S29), applied all or not at all
 * (S40), then told: first the commit, then the watches. Private to the server. */
#ifndef ROTA_SERVER_TRANSACTION_H
#define ROTA_SERVER_TRANSACTION_H

#include "server/server_state.h"

/* Who writes. */
struct rota_writer {
    int64_t session;
    rota_ref known;      /* the session, 0 if it has ended */
    rota_ref connection; /* whose credentials count */
};

/* Takes the next zxid and begins a transaction. */
void rota_transaction_begin(struct rota_server *s, int64_t now_ms);

/* Executes a create, delete, set, set_acl, check or multi as one transaction, up to its watch
 * events. The reply is filled in and borrowed until rota_transaction_end. */
void rota_transaction_write(struct rota_server *s, struct rota_writer who,
                            const struct rota_request *request, struct rota_reply *reply);

/* Deletes a node as part of the transaction, without asking. */
void rota_transaction_delete(struct rota_server *s, rota_ref node);

/* Carries out a change that was validated elsewhere. */
void rota_transaction_change(struct rota_server *s, const struct rota_change *change);

/* Tells the commit: `commit` says what kind it is; zxid, time and changes are filled in here. */
void rota_transaction_commit(struct rota_server *s, struct rota_commit *commit);

/* Fires the watches that the transaction's steps touch, in order (S49). */
void rota_transaction_fire(struct rota_server *s);

/* Ends the transaction and frees what it has deleted. */
void rota_transaction_end(struct rota_server *s);

/* Checks what a read needs: that the node is there and may be read. */
int32_t rota_transaction_readable(const struct rota_server *s, rota_ref node, uint32_t perms,
                                  rota_ref connection);

#endif
