#include "backend_sim/net/client.h"

#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

enum {
    CLOSE_WAIT_US = 1500000, /* how long a close waits for an answer (S84) */
    TRIES = 60,              /* pauses between attempts last a 60th of the timeout (S80) */
};

static const struct rota_backend_ops ops;

static struct rota_sim_client *of(struct rota_backend *b)
{
    rota_assert(b->ops == &ops);
    return (struct rota_sim_client *)b;
}

static rota_time timeout(const struct rota_sim_client *c)
{
    return (rota_time)c->timeout_ms * 1000;
}

/* ---- events ---- */

/* Reports a change of session. Valid until the event is taken. */
static struct rota_handle_event *queue_session(struct rota_sim_client *c,
                                               enum rota_session_state state)
{
    struct rota_queued_event *e = rota_queued_event_session(c->handle, state);

    rota_event_queue_push(&c->events, e);
    return &e->event;
}

/* Takes the event out of a message and queues it. */
static void queue_answer(struct rota_sim_client *c, struct rota_message *m)
{
    m->answer.event->event.handle = c->handle;
    rota_event_queue_push(&c->events, m->answer.event);
    m->answer.event = NULL;
}

static bool client_next(struct rota_backend *b, struct rota_handle_event *event)
{
    struct rota_sim_client *c = of(b);

    free(c->taken);
    c->taken = NULL;
    if (c->events.first == NULL || c->paused)
        return false;
    c->taken = rota_event_queue_pop(&c->events);
    *event = c->taken->event;
    return true;
}

/* ---- outstanding requests ---- */

static struct rota_outstanding *outstanding_new(struct rota_request_copy *request)
{
    struct rota_outstanding *o = rota_memory_zeroed(1, sizeof *o);

    o->request = request;
    return o;
}

static enum rota_op op_of(const struct rota_outstanding *o)
{
    return o->request->request->operation.op;
}

static void drop_first(struct rota_sim_client *c)
{
    struct rota_outstanding *o = c->outstanding;

    rota_assert(o != NULL);
    c->outstanding = o->next;
    if (c->unsent == o)
        c->unsent = o->next;
    rota_request_copy_drop(o->request);
    free(o);
}

/* Answers all outstanding requests, in order, with a code of the client's own (S77, S78). */
static void fail_all(struct rota_sim_client *c, int32_t rc)
{
    while (c->outstanding != NULL) {
        const struct rota_request *request = c->outstanding->request->request;

        if (rota_request_writes(request) && c->unsent == c->outstanding)
            c->net->hooks->dropped(c->net->context, c->who, request);
        if (!c->outstanding->internal)
            rota_event_queue_push(&c->events, rota_queued_event_failed(c->handle, request, rc));
        drop_first(c);
    }
}

/* Forgets all outstanding requests: the end of the handle leaves them unanswered. */
static void forget_all(struct rota_sim_client *c)
{
    while (c->outstanding != NULL)
        drop_first(c);
}

/* The next planned fault is that of the next request. */
static void take_fault(struct rota_sim_client *c)
{
    if (c->fault.kind != ROTA_CONNECTION_FAULT_NONE || c->fault_count == 0)
        return;
    c->fault = c->faults[0];
    memmove(c->faults, c->faults + 1, --c->fault_count * sizeof *c->faults);
}

/* A new connection begins: the next planned fault applies to it. */
static void begin_faults(struct rota_sim_client *c)
{
    c->losing = false;
    take_fault(c);
}

static void send(struct rota_sim_client *c, struct rota_outstanding *o)
{
    bool throttled = c->fault.kind == ROTA_CONNECTION_FAULT_THROTTLED;

    rota_assert(c->link != NULL && c->unsent == o);
    rota_link_request(c->net, c->link, o->request, c->fault);
    c->losing |= c->fault.kind != ROTA_CONNECTION_FAULT_NONE && !throttled;
    c->fault.kind = ROTA_CONNECTION_FAULT_NONE;
    if (throttled && !c->losing)
        take_fault(c);
    c->unsent = o->next;
    c->sent = rota_sim_client_now(c);
}

