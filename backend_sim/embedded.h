/* A backend whose ZooKeeper server is in the same process and thread, under the real clock. `rota
 * run` uses it when there is no ZooKeeper.
 *
 * Several handles share one tree. A request is executed before the call returns. Its effects wait
 * in the queues of the handles, in the order in which a real client would receive them (S54). */
#ifndef ROTA_BACKEND_SIM_EMBEDDED_H
#define ROTA_BACKEND_SIM_EMBEDDED_H

#include "model/seam/backend.h"

struct rota_embedded_tree;

/* Makes a tree as a new server has it. Every `reap_ms`, 0 meaning a minute, empty containers and
 * TTL nodes are removed (S39), at the next call of a handle. */
struct rota_embedded_tree *rota_embedded_tree_open(uint32_t reap_ms);

/* Frees the tree. Its backends must have been destroyed. */
void rota_embedded_tree_close(struct rota_embedded_tree *tree);

/* Makes a backend for the tree, which is borrowed. All backends of a tree belong to one thread.
 * `wake` may be NULL. It is called, during a call of any handle of the tree, when the queue of this
 * backend becomes non-empty; it must not call a backend.
 *
 * Differences from a real server:
 * - A session does not expire while its handle lives. It ends at once when the handle is destroyed,
 *   is replaced, or has its credentials refused.
 * - A request that is too large loses the connection, which comes back at once with the same
 *   session and its watches (S35, S57).
 * - A handle whose session was taken over is disconnected until that session ends (S71). A wrong
 *   password does not disturb the handle that holds the session. */
struct rota_backend *rota_embedded_open(struct rota_embedded_tree *tree,
                                        uint32_t session_timeout_ms, rota_wake_f wake,
                                        void *context);

#endif
