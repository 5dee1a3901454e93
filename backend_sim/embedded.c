#include "backend_sim/embedded.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "model/base/assert.h"
#include "model/seam/event_queue.h"
#include "model/seam/request_limits.h"
#include "server/server.h"
#include "system/memory.h"

enum handle_state {
    HANDLE_NONE, /* never opened */
    HANDLE_CONNECTED,
    HANDLE_TAKEN_OVER, /* another handle has taken the session over */
    HANDLE_DEAD,       /* the session has ended */
    HANDLE_CLOSED,     /* closed on request */
};

struct instance {
    struct rota_backend base;
    struct rota_embedded_tree *tree;
    struct instance *next; /* backend of the same tree */
    uint32_t timeout_ms;
    rota_wake_f wake;
    void *context;
    uint32_t handle;
    enum handle_state state;
    struct rota_client_id client_id;
    bool closing;        /* during a CLOSE: the last events of the session are dropped (S60) */
    bool authenticating; /* during an ADD_AUTH: a cut connection is the answer to it */
    struct rota_event_queue queue;
    struct rota_queued_event *borrowed; /* the event that next has returned */
};

struct rota_embedded_tree {
    struct rota_server *server;
    struct instance *instances;
    int64_t reap_ms; /* when containers and TTL nodes are checked next */
};

/* ---- clocks ---- */

static rota_time clock_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (rota_time)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The time of the server, whose wall clock is set along with it. */
static int64_t tree_now(struct rota_embedded_tree *tree)
{
    int64_t now_ms = clock_us(CLOCK_BOOTTIME) / 1000;

    rota_server_set_wall(tree->server, clock_us(CLOCK_REALTIME) / 1000 - now_ms);
    return now_ms;
}

/* ---- the queue ---- */

static void push(struct instance *e, struct rota_queued_event *event)
{
    if (rota_event_queue_push(&e->queue, event) && e->wake != NULL)
        e->wake(e->context);
}

/* Answers a request that was lost with the connection. */
static void push_connection_loss(struct instance *e, const struct rota_request *request)
{
    push(e, rota_queued_event_failed(e->handle, request, ROTA_ERR_CONNECTION_LOSS));
}

static void push_session(struct instance *e, enum rota_session_state state)
{
    struct rota_queued_event *q = rota_queued_event_session(e->handle, state);

    q->event.session.client_id = e->client_id;
    q->event.session.timeout_ms = e->timeout_ms;
    q->event.session.acknowledged = state == ROTA_SESSION_CLOSED && e->state != HANDLE_TAKEN_OVER;
    push(e, q);
}

/* ---- the server's sink ---- */

/* The number of a connection is the address of its instance. */
static uint64_t number_of(const struct instance *e)
{
    return (uintptr_t)e;
}

static struct instance *instance_of(uint64_t connection)
{
    return (struct instance *)(uintptr_t)connection;
}

static void on_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    struct instance *e = instance_of(connection);

    (void)context;
    if (!e->closing)
        push(e, rota_queued_event_reply(e->handle, reply));
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    struct instance *e = instance_of(connection);

    (void)context;
    if (!e->closing)
        push(e, rota_queued_event_watch(e->handle, kind, path));
}

/* The server cuts a connection if its session was taken over or its credentials were refused.
 * Requests that are too large do not reach the server, and sessions do not expire by time. */
static void on_cut(void *context, uint64_t connection)
{
    struct instance *e = instance_of(connection);

    (void)context;
    if (e->authenticating || e->state != HANDLE_CONNECTED)
        return;
    e->state = HANDLE_TAKEN_OVER;
    push_session(e, ROTA_SESSION_DISCONNECTED);
}

/* The end of a session is reported to the handles that have lost it to another handle. */
static void on_commit(void *context, const struct rota_commit *commit)
{
    const struct rota_embedded_tree *tree = context;

    if (commit->kind != ROTA_COMMIT_SESSION_CLOSED)
        return;
    for (struct instance *e = tree->instances; e != NULL; e = e->next) {
        if (e->state != HANDLE_TAKEN_OVER || e->client_id.id != commit->session)
            continue;
        e->state = HANDLE_DEAD;
        push_session(e, ROTA_SESSION_EXPIRED);
    }
}

