#include "backend_zk/route.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backend_zk/probe.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    ROUTE_MAGIC = 0x5a4b524f,
    MS = 1000000,             /* nanoseconds */
    RESOLVE_FIRST_MS = 1000,  /* after the connection was lost; then doubled */
    RESOLVE_MOST_MS = 30000,  /* */
    PROBE_FIRST_MS = 700,     /* after the handle was opened, or at the first failed attempt */
    PROBE_AGAIN_MS = 3000,    /* then doubled */
    PROBE_PATIENCE_MS = 1000, /* for one answer */
    PROBES_MOST = 3,          /* servers that are asked in one round */
    PACE_LEAST_MS = 20,       /* between two attempts when many have failed */
    PACE_MOST_MS = 1000,
    ROUNDS = 6, /* of attempts in one session timeout */
    NEVER = -1,
};

struct rota_zk_route {
    uint32_t magic;
    struct rota_zk_route_config config;
    char *hosts;
    bool named;
    rota_zk_log_f log;
    atomic_bool served;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t changed;
    enum rota_zk_route_state state;
    uint32_t users; /* the owner, and the helper thread while it runs: the last one frees */
    char *list;     /* resolved; the library has it, or gets it */
    char *next;     /* resolved anew; the library gets it after the next failed attempt */
    char reason[512];
    zhandle_t *zh;
    bool stopping;
    bool connected;
    int64_t resolve_at; /* milliseconds, as are the following; NEVER: not planned */
    int64_t resolve_pause;
    int64_t probe_at;
    int64_t probe_pause;
    int64_t allowed_at; /* when the attempts that were allowed so far were last counted */
    double allowed;     /* attempts that may follow at once */
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / MS;
}

/* Waits for a change, until `until` at most. Under the lock. */
static void wait_until(struct rota_zk_route *r, int64_t until)
{
    struct timespec t = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * MS};

    if (until == NEVER)
        pthread_cond_wait(&r->changed, &r->lock);
    else
        pthread_cond_timedwait(&r->changed, &r->lock, &t);
}

static uint32_t address_count(const char *list)
{
    uint32_t count = 1;

    for (const char *c = list; *c != '\0' && *c != '/'; c++)
        count += *c == ',';
    return count;
}

/* ---- names ---- */

static char *resolve(const struct rota_zk_route *r, char *reason, size_t size)
{
    return rota_zk_resolve_by(r->hosts, r->config.lookup, reason, size);
}

/* Looks the names up for the first time. */
static void resolve_first(struct rota_zk_route *r)
{
    char reason[sizeof r->reason];
    char *list = resolve(r, reason, sizeof reason);

    pthread_mutex_lock(&r->lock);
    r->list = list;
    r->state = list != NULL ? ROTA_ZK_ROUTE_READY : ROTA_ZK_ROUTE_UNUSABLE;
    if (list == NULL)
        memcpy(r->reason, reason, sizeof reason);
    pthread_mutex_unlock(&r->lock);
}

/* Whether each address of `a` stands in `b` too; a name service may change their order. */
static bool is_part(const char *a, const char *b)
{
    size_t b_length = strcspn(b, "/");

    while (*a != '\0' && *a != '/') {
        size_t length = strcspn(a, ",/");
        bool found = false;

        for (const char *c = b; c < b + b_length && !found; c += strcspn(c, ",/") + 1)
            found = strcspn(c, ",/") == length && memcmp(a, c, length) == 0;
        if (!found)
            return false;
        a += length + (a[length] == ',');
    }
    return true;
}

/* Looks the names up again. Under the lock, which it gives up meanwhile. */
static void resolve_again(struct rota_zk_route *r)
{
    char reason[sizeof r->reason];
    char *list;

    pthread_mutex_unlock(&r->lock);
    list = resolve(r, reason, sizeof reason);
    pthread_mutex_lock(&r->lock);
    r->resolve_pause =
        r->resolve_pause * 2 < RESOLVE_MOST_MS ? r->resolve_pause * 2 : RESOLVE_MOST_MS;
    r->resolve_at = r->connected ? NEVER : now_ms() + r->resolve_pause;
    free(r->next);
    r->next = NULL;
    if (list != NULL && (!is_part(list, r->list) || !is_part(r->list, list)))
        r->next = list;
    else
        free(list);
}

/* ---- why no server serves ---- */

