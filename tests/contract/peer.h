/* A peer: a program with one handle, which records every event that it receives. */
#ifndef ROTA_TESTS_CONTRACT_PEER_H
#define ROTA_TESTS_CONTRACT_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/contract/fixture.h"

/* An event, with a copy of what it points to. */
struct record {
    struct rota_handle_event event;
    void *memory;
};

struct peer {
    struct stage *stage;
    unsigned number;
    struct rota_backend *backend;
    uint32_t handle; /* the number of its current handle */
    uint64_t tags;   /* used so far; the first is 1 */
    struct record *records;
    uint32_t count;
    uint32_t capacity;
};

/* A test's world with its peers. */
struct stage {
    const struct fixture *fixture;
    struct world *world;
    struct peer peers[PEERS + 1];
};

void stage_begin(struct stage *s, const struct fixture *fixture);
void stage_end(struct stage *s);

/* ---- peers ---- */

/* An instance without a handle. */
struct peer *peer_make(struct stage *s, unsigned number, uint32_t session_timeout_ms);

/* Opens a handle, new or by taking over a session. */
void peer_open(struct peer *p, const struct rota_client_id *take_over);

/* Makes an instance, opens a handle and waits until it is connected. */
struct peer *peer_connect(struct stage *s, unsigned number);

/* Takes all events of every peer. */
void stage_receive(struct stage *s);

/* Takes events until the condition holds; after a bound, the test fails. */
typedef bool (*condition_f)(struct peer *p, const void *context);
void peer_until(struct peer *p, condition_f condition, const void *context, const char *what);

/* ---- requests ---- */

/* Sends a request under a new tag and returns it. */
uint64_t peer_send(struct peer *p, const struct rota_operation *o);
uint64_t peer_send_multi(struct peer *p, const struct rota_operation *o, uint32_t count);

/* Waits for the reply. Valid until the peer takes more events. */
const struct rota_reply *peer_await(struct peer *p, uint64_t tag);

/* Sends and waits. */
const struct rota_reply *peer_do(struct peer *p, const struct rota_operation *o);
const struct rota_reply *peer_multi(struct peer *p, const struct rota_operation *o, uint32_t count);

/* Closes the session and waits until it has ended. */
void peer_close(struct peer *p);

/* ---- operations ---- */

struct rota_operation op_create(const char *path, const char *text, enum rota_mode mode);
struct rota_operation op_delete(const char *path, int32_t version);
struct rota_operation op_set(const char *path, const char *text, int32_t version);
struct rota_operation op_check(const char *path, int32_t version);
struct rota_operation op_get(const char *path, bool watch);
struct rota_operation op_exists(const char *path, bool watch);
struct rota_operation op_children(const char *path, bool watch);
struct rota_operation op_sync(const char *path);

/* Execute an operation, which must succeed. */
struct rota_stat do_create(struct peer *p, const char *path, const char *text, enum rota_mode mode);
void do_delete(struct peer *p, const char *path);
void do_set(struct peer *p, const char *path, const char *text);
void do_sync(struct peer *p);

/* Executes an operation, which must be refused with that code. */
void do_refused(struct peer *p, struct rota_operation o, enum rota_error rc);

/* Whether the znode exists, by a sync and a read. */
bool node_exists(struct peer *p, const char *path);

/* Checks the data of a znode by a read, without a sync. */
void expect_data(struct peer *p, const char *path, const char *text);

/* ---- records of a peer ---- */

#define NOWHERE SIZE_MAX

/* The index of the first such record, at `from` or later; NOWHERE if there is none. */
size_t index_of_reply(const struct peer *p, uint64_t tag);
size_t index_of_watch(const struct peer *p, enum rota_watch_kind kind, const char *path,
                      size_t from);
size_t index_of_state(const struct peer *p, enum rota_session_state state, size_t from);

unsigned count_replies(const struct peer *p, uint64_t tag);
unsigned count_watches(const struct peer *p);

/* Waits for an event at index `from` or later and returns its index. */
size_t await_watch(struct peer *p, enum rota_watch_kind kind, const char *path, size_t from);
size_t await_state(struct peer *p, enum rota_session_state state, size_t from);

/* The session of the last connection. */
struct rota_client_id session_of(const struct peer *p);

/* Disconnects a peer, if the fixture can, and lets it connect again: while connected, it would take
 * back a session that another peer takes over (S71). */
void disconnect(struct peer *p);
void reconnect(struct peer *p);

/* Ends the peer's session through another peer, and waits until the peer receives the event. */
void expire(struct peer *p);

bool rc_is_unknown(int32_t rc);

#endif
