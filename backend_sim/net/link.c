#include "backend_sim/net/link.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

enum { SLOT_BITS = 16 };

/* ---- messages ---- */

static struct rota_message *new_message(struct rota_net *n, enum rota_message_kind kind)
{
    struct rota_message *m = n->spare;

    if (m == NULL) {
        m = rota_memory_zeroed(1, sizeof *m);
    } else {
        n->spare = m->next;
        *m = (struct rota_message){0};
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
        rota_request_copy_drop(m->request.copy);
        break;
    case ROTA_MESSAGE_WATCHES:
        free_paths(m->watches.paths, m->watches.counts);
        break;
    case ROTA_MESSAGE_REPLY:
    case ROTA_MESSAGE_WATCH:
        free(m->answer.event);
        break;
    default:
        break;
    }
    m->next = n->spare;
    n->spare = m;
}

static void put_moment(struct rota_net *n, const struct rota_link *l, bool up, rota_time time)
{
    rota_timeline_put(n->timeline, time, up ? ROTA_MOMENT_UP : ROTA_MOMENT_DOWN, l->slot,
                      l->serial);
}

/* A message takes half of the latency at least and three halves at most, and overtakes none. */
static void push(struct rota_net *n, struct rota_link *l, bool up, struct rota_message *m)
{
    struct rota_messages *queue = up ? &l->up : &l->down;
    uint64_t latency = (uint64_t)l->latency;
    uint64_t drawn = rota_choose(n->choices, ROTA_SITE_LATENCY, latency + 1);

    m->due = n->timeline->now + (rota_time)(latency / 2 + drawn);
    if (queue->first == NULL) {
        queue->first = m;
        put_moment(n, l, up, m->due);
    } else {
        if (m->due < queue->last->due)
            m->due = queue->last->due;
        queue->last->next = m;
    }
    queue->last = m;
}

/* Takes the first message and puts the next one on the timeline. */
static struct rota_message *pop(struct rota_net *n, struct rota_link *l, bool up)
{
    struct rota_messages *queue = up ? &l->up : &l->down;
    struct rota_message *m = queue->first;
    rota_time now = n->timeline->now;

    rota_assert(m != NULL && m->due <= now);
    queue->first = m->next;
    queue->stalled = false;
    m->next = NULL;
    if (queue->first == NULL)
        queue->last = NULL;
    else
        put_moment(n, l, up, queue->first->due > now ? queue->first->due : now);
    return m;
}

/* Sends a message down, unless the client's end is closed. */
static void push_down(struct rota_net *n, struct rota_link *l, struct rota_message *m)
{
    if (l->attached)
        push(n, l, false, m);
    else
        rota_message_free(n, m);
}

static void unstall(struct rota_net *n, struct rota_link *l, bool up)
{
    struct rota_messages *queue = up ? &l->up : &l->down;

    if (queue->stalled)
        put_moment(n, l, up, n->timeline->now);
    queue->stalled = false;
}

/* ---- links ---- */

struct rota_link *rota_link_find(const struct rota_net *n, uint32_t slot, uint64_t serial)
{
    struct rota_link *l = slot < n->link_count ? n->links[slot] : NULL;

    return l != NULL && l->end != ROTA_LINK_FREE && l->serial == serial ? l : NULL;
}

/* The link of a connection's number, NULL if it is gone. */
static struct rota_link *link_of(const struct rota_net *n, uint64_t connection)
{
    return rota_link_find(n, (uint32_t)(connection & ((1u << SLOT_BITS) - 1)),
                          connection >> SLOT_BITS);
}

static struct rota_link *free_slot(struct rota_net *n)
{
    struct rota_link *l;

