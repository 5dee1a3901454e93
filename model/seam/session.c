#include "model/seam/session.h"

#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"

/* A request without a reply. Lists link slots as index + 1; 0 is the end. */
struct pending {
    uint64_t tag; /* the role's */
    rota_time sent;
    rota_ref watch; /* the watch that this request adds: its key in `watches` */
    uint32_t before, after;
    uint32_t generation;
    int32_t refusal; /* it is answered by rota_session_next, with this error */
    bool writes;     /* the leader answers it */
    bool auth;       /* ADD_AUTH: AUTH_FAILED is its own answer (S88) */
    bool exists;     /* an EXISTS leaves a watch also on NO_NODE (S50) */
    bool used;
};

#define PENDING_SHAPE sizeof(struct pending), offsetof(struct pending, after)

enum {
    WATCH_BUDGET = 768 * 1024,
    WATCH_OVERHEAD = 8, /* bytes: the length field and a share of the SetWatches packet */
    RETRY_US = 1000000,
    PAUSE_FIRST_US = 200000, /* before the barrier, when a server is too busy; then doubled */
    PAUSE_MOST_US = 5000000, /* and never longer than a quarter of the session timeout */
    CALM_US = 10 * 1000000,  /* after this time without a pause the first pause is short again */
    MS = 1000,               /* microseconds */
    CHECKED_MAX = 16,        /* longest queue that a check walks */
};

/* The tag of a sync of this layer: this bit and a count. Replies come in the order of requests, so
 * only the last sync can be the barrier. */
#define SYNC_BIT        (UINT64_C(1) << 63)
#define GENERATION_MASK 0x7fffffffu

static struct pending *slot_at(const struct rota_session *s, const struct rota_pool *mem,
                               uint32_t i)
{
    return rota_slab_at(mem, &s->slots, i, sizeof(struct pending));
}

/* ---- outstanding requests ---- */

static uint32_t slot_take(struct rota_session *s, struct rota_pool *mem)
{
    uint32_t i = rota_slab_take(mem, &s->slots, PENDING_SHAPE);

    s->generation = (s->generation + 1) & GENERATION_MASK;
    *slot_at(s, mem, i) = (struct pending){.used = true, .generation = s->generation};
    return i;
}

static void slot_give(struct rota_session *s, struct rota_pool *mem, uint32_t i)
{
    rota_assert(slot_at(s, mem, i)->used);
    rota_slab_give(mem, &s->slots, i, PENDING_SHAPE);
}

static void queue_push(struct rota_session *s, struct rota_pool *mem, uint32_t i)
{
    struct pending *p = slot_at(s, mem, i);

    p->before = s->newest;
    p->after = 0;
    if (s->newest != 0)
        slot_at(s, mem, s->newest - 1)->after = i + 1;
    else
        s->oldest = i + 1;
    s->newest = i + 1;
    s->outstanding++;
}

static void queue_remove(struct rota_session *s, struct rota_pool *mem, uint32_t i)
{
    struct pending *p = slot_at(s, mem, i);

    if (p->before != 0)
        slot_at(s, mem, p->before - 1)->after = p->after;
    else
        s->oldest = p->after;
    if (p->after != 0)
        slot_at(s, mem, p->after - 1)->before = p->before;
    else
        s->newest = p->before;
    rota_assert(s->outstanding > 0);
    s->outstanding--;
}

/* Answers a request later, by rota_session_next. */
static void answer_later(struct rota_session *s, struct rota_pool *mem, uint32_t i, int32_t rc)
{
    struct pending *p = slot_at(s, mem, i);
    uint32_t *link = &s->refusals;

    while (*link != 0)
        link = &slot_at(s, mem, *link - 1)->after;
    *link = i + 1;
    p->refusal = rc;
    p->after = 0;
}

/* ---- watches: the server bounds their bytes, not their number (S59) ---- */