static void send_unsent(struct rota_sim_client *c)
{
    while (c->unsent != NULL)
        send(c, c->unsent);
}

/* ---- credentials ---- */

static void remember_credentials(struct rota_sim_client *c, struct rota_request_copy *request)
{
    c->credentials =
        rota_memory_extend(c->credentials, c->credential_count, &c->credential_capacity,
                           sizeof(struct rota_request_copy *));
    c->credentials[c->credential_count++] = rota_request_copy_hold(request);
}

static void forget_credentials(struct rota_sim_client *c)
{
    for (uint32_t i = 0; i < c->credential_count; i++)
        rota_request_copy_drop(c->credentials[i]);
    free(c->credentials);
    c->credentials = NULL;
    c->credential_count = c->credential_capacity = 0;
}

/* Every connection begins with the credentials, the newest first. The answers do not become events
 * (S88). */
static void send_credentials(struct rota_sim_client *c)
{
    struct rota_outstanding **place = &c->outstanding;

    rota_assert(c->unsent == c->outstanding);
    for (uint32_t i = c->credential_count; i > 0; i--) {
        struct rota_outstanding *o = outstanding_new(rota_request_copy_hold(c->credentials[i - 1]));

        o->internal = true;
        o->next = *place;
        *place = o;
        place = &o->next;
        if (o->next == NULL)
            c->outstanding_last = o;
        rota_link_request(c->net, c->link, o->request, (struct rota_planned_fault){0});
        c->sent = rota_sim_client_now(c);
    }
}

/* Sends all watches that the handle believes in, in one packet (S57). */
static void send_watches(struct rota_sim_client *c)
{
    uint32_t counts[ROTA_WATCH_LISTS];

    if (rota_client_watches_count(&c->watches) == 0)
        return;
    rota_link_watches(c->net, c->link, rota_client_watches_paths(&c->watches, counts), counts,
                      c->last_zxid);
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
        ping = c->outstanding == NULL ? c->sent + timeout(c) / 3 : silence;
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
    c->armed = when > c->net->timeline->now ? when : c->net->timeline->now;
    rota_timeline_put(c->net->timeline, c->armed, ROTA_MOMENT_CLIENT, c->who, c->serial);
}

/* ---- connecting ---- */

static void leave_link(struct rota_sim_client *c)
{
    if (c->link != NULL)
        rota_link_detach(c->net, c->link);
    c->link = NULL;
}

/* There is no pause before the next server, only when all servers have been tried (S80). */
static void wait_for_attempt(struct rota_sim_client *c)
{
    uint32_t servers = rota_ensemble_count(c->net->ensemble);

    c->state = ROTA_SIM_CLIENT_WAITING;
    c->due = rota_sim_client_now(c) + (++c->tries % servers == 0 ? timeout(c) / TRIES : 0);
    c->server = (c->server + (c->backwards ? servers - 1 : 1)) % servers;
}

/* A handle tries the servers in an order of its own (S83). With one server nothing is drawn. */
static void choose_servers(struct rota_sim_client *c)
{
    uint32_t servers = rota_ensemble_count(c->net->ensemble);

    if (servers == 1)
        return;
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
    c->fault = before->fault;
    memcpy(c->faults, before->faults, sizeof c->faults);
    c->fault_count = before->fault_count;
}

void rota_sim_client_plan_fault(struct rota_sim_client *c, struct rota_planned_fault fault)
{
    if (c->fault.kind == ROTA_CONNECTION_FAULT_NONE && c->fault_count == 0) {
        c->fault = fault;
        return;
    }
    if (c->fault_count == ROTA_PLANNED_FAULTS_MOST)
        c->fault_count--;
    c->faults[c->fault_count++] = fault;
}

bool rota_sim_client_reaches(const struct rota_sim_client *c, uint32_t server)
{
    const struct rota_ensemble *e = c->net->ensemble;

    return !c->blocked && !rota_ensemble_is_down(e, server) &&
           rota_sides_meet(c->side, rota_ensemble_side(e, server));
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
    c->link = rota_link_open(c->net, c->server, c->who, c->serial, c->slow, &connect);
    c->sent = rota_sim_client_now(c);
}

