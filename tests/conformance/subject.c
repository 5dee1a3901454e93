#include "tests/conformance/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "tests/conformance/heard.h"

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

    for (heard_listen(s); !met(p); heard_listen(s)) {
        if (s->stuck || p->backend->ops->now(p->backend) > bound) {
            text_add(&t, "waits in vain: not %s", what);
            heard_add(s, p, &t, 0);
            text_close(&t);
            s->stuck = true;
            return;
        }
        s->fixture->wait(s->world);
    }
}

/* ---- doing ---- */

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

/* Nothing that happened before is heard after the answer to a sync. */
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
    p->condemned = false;
    p->handle = p->backend->ops->open(p->backend, take_over);
    await(s, peer, settled, "connected");
}

/* With requests outstanding the library may forget their answers, and events with them (S84);
 * without any, a handle that closes says nothing but that (S60). */
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

/* The server knows of the connections that a peer has lost or left, and of what came before their
 * end. A library that closes its handle is content with any byte, and may be long gone before the
 * server has read of it (S84); and a server that notices the end of a connection while the session
 * comes back by another one may forget the new one. */
static void settle(struct subject *s, uint32_t peer)
{
    struct text t = {0};

    if (s->stuck || s->fixture->settle(s->world, peer))
        return;
    text_add(&t, "waits in vain: the server has not let go");
    heard_add(s, &s->peers[peer], &t, 0);
    text_close(&t);
    s->stuck = true;
}

/* Ends a peer's session by another handle. */
static void rob(struct subject *s, const struct rota_client_id *client_id)
{
    open_peer(s, PEER_THIEF, SESSION_MS, client_id);
    close_peer(s, PEER_THIEF);
    settle(s, PEER_THIEF);
}

/* A library that has tried its servers in vain sleeps a sixtieth of the session (S80); a request
 * wakes it, and it tries again at once. The answer is nobody's concern, and may not come (S82). */
static void nudge(const struct peer *p)
{
    struct rota_request sync = {.tag = TAG_NUDGE, .operation = {.op = ROTA_OP_SYNC, .path = "/"}};

    p->backend->ops->request(p->backend, &sync);
}

/* The witness looks at a path until what it sees is as it is to be. */
static void watch_for(struct subject *s, const char *path, condition_f met)
{
    struct peer *witness = &s->peers[PEER_WITNESS];
    rota_time bound = witness->backend->ops->now(witness->backend) + BOUND_US;

    for (bool looked = false; !looked || (!met(witness) && !s->stuck); looked = true) {
        s->fixture->wait(s->world);
        send_plain(witness, ROTA_OP_EXISTS, path, TAG_LOOK);
        await(s, PEER_WITNESS, answered, "answered");
        s->stuck |= witness->backend->ops->now(witness->backend) > bound;
    }
}

static bool moved(const struct peer *p)
{
    return p->seen != p->before;
}

/* What waited is done now, before its session can come back. */
static void release(struct subject *s, uint32_t peer)
{
    struct peer *witness = &s->peers[PEER_WITNESS];

    s->peers[peer].late = s->late = false;
    send_plain(witness, ROTA_OP_EXISTS, "/", TAG_LOOK);
    await(s, PEER_WITNESS, answered, "answered");
    witness->before = witness->seen;
    s->fixture->release(s->world, peer);
    watch_for(s, "/", moved);
}

/* When it returns nothing is under way: a close that follows takes any byte for its answer, and
 * what it has sent itself may be lost then (S84). */
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
        nudge(p);
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

        p->asked[i] = &step->commands[i];
        send(p, r);
        free(r);
    }
}

static void do_requests(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    send_commands(s, p, step);
    await(s, step->client, answered, "answered");
    if (!p->condemned)
        return;
    p->condemned = false;
    await(s, step->client, dead, "dead");
    rob(s, &p->client_id); /* the handle is dead, the session is not */
}

/* The server goes away under everybody. Nobody is let in before it is whole again: one that is
 * starting refuses connections and fails to close them, so that whoever has one waits in vain. */
static void do_restart(struct subject *s)
{
    bool was_up[PEERS_MOST];

    s->late = false;
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        was_up[i] = up(&s->peers[i]);
        s->peers[i].late = false;
        if (was_up[i])
            s->fixture->bar(s->world, i);
    }
    s->fixture->stop(s->world);
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (was_up[i])
            await(s, i, down, "disconnected");
    s->stuck |= !s->fixture->start(s->world);
    for (uint32_t i = 0; i < PEERS_MOST; i++)
        if (was_up[i]) {
            s->fixture->heal(s->world, i);
            nudge(&s->peers[i]);
            await(s, i, settled, "connected again");
        }
}

