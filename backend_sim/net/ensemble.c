#include "backend_sim/net/ensemble.h"

#include <stdlib.h>
#include <string.h>

#include "backend_sim/net/log_entry.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

enum {
    PATIENCE_TICKS = 5,   /* how long a server waits for its ensemble: syncLimit's default */
    ELECTION_US = 200000, /* an election takes that long at least and twice that long at most */
    AWAKENING_US = 1000,  /* a woken server answers what has come before it looks around */
    DEFAULT_TICK_MS = 2000,
};

enum mode {
    LOOKING, /* for a leader; serves nobody */
    FOLLOWING,
    LEADING,
};

struct replica {
    struct rota_server *server;
    enum mode mode;
    uint32_t follows; /* FOLLOWING */
    bool down;
    bool paused;
    rota_time lag;
    uint32_t side;
    struct rota_log_entry *next; /* the first that it has not applied */
    uint64_t applied;            /* how many it has */
    uint64_t apply;              /* the moment at which it applies the next one; 0: none */
    uint64_t give_up;            /* the moment at which it gives up; 0: none */
    int64_t *touched;            /* sessions to report */
    uint32_t touched_count;
    uint32_t touched_capacity;
};

/* What a server has sent on to the leader. */
struct forward {
    struct forward *next;
    uint64_t serial;
    uint32_t server;
    uint64_t connection;
    uint32_t who;
    int64_t session;                  /* 0: a new one */
    struct rota_proof *proof;         /* owned */
    struct rota_request_copy *parcel; /* held; NULL: a first packet */
    struct rota_connect wish;
    bool lose;
    bool waits; /* nobody decides: until somebody does */
    bool done;  /* the server answers when it has applied `position` entries */
    bool ended; /* the session is not known to the leader */
    uint64_t position;
    struct rota_reply *reply; /* owned */
};

/* Which connection a session belongs to (S71). */
struct owner {
    int64_t session;
    uint64_t connection;
    uint64_t position; /* a server knows the session that has applied so many entries */
};

struct rota_ensemble {
    struct replica replicas[ROTA_SERVERS_MOST];
    uint32_t count;
    uint32_t tick_ms;
    uint32_t leader; /* of the newest epoch; ROTA_NOBODY: none is elected */
    uint32_t epoch;
    bool sync_by_quorum;
    uint64_t election; /* the moment of an election; 0: none */
    struct rota_log_entry *first;
    struct rota_log_entry *last;
    uint64_t appended;
    struct forward *forwards;
    struct forward *executing;
    struct owner *owners;
    uint32_t owner_count;
    uint32_t owner_capacity;
};

static void look_around(struct rota_net *n);

/* ---- who reaches whom ---- */

static bool awake(const struct replica *r)
{
    return !r->down && !r->paused;
}

static bool contact(const struct rota_ensemble *e, uint32_t a, uint32_t b)
{
    const struct replica *x = &e->replicas[a];
    const struct replica *y = &e->replicas[b];

    return awake(x) && awake(y) && (a == b || rota_sides_meet(x->side, y->side));
}

/* Whether enough servers that follow `leader` reach it, itself included. */
static bool has_quorum(const struct rota_ensemble *e, uint32_t leader)
{
    uint32_t with = 0;

    for (uint32_t i = 0; i < e->count; i++)
        with +=
            contact(e, leader, i) &&
            (i == leader || (e->replicas[i].mode == FOLLOWING && e->replicas[i].follows == leader));
    return with > e->count / 2;
}

/* Whether it follows, or is, the leader of the newest epoch and is in touch with it. */
static bool in_touch(const struct rota_ensemble *e, uint32_t i)
{
    const struct replica *r = &e->replicas[i];

    if (e->leader == ROTA_NOBODY || !awake(r) || r->mode == LOOKING)
        return false;
    if (r->mode == LEADING)
        return i == e->leader && has_quorum(e, i);
    return r->follows == e->leader && contact(e, i, e->leader);
}

bool rota_ensemble_decides(const struct rota_ensemble *e)
{
    return e->leader != ROTA_NOBODY && in_touch(e, e->leader);
}

