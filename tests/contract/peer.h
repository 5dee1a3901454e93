/* A peer: a program with one handle, which writes down everything it hears. */
#ifndef ROTA_TESTS_CONTRACT_PEER_H
#define ROTA_TESTS_CONTRACT_PEER_H

#include "tests/contract/contract.h"

/* An event, kept. What the reply points to is copied. */
struct record {
    struct rota_handle_event event;
    void *memory;
};

struct peer {
    struct stage *stage;
    unsigned number;
    struct rota_backend *backend;
    uint32_t handle; /* the number of its current handle */
    uint64_t tags;   /* given so far; the first is 1 */
    struct record *records;
    size_t count;
    size_t capacity;
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

/* Makes, opens and waits until connected: a peer as most tests want it. */
struct peer *peer_connect(struct stage *s, unsigned number);

/* Hears what there is, of every peer of the stage. */
void stage_hear(struct stage *s);

/* Hears until the condition holds; the test fails after a bound. */
typedef bool (*condition_f)(struct peer *p, const void *context);
void peer_until(struct peer *p, condition_f condition, const void *context, const char *what);

/* ---- requests ---- */

/* Sends a request under a new tag and returns it. */
uint64_t peer_send(struct peer *p, const struct rota_operation *o);
uint64_t peer_send_multi(struct peer *p, const struct rota_operation *o, uint32_t count);

/* Waits for the reply. Valid until the peer hears more. */
const struct rota_reply *peer_await(struct peer *p, uint64_t tag);

/* Sends and waits. */
const struct rota_reply *peer_do(struct peer *p, const struct rota_operation *o);
const struct rota_reply *peer_multi(struct peer *p, const struct rota_operation *o, uint32_t count);

/* Asks for the end of the session and waits until it has ended. */
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

/* Do it, and it must succeed. */
struct rota_stat do_create(struct peer *p, const char *path, const char *text, enum rota_mode mode);
void do_delete(struct peer *p, const char *path);
void do_set(struct peer *p, const char *path, const char *text);
void do_sync(struct peer *p);

/* Do it, and it must be refused with that code. */
void do_refused(struct peer *p, struct rota_operation o, enum rota_error rc);

/* Whether the znode exists, by a read behind a sync. */
bool is_there(struct peer *p, const char *path);

/* The znode's data as text, by a read without a sync. */
void expect_data(struct peer *p, const char *path, const char *text);

/* ---- what was heard ---- */

#define NOWHERE SIZE_MAX

/* The place of a reply, the first after `from`; NOWHERE if there is none. */
size_t place_of_reply(const struct peer *p, uint64_t tag);
size_t place_of_watch(const struct peer *p, enum rota_watch_kind kind, const char *path,
                      size_t from);
size_t place_of_state(const struct peer *p, enum rota_session_state state, size_t from);

unsigned count_replies(const struct peer *p, uint64_t tag);
unsigned count_watches(const struct peer *p);

/* Waits for an event after `from` and returns its place. */
size_t await_watch(struct peer *p, enum rota_watch_kind kind, const char *path, size_t from);
size_t await_state(struct peer *p, enum rota_session_state state, size_t from);

/* The current session's name, as heard. */
struct rota_client_id session_of(const struct peer *p);

/* Keeps a peer away from the server, if the fixture can: it would steal back a session that is
 * taken over (S71). */
void hide(struct peer *p);
void unhide(struct peer *p);

/* Ends the peer's session on the server, from outside, and waits until the peer hears of it. */
void expire(struct peer *p);

bool rc_is_unknown(int32_t rc);

#endif