static void do_renew(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    heal(s, step->client);
    close_peer(s, step->client);
    settle(s, step->client);
    p->state = PEER_OPENING;
    p->condemned = false;
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
    open_peer(s, PEER_THIEF, SESSION_MS, &p->client_id);
    send_commands(s, &s->peers[PEER_THIEF], step);
    await(s, PEER_THIEF, answered, "answered");
    fence(s);
    close_peer(s, PEER_THIEF);
    settle(s, PEER_THIEF);
}

/* The handle is dropped as it is; the next one may wish for another session timeout. */
static void renew_backend(struct subject *s, uint32_t peer)
{
    s->peers[peer].backend->ops->destroy(s->peers[peer].backend);
    s->peers[peer].backend = NULL;
}

/* What a process does that finds the name of its former session. */
static void do_adopt(struct subject *s, uint32_t client, uint32_t timeout_ms)
{
    struct peer *p = &s->peers[client];

    if (!up(p))
        return;
    cut(s, client);
    renew_backend(s, client);
    s->fixture->heal(s->world, client);
    p->cut = false;
    open_peer(s, client, timeout_ms, &p->client_id);
}

/* While the owner is away: a server cuts the owner's connection before it looks at the password
 * (S70), and then both connect at once, in any order. */
static void do_stranger(struct subject *s, uint32_t client)
{
    struct rota_client_id guess = s->peers[client].client_id;

    if (!up(&s->peers[client]))
        return;
    guess.password[3] ^= 1;
    cut(s, client);
    rob(s, &guess);
    heal(s, client);
}

/* Whether anything of a step leaves the client library. */
static bool leaves(const struct subject *s, const struct step *step)
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

    if (!up(p) || !leaves(s, step))
        return;
    p->cut = true;
    s->fixture->fault(s->world, step->client, fault);
    send_commands(s, p, step);
    await(s, step->client, down, "disconnected");
    await(s, step->client, answered, "answered");
    heal(s, step->client);
}

static bool gone(const struct peer *p)
{
    return p->rc == ROTA_ERR_NO_NODE;
}

static void mark(struct subject *s, uint32_t peer, const char *path)
{
    send(&s->peers[peer], &(struct rota_request){.tag = TAG_LOOK,
                                                 .operation = {.op = ROTA_OP_CREATE,
                                                               .path = path,
                                                               .data = ROTA_NULL_BYTES,
                                                               .mode = ROTA_MODE_EPHEMERAL}});
}

/* A session runs out by itself: the witness sees its mark vanish. */
static void do_brief(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[PEER_BRIEF];

    open_peer(s, PEER_BRIEF, BRIEF_MS, NULL);
    mark(s, PEER_BRIEF, "/brief");
    send_commands(s, p, step);
    await(s, PEER_BRIEF, answered, "answered");
    if (!up(p))
        return;
    cut(s, PEER_BRIEF);
    watch_for(s, "/brief", gone);
    heal(s, PEER_BRIEF);
    close_peer(s, PEER_BRIEF);
    settle(s, PEER_BRIEF);
}

/* While the owner is connected: it is cut off before anybody looks at the password (S70). It stays
 * away until the intruder has its answer: an owner that is back sooner cuts the intruder off in its
 * turn, who comes again (S71). */
static void do_intruder(struct subject *s, uint32_t client)
{
    struct peer *p = &s->peers[client];
    struct rota_client_id guess = p->client_id;

    if (!up(p))
        return;
    guess.password[3] ^= 1;
    p->cut = true;
    s->fixture->bar(s->world, client);
    rob(s, &guess);
    await(s, client, down, "disconnected");
    heal(s, client);
}

/* The request waits until the client heals. What it does must show in the Stat of "/". */
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

/* Nobody answers: the client finds that out by its own clock (S77). For this its session is a short
 * one; otherwise sessions are long. */
static void do_silent(struct subject *s, const struct step *step)
{
    uint32_t client = step->client;
    struct peer *p = &s->peers[client];

    if (!up(p))
        return;
    do_adopt(s, client, PATIENCE_MS);
    if (!up(p))
        return;
    p = &s->peers[client];
    watch_root(s, p, ROTA_OP_GET);
    watch_root(s, p, ROTA_OP_CHILDREN);
    await(s, client, answered, "answered");
    p->cut = true;
    s->fixture->silence(s->world, client, step->kind == STEP_MUTE);
    send_commands(s, p, step);
    await(s, client, down, "disconnected");
    await(s, client, answered, "answered");
    s->fixture->cut(s->world, client);
    heal(s, client);
    do_adopt(s, client, SESSION_MS);
}

