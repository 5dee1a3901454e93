#include "tests/conformance/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "tests/conformance/record.h"

#define BOUND_US INT64_C(30000000)

/* ---- waiting ---- */

typedef bool (*condition_f)(const struct peer *p);

static bool answered(const struct peer *p)
{
    return p->outstanding == 0;
}

static bool up(const struct peer *p)
{
    return p->state == PEER_UP;
}

static bool down(const struct peer *p)
{
    return p->state == PEER_DOWN || p->state == PEER_DEAD;
}

static bool dead(const struct peer *p)
{
    return p->state == PEER_DEAD;
}

static bool settled(const struct peer *p)
{
    return p->state == PEER_UP || p->state == PEER_DEAD;
}

static bool closed(const struct peer *p)
{
    return p->state == PEER_CLOSED;
}

static void await(struct subject *s, uint32_t peer, condition_f met, const char *what)
{
    struct peer *p = &s->peers[peer];
    rota_time bound = p->backend->ops->now(p->backend) + BOUND_US;
    struct text t = {0};

    for (record_events(s); !met(p); record_events(s)) {
        if (s->stuck || p->backend->ops->now(p->backend) > bound) {
            text_add(&t, "waits too long: not %s", what);
            record_add(s, p, &t, 0);
            text_close(&t);
            s->stuck = true;
            return;
        }
        s->fixture->wait(s->world);
    }
}

/* ---- actions ---- */

static void send(struct peer *p, const struct rota_request *r)
{
    p->outstanding++;
    p->backend->ops->request(p->backend, r);
}

static void send_plain(struct peer *p, enum rota_op op, const char *path, uint64_t tag)
{
    send(p, &(struct rota_request){.tag = tag,
                                   .operation = {.op = op, .path = path, .data = ROTA_NULL_BYTES}});
}

/* A sync on every peer: after its reply no earlier event can arrive. */
static void fence(struct subject *s)
{
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (s->peers[i].state == PEER_UP)
            send_plain(&s->peers[i], ROTA_OP_SYNC, "/", TAG_FENCE);
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (s->peers[i].state == PEER_UP)
            await(s, i, answered, "answered");
}

static void open_peer(struct subject *s, uint32_t peer, uint32_t timeout_ms,
                      const struct rota_client_id *take_over)
{
    struct peer *p = &s->peers[peer];

    if (p->backend == NULL)
        p->backend = s->fixture->backend(s->world, peer, timeout_ms);
    if (s->began == ROTA_NEVER)
        s->began = p->backend->ops->now(p->backend);
    p->state = PEER_OPENING;
    p->outstanding = 0;
    p->auth_refused = false;
    p->handle = p->backend->ops->open(p->backend, take_over);
    await(s, peer, settled, "connected");
}

/* If requests are outstanding, the library may forget their replies, and events with them (S84). If
 * there are none, a handle that closes reports only its end (S60). */
static void close_peer(struct subject *s, uint32_t peer)
{
    struct peer *p = &s->peers[peer];

    p->kept = p->outstanding > 0 ? p->lines.count : UINT32_MAX;
    p->backend->ops->request(
        p->backend, &(struct rota_request){.tag = TAG_CLOSE, .operation = {.op = ROTA_OP_CLOSE}});
    await(s, peer, closed, "closed");
    p->outstanding = 0;
    s->ended = true;
}

/* Waits until the server has noticed the end of the connections that a peer has lost or closed, and
 * has executed the requests before. A library that closes its handle accepts any byte as the
 * answer, so it may be gone long before the server reads the close (S84). A server that notices the
 * end of a connection while the session comes back on another one may forget the new connection. */
static void settle(struct subject *s, uint32_t peer)
{
    struct text t = {0};

    if (s->stuck || s->fixture->settle(s->world, peer))
        return;
    text_add(&t, "waits too long: the server has not closed the connections");
    record_add(s, &s->peers[peer], &t, 0);
    text_close(&t);
    s->stuck = true;
}

/* Ends a session through another handle. */
static void end_session(struct subject *s, const struct rota_client_id *client_id)
{
    open_peer(s, PEER_OTHER, SESSION_MS, client_id);
    close_peer(s, PEER_OTHER);
    settle(s, PEER_OTHER);
}

