/* Writes: validated in ZooKeeper's order (S24-S29), applied completely or not at all (S40), then
 * reported, first the commit and then the watches. Private to the server room. */
#ifndef ROTA_SERVER_TRANSACTION_H
#define ROTA_SERVER_TRANSACTION_H

#include "server/server_state.h"

/* The session and the connection that a write comes from. */
struct rota_writer {
    int64_t session;
    rota_ref known;      /* the session, 0 if it does not exist */
    rota_ref connection; /* whose identities count */
};

/* Takes the next zxid and begins a transaction. No other may be under way. */
void rota_transaction_begin(struct rota_server *s, int64_t now_ms);

/* Executes a create, delete, set, set_acl, check or multi as one transaction, up to its watch
 * events. Fills in the reply, which is borrowed until rota_transaction_end. */
void rota_transaction_write(struct rota_server *s, struct rota_writer writer,
                            const struct rota_request *request, struct rota_reply *reply);

/* Applies a change that another server has validated. */
void rota_transaction_change(struct rota_server *s, const struct rota_change *change);

/* Reports the commit: the caller fills in its kind, and this function zxid, time and changes. */
void rota_transaction_commit(struct rota_server *s, struct rota_commit *commit);

/* Fires the watches of the steps, in order (S49). */
void rota_transaction_fire(struct rota_server *s);

/* Ends the transaction and frees the deleted znodes. */
void rota_transaction_end(struct rota_server *s);

#endif
