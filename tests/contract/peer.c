#include "tests/contract/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/seam/message_copy.h"
#include "system/memory.h"

enum {
    BOUND_US = 90000000, /* a wait that takes longer fails */
    SESSION_MS = 10000,
};

/* ---- stage ---- */

void stage_begin(struct stage *s, const struct fixture *fixture)
{
    *s = (struct stage){.fixture = fixture};
    s->world = fixture->begin(fixture->context);
    assert_non_null(s->world);
}

void stage_end(struct stage *s)
{
    for (size_t i = 0; i <= PEERS; i++) {
        struct peer *p = &s->peers[i];

        if (p->backend != NULL)
            p->backend->ops->destroy(p->backend);
        for (size_t k = 0; k < p->count; k++)
            free(p->records[k].memory);
        free(p->records);
    }
    s->fixture->end(s->world);
}

/* ---- records ---- */

static void add_record(struct peer *p, const struct rota_handle_event *event)
{
    struct record r = {.event = *event};

    if (event->kind == ROTA_HANDLE_REPLY) {
        r.memory = rota_memory_zeroed(1, rota_reply_copy_size(&event->reply));
        r.event.reply = *rota_reply_copy_to(r.memory, &event->reply);
    } else if (event->kind == ROTA_HANDLE_WATCH) {
        r.event.watch.path = r.memory = rota_memory_text(event->watch.path);
    }
    p->records = rota_memory_extend(p->records, p->count, &p->capacity, sizeof *p->records);
    p->records[p->count++] = r;
}

/* ---- peers ---- */

struct peer *peer_make(struct stage *s, unsigned number, uint32_t session_timeout_ms)
{
    struct peer *p = &s->peers[number];

    assert_null(p->backend);
    p->stage = s;
    p->number = number;
    p->backend = s->fixture->backend(s->world, number, session_timeout_ms);
    assert_non_null(p->backend);
    return p;
}

void peer_open(struct peer *p, const struct rota_client_id *take_over)
{
    p->handle = p->backend->ops->open(p->backend, take_over);
}

struct peer *peer_connect(struct stage *s, unsigned number)
{
    struct peer *p = peer_make(s, number, SESSION_MS);

    peer_open(p, NULL);
    await_state(p, ROTA_SESSION_CONNECTED, 0);
    return p;
}

void stage_receive(struct stage *s)
{
    struct rota_handle_event e;

    for (size_t i = 0; i <= PEERS; i++)
        if (s->peers[i].backend != NULL)
            while (s->peers[i].backend->ops->next(s->peers[i].backend, &e))
                add_record(&s->peers[i], &e);
}

void peer_until(struct peer *p, condition_f condition, const void *context, const char *what)
{
    rota_time bound = p->backend->ops->now(p->backend) + BOUND_US;

    stage_receive(p->stage);
    while (!condition(p, context)) {
        if (p->backend->ops->now(p->backend) > bound)
            fail_msg("peer %u waited too long for %s", p->number, what);
        p->stage->fixture->wait(p->stage->world);
        stage_receive(p->stage);
    }
}

/* ---- requests ---- */

uint64_t peer_send(struct peer *p, const struct rota_operation *o)
{
    struct rota_request r = {.tag = ++p->tags, .operation = *o};

    p->backend->ops->request(p->backend, &r);
    return r.tag;
}

uint64_t peer_send_multi(struct peer *p, const struct rota_operation *o, uint32_t count)
{
    struct rota_request r = {
        .tag = ++p->tags, .operation.op = ROTA_OP_MULTI, .operations = o, .operation_count = count};

    p->backend->ops->request(p->backend, &r);
    return r.tag;
}

static bool was_answered(struct peer *p, const void *context)
{
    return index_of_reply(p, *(const uint64_t *)context) != NOWHERE;
}

const struct rota_reply *peer_await(struct peer *p, uint64_t tag)
{
    peer_until(p, was_answered, &tag, "a reply");
    return &p->records[index_of_reply(p, tag)].event.reply;
}

