#include "backend_sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/assert.h"
#include "model/request.h"

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

enum {
    STILL_MOST = 1000000, /* events without any time passing: more is a circle */
    CANCEL_US = 1000,     /* how long a run takes to end when it is cancelled */
    WAKE_US = 1000,       /* how long a woken process hears what has come before its clock */
    GRACE_US = 10000,     /* the same with a grace */
};

/* What the server's wall clock shows at time 0. */
#define WALL_MS INT64_C(1700000000000)

struct rota_world {
    struct rota_world_config config;
    const struct rota_world_hooks *hooks;
    void *context;
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_process **processes;
    uint32_t count;
    uint64_t events;
    uint64_t serials;
    uint64_t still; /* events since time has passed */
    XXH3_state_t *hash;
};

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

static const struct rota_host_ops host_ops;

/* ---- trace and hash ---- */

static void write_note(struct rota_world *w, uint32_t who, const struct rota_note *note)
{
    char line[640];
    size_t length = rota_trace_format(w->net.now, w->processes[who]->name, note, line, sizeof line);

    XXH3_64bits_update(w->hash, line, length);
    if (w->hooks->line != NULL)
        w->hooks->line(w->context, who, line);
}

void rota_world_note(struct rota_world *w, uint32_t who, const char *text)
{
    struct rota_note note = {.kind = ROTA_NOTE_FAULT, .name = text};

    write_note(w, who, &note);
}

static void hash_event(struct rota_world *w, uint32_t who, const struct rota_handle_event *e)
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

/* Counts an event. False if too many have come while no time passed. */
static bool count_event(struct rota_world *w)
{
    w->events++;
    return ++w->still < STILL_MOST;
}

static void misfortune(struct rota_world *w, uint32_t who)
{
    if (w->hooks->misfortune != NULL)
        w->hooks->misfortune(w->context, who);
}

/* ---- runs ---- */

/* Takes run `i` out, tells the user how it ended. */
static struct rota_run remove_run(struct rota_process *p, uint32_t i)
{
    struct rota_run run = p->runs[i];

    memmove(p->runs + i, p->runs + i + 1, (--p->run_count - i) * sizeof *p->runs);
    if (p->world->hooks->ended != NULL)
        p->world->hooks->ended(p->world->context, p->who, &run);
    return run;
}

static void put_told(struct rota_process *p, struct rota_told told)
{
    struct rota_told *t = malloc(sizeof *t);

    rota_assert(t != NULL);
    *t = told;
    t->next = NULL;
    if (p->told == NULL)
        p->told = t;
    else
        p->told_last->next = t;
    p->told_last = t;
    if (p->telling || p->paused)
        return;
    p->telling = true;
    rota_timeline_put(&p->world->timeline, p->world->net.now, ROTA_MOMENT_TELL, p->who,
                      p->incarnation);
}

/* A run is over: its process is told, unless it does not live. */
static void end_run(struct rota_process *p, uint32_t i)
{
    struct rota_run run = remove_run(p, i);

    put_told(p, (struct rota_told){.kind = ROTA_EVENT_FINISHED,
                                   .number = run.run,
                                   .ending = run.ending,
                                   .name = run.task});
}

static void end_runs(struct rota_process *p)
{
    while (p->run_count > 0) {
        p->runs[0].ending = ROTA_ENDING_STOPPED;
        end_run(p, 0);
    }
}

/* The process is gone and its runs with it. */
static void drop_runs(struct rota_process *p)
{
    while (p->run_count > 0) {
        p->runs[0].ending = ROTA_ENDING_STOPPED;
        free(remove_run(p, 0).task);
    }
}

static void put_run_moment(struct rota_process *p, struct rota_run *run)
{
    run->serial = ++p->world->serials;
    rota_timeline_put(&p->world->timeline, run->due, ROTA_MOMENT_WORK, p->who, run->serial);
}

static char *copy_text(const char *text)
{
    size_t length = strlen(text) + 1;
    char *to = malloc(length);

    rota_assert(to != NULL);
    memcpy(to, text, length);
    return to;
}