uint32_t rota_ensemble_leader(const struct rota_ensemble *e)
{
    return rota_ensemble_decides(e) ? e->leader : ROTA_NOBODY;
}

bool rota_ensemble_well(const struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        if (!awake(&e->replicas[i]) || e->replicas[i].side != 0)
            return false;
    }
    return true;
}

bool rota_ensemble_is_down(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].down;
}

bool rota_ensemble_stands_still(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].paused;
}

uint32_t rota_ensemble_side(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].side;
}

uint32_t rota_ensemble_count(const struct rota_ensemble *e)
{
    return e->count;
}

struct rota_server *rota_ensemble_replica(const struct rota_ensemble *e, uint32_t server)
{
    return e->replicas[server].server;
}

/* ---- forwards ---- */

static void free_forward(struct forward *f)
{
    rota_request_copy_drop(f->parcel);
    free(f->proof);
    free(f->reply);
    free(f);
}

static struct forward *new_forward(struct rota_net *n, struct rota_link *l)
{
    struct forward **place = &n->ensemble->forwards;
    struct forward *f = calloc(1, sizeof *f);

    rota_assert(f != NULL);
    while (*place != NULL)
        place = &(*place)->next;
    *place = f;
    f->serial = ++n->serials;
    f->server = l->server;
    f->connection = rota_link_connection(l);
    f->who = l->who;
    l->busy = true;
    return f;
}

/* The leader's own connections have no way to go. */
static void send_forward(struct rota_net *n, struct forward *f)
{
    rota_time hop = f->server == n->ensemble->leader ? 0 : rota_net_hop(n);

    f->waits = false;
    rota_timeline_put(n->timeline, n->now + hop, ROTA_MOMENT_FORWARD, 0, f->serial);
}

static void unlink_forward(struct rota_ensemble *e, struct forward *f)
{
    struct forward **place = &e->forwards;

    while (*place != f)
        place = &(*place)->next;
    *place = f->next;
}

/* It will never be executed. */
static void drop_forward(struct rota_net *n, struct forward *f)
{
    unlink_forward(n->ensemble, f);
    if (f->parcel != NULL && !f->done)
        n->hooks->dropped(n->context, f->who, f->parcel->request);
    free_forward(f);
}

static void drop_forwards_of(struct rota_net *n, uint32_t server)
{
    struct forward *f = n->ensemble->forwards;

    while (f != NULL) {
        struct forward *next = f->next;

        if (f->server == server)
            drop_forward(n, f);
        f = next;
    }
}

static struct owner *owner_of(struct rota_ensemble *e, int64_t session)
{
    for (uint32_t i = e->owner_count; i > 0; i--) {
        if (e->owners[i - 1].session == session)
            return &e->owners[i - 1];
    }
    return NULL;
}

static void own(struct rota_ensemble *e, int64_t session, uint64_t connection)
{
    struct owner *o = owner_of(e, session);

    if (o == NULL) {
        if (e->owner_count == e->owner_capacity) {
            e->owner_capacity = e->owner_capacity == 0 ? 16 : 2 * e->owner_capacity;
            e->owners = realloc(e->owners, e->owner_capacity * sizeof *e->owners);
            rota_assert(e->owners != NULL);
        }
        o = &e->owners[e->owner_count++];
        *o = (struct owner){.session = session, .position = e->appended};
    }
    o->connection = connection;
}

/* The answer has reached the server and what it rests on is applied there: it goes to the client.
 */
static void deliver(struct rota_net *n, struct forward *f)
{
    struct rota_link *l = rota_link_of(n, f->connection);

    if (l != NULL && f->parcel != NULL && f->reply != NULL && !f->lose) {
        rota_net_voice.reply(n, f->connection, f->reply);
        if (f->parcel->request->operation.op == ROTA_OP_CLOSE)
            rota_server_disconnect(n->ensemble->replicas[f->server].server, f->connection);
        rota_link_go_on(n, l);
    } else if (l != NULL && l->end == ROTA_LINK_OPENING && f->parcel == NULL) {
        if (f->ended)
            rota_link_refuse(n, l);
        else
            rota_link_welcome(n, l, &f->wish);
    }
}

