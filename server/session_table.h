/* The sessions of a server and when they are due. Private to the server room. */
#ifndef ROTA_SERVER_SESSION_TABLE_H
#define ROTA_SERVER_SESSION_TABLE_H

#include "server/server_state.h"

/* The session timeout that a client gets when it asks for this one (S66). */
uint32_t rota_session_table_negotiate(const struct rota_server *s, uint32_t timeout_ms);

/* A new session id with its password, which follows from the seed and the id only. */
struct rota_client_id rota_session_table_new_id(struct rota_server *s);

/* Adds a session, with a full timeout. */
rota_ref rota_session_table_add(struct rota_server *s, const struct rota_client_id *client_id,
                                uint32_t timeout_ms, int64_t now_ms);

/* Removes a session, which must have no ephemerals. */
void rota_session_table_remove(struct rota_server *s, rota_ref session);

/* Gives a session, or every session, a full timeout from now, rounded up to the end of its bucket
 * (S67). */
void rota_session_table_renew(struct rota_server *s, struct rota_server_session *session,
                              int64_t now_ms);
void rota_session_table_renew_all(struct rota_server *s, int64_t now_ms);

/* The sessions that are due, as an array of rota_ref in the tree's pool, to be cleared by the
 * caller. Notes when the next one is due. */
struct rota_array rota_session_table_due(struct rota_server *s, int64_t now_ms);

#endif
