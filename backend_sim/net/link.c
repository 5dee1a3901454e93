#include "backend_sim/net/link.h"

#include <stdlib.h>
#include <string.h>

#include "backend_sim/net/ensemble.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

enum { SLOT_BITS = 16 };

static const struct rota_server_sink sink;

/* ---- messages ---- */

static struct rota_message *new_message(struct rota_net *n, enum rota_message_kind kind)
{
    struct rota_message *m = n->spare;

    if (m != NULL) {
        n->spare = m->next;
        memset(m, 0, sizeof *m);
    } else {
        m = calloc(1, sizeof *m);
        rota_assert(m != NULL);
    }
    m->kind = kind;
    return m;
}

static void free_paths(char **paths, const uint32_t counts[ROTA_WATCH_LISTS])
{
    uint32_t count = 0;

    for (int i = 0; i < ROTA_WATCH_LISTS; i++)
        count += counts[i];
    for (uint32_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
}

void rota_message_free(struct rota_net *n, struct rota_message *m)
{
    switch (m->kind) {
    case ROTA_MESSAGE_REQUEST:
        rota_request_copy_drop(m->request);
        break;
    case ROTA_MESSAGE_WATCHES:
        free_paths(m->watches.paths, m->watches.counts);
        break;
    case ROTA_MESSAGE_REPLY:
        free(m->reply.body);
        break;
    case ROTA_MESSAGE_WATCH:
        free(m->watch.path);
        break;
    default:
        break;
    }
    m->next = n->spare;
    n->spare = m;
}

/* A message takes half of the latency at least and three halves at most, and overtakes none. */
static void push(struct rota_net *n, struct rota_link *l, bool up, struct rota_message *m)
{
    struct rota_messages *queue = up ? &l->up : &l->down;
    uint64_t latency = (uint64_t)l->latency;

    m->due =
        n->now + (rota_time)(latency / 2 + rota_choose(n->choices, ROTA_SITE_LATENCY, latency + 1));
    if (queue->first == NULL) {
        queue->first = m;
        rota_timeline_put(n->timeline, m->due, up ? ROTA_MOMENT_UP : ROTA_MOMENT_DOWN, l->slot,
                          l->serial);
    } else {
        if (m->due < queue->last->due)
            m->due = queue->last->due;
        queue->last->next = m;
    }
    queue->last = m;
}

/* Takes the first message; the next one is put on the timeline. */
static struct rota_message *pop(struct rota_net *n, struct rota_link *l, bool up)
{
    struct rota_messages *queue = up ? &l->up : &l->down;
    struct rota_message *m = queue->first;

    queue->first = m->next;
    queue->stalled = false;
    m->next = NULL;
    if (queue->first == NULL)
        queue->last = NULL;
    else
        rota_timeline_put(n->timeline, queue->first->due > n->now ? queue->first->due : n->now,
                          up ? ROTA_MOMENT_UP : ROTA_MOMENT_DOWN, l->slot, l->serial);
    return m;
}

/* Sends a message down, unless nobody listens there. */
static void push_down(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    if (l->attached)
        push(n, l, false, m);
    else
        rota_message_free(n, m);
}

/* ---- links ---- */

struct rota_link *rota_link_find(const struct rota_net *n, uint32_t slot, uint64_t serial)
{
    struct rota_link *l = slot < n->link_count ? n->links[slot] : NULL;

    return l != NULL && l->end != ROTA_LINK_FREE && l->serial == serial ? l : NULL;
}

uint64_t rota_link_connection(const struct rota_link *l)
{
    return l->serial << SLOT_BITS | l->slot;
}

/* The server at the other end. */
static struct rota_server *server_of(const struct rota_net *n, const struct rota_link *l)
{
    return n->ensemble == NULL ? n->server : rota_ensemble_replica(n->ensemble, l->server);
}

struct rota_link *rota_link_of(const struct rota_net *n, uint64_t connection)
{
    return rota_link_find(n, (uint32_t)(connection & ((1u << SLOT_BITS) - 1)),
                          connection >> SLOT_BITS);
}

static struct rota_link *free_slot(struct rota_net *n)
{
    struct rota_link *l;

    for (uint32_t i = 0; i < n->link_count; i++) {
        if (n->links[i]->end == ROTA_LINK_FREE)
            return n->links[i];
    }
    rota_assert(n->link_count < 1u << SLOT_BITS);
    l = calloc(1, sizeof *l);
    n->links = realloc(n->links, (n->link_count + 1) * sizeof(struct rota_link *));
    rota_assert(l != NULL && n->links != NULL);
    l->slot = n->link_count;
    n->links[n->link_count++] = l;
    return l;
}

/* A request that will never be executed. */
static void drop_request(struct rota_net *n, uint32_t who, const struct rota_request_copy *p)
{
    n->hooks->dropped(n->context, who, p->request);
}

static void free_messages(struct rota_net *n, struct rota_messages *queue)
{
    while (queue->first != NULL) {
        struct rota_message *m = queue->first;

        queue->first = m->next;
        rota_message_free(n, m);
    }
    *queue = (struct rota_messages){0};
}

static void drop_messages(struct rota_net *n, struct rota_link *l, struct rota_messages *queue)
{
    for (struct rota_message *m = queue->first; m != NULL; m = m->next) {
        if (m->kind == ROTA_MESSAGE_REQUEST)
            drop_request(n, l->who, m->request);
    }
    free_messages(n, queue);
}

static void free_link(struct rota_net *n, struct rota_link *l)
{
    drop_messages(n, l, &l->up);
    drop_messages(n, l, &l->down);
    l->end = ROTA_LINK_FREE;
}

struct rota_link *rota_link_open(struct rota_net *n, uint32_t server, uint32_t who, uint64_t owner,
                                 rota_time extra, const struct rota_connect *connect)
{
    struct rota_link *l = free_slot(n);
    struct rota_message *m = new_message(n, ROTA_MESSAGE_CONNECT);

    *l = (struct rota_link){.slot = l->slot,
                            .serial = ++n->serials,
                            .end = ROTA_LINK_OPENING,
                            .attached = true,
                            .who = who,
                            .owner = owner,
                            .server = server,
                            .latency = n->latency + extra};
    m->connect = *connect;
    push(n, l, true, m);
    return l;
}

void rota_link_request(struct rota_net *n, struct rota_link *l, struct rota_request_copy *request,
                       enum rota_fate fate, rota_time late_most)
{
    struct rota_message *m = new_message(n, ROTA_MESSAGE_REQUEST);

    m->request = rota_request_copy_hold(request);
    m->fate = fate;
    m->late_most = late_most;
    push(n, l, true, m);
}

void rota_link_ping(struct rota_net *n, struct rota_link *l)
{
    push(n, l, true, new_message(n, ROTA_MESSAGE_PING));
}

void rota_link_watches(struct rota_net *n, struct rota_link *l, char **paths,
                       const uint32_t counts[ROTA_WATCH_LISTS], int64_t relative_zxid)
{
    struct rota_message *m = new_message(n, ROTA_MESSAGE_WATCHES);

    m->watches.paths = paths;
    memcpy(m->watches.counts, counts, sizeof m->watches.counts);
    m->watches.relative_zxid = relative_zxid;
    push(n, l, true, m);
}

void rota_link_detach(struct rota_net *n, struct rota_link *l)
{
    l->attached = false;
    drop_messages(n, l, &l->down);
    push(n, l, true, new_message(n, ROTA_MESSAGE_END));
}

void rota_link_cut(struct rota_net *n, struct rota_link *l)
{
    if (l->end == ROTA_LINK_SERVED && !n->server_down)
        rota_server_disconnect(server_of(n, l), rota_link_connection(l));
    free_link(n, l);
}

struct rota_message *rota_link_take_down(struct rota_net *n, struct rota_link *l)
{
    return pop(n, l, false);
}

void rota_link_unstall(struct rota_net *n, struct rota_link *l)
{
    if (l->down.stalled)
        rota_timeline_put(n->timeline, n->now, ROTA_MOMENT_DOWN, l->slot, l->serial);
    l->down.stalled = false;
}

/* ---- what the server says ---- */

static void on_reply(void *context, uint64_t connection, const struct rota_reply *reply)
{
    struct rota_net *n = context;
    struct rota_link *l = rota_link_of(n, connection);
    struct rota_message *m;

    n->rc = reply->rc;
    if (l == NULL || l->mute || !l->attached)
        return;
    m = new_message(n, ROTA_MESSAGE_REPLY);
    m->reply.body = rota_reply_copy(reply);
    m->reply.zxid = rota_server_last_zxid(server_of(n, l));
    push(n, l, false, m);
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    struct rota_net *n = context;
    struct rota_link *l = rota_link_of(n, connection);
    struct rota_message *m;
    size_t length = strlen(path) + 1;

    if (l == NULL || l->mute || !l->attached)
        return;
    m = new_message(n, ROTA_MESSAGE_WATCH);
    m->watch.kind = kind;
    m->watch.path = malloc(length);
    rota_assert(m->watch.path != NULL);
    memcpy(m->watch.path, path, length);
    push(n, l, false, m);
}

static void on_cut(void *context, uint64_t connection)
{
    struct rota_net *n = context;
    struct rota_link *l = rota_link_of(n, connection);

    if (l == NULL)
        return;
    l->end = ROTA_LINK_CLOSED;
    push_down(n, l, new_message(n, ROTA_MESSAGE_CUT));
    if (n->ensemble != NULL)
        rota_link_go_on(n, l);
}

/* The server that decides has a connection only if it stands alone: in an ensemble its answer goes
 * back to the server that has asked. */
static void on_decision(void *context, uint64_t connection, const struct rota_reply *reply)
{
    struct rota_net *n = context;

    n->rc = reply->rc;
    if (n->ensemble == NULL)
        on_reply(context, connection, reply);
    else
        rota_ensemble_answer(n->ensemble, reply);
}

/* Makes sure that the server will look at its containers, if it has any. */
static void arm_reap(struct rota_net *n)
{
    int64_t next_ms = rota_server_next_reap(n->server, rota_net_now_ms(n));

    if (n->reap != ROTA_NEVER || next_ms == INT64_MAX)
        return;
    n->reap = next_ms * 1000;
    rota_timeline_put(n->timeline, n->reap, ROTA_MOMENT_REAP, 0, 0);
}

static void on_commit(void *context, const struct rota_commit *commit)
{
    struct rota_net *n = context;

    arm_reap(n);
    if (n->ensemble != NULL)
        rota_ensemble_append(n, commit);
    n->hooks->commit(n->context, n->acting, commit);
}

static const struct rota_server_sink sink = {on_decision, on_watch, on_cut, on_commit};
const struct rota_server_sink rota_net_voice = {on_reply, on_watch, on_cut, NULL};

/* ---- what reaches the server ---- */

int64_t rota_net_now_ms(const struct rota_net *n)
{
    return n->now / 1000;
}

uint64_t rota_net_name_handle(struct rota_net *n)
{
    return ++n->serials;
}

/* Makes sure that the server will look at its sessions in time. */
void rota_net_arm_expiry(struct rota_net *n)
{
    int64_t next_ms = rota_server_next_expiry(n->server);
    rota_time next = next_ms >= INT64_MAX / 1000 ? ROTA_NEVER : next_ms * 1000;

    if (next == ROTA_NEVER || next >= n->expiry)
        return;
    if (next <= n->now)
        next = n->now + 1000;
    n->expiry = next;
    rota_timeline_put(n->timeline, next, ROTA_MOMENT_EXPIRY, 0, 0);
}

/* Whether there is a server that decides. */
static bool decided(const struct rota_net *n)
{
    return !n->server_paused && !n->server_down &&
           (n->ensemble == NULL || rota_ensemble_decides(n->ensemble));
}

static void expire_due(struct rota_net *n)
{
    if (n->now < n->expiry || !decided(n))
        return;
    rota_server_expire_due(n->server, rota_net_now_ms(n));
    n->expiry = ROTA_NEVER;
    rota_net_arm_expiry(n);
}

static void reap(struct rota_net *n)
{
    if (n->now < n->reap || !decided(n))
        return;
    rota_server_reap(n->server, rota_net_now_ms(n));
    n->reap = ROTA_NEVER;
    arm_reap(n);
}

void rota_net_awake(struct rota_net *n)
{
    n->expiry = n->reap = ROTA_NEVER;
    rota_net_arm_expiry(n);
    arm_reap(n);
}

void rota_net_overdue(struct rota_net *n)
{
    expire_due(n);
    reap(n);
}

void rota_held_clear(struct rota_held *held)
{
    rota_request_copy_drop(held->request);
    free(held->proof);
    *held = (struct rota_held){0};
}

/* A late request's session has ended, or moved to another handle. */
static void drop_held(struct rota_net *n, uint32_t i)
{
    struct rota_held held = n->held[i];

    memmove(n->held + i, n->held + i + 1, (--n->held_count - i) * sizeof *n->held);
    drop_request(n, held.who, held.request);
    rota_held_clear(&held);
}

static void do_held(struct rota_net *n, uint32_t i)
{
    struct rota_held held = n->held[i];
    struct rota_session_view view;

    if (!rota_server_session(n->server, held.session, &view) ||
        (n->ensemble != NULL && !rota_ensemble_decides(n->ensemble))) {
        drop_held(n, i);
        return;
    }
    memmove(n->held + i, n->held + i + 1, (--n->held_count - i) * sizeof *n->held);
    n->acting = held.who;
    rota_server_write(n->server, 0, held.session, held.proof, held.request->request,
                      rota_net_now_ms(n));
    n->acting = ROTA_NOBODY;
    n->hooks->applied(n->context, held.who, held.request->request, n->rc);
    rota_held_clear(&held);
}

static void do_late(struct rota_net *n, uint64_t serial)
{
    for (uint32_t i = 0; i < n->held_count; i++) {
        if (n->held[i].serial == serial) {
            do_held(n, i);
            return;
        }
    }
}

/* Late writes of a session are done before its next write or sync. */
static void do_held_of(struct rota_net *n, int64_t session)
{
    for (uint32_t i = 0; i < n->held_count;) {
        if (n->held[i].session == session)
            do_held(n, i);
        else
            i++;
    }
}

static void hold(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    uint64_t most_ms = (uint64_t)m->late_most / 1000 + 1;
    rota_time early = (rota_time)rota_choose(n->choices, ROTA_SITE_LATE, most_ms) * 1000;
    const struct rota_server *server = server_of(n, l);
    uint64_t connection = rota_link_connection(l);
    struct rota_held held = {.serial = ++n->serials,
                             .session = rota_server_session_of(server, connection),
                             .owner = l->owner,
                             .who = l->who,
                             .proof = rota_server_proof(server, connection),
                             .request = rota_request_copy_hold(m->request)};

    if (n->held_count == n->held_capacity) {
        n->held_capacity = n->held_capacity == 0 ? 4 : 2 * n->held_capacity;
        n->held = realloc(n->held, n->held_capacity * sizeof *n->held);
        rota_assert(n->held != NULL);
    }
    n->held[n->held_count++] = held;
    rota_timeline_put(n->timeline, n->now + m->late_most - early, ROTA_MOMENT_LATE, 0, held.serial);
}

rota_time rota_net_hop(struct rota_net *n)
{
    uint64_t latency = (uint64_t)n->latency;

    return (rota_time)(latency / 2 + rota_choose(n->choices, ROTA_SITE_LATENCY, latency + 1));
}

/* The server's end of a connection breaks. */
static void break_up(struct rota_net *n, struct rota_link *l)
{
    if (l->end != ROTA_LINK_SERVED)
        return;
    rota_server_disconnect(server_of(n, l), rota_link_connection(l));
    l->mute = false;
    on_cut(n, rota_link_connection(l));
}

void rota_link_break(struct rota_net *n, struct rota_link *l)
{
    if (l->end == ROTA_LINK_OPENING)
        on_cut(n, rota_link_connection(l));
    break_up(n, l);
}

void rota_link_go_on(struct rota_net *n, struct rota_link *l)
{
    l->busy = false;
    if (l->up.stalled)
        rota_timeline_put(n->timeline, n->now, ROTA_MOMENT_UP, l->slot, l->serial);
    l->up.stalled = false;
}

void rota_link_refuse(struct rota_net *n, struct rota_link *l)
{
    struct rota_message *answer = new_message(n, ROTA_MESSAGE_WELCOME);

    answer->welcome.welcome = ROTA_WELCOME_EXPIRED;
    l->end = ROTA_LINK_CLOSED;
    push_down(n, l, answer);
    rota_link_go_on(n, l);
}

void rota_link_welcome(struct rota_net *n, struct rota_link *l, const struct rota_connect *wish)
{
    struct rota_message *answer = new_message(n, ROTA_MESSAGE_WELCOME);

    n->acting = l->who;
    answer->welcome.welcome = rota_server_connect(server_of(n, l), rota_link_connection(l), wish,
                                                  rota_net_now_ms(n), &answer->welcome.served);
    n->acting = ROTA_NOBODY;
    l->end = answer->welcome.welcome == ROTA_WELCOME_SERVED ? ROTA_LINK_SERVED : ROTA_LINK_CLOSED;
    if (answer->welcome.welcome == ROTA_WELCOME_CLOSED)
        answer->kind = ROTA_MESSAGE_CUT;
    push_down(n, l, answer);
    rota_link_go_on(n, l);
}

static void arrive_connect(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    if (l->end != ROTA_LINK_OPENING)
        return;
    for (uint32_t i = 0; i < n->held_count;) {
        if (n->held[i].session == m->connect.client_id.id && n->held[i].owner != l->owner)
            drop_held(n, i);
        else
            i++;
    }
    if (n->ensemble == NULL)
        rota_link_welcome(n, l, &m->connect);
    else
        rota_ensemble_connect(n, l, &m->connect);
    rota_net_arm_expiry(n);
}

/* Has it executed where it is to be: reads by the server they reach, the rest by the leader. */
static void execute(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    const struct rota_request *request = m->request->request;
    bool lose = m->fate == ROTA_FATE_APPLIED;

    if (n->ensemble != NULL && rota_ensemble_decided(request)) {
        rota_ensemble_request(n, l, m->request, lose);
        return;
    }
    l->mute = lose;
    n->rc = ROTA_ERR_CONNECTION_LOSS; /* what it stays if the server cuts instead of answering */
    n->acting = l->who;
    rota_server_request(server_of(n, l), rota_link_connection(l), request, rota_net_now_ms(n));
    n->acting = ROTA_NOBODY;
    if (n->ensemble != NULL)
        rota_ensemble_touch(n, l);
    if (lose)
        break_up(n, l);
    n->hooks->applied(n->context, l->who, request, n->rc);
}

static void arrive_request(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    const struct rota_request *request = m->request->request;
    bool writes = rota_request_writes(request);
    enum rota_op op = request->operation.op;

    n->struck += m->fate != ROTA_FATE_NONE;
    if (l->end != ROTA_LINK_SERVED || m->fate == ROTA_FATE_LOST ||
        (m->fate == ROTA_FATE_LATE && !writes)) {
        drop_request(n, l->who, m->request);
        break_up(n, l);
        return;
    }
    if (m->fate == ROTA_FATE_LATE) {
        hold(n, l, m);
        break_up(n, l);
        return;
    }
    if (n->held_count > 0 && (writes || op == ROTA_OP_SYNC || op == ROTA_OP_CLOSE))
        do_held_of(n, rota_server_session_of(server_of(n, l), rota_link_connection(l)));
    execute(n, l, m);
}

static void arrive_watches(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    struct rota_watch_paths lists[ROTA_WATCH_LISTS];
    char **paths = m->watches.paths;

    for (int i = 0; i < ROTA_WATCH_LISTS; i++) {
        lists[i].paths = (const char *const *)paths;
        lists[i].count = m->watches.counts[i];
        paths += m->watches.counts[i];
    }
    if (l->end == ROTA_LINK_SERVED)
        rota_server_set_watches(server_of(n, l), rota_link_connection(l), m->watches.relative_zxid,
                                lists, rota_net_now_ms(n));
}

static void arrive(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    switch (m->kind) {
    case ROTA_MESSAGE_CONNECT:
        arrive_connect(n, l, m);
        break;
    case ROTA_MESSAGE_WATCHES:
        arrive_watches(n, l, m);
        break;
    case ROTA_MESSAGE_REQUEST:
        arrive_request(n, l, m);
        break;
    case ROTA_MESSAGE_PING:
        if (l->end != ROTA_LINK_SERVED)
            break;
        if (n->ensemble != NULL)
            rota_ensemble_touch(n, l);
        else
            rota_server_touch(n->server, rota_server_session_of(n->server, rota_link_connection(l)),
                              rota_net_now_ms(n));
        push_down(n, l, new_message(n, ROTA_MESSAGE_PONG));
        break;
    default:
        rota_link_cut(n, l);
        break;
    }
}

static void arrive_up(struct rota_net *n, struct rota_link *l)
{
    struct rota_message *m;

    if (n->server_paused || l->busy ||
        (n->ensemble != NULL && rota_ensemble_stands_still(n->ensemble, l->server))) {
        l->up.stalled = true;
        return;
    }
    m = pop(n, l, true);
    arrive(n, l, m);
    rota_message_free(n, m);
}

bool rota_net_moment(struct rota_net *n, const struct rota_moment *m)
{
    struct rota_link *l;

    switch (m->kind) {
    case ROTA_MOMENT_UP:
        l = rota_link_find(n, m->who, m->serial);
        if (l != NULL)
            arrive_up(n, l);
        return true;
    case ROTA_MOMENT_LATE:
        do_late(n, m->serial);
        return true;
    case ROTA_MOMENT_EXPIRY:
        expire_due(n);
        return true;
    case ROTA_MOMENT_REAP:
        reap(n);
        return true;
    case ROTA_MOMENT_FORWARD:
    case ROTA_MOMENT_APPLY:
    case ROTA_MOMENT_GIVE_UP:
    case ROTA_MOMENT_ELECT:
    case ROTA_MOMENT_REPORT:
        rota_ensemble_moment(n, m);
        return true;
    default:
        return false;
    }
}

/* ---- the server's own misfortunes ---- */

void rota_net_pause_server(struct rota_net *n)
{
    n->server_paused = true;
}

void rota_net_resume_server(struct rota_net *n)
{
    n->server_paused = false;
    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end != ROTA_LINK_FREE && l->up.stalled)
            rota_timeline_put(n->timeline, n->now, ROTA_MOMENT_UP, l->slot, l->serial);
        l->up.stalled = false;
    }
    rota_net_overdue(n);
}

