#include "backend_zk/zk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

#include "backend_zk/queue.h"
#include "backend_zk/route.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

#define INSTANCE_MAGIC ROTA_MAGIC('Z', 'K', 'I', 'N')
#define HANDLE_MAGIC   ROTA_MAGIC('Z', 'K', 'H', 'A')
#define CALL_MAGIC     ROTA_MAGIC('Z', 'K', 'C', 'A')

/* A handle of the library. It lives until the instance is destroyed, since the library may call
 * back until zookeeper_close has returned. */
struct handle {
    uint32_t magic;
    struct handle *former;
    struct rota_zk_queue *queue;
    uint32_t number;
    struct rota_zk_route *route;
    bool resumes; /* asks for the session of `id` */
    clientid_t id;
    zhandle_t *zh; /* NULL while the names are being looked up, or if that failed */
    bool unusable; /* no library's handle will come */
    pthread_mutex_t lock;
    struct call *calls; /* under the lock: requests the library has not answered */
    pthread_t closer;   /* runs zookeeper_close, which may block for seconds (S84) */
    bool closing;
    bool announce; /* the owner asked for the close: its end becomes an event */
};

struct instance {
    struct rota_backend head;
    uint32_t magic;
    struct rota_zk_config config;
    char *hosts;
    char reason[512];
    struct rota_zk_queue queue;
    struct handle *handle; /* the current one, and through `former` those before it */
    uint32_t opened;
};

/* Memory that lives as long as a call. */
struct block {
    struct block *next;
    _Alignas(max_align_t) char memory[];
};

/* A request that the library has not answered. All of them are in a list, because the library may
 * forget some when the handle is closed (S84). */
struct call {
    uint32_t magic;
    struct handle *handle;
    struct call *before;
    struct call *after;
    struct block *blocks;
    uint64_t tag;
    uint32_t count;           /* MULTI */
    zoo_op_result_t *results; /* MULTI: the library writes here until it answers (S46) */
    struct Stat *stats;       /* MULTI */
};

static struct instance *instance_of(struct rota_backend *b)
{
    return rota_cast(struct instance, b, INSTANCE_MAGIC);
}

/* The context of a watcher is its handle. */
static const struct handle *handle_of(void *context)
{
    return rota_cast(struct handle, context, HANDLE_MAGIC);
}

/* The data of a completion is its call. */
static struct call *call_of(const void *data)
{
    return rota_cast(struct call, (void *)(uintptr_t)data, CALL_MAGIC);
}

/* ---- calls ---- */

static struct call *call_new(struct handle *h, uint64_t tag)
{
    struct call *c = rota_memory_zeroed(1, sizeof *c);

    c->magic = CALL_MAGIC;
    c->handle = h;
    c->tag = tag;
    pthread_mutex_lock(&h->lock);
    c->after = h->calls;
    if (h->calls != NULL)
        h->calls->before = c;
    h->calls = c;
    pthread_mutex_unlock(&h->lock);
    return c;
}

/* Zeroed bytes that live as long as the call. */
static void *call_take(struct call *c, size_t bytes)
{
    struct block *b = rota_memory_zeroed(1, sizeof *b + bytes);

    b->next = c->blocks;
    c->blocks = b;
    return b->memory;
}

/* Takes a call out of its handle's list. */
static void call_unlink(struct call *c)
{
    struct handle *h = c->handle;

    pthread_mutex_lock(&h->lock);
    rota_assert((c->before == NULL ? h->calls : c->before->after) == c);
    rota_assert(c->after == NULL || c->after->before == c);
    if (c->before != NULL)
        c->before->after = c->after;
    else
        h->calls = c->after;
    if (c->after != NULL)
        c->after->before = c->before;
    pthread_mutex_unlock(&h->lock);
}

static void call_free(struct call *c)
{
    call_unlink(c);
    while (c->blocks != NULL) {
        struct block *next = c->blocks->next;

        free(c->blocks);
        c->blocks = next;
    }
    c->magic = 0;
    free(c);
}