/* A library that has tried all servers sleeps for a sixtieth of the session timeout (S80). A
 * request wakes it, and it tries again at once. The reply is ignored, and may not come (S82). */
static void wake(const struct peer *p)
{
    struct rota_request sync = {.tag = TAG_WAKE, .operation = {.op = ROTA_OP_SYNC, .path = "/"}};

    p->backend->ops->request(p->backend, &sync);
}

/* The observer reads a path until the condition holds. */
static void read_until(struct subject *s, const char *path, condition_f met)
{
    struct peer *observer = &s->peers[PEER_OBSERVER];
    rota_time bound = observer->backend->ops->now(observer->backend) + BOUND_US;

    for (bool looked = false; !looked || (!met(observer) && !s->stuck); looked = true) {
        s->fixture->wait(s->world);
        send_plain(observer, ROTA_OP_EXISTS, path, TAG_LOOK);
        await(s, PEER_OBSERVER, answered, "answered");
        s->stuck |= observer->backend->ops->now(observer->backend) > bound;
    }
}

static bool has_changed(const struct peer *p)
{
    return p->seen != p->before;
}

/* Releases the request that is held back, before its session can come back. */
static void release(struct subject *s, uint32_t peer)
{
    struct peer *observer = &s->peers[PEER_OBSERVER];

    s->peers[peer].late = s->late = false;
    send_plain(observer, ROTA_OP_EXISTS, "/", TAG_LOOK);
    await(s, PEER_OBSERVER, answered, "answered");
    observer->before = observer->seen;
    s->fixture->release(s->world, peer);
    read_until(s, "/", has_changed);
}

/* When it returns, nothing is under way: a close that follows would accept any byte as its answer,
 * and might lose what was sent before (S84). */
static void heal(struct subject *s, uint32_t peer)
{
    struct peer *p = &s->peers[peer];

    if (!p->cut)
        return;
    if (p->late)
        release(s, peer);
    settle(s, peer);
    s->fixture->heal(s->world, peer);
    if (!dead(p)) {
        wake(p);
        await(s, peer, settled, "connected again");
    }
    p->cut = false;
    if (up(p))
        send_plain(p, ROTA_OP_SYNC, "/", TAG_FENCE);
    await(s, peer, answered, "answered");
}

static void cut(struct subject *s, uint32_t peer)
{
    struct peer *p = &s->peers[peer];

    if (p->cut || p->state != PEER_UP)
        return;
    p->cut = true;
    s->fixture->cut(s->world, peer);
    await(s, peer, down, "disconnected");
    settle(s, peer);
}

static void send_commands(struct subject *s, struct peer *p, const struct step *step)
{
    for (uint32_t i = 0; i < step->count; i++) {
        struct rota_request *r = command_request(&step->commands[i], s->root, i);

        p->sent[i] = &step->commands[i];
        send(p, r);
        free(r);
    }
}

static void do_requests(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    send_commands(s, p, step);
    await(s, step->client, answered, "answered");
    if (!p->auth_refused)
        return;
    p->auth_refused = false;
    await(s, step->client, dead, "dead");
    end_session(s, &p->client_id); /* the handle is dead, but the session exists */
}

/* Restarts the server under all peers. No peer may connect until the server has started: a server
 * that is starting refuses requests without closing the connection, so the client would wait. */
static void do_restart(struct subject *s)
{
    bool was_up[PEERS_MOST];

    s->late = false;
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        was_up[i] = up(&s->peers[i]);
        s->peers[i].late = false;
        if (was_up[i])
            s->fixture->block(s->world, i);
    }
    s->fixture->stop(s->world);
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (was_up[i])
            await(s, i, down, "disconnected");
    s->stuck |= !s->fixture->start(s->world);
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (was_up[i]) {
            s->fixture->heal(s->world, i);
            wake(&s->peers[i]);
            await(s, i, settled, "connected again");
        }
}

static void do_reopen(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    heal(s, step->client);
    close_peer(s, step->client);
    settle(s, step->client);
    p->state = PEER_OPENING;
    p->auth_refused = false;
    p->handle = p->backend->ops->open(p->backend, NULL);
    send_commands(s, p, step);
    await(s, step->client, settled, "connected");
    await(s, step->client, answered, "answered");
}