static bool deliverable(const struct rota_ensemble *e, const struct forward *f)
{
    return f->done && f->position <= e->replicas[f->server].applied;
}

static void deliver_all(struct rota_net *n, uint32_t server)
{
    struct forward *f = n->ensemble->forwards;

    while (f != NULL) {
        struct forward *next = f->next;

        if (f->server == server && deliverable(n->ensemble, f)) {
            unlink_forward(n->ensemble, f);
            deliver(n, f);
            free_forward(f);
        }
        f = next;
    }
}

/* ---- applying ---- */

static void apply_next(struct rota_net *n, uint32_t server)
{
    struct rota_ensemble *e = n->ensemble;
    struct replica *r = &e->replicas[server];
    struct rota_log_entry *entry = r->next;

    /* Who has asked for the end of the session hears of it by the reply. */
    for (const struct forward *f = e->forwards; f != NULL; f = f->next) {
        if (f->server == server && f->done && f->parcel != NULL && !f->lose &&
            f->parcel->request->operation.op == ROTA_OP_CLOSE &&
            f->session == entry->commit.session)
            rota_server_disconnect(r->server, f->connection);
    }
    rota_server_apply(r->server, &entry->commit, rota_net_now_ms(n));
    r->next = entry->next;
    r->applied++;
    if (--entry->left == 0) {
        rota_assert(e->first == entry);
        e->first = entry->next;
        if (e->first == NULL)
            e->last = NULL;
        rota_log_entry_free(entry);
    }
}

/* Asks for the moment at which the next entry is applied. */
static void arm_apply(struct rota_net *n, uint32_t server)
{
    struct rota_ensemble *e = n->ensemble;
    struct replica *r = &e->replicas[server];
    rota_time due;

    if (r->next == NULL || r->apply != 0 || !in_touch(e, server))
        return;
    due = r->next->committed;
    if (server != e->leader)
        due += rota_net_hop(n) + r->lag;
    r->apply = ++n->serials;
    rota_timeline_put(n->timeline, due > n->now ? due : n->now, ROTA_MOMENT_APPLY, server,
                      r->apply);
}

static void apply_moment(struct rota_net *n, uint32_t server, uint64_t serial)
{
    struct replica *r = &n->ensemble->replicas[server];

    if (r->apply != serial)
        return;
    r->apply = 0;
    if (!in_touch(n->ensemble, server))
        return;
    apply_next(n, server);
    deliver_all(n, server);
    arm_apply(n, server);
}

static void catch_up(struct rota_net *n, uint32_t server)
{
    n->ensemble->replicas[server].apply = 0;
    while (n->ensemble->replicas[server].next != NULL)
        apply_next(n, server);
    deliver_all(n, server);
}

void rota_ensemble_settle(struct rota_net *n)
{
    for (uint32_t i = 0; n->ensemble != NULL && i < n->ensemble->count; i++)
        catch_up(n, i);
}

void rota_ensemble_count_up(struct rota_net *n, const char *path, int32_t creates)
{
    for (uint32_t i = 0; n->ensemble != NULL && i < n->ensemble->count; i++)
        rota_server_count_up(n->ensemble->replicas[i].server, path, creates);
}

void rota_ensemble_append(struct rota_net *n, const struct rota_commit *commit)
{
    struct rota_ensemble *e = n->ensemble;
    struct rota_log_entry *entry = rota_log_entry_copy(commit);
    rota_time committed = n->now + rota_net_hop(n) + rota_net_hop(n);

    entry->left = e->count;
    entry->committed =
        e->last != NULL && e->last->committed > committed ? e->last->committed : committed;
    if (e->last == NULL)
        e->first = entry;
    else
        e->last->next = entry;
    e->last = entry;
    e->appended++;
    for (uint32_t i = 0; i < e->count; i++) {
        if (e->replicas[i].next == NULL)
            e->replicas[i].next = entry;
        arm_apply(n, i);
    }
}

/* ---- what the leader executes ---- */