static void begin_run(struct rota_process *p, const struct rota_action *a)
{
    struct rota_world *w = p->world;
    struct rota_plan plan = {0};
    struct rota_run *run;

    if (w->hooks->plan != NULL)
        plan = w->hooks->plan(w->context, p->who, a);
    if (p->run_count == p->run_capacity) {
        p->run_capacity = p->run_capacity == 0 ? 4 : 2 * p->run_capacity;
        p->runs = realloc(p->runs, p->run_capacity * sizeof *p->runs);
        rota_assert(p->runs != NULL);
    }
    run = &p->runs[p->run_count++];
    *run = (struct rota_run){.run = a->run.run,
                             .due = w->net.now + plan.work,
                             .plan = plan,
                             .ending = plan.fail ? ROTA_ENDING_FAILURE : ROTA_ENDING_SUCCESS,
                             .task = copy_text(a->run.task)};
    put_run_moment(p, run);
}

static void cancel_run(struct rota_process *p, uint64_t number, bool at_once)
{
    for (uint32_t i = 0; i < p->run_count; i++) {
        struct rota_run *run = &p->runs[i];

        if (run->run != number)
            continue;
        run->ending = ROTA_ENDING_STOPPED;
        run->plan.kill = false;
        run->due = p->world->net.now + (at_once ? CANCEL_US : GRACE_US);
        put_run_moment(p, run);
    }
}

static void work_moment(struct rota_process *p, uint64_t serial)
{
    for (uint32_t i = 0; i < p->run_count && !p->work_paused; i++) {
        if (p->runs[i].serial != serial)
            continue;
        if (p->runs[i].plan.kill) {
            p->runs[i].killed = true;
            rota_world_note(p->world, p->who, "killed by its work");
            rota_world_crash(p->world, p->who, false);
        } else {
            end_run(p, i);
        }
        return;
    }
}

/* The guard ends what runs when the lease is over, whatever the process does. */
static void lease_moment(struct rota_process *p)
{
    if (p->world->net.now >= p->lease_until && p->run_count > 0 && !p->work_paused) {
        rota_world_note(p->world, p->who, "the guard ends its runs: the lease is over");
        end_runs(p);
    }
}

/* ---- the host ---- */

static void act(struct rota_host *host, const struct rota_action *a)
{
    struct rota_process *p = (struct rota_process *)host;
    struct rota_world *w = p->world;

    if (a->kind == ROTA_ACTION_NOTE)
        write_note(w, p->who, &a->note);
    if (w->hooks->acted != NULL)
        w->hooks->acted(w->context, p->who, a);
    switch (a->kind) {
    case ROTA_ACTION_RUN:
        begin_run(p, a);
        break;
    case ROTA_ACTION_CANCEL:
        cancel_run(p, a->cancel.run, a->cancel.at_once);
        break;
    case ROTA_ACTION_LEASE:
        p->lease_until = a->lease.until;
        if (p->lease_until != ROTA_NEVER)
            rota_timeline_put(&w->timeline,
                              p->lease_until > w->net.now ? p->lease_until : w->net.now,
                              ROTA_MOMENT_LEASE, p->who, p->incarnation);
        break;
    case ROTA_ACTION_RESULT:
        if (strcmp(a->job.state, "missing") != 0)
            put_told(p, (struct rota_told){.kind = ROTA_EVENT_COLLECT, .number = a->job.job});
        break;
    default:
        break;
    }
}

static bool door(struct rota_host *host, const struct rota_request *request)
{
    struct rota_process *p = (struct rota_process *)host;

    if (!p->dying && p->world->hooks->before != NULL)
        p->world->hooks->before(p->world->context, p->who, request);
    return !p->dying;
}

static const struct rota_host_ops host_ops = {act, door};

/* ---- a process's life ---- */

static void free_told(struct rota_process *p)
{
    while (p->told != NULL) {
        struct rota_told *t = p->told;

        p->told = t->next;
        free(t->name);
        free(t->payload);
        free(t);
    }
}

/* Frees what a running process has; its socket is closed. */
static void bury(struct rota_process *p, enum rota_process_state state)
{
    drop_runs(p);
    free_told(p);
    rota_driver_close(&p->driver);
    rota_sim_client_close(&p->client);
    p->state = state;
    p->paused = false;
    p->work_paused = false;
    p->dying = false;
    p->telling = false;
    misfortune(p->world, p->who);
}