static const struct rota_server_sink sink = {
    .reply = on_reply,
    .watch = on_watch,
    .cut = on_cut,
    .commit = on_commit,
};

/* ---- the operations of the backend ---- */

/* Ends the session of a handle, if it still holds one, as the end of its process would. */
static void end_session(struct instance *e)
{
    bool held = e->state == HANDLE_CONNECTED;

    e->state = HANDLE_DEAD;
    if (!held)
        return;
    rota_server_disconnect(e->tree->server, number_of(e));
    rota_server_expire(e->tree->server, e->client_id.id, tree_now(e->tree));
}

/* True if another handle holds this session and the password is wrong. A server would cut the
 * other handle off before it checks the password (S70), and that handle would connect again at
 * once: here the other handle is left alone. */
static bool password_wrong(const struct rota_embedded_tree *tree,
                           const struct rota_client_id *client_id)
{
    for (const struct instance *e = tree->instances; e != NULL; e = e->next)
        if (e->state == HANDLE_CONNECTED && e->client_id.id == client_id->id &&
            memcmp(e->client_id.password, client_id->password, sizeof client_id->password) != 0)
            return true;
    return false;
}

static uint32_t embedded_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct instance *e = (struct instance *)b;
    struct rota_connect connect = {.timeout_ms = e->timeout_ms};
    struct rota_session_grant grant = {0};

    end_session(e);
    e->handle++;
    if (take_over != NULL)
        connect.client_id = *take_over;
    if (!password_wrong(e->tree, &connect.client_id) &&
        rota_server_connect(e->tree->server, number_of(e), &connect, tree_now(e->tree), &grant) ==
            ROTA_CONNECT_ACCEPTED) {
        e->client_id = grant.client_id;
        e->state = HANDLE_CONNECTED;
        push_session(e, ROTA_SESSION_CONNECTED);
    } else {
        push_session(e, ROTA_SESSION_EXPIRED);
    }
    return e->handle;
}

static void close_handle(struct instance *e, const struct rota_request *request)
{
    if (e->state == HANDLE_CLOSED)
        return;
    if (e->state == HANDLE_CONNECTED) {
        e->closing = true;
        rota_server_request(e->tree->server, number_of(e), request, tree_now(e->tree));
        e->closing = false;
    }
    push_session(e, ROTA_SESSION_CLOSED);
    e->state = HANDLE_CLOSED;
}

/* A request that is too large: a server cuts the connection (S35), and the client connects again.
 * No other request is outstanding, and nothing else can happen in between. */
static void lose_connection(struct instance *e, const struct rota_request *request)
{
    push_session(e, ROTA_SESSION_DISCONNECTED);
    push_connection_loss(e, request);
    push_session(e, ROTA_SESSION_CONNECTED);
}

static void authenticate(struct instance *e, const struct rota_request *request)
{
    e->authenticating = true;
    rota_server_request(e->tree->server, number_of(e), request, tree_now(e->tree));
    e->authenticating = false;
    if (rota_server_session_of(e->tree->server, number_of(e)) != 0)
        return;
    end_session(e);
    push_session(e, ROTA_SESSION_AUTH_FAILED);
}

/* An answer of the client itself. It has no results, not even for a multi. */
static void refuse(struct instance *e, const struct rota_request *request, int32_t rc)
{
    struct rota_reply reply = {.tag = request->tag, .rc = rc, .data = ROTA_NULL_BYTES};

    push(e, rota_queued_event_reply(e->handle, &reply));
}

/* There is no timer: the clock is checked whenever a handle is called. */
static void reap_due(struct rota_embedded_tree *tree)
{
    int64_t now_ms = tree_now(tree);

    if (now_ms >= tree->reap_ms)
        rota_server_reap(tree->server, now_ms);
    tree->reap_ms = rota_server_next_reap(tree->server, now_ms);
}

