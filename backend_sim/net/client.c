#include "backend_sim/net/client.h"

#include <stdlib.h>
#include <string.h>

#include "backend_sim/net/ensemble.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

enum {
    CLOSE_WAIT_US = 1500000, /* how long a close waits for an answer (S84) */
    TRIES = 60,              /* pauses between attempts last a 60th of the timeout (S80) */
};

/* A path with the lists it is in, one bit each. */
struct watched {
    rota_ref path; /* a text that the map holds */
    uint32_t lists;
};

static struct rota_sim_client *of(struct rota_backend *b)
{
    return (struct rota_sim_client *)b;
}

static rota_time timeout(const struct rota_sim_client *c)
{
    return (rota_time)c->timeout_ms * 1000;
}

/* ---- events ---- */

static struct rota_handle_event *queue(struct rota_sim_client *c, enum rota_handle_event_kind kind,
                                       void *block)
{
    struct rota_heard *h = calloc(1, sizeof *h);

    rota_assert(h != NULL);
    h->event.kind = kind;
    h->event.handle = c->handle;
    h->block = block;
    if (c->heard == NULL)
        c->heard = h;
    else
        c->heard_last->next = h;
    c->heard_last = h;
    return &h->event;
}

static struct rota_handle_event *queue_session(struct rota_sim_client *c,
                                               enum rota_session_state state)
{
    struct rota_handle_event *e = queue(c, ROTA_HANDLE_SESSION, NULL);

    e->session.state = state;
    return e;
}

/* Takes ownership of the reply. */
static void queue_reply(struct rota_sim_client *c, struct rota_reply *reply)
{
    queue(c, ROTA_HANDLE_REPLY, reply)->reply = *reply;
}

static void free_heard(struct rota_heard *h)
{
    if (h == NULL)
        return;
    free(h->block);
    free(h);
}

static bool client_next(struct rota_backend *b, struct rota_handle_event *event)
{
    struct rota_sim_client *c = of(b);
    struct rota_heard *h = c->heard;

    free_heard(c->taken);
    c->taken = NULL;
    if (h == NULL || c->paused)
        return false;
    c->heard = h->next;
    c->taken = h;
    *event = h->event;
    return true;
}

/* ---- requests that wait for an answer ---- */

static void drop_first(struct rota_sim_client *c)
{
    struct rota_asked *a = c->asked;

    c->asked = a->next;
    if (c->unsent == a)
        c->unsent = a->next;
    rota_request_copy_drop(a->parcel);
    free(a);
}

/* Answers everything that waits, in order, with a code of the client's own (S77, S78). */
static void fail_all(struct rota_sim_client *c, int32_t rc)
{
    while (c->asked != NULL) {
        const struct rota_request *request = c->asked->parcel->request;
        bool writes = rota_request_writes(request);

        if (writes && c->unsent == c->asked)
            c->net->hooks->dropped(c->net->context, c->who, request);
        if (!c->asked->again)
            queue_reply(c, rota_reply_failed(request, rc));
        drop_first(c);
    }
}

/* Forgets what waits: the end of the handle leaves it unanswered. */
static void forget_all(struct rota_sim_client *c)
{
    while (c->asked != NULL)
        drop_first(c);
}

/* A new connection: the next fate is due in it. */
static void take_doom(struct rota_sim_client *c)
{
    c->doomed = false;
    if (c->fate != ROTA_FATE_NONE || c->doom_count == 0)
        return;
    c->fate = c->dooms[0].fate;
    c->late_most = c->dooms[0].late_most;
    memmove(c->dooms, c->dooms + 1, --c->doom_count * sizeof *c->dooms);
}

static void send(struct rota_sim_client *c, struct rota_asked *a)
{
    rota_link_request(c->net, c->link, a->parcel, c->fate, c->late_most);
    c->doomed |= c->fate != ROTA_FATE_NONE;
    c->fate = ROTA_FATE_NONE;
    c->unsent = a->next;
    c->sent = rota_sim_client_now(c);
}