void rota_net_crash_server(struct rota_net *n)
{
    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end == ROTA_LINK_SERVED)
            rota_server_disconnect(n->server, rota_link_connection(l));
        if (l->end == ROTA_LINK_SERVED || l->end == ROTA_LINK_OPENING)
            on_cut(n, rota_link_connection(l));
    }
    while (n->held_count > 0)
        drop_held(n, 0);
    n->server_paused = false;
    n->server_down = true;
}

void rota_net_start_server(struct rota_net *n)
{
    struct rota_server *former = n->server;

    n->server = rota_server_copy(former, 1, &sink, n);
    rota_assert(n->server != NULL);
    rota_server_close(former);
    n->server_down = false;
    rota_server_reread(n->server);
    rota_server_wake(n->server, rota_net_now_ms(n));
    rota_net_awake(n);
}

void rota_net_init(struct rota_net *n, const struct rota_server_config *config,
                   const struct rota_net_hooks *hooks, void *context,
                   struct rota_timeline *timeline, struct rota_choices *choices, rota_time latency)
{
    *n = (struct rota_net){.hooks = hooks,
                           .context = context,
                           .timeline = timeline,
                           .choices = choices,
                           .latency = latency,
                           .expiry = ROTA_NEVER,
                           .reap = ROTA_NEVER,
                           .acting = ROTA_NOBODY};
    n->server = rota_server_open(config, &sink, n);
    rota_assert(n->server != NULL);
}

void rota_net_close(struct rota_net *n)
{
    for (uint32_t i = 0; i < n->link_count; i++) {
        free_messages(n, &n->links[i]->up);
        free_messages(n, &n->links[i]->down);
        free(n->links[i]);
    }
    while (n->spare != NULL) {
        struct rota_message *next = n->spare->next;

        free(n->spare);
        n->spare = next;
    }
    for (uint32_t i = 0; i < n->held_count; i++)
        rota_held_clear(&n->held[i]);
    rota_ensemble_close(n);
    rota_server_close(n->server);
    free(n->links);
    free(n->held);
}
