#include "backend_sim/world/world.h"

#include <stdlib.h>

#include "backend_sim/net/ensemble.h"
#include "backend_sim/world/inbox.h"
#include "model/base/assert.h"
#include "model/seam/request_limits.h"
#include "system/memory.h"

/* The server's wall clock at time 0. */
#define WALL_MS INT64_C(1700000000000)

/* ---- the hooks of the network ---- */

/* Whether a request was refused because its sender has lost the right to write. */
static bool right_lost(int32_t rc)
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

    if (right_lost(rc))
        rota_process_at(w, who)->refused++;
    if (w->hooks->applied != NULL)
        w->hooks->applied(w->context, who, request, rc);
}

static void on_dropped(void *context, uint32_t who, const struct rota_request *request)
{
    struct rota_world *w = context;

    if (rota_request_writes(request))
        rota_process_at(w, who)->refused++;
}

static const struct rota_net_hooks net_hooks = {on_commit, on_applied, on_dropped};

/* ---- time ---- */

static void down_moment(struct rota_world *w, const struct rota_moment *moment)
{
    struct rota_link *l = rota_link_find(&w->net, moment->who, moment->serial);
    struct rota_process *p;
    struct rota_message *m;

    if (l == NULL || !l->attached) /* the connection is gone, and the message with it */
        return;
    p = rota_process_at(w, l->connection.who);
    if (p->paused) {
        l->down.stalled = true;
        return;
    }
    rota_assert(p->client.link == l);
    m = rota_link_take_down(&w->net, l);
    rota_sim_client_receive(&p->client, m);
    rota_message_free(&w->net, m);
    rota_process_pump(p);
    rota_process_check(p);
}

bool rota_world_step(struct rota_world *w)
{
    struct rota_moment m;

    if (rota_world_stuck(w) || !rota_timeline_take(&w->timeline, &m))
        return false;
    rota_assert(m.time >= w->timeline.now);
    if (m.time > w->timeline.now)
        w->events_still = 0;
    w->timeline.now = m.time;
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
        rota_process_moment(rota_process_at(w, m.who), &m);
        rota_process_check(rota_process_at(w, m.who));
        break;
    }
    return true;
}

void rota_world_run(struct rota_world *w, rota_time until)
{
    while (rota_timeline_next(&w->timeline) <= until)
        if (!rota_world_step(w))
            return;
    if (until > w->timeline.now) {
        w->timeline.now = until;
        w->events_still = 0;
    }
}

void rota_world_call_at(struct rota_world *w, rota_time when, uint64_t id)
{
    rota_timeline_put(&w->timeline, when > w->timeline.now ? when : w->timeline.now,
                      ROTA_MOMENT_CALL, 0, id);
}

/* ---- the world itself ---- */

struct rota_world *rota_world_open(const struct rota_world_config *config,
                                   const struct rota_world_hooks *hooks, void *context)
{
    struct rota_world *w = rota_memory_zeroed(1, sizeof *w);
    struct rota_server_config server = {.seed = config->seed,
                                        .server_id = 1,
                                        .tick_ms = config->tick_ms,
                                        .timeout_least_ms = 1,
                                        .timeout_most_ms = UINT32_MAX / 4,
                                        .wall_ms = WALL_MS,
                                        .reap_ms = config->reap_ms};

    w->config = *config;
    w->hooks = hooks;
    w->context = context;
    w->hash = XXH3_createState();
    if (w->hash == NULL)
        rota_memory_exhausted();
    XXH3_64bits_reset(w->hash);
    rota_choices_init(&w->choices, config->seed);
    w->choices.record = config->record_choices;
    rota_net_init(
        &w->net,
        &(struct rota_ensemble_config){.server = &server,
                                       .servers = config->servers > 0 ? config->servers : 1,
                                       .lag = config->lag,
                                       .latency = config->latency},
        &net_hooks, w, &w->timeline, &w->choices);
    rota_ensemble_sync_by_quorum(w->net.ensemble, config->quorum_sync);
    return w;
}

void rota_world_close(struct rota_world *w)
{
    static const struct rota_world_hooks none;

    if (w == NULL)
        return;
    w->hooks = &none;
    for (uint32_t i = 0; i < w->count; i++)
        rota_process_destroy(w->processes[i]);
    rota_net_close(&w->net);
    rota_timeline_close(&w->timeline);
    rota_choices_close(&w->choices);
    XXH3_freeState(w->hash);
    free(w->processes);
    free(w);
}