static void arm(struct rota_process *p)
{
    rota_time when = rota_driver_deadline(&p->driver);

    if (when < p->dawn)
        when = p->dawn;
    if (when >= p->wake || p->paused)
        return;
    p->wake = when > p->world->net.now ? when : p->world->net.now;
    rota_timeline_put(&p->world->timeline, p->wake, ROTA_MOMENT_PROCESS, p->who, p->incarnation);
}

/* After the driver has been at work: the process dies, leaves, or goes on. */
static void settle(struct rota_process *p)
{
    p->stepping = false;
    if (p->dying) {
        bool again = p->restarting;

        bury(p, ROTA_PROCESS_ABSENT);
        if (again)
            rota_world_start(p->world, p->who);
    } else if (p->driver.finished) {
        bury(p, ROTA_PROCESS_LEFT);
    } else {
        arm(p);
    }
}

/* Gives the driver every event that has come, then settles. */
static void pump(struct rota_process *p)
{
    struct rota_handle_event e;

    p->stepping = true;
    while (!p->dying && !p->driver.finished && p->client.head.ops->next(&p->client.head, &e)) {
        hash_event(p->world, p->who, &e);
        if (!count_event(p->world))
            break;
        rota_driver_hear(&p->driver, &e);
    }
    settle(p);
}

void rota_world_start(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];
    bool blocked = p->client.blocked;
    rota_time slow = p->client.slow;

    if (p->state == ROTA_PROCESS_RUNNING)
        return;
    p->state = ROTA_PROCESS_RUNNING;
    p->incarnation++;
    p->restarting = false;
    p->wake = ROTA_NEVER;
    p->dawn = 0;
    p->lease_until = ROTA_NEVER;
    rota_sim_client_init(&p->client, &w->net, who, w->config.session_ms);
    p->client.blocked = blocked;
    p->client.slow = slow;
    p->stepping = true;
    rota_driver_init(&p->driver, &p->config, &p->client.head, &p->host);
    pump(p);
}

void rota_world_stop(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    misfortune(w, who);
    rota_world_note(w, who, "asked to stop");
    put_told(p, (struct rota_told){.kind = ROTA_EVENT_STOP});
}

void rota_world_crash(struct rota_world *w, uint32_t who, bool again)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING) {
        if (again)
            rota_world_start(w, who);
        return;
    }
    if (p->dying)
        return;
    rota_world_note(w, who, again ? "crashed, starts again" : "crashed");
    p->dying = true;
    p->restarting = again;
    if (!p->stepping)
        settle(p);
}

void rota_world_pause(struct rota_world *w, uint32_t who, bool work)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING || p->paused)
        return;
    rota_world_note(w, who, work ? "paused with its work" : "paused");
    p->paused = true;
    p->work_paused = work;
    p->paused_at = w->net.now;
    rota_sim_client_pause(&p->client);
    misfortune(w, who);
}

static void resume_runs(struct rota_process *p)
{
    rota_time lost = p->world->net.now - p->paused_at;

    if (!p->work_paused)
        return;
    p->work_paused = false;
    for (uint32_t i = 0; i < p->run_count; i++) {
        p->runs[i].due += lost;
        put_run_moment(p, &p->runs[i]);
    }
    lease_moment(p);
}

void rota_world_resume(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];
    bool clock_first;

    if (p->state != ROTA_PROCESS_RUNNING || !p->paused)
        return;
    rota_world_note(w, who, "goes on");
    misfortune(w, who);
    clock_first = rota_choose(&w->choices, ROTA_SITE_RESUME, 2) == 1;
    p->dawn = clock_first ? 0 : w->net.now + WAKE_US;
    p->paused = false;
    p->wake = ROTA_NEVER;
    resume_runs(p);
    if (clock_first)
        rota_timeline_put(&w->timeline, w->net.now, ROTA_MOMENT_PROCESS, who, p->incarnation);
    rota_sim_client_resume(&p->client);
    p->telling = p->told != NULL;
    if (p->telling)
        rota_timeline_put(&w->timeline, w->net.now, ROTA_MOMENT_TELL, who, p->incarnation);
    if (!p->stepping && !clock_first)
        pump(p);
}