static void do_expire(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    if (!up(p))
        return;
    cut(s, step->client);
    open_peer(s, PEER_OTHER, SESSION_MS, &p->client_id);
    send_commands(s, &s->peers[PEER_OTHER], step);
    await(s, PEER_OTHER, answered, "answered");
    fence(s);
    close_peer(s, PEER_OTHER);
    settle(s, PEER_OTHER);
}

/* Drops the backend without closing its handle; the next one may ask for another timeout. */
static void drop_backend(struct subject *s, uint32_t peer)
{
    s->peers[peer].backend->ops->destroy(s->peers[peer].backend);
    s->peers[peer].backend = NULL;
}

/* A process restarts and takes over its former session. */
static void do_take_over(struct subject *s, uint32_t client, uint32_t timeout_ms)
{
    struct peer *p = &s->peers[client];

    if (!up(p))
        return;
    cut(s, client);
    drop_backend(s, client);
    s->fixture->heal(s->world, client);
    p->cut = false;
    open_peer(s, client, timeout_ms, &p->client_id);
}

/* A wrong password while the owner is disconnected. If it were connected, the server would cut it
 * off before it checks the password (S70), and both would connect at once, in any order. */
static void do_wrong_password_away(struct subject *s, uint32_t client)
{
    struct rota_client_id guess = s->peers[client].client_id;

    if (!up(&s->peers[client]))
        return;
    guess.password[3] ^= 1;
    cut(s, client);
    end_session(s, &guess);
    heal(s, client);
}

/* Whether the client library sends any request of a step. */
static bool is_sent(const struct subject *s, const struct step *step)
{
    bool any = false;

    for (uint32_t i = 0; i < step->count; i++) {
        struct rota_request *r = command_request(&step->commands[i], s->root, i);

        any |= rota_request_valid(r) && r->operation.op != ROTA_OP_CHECK;
        free(r);
    }
    return any;
}

static void do_fault(struct subject *s, const struct step *step, enum fault fault)
{
    struct peer *p = &s->peers[step->client];

    if (!up(p) || !is_sent(s, step))
        return;
    p->cut = true;
    s->fixture->fault(s->world, step->client, fault);
    send_commands(s, p, step);
    await(s, step->client, down, "disconnected");
    await(s, step->client, answered, "answered");
    heal(s, step->client);
}

static bool is_missing(const struct peer *p)
{
    return p->rc == ROTA_ERR_NO_NODE;
}

static void create_ephemeral(struct subject *s, uint32_t peer, const char *path)
{
    send(&s->peers[peer], &(struct rota_request){.tag = TAG_LOOK,
                                                 .operation = {.op = ROTA_OP_CREATE,
                                                               .path = path,
                                                               .data = ROTA_NULL_BYTES,
                                                               .mode = ROTA_MODE_EPHEMERAL}});
}

/* A session expires by itself: the observer sees its ephemeral disappear. */
static void do_short_session(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[PEER_SHORT];

    open_peer(s, PEER_SHORT, SHORT_SESSION_MS, NULL);
    create_ephemeral(s, PEER_SHORT, "/short");
    send_commands(s, p, step);
    await(s, PEER_SHORT, answered, "answered");
    if (!up(p))
        return;
    cut(s, PEER_SHORT);
    read_until(s, "/short", is_missing);
    heal(s, PEER_SHORT);
    close_peer(s, PEER_SHORT);
    settle(s, PEER_SHORT);
}

/* A wrong password while the owner is connected: the owner is cut off before the password is
 * checked (S70). It stays disconnected until the other client has its answer: otherwise it would
 * cut that client off in turn, which would connect again (S71). */
static void do_wrong_password(struct subject *s, uint32_t client)
{
    struct peer *p = &s->peers[client];
    struct rota_client_id guess = p->client_id;

    if (!up(p))
        return;
    guess.password[3] ^= 1;
    p->cut = true;
    s->fixture->block(s->world, client);
    end_session(s, &guess);
    await(s, client, down, "disconnected");
    heal(s, client);
}

/* The request is held back until the client heals. Its effect must show in the Stat of "/". */
static void do_late(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    if (!up(p) || s->late)
        return;
    p->cut = p->late = s->late = true;
    s->fixture->fault(s->world, step->client, FAULT_LATE);
    send_commands(s, p, step);
    await(s, step->client, down, "disconnected");
    await(s, step->client, answered, "answered");
}

