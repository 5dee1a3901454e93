#include "backend_sim/world/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/net/ensemble.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"

enum {
    STILL_MOST = 1000000, /* events without any time passing: more is a circle */
};

/* What the server's wall clock shows at time 0. */
#define WALL_MS INT64_C(1700000000000)

/* One delivered event, as it enters the hash: no byte of it is padding. */
struct delivered {
    int64_t time;
    uint64_t tag;
    int64_t zxid;
    uint32_t who;
    uint32_t kind;
    int32_t rc;
    uint32_t length;
};

/* ---- trace and hash ---- */

void rota_world_write_note(struct rota_world *w, uint32_t who, const struct rota_note *note)
{
    bool server = who > ROTA_NOBODY - ROTA_SERVERS_MOST;
    char numbered[8];
    const char *name = server ? numbered : w->processes[who]->name;
    char line[640];
    size_t length;

    snprintf(numbered, sizeof numbered, "s%u", (ROTA_NOBODY - who) % ROTA_SERVERS_MOST + 1);
    length = rota_trace_format(w->net.now, name, note, line, sizeof line);
    XXH3_64bits_update(w->hash, line, length);
    if (w->hooks->line != NULL)
        w->hooks->line(w->context, server ? ROTA_NOBODY : who, line);
}

void rota_world_note(struct rota_world *w, uint32_t who, const char *text)
{
    struct rota_note note = {.kind = ROTA_NOTE_FAULT, .name = text};

    rota_marks_put(&w->marks, ROTA_MARK_NOTE_FAULT);
    rota_world_write_note(w, who, &note);
}

void rota_world_hash_event(struct rota_world *w, uint32_t who, const struct rota_handle_event *e)
{
    struct delivered d = {.time = w->net.now, .who = who, .kind = (uint32_t)e->kind};
    const char *path = NULL;

    switch (e->kind) {
    case ROTA_HANDLE_REPLY:
        d.tag = e->reply.tag;
        d.rc = e->reply.rc;
        d.zxid = e->reply.stat.mzxid;
        d.length = e->reply.child_count + e->reply.result_count;
        break;
    case ROTA_HANDLE_WATCH:
        d.rc = (int32_t)e->watch.kind;
        path = e->watch.path;
        d.length = (uint32_t)strlen(path);
        break;
    case ROTA_HANDLE_SESSION:
        d.rc = (int32_t)e->session.state;
        d.zxid = e->session.client_id.id;
        break;
    }
    XXH3_64bits_update(w->hash, &d, sizeof d);
    if (path != NULL)
        XXH3_64bits_update(w->hash, path, d.length);
}

bool rota_world_count_event(struct rota_world *w)
{
    w->events++;
    return ++w->still < STILL_MOST;
}

bool rota_world_expire(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING || p->client.client_id.id == 0 ||
        !rota_server_expire(w->net.server, p->client.client_id.id, rota_net_now_ms(&w->net)))
        return false;
    p->expired_at = w->net.now;
    rota_world_note(w, who, "the server ended its session");
    rota_process_fault(rota_world_process(w, who));
    return true;
}

void rota_world_disconnect(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    rota_world_note(w, who, "cut off");
    p->client.blocked = true;
    rota_world_cut(w, who);
}

void rota_world_heal(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    if (!p->client.blocked)
        return;
    rota_world_note(w, who, "can reach the server again");
    p->client.blocked = false;
}

void rota_world_cut(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    rota_process_fault(rota_world_process(w, who));
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_sim_client_cut(&p->client);
    rota_process_hear(p);
}

void rota_world_lose_next(struct rota_world *w, uint32_t who, enum rota_fate fate,
                          rota_time late_most)
{
    static const char *const texts[] = {"", "the next request is lost with its connection",
                                        "the next reply is lost with its connection",
                                        "the next request will be done late"};
    struct rota_process *p = w->processes[who];

    rota_process_fault(rota_world_process(w, who));
    rota_world_note(w, who, texts[fate]);
    rota_sim_client_doom(&p->client, fate, late_most);
}

void rota_world_slow(struct rota_world *w, uint32_t who, rota_time extra)
{
    struct rota_process *p = w->processes[who];

    p->client.slow = extra;
    if (p->state == ROTA_PROCESS_RUNNING && p->client.link != NULL)
        p->client.link->latency = w->net.latency + extra;
}