bool rota_ensemble_decided(const struct rota_request *request)
{
    enum rota_op op = request->operation.op;

    return rota_request_writes(request) || op == ROTA_OP_SYNC || op == ROTA_OP_CLOSE;
}

void rota_ensemble_answer(struct rota_ensemble *e, const struct rota_reply *reply)
{
    if (e->executing != NULL && e->executing->reply == NULL)
        e->executing->reply = rota_reply_copy(reply);
}

/* Finds the session of a first packet, or makes it. */
static void execute_connect(struct rota_net *n, struct forward *f)
{
    struct rota_served served;

    n->acting = f->who;
    if (f->session == 0) {
        served = rota_server_open_session(n->server, f->wish.timeout_ms, rota_net_now_ms(n));
        f->wish.client_id = served.client_id;
        f->session = served.client_id.id;
    } else {
        f->ended = !rota_server_touch(n->server, f->session, rota_net_now_ms(n));
    }
    n->acting = ROTA_NOBODY;
    f->done = true;
    if (!f->ended) {
        own(n->ensemble, f->session, f->connection);
        f->position = owner_of(n->ensemble, f->session)->position;
    }
    rota_net_arm_expiry(n);
    if (deliverable(n->ensemble, f))
        deliver_all(n, f->server);
}

/* The hook may act on the world: nothing is looked at after it. */
static void execute_request(struct rota_net *n, struct forward *f)
{
    struct rota_ensemble *e = n->ensemble;
    struct rota_request_copy *parcel = rota_request_copy_hold(f->parcel);
    struct rota_link *l;
    uint32_t who = f->who;

    n->rc = ROTA_ERR_CONNECTION_LOSS;
    n->acting = who;
    e->executing = f;
    rota_server_write(n->server, f->connection, f->session, f->proof, parcel->request,
                      rota_net_now_ms(n));
    e->executing = NULL;
    n->acting = ROTA_NOBODY;
    f->done = true;
    f->position = e->appended;
    l = f->lose ? rota_link_of(n, f->connection) : NULL;
    if (l != NULL)
        rota_link_break(n, l);
    rota_net_arm_expiry(n);
    if (deliverable(e, f))
        deliver_all(n, f->server);
    n->hooks->applied(n->context, who, parcel->request, n->rc);
    rota_request_copy_drop(parcel);
}

/* A leader that has lost its quorum, or was deposed and does not know it, still answers a sync of
 * its own connections (S96). */
static bool answers_sync(const struct rota_ensemble *e, const struct forward *f)
{
    return !e->sync_by_quorum && f->parcel != NULL &&
           f->parcel->request->operation.op == ROTA_OP_SYNC &&
           e->replicas[f->server].mode == LEADING && awake(&e->replicas[f->server]);
}

static void answer_sync(struct rota_net *n, struct forward *f)
{
    struct rota_reply reply = {.tag = f->parcel->request->tag,
                               .data = ROTA_NULL_BYTES,
                               .path = f->parcel->request->operation.path};
    struct rota_request_copy *parcel = rota_request_copy_hold(f->parcel);
    uint32_t who = f->who;

    f->reply = rota_reply_copy(&reply);
    f->done = true;
    deliver_all(n, f->server);
    n->hooks->applied(n->context, who, parcel->request, ROTA_ERR_OK);
    rota_request_copy_drop(parcel);
}

/* Somebody else has taken the session over: the connection ends (S71). */
static void refuse_moved(struct rota_net *n, struct forward *f)
{
    struct rota_link *l = rota_link_of(n, f->connection);

    drop_forward(n, f);
    if (l != NULL)
        rota_link_break(n, l);
}

static void forward_moment(struct rota_net *n, uint64_t serial)
{
    struct rota_ensemble *e = n->ensemble;
    struct forward *f = e->forwards;
    struct owner *o;

    while (f != NULL && f->serial != serial)
        f = f->next;
    if (f == NULL || f->done)
        return;
    if (!rota_ensemble_decides(e) || !in_touch(e, f->server)) {
        f->waits = true;
        if (answers_sync(e, f))
            answer_sync(n, f);
        return;
    }
    if (f->parcel == NULL) {
        execute_connect(n, f);
        return;
    }
    o = owner_of(e, f->session);
    if (o != NULL && o->connection != f->connection)
        refuse_moved(n, f);
    else
        execute_request(n, f);
}