static bool calls_pending(struct handle *h)
{
    bool pending;

    pthread_mutex_lock(&h->lock);
    pending = h->calls != NULL;
    pthread_mutex_unlock(&h->lock);
    return pending;
}

/* ---- replies ---- */

/* Answers a call with a copy of the reply: the memory of the original belongs to the library or to
 * the call. The call is freed first: when the owner has the reply, the call is no longer pending.
 */
static void call_answer(struct call *c, struct rota_reply *reply)
{
    struct rota_zk_queue *queue = c->handle->queue;
    struct rota_queued_event *e;

    reply->tag = c->tag;
    if (reply->rc == ZOK)
        rota_zk_route_served(c->handle->route);
    e = rota_queued_event_reply(c->handle->number, reply);
    call_free(c);
    rota_zk_queue_push(queue, e);
}

static struct rota_stat stat_of(const struct Stat *s)
{
    if (s == NULL)
        return (struct rota_stat){0};
    return (struct rota_stat){
        .czxid = s->czxid,
        .mzxid = s->mzxid,
        .pzxid = s->pzxid,
        .ctime_ms = s->ctime,
        .mtime_ms = s->mtime,
        .ephemeral_owner = s->ephemeralOwner,
        .version = s->version,
        .cversion = s->cversion,
        .aversion = s->aversion,
        .data_length = s->dataLength,
        .num_children = s->numChildren,
    };
}

static void on_void(int rc, const void *data)
{
    call_answer(call_of(data), &(struct rota_reply){.rc = rc});
}

static void on_stat(int rc, const struct Stat *stat, const void *data)
{
    call_answer(call_of(data), &(struct rota_reply){.rc = rc, .stat = stat_of(stat)});
}

static void on_text(int rc, const char *text, const void *data)
{
    call_answer(call_of(data), &(struct rota_reply){.rc = rc, .path = text});
}

static void on_data(int rc, const char *value, int length, const struct Stat *stat,
                    const void *data)
{
    bool null = rc != ZOK || value == NULL || length < 0; /* S33 */

    call_answer(call_of(data),
                &(struct rota_reply){
                    .rc = rc,
                    .data = null ? ROTA_NULL_BYTES : (struct rota_bytes){value, length},
                    .stat = stat_of(stat),
                });
}

static void on_children(int rc, const struct String_vector *names, const struct Stat *stat,
                        const void *data)
{
    struct rota_reply reply = {.rc = rc, .stat = stat_of(stat)};

    if (names != NULL) {
        reply.children = (const char *const *)names->data;
        reply.child_count = (uint32_t)names->count;
    }
    call_answer(call_of(data), &reply);
}

static void on_acl(int rc, struct ACL_vector *acl, struct Stat *stat, const void *data)
{
    struct call *c = call_of(data);
    uint32_t count = acl != NULL ? (uint32_t)acl->count : 0;
    struct rota_acl *entries = call_take(c, count * sizeof *entries);

    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct rota_acl){
            .perms = (uint32_t)acl->data[i].perms,
            .scheme = acl->data[i].id.scheme,
            .id = acl->data[i].id.id,
        };
    call_answer(c, &(struct rota_reply){
                       .rc = rc, .stat = stat_of(stat), .acl = entries, .acl_count = count});
}

static void on_multi(int rc, const void *data)
{
    struct call *c = call_of(data);
    struct rota_result *results = call_take(c, c->count * sizeof *results);

    for (uint32_t i = 0; i < c->count; i++) {
        results[i].rc = c->results[i].err;
        if (rc == ZOK) {
            results[i].path = c->results[i].value;
            results[i].stat = stat_of(c->results[i].stat);
        }
    }
    call_answer(c, &(struct rota_reply){.rc = rc, .results = results, .result_count = c->count});
}

/* ---- watches and sessions ---- */