static void send_unsent(struct rota_sim_client *c)
{
    while (c->unsent != NULL)
        send(c, c->unsent);
}

/* ---- credentials ---- */

static void remember_credentials(struct rota_sim_client *c, struct rota_request_copy *p)
{
    c->credentials = realloc(c->credentials, (c->credential_count + 1) * sizeof(p));
    rota_assert(c->credentials != NULL);
    c->credentials[c->credential_count++] = rota_request_copy_hold(p);
}

static void forget_credentials(struct rota_sim_client *c)
{
    for (uint32_t i = 0; i < c->credential_count; i++)
        rota_request_copy_drop(c->credentials[i]);
    free(c->credentials);
    c->credentials = NULL;
    c->credential_count = 0;
}

/* Every connection begins with them, the last ones first; nobody hears of it (S88). */
static void send_credentials(struct rota_sim_client *c)
{
    struct rota_asked **place = &c->asked;

    rota_assert(c->unsent == c->asked);
    for (uint32_t i = c->credential_count; i > 0; i--) {
        struct rota_asked *a = calloc(1, sizeof *a);

        rota_assert(a != NULL);
        a->parcel = rota_request_copy_hold(c->credentials[i - 1]);
        a->again = true;
        a->next = *place;
        *place = a;
        place = &a->next;
        if (a->next == NULL)
            c->asked_last = a;
        rota_link_request(c->net, c->link, a->parcel, ROTA_FATE_NONE, 0);
        c->sent = rota_sim_client_now(c);
    }
}

/* ---- watches ---- */

static struct watched *watched_at(const struct rota_sim_client *c, uint32_t i)
{
    return rota_array_at(&c->pool, &c->watches, i, sizeof(struct watched));
}

static const char *watched_path(const struct rota_sim_client *c, const struct watched *w)
{
    return rota_pool_at(&c->pool, w->path);
}

static void add_watch(struct rota_sim_client *c, const char *path, enum rota_watch_list list)
{
    uint32_t i = rota_map_get(&c->pool, &c->watched, path);

    if (i == ROTA_MAP_NONE) {
        i = rota_array_push(&c->pool, &c->watches, sizeof(struct watched));
        rota_ref name = rota_map_put(&c->pool, &c->watched, path, i);
        watched_at(c, i)->path = name;
    }
    if ((watched_at(c, i)->lists & 1u << list) != 0)
        return;
    watched_at(c, i)->lists |= 1u << list;
    c->watch_bytes += (uint32_t)strlen(path) + 4;
    if (c->watch_bytes > c->watch_bytes_most)
        c->watch_bytes_most = c->watch_bytes;
}

/* The last entry takes the place of an entry without lists. */
static void remove_watched(struct rota_sim_client *c, uint32_t i)
{
    uint32_t last = c->watches.length - 1;

    rota_map_remove(&c->pool, &c->watched, watched_path(c, watched_at(c, i)));
    if (i != last) {
        *watched_at(c, i) = *watched_at(c, last);
        rota_map_put(&c->pool, &c->watched, watched_path(c, watched_at(c, i)), i);
    }
    c->watches.length--;
    memset(watched_at(c, last), 0, sizeof(struct watched));
}

/* Takes the watches that an event ends out of their lists. False if there are none: nobody is told.
 */
static bool end_watches(struct rota_sim_client *c, enum rota_watch_kind kind, const char *path)
{
    static const uint32_t ended[] = {
        [ROTA_WATCH_CREATED] = 1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS,
        [ROTA_WATCH_CHANGED] = 1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS,
        [ROTA_WATCH_CHILD] = 1u << ROTA_WATCH_LIST_CHILD,
        [ROTA_WATCH_DELETED] =
            1u << ROTA_WATCH_LIST_DATA | 1u << ROTA_WATCH_LIST_EXISTS | 1u << ROTA_WATCH_LIST_CHILD,
    };
    uint32_t i = rota_map_get(&c->pool, &c->watched, path);
    uint32_t lists;

    if (i == ROTA_MAP_NONE)
        return false;
    lists = watched_at(c, i)->lists & ended[kind];
    for (int list = 0; list < ROTA_WATCH_LISTS; list++) {
        if ((lists & 1u << list) != 0)
            c->watch_bytes -= (uint32_t)strlen(path) + 4;
    }
    watched_at(c, i)->lists &= ~lists;
    if (watched_at(c, i)->lists == 0)
        remove_watched(c, i);
    return lists != 0;
}

