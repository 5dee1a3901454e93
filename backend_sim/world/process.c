#include "backend_sim/world/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"

enum {
    CANCEL_US = 1000, /* how long a run takes to end when it is cancelled */
    GRACE_US = 10000, /* the same with a grace */
    WAKE_US = 1000,   /* how long a woken process hears what has come before its clock */
};

void rota_process_fault(struct rota_process *p)
{
    if (p->world->hooks->misfortune != NULL)
        p->world->hooks->misfortune(p->world->context, p->who);
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

    if (run.plan.silent) {
        free(run.task);
        run.task = NULL;
    }
    put_told(p, (struct rota_told){.kind = ROTA_EVENT_FINISHED,
                                   .number = run.run,
                                   .ending = run.ending,
                                   .exit_status = run.plan.exit_status,
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

/* When it writes its next line of progress, or ends. */
static rota_time next_of(const struct rota_run *run)
{
    rota_time parts = (rota_time)run->plan.lines + 1;
    rota_time part = (rota_time)run->said + 1;

    return run->began + run->plan.work / parts * part + run->plan.work % parts * part / parts;
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
                             .began = w->net.now,
                             .plan = plan,
                             .ending =
                                 plan.exit_status != 0 ? ROTA_ENDING_FAILURE : ROTA_ENDING_SUCCESS,
                             .task = copy_text(a->run.task)};
    run->due = next_of(run);
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
        run->said = run->plan.lines;
        run->due = p->world->net.now + (at_once ? CANCEL_US : GRACE_US);
        put_run_moment(p, run);
    }
}

/* A line of progress: "2 of 5". */
static void say(struct rota_process *p, struct rota_run *run)
{
    char line[32];

    snprintf(line, sizeof line, "%" PRIu32 " of %" PRIu32, ++run->said, run->plan.lines);
    put_told(p, (struct rota_told){
                    .kind = ROTA_EVENT_PROGRESS, .number = run->run, .name = copy_text(line)});
    run->due = next_of(run);
    put_run_moment(p, run);
}

static void work_moment(struct rota_process *p, uint64_t serial)
{
    for (uint32_t i = 0; i < p->run_count && !p->work_paused; i++) {
        if (p->runs[i].serial != serial)
            continue;
        if (p->runs[i].said < p->runs[i].plan.lines) {
            say(p, &p->runs[i]);
        } else if (p->runs[i].plan.kill) {
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
    if (rota_sim_client_now(&p->client) >= p->lease_until && p->run_count > 0 && !p->work_paused) {
        rota_world_note(p->world, p->who, "the guard ends its runs: the lease is over");
        rota_process_fault(p);
        end_runs(p);
    }
}

static void arm_lease(struct rota_process *p)
{
    rota_time when = rota_clock_world(&p->client.clock, p->lease_until);
    rota_time now = p->world->net.now;

    if (when != ROTA_NEVER)
        rota_timeline_put(&p->world->timeline, when > now ? when : now, ROTA_MOMENT_LEASE, p->who,
                          p->incarnation);
}

/* ---- the host ---- */

static void act(struct rota_host *host, const struct rota_action *a)
{
    struct rota_process *p = (struct rota_process *)host;
    struct rota_world *w = p->world;

    if (a->kind == ROTA_ACTION_NOTE)
        rota_world_write_note(w, p->who, &a->note);
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
        arm_lease(p);
        break;
    case ROTA_ACTION_RESULT:
        if (rota_process_is(p, ROTA_PART_CLIENT) && strcmp(a->job.state, "missing") != 0)
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

const struct rota_host_ops rota_process_host = {act, door};

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
void rota_process_destroy(struct rota_process *p, enum rota_process_state state)
{
    drop_runs(p);
    free_told(p);
    if (p->hear == NULL) {
        rota_process_join_marks(p, &p->world->marks);
        rota_driver_close(&p->driver);
    }
    rota_sim_client_close(&p->client);
    p->state = state;
    p->paused = false;
    p->work_paused = false;
    p->dying = false;
    p->stopping = false;
    p->restarting = false;
    p->telling = false;
    rota_process_fault(p);
}

void rota_process_join_marks(const struct rota_process *p, struct rota_marks *marks)
{
    rota_marks_join(marks, &p->driver.outbox.marks);
    rota_marks_join(marks, &p->driver.session_outbox.marks);
}

static void arm(struct rota_process *p)
{
    rota_time when = rota_clock_world(&p->client.clock, rota_driver_deadline(&p->driver));

    if (when < p->dawn)
        when = p->dawn;
    if (when >= p->wake || p->paused)
        return;
    p->wake = when > p->world->net.now ? when : p->world->net.now;
    rota_timeline_put(&p->world->timeline, p->wake, ROTA_MOMENT_PROCESS, p->who, p->incarnation);
}

static bool finished(const struct rota_process *p)
{
    return p->hear == NULL && p->driver.finished;
}

static void bury_and_restart(struct rota_process *p, enum rota_process_state state)
{
    bool again = p->restarting;

    rota_process_destroy(p, state);
    if (again)
        rota_world_start(p->world, p->who);
}

/* After the driver has been at work: the process dies, leaves, or goes on. */
static void settle(struct rota_process *p)
{
    p->stepping = false;
    if (p->dying) {
        bury_and_restart(p, ROTA_PROCESS_ABSENT);
    } else if (finished(p)) {
        bury_and_restart(p, ROTA_PROCESS_LEFT);
    } else if (p->hear == NULL) {
        arm(p);
    }
}

/* Tells the user of the step to come. False if that has stopped the process. */
static bool may_step(struct rota_process *p)
{
    if (p->world->hooks->stepping != NULL)
        p->world->hooks->stepping(p->world->context, p->who);
    return !p->dying && !p->paused;
}

/* Whether an event has come that the process may hear. */
static bool has_heard(struct rota_process *p)
{
    return p->client.heard != NULL && !p->paused && may_step(p);
}

/* Gives the driver every event that has come, then settles. */
void rota_process_pump(struct rota_process *p)
{
    struct rota_handle_event e;

    p->stepping = true;
    while (!p->dying && !finished(p) && has_heard(p) &&
           p->client.head.ops->next(&p->client.head, &e)) {
        rota_world_hash_event(p->world, p->who, &e);
        if (!rota_world_count_event(p->world))
            break;
        if (p->hear != NULL)
            p->hear(p->hear_context, &e);
        else
            rota_driver_receive(&p->driver, &e);
    }
    settle(p);
}

void rota_process_hear(struct rota_process *p)
{
    if (p->state == ROTA_PROCESS_RUNNING && !p->stepping && !p->paused)
        rota_process_pump(p);
}

void rota_world_start(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];
    struct rota_sim_client before = p->client;

    if (p->state == ROTA_PROCESS_RUNNING) {
        p->restarting = p->restarting || p->stopping;
        return;
    }
    p->state = ROTA_PROCESS_RUNNING;
    p->incarnation++;
    p->wake = ROTA_NEVER;
    p->dawn = 0;
    p->lease_until = ROTA_NEVER;
    rota_sim_client_init(&p->client, &w->net, who, w->config.session_ms);
    rota_sim_client_inherit(&p->client, &before);
    if (p->hear != NULL)
        return;
    p->stepping = true;
    rota_driver_init(&p->driver, &p->config, &p->client.head, &p->host);
    rota_process_pump(p);
}

void rota_world_hear(struct rota_world *w, uint32_t who)
{
    rota_assert(w->processes[who]->hear != NULL);
    rota_process_hear(w->processes[who]);
}

void rota_world_leave(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    rota_assert(p->hear != NULL && !p->stepping);
    if (p->state == ROTA_PROCESS_RUNNING)
        rota_process_destroy(p, ROTA_PROCESS_LEFT);
}

void rota_world_stop(struct rota_world *w, uint32_t who)
{
    struct rota_process *p = w->processes[who];

    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_process_fault(p);
    rota_world_note(w, who, "asked to stop");
    p->stopping = true;
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
    rota_process_fault(p);
}

static void resume_runs(struct rota_process *p)
{
    rota_time lost = p->world->net.now - p->paused_at;

    if (!p->work_paused)
        return;
    p->work_paused = false;
    for (uint32_t i = 0; i < p->run_count; i++) {
        p->runs[i].began += lost;
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
    rota_process_fault(p);
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
        rota_process_pump(p);
}

void rota_world_skew(struct rota_world *w, uint32_t who, int32_t percent)
{
    struct rota_process *p = w->processes[who];
    char text[64];

    if (p->client.clock.skew_percent == percent)
        return;
    snprintf(text, sizeof text, percent == 0 ? "its clock is right" : "its clock runs %+d%%",
             percent);
    rota_world_note(w, who, text);
    rota_clock_skew(&p->client.clock, w->net.now, percent);
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_sim_client_rearm(&p->client);
    arm_lease(p);
    p->wake = ROTA_NEVER;
    if (p->hear == NULL && !p->stepping)
        arm(p);
}

void rota_world_submit(struct rota_world *w, uint32_t who, uint64_t job, const char *name,
                       const struct rota_bytes *payload)
{
    struct rota_process *p = w->processes[who];
    struct rota_told told = {.kind = payload == NULL ? ROTA_EVENT_WAIT : ROTA_EVENT_SUBMIT,
                             .number = job};

    rota_assert(p->state == ROTA_PROCESS_RUNNING);
    told.name = name == NULL ? NULL : copy_text(name);
    if (payload != NULL) {
        told.payload_length = payload->length;
        told.payload = malloc((size_t)(payload->length > 0 ? payload->length : 1));
        rota_assert(told.payload != NULL);
        if (payload->length > 0)
            memcpy(told.payload, payload->data, (size_t)payload->length);
    }
    put_told(p, told);
}

void rota_world_close_input(struct rota_world *w, uint32_t who)
{
    rota_assert(w->processes[who]->state == ROTA_PROCESS_RUNNING);
    put_told(w->processes[who], (struct rota_told){.kind = ROTA_EVENT_CLOSE_INPUT});
}

void rota_world_ask(struct rota_world *w, uint32_t who, const char *name)
{
    struct rota_process *p = w->processes[who];

    rota_assert(rota_process_is(p, ROTA_PART_OPERATOR));
    rota_world_start(w, who);
    put_told(p, (struct rota_told){.kind = ROTA_EVENT_WAIT, .name = copy_text(name)});
    put_told(p, (struct rota_told){.kind = ROTA_EVENT_CLOSE_INPUT});
}

/* ---- its moments ---- */

static void tell(struct rota_process *p, struct rota_told *t)
{
    struct rota_event e = {.kind = t->kind};
    char reason[32];

    switch (t->kind) {
    case ROTA_EVENT_FINISHED:
        e.finished.run = t->number;
        e.finished.ending = t->ending;
        e.finished.output = ROTA_NULL_BYTES;
        e.finished.errors = ROTA_NULL_BYTES;
        e.finished.reason = "";
        if (t->ending == ROTA_ENDING_SUCCESS && t->name != NULL) {
            e.finished.output = (struct rota_bytes){t->name, (int32_t)strlen(t->name)};
        } else if (t->ending == ROTA_ENDING_FAILURE) {
            snprintf(reason, sizeof reason, "exit status %" PRId32, t->exit_status);
            e.finished.reason = reason;
            e.finished.exit_status = t->exit_status;
        }
        break;
    case ROTA_EVENT_PROGRESS:
        e.progress.run = t->number;
        e.progress.line = t->name;
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
    rota_driver_notify(&p->driver, &e);
}

static void tell_moment(struct rota_process *p)
{
    struct rota_told *t = p->told;

    p->telling = false;
    if (p->paused || t == NULL)
        return;
    p->stepping = true;
    if (may_step(p)) {
        p->told = t->next;
        tell(p, t);
        free(t->name);
        free(t->payload);
        free(t);
    }
    if (p->told != NULL && !p->paused) {
        p->telling = true;
        rota_timeline_put(&p->world->timeline, p->world->net.now, ROTA_MOMENT_TELL, p->who,
                          p->incarnation);
    }
    rota_process_pump(p);
}

static void process_moment(struct rota_process *p)
{
    if (p->world->net.now >= p->wake)
        p->wake = ROTA_NEVER;
    if (p->paused)
        return;
    p->stepping = true;
    if (rota_sim_client_now(&p->client) >= rota_driver_deadline(&p->driver) && may_step(p))
        rota_driver_tick(&p->driver);
    rota_process_pump(p);
}

void rota_process_moment(struct rota_process *p, const struct rota_moment *m)
{
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    if (m->kind == ROTA_MOMENT_WORK) {
        work_moment(p, m->serial);
    } else if (m->kind == ROTA_MOMENT_CLIENT) {
        if (m->serial != p->client.owner)
            return;
        rota_sim_client_tick(&p->client);
        rota_process_hear(p);
    } else if (m->serial == p->incarnation) {
        if (m->kind == ROTA_MOMENT_PROCESS)
            process_moment(p);
        else if (m->kind == ROTA_MOMENT_TELL)
            tell_moment(p);
        else
            lease_moment(p);
    }
}
