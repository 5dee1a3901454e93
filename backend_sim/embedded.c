#include "backend_sim/embedded.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "server/message_copy.h"
#include "server/server.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

/* An event that waits, with what it points to. */
struct waiting {
    struct waiting *next;
    struct rota_handle_event event;
    void *owned;
};

enum handle_state {
    HANDLE_NONE, /* never opened */
    HANDLE_CONNECTED,
    HANDLE_ROBBED, /* another handle has taken the session over */
    HANDLE_DEAD,   /* the session has ended */
    HANDLE_CLOSED, /* on request */
};

struct instance {
    struct rota_backend base;
    struct rota_embedded_tree *tree;
    struct instance *sibling; /* the next backend of the tree */
    uint32_t timeout_ms;
    rota_wake_f wake;
    void *context;
    uint32_t handle;
    enum handle_state state;
    struct rota_client_id client_id;
    bool closing;        /* a CLOSE is under way: the session's last events reach nobody (S60) */
    bool authenticating; /* an ADD_AUTH is under way: a cut is the answer to it */
    struct waiting *first, *last;
    struct waiting *borrowed; /* what next handed out */
};

struct rota_embedded_tree {
    struct rota_server *server;
    struct instance *instances;
    int64_t reap_ms; /* when its containers and TTL nodes are looked at next */
};

/* ---- clocks ---- */

static rota_time clock_us(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (rota_time)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The server's time; its wall clock is set along. */
static int64_t tree_now(struct rota_embedded_tree *tree)
{
    int64_t now_ms = clock_us(CLOCK_BOOTTIME) / 1000;

    rota_server_set_wall(tree->server, clock_us(CLOCK_REALTIME) / 1000 - now_ms);
    return now_ms;
}

/* ---- the queue ---- */

static void waiting_free(struct waiting *w)
{
    if (w != NULL)
        free(w->owned);
    free(w);
}

static struct rota_handle_event *push(struct instance *e, enum rota_handle_event_kind kind,
                                      void *owned)
{
    struct waiting *w = calloc(1, sizeof *w);
    bool was_empty = e->first == NULL;

    rota_assert(w != NULL);
    w->owned = owned;
    w->event.kind = kind;
    w->event.handle = e->handle;
    if (was_empty)
        e->first = w;
    else
        e->last->next = w;
    e->last = w;
    if (was_empty && e->wake != NULL)
        e->wake(e->context);
    return &w->event;
}

static void push_reply(struct instance *e, struct rota_reply *owned)
{
    push(e, ROTA_HANDLE_REPLY, owned)->reply = *owned;
}

static void push_session(struct instance *e, enum rota_session_state state)
{
    struct rota_handle_event *event = push(e, ROTA_HANDLE_SESSION, NULL);

    event->session.state = state;
    event->session.client_id = e->client_id;
    event->session.timeout_ms = e->timeout_ms;
    event->session.acknowledged = state == ROTA_SESSION_CLOSED && e->state != HANDLE_ROBBED;
}

/* ---- what the server says ---- */

/* A connection's number is its instance. */
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
        push_reply(e, rota_reply_copy(reply));
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    struct instance *e = instance_of(connection);
    struct rota_handle_event *event;
    char *copy;

    (void)context;
    if (e->closing)
        return;
    copy = strdup(path);
    rota_assert(copy != NULL);
    event = push(e, ROTA_HANDLE_WATCH, copy);
    event->watch.kind = kind;
    event->watch.path = copy;
}

/* The server cuts a connection whose session is taken over, or whose credentials it refuses; too
 * large requests do not reach it, and sessions here do not expire by time. */
static void on_cut(void *context, uint64_t connection)
{
    struct instance *e = instance_of(connection);

    (void)context;
    if (e->authenticating || e->state != HANDLE_CONNECTED)
        return;
    e->state = HANDLE_ROBBED;
    push_session(e, ROTA_SESSION_DISCONNECTED);
}