static void forget_watches(struct rota_sim_client *c)
{
    rota_map_clear(&c->pool, &c->watched);
    rota_array_clear(&c->pool, &c->watches, sizeof(struct watched));
    c->watch_bytes = 0;
}

/* A lookup leaves its watch when its answer has come (S50). */
static void keep_watch(struct rota_sim_client *c, const struct rota_operation *o, int32_t rc)
{
    if (!o->watch || (o->op != ROTA_OP_GET && o->op != ROTA_OP_EXISTS && o->op != ROTA_OP_CHILDREN))
        return;
    if (o->op == ROTA_OP_EXISTS && rc == ROTA_ERR_NO_NODE)
        add_watch(c, o->path, ROTA_WATCH_LIST_EXISTS);
    else if (rc == ROTA_ERR_OK)
        add_watch(c, o->path,
                  o->op == ROTA_OP_CHILDREN ? ROTA_WATCH_LIST_CHILD : ROTA_WATCH_LIST_DATA);
}

static char *copy_path(const char *path)
{
    size_t length = strlen(path) + 1;
    char *to = malloc(length);

    rota_assert(to != NULL);
    memcpy(to, path, length);
    return to;
}

/* One packet with everything the handle believes to watch (S57). */
static void send_watches(struct rota_sim_client *c)
{
    uint32_t counts[ROTA_WATCH_LISTS] = {0};
    uint32_t count = 0;
    char **paths;

    if (c->watches.length == 0)
        return;
    paths = malloc((size_t)c->watches.length * ROTA_WATCH_LISTS * sizeof *paths);
    rota_assert(paths != NULL);
    for (int list = 0; list < ROTA_WATCH_LISTS; list++) {
        for (uint32_t i = 0; i < c->watches.length; i++) {
            if ((watched_at(c, i)->lists & 1u << list) == 0)
                continue;
            paths[count++] = copy_path(watched_path(c, watched_at(c, i)));
            counts[list]++;
        }
    }
    rota_link_watches(c->net, c->link, paths, counts, c->last_zxid);
    c->sent = rota_sim_client_now(c);
}

/* ---- time ---- */

static rota_time deadline(const struct rota_sim_client *c)
{
    rota_time ping, silence;

    switch (c->state) {
    case ROTA_SIM_CLIENT_NONE:
    case ROTA_SIM_CLIENT_DEAD:
    case ROTA_SIM_CLIENT_CLOSED:
        return ROTA_NEVER;
    case ROTA_SIM_CLIENT_CONNECTED:
        silence = c->received + timeout(c) * 2 / 3;
        ping = c->asked == NULL ? c->sent + timeout(c) / 3 : silence;
        return ping < silence ? ping : silence;
    default:
        return c->due;
    }
}

/* Makes sure that a moment comes no later than the deadline. */
static void arm(struct rota_sim_client *c)
{
    rota_time when = rota_clock_world(&c->clock, deadline(c));

    if (when >= c->armed || c->paused)
        return;
    c->armed = when > c->net->now ? when : c->net->now;
    rota_timeline_put(c->net->timeline, c->armed, ROTA_MOMENT_CLIENT, c->who, c->owner);
}

/* ---- connecting ---- */

static void leave_link(struct rota_sim_client *c)
{
    if (c->link != NULL)
        rota_link_detach(c->net, c->link);
    c->link = NULL;
}

/* Between two servers there is no pause, only when all have been tried (S80). */
static void wait_for_attempt(struct rota_sim_client *c)
{
    uint32_t servers = c->net->ensemble == NULL ? 1 : rota_ensemble_count(c->net->ensemble);

    c->state = ROTA_SIM_CLIENT_WAITING;
    c->due = rota_sim_client_now(c) + (++c->tries % servers == 0 ? timeout(c) / TRIES : 0);
    c->server = (c->server + (c->backwards ? servers - 1 : 1)) % servers;
}