/* Every watch of a handle has this function and the handle as its context: so the library keeps
 * one entry for each path (S51), and a watch that never fires leaves no memory behind (S60, S64).
 * The library also reports changes of session here; they are ignored, since on_session reports
 * them (S53). */
static void on_watch(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    const struct handle *h = handle_of(context);

    (void)zh;
    (void)state;
    if (type < ROTA_WATCH_CREATED || type > ROTA_WATCH_CHILD)
        return;
    rota_zk_queue_push(h->queue,
                       rota_queued_event_watch(h->number, (enum rota_watch_kind)type, path));
}

static enum rota_session_state session_state(int state)
{
    if (state == ZOO_CONNECTED_STATE)
        return ROTA_SESSION_CONNECTED;
    if (state == ZOO_EXPIRED_SESSION_STATE)
        return ROTA_SESSION_EXPIRED;
    if (state == ZOO_AUTH_FAILED_STATE)
        return ROTA_SESSION_AUTH_FAILED;
    return ROTA_SESSION_DISCONNECTED;
}

/* Marks all descriptors close-on-exec: no child inherits the library's sockets and pipes (S87). */
static void mark_descriptors(void)
{
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

static void on_session(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    const struct handle *h = handle_of(context);
    struct rota_queued_event *e;

    (void)path;
    if (type != ZOO_SESSION_EVENT)
        return;
    mark_descriptors();
    e = rota_queued_event_session(h->number, session_state(state));
    rota_zk_route_connected(h->route, state == ZOO_CONNECTED_STATE);
    if (e->event.session.state == ROTA_SESSION_CONNECTED) {
        const clientid_t *id = zoo_client_id(zh);

        e->event.session.client_id.id = id->client_id;
        memcpy(e->event.session.client_id.password, id->passwd, sizeof id->passwd);
        e->event.session.timeout_ms = (uint32_t)zoo_recv_timeout(zh); /* S66 */
    }
    rota_zk_queue_push(h->queue, e);
}

/* ---- requests ---- */

/* The access list in the library's form. Its texts are borrowed from the operation. */
static const struct ACL_vector *acl_of(struct call *c, const struct rota_operation *o)
{
    struct ACL_vector *vector;

    if (o->acl == NULL)
        return &ZOO_OPEN_ACL_UNSAFE;
    vector = call_take(c, sizeof *vector);
    vector->count = (int32_t)o->acl_count;
    vector->data = call_take(c, (o->acl_count + 1) * sizeof *vector->data);
    for (uint32_t i = 0; i < o->acl_count; i++) {
        vector->data[i].perms = (int32_t)o->acl[i].perms;
        vector->data[i].id.scheme = (char *)(uintptr_t)o->acl[i].scheme;
        vector->data[i].id.id = (char *)(uintptr_t)o->acl[i].id;
    }
    return vector;
}

static int send_create(struct call *c, const struct rota_operation *o)
{
    zhandle_t *zh = c->handle->zh;

    if (o->mode == ROTA_MODE_TTL || o->mode == ROTA_MODE_TTL_SEQUENTIAL)
        return zoo_acreate_ttl(zh, o->path, o->data.data, o->data.length, acl_of(c, o),
                               (int)o->mode, o->ttl_ms, on_text, c);
    return zoo_acreate(zh, o->path, o->data.data, o->data.length, acl_of(c, o), (int)o->mode,
                       on_text, c);
}

static void multi_operation(struct call *c, const struct rota_operation *o, zoo_op_t *op,
                            struct Stat *stat)
{
    enum { SUFFIX = 12 }; /* ten digits of a sequential name, and the NUL */
    size_t room;
    char *name;

    switch (o->op) {
    case ROTA_OP_CREATE:
        room = strlen(o->path) + SUFFIX;
        name = call_take(c, room);
        zoo_create_op_init(op, o->path, o->data.data, o->data.length, acl_of(c, o), (int)o->mode,
                           name, (int)room);
        break;
    case ROTA_OP_DELETE:
        zoo_delete_op_init(op, o->path, o->version);
        break;
    case ROTA_OP_SET:
        zoo_set_op_init(op, o->path, o->data.data, o->data.length, o->version, stat);
        break;
    default:
        zoo_check_op_init(op, o->path, o->version);
        break;
    }
}

/* On a handle that is not connected the library frees memory that is not its own, so the handle is
 * checked first (S44). Invalid paths and operations, which crash the library, were refused before
 * (S43). */
static int send_multi(struct call *c, const struct rota_request *r)
{
    zhandle_t *zh = c->handle->zh;
    uint32_t count = r->operation_count;
    zoo_op_t *ops = call_take(c, (count + 1) * sizeof *ops);

    c->results = call_take(c, (count + 1) * sizeof *c->results);
    c->stats = call_take(c, (count + 1) * sizeof *c->stats);
    c->count = count;
    for (uint32_t i = 0; i < count; i++)
        multi_operation(c, &r->operations[i], &ops[i], &c->stats[i]);
    if (is_unrecoverable(zh) != ZOK)
        return ZINVALIDSTATE;
    if (zoo_state(zh) != ZOO_CONNECTED_STATE)
        return ZCONNECTIONLOSS;
    return zoo_amulti(zh, (int)count, ops, c->results, on_multi, c);
}

/* Without a connection the library refuses credentials with the code for a dead handle; as long as
 * the handle is alive, the right code is "connection loss" (S88). */
static int send_auth(struct call *c, const struct rota_operation *o)
{
    zhandle_t *zh = c->handle->zh;
    int rc = zoo_add_auth(zh, o->scheme, o->data.data, o->data.length > 0 ? o->data.length : 0,
                          on_void, c);

    return rc == ZINVALIDSTATE && is_unrecoverable(zh) == ZOK ? ZCONNECTIONLOSS : rc;
}

/* Gives a request to the library. An error that the library returns at once becomes a reply (S81).
 */
static int send_call(struct call *c, const struct rota_request *r)
{
    const struct rota_operation *o = &r->operation;
    zhandle_t *zh = c->handle->zh;
    watcher_fn watch = o->watch ? on_watch : NULL;
    void *context = o->watch ? c->handle : NULL;

    switch (o->op) {
    case ROTA_OP_CREATE:
        return send_create(c, o);
    case ROTA_OP_DELETE:
        return zoo_adelete(zh, o->path, o->version, on_void, c);
    case ROTA_OP_SET:
        return zoo_aset(zh, o->path, o->data.data, o->data.length, o->version, on_stat, c);
    case ROTA_OP_GET:
        return zoo_awget(zh, o->path, watch, context, on_data, c);
    case ROTA_OP_EXISTS:
        return zoo_awexists(zh, o->path, watch, context, on_stat, c);
    case ROTA_OP_CHILDREN:
        return zoo_awget_children2(zh, o->path, watch, context, on_children, c);
    case ROTA_OP_SYNC:
        return zoo_async(zh, o->path, on_text, c);
    case ROTA_OP_GET_ACL:
        return zoo_aget_acl(zh, o->path, on_acl, c);
    case ROTA_OP_SET_ACL:
        return zoo_aset_acl(zh, o->path, o->version, (struct ACL_vector *)(uintptr_t)acl_of(c, o),
                            on_void, c);
    case ROTA_OP_ADD_AUTH:
        return send_auth(c, o);
    case ROTA_OP_MULTI:
        return send_multi(c, r);
    case ROTA_OP_CHECK: /* valid only in a multi */
    case ROTA_OP_CLOSE:
        break;
    }
    return ZUNIMPLEMENTED;
}

/* ---- handles ---- */

static struct handle *handle_new(struct instance *z)
{
    struct handle *h = rota_memory_zeroed(1, sizeof *h);
    const struct rota_zk_route_config route = {
        .hosts = z->hosts,
        .session_timeout_ms = z->config.session_timeout_ms,
        .lookup = z->config.lookup,
        .log = z->config.log,
        .log_stream = z->config.log_stream,
        .wake = z->queue.wake,
        .context = z->queue.context,
        .first = z->opened == 0,
    };

    h->magic = HANDLE_MAGIC;
    h->queue = &z->queue;
    h->number = ++z->opened;
    h->former = z->handle;
    h->route = rota_zk_route_open(&route);
    pthread_mutex_init(&h->lock, NULL);
    z->handle = h;
    return h;
}

static void session_ended(const struct handle *h, enum rota_session_state state, bool acknowledged)
{
    struct rota_queued_event *e = rota_queued_event_session(h->number, state);

    e->event.session.acknowledged = acknowledged;
    rota_zk_queue_push(h->queue, e);
}

/* Closes the library's handle, on a separate thread. The library does not report whether the server
 * has closed the session: it waits for any byte and drops the result (S84). So the close counts as
 * acknowledged only if the session had ended before, or if there never was one. */
static void *run_close(void *context)
{
    struct handle *h = rota_cast(struct handle, context, HANDLE_MAGIC);
    bool never = zoo_client_id(h->zh)->client_id == 0 && !calls_pending(h);
    bool over = never || zoo_state(h->zh) == ZOO_EXPIRED_SESSION_STATE;

    zookeeper_close(h->zh);
    while (h->calls != NULL) /* the library forgot them; the session layer answers them */
        call_free(h->calls);
    if (h->announce)
        session_ended(h, ROTA_SESSION_CLOSED, over);
    return NULL;
}

static void handle_close(struct handle *h, bool announce)
{
    if (h->closing)
        return;
    h->closing = true;
    h->announce = announce;
    rota_zk_route_stop(h->route);
    if (h->zh == NULL && announce)
        session_ended(h, ROTA_SESSION_CLOSED, h->unusable || !h->resumes);
    else if (h->zh != NULL && pthread_create(&h->closer, NULL, run_close, h) != 0)
        rota_memory_exhausted(); /* a thread needs memory too */
}

static void handle_free(struct handle *h)
{
    handle_close(h, false);
    if (h->zh != NULL)
        pthread_join(h->closer, NULL);
    rota_assert(h->calls == NULL);
    rota_zk_route_close(h->route);
    pthread_mutex_destroy(&h->lock);
    h->magic = 0;
    free(h);
}

/* ---- the operations of the backend ---- */

/* Opens the library's handle, once the names have been looked up. */
static void begin(struct instance *z, struct handle *h)
{
    enum rota_zk_route_state state;
    char *hosts;

    if (h->zh != NULL || h->unusable || h->closing)
        return;
    state = rota_zk_route_state(h->route);
    if (state == ROTA_ZK_ROUTE_RESOLVING)
        return;
    z->reason[0] = '\0';
    if (state == ROTA_ZK_ROUTE_READY) {
        hosts = rota_zk_route_list(h->route);
        h->zh = zookeeper_init2(hosts, on_session, (int)z->config.session_timeout_ms,
                                h->resumes ? &h->id : NULL, h, 0, rota_zk_route_log(h->route));
        free(hosts);
    } else {
        rota_zk_route_reason(h->route, z->reason, sizeof z->reason);
    }
    if (h->zh != NULL) {
        rota_zk_route_opened(h->route, h->zh);
        zoo_set_servers_resolution_delay(h->zh, -1); /* S90 */
        mark_descriptors();
        return;
    }
    h->unusable = true;
    if (z->reason[0] == '\0')
        snprintf(z->reason, sizeof z->reason, "the server list \"%s\" is not usable", z->hosts);
    session_ended(h, ROTA_SESSION_UNREACHABLE, false);
}

static uint32_t zk_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct instance *z = instance_of(b);
    struct handle *h;

    if (z->handle != NULL)
        handle_close(z->handle, false);
    h = handle_new(z);
    if (take_over != NULL) {
        h->resumes = true;
        h->id.client_id = take_over->id;
        memcpy(h->id.passwd, take_over->password, sizeof h->id.passwd);
    }
    begin(z, h);
    return h->number;
}