const struct rota_reply *peer_do(struct peer *p, const struct rota_operation *o)
{
    return peer_await(p, peer_send(p, o));
}

const struct rota_reply *peer_multi(struct peer *p, const struct rota_operation *o, uint32_t count)
{
    return peer_await(p, peer_send_multi(p, o, count));
}

void peer_close(struct peer *p)
{
    const struct rota_operation o = {.op = ROTA_OP_CLOSE};
    size_t from = p->count;

    peer_send(p, &o);
    await_state(p, ROTA_SESSION_CLOSED, from);
}

/* ---- operations ---- */

static struct rota_bytes bytes_of(const char *text)
{
    return text == NULL ? ROTA_NULL_BYTES : (struct rota_bytes){text, (int32_t)strlen(text)};
}

struct rota_operation op_create(const char *path, const char *text, enum rota_mode mode)
{
    return (struct rota_operation){
        .op = ROTA_OP_CREATE, .path = path, .data = bytes_of(text), .mode = mode};
}

struct rota_operation op_delete(const char *path, int32_t version)
{
    return (struct rota_operation){.op = ROTA_OP_DELETE, .path = path, .version = version};
}

struct rota_operation op_set(const char *path, const char *text, int32_t version)
{
    return (struct rota_operation){
        .op = ROTA_OP_SET, .path = path, .data = bytes_of(text), .version = version};
}

struct rota_operation op_check(const char *path, int32_t version)
{
    return (struct rota_operation){.op = ROTA_OP_CHECK, .path = path, .version = version};
}

struct rota_operation op_get(const char *path, bool watch)
{
    return (struct rota_operation){.op = ROTA_OP_GET, .path = path, .watch = watch};
}

struct rota_operation op_exists(const char *path, bool watch)
{
    return (struct rota_operation){.op = ROTA_OP_EXISTS, .path = path, .watch = watch};
}

struct rota_operation op_children(const char *path, bool watch)
{
    return (struct rota_operation){.op = ROTA_OP_CHILDREN, .path = path, .watch = watch};
}

struct rota_operation op_sync(const char *path)
{
    return (struct rota_operation){.op = ROTA_OP_SYNC, .path = path};
}

static void do_successfully(struct peer *p, struct rota_operation o)
{
    assert_int_equal(peer_do(p, &o)->rc, ROTA_ERR_OK);
}

struct rota_stat do_create(struct peer *p, const char *path, const char *text, enum rota_mode mode)
{
    struct rota_operation read = op_exists(path, false);
    const struct rota_reply *r;

    do_successfully(p, op_create(path, text, mode));
    r = peer_do(p, &read);
    return r->stat;
}

void do_delete(struct peer *p, const char *path)
{
    do_successfully(p, op_delete(path, -1));
}

void do_set(struct peer *p, const char *path, const char *text)
{
    do_successfully(p, op_set(path, text, -1));
}

void do_sync(struct peer *p)
{
    do_successfully(p, op_sync("/"));
}

void do_refused(struct peer *p, struct rota_operation o, enum rota_error rc)
{
    assert_int_equal(peer_do(p, &o)->rc, rc);
}

bool node_exists(struct peer *p, const char *path)
{
    struct rota_operation o = op_exists(path, false);
    int32_t rc;

    do_sync(p);
    rc = peer_do(p, &o)->rc;
    assert_true(rc == ROTA_ERR_OK || rc == ROTA_ERR_NO_NODE);
    return rc == ROTA_ERR_OK;
}

void expect_data(struct peer *p, const char *path, const char *text)
{
    struct rota_operation o = op_get(path, false);
    const struct rota_reply *r = peer_do(p, &o);

    assert_int_equal(r->rc, ROTA_ERR_OK);
    assert_int_equal(r->data.length, strlen(text));
    assert_memory_equal(r->data.data, text, strlen(text));
}

/* ---- records of a peer ---- */

size_t index_of_reply(const struct peer *p, uint64_t tag)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct rota_handle_event *e = &p->records[i].event;

        if (e->kind == ROTA_HANDLE_REPLY && e->reply.tag == tag)
            return i;
    }
    return NOWHERE;
}