static void watch_root(struct subject *s, struct peer *p, enum rota_op op)
{
    send(p, &(struct rota_request){.tag = TAG_LOOK,
                                   .operation = {.op = op, .path = s->root, .watch = true}});
}

/* The server does not answer: the client notices by its own clock (S77). For this its session is
 * shorter than usual. */
static void do_silent(struct subject *s, const struct step *step)
{
    uint32_t client = step->client;
    struct peer *p = &s->peers[client];

    if (!up(p))
        return;
    do_take_over(s, client, SILENT_SESSION_MS);
    if (!up(p))
        return;
    p = &s->peers[client];
    watch_root(s, p, ROTA_OP_GET);
    watch_root(s, p, ROTA_OP_CHILDREN);
    await(s, client, answered, "answered");
    p->cut = true;
    s->fixture->silence(s->world, client, step->kind == STEP_SILENT_APPLIED);
    send_commands(s, p, step);
    await(s, client, down, "disconnected");
    await(s, client, answered, "answered");
    s->fixture->cut(s->world, client);
    heal(s, client);
    do_take_over(s, client, SESSION_MS);
}

/* The server is paused: it answers nothing, and loses nothing that was sent. The close gives up
 * after its timeout, and the server executes everything in order when it is resumed (S84). */
static void do_closing(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    if (!up(p))
        return;
    create_ephemeral(s, step->client, "/closing");
    await(s, step->client, answered, "answered");
    s->fixture->pause(s->world);
    send_commands(s, p, step);
    close_peer(s, step->client);
    s->fixture->resume(s->world);
    settle(s, step->client);
    read_until(s, "/closing", is_missing);
    open_peer(s, step->client, SESSION_MS, NULL);
}

/* Path number `i` of the heavy watches, with this length. */
static void heavy_path(char *path, uint32_t i, size_t length)
{
    snprintf(path, length + 1, "/%04u", i);
    memset(path + strlen(path), 'w', length - strlen(path));
    path[length] = '\0';
}

static bool is_flapping(const struct peer *p)
{
    return (int32_t)p->losses >= p->before + 3 && p->state != PEER_UP;
}

/* If the watches are too heavy to be set again, every new connection is lost, without end (S59).
 * The handle is a new one, so that it has no other watches, and is destroyed at the end. */
static void do_heavy(struct subject *s, const struct step *step)
{
    enum { LENGTH = 3990, HEADER = 8 + 8 + 3 * 4 };
    uint32_t client = step->client;
    struct peer *p = &s->peers[client];
    size_t left = (size_t)((int32_t)ROTA_REQUEST_LIMIT - HEADER + step->excess);
    char path[2 * LENGTH];

    if (!up(p))
        return;
    close_peer(s, client);
    drop_backend(s, client);
    open_peer(s, client, SILENT_SESSION_MS, NULL);
    for (uint32_t i = 0; left > 0; i++) {
        size_t length = left < 2 * LENGTH ? left - 4 : LENGTH;

        heavy_path(path, i, length);
        left -= length + 4;
        send(p, &(struct rota_request){
                    .tag = TAG_LOOK,
                    .operation = {.op = ROTA_OP_EXISTS, .path = path, .watch = true}});
    }
    await(s, client, answered, "answered");
    cut(s, client);
    p->before = (int32_t)p->losses;
    s->fixture->heal(s->world, client);
    p->kept = p->lines.count;
    await(s, client, step->excess > 0 ? is_flapping : settled, "connected again and again");
    if (step->excess > 0)
        lines_truncate(&p->lines, p->kept);
    else
        fence(s);
    s->fixture->cut(s->world, client);
    drop_backend(s, client);
    settle(s, client);
    p->cut = false;
    s->fixture->heal(s->world, client);
    end_session(s, &p->client_id);
    open_peer(s, client, SESSION_MS, NULL);
}