/* A handle tries the servers in an order of its own (S83). */
static void choose_servers(struct rota_sim_client *c)
{
    uint32_t servers;

    if (c->net->ensemble == NULL)
        return;
    servers = rota_ensemble_count(c->net->ensemble);
    c->server = (uint32_t)rota_choose(c->net->choices, ROTA_SITE_SERVER, servers);
    c->backwards = rota_choose(c->net->choices, ROTA_SITE_SERVER, 2) == 1;
    c->tries = 0;
}

void rota_sim_client_inherit(struct rota_sim_client *c, const struct rota_sim_client *before)
{
    c->blocked = before->blocked;
    c->side = before->side;
    c->slow = before->slow;
    c->clock = before->clock;
    c->fate = before->fate;
    c->late_most = before->late_most;
    memcpy(c->dooms, before->dooms, sizeof c->dooms);
    c->doom_count = before->doom_count;
}

void rota_sim_client_doom(struct rota_sim_client *c, enum rota_fate fate, rota_time late_most)
{
    if (c->fate == ROTA_FATE_NONE && c->doom_count == 0) {
        c->fate = fate;
        c->late_most = late_most;
        return;
    }
    if (c->doom_count == ROTA_DOOMS_MOST)
        c->doom_count--;
    c->dooms[c->doom_count++] = (struct rota_doom){fate, late_most};
}

bool rota_sim_client_reaches(const struct rota_sim_client *c, uint32_t server)
{
    const struct rota_ensemble *e = c->net->ensemble;
    uint32_t side = e == NULL ? c->net->side : rota_ensemble_side(e, server);

    if (c->blocked || c->net->server_down || (e != NULL && rota_ensemble_is_down(e, server)))
        return false;
    return rota_sides_meet(c->side, side);
}

static void attempt(struct rota_sim_client *c)
{
    struct rota_connect connect = {c->client_id, c->timeout_ms, c->last_zxid};

    c->due = rota_sim_client_now(c) + timeout(c) / 3;
    if (!rota_sim_client_reaches(c, c->server)) {
        c->state = ROTA_SIM_CLIENT_REFUSED;
        c->due = rota_sim_client_now(c) + c->net->latency;
        return;
    }
    c->state = ROTA_SIM_CLIENT_CONNECTING;
    c->link = rota_link_open(c->net, c->server, c->who, c->owner, c->slow, &connect);
    c->sent = rota_sim_client_now(c);
}

static void fail_attempt(struct rota_sim_client *c)
{
    leave_link(c);
    fail_all(c, ROTA_ERR_CONNECTION_LOSS);
    wait_for_attempt(c);
}

/* The connection is gone: first the session event, then the answers (S78). */
static void lose(struct rota_sim_client *c, int32_t rc)
{
    leave_link(c);
    switch (c->state) {
    case ROTA_SIM_CLIENT_CONNECTED:
        queue_session(c, ROTA_SESSION_DISCONNECTED);
        fail_all(c, rc);
        wait_for_attempt(c);
        break;
    case ROTA_SIM_CLIENT_CLOSING:
        queue_session(c, ROTA_SESSION_CLOSED);
        forget_all(c);
        c->state = ROTA_SIM_CLIENT_CLOSED;
        break;
    default:
        fail_attempt(c);
        break;
    }
}