    for (uint32_t i = 0; i < n->link_count; i++)
        if (n->links[i]->end == ROTA_LINK_FREE)
            return n->links[i];
    rota_assert(n->link_count < 1u << SLOT_BITS);
    n->links =
        rota_memory_extend(n->links, n->link_count, &n->link_capacity, sizeof(struct rota_link *));
    l = rota_memory_zeroed(1, sizeof *l);
    l->slot = n->link_count;
    n->links[n->link_count++] = l;
    return l;
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

/* Drops a request that will never be executed. */
static void drop_request(struct rota_net *n, const struct rota_link *l,
                         const struct rota_message *m)
{
    n->hooks->dropped(n->context, l->connection.who, m->request.copy->request);
}

static void drop_messages(struct rota_net *n, struct rota_link *l, struct rota_messages *queue)
{
    for (struct rota_message *m = queue->first; m != NULL; m = m->next)
        if (m->kind == ROTA_MESSAGE_REQUEST)
            drop_request(n, l, m);
    free_messages(n, queue);
}

struct rota_link *rota_link_open(struct rota_net *n, uint32_t server, uint32_t who, uint64_t handle,
                                 rota_time extra, const struct rota_connect *connect)
{
    struct rota_link *l = free_slot(n);
    struct rota_message *m = new_message(n, ROTA_MESSAGE_CONNECT);
    uint64_t serial = ++n->serials;

    *l = (struct rota_link){.slot = l->slot,
                            .serial = serial,
                            .end = ROTA_LINK_OPENING,
                            .connection = {.number = serial << SLOT_BITS | l->slot,
                                           .server = server,
                                           .who = who,
                                           .handle = handle},
                            .attached = true,
                            .latency = n->latency + extra};
    m->connect = *connect;
    push(n, l, true, m);
    return l;
}

void rota_link_request(struct rota_net *n, struct rota_link *l, struct rota_request_copy *request,
                       struct rota_planned_fault fault)
{
    struct rota_message *m = new_message(n, ROTA_MESSAGE_REQUEST);

    rota_assert(l->attached);
    m->request.copy = rota_request_copy_hold(request);
    m->request.fault = fault;
    push(n, l, true, m);
}

void rota_link_ping(struct rota_net *n, struct rota_link *l)
{
    rota_assert(l->attached);
    push(n, l, true, new_message(n, ROTA_MESSAGE_PING));
}

void rota_link_watches(struct rota_net *n, struct rota_link *l, char **paths,
                       const uint32_t counts[ROTA_WATCH_LISTS], int64_t relative_zxid)
{
    struct rota_message *m = new_message(n, ROTA_MESSAGE_WATCHES);

    rota_assert(l->attached);
    m->watches.paths = paths;
    memcpy(m->watches.counts, counts, sizeof m->watches.counts);
    m->watches.relative_zxid = relative_zxid;
    push(n, l, true, m);
}

void rota_link_detach(struct rota_net *n, struct rota_link *l)
{
    rota_assert(l->attached);
    l->attached = false;
    drop_messages(n, l, &l->down);
    push(n, l, true, new_message(n, ROTA_MESSAGE_END));
}

void rota_link_cut(struct rota_net *n, struct rota_link *l)
{
    rota_assert(l->end != ROTA_LINK_FREE);
    rota_ensemble_disconnect(n->ensemble, &l->connection);
    drop_messages(n, l, &l->up);
    drop_messages(n, l, &l->down);
    l->end = ROTA_LINK_FREE;
}

struct rota_message *rota_link_take_down(struct rota_net *n, struct rota_link *l)
{
    return pop(n, l, false);
}

void rota_link_unstall_up(struct rota_net *n, struct rota_link *l)
{
    unstall(n, l, true);
}

void rota_link_unstall_down(struct rota_net *n, struct rota_link *l)
{
    unstall(n, l, false);
}

/* ---- the server's end ---- */

/* The server takes messages again. */
static void set_ready(struct rota_net *n, struct rota_link *l)
{
    l->busy = false;
    unstall(n, l, true);
}

/* Closes the server's end, once. */
static void close_end(struct rota_net *n, struct rota_link *l)
{
    if (l->end != ROTA_LINK_OPENING && l->end != ROTA_LINK_SERVED)
        return;
    l->end = ROTA_LINK_CLOSED;
    push_down(n, l, new_message(n, ROTA_MESSAGE_CUT));
    set_ready(n, l);
}

static void on_connected(void *context, uint64_t connection, enum rota_connect_result result,
                         const struct rota_session_grant *grant)
{
    struct rota_net *n = context;
    struct rota_link *l = link_of(n, connection);
    struct rota_message *m;

    if (l == NULL)
        return;
    rota_assert(l->end == ROTA_LINK_OPENING);
    if (result == ROTA_CONNECT_CLOSED) {
        close_end(n, l);
        return;
    }
    m = new_message(n, ROTA_MESSAGE_CONNECTED);
    m->connected.result = result;
    if (result == ROTA_CONNECT_ACCEPTED)
        m->connected.grant = *grant;
    l->end = result == ROTA_CONNECT_ACCEPTED ? ROTA_LINK_SERVED : ROTA_LINK_CLOSED;
    push_down(n, l, m);
    set_ready(n, l);
}

static void on_reply(void *context, uint64_t connection, const struct rota_reply *reply,
                     int64_t zxid)
{
    struct rota_net *n = context;
    struct rota_link *l = link_of(n, connection);
    struct rota_message *m;

    if (l == NULL || !l->attached)
        return;
    m = new_message(n, ROTA_MESSAGE_REPLY);
    m->answer.event = rota_queued_event_reply(0, reply);
    m->answer.zxid = zxid;
    push(n, l, false, m);
}

static void on_watch(void *context, uint64_t connection, enum rota_watch_kind kind,
                     const char *path)
{
    struct rota_net *n = context;
    struct rota_link *l = link_of(n, connection);
    struct rota_message *m;

    if (l == NULL || !l->attached)
        return;
    m = new_message(n, ROTA_MESSAGE_WATCH);
    m->answer.event = rota_queued_event_watch(0, kind, path);
    push(n, l, false, m);
}

static void on_cut(void *context, uint64_t connection)
{
    struct rota_net *n = context;
    struct rota_link *l = link_of(n, connection);

    if (l != NULL)
        close_end(n, l);
}

static void on_ready(void *context, uint64_t connection)
{
    struct rota_net *n = context;
    struct rota_link *l = link_of(n, connection);

    if (l != NULL)
        set_ready(n, l);
}

static void on_close_all(void *context, uint32_t server)
{
    struct rota_net *n = context;

    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end == ROTA_LINK_FREE || l->connection.server != server)
            continue;
        rota_ensemble_disconnect(n->ensemble, &l->connection);
        close_end(n, l);
    }
}