void rota_ensemble_connect(struct rota_net *n, struct rota_link *l, const struct rota_connect *wish)
{
    const struct replica *r = &n->ensemble->replicas[l->server];
    struct forward *f;

    if (r->down || r->mode == LOOKING || wish->last_zxid > rota_server_last_zxid(r->server)) {
        rota_link_break(n, l);
        return;
    }
    f = new_forward(n, l);
    f->wish = *wish;
    f->session = wish->client_id.id;
    send_forward(n, f);
}

void rota_ensemble_request(struct rota_net *n, struct rota_link *l,
                           struct rota_request_copy *request, bool lose)
{
    struct rota_server *server = n->ensemble->replicas[l->server].server;
    struct forward *f;

    if (rota_request_bytes(request->request, 0) > ROTA_REQUEST_LIMIT) {
        n->hooks->dropped(n->context, l->who, request->request);
        rota_link_break(n, l);
        return;
    }
    f = new_forward(n, l);
    f->session = rota_server_session_of(server, f->connection);
    f->proof = rota_server_proof(server, f->connection);
    f->parcel = rota_request_copy_hold(request);
    f->lose = lose;
    send_forward(n, f);
}

/* ---- sessions that live ---- */

void rota_ensemble_touch(struct rota_net *n, const struct rota_link *l)
{
    struct rota_ensemble *e = n->ensemble;
    struct replica *r = &e->replicas[l->server];
    int64_t session = rota_server_session_of(r->server, rota_link_connection(l));

    if (session == 0)
        return;
    if (r->touched_count == 0)
        rota_timeline_put(n->timeline, n->now + (rota_time)e->tick_ms * 500, ROTA_MOMENT_REPORT,
                          l->server, 0);
    for (uint32_t i = 0; i < r->touched_count; i++) {
        if (r->touched[i] == session)
            return;
    }
    if (r->touched_count == r->touched_capacity) {
        r->touched_capacity = r->touched_capacity == 0 ? 16 : 2 * r->touched_capacity;
        r->touched = realloc(r->touched, r->touched_capacity * sizeof *r->touched);
        rota_assert(r->touched != NULL);
    }
    r->touched[r->touched_count++] = session;
}

/* What cannot be reported is forgotten. */
static void report_moment(struct rota_net *n, uint32_t server)
{
    struct replica *r = &n->ensemble->replicas[server];

    for (uint32_t i = 0; i < r->touched_count && in_touch(n->ensemble, server); i++)
        rota_server_touch(n->server, r->touched[i], rota_net_now_ms(n));
    r->touched_count = 0;
}

/* ---- elections ---- */

static void look_for_leader(struct rota_net *n, uint32_t server)
{
    struct replica *r = &n->ensemble->replicas[server];

    r->mode = LOOKING;
    r->give_up = 0;
    r->apply = 0;
    drop_forwards_of(n, server);
    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end != ROTA_LINK_FREE && l->server == server)
            rota_link_break(n, l);
    }
}

static void follow(struct rota_net *n, uint32_t server)
{
    struct replica *r = &n->ensemble->replicas[server];

    r->mode = server == n->ensemble->leader ? LEADING : FOLLOWING;
    r->follows = n->ensemble->leader;
    catch_up(n, server);
}

/* The most advanced of those that look for a leader and reach a quorum of such; among equals one
 * drawn. */
static uint32_t elected(struct rota_net *n)
{
    struct rota_ensemble *e = n->ensemble;
    uint32_t best[ROTA_SERVERS_MOST];
    uint32_t count = 0;

    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t with = 0;

        for (uint32_t k = 0; k < e->count; k++)
            with += contact(e, i, k) && e->replicas[k].mode == LOOKING;
        if (e->replicas[i].mode != LOOKING || with <= e->count / 2)
            continue;
        if (count > 0 && e->replicas[best[0]].applied > e->replicas[i].applied)
            continue;
        if (count > 0 && e->replicas[best[0]].applied < e->replicas[i].applied)
            count = 0;
        best[count++] = i;
    }
    return count == 0 ? ROTA_NOBODY : best[rota_choose(n->choices, ROTA_SITE_ELECT, count)];
}