/* The key is "d" and the path for a data watch, "c" and the path for a child watch. */
static const char *watch_key(struct rota_outbox *out, char kind, const char *path)
{
    return rota_outbox_text(out, "%c%s", kind, path);
}

static uint32_t watch_cost(const struct rota_session *s, const char *key)
{
    return (uint32_t)strlen(key) + s->config.chroot_length + WATCH_OVERHEAD;
}

static void watch_drop(struct rota_session *s, struct rota_pool *mem, const char *key)
{
    if (rota_map_get(mem, &s->watches, key) == ROTA_MAP_NONE)
        return;
    rota_assert(s->watch_bytes >= watch_cost(s, key));
    s->watch_bytes -= watch_cost(s, key);
    rota_map_remove(mem, &s->watches, key);
}

/* Counts the watch of a request; `*added` is its key if the watch is new. False if the budget does
 * not allow it. */
static bool watch_add(struct rota_session *s, struct rota_pool *mem, struct rota_outbox *out,
                      const struct rota_operation *o, rota_ref *added)
{
    const char *key = watch_key(out, o->op == ROTA_OP_CHILDREN ? 'c' : 'd', o->path);

    if (rota_map_get(mem, &s->watches, key) != ROTA_MAP_NONE)
        return true;
    if (s->watch_bytes + watch_cost(s, key) > s->config.watch_budget)
        return false;
    s->watch_bytes += watch_cost(s, key);
    *added = rota_map_put(mem, &s->watches, key, 1);
    return true;
}

static void watch_fired(struct rota_session *s, struct rota_pool *mem, struct rota_outbox *out,
                        enum rota_watch_kind kind, const char *path)
{
    if (kind != ROTA_WATCH_CHILD)
        watch_drop(s, mem, watch_key(out, 'd', path));
    if (kind == ROTA_WATCH_CHILD || kind == ROTA_WATCH_DELETED)
        watch_drop(s, mem, watch_key(out, 'c', path));
}

/* ---- requests of this layer ---- */

static void open_handle(struct rota_session *s, bool take_over, struct rota_outbox *out)
{
    struct rota_action *a = rota_outbox_add(out, ROTA_ACTION_OPEN);

    a->open.take_over = take_over;
    a->open.client_id = s->client_id;
    s->sync_pending = false;
    s->phase = take_over ? ROTA_PHASE_TAKEOVER : ROTA_PHASE_OPENING;
}

static void close_handle(struct rota_session *s, struct rota_outbox *out)
{
    struct rota_action *a = rota_outbox_add(out, ROTA_ACTION_REQUEST);

    rota_assert(s->phase != ROTA_PHASE_IDLE && s->phase != ROTA_PHASE_CLOSING &&
                s->phase != ROTA_PHASE_GONE);
    a->request.operation.op = ROTA_OP_CLOSE;
    s->phase = ROTA_PHASE_CLOSING;
}

static void send_sync(struct rota_session *s, rota_time now, struct rota_outbox *out)
{
    struct rota_action *a = rota_outbox_add(out, ROTA_ACTION_REQUEST);

    a->request.tag = SYNC_BIT | ++s->syncs;
    a->request.operation.op = ROTA_OP_SYNC;
    a->request.operation.path = "/";
    s->sync_pending = true;
    s->sync_sent = now;
    s->retry_at = ROTA_NEVER;
}

/* ---- the lease ---- */

static rota_time timeout_us(const struct rota_session *s)
{
    return (rota_time)s->timeout_ms * MS;
}

static rota_time lease_low_at(const struct rota_session *s)
{
    return s->lease_base + timeout_us(s) * 2 / 3;
}

/* A little before the timeout: runs take time to end, and must have ended by the timeout. */
static rota_time lease_over_at(const struct rota_session *s)
{
    return s->lease_base + timeout_us(s) * 11 / 12;
}