bool rota_world_expire(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING || p->client.client_id.id == 0 ||
        !rota_server_expire(w->net.server, p->client.client_id.id, rota_net_now_ms(&w->net)))
        return false;
    rota_world_note(w, who, "the server ended its session");
    misfortune(w, who);
    return true;
}

/* What has been queued for a process by something else than its link. */
static void hear_soon(struct rota_process *p)
{
    if (p->state == ROTA_PROCESS_RUNNING && !p->stepping && !p->paused)
        pump(p);
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

    misfortune(w, who);
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_sim_client_cut(&p->client);
    hear_soon(p);
}

void rota_world_lose_next(struct rota_world *w, uint32_t who, enum rota_fate fate,
                          rota_time late_most)
{
    static const char *const texts[] = {"", "the next request is lost with its connection",
                                        "the next reply is lost with its connection",
                                        "the next request will be done late"};
    struct rota_process *p = w->processes[who];

    misfortune(w, who);
    rota_world_note(w, who, texts[fate]);
    p->client.fate = fate;
    p->client.late_most = late_most;
}

void rota_world_slow(struct rota_world *w, uint32_t who, rota_time extra)
{
    struct rota_process *p = w->processes[who];

    p->client.slow = extra;
    if (p->state == ROTA_PROCESS_RUNNING && p->client.link != NULL)
        p->client.link->latency = w->net.latency + extra;
}

void rota_world_pause_server(struct rota_world *w)
{
    rota_world_note(w, ROTA_NOBODY, "stands still");
    rota_net_pause_server(&w->net);
}

void rota_world_resume_server(struct rota_world *w)
{
    rota_world_note(w, ROTA_NOBODY, "goes on");
    rota_net_resume_server(&w->net);
}

void rota_world_crash_server(struct rota_world *w)
{
    rota_world_note(w, ROTA_NOBODY, "crashed");
    rota_net_crash_server(&w->net);
}

void rota_world_start_server(struct rota_world *w)
{
    if (!w->net.server_down)
        return;
    rota_world_note(w, ROTA_NOBODY, "started");
    rota_net_start_server(&w->net);
}

bool rota_world_server_up(const struct rota_world *w)
{
    return !w->net.server_down && !w->net.server_paused;
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
        rota_server_write(server, 0, session, &request, now_ms);
    }
    request.operation = (struct rota_operation){.op = ROTA_OP_CLOSE};
    rota_server_write(server, 0, session, &request, now_ms);
}