static void elect_moment(struct rota_net *n, uint64_t serial)
{
    struct rota_ensemble *e = n->ensemble;
    uint32_t leader;

    if (e->election != serial)
        return;
    e->election = 0;
    if (!rota_ensemble_decides(e) && (leader = elected(n)) != ROTA_NOBODY) {
        e->leader = leader;
        rota_server_lead(n->server, ++e->epoch, rota_net_now_ms(n));
        follow(n, leader);
    }
    for (uint32_t i = 0; i < e->count && e->leader != ROTA_NOBODY; i++) {
        if (e->replicas[i].mode == LOOKING && contact(e, i, e->leader) &&
            e->replicas[e->leader].mode == LEADING)
            follow(n, i);
    }
    rota_net_awake(n);
    look_around(n);
}

static bool somebody_looks(const struct rota_ensemble *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        if (!awake(&e->replicas[i]) || e->replicas[i].mode != LOOKING)
            continue;
        if (rota_ensemble_decides(e) ? contact(e, i, e->leader) : true)
            return true;
    }
    return false;
}

/* A server out of touch gives up after a while; soon, if it reaches a newer leader. */
static void lose_patience(struct rota_net *n, uint32_t i)
{
    struct rota_ensemble *e = n->ensemble;
    struct replica *r = &e->replicas[i];
    rota_time tick = (rota_time)e->tick_ms * 1000;
    bool newer = rota_ensemble_decides(e) && contact(e, i, e->leader);

    if (!awake(r) || r->mode == LOOKING || in_touch(e, i)) {
        r->give_up = 0;
        return;
    }
    if (r->give_up != 0 && !newer)
        return;
    r->give_up = ++n->serials;
    rota_timeline_put(n->timeline,
                      n->now + (newer ? AWAKENING_US
                                      : PATIENCE_TICKS * tick +
                                            (rota_time)rota_choose(n->choices, ROTA_SITE_PATIENCE,
                                                                   (uint64_t)tick)),
                      ROTA_MOMENT_GIVE_UP, i, r->give_up);
}

/* Something about who reaches whom has changed. */
static void look_around(struct rota_net *n)
{
    struct rota_ensemble *e = n->ensemble;

    for (uint32_t i = 0; i < e->count; i++) {
        lose_patience(n, i);
        arm_apply(n, i);
    }
    for (struct forward *f = e->forwards; f != NULL && rota_ensemble_decides(e); f = f->next) {
        if (f->waits && in_touch(e, f->server))
            send_forward(n, f);
    }
    if (e->election == 0 && somebody_looks(e)) {
        e->election = ++n->serials;
        rota_timeline_put(
            n->timeline,
            n->now + ELECTION_US +
                (rota_time)rota_choose(n->choices, ROTA_SITE_ELECT, (uint64_t)ELECTION_US),
            ROTA_MOMENT_ELECT, 0, e->election);
    }
    rota_net_overdue(n);
}

static void give_up_moment(struct rota_net *n, uint32_t server, uint64_t serial)
{
    if (n->ensemble->replicas[server].give_up != serial)
        return;
    look_for_leader(n, server);
    look_around(n);
}

void rota_ensemble_moment(struct rota_net *n, const struct rota_moment *m)
{
    switch (m->kind) {
    case ROTA_MOMENT_FORWARD:
        forward_moment(n, m->serial);
        break;
    case ROTA_MOMENT_APPLY:
        apply_moment(n, m->who, m->serial);
        break;
    case ROTA_MOMENT_GIVE_UP:
        give_up_moment(n, m->who, m->serial);
        break;
    case ROTA_MOMENT_ELECT:
        elect_moment(n, m->serial);
        break;
    default:
        report_moment(n, m->who);
        break;
    }
}

/* ---- misfortunes ---- */