static void embedded_request(struct rota_backend *b, const struct rota_request *request)
{
    struct instance *e = (struct instance *)b;

    rota_assert(e->state != HANDLE_NONE);
    reap_due(e->tree);
    if (request->operation.op == ROTA_OP_CLOSE)
        close_handle(e, request);
    else if (e->state == HANDLE_CLOSED)
        refuse(e, request, ROTA_ERR_INVALID_STATE);
    else if (!rota_request_valid(request)) /* the C client checks this first (S30) */
        refuse(e, request, ROTA_ERR_BAD_ARGUMENTS);
    else if (request->operation.op == ROTA_OP_CHECK) /* valid only in a multi */
        refuse(e, request, ROTA_ERR_UNIMPLEMENTED);
    else if (e->state == HANDLE_DEAD)
        refuse(e, request, ROTA_ERR_INVALID_STATE);
    else if (e->state == HANDLE_TAKEN_OVER)
        push_connection_loss(e, request);
    else if (rota_request_bytes(request, 0) > ROTA_REQUEST_LIMIT)
        lose_connection(e, request);
    else if (request->operation.op == ROTA_OP_ADD_AUTH)
        authenticate(e, request);
    else
        rota_server_request(e->tree->server, number_of(e), request, tree_now(e->tree));
}

static bool embedded_next(struct rota_backend *b, struct rota_handle_event *event)
{
    struct instance *e = (struct instance *)b;

    if (e->queue.first == NULL)
        reap_due(e->tree);
    free(e->borrowed);
    e->borrowed = rota_event_queue_pop(&e->queue);
    if (e->borrowed == NULL)
        return false;
    *event = e->borrowed->event;
    return true;
}

static rota_time embedded_now(struct rota_backend *b)
{
    (void)b;
    return clock_us(CLOCK_BOOTTIME); /* counts suspended time (hazard 7) */
}

static uint64_t random_bits(void)
{
    uint64_t bits;

    while (getrandom(&bits, sizeof bits, 0) != sizeof bits)
        ;
    return bits;
}

static uint64_t embedded_random(struct rota_backend *b)
{
    (void)b;
    return random_bits();
}

static void embedded_destroy(struct rota_backend *b)
{
    struct instance *e = (struct instance *)b;
    struct instance **at = &e->tree->instances;

    end_session(e);
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    free(e->borrowed);
    rota_event_queue_clear(&e->queue);
    free(e);
}

static const struct rota_backend_ops embedded_ops = {
    .name = "embedded",
    .open = embedded_open,
    .request = embedded_request,
    .next = embedded_next,
    .now = embedded_now,
    .random = embedded_random,
    .destroy = embedded_destroy,
};

/* ---- the tree ---- */

struct rota_embedded_tree *rota_embedded_tree_open(uint32_t reap_ms)
{
    struct rota_embedded_tree *tree = rota_memory_zeroed(1, sizeof *tree);
    struct rota_server_config config = {
        .seed = random_bits(),
        .tick_ms = 1,
        .timeout_least_ms = 1,
        .timeout_most_ms = UINT32_MAX,
        .wall_ms = clock_us(CLOCK_REALTIME) / 1000,
        .reap_ms = reap_ms,
    };

    tree->server = rota_server_open(&config, &sink, tree);
    tree->reap_ms = INT64_MAX;
    rota_server_begin_term(tree->server, tree_now(tree));
    return tree;
}

void rota_embedded_tree_close(struct rota_embedded_tree *tree)
{
    rota_assert(tree->instances == NULL);
    rota_server_close(tree->server);
    free(tree);
}

struct rota_backend *rota_embedded_open(struct rota_embedded_tree *tree,
                                        uint32_t session_timeout_ms, rota_wake_f wake,
                                        void *context)
{
    struct instance *e = rota_memory_zeroed(1, sizeof *e);

    e->base.ops = &embedded_ops;
    e->tree = tree;
    e->next = tree->instances;
    e->timeout_ms = session_timeout_ms;
    e->wake = wake;
    e->context = context;
    tree->instances = e;
    return &e->base;
}