uint32_t rota_world_struck(const struct rota_world *w)
{
    return w->net.struck;
}

void rota_world_found(struct rota_world *w, const char *const *paths, uint32_t count)
{
    struct rota_server *server = w->net.server;
    int64_t now_ms = rota_net_now_ms(&w->net);
    struct rota_request request = {.operation = {.op = ROTA_OP_CREATE, .data = ROTA_NULL_BYTES}};
    int64_t session = rota_server_open_session(server, 1000, now_ms).client_id.id;

    for (uint32_t i = 0; i < count; i++) {
        request.operation.path = paths[i];
        rota_server_write(server, 0, session, NULL, &request, now_ms);
    }
    request.operation = (struct rota_operation){.op = ROTA_OP_CLOSE};
    rota_server_write(server, 0, session, NULL, &request, now_ms);
    rota_ensemble_settle(&w->net);
}

void rota_world_count_up(struct rota_world *w, const char *path, int32_t creates)
{
    rota_server_count_up(w->net.server, path, creates);
    rota_ensemble_count_up(&w->net, path, creates);
}

/* ---- what the network tells ---- */

static bool right_gone(int32_t rc)
{
    return rc == ROTA_ERR_BAD_VERSION || rc == ROTA_ERR_SESSION_EXPIRED ||
           rc == ROTA_ERR_SESSION_MOVED;
}

static void on_commit(void *context, uint32_t who, const struct rota_commit *commit)
{
    struct rota_world *w = context;

    if (w->hooks->committed != NULL)
        w->hooks->committed(w->context, who, commit);
}

static void on_applied(void *context, uint32_t who, const struct rota_request *request, int32_t rc)
{
    struct rota_world *w = context;

    if (right_gone(rc))
        w->processes[who]->refused++;
    if (w->hooks->applied != NULL)
        w->hooks->applied(w->context, who, request, rc);
}

static void on_dropped(void *context, uint32_t who, const struct rota_request *request)
{
    struct rota_world *w = context;

    if (rota_request_writes(request))
        w->processes[who]->refused++;
}

static const struct rota_net_hooks net_hooks = {on_commit, on_applied, on_dropped};

/* ---- time ---- */

static void down_moment(struct rota_world *w, const struct rota_moment *moment)
{
    struct rota_link *l = rota_link_find(&w->net, moment->who, moment->serial);
    struct rota_process *p;
    struct rota_message *m;

    if (l == NULL || !l->attached) /* what was on its way is gone */
        return;
    p = w->processes[l->who];
    if (p->paused) {
        l->down.stalled = true;
        return;
    }
    rota_assert(p->client.link == l);
    m = rota_link_take_down(&w->net, l);
    rota_sim_client_hear(&p->client, m);
    rota_message_free(&w->net, m);
    rota_process_pump(p);
}

bool rota_world_step(struct rota_world *w)
{
    struct rota_moment m;

    if (w->still >= STILL_MOST || !rota_timeline_take(&w->timeline, &m))
        return false;
    rota_assert(m.time >= w->net.now);
    if (m.time > w->net.now)
        w->still = 0;
    w->net.now = m.time;
    rota_world_count_event(w);
    if (rota_net_moment(&w->net, &m))
        return true;
    switch (m.kind) {
    case ROTA_MOMENT_DOWN:
        down_moment(w, &m);
        break;
    case ROTA_MOMENT_CALL:
        if (w->hooks->called != NULL)
            w->hooks->called(w->context, m.serial);
        break;
    default:
        rota_process_moment(w->processes[m.who], &m);
        break;
    }
    return true;
}

void rota_world_run(struct rota_world *w, rota_time until)
{
    while (rota_timeline_next(&w->timeline) <= until) {
        if (!rota_world_step(w))
            return;
    }
    if (until > w->net.now) {
        w->net.now = until;
        w->still = 0;
    }
}

void rota_world_call_at(struct rota_world *w, rota_time when, uint64_t id)
{
    rota_timeline_put(&w->timeline, when > w->net.now ? when : w->net.now, ROTA_MOMENT_CALL, 0, id);
}

/* ---- the world itself ---- */