static void lease_renew(struct rota_session *s, rota_time sent)
{
    if (sent <= s->lease_base)
        return;
    s->lease_base = sent;
    if (s->config.lease && s->established &&
        (s->lease != ROTA_LEASE_GOOD || lease_over_at(s) - s->lease_reported > timeout_us(s) / 8)) {
        s->lease = ROTA_LEASE_GOOD;
        s->due |= ROTA_DUE_LEASE;
    }
}

static void lease_tick(struct rota_session *s, rota_time now, struct rota_outbox *out)
{
    enum rota_lease state = now >= lease_over_at(s)  ? ROTA_LEASE_OVER
                            : now >= lease_low_at(s) ? ROTA_LEASE_LOW
                                                     : ROTA_LEASE_GOOD;

    if (!s->config.lease || !s->established)
        return;
    if (state > s->lease) {
        s->lease = state;
        s->due |= ROTA_DUE_LEASE;
    }
    if (s->phase == ROTA_PHASE_UP && !s->sync_pending && now >= s->lease_base + timeout_us(s) / 4)
        send_sync(s, now, out);
}

/* ---- life of a session ---- */

void rota_session_init(struct rota_session *s, const struct rota_session_config *config)
{
    rota_assert(config->watch_budget <= INT32_MAX);
    memset(s, 0, sizeof *s);
    s->config = *config;
    if (s->config.watch_budget == 0)
        s->config.watch_budget = WATCH_BUDGET;
    s->began = ROTA_NEVER;
    s->retry_at = ROTA_NEVER;
}

void rota_session_begin(struct rota_session *s, rota_time now, struct rota_outbox *out)
{
    rota_assert(s->phase == ROTA_PHASE_IDLE && s->handle == 0 && s->began == ROTA_NEVER);
    s->began = now;
    open_handle(s, false, out);
}

void rota_session_opened(struct rota_session *s, uint32_t handle)
{
    rota_assert(handle > s->handle);
    rota_assert(s->phase == ROTA_PHASE_OPENING || s->phase == ROTA_PHASE_TAKEOVER ||
                s->phase == ROTA_PHASE_CLOSING);
    s->handle = handle;
}

/* The session has ended for certain: outstanding requests get their replies, then the role receives
 * LOST. */
static void session_over(struct rota_session *s, struct rota_pool *mem, struct rota_outbox *out)
{
    s->down_rc = ROTA_ERR_OK;
    if (s->up)
        s->due |= ROTA_DUE_DOWN;
    s->up = false;
    s->due &= ~(uint32_t)(ROTA_DUE_UP | ROTA_DUE_LEASE);
    if (s->established)
        s->due |= ROTA_DUE_DRAIN | ROTA_DUE_LOST;
    s->client_id = (struct rota_client_id){0};
    rota_map_clear(mem, &s->watches);
    s->watch_bytes = 0;
    if (s->leaving) {
        s->phase = ROTA_PHASE_GONE;
        return;
    }
    open_handle(s, false, out);
}

static void connected(struct rota_session *s, const struct rota_handle_event *e, rota_time now,
                      struct rota_outbox *out)
{
    if (s->phase == ROTA_PHASE_CLOSING)
        return;
    if (s->phase == ROTA_PHASE_TAKEOVER) { /* it still lives: close it */
        close_handle(s, out);
        return;
    }
    s->client_id = e->session.client_id;
    s->timeout_ms = e->session.timeout_ms;
    s->phase = ROTA_PHASE_BARRIER;
    send_sync(s, now, out);
}

static void disconnected(struct rota_session *s)
{
    s->down_rc = ROTA_ERR_OK;
    if (s->up)
        s->due |= ROTA_DUE_DOWN;
    if (s->phase == ROTA_PHASE_UP || s->phase == ROTA_PHASE_BARRIER)
        s->phase = ROTA_PHASE_DOWN;
    s->up = false;
    s->due &= ~(uint32_t)ROTA_DUE_UP;
}

static void closed(struct rota_session *s, struct rota_pool *mem, bool acknowledged,
                   struct rota_outbox *out)
{
    if (s->leaving || acknowledged || s->client_id.id == 0)
        session_over(s, mem, out);
    else
        open_handle(s, true, out);
}