void rota_world_submit(struct rota_world *w, uint32_t who, uint64_t job, const char *name,
                       const struct rota_bytes *payload)
{
    struct rota_process *p = w->processes[who];
    struct rota_told told = {.kind = payload == NULL ? ROTA_EVENT_WAIT : ROTA_EVENT_SUBMIT,
                             .number = job};

    rota_assert(p->state == ROTA_PROCESS_RUNNING);
    told.name = copy_text(name);
    if (payload != NULL) {
        told.payload_length = payload->length;
        told.payload = malloc((size_t)(payload->length > 0 ? payload->length : 1));
        rota_assert(told.payload != NULL);
        if (payload->length > 0)
            memcpy(told.payload, payload->data, (size_t)payload->length);
    }
    put_told(p, told);
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

static void tell(struct rota_process *p, struct rota_told *t)
{
    struct rota_event e = {.kind = t->kind};

    switch (t->kind) {
    case ROTA_EVENT_FINISHED:
        e.finished.run = t->number;
        e.finished.ending = t->ending;
        e.finished.output = ROTA_NULL_BYTES;
        e.finished.errors = ROTA_NULL_BYTES;
        e.finished.reason = "";
        if (t->ending == ROTA_ENDING_SUCCESS)
            e.finished.output = (struct rota_bytes){t->name, (int32_t)strlen(t->name)};
        else if (t->ending == ROTA_ENDING_FAILURE)
            e.finished.reason = "exit status 1";
        break;
    case ROTA_EVENT_SUBMIT:
    case ROTA_EVENT_WAIT:
    case ROTA_EVENT_COLLECT:
        e.job.job = t->number;
        e.job.name = t->name;
        e.job.payload = (struct rota_bytes){t->payload, t->payload_length};
        break;
    default:
        break;
    }
    rota_driver_tell(&p->driver, &e);
}

static void tell_moment(struct rota_process *p)
{
    struct rota_told *t = p->told;

    p->telling = false;
    if (p->paused || t == NULL)
        return;
    p->told = t->next;
    p->stepping = true;
    tell(p, t);
    free(t->name);
    free(t->payload);
    free(t);
    if (p->told != NULL && !p->paused) {
        p->telling = true;
        rota_timeline_put(&p->world->timeline, p->world->net.now, ROTA_MOMENT_TELL, p->who,
                          p->incarnation);
    }
    pump(p);
}

static void process_moment(struct rota_process *p)
{
    if (p->world->net.now >= p->wake)
        p->wake = ROTA_NEVER;
    if (p->paused)
        return;
    p->stepping = true;
    rota_driver_tick(&p->driver);
    pump(p);
}

static void down_moment(struct rota_world *w, struct rota_link *l)
{
    struct rota_process *p = w->processes[l->who];
    struct rota_message *m;

    if (!l->attached) /* what was on its way is gone */
        return;
    if (p->paused) {
        l->down.stalled = true;
        return;
    }
    rota_assert(p->client.link == l);
    m = rota_link_take_down(&w->net, l);
    rota_sim_client_hear(&p->client, m);
    rota_message_free(&w->net, m);
    pump(p);
}

static void link_moment(struct rota_world *w, const struct rota_moment *m)
{
    struct rota_link *l = rota_link_find(&w->net, m->who, m->serial);

    if (l == NULL)
        return;
    if (m->kind == ROTA_MOMENT_UP)
        rota_link_arrive_up(&w->net, l);
    else
        down_moment(w, l);
}

static void own_moment(struct rota_world *w, const struct rota_moment *m)
{
    struct rota_process *p = w->processes[m->who];

    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    if (m->kind == ROTA_MOMENT_WORK) {
        work_moment(p, m->serial);
    } else if (m->kind == ROTA_MOMENT_CLIENT) {
        if (m->serial != p->client.owner)
            return;
        rota_sim_client_tick(&p->client);
        hear_soon(p);
    } else if (m->serial == p->incarnation) {
        if (m->kind == ROTA_MOMENT_PROCESS)
            process_moment(p);
        else if (m->kind == ROTA_MOMENT_TELL)
            tell_moment(p);
        else
            lease_moment(p);
    }
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
    count_event(w);
    switch (m.kind) {
    case ROTA_MOMENT_UP:
    case ROTA_MOMENT_DOWN:
        link_moment(w, &m);
        break;
    case ROTA_MOMENT_LATE:
        rota_net_late(&w->net, m.serial);
        break;
    case ROTA_MOMENT_EXPIRY:
        rota_net_expire_due(&w->net);
        break;
    case ROTA_MOMENT_CALL:
        if (w->hooks->called != NULL)
            w->hooks->called(w->context, m.serial);
        break;
    default:
        own_moment(w, &m);
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
                                        .wall_ms = WALL_MS};

    rota_assert(w != NULL);
    w->config = *config;
    w->hooks = hooks;
    w->context = context;
    w->hash = XXH3_createState();
    rota_assert(w->hash != NULL);
    XXH3_64bits_reset(w->hash);
    rota_choices_init(&w->choices, config->seed);
    rota_net_init(&w->net, &server, &net_hooks, w, &w->timeline, &w->choices, config->latency);
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
            bury(p, ROTA_PROCESS_ABSENT);
        free(p->runs);
        free(p);
    }
    rota_net_close(&w->net);
    rota_timeline_close(&w->timeline);
    rota_choices_close(&w->choices);
    XXH3_freeState(w->hash);
    free(w->processes);
    free(w);
}

uint32_t rota_world_add(struct rota_world *w, const char *name,
                        const struct rota_driver_config *config)
{
    struct rota_process *p = calloc(1, sizeof *p);

    w->processes = realloc(w->processes, (w->count + 1) * sizeof(struct rota_process *));
    rota_assert(p != NULL && w->processes != NULL);
    p->host.ops = &host_ops;
    p->world = w;
    p->who = w->count;
    p->config = *config;
    snprintf(p->name, sizeof p->name, "%s", name);
    w->processes[w->count] = p;
    return w->count++;
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