static void act(struct subject *s, const struct step *step)
{
    switch (step->kind) {
    case STEP_REQUESTS:
        do_requests(s, step);
        break;
    case STEP_CUT:
        cut(s, step->client);
        break;
    case STEP_HEAL:
        heal(s, step->client);
        break;
    case STEP_REOPEN:
        do_reopen(s, step);
        break;
    case STEP_EXPIRE:
        do_expire(s, step);
        break;
    case STEP_TAKE_OVER:
        do_take_over(s, step->client, step->timeout_ms == 0 ? SESSION_MS : step->timeout_ms);
        break;
    case STEP_WRONG_PASSWORD_AWAY:
        do_wrong_password_away(s, step->client);
        break;
    case STEP_LOST:
        do_fault(s, step, FAULT_LOST);
        break;
    case STEP_APPLIED:
        do_fault(s, step, FAULT_APPLIED);
        break;
    case STEP_SHORT_SESSION:
        do_short_session(s, step);
        break;
    case STEP_RESTART:
        do_restart(s);
        break;
    case STEP_WRONG_PASSWORD:
        do_wrong_password(s, step->client);
        break;
    case STEP_LATE:
        do_late(s, step);
        break;
    case STEP_SILENT:
    case STEP_SILENT_APPLIED:
        do_silent(s, step);
        break;
    case STEP_CLOSING:
        do_closing(s, step);
        break;
    case STEP_HEAVY:
        do_heavy(s, step);
        break;
    }
}

/* Waits for the clients that have lost the connection by their own request: they connect again. */
static void await_clients(struct subject *s)
{
    for (uint32_t i = 0; i < s->clients; i++)
        if (!s->peers[i].cut && s->peers[i].state == PEER_DOWN) {
            wake(&s->peers[i]);
            await(s, i, settled, "connected again");
        }
}

void subject_perform(struct subject *s, const struct step *step)
{
    text_clear(&s->text);
    step_print(&s->journal, step);
    act(s, step);
    await_clients(s);
    fence(s);
    record_print(s);
}

/* ---- beginning and ending ---- */

bool subject_open(struct subject *s, const struct fixture *fixture)
{
    *s = (struct subject){.fixture = fixture};
    s->world = fixture->begin();
    return s->world != NULL;
}

static void destroy_peers(struct subject *s)
{
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        struct peer *p = &s->peers[i];

        if (p->backend != NULL)
            p->backend->ops->destroy(p->backend);
        lines_truncate(&p->lines, 0);
        lines_truncate(&p->aside, 0);
        free(p->lines.at);
        free(p->aside.at);
        *p = (struct peer){0};
    }
}

void subject_close(struct subject *s)
{
    destroy_peers(s);
    s->fixture->end(s->world);
    free(s->sessions);
    text_close(&s->text);
    text_close(&s->journal);
}

void subject_begin(struct subject *s, uint32_t clients, const char *root)
{
    struct peer *p = &s->peers[0];

    text_clear(&s->text);
    text_clear(&s->journal);
    s->clients = clients;
    s->began = ROTA_NEVER;
    memcpy(s->root, root, strlen(root) + 1);
    for (uint32_t i = 0; i < clients; i++)
        open_peer(s, i, SESSION_MS, NULL);
    open_peer(s, PEER_OBSERVER, SESSION_MS, NULL);
    send_plain(p, ROTA_OP_CREATE, s->root, TAG_FENCE);
    await(s, 0, answered, "answered");
    fence(s);
    record_print(s);
}

/* The observer reads the zxid: so a difference that no client has seen is found. */
static void read_end(struct subject *s)
{
    const struct command looks[] = {
        {.op = ROTA_OP_CREATE, .path = (char[]){"/end"}, .mode = ROTA_MODE_EPHEMERAL},
        {.op = ROTA_OP_EXISTS, .path = (char[]){"/end"}},
        {.op = ROTA_OP_EXISTS, .path = (char[]){"/"}},
    };
    struct step step = {.client = PEER_OBSERVER, .count = 3};

    memcpy(step.commands, looks, sizeof looks);
    send_commands(s, &s->peers[PEER_OBSERVER], &step);
    await(s, PEER_OBSERVER, answered, "answered");
}

void subject_end(struct subject *s)
{
    text_clear(&s->text);
    for (uint32_t i = 0; i < PEERS_MOST && !s->stuck; i++) {
        if (s->peers[i].backend == NULL || s->peers[i].state == PEER_CLOSED)
            continue;
        heal(s, i);
        if (i == PEER_OBSERVER)
            read_end(s);
        fence(s);
        record_print(s);
        close_peer(s, i);
    }
    destroy_peers(s);
}