/* No session follows. */
static void failed(struct rota_session *s, int32_t rc)
{
    s->down_rc = ROTA_ERR_OK;
    if (s->up)
        s->due |= ROTA_DUE_DOWN;
    if (s->established)
        s->due |= ROTA_DUE_DRAIN | ROTA_DUE_LOST;
    s->up = false;
    s->failed_rc = rc;
    s->due |= ROTA_DUE_FAILED;
    s->phase = ROTA_PHASE_GONE;
}

/* ---- outcomes that are open although the connection lives ---- */

/* Plans the next barrier: a server that is too busy gets a pause, longer each time. */
static void barrier_later(struct rota_session *s, rota_time now)
{
    rota_time most = timeout_us(s) / 4 < PAUSE_MOST_US ? timeout_us(s) / 4 : PAUSE_MOST_US;

    if (s->pause == 0 || now - s->paused_at > CALM_US)
        s->pause = PAUSE_FIRST_US;
    if (s->pause > most)
        s->pause = most;
    s->paused_at = now;
    s->retry_at = now + s->pause;
    s->pause *= 2;
}

/* A reply says that a request was not executed and may be tried again, or leaves its outcome open,
 * and the connection lives. To send that request again alone would break the order of the session's
 * requests (G34). So the role learns what it learns of a lost connection: the outcome is unknown,
 * DOWN, and behind a barrier UP, where it reads again. */
static void unsettled(struct rota_session *s, int32_t rc, rota_time now)
{
    if (s->phase != ROTA_PHASE_UP)
        return; /* a barrier comes anyway */
    if (s->up)
        s->due |= ROTA_DUE_DOWN;
    s->up = false;
    s->due &= ~(uint32_t)ROTA_DUE_UP;
    s->down_rc = rc;
    s->phase = ROTA_PHASE_BARRIER;
    s->syncs++; /* a sync that is under way is not the barrier */
    s->sync_pending = false;
    barrier_later(s, now);
}

static void session_changed(struct rota_session *s, struct rota_pool *mem,
                            const struct rota_handle_event *e, rota_time now,
                            struct rota_outbox *out)
{
    switch (e->session.state) {
    case ROTA_SESSION_CONNECTED:
        connected(s, e, now, out);
        break;
    case ROTA_SESSION_DISCONNECTED:
        disconnected(s);
        break;
    case ROTA_SESSION_EXPIRED:
        session_over(s, mem, out);
        break;
    case ROTA_SESSION_CLOSED:
        closed(s, mem, e->session.acknowledged, out);
        break;
    case ROTA_SESSION_AUTH_FAILED:
        failed(s, ROTA_ERR_AUTH_FAILED);
        break;
    case ROTA_SESSION_UNREACHABLE:
        if (s->leaving) {
            s->phase = ROTA_PHASE_GONE;
        } else if (s->began != ROTA_NEVER) {
            failed(s, ROTA_ERR_BAD_ARGUMENTS);
        } else { /* it worked before: the names may resolve again later */
            s->phase = ROTA_PHASE_IDLE;
            s->retry_at = now + RETRY_US;
        }
        break;
    }
}

/* ---- replies ---- */

/* True for the codes that a lost connection or a closed handle gives: its event has come or will
 * come. */
static bool rc_is_loss(int32_t rc)
{
    return rc == ROTA_ERR_CONNECTION_LOSS || rc == ROTA_ERR_OPERATION_TIMEOUT ||
           rc == ROTA_ERR_CLOSING;
}