size_t index_of_watch(const struct peer *p, enum rota_watch_kind kind, const char *path,
                      size_t from)
{
    for (size_t i = from; i < p->count; i++) {
        const struct rota_handle_event *e = &p->records[i].event;

        if (e->kind == ROTA_HANDLE_WATCH && e->watch.kind == kind &&
            strcmp(e->watch.path, path) == 0)
            return i;
    }
    return NOWHERE;
}

size_t index_of_state(const struct peer *p, enum rota_session_state state, size_t from)
{
    for (size_t i = from; i < p->count; i++) {
        const struct rota_handle_event *e = &p->records[i].event;

        if (e->kind == ROTA_HANDLE_SESSION && e->session.state == state)
            return i;
    }
    return NOWHERE;
}

unsigned count_replies(const struct peer *p, uint64_t tag)
{
    unsigned n = 0;

    for (size_t i = 0; i < p->count; i++)
        n += p->records[i].event.kind == ROTA_HANDLE_REPLY && p->records[i].event.reply.tag == tag;
    return n;
}

unsigned count_watches(const struct peer *p)
{
    unsigned n = 0;

    for (size_t i = 0; i < p->count; i++)
        n += p->records[i].event.kind == ROTA_HANDLE_WATCH;
    return n;
}

struct watch_wanted {
    enum rota_watch_kind kind;
    const char *path;
    size_t from;
};

static bool was_watched(struct peer *p, const void *context)
{
    const struct watch_wanted *w = context;

    return index_of_watch(p, w->kind, w->path, w->from) != NOWHERE;
}

size_t await_watch(struct peer *p, enum rota_watch_kind kind, const char *path, size_t from)
{
    struct watch_wanted w = {kind, path, from};

    peer_until(p, was_watched, &w, path);
    return index_of_watch(p, kind, path, from);
}

struct state_wanted {
    enum rota_session_state state;
    size_t from;
};

static bool was_state(struct peer *p, const void *context)
{
    const struct state_wanted *w = context;

    return index_of_state(p, w->state, w->from) != NOWHERE;
}

size_t await_state(struct peer *p, enum rota_session_state state, size_t from)
{
    static const char *const names[] = {"connected",   "disconnected", "expired",
                                        "auth failed", "closed",       "unreachable"};
    struct state_wanted w = {state, from};

    peer_until(p, was_state, &w, names[state]);
    return index_of_state(p, state, from);
}

struct rota_client_id session_of(const struct peer *p)
{
    struct rota_client_id id = {0};

    for (size_t i = 0; i < p->count; i++) {
        const struct rota_handle_event *e = &p->records[i].event;

        if (e->kind == ROTA_HANDLE_SESSION && e->session.state == ROTA_SESSION_CONNECTED)
            id = e->session.client_id;
    }
    return id;
}

void disconnect(struct peer *p)
{
    const struct fixture *f = p->stage->fixture;

    if (f->abilities & ABLE_CUT)
        f->cut(p->stage->world, p->number);
}

void reconnect(struct peer *p)
{
    const struct fixture *f = p->stage->fixture;

    if (f->abilities & ABLE_CUT)
        f->heal(p->stage->world, p->number);
}

void expire(struct peer *p)
{
    enum { OTHER = PEERS - 1 };
    struct rota_client_id id = session_of(p);
    size_t from = p->count;
    struct peer *other = peer_make(p->stage, OTHER, SESSION_MS);

    disconnect(p);
    peer_open(other, &id);
    await_state(other, ROTA_SESSION_CONNECTED, 0);
    peer_close(other);
    reconnect(p);
    await_state(p, ROTA_SESSION_EXPIRED, from);
}

bool rc_is_unknown(int32_t rc)
{
    return rc == ROTA_ERR_CONNECTION_LOSS || rc == ROTA_ERR_OPERATION_TIMEOUT ||
           rc == ROTA_ERR_CLOSING;
}