/* Tells the handles whose session has ended elsewhere. */
static void on_commit(void *context, const struct rota_commit *commit)
{
    const struct rota_embedded_tree *tree = context;

    if (commit->kind != ROTA_COMMIT_SESSION_CLOSED)
        return;
    for (struct instance *e = tree->instances; e != NULL; e = e->sibling) {
        if (e->state != HANDLE_ROBBED || e->client_id.id != commit->session)
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

/* ---- the table ---- */

/* Ends a session that is still held: the process behind it has gone. */
static void abandon(struct instance *e)
{
    bool held = e->state == HANDLE_CONNECTED;

    e->state = HANDLE_DEAD;
    if (!held)
        return;
    rota_server_disconnect(e->tree->server, number_of(e));
    rota_server_expire(e->tree->server, e->client_id.id, tree_now(e->tree));
}

/* Whether this asks for a session that somebody holds, by another password. A server would cut the
 * holder off before it looks (S70), and the holder would be back at once: here nothing happens. */
static bool intrudes(const struct rota_embedded_tree *tree, const struct rota_client_id *wish)
{
    for (const struct instance *e = tree->instances; e != NULL; e = e->sibling)
        if (e->state == HANDLE_CONNECTED && e->client_id.id == wish->id &&
            memcmp(e->client_id.password, wish->password, sizeof wish->password) != 0)
            return true;
    return false;
}

static uint32_t embedded_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct instance *e = (struct instance *)b;
    struct rota_connect wish = {.timeout_ms = e->timeout_ms};
    struct rota_served served = {0};

    abandon(e);
    e->handle++;
    if (take_over != NULL)
        wish.client_id = *take_over;
    if (!intrudes(e->tree, &wish.client_id) &&
        rota_server_connect(e->tree->server, number_of(e), &wish, tree_now(e->tree), &served) ==
            ROTA_WELCOME_SERVED) {
        e->client_id = served.client_id;
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

/* What the C client and the server would do with a request that is too large (S35). Nothing else is
 * outstanding, and nothing can happen before the connection is back. */
static void lose_connection(struct instance *e, const struct rota_request *request)
{
    push_session(e, ROTA_SESSION_DISCONNECTED);
    push_reply(e, rota_reply_failed(request, ROTA_ERR_CONNECTION_LOSS));
    push_session(e, ROTA_SESSION_CONNECTED);
}

static void authenticate(struct instance *e, const struct rota_request *request)
{
    e->authenticating = true;
    rota_server_request(e->tree->server, number_of(e), request, tree_now(e->tree));
    e->authenticating = false;
    if (rota_server_session_of(e->tree->server, number_of(e)) != 0)
        return;
    abandon(e);
    push_session(e, ROTA_SESSION_AUTH_FAILED);
}

/* What the C client answers itself; there are no results then. */
static void refuse(struct instance *e, const struct rota_request *request, int32_t rc)
{
    struct rota_reply reply = {.tag = request->tag, .rc = rc, .data = ROTA_NULL_BYTES};

    push_reply(e, rota_reply_copy(&reply));
}

/* There is nobody but the callers to look at the clock. */
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
    else if (!rota_request_valid(request)) /* the C client refuses it (S30), alive or not */
        refuse(e, request, ROTA_ERR_BAD_ARGUMENTS);
    else if (request->operation.op == ROTA_OP_CHECK) /* only a multi can ask for it */
        refuse(e, request, ROTA_ERR_UNIMPLEMENTED);
    else if (e->state == HANDLE_DEAD)
        refuse(e, request, ROTA_ERR_INVALID_STATE);
    else if (e->state == HANDLE_ROBBED)
        push_reply(e, rota_reply_failed(request, ROTA_ERR_CONNECTION_LOSS));
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

    if (e->first == NULL)
        reap_due(e->tree);
    waiting_free(e->borrowed);
    e->borrowed = e->first;
    if (e->first == NULL)
        return false;
    e->first = e->first->next;
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

    while (getrandom(&bits, sizeof bits, 0) != sizeof bits) {
    }
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

    abandon(e);
    while (*at != e)
        at = &(*at)->sibling;
    *at = e->sibling;
    waiting_free(e->borrowed);
    while (e->first != NULL) {
        struct waiting *w = e->first;

        e->first = w->next;
        waiting_free(w);
    }
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
    struct rota_embedded_tree *tree = calloc(1, sizeof *tree);
    struct rota_server_config config = {
        .seed = random_bits(),
        .tick_ms = 1,
        .timeout_least_ms = 1,
        .timeout_most_ms = UINT32_MAX,
        .wall_ms = clock_us(CLOCK_REALTIME) / 1000,
        .reap_ms = reap_ms,
    };

    rota_assert(tree != NULL);
    tree->server = rota_server_open(&config, &sink, tree);
    tree->reap_ms = INT64_MAX;
    rota_server_wake(tree->server, tree_now(tree));
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
    struct instance *e = calloc(1, sizeof *e);

    rota_assert(e != NULL);
    e->base.ops = &embedded_ops;
    e->tree = tree;
    e->sibling = tree->instances;
    e->timeout_ms = session_timeout_ms;
    e->wake = wake;
    e->context = context;
    tree->instances = e;
    return &e->base;
}
