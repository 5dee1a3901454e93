/* The server of this room as a backend: in the same process and thread, under the real clock.
 * Behind `rota run` when there is no ZooKeeper.
 *
 * Several handles share one tree. A request is executed before it returns; what it causes waits in
 * the queues of the handles, in the order in which a real client would hear it (S54). */
#ifndef ROTA_BACKEND_SIM_EMBEDDED_H
#define ROTA_BACKEND_SIM_EMBEDDED_H

#include "model/seam/backend.h"

struct rota_embedded_tree;

/* Makes an empty tree, as of a fresh server. It looks after its containers and TTL nodes every
 * `reap_ms`, 0 for a minute, as soon as a handle is asked something or for an event (S39). */
struct rota_embedded_tree *rota_embedded_tree_open(uint32_t reap_ms);

/* Frees it. Its backends must have been destroyed. */
void rota_embedded_tree_close(struct rota_embedded_tree *tree);

/* Makes a backend over the tree, which is borrowed. All backends of a tree belong to one thread.
 * `wake` is called, from within a call of any handle of the tree, when the queue becomes
 * non-empty; it must not call a backend. It may be NULL.
 *
 * What differs from a real server: a session does not expire while its handle lives, and ends at
 * once when the handle is destroyed, replaced or refused credentials (a crash whose timeout has run
 * out). A request that is too large ends as a lost connection, which is back at once with the same
 * session and its watches (S35, S57). A handle whose session was taken over is disconnected until
 * that session ends (S71); one who asks for it by a wrong password disturbs nobody. */
struct rota_backend *rota_embedded_open(struct rota_embedded_tree *tree,
                                        uint32_t session_timeout_ms, rota_wake_f wake,
                                        void *context);

#endif