/* The server stands still, so that nothing is answered, and nothing that was sent is lost: the
 * close gives up in time and leaves everything to be done in its order (S84). */
static void do_closing(struct subject *s, const struct step *step)
{
    struct peer *p = &s->peers[step->client];

    if (!up(p))
        return;
    mark(s, step->client, "/closing");
    await(s, step->client, answered, "answered");
    s->fixture->pause(s->world);
    send_commands(s, p, step);
    close_peer(s, step->client);
    s->fixture->resume(s->world);
    settle(s, step->client);
    watch_for(s, "/closing", gone);
    open_peer(s, step->client, SESSION_MS, NULL);
}

/* Path number `i` of those that are watched heavily; the last one is as long as it takes. */
static void heavy_path(char *path, uint32_t i, size_t length)
{
    snprintf(path, length + 1, "/%04u", i);
    memset(path + strlen(path), 'w', length - strlen(path));
    path[length] = '\0';
}

static bool flapped(const struct peer *p)
{
    return (int32_t)p->losses >= p->before + 3 && p->state != PEER_UP;
}

/* Watches that are too heavy to be set anew cost every new connection, for ever (S59). The handle
 * is a new one, so that it has no others, and it dies in the end. */
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
    renew_backend(s, client);
    open_peer(s, client, PATIENCE_MS, NULL);
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
    await(s, client, step->excess > 0 ? flapped : settled, "connected again and again");
    if (step->excess > 0)
        lines_cut(&p->lines, p->kept);
    else
        fence(s);
    s->fixture->cut(s->world, client);
    renew_backend(s, client);
    settle(s, client);
    p->cut = false;
    s->fixture->heal(s->world, client);
    rob(s, &p->client_id);
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
    case STEP_RENEW:
        do_renew(s, step);
        break;
    case STEP_EXPIRE:
        do_expire(s, step);
        break;
    case STEP_ADOPT:
        do_adopt(s, step->client, step->timeout_ms == 0 ? SESSION_MS : step->timeout_ms);
        break;
    case STEP_STRANGER:
        do_stranger(s, step->client);
        break;
    case STEP_LOST:
        do_fault(s, step, FAULT_LOST);
        break;
    case STEP_APPLIED:
        do_fault(s, step, FAULT_APPLIED);
        break;
    case STEP_BRIEF:
        do_brief(s, step);
        break;
    case STEP_RESTART:
        do_restart(s);
        break;
    case STEP_INTRUDER:
        do_intruder(s, step->client);
        break;
    case STEP_LATE:
        do_late(s, step);
        break;
    case STEP_SILENT:
    case STEP_MUTE:
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

/* Whoever lost the connection by what it sent comes back by itself. */
static void gather(struct subject *s)
{
    for (uint32_t i = 0; i < s->clients; i++)
        if (!s->peers[i].cut && s->peers[i].state == PEER_DOWN) {
            nudge(&s->peers[i]);
            await(s, i, settled, "connected again");
        }
}

void subject_perform(struct subject *s, const struct step *step)
{
    text_clear(&s->text);
    step_print(&s->journal, step);
    act(s, step);
    gather(s);
    fence(s);
    heard_say(s);
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
        lines_clear(&p->lines);
        lines_clear(&p->aside);
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
    open_peer(s, PEER_WITNESS, SESSION_MS, NULL);
    send_plain(p, ROTA_OP_CREATE, s->root, TAG_FENCE);
    await(s, 0, answered, "answered");
    fence(s);
    heard_say(s);
}

/* The witness looks at the zxid, so that what nobody saw is seen. */
static void look_back(struct subject *s)
{
    const struct command looks[] = {
        {.op = ROTA_OP_CREATE, .path = (char[]){"/end"}, .mode = ROTA_MODE_EPHEMERAL},
        {.op = ROTA_OP_EXISTS, .path = (char[]){"/end"}},
        {.op = ROTA_OP_EXISTS, .path = (char[]){"/"}},
    };
    struct step step = {.client = PEER_WITNESS, .count = 3};

    memcpy(step.commands, looks, sizeof looks);
    send_commands(s, &s->peers[PEER_WITNESS], &step);
    await(s, PEER_WITNESS, answered, "answered");
}

void subject_end(struct subject *s)
{
    text_clear(&s->text);
    for (uint32_t i = 0; i < PEERS_MOST && !s->stuck; i++) {
        if (s->peers[i].backend == NULL || s->peers[i].state == PEER_CLOSED)
            continue;
        heal(s, i);
        if (i == PEER_WITNESS)
            look_back(s);
        fence(s);
        heard_say(s);
        close_peer(s, i);
    }
    destroy_peers(s);
}