static void fail_attempt(struct rota_sim_client *c)
{
    leave_link(c);
    fail_all(c, ROTA_ERR_CONNECTION_LOSS);
    wait_for_attempt(c);
}

/* The connection is lost: first comes the session event, then the answers (S78). */
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

static void connect_answered(struct rota_sim_client *c, const struct rota_message *m)
{
    struct rota_handle_event *e;

    rota_assert(c->state == ROTA_SIM_CLIENT_CONNECTING);
    if (m->connected.result == ROTA_CONNECT_EXPIRED) {
        queue_session(c, ROTA_SESSION_EXPIRED);
        fail_all(c, ROTA_ERR_SESSION_EXPIRED);
        rota_client_watches_clear(&c->watches);
        leave_link(c);
        c->state = ROTA_SIM_CLIENT_DEAD;
        c->expired = true;
        return;
    }
    c->state = ROTA_SIM_CLIENT_CONNECTED;
    begin_faults(c);
    c->tries = 0;
    c->client_id = m->connected.grant.client_id;
    c->timeout_ms = m->connected.grant.timeout_ms;
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

/* The answer to credentials has no zxid. Refused credentials end the handle, but not its session
 * (S88). */
static void replied_to_credentials(struct rota_sim_client *c, struct rota_message *m)
{
    bool refused = m->answer.event->event.reply.rc != ROTA_ERR_OK;
    bool internal = c->outstanding->internal;

    drop_first(c);
    if (!internal)
        queue_answer(c, m);
    if (!refused)
        return;
    queue_session(c, ROTA_SESSION_AUTH_FAILED);
    fail_all(c, ROTA_ERR_AUTH_FAILED);
    rota_client_watches_clear(&c->watches);
    leave_link(c);
    c->state = ROTA_SIM_CLIENT_DEAD;
}

static void replied(struct rota_sim_client *c, struct rota_message *m)
{
    const struct rota_reply *reply = &m->answer.event->event.reply;
    struct rota_outstanding *o = c->outstanding;
    bool internal;

    rota_assert(o != NULL && o->request->request->tag == reply->tag);
    if (op_of(o) == ROTA_OP_ADD_AUTH && c->state != ROTA_SIM_CLIENT_CLOSING) {
        replied_to_credentials(c, m);
        return;
    }
    if (m->answer.zxid > 0)
        c->last_zxid = m->answer.zxid;
    if (op_of(o) == ROTA_OP_CLOSE) {
        closed(c);
        return;
    }
    rota_client_watches_keep(&c->watches, &o->request->request->operation, reply->rc);
    internal = o->internal;
    drop_first(c);
    if (internal || (c->state == ROTA_SIM_CLIENT_CLOSING && c->mute_replies))
        return;
    queue_answer(c, m);
}

/* A handle that closes stops reporting events at some point before the answer to its last request,
 * so the events that its own end causes are not reported (S60, S84). */
static bool still_reports(const struct rota_sim_client *c)
{
    return c->state != ROTA_SIM_CLIENT_CLOSING ||
           (!c->mute_replies && op_of(c->outstanding) != ROTA_OP_CLOSE);
}

void rota_sim_client_receive(struct rota_sim_client *c, struct rota_message *m)
{
    const struct rota_handle_event *watch;

    rota_assert(c->link != NULL && !c->paused);
    c->received = rota_sim_client_now(c);
    switch (m->kind) {
    case ROTA_MESSAGE_CONNECTED:
        connect_answered(c, m);
        break;
    case ROTA_MESSAGE_REPLY:
        replied(c, m);
        break;
    case ROTA_MESSAGE_WATCH:
        watch = &m->answer.event->event;
        if (rota_client_watches_end(&c->watches, watch->watch.kind, watch->watch.path) &&
            still_reports(c))
            queue_answer(c, m);
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
    } else if (c->outstanding == NULL && rota_sim_client_now(c) >= c->sent + timeout(c) / 3) {
        rota_link_ping(c->net, c->link);
        c->sent = rota_sim_client_now(c);
    }
}

void rota_sim_client_tick(struct rota_sim_client *c)
{
    if (c->net->timeline->now >= c->armed)
        c->armed = ROTA_NEVER;
    if (c->paused)
        return;
    if (c->state == ROTA_SIM_CLIENT_CONNECTED) {
        tick_connected(c);
    } else if (rota_sim_client_now(c) >= deadline(c)) {
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
    return rota_clock_local(&c->clock, c->net->timeline->now);
}

void rota_sim_client_rearm(struct rota_sim_client *c)
{
    c->armed = ROTA_NEVER; /* the former moment does what is due then, if anything is */
    arm(c);
}

void rota_sim_client_check(const struct rota_sim_client *c)
{
    const struct rota_outstanding *last = NULL;
    bool unsent = c->unsent == NULL;

    for (const struct rota_outstanding *o = c->outstanding; o != NULL; o = o->next) {
        unsent |= o == c->unsent;
        last = o;
    }
    rota_assert(unsent && (last == NULL || last == c->outstanding_last));
    rota_assert(c->fault_count <= ROTA_PLANNED_FAULTS_MOST);
    rota_assert(c->link == NULL || c->link->attached);
    rota_assert((c->state == ROTA_SIM_CLIENT_CONNECTING || c->state == ROTA_SIM_CLIENT_CONNECTED ||
                 c->state == ROTA_SIM_CLIENT_CLOSING) == (c->link != NULL));
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
        rota_link_unstall_down(c->net, c->link);
    }
    arm(c);
}

/* ---- the seam ---- */

static uint32_t client_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct rota_sim_client *c = of(b);

    rota_assert(c->state == ROTA_SIM_CLIENT_NONE || c->state == ROTA_SIM_CLIENT_DEAD ||
                c->state == ROTA_SIM_CLIENT_CLOSED);
    rota_assert(c->link == NULL);
    forget_all(c);
    rota_client_watches_clear(&c->watches);
    forget_credentials(c);
    c->handle++;
    c->serial = rota_net_number_handle(c->net);
    c->client_id = take_over == NULL ? (struct rota_client_id){0} : *take_over;
    c->timeout_ms = c->wanted_ms;
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

/* The code with which the client library itself answers a request; 0: it sends the request. Such an
 * answer comes at once, so before the answers that are under way. The library cannot send some
 * requests (S30, S43), nor credentials between two connections (S88), nor, since it might free
 * memory that is not its own, a multi without a connection (S44). It checks the path before it
 * checks whether the handle is dead (S81). */
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

/* Even the answer to a multi has no results then. */
static void answer_itself(struct rota_sim_client *c, const struct rota_request *request, int32_t rc)
{
    struct rota_reply reply = {.tag = request->tag, .rc = rc, .data = ROTA_NULL_BYTES};

    if (rota_request_writes(request))
        c->net->hooks->dropped(c->net->context, c->who, request);
    rota_event_queue_push(&c->events, rota_queued_event_reply(c->handle, &reply));
}

static void client_request(struct rota_backend *b, const struct rota_request *request)
{
    struct rota_sim_client *c = of(b);
    enum rota_op op = request->operation.op;
    struct rota_outstanding *o;

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
    o = outstanding_new(rota_request_copy_new(request));
    if (op == ROTA_OP_ADD_AUTH)
        remember_credentials(c, o->request);
    if (c->outstanding == NULL)
        c->outstanding = o;
    else
        c->outstanding_last->next = o;
    c->outstanding_last = o;
    if (c->unsent == NULL)
        c->unsent = o;
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
                          uint32_t timeout_ms)
{
    *c = (struct rota_sim_client){.head = {&ops},
                                  .net = net,
                                  .who = who,
                                  .wanted_ms = timeout_ms,
                                  .timeout_ms = timeout_ms,
                                  .armed = ROTA_NEVER};
    rota_client_watches_init(&c->watches);
}

void rota_sim_client_close(struct rota_sim_client *c)
{
    rota_event_queue_clear(&c->events);
    free(c->taken);
    c->taken = NULL;
    forget_all(c);
    forget_credentials(c);
    leave_link(c);
    rota_client_watches_close(&c->watches);
    c->state = ROTA_SIM_CLIENT_DEAD;
}