static struct rota_process *add_process(struct rota_world *w, const char *name, enum rota_part part,
                                        const struct rota_driver_config *config)
{
    struct rota_process *p = rota_process_create(w, w->count, name, part, config);

    w->processes =
        rota_memory_extend(w->processes, w->count, &w->capacity, sizeof(struct rota_process *));
    w->processes[w->count++] = p;
    return p;
}

uint32_t rota_world_add(struct rota_world *w, const char *name, enum rota_part part,
                        const struct rota_driver_config *config)
{
    return add_process(w, name, part, config)->who;
}

uint32_t rota_world_add_zk_client(struct rota_world *w, const char *name,
                                  rota_zk_client_event_f on_event, void *context)
{
    struct rota_process *p = add_process(w, name, ROTA_PART_ZK_CLIENT, NULL);

    p->on_event = on_event;
    p->event_context = context;
    return p->who;
}

struct rota_marks rota_world_marks(const struct rota_world *w)
{
    struct rota_marks marks = w->marks;

    for (uint32_t i = 0; i < w->count; i++) {
        const struct rota_process *p = w->processes[i];

        if (p->state == ROTA_PROCESS_RUNNING && rota_process_has_driver(p))
            rota_process_join_marks(p, &marks);
    }
    return marks;
}

rota_time rota_world_now(const struct rota_world *w)
{
    return w->timeline.now;
}

rota_time rota_world_next(const struct rota_world *w)
{
    return rota_timeline_next(&w->timeline);
}

struct rota_choices *rota_world_choices(struct rota_world *w)
{
    return &w->choices;
}

uint32_t rota_world_count(const struct rota_world *w)
{
    return w->count;
}

struct rota_process *rota_world_process(const struct rota_world *w, uint32_t who)
{
    return rota_process_at(w, who);
}

/* ---- its processes ---- */

void rota_world_start(struct rota_world *w, uint32_t who)
{
    rota_process_start(rota_process_at(w, who));
}

void rota_world_stop(struct rota_world *w, uint32_t who)
{
    rota_process_stop(rota_process_at(w, who));
}

void rota_world_crash(struct rota_world *w, uint32_t who, bool again)
{
    rota_process_crash(rota_process_at(w, who), again);
}

void rota_world_pause(struct rota_world *w, uint32_t who, bool work)
{
    rota_process_pause(rota_process_at(w, who), work);
}

void rota_world_resume(struct rota_world *w, uint32_t who)
{
    rota_process_resume(rota_process_at(w, who));
}

void rota_world_deliver(struct rota_world *w, uint32_t who)
{
    rota_assert(!rota_process_has_driver(rota_process_at(w, who)));
    rota_process_pump_if_idle(rota_process_at(w, who));
}

void rota_world_leave(struct rota_world *w, uint32_t who)
{
    rota_process_leave(rota_process_at(w, who));
}

void rota_world_submit(struct rota_world *w, uint32_t who, uint64_t job, const char *name,
                       const struct rota_bytes *payload)
{
    struct rota_process *p = rota_process_at(w, who);
    struct rota_inbox_message m = {.kind = payload == NULL ? ROTA_EVENT_WAIT : ROTA_EVENT_SUBMIT,
                                   .number = job};

    rota_assert(p->state == ROTA_PROCESS_RUNNING);
    m.name = name == NULL ? NULL : rota_memory_text(name);
    if (payload != NULL) {
        m.payload_length = payload->length;
        m.payload =
            rota_memory_copy(payload->data, (size_t)(payload->length > 0 ? payload->length : 0));
    }
    rota_inbox_put(p, &m);
}

void rota_world_close_input(struct rota_world *w, uint32_t who)
{
    rota_assert(rota_process_at(w, who)->state == ROTA_PROCESS_RUNNING);
    rota_inbox_put(rota_process_at(w, who),
                   &(struct rota_inbox_message){.kind = ROTA_EVENT_CLOSE_INPUT});
}

void rota_world_start_operator(struct rota_world *w, uint32_t who, const char *name)
{
    struct rota_process *p = rota_process_at(w, who);

    rota_assert(rota_process_is(p, ROTA_PART_OPERATOR));
    rota_process_start(p);
    rota_inbox_put(
        p, &(struct rota_inbox_message){.kind = ROTA_EVENT_WAIT, .name = rota_memory_text(name)});
    rota_inbox_put(p, &(struct rota_inbox_message){.kind = ROTA_EVENT_CLOSE_INPUT});
}