static void on_resumed(void *context, uint32_t server)
{
    struct rota_net *n = context;

    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end != ROTA_LINK_FREE && l->connection.server == server && !l->busy)
            unstall(n, l, true);
    }
}

static void on_commit(void *context, uint32_t who, const struct rota_commit *commit)
{
    const struct rota_net *n = context;

    n->hooks->commit(n->context, who, commit);
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    const struct rota_net *n = context;

    n->hooks->applied(n->context, who, request, rc);
}

static void on_dropped(void *context, uint32_t who, const struct rota_request *request)
{
    const struct rota_net *n = context;

    n->hooks->dropped(n->context, who, request);
}

static const struct rota_ensemble_sink sink = {
    .connected = on_connected,
    .reply = on_reply,
    .watch = on_watch,
    .cut = on_cut,
    .ready = on_ready,
    .close_all = on_close_all,
    .resumed = on_resumed,
    .commit = on_commit,
    .applied = on_applied,
    .dropped = on_dropped,
};

/* ---- messages that reach a server ---- */

static void arrive_connect(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
{
    if (l->end != ROTA_LINK_OPENING)
        return;
    l->busy = true; /* until the answer */
    rota_ensemble_connect(n->ensemble, &l->connection, &m->connect);
}

/* The connection is lost: the server's end closes. */
static void lose_connection(struct rota_net *n, struct rota_link *l)
{
    if (l->end != ROTA_LINK_SERVED)
        return;
    rota_ensemble_disconnect(n->ensemble, &l->connection);
    close_end(n, l);
}

/* While the request is executed the link may go: `applied` may act on the world. */
static void execute(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
{
    struct rota_connection connection = l->connection;
    bool lose = m->request.fault.kind == ROTA_CONNECTION_FAULT_APPLIED;

    l->busy = true;
    if (!rota_ensemble_request(n->ensemble, &connection, m->request.copy, lose))
        return;
    l = link_of(n, connection.number);
    if (l != NULL)
        l->busy = false;
}

/* A server throttles neither credentials nor the end of a session. */
static bool is_throttled(const struct rota_message *m)
{
    enum rota_op op = m->request.copy->request->operation.op;

    return m->request.fault.kind == ROTA_CONNECTION_FAULT_THROTTLED && op != ROTA_OP_CLOSE &&
           op != ROTA_OP_ADD_AUTH;
}

/* A busy server answers a request in its turn without executing it (S1, S93). */
static void throttle(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
{
    const struct rota_request *request = m->request.copy->request;
    struct rota_message *reply = new_message(n, ROTA_MESSAGE_REPLY);

    if (rota_request_writes(request))
        n->hooks->dropped(n->context, l->connection.who, request);
    reply->answer.event = rota_queued_event_failed(0, request, ROTA_ERR_THROTTLED);
    push(n, l, false, reply);
}

static void arrive_request(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
{
    enum rota_connection_fault fault = m->request.fault.kind;
    bool late = fault == ROTA_CONNECTION_FAULT_LATE;

    n->faults += fault != ROTA_CONNECTION_FAULT_NONE;
    if (l->end != ROTA_LINK_SERVED || fault == ROTA_CONNECTION_FAULT_LOST ||
        (late && !rota_request_writes(m->request.copy->request))) {
        drop_request(n, l, m);
        lose_connection(n, l);
    } else if (late) {
        rota_ensemble_write_late(n->ensemble, &l->connection, m->request.copy,
                                 m->request.fault.late_most);
        lose_connection(n, l);
    } else if (is_throttled(m)) {
        throttle(n, l, m);
    } else {
        execute(n, l, m);
    }
}

static void arrive_watches(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
{
    struct rota_watch_paths lists[ROTA_WATCH_LISTS];
    char **paths = m->watches.paths;

    for (int i = 0; i < ROTA_WATCH_LISTS; i++) {
        lists[i].paths = (const char *const *)paths;
        lists[i].count = m->watches.counts[i];
        paths += m->watches.counts[i];
    }
    if (l->end == ROTA_LINK_SERVED)
        rota_ensemble_set_watches(n->ensemble, &l->connection, m->watches.relative_zxid, lists);
}

static void arrive_ping(struct rota_net *n, struct rota_link *l)
{
    if (l->end != ROTA_LINK_SERVED)
        return;
    rota_ensemble_ping(n->ensemble, &l->connection);
    push_down(n, l, new_message(n, ROTA_MESSAGE_PONG));
}

static void arrive(struct rota_net *n, struct rota_link *l, const struct rota_message *m)
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
        arrive_ping(n, l);
        break;
    default:
        rota_assert(m->kind == ROTA_MESSAGE_END);
        rota_link_cut(n, l);
        break;
    }
}

static void arrive_up(struct rota_net *n, struct rota_link *l)
{
    struct rota_message *m;

    if (l->busy || rota_ensemble_is_paused(n->ensemble, l->connection.server)) {
        l->up.stalled = true;
        return;
    }
    m = pop(n, l, true);
    arrive(n, l, m);
    rota_message_free(n, m);
}

/* ---- the network ---- */

bool rota_net_moment(struct rota_net *n, const struct rota_moment *m)
{
    struct rota_link *l;

    if (m->kind != ROTA_MOMENT_UP)
        return rota_ensemble_moment(n->ensemble, m);
    l = rota_link_find(n, m->who, m->serial);
    if (l != NULL)
        arrive_up(n, l);
    return true;
}

uint64_t rota_net_number_handle(struct rota_net *n)
{
    return ++n->serials;
}

void rota_net_init(struct rota_net *n, const struct rota_ensemble_config *config,
                   const struct rota_net_hooks *hooks, void *context,
                   struct rota_timeline *timeline, struct rota_choices *choices)
{
    *n = (struct rota_net){.hooks = hooks,
                           .context = context,
                           .timeline = timeline,
                           .choices = choices,
                           .latency = config->latency};
    n->ensemble = rota_ensemble_open(config, &sink, n, timeline, choices);
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
    rota_ensemble_close(n->ensemble);
    free(n->links);
}