static enum rota_outcome outcome_of(const struct pending *p, int32_t rc)
{
    switch (rota_error_class(rc)) {
    case ROTA_ERROR_DONE:
        return ROTA_DONE;
    case ROTA_ERROR_RESOLVE:
        return p->auth && rc == ROTA_ERR_AUTH_FAILED ? ROTA_REFUSED : ROTA_UNKNOWN;
    case ROTA_ERROR_RETRY: /* resolved like an unknown outcome: by reading, then trying again */
    case ROTA_ERROR_STOP:  /* FAILED follows */
        return ROTA_UNKNOWN;
    case ROTA_ERROR_REFUSE:
    case ROTA_ERROR_NEWS:
    case ROTA_ERROR_OVER:
        break;
    }
    return ROTA_REFUSED;
}

/* Does what a reply means for the session itself; false if it means nothing. The end of the session
 * has an event of its own, as have refused credentials (S81, S88). */
static bool settle(struct rota_session *s, const struct pending *p, int32_t rc, rota_time now)
{
    if (outcome_of(p, rc) != ROTA_UNKNOWN || rc_is_loss(rc) || rc == ROTA_ERR_AUTH_FAILED)
        return false;
    if (rota_error_class(rc) == ROTA_ERROR_STOP)
        failed(s, rc);
    else
        unsettled(s, rc, now);
    return true;
}

static bool rc_is_from_leader(int32_t rc)
{
    return rc == ROTA_ERR_OK || (rc <= ROTA_ERR_NO_NODE && rc > ROTA_ERR_SESSION_EXPIRED);
}

static void sync_replied(struct rota_session *s, const struct rota_reply *r, rota_time now)
{
    int32_t rc = r->rc;

    if (r->tag != (SYNC_BIT | s->syncs))
        return;
    s->sync_pending = false;
    if (rc == ROTA_ERR_OK)
        lease_renew(s, s->sync_sent);
    settle(s, &(struct pending){.writes = true}, rc, now);
    if (s->phase != ROTA_PHASE_BARRIER || rc_is_loss(rc))
        return;
    if (rc != ROTA_ERR_OK) {
        s->barrier_rc = rc;
        if (s->retry_at == ROTA_NEVER)
            barrier_later(s, now);
        return;
    }
    s->phase = ROTA_PHASE_UP;
    s->began = ROTA_NEVER;
    s->lease = ROTA_LEASE_GOOD;
    s->due |= ROTA_DUE_UP | (s->config.lease ? (uint32_t)ROTA_DUE_LEASE : 0);
}

/* True if the server left the watch of a request (S50). */
static bool watch_left(const struct pending *p, int32_t rc)
{
    return rc == ROTA_ERR_OK || (p->exists && rc == ROTA_ERR_NO_NODE);
}

static bool replied(struct rota_session *s, struct rota_pool *mem, const struct rota_reply *r,
                    rota_time now, struct rota_event *to_role, struct rota_outbox *out)
{
    uint32_t i = (uint32_t)r->tag;
    /* In a pause a request that was answered may stand behind one that was not executed (G34). */
    bool paused = s->phase == ROTA_PHASE_BARRIER && s->down_rc != ROTA_ERR_OK;
    struct pending *p;

    if ((r->tag & SYNC_BIT) != 0) {
        sync_replied(s, r, now);
        return false;
    }
    if (i >= s->slots.records.length)
        return false;
    p = slot_at(s, mem, i);
    if (!p->used || p->generation != (uint32_t)(r->tag >> 32))
        return false;
    if (p->writes && rc_is_from_leader(r->rc))
        lease_renew(s, p->sent);
    if (p->watch != 0 && !watch_left(p, r->rc)) {
        const char *key = rota_outbox_text(out, "%s", (const char *)rota_pool_at(mem, p->watch));

        watch_drop(s, mem, key);
    }
    queue_remove(s, mem, i);
    if (settle(s, p, r->rc, now)) { /* DOWN or FAILED come first */
        answer_later(s, mem, i, r->rc);
        return false;
    }
    *to_role = (struct rota_event){.kind = ROTA_EVENT_REPLY, .now = now};
    to_role->reply.outcome = paused ? ROTA_UNKNOWN : outcome_of(p, r->rc);
    struct rota_reply *body = rota_outbox_take(out, sizeof *body);
    *body = paused ? (struct rota_reply){.rc = s->down_rc} : *r;
    body->tag = p->tag;
    to_role->reply.body = body;
    slot_give(s, mem, i);
    return true;
}