static void welcome(struct rota_sim_client *c, const struct rota_message *m)
{
    struct rota_handle_event *e;

    if (m->welcome.welcome == ROTA_WELCOME_EXPIRED) {
        queue_session(c, ROTA_SESSION_EXPIRED);
        fail_all(c, ROTA_ERR_SESSION_EXPIRED);
        forget_watches(c);
        leave_link(c);
        c->state = ROTA_SIM_CLIENT_DEAD;
        c->expired = true;
        return;
    }
    c->state = ROTA_SIM_CLIENT_CONNECTED;
    take_doom(c);
    c->tries = 0;
    c->client_id = m->welcome.served.client_id;
    c->timeout_ms = m->welcome.served.timeout_ms;
    e = queue_session(c, ROTA_SESSION_CONNECTED);
    e->session.client_id = c->client_id;
    e->session.timeout_ms = c->timeout_ms;
    send_credentials(c);
    send_watches(c);
    send_unsent(c);
}

static void closed(struct rota_sim_client *c)
{
    queue_session(c, ROTA_SESSION_CLOSED)->session.acknowledged = true;
    forget_all(c);
    leave_link(c);
    c->state = ROTA_SIM_CLIENT_CLOSED;
}

/* The answer to credentials has no zxid. Refused ones are the end of the handle, but not of its
 * session (S88). */
static void replied_to_credentials(struct rota_sim_client *c, struct rota_message *m)
{
    bool refused = m->reply.body->rc != ROTA_ERR_OK;
    bool again = c->asked->again;

    drop_first(c);
    if (!again) {
        queue_reply(c, m->reply.body);
        m->reply.body = NULL;
    }
    if (!refused)
        return;
    queue_session(c, ROTA_SESSION_AUTH_FAILED);
    fail_all(c, ROTA_ERR_AUTH_FAILED);
    forget_watches(c);
    leave_link(c);
    c->state = ROTA_SIM_CLIENT_DEAD;
}

static void replied(struct rota_sim_client *c, struct rota_message *m)
{
    struct rota_asked *a = c->asked;
    bool again;

    rota_assert(a != NULL && a->parcel->request->tag == m->reply.body->tag);
    if (a->parcel->request->operation.op == ROTA_OP_ADD_AUTH &&
        c->state != ROTA_SIM_CLIENT_CLOSING) {
        replied_to_credentials(c, m);
        return;
    }
    if (m->reply.zxid > 0)
        c->last_zxid = m->reply.zxid;
    if (a->parcel->request->operation.op == ROTA_OP_CLOSE) {
        closed(c);
        return;
    }
    keep_watch(c, &a->parcel->request->operation, m->reply.body->rc);
    again = a->again;
    drop_first(c);
    if (again || (c->state == ROTA_SIM_CLIENT_CLOSING && c->mute_replies))
        return;
    queue_reply(c, m->reply.body);
    m->reply.body = NULL;
}

/* A handle that closes has stopped to listen somewhere before the answer to its last request, so
 * what its own end causes reaches nobody (S60, S84). */
static bool still_listens(const struct rota_sim_client *c)
{
    return c->state != ROTA_SIM_CLIENT_CLOSING ||
           (!c->mute_replies && c->asked->parcel->request->operation.op != ROTA_OP_CLOSE);
}

void rota_sim_client_hear(struct rota_sim_client *c, struct rota_message *m)
{
    c->received = rota_sim_client_now(c);
    switch (m->kind) {
    case ROTA_MESSAGE_WELCOME:
        welcome(c, m);
        break;
    case ROTA_MESSAGE_REPLY:
        replied(c, m);
        break;
    case ROTA_MESSAGE_WATCH:
        if (end_watches(c, m->watch.kind, m->watch.path) && still_listens(c)) {
            struct rota_handle_event *e = queue(c, ROTA_HANDLE_WATCH, m->watch.path);

            e->watch.kind = m->watch.kind;
            e->watch.path = m->watch.path;
            m->watch.path = NULL;
        }
        break;
    case ROTA_MESSAGE_CUT:
        lose(c, ROTA_ERR_CONNECTION_LOSS);
        break;
    default:
        break;
    }
    arm(c);
}

static void tick_connected(struct rota_sim_client *c)
{
    if (rota_sim_client_now(c) >= c->received + timeout(c) * 2 / 3) {
        lose(c, ROTA_ERR_OPERATION_TIMEOUT);
    } else if (c->asked == NULL && rota_sim_client_now(c) >= c->sent + timeout(c) / 3) {
        rota_link_ping(c->net, c->link);
        c->sent = rota_sim_client_now(c);
    }
}