/* Asks the servers. Under the lock, which it gives up meanwhile. */
static void probe(struct rota_zk_route *r)
{
    char *list = rota_memory_text(r->list);
    char text[sizeof r->reason] = "";
    char *rest = list;
    size_t used = 0;
    char *address;

    pthread_mutex_unlock(&r->lock);
    list[strcspn(list, "/")] = '\0';
    for (int i = 0; i < PROBES_MOST && (address = strsep(&rest, ",")) != NULL; i++) {
        char one[256];
        int length;

        rota_zk_probe(address, PROBE_PATIENCE_MS, one, sizeof one);
        length = snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? "; " : "", one);
        used += (size_t)length < sizeof text - used ? (size_t)length : sizeof text - used - 1;
    }
    free(list);
    pthread_mutex_lock(&r->lock);
    memcpy(r->reason, text, sizeof text);
    r->probe_at = now_ms() + r->probe_pause;
    r->probe_pause *= 2;
}

/* ---- the helper thread ---- */

static bool is_due(int64_t when)
{
    return when != NEVER && now_ms() >= when;
}

static void help(struct rota_zk_route *r)
{
    while (!r->stopping) {
        int64_t until = r->resolve_at;

        if (atomic_load(&r->served))
            r->probe_at = NEVER;
        if (is_due(r->probe_at)) {
            probe(r);
        } else if (is_due(r->resolve_at)) {
            resolve_again(r);
        } else {
            if (until == NEVER || (r->probe_at != NEVER && r->probe_at < until))
                until = r->probe_at;
            wait_until(r, until);
        }
    }
}

/* One user less. Called under the lock. */
static void leave(struct rota_zk_route *r)
{
    uint32_t left = --r->users;

    pthread_mutex_unlock(&r->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->changed);
    free(r->hosts);
    free(r->list);
    free(r->next);
    r->magic = 0;
    free(r);
}

static void *run_helper(void *context)
{
    struct rota_zk_route *r = rota_cast(struct rota_zk_route, context, ROUTE_MAGIC);
    bool waited_for = rota_zk_route_state(r) == ROTA_ZK_ROUTE_RESOLVING;

    if (waited_for)
        resolve_first(r);
    pthread_mutex_lock(&r->lock);
    if (waited_for && !r->stopping && r->config.wake != NULL)
        r->config.wake(r->config.context);
    if (r->state == ROTA_ZK_ROUTE_READY)
        help(r);
    leave(r);
    return NULL;
}

/* Starts the helper thread. Without it names are not looked up again, and no reason is found. */
static bool start_helper(struct rota_zk_route *r)
{
    pthread_t thread;

    r->users = 2;
    if (pthread_create(&thread, NULL, run_helper, r) != 0) {
        r->users = 1;
        return false;
    }
    pthread_detach(thread);
    return true;
}

/* ---- failed attempts, on the library's IO thread ---- */

/* How long the next attempt waits: some may follow at once, so that another server is found soon;
 * then they come at a pace at which each server is tried several times in a session timeout. Under
 * the lock. */
static int64_t pace(struct rota_zk_route *r)
{
    uint32_t count = address_count(r->list);
    int64_t gap = r->config.session_timeout_ms / (ROUNDS * count);
    int64_t now = now_ms();

    gap = gap < PACE_LEAST_MS ? PACE_LEAST_MS : gap > PACE_MOST_MS ? PACE_MOST_MS : gap;
    r->allowed += (double)(now - r->allowed_at) / (double)gap;
    if (r->allowed > 2.0 * count + 1)
        r->allowed = 2.0 * count + 1;
    r->allowed_at = now;
    r->allowed -= 1;
    return r->allowed >= 0 ? 0 : (int64_t)(-r->allowed * (double)gap) + 1;
}

/* Gives the library new addresses. The handle is not connected and not being closed by another
 * thread, and this is the thread that uses its list, so nothing of S91 can happen. */