bool rota_session_receive(struct rota_session *s, struct rota_pool *mem,
                          const struct rota_handle_event *event, rota_time now,
                          struct rota_event *to_role, struct rota_outbox *out)
{
    rota_assert(event->handle <= s->handle);
    if (event->handle != s->handle || s->phase == ROTA_PHASE_GONE)
        return false; /* the event is of a handle that was given up */
    switch (event->kind) {
    case ROTA_HANDLE_REPLY:
        return replied(s, mem, &event->reply, now, to_role, out);
    case ROTA_HANDLE_WATCH:
        watch_fired(s, mem, out, event->watch.kind, event->watch.path);
        if (!s->established)
            return false;
        *to_role = (struct rota_event){.kind = ROTA_EVENT_WATCH, .now = now};
        to_role->watch.kind = event->watch.kind;
        to_role->watch.path = event->watch.path;
        return true;
    case ROTA_HANDLE_SESSION:
        session_changed(s, mem, event, now, out);
        break;
    }
    return false;
}

/* ---- events for the role ---- */

static bool due_take(struct rota_session *s, uint32_t one)
{
    if ((s->due & one) == 0)
        return false;
    s->due &= ~one;
    return true;
}

/* Replies to the first request that is answered here or that a closed handle lost (S84). */
static bool answer_first(struct rota_session *s, struct rota_pool *mem, struct rota_event *to_role,
                         struct rota_reply *body)
{
    uint32_t i;
    struct pending *p;

    if (s->refusals != 0) {
        i = s->refusals - 1;
        p = slot_at(s, mem, i);
        s->refusals = p->after;
    } else if ((s->due & ROTA_DUE_DRAIN) != 0 && s->oldest != 0) {
        i = s->oldest - 1;
        p = slot_at(s, mem, i);
        queue_remove(s, mem, i);
    } else {
        return false;
    }
    *body =
        (struct rota_reply){.tag = p->tag, .rc = p->refusal == 0 ? ROTA_ERR_CLOSING : p->refusal};
    to_role->kind = ROTA_EVENT_REPLY;
    to_role->reply.outcome = outcome_of(p, body->rc);
    to_role->reply.body = body;
    slot_give(s, mem, i);
    return true;
}

static void fill_up(struct rota_session *s, struct rota_event *to_role)
{
    rota_assert(s->outstanding == 0); /* their replies came before the reply to the sync */
    to_role->kind = ROTA_EVENT_UP;
    to_role->up.fresh = !s->established;
    to_role->up.session = s->client_id.id;
    to_role->up.timeout_ms = s->timeout_ms;
    s->established = true;
    s->up = true;
}

bool rota_session_next(struct rota_session *s, struct rota_pool *mem, rota_time now,
                       struct rota_event *to_role, struct rota_reply *body)
{
    *to_role = (struct rota_event){.now = now};
    if (due_take(s, ROTA_DUE_DOWN)) {
        to_role->kind = ROTA_EVENT_DOWN;
        to_role->down.rc = s->down_rc;
        return true;
    }
    if (answer_first(s, mem, to_role, body))
        return true;
    (void)due_take(s, ROTA_DUE_DRAIN);
    if (due_take(s, ROTA_DUE_LOST)) {
        s->established = false;
        to_role->kind = ROTA_EVENT_LOST;
        return true;
    }
    if (due_take(s, ROTA_DUE_FAILED)) {
        to_role->kind = ROTA_EVENT_FAILED;
        to_role->failed.rc = s->failed_rc;
        return true;
    }
    if (due_take(s, ROTA_DUE_UP)) {
        fill_up(s, to_role);
        return true;
    }
    if (due_take(s, ROTA_DUE_LEASE)) {
        to_role->kind = ROTA_EVENT_LEASE;
        to_role->lease.state = s->lease;
        to_role->lease.until = lease_over_at(s);
        s->lease_reported = lease_over_at(s);
        return true;
    }
    return false;
}