struct rota_world *rota_world_open(const struct rota_world_config *config,
                                   const struct rota_world_hooks *hooks, void *context)
{
    struct rota_world *w = calloc(1, sizeof *w);
    struct rota_server_config server = {.seed = config->seed,
                                        .server_id = 1,
                                        .tick_ms = config->tick_ms,
                                        .timeout_least_ms = 1,
                                        .timeout_most_ms = UINT32_MAX / 4,
                                        .wall_ms = WALL_MS,
                                        .reap_ms = config->reap_ms};

    rota_assert(w != NULL);
    w->config = *config;
    w->hooks = hooks;
    w->context = context;
    w->hash = XXH3_createState();
    rota_assert(w->hash != NULL);
    XXH3_64bits_reset(w->hash);
    rota_choices_init(&w->choices, config->seed);
    w->choices.record = config->record_choices;
    rota_net_init(&w->net, &server, &net_hooks, w, &w->timeline, &w->choices, config->latency);
    if (config->servers > 1) {
        rota_ensemble_open(&w->net, &server, config->servers, config->lag);
        rota_ensemble_sync_by_quorum(w->net.ensemble, config->quorum_sync);
    }
    return w;
}

void rota_world_close(struct rota_world *w)
{
    static const struct rota_world_hooks deaf;

    if (w == NULL)
        return;
    w->hooks = &deaf;
    for (uint32_t i = 0; i < w->count; i++) {
        struct rota_process *p = w->processes[i];

        if (p->state == ROTA_PROCESS_RUNNING)
            rota_process_destroy(p, ROTA_PROCESS_ABSENT);
        free(p->runs);
        free((void *)p->config.config);
        free(p);
    }
    rota_net_close(&w->net);
    rota_timeline_close(&w->timeline);
    rota_choices_close(&w->choices);
    XXH3_freeState(w->hash);
    free(w->processes);
    free(w);
}

static struct rota_process *add_process(struct rota_world *w, const char *name, enum rota_part part)
{
    struct rota_process *p = calloc(1, sizeof *p);

    w->processes = realloc(w->processes, (w->count + 1) * sizeof(struct rota_process *));
    rota_assert(p != NULL && w->processes != NULL);
    p->host.ops = &rota_process_host;
    p->world = w;
    p->who = w->count;
    p->part = part;
    snprintf(p->name, sizeof p->name, "%s", name);
    w->processes[w->count++] = p;
    return p;
}

uint32_t rota_world_add(struct rota_world *w, const char *name, enum rota_part part,
                        const struct rota_driver_config *config)
{
    struct rota_process *p = add_process(w, name, part);
    void *copy = malloc(config->role->config_size);

    rota_assert(copy != NULL);
    memcpy(copy, config->config, config->role->config_size);
    p->config = *config;
    p->config.config = copy;
    return p->who;
}

uint32_t rota_world_add_guest(struct rota_world *w, const char *name, rota_guest_hear_f hear,
                              void *context)
{
    struct rota_process *p = add_process(w, name, ROTA_PART_NONE);

    p->hear = hear;
    p->hear_context = context;
    return p->who;
}

bool rota_process_is(const struct rota_process *p, enum rota_part part)
{
    return p->part == part;
}

struct rota_marks rota_world_marks(const struct rota_world *w)
{
    struct rota_marks marks = w->marks;

    for (uint32_t i = 0; i < w->count; i++) {
        const struct rota_process *p = w->processes[i];

        if (p->state == ROTA_PROCESS_RUNNING && p->hear == NULL)
            rota_process_join_marks(p, &marks);
    }
    return marks;
}

rota_time rota_world_now(const struct rota_world *w)
{
    return w->net.now;
}

bool rota_world_stuck(const struct rota_world *w)
{
    return w->still >= STILL_MOST;
}

rota_time rota_world_next(const struct rota_world *w)
{
    return rota_timeline_next(&w->timeline);
}

uint64_t rota_world_events(const struct rota_world *w)
{
    return w->events;
}

uint64_t rota_world_hash(const struct rota_world *w)
{
    return XXH3_64bits_digest(w->hash);
}

struct rota_choices *rota_world_choices(struct rota_world *w)
{
    return &w->choices;
}

const struct rota_server *rota_world_server(const struct rota_world *w)
{
    return w->net.server;
}

uint32_t rota_world_count(const struct rota_world *w)
{
    return w->count;
}

struct rota_process *rota_world_process(struct rota_world *w, uint32_t who)
{
    return w->processes[who];
}