/* The connections between servers end with the leader: its followers notice at once. */
static void abandon(struct rota_net *n)
{
    struct rota_ensemble *e = n->ensemble;
    uint32_t former = e->leader;

    e->leader = ROTA_NOBODY;
    for (uint32_t i = 0; i < e->count; i++) {
        bool followed = e->replicas[i].mode == FOLLOWING && e->replicas[i].follows == former;

        if (i == former || (followed && awake(&e->replicas[i])))
            look_for_leader(n, i);
    }
    look_around(n);
}

bool rota_ensemble_elect(struct rota_net *n)
{
    if (!rota_ensemble_decides(n->ensemble))
        return false;
    abandon(n);
    return true;
}

void rota_ensemble_lag(struct rota_net *n, uint32_t server, rota_time lag)
{
    struct replica *r = &n->ensemble->replicas[server];

    r->lag = lag;
    r->apply = 0;
    arm_apply(n, server);
}

void rota_ensemble_crash(struct rota_net *n, uint32_t server)
{
    struct replica *r = &n->ensemble->replicas[server];
    bool led = n->ensemble->leader == server;

    look_for_leader(n, server);
    r->paused = false;
    r->down = true;
    if (led)
        abandon(n);
    look_around(n);
}

void rota_ensemble_start(struct rota_net *n, uint32_t server)
{
    struct replica *r = &n->ensemble->replicas[server];
    struct rota_server *former = r->server;

    if (!r->down)
        return;
    r->server = rota_server_copy(former, (uint8_t)(server + 1), &rota_net_voice, n);
    rota_server_close(former);
    r->down = false;
    look_around(n);
}

void rota_ensemble_pause(struct rota_net *n, uint32_t server)
{
    n->ensemble->replicas[server].paused = true;
    n->ensemble->replicas[server].apply = 0;
    look_around(n);
}

void rota_ensemble_resume(struct rota_net *n, uint32_t server)
{
    n->ensemble->replicas[server].paused = false;
    for (uint32_t i = 0; i < n->link_count; i++) {
        struct rota_link *l = n->links[i];

        if (l->end != ROTA_LINK_FREE && l->server == server && !l->busy)
            rota_link_go_on(n, l);
    }
    look_around(n);
}

void rota_ensemble_separate(struct rota_net *n, uint32_t server, uint32_t side)
{
    n->ensemble->replicas[server].side = side;
    look_around(n);
}

void rota_ensemble_sync_by_quorum(struct rota_ensemble *e, bool by_quorum)
{
    e->sync_by_quorum = by_quorum;
}

/* ---- opening and closing ---- */

void rota_ensemble_open(struct rota_net *n, const struct rota_server_config *config, uint32_t count,
                        rota_time lag)
{
    struct rota_ensemble *e = calloc(1, sizeof *e);
    struct rota_server_config one = *config;

    rota_assert(e != NULL && n->ensemble == NULL && count <= ROTA_SERVERS_MOST);
    e->count = count;
    e->tick_ms = config->tick_ms == 0 ? DEFAULT_TICK_MS : config->tick_ms;
    for (uint32_t i = 0; i < count; i++) {
        struct replica *r = &e->replicas[i];

        one.seed = config->seed + i;
        one.server_id = (uint8_t)(i + 1);
        r->server = rota_server_open(&one, &rota_net_voice, n);
        r->mode = i == 0 ? LEADING : FOLLOWING;
        r->lag = lag;
    }
    e->epoch = 1;
    rota_server_lead(n->server, e->epoch, rota_net_now_ms(n));
    n->ensemble = e;
}

void rota_ensemble_close(struct rota_net *n)
{
    struct rota_ensemble *e = n->ensemble;

    if (e == NULL)
        return;
    while (e->forwards != NULL) {
        struct forward *f = e->forwards;

        e->forwards = f->next;
        free_forward(f);
    }
    while (e->first != NULL) {
        struct rota_log_entry *entry = e->first;

        e->first = entry->next;
        rota_log_entry_free(entry);
    }
    for (uint32_t i = 0; i < e->count; i++) {
        rota_server_close(e->replicas[i].server);
        free(e->replicas[i].touched);
    }
    free(e->owners);
    free(e);
    n->ensemble = NULL;
}