/* ---- requests of the role ---- */

void rota_session_send(struct rota_session *s, struct rota_pool *mem,
                       const struct rota_request *request, rota_time now, struct rota_outbox *out)
{
    uint32_t i = slot_take(s, mem);
    const struct rota_operation *o = &request->operation;
    rota_ref watch = 0;
    struct rota_action *a;
    struct pending *p;

    rota_assert(s->up && s->established && !s->leaving);
    rota_assert(o->op != ROTA_OP_CLOSE);
    rota_assert(o->op != ROTA_OP_MULTI || request->operations != NULL);
    slot_at(s, mem, i)->tag = request->tag;
    if (!rota_request_valid(request)) {
        answer_later(s, mem, i, ROTA_ERR_BAD_ARGUMENTS);
        return;
    }
    if (rota_request_bytes(request, s->config.chroot_length) > ROTA_REQUEST_LIMIT) {
        answer_later(s, mem, i, ROTA_ERR_TOO_LARGE);
        return;
    }
    if (o->watch && !watch_add(s, mem, out, o, &watch)) {
        answer_later(s, mem, i, ROTA_ERR_WATCH_BUDGET);
        return;
    }
    p = slot_at(s, mem, i);
    p->sent = now;
    p->watch = watch;
    p->writes = rota_request_writes(request) || o->op == ROTA_OP_SYNC;
    p->exists = o->op == ROTA_OP_EXISTS;
    p->auth = o->op == ROTA_OP_ADD_AUTH;
    queue_push(s, mem, i);
    a = rota_outbox_add(out, ROTA_ACTION_REQUEST);
    a->request = *request;
    a->request.tag = (uint64_t)slot_at(s, mem, i)->generation << 32 | i;
}

void rota_session_restart(struct rota_session *s, struct rota_outbox *out)
{
    s->down_rc = ROTA_ERR_OK;
    if (s->up)
        s->due |= ROTA_DUE_DOWN;
    s->up = false;
    if (s->phase == ROTA_PHASE_UP || s->phase == ROTA_PHASE_DOWN || s->phase == ROTA_PHASE_BARRIER)
        close_handle(s, out);
}

void rota_session_leave(struct rota_session *s, struct rota_outbox *out)
{
    s->leaving = true;
    s->up = false;
    s->due &= ~(uint32_t)(ROTA_DUE_UP | ROTA_DUE_LEASE);
    switch (s->phase) {
    case ROTA_PHASE_IDLE:
        s->phase = ROTA_PHASE_GONE;
        break;
    case ROTA_PHASE_CLOSING:
    case ROTA_PHASE_GONE:
        break;
    default:
        close_handle(s, out);
        break;
    }
}

/* ---- time ---- */

/* True if the barrier waits for the end of a pause. */
static bool barrier_planned(const struct rota_session *s)
{
    return s->phase == ROTA_PHASE_BARRIER && !s->sync_pending && s->retry_at != ROTA_NEVER;
}

void rota_session_tick(struct rota_session *s, rota_time now, struct rota_outbox *out)
{
    if (s->phase == ROTA_PHASE_IDLE && now >= s->retry_at) {
        s->retry_at = ROTA_NEVER;
        open_handle(s, s->client_id.id != 0, out); /* a session to be taken over still is */
    }
    if (barrier_planned(s) && now >= s->retry_at)
        send_sync(s, now, out);
    if (s->began != ROTA_NEVER && s->config.connect_timeout_ms != 0 && !s->leaving &&
        s->phase != ROTA_PHASE_GONE &&
        now >= s->began + (rota_time)s->config.connect_timeout_ms * MS) {
        s->began = ROTA_NEVER;
        s->failed_rc = s->barrier_rc != ROTA_ERR_OK ? s->barrier_rc : ROTA_ERR_NO_CONNECTION;
        s->due |= ROTA_DUE_FAILED;
    }
    lease_tick(s, now, out);
}