static void zk_request(struct rota_backend *b, const struct rota_request *r)
{
    struct instance *z = instance_of(b);
    struct handle *h = z->handle;
    struct call *c;
    int rc;

    rota_assert(h != NULL);
    if (r->operation.op == ROTA_OP_CLOSE) {
        handle_close(h, true);
        return;
    }
    if (h->closing || h->zh == NULL) {
        rc = h->closing || h->unusable ? ZINVALIDSTATE : ZCONNECTIONLOSS;
        rota_zk_queue_push(h->queue, rota_queued_event_reply(
                                         h->number, &(struct rota_reply){.tag = r->tag, .rc = rc}));
        return;
    }
    c = call_new(h, r->tag);
    /* the library would put the chroot before a path without a leading "/" */
    rc = rota_request_valid(r) ? send_call(c, r) : ZBADARGUMENTS;
    if (rc != ZOK)
        call_answer(c, &(struct rota_reply){.rc = rc});
}

static bool zk_next(struct rota_backend *b, struct rota_handle_event *event)
{
    struct instance *z = instance_of(b);
    const struct rota_handle_event *e;

    if (z->handle != NULL)
        begin(z, z->handle);
    e = rota_zk_queue_pop(&z->queue);
    if (e != NULL)
        *event = *e;
    return e != NULL;
}