static void hand_over(zhandle_t *zh, char *list)
{
    unsigned random = 0;
    char *odd;

    (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
    list[strcspn(list, "/")] = '\0';
    odd = rota_zk_hosts_odd(list, random);
    zoo_set_servers(zh, odd);
    free(odd);
}

static void attempt_failed(struct rota_zk_route *r)
{
    char *next = NULL;
    int64_t until;
    zhandle_t *zh;
    int state;

    pthread_mutex_lock(&r->lock);
    zh = r->zh;
    state = zh != NULL ? zoo_state(zh) : 0;
    if (zh != NULL && is_unrecoverable(zh) != ZOK) { /* the session has ended: no attempt follows */
        pthread_mutex_unlock(&r->lock);
        return;
    }
    if (r->probe_at != NEVER && r->probe_pause == PROBE_AGAIN_MS)
        r->probe_at = now_ms();
    if (zh != NULL && !r->stopping && r->next != NULL && state != ZOO_CONNECTED_STATE &&
        state != ZOO_READONLY_STATE) {
        next = rota_memory_text(r->next);
        free(r->list);
        r->list = r->next;
        r->next = NULL;
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    if (next != NULL)
        hand_over(zh, next);
    free(next);
    pthread_mutex_lock(&r->lock);
    until = pace(r) + now_ms();
    while (!r->stopping && now_ms() < until)
        wait_until(r, until);
    pthread_mutex_unlock(&r->lock);
}

static void on_line(void *context, const char *line)
{
    struct rota_zk_route *r = rota_cast(struct rota_zk_route, context, ROUTE_MAGIC);
    int error;

    if (rota_zk_log_level(line) <= r->config.log)
        fprintf(r->config.log_stream != NULL ? r->config.log_stream : stderr, "%s\n", line);
    if (rota_zk_log_is_failure(line, &error))
        attempt_failed(r);
}

/* ---- life ---- */

static void conditions_init(struct rota_zk_route *r)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct rota_zk_route *rota_zk_route_open(const struct rota_zk_route_config *config)
{
    struct rota_zk_route *r = rota_memory_zeroed(1, sizeof *r);

    r->magic = ROUTE_MAGIC;
    r->users = 1;
    r->config = *config;
    r->hosts = rota_memory_text(config->hosts);
    r->named = rota_zk_hosts_named(r->hosts);
    r->log = rota_zk_log_open(on_line, r);
    r->resolve_pause = RESOLVE_FIRST_MS;
    r->resolve_at = r->named ? now_ms() + RESOLVE_FIRST_MS : NEVER;
    r->probe_pause = PROBE_AGAIN_MS;
    r->probe_at = config->first ? now_ms() + PROBE_FIRST_MS : NEVER;
    r->allowed_at = now_ms();
    r->allowed = 1e9; /* more than pace allows */
    conditions_init(r);
    if (config->first || !r->named)
        resolve_first(r);
    if (r->state == ROTA_ZK_ROUTE_UNUSABLE || (!r->named && !config->first))
        return r;
    if (!start_helper(r) && r->state == ROTA_ZK_ROUTE_RESOLVING)
        resolve_first(r);
    return r;
}

enum rota_zk_route_state rota_zk_route_state(struct rota_zk_route *r)
{
    enum rota_zk_route_state state;

    pthread_mutex_lock(&r->lock);
    state = r->state;
    pthread_mutex_unlock(&r->lock);
    return state;
}

char *rota_zk_route_list(struct rota_zk_route *r)
{
    unsigned random = 0;
    char *odd;

    (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
    pthread_mutex_lock(&r->lock);
    odd = rota_zk_hosts_odd(r->list, random);
    pthread_mutex_unlock(&r->lock);
    return odd;
}

rota_zk_log_f rota_zk_route_log(struct rota_zk_route *r)
{
    return r->log;
}

void rota_zk_route_opened(struct rota_zk_route *r, zhandle_t *zh)
{
    pthread_mutex_lock(&r->lock);
    r->zh = zh;
    pthread_mutex_unlock(&r->lock);
}

void rota_zk_route_connected(struct rota_zk_route *r, bool connected)
{
    pthread_mutex_lock(&r->lock);
    r->connected = connected;
    r->resolve_pause = RESOLVE_FIRST_MS;
    r->resolve_at = connected || !r->named ? NEVER : now_ms() + RESOLVE_FIRST_MS;
    if (connected) { /* these addresses serve */
        free(r->next);
        r->next = NULL;
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

void rota_zk_route_served(struct rota_zk_route *r)
{
    if (!atomic_load_explicit(&r->served, memory_order_relaxed))
        atomic_store(&r->served, true);
}

void rota_zk_route_reason(struct rota_zk_route *r, char *text, size_t size)
{
    pthread_mutex_lock(&r->lock);
    snprintf(text, size, "%s", r->reason);
    pthread_mutex_unlock(&r->lock);
}

void rota_zk_route_stop(struct rota_zk_route *r)
{
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

void rota_zk_route_close(struct rota_zk_route *r)
{
    rota_zk_log_close(r->log);
    rota_zk_route_stop(r);
    pthread_mutex_lock(&r->lock);
    leave(r);
}