static rota_time sooner(rota_time a, rota_time b)
{
    return a < b ? a : b;
}

rota_time rota_session_deadline(const struct rota_session *s)
{
    rota_time when = s->phase == ROTA_PHASE_IDLE || barrier_planned(s) ? s->retry_at : ROTA_NEVER;

    if (s->began != ROTA_NEVER && s->config.connect_timeout_ms != 0 && !s->leaving &&
        s->phase != ROTA_PHASE_GONE)
        when = sooner(when, s->began + (rota_time)s->config.connect_timeout_ms * MS);
    if (!s->config.lease || !s->established)
        return when;
    if (s->phase == ROTA_PHASE_UP && !s->sync_pending)
        when = sooner(when, s->lease_base + timeout_us(s) / 4);
    if (s->lease == ROTA_LEASE_GOOD)
        when = sooner(when, lease_low_at(s));
    else if (s->lease == ROTA_LEASE_LOW)
        when = sooner(when, lease_over_at(s));
    return when;
}

uint32_t rota_session_watch_bytes(const struct rota_session *s)
{
    return s->watch_bytes;
}

/* ---- checks ---- */

static void check_queue(const struct rota_session *s, const struct rota_pool *mem)
{
    uint32_t last = 0;
    uint32_t length = 0;

    rota_assert((s->outstanding == 0) == (s->oldest == 0));
    rota_assert((s->oldest == 0) == (s->newest == 0));
    if (s->outstanding == 0)
        return;
    rota_assert(slot_at(s, mem, s->oldest - 1)->before == 0);
    rota_assert(slot_at(s, mem, s->newest - 1)->after == 0);
    if (s->outstanding > CHECKED_MAX)
        return;
    for (uint32_t i = s->oldest; i != 0; i = slot_at(s, mem, i - 1)->after) {
        const struct pending *p = slot_at(s, mem, i - 1);

        rota_assert(p->used && p->refusal == 0 && p->before == last);
        length++;
        rota_assert(length <= s->outstanding);
        last = i;
    }
    rota_assert_equal(length, s->outstanding);
    rota_assert_equal(last, s->newest);
}

static void check_refusals(const struct rota_session *s, const struct rota_pool *mem)
{
    uint32_t left = s->slots.used - s->outstanding;

    rota_assert(s->slots.used >= s->outstanding);
    rota_assert((left == 0) == (s->refusals == 0));
    if (left > CHECKED_MAX)
        return;
    for (uint32_t i = s->refusals; i != 0; i = slot_at(s, mem, i - 1)->after) {
        rota_assert(slot_at(s, mem, i - 1)->refusal != 0);
        rota_assert(left > 0);
        left--;
    }
    rota_assert_equal(left, 0);
}

void rota_session_check(const struct rota_session *s, const struct rota_pool *mem)
{
    rota_assert(!s->up || s->phase == ROTA_PHASE_UP || (s->due & ROTA_DUE_DOWN) != 0);
    rota_assert(!s->up || s->established);
    rota_assert(!s->leaving ||
                (!s->up && (s->phase == ROTA_PHASE_CLOSING || s->phase == ROTA_PHASE_GONE)));
    rota_assert(s->phase != ROTA_PHASE_IDLE || s->retry_at != ROTA_NEVER);
    rota_assert((s->due & ROTA_DUE_UP) == 0 || s->phase == ROTA_PHASE_UP);
    rota_assert((s->due & ROTA_DUE_LOST) == 0 || s->established);
    rota_assert(s->established || s->outstanding == 0);
    rota_assert(s->config.lease || s->lease == ROTA_LEASE_GOOD);
    check_queue(s, mem);
    check_refusals(s, mem);
    rota_assert(s->watch_bytes <= s->config.watch_budget);
    rota_assert((s->watch_bytes == 0) == (s->watches.length == 0));
}