void rota_sim_client_tick(struct rota_sim_client *c)
{
    if (c->net->now >= c->armed)
        c->armed = ROTA_NEVER;
    if (c->paused)
        return;
    if (c->state == ROTA_SIM_CLIENT_CONNECTED)
        tick_connected(c);
    else if (rota_sim_client_now(c) >= deadline(c)) {
        if (c->state == ROTA_SIM_CLIENT_WAITING)
            attempt(c);
        else
            lose(c, ROTA_ERR_OPERATION_TIMEOUT);
    }
    arm(c);
}

void rota_sim_client_cut(struct rota_sim_client *c)
{
    struct rota_link *l = c->link;

    if (l == NULL)
        return;
    c->link = NULL;
    rota_link_cut(c->net, l);
    lose(c, ROTA_ERR_CONNECTION_LOSS);
    arm(c);
}

rota_time rota_sim_client_now(const struct rota_sim_client *c)
{
    return rota_clock_local(&c->clock, c->net->now);
}

void rota_sim_client_rearm(struct rota_sim_client *c)
{
    c->armed = ROTA_NEVER; /* the moment that is there finds nothing to do, or does what is due */
    arm(c);
}

void rota_sim_client_pause(struct rota_sim_client *c)
{
    c->paused = true;
}

void rota_sim_client_resume(struct rota_sim_client *c)
{
    c->paused = false;
    if (c->state == ROTA_SIM_CLIENT_CONNECTED || c->state == ROTA_SIM_CLIENT_CLOSING)
        send_unsent(c);
    if (c->link != NULL) {
        c->received = c->link->down.stalled ? rota_sim_client_now(c) : c->received;
        rota_link_unstall(c->net, c->link);
    }
    arm(c);
}

/* ---- the seam ---- */

static uint32_t client_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct rota_sim_client *c = of(b);

    rota_assert(c->state == ROTA_SIM_CLIENT_NONE || c->state == ROTA_SIM_CLIENT_DEAD ||
                c->state == ROTA_SIM_CLIENT_CLOSED);
    forget_all(c);
    forget_watches(c);
    forget_credentials(c);
    c->handle++;
    c->owner = rota_net_name_handle(c->net);
    c->client_id = take_over == NULL ? (struct rota_client_id){0} : *take_over;
    c->timeout_ms = c->wish_ms;
    c->last_zxid = 0;
    c->armed = ROTA_NEVER;
    c->mute_replies = false;
    c->expired = false;
    choose_servers(c);
    attempt(c);
    arm(c);
    return c->handle;
}

static void request_close(struct rota_sim_client *c)
{
    if (c->state == ROTA_SIM_CLIENT_CONNECTED) {
        c->mute_replies = rota_choose(c->net->choices, ROTA_SITE_CLOSE, 2) == 1;
        c->state = ROTA_SIM_CLIENT_CLOSING;
        c->due = rota_sim_client_now(c) + CLOSE_WAIT_US;
        return;
    }
    queue_session(c, ROTA_SESSION_CLOSED)->session.acknowledged = c->expired;
    forget_all(c);
    leave_link(c);
    c->state = ROTA_SIM_CLIENT_CLOSED;
}

/* What the client library answers itself, at once and so before the answers that are under way:
 * what it cannot send (S30, S43), credentials between two connections (S88), and a multi without a
 * connection, since the library might free what is not its own (S44). 0: it sends it.
 * An invalid path is noticed before the handle's end (S81). */