static rota_time zk_now(struct rota_backend *b)
{
    struct timespec t;

    (void)b;
    clock_gettime(CLOCK_BOOTTIME, &t); /* counts suspended time (hazard 7) */
    return (rota_time)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t zk_random(struct rota_backend *b)
{
    uint64_t bits;

    (void)b;
    while (getrandom(&bits, sizeof bits, 0) != sizeof bits)
        ;
    return bits;
}

static void zk_destroy(struct rota_backend *b)
{
    struct instance *z = instance_of(b);

    while (z->handle != NULL) {
        struct handle *former = z->handle->former;

        handle_free(z->handle);
        z->handle = former;
    }
    rota_zk_queue_close(&z->queue);
    z->magic = 0;
    free(z->hosts);
    free(z);
}

static const struct rota_backend_ops zk_ops = {
    .name = "zk",
    .open = zk_open,
    .request = zk_request,
    .next = zk_next,
    .now = zk_now,
    .random = zk_random,
    .destroy = zk_destroy,
};

struct rota_backend *rota_zk_open(const struct rota_zk_config *config, rota_wake_f wake,
                                  void *context)
{
    static const ZooLogLevel levels[] = {
        [ROTA_ZK_LOG_QUIET] = ZOO_LOG_LEVEL_ERROR, /* the route hears of failed attempts */
        [ROTA_ZK_LOG_ERRORS] = ZOO_LOG_LEVEL_ERROR,
        [ROTA_ZK_LOG_WARNINGS] = ZOO_LOG_LEVEL_WARN,
        [ROTA_ZK_LOG_ALL] = ZOO_LOG_LEVEL_INFO,
    };
    struct instance *z = rota_memory_zeroed(1, sizeof *z);

    z->head.ops = &zk_ops;
    z->magic = INSTANCE_MAGIC;
    z->config = *config;
    z->hosts = rota_memory_text(config->hosts);
    rota_zk_queue_init(&z->queue, wake, context);
    zoo_set_debug_level(levels[config->log]);
    if (config->log_stream != NULL)
        zoo_set_log_stream(config->log_stream);
    return &z->head;
}

const char *rota_zk_reason(struct rota_backend *b)
{
    struct instance *z;

    if (b->ops != &zk_ops)
        return "";
    z = instance_of(b);
    if (z->handle != NULL && !z->handle->unusable)
        rota_zk_route_reason(z->handle->route, z->reason, sizeof z->reason);
    return z->reason;
}