static int32_t own_answer(const struct rota_sim_client *c, const struct rota_request *request)
{
    enum rota_op op = request->operation.op;

    if (c->state == ROTA_SIM_CLIENT_NONE || c->state == ROTA_SIM_CLIENT_CLOSING ||
        c->state == ROTA_SIM_CLIENT_CLOSED)
        return ROTA_ERR_INVALID_STATE;
    if (op == ROTA_OP_CLOSE)
        return ROTA_ERR_OK;
    if (!rota_request_valid(request))
        return ROTA_ERR_BAD_ARGUMENTS;
    if (op == ROTA_OP_CHECK)
        return ROTA_ERR_UNIMPLEMENTED;
    if (c->state == ROTA_SIM_CLIENT_DEAD)
        return ROTA_ERR_INVALID_STATE;
    if ((op == ROTA_OP_ADD_AUTH && c->state == ROTA_SIM_CLIENT_WAITING) ||
        (op == ROTA_OP_MULTI && c->state != ROTA_SIM_CLIENT_CONNECTED))
        return ROTA_ERR_CONNECTION_LOSS;
    return ROTA_ERR_OK;
}

/* There are no results of a multi's operations then. */
static void answer_itself(struct rota_sim_client *c, const struct rota_request *request, int32_t rc)
{
    struct rota_reply reply = {.tag = request->tag, .rc = rc, .data = ROTA_NULL_BYTES};

    if (rota_request_writes(request))
        c->net->hooks->dropped(c->net->context, c->who, request);
    queue_reply(c, rota_reply_copy(&reply));
}

static void client_request(struct rota_backend *b, const struct rota_request *request)
{
    struct rota_sim_client *c = of(b);
    enum rota_op op = request->operation.op;
    struct rota_asked *a;

    if (op == ROTA_OP_CLOSE &&
        (c->state == ROTA_SIM_CLIENT_CLOSING || c->state == ROTA_SIM_CLIENT_CLOSED))
        return;
    if (c->state == ROTA_SIM_CLIENT_DEAD && op == ROTA_OP_CLOSE) {
        request_close(c);
        return;
    }
    if (own_answer(c, request) != ROTA_ERR_OK) {
        answer_itself(c, request, own_answer(c, request));
        return;
    }
    if (op == ROTA_OP_CLOSE) {
        request_close(c);
        if (c->state == ROTA_SIM_CLIENT_CLOSED)
            return;
    }
    a = calloc(1, sizeof *a);
    rota_assert(a != NULL);
    a->parcel = rota_request_copy_new(request);
    if (op == ROTA_OP_ADD_AUTH)
        remember_credentials(c, a->parcel);
    if (c->asked == NULL)
        c->asked = a;
    else
        c->asked_last->next = a;
    c->asked_last = a;
    if (c->unsent == NULL)
        c->unsent = a;
    if ((c->state == ROTA_SIM_CLIENT_CONNECTED || c->state == ROTA_SIM_CLIENT_CLOSING) &&
        !c->paused)
        send_unsent(c);
    arm(c);
}

static rota_time client_now(struct rota_backend *b)
{
    return rota_sim_client_now(of(b));
}

static uint64_t client_random(struct rota_backend *b)
{
    return rota_choose_bits(of(b)->net->choices, ROTA_SITE_RANDOM);
}

static void client_destroy(struct rota_backend *b)
{
    rota_sim_client_close(of(b));
}

static const struct rota_backend_ops ops = {
    .name = "sim",
    .open = client_open,
    .request = client_request,
    .next = client_next,
    .now = client_now,
    .random = client_random,
    .destroy = client_destroy,
};

void rota_sim_client_init(struct rota_sim_client *c, struct rota_net *net, uint32_t who,
                          uint32_t wish_ms)
{
    *c = (struct rota_sim_client){.head = {&ops},
                                  .net = net,
                                  .who = who,
                                  .wish_ms = wish_ms,
                                  .timeout_ms = wish_ms,
                                  .armed = ROTA_NEVER};
    rota_pool_init(&c->pool);
}

void rota_sim_client_close(struct rota_sim_client *c)
{
    while (c->heard != NULL) {
        struct rota_heard *h = c->heard;

        c->heard = h->next;
        free_heard(h);
    }
    free_heard(c->taken);
    c->taken = NULL;
    forget_all(c);
    forget_credentials(c);
    leave_link(c);
    rota_pool_close(&c->pool);
    c->state = ROTA_SIM_CLIENT_DEAD;
}
