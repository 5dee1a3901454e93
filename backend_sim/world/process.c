#include "backend_sim/world/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/inbox.h"
#include "backend_sim/world/work.h"
#include "backend_sim/world/world_trace.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum { WAKE_GRACE_US = 1000 };

/* ---- the host ---- */

/* A client that receives a result collects the task, as `rota submit --wait` does. */
static void collect(struct rota_process *p, const struct rota_action *a)
{
    if (rota_process_is(p, ROTA_PART_CLIENT) && strcmp(a->job.state, "missing") != 0)
        rota_inbox_put(
            p, &(struct rota_inbox_message){.kind = ROTA_EVENT_COLLECT, .number = a->job.job});
}

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
        rota_work_begin(p, a);
        break;
    case ROTA_ACTION_CANCEL:
        rota_work_cancel(p, a->cancel.run, a->cancel.at_once);
        break;
    case ROTA_ACTION_LEASE:
        rota_work_set_lease(p, a->lease.until);
        break;
    case ROTA_ACTION_RESULT:
        collect(p, a);
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

/* ---- how it begins and ends ---- */

struct rota_process *rota_process_create(struct rota_world *w, uint32_t who, const char *name,
                                         enum rota_part part,
                                         const struct rota_driver_config *config)
{
    struct rota_process *p = rota_memory_zeroed(1, sizeof *p);

    rota_assert((config == NULL) == (part == ROTA_PART_ZK_CLIENT));
    p->host.ops = &host_ops;
    p->world = w;
    p->who = who;
    p->part = part;
    snprintf(p->name, sizeof p->name, "%s", name);
    if (config != NULL) {
        p->config = *config;
        p->config.config = rota_memory_copy(config->config, config->role->config_size);
    }
    return p;
}

void rota_process_join_marks(const struct rota_process *p, struct rota_marks *marks)
{
    rota_marks_join(marks, &p->driver.outbox.marks);
    rota_marks_join(marks, &p->driver.session_outbox.marks);
}

/* Frees what a running process has; its connection is closed. */
static void end(struct rota_process *p, enum rota_process_state state)
{
    rota_work_drop(p);
    rota_inbox_clear(p);
    if (rota_process_has_driver(p)) {
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
    p->inbox_scheduled = false;
    rota_process_report_fault(p);
}

void rota_process_destroy(struct rota_process *p)
{
    if (p->state == ROTA_PROCESS_RUNNING)
        end(p, ROTA_PROCESS_ABSENT);
    free(p->works);
    free((void *)p->config.config);
    free(p);
}

static void end_and_restart(struct rota_process *p, enum rota_process_state state)
{
    bool again = p->restarting;

    end(p, state);
    if (again)
        rota_process_start(p);
}

/* Puts the time when the driver wants to be woken on the timeline, unless an earlier one is there.
 */
static void arm(struct rota_process *p)
{
    rota_time when = rota_clock_world(&p->client.clock, rota_driver_deadline(&p->driver));

    if (when < p->wake_grace)
        when = p->wake_grace;
    if (when >= p->wake || p->paused)
        return;
    p->wake = when > p->world->timeline.now ? when : p->world->timeline.now;
    rota_timeline_put(&p->world->timeline, p->wake, ROTA_MOMENT_PROCESS, p->who, p->incarnation);
}

static bool has_finished(const struct rota_process *p)
{
    return rota_process_has_driver(p) && p->driver.finished;
}

/* After a step: the process dies, leaves, or goes on. */
static void settle(struct rota_process *p)
{
    p->stepping = false;
    if (p->dying)
        end_and_restart(p, ROTA_PROCESS_ABSENT);
    else if (has_finished(p))
        end_and_restart(p, ROTA_PROCESS_LEFT);
    else if (rota_process_has_driver(p))
        arm(p);
}

void rota_process_start(struct rota_process *p)
{
    struct rota_world *w = p->world;
    struct rota_sim_client before = p->client;

    if (p->state == ROTA_PROCESS_RUNNING) {
        p->restarting = p->restarting || p->stopping;
        return;
    }
    p->state = ROTA_PROCESS_RUNNING;
    p->incarnation++;
    p->wake = ROTA_NEVER;
    p->wake_grace = 0;
    p->lease_until = ROTA_NEVER;
    rota_sim_client_init(&p->client, &w->net, p->who, w->config.session_ms);
    rota_sim_client_inherit(&p->client, &before);
    if (!rota_process_has_driver(p))
        return;
    p->stepping = true;
    rota_driver_init(&p->driver, &p->config, &p->client.head, &p->host);
    rota_process_pump(p);
}

void rota_process_stop(struct rota_process *p)
{
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_process_report_fault(p);
    rota_world_note(p->world, p->who, "asked to stop");
    p->stopping = true;
    rota_inbox_put(p, &(struct rota_inbox_message){.kind = ROTA_EVENT_STOP});
}

void rota_process_crash(struct rota_process *p, bool again)
{
    if (p->state != ROTA_PROCESS_RUNNING) {
        if (again)
            rota_process_start(p);
        return;
    }
    if (p->dying)
        return;
    rota_world_note(p->world, p->who, again ? "crashed, starts again" : "crashed");
    p->dying = true;
    p->restarting = again;
    if (!p->stepping)
        settle(p);
}

void rota_process_leave(struct rota_process *p)
{
    rota_assert(!rota_process_has_driver(p) && !p->stepping);
    if (p->state == ROTA_PROCESS_RUNNING)
        end(p, ROTA_PROCESS_LEFT);
}

/* ---- pauses ---- */

void rota_process_pause(struct rota_process *p, bool work)
{
    if (p->state != ROTA_PROCESS_RUNNING || p->paused)
        return;
    rota_world_note(p->world, p->who, work ? "paused with its work" : "paused");
    p->paused = true;
    p->work_paused = work;
    p->paused_at = p->world->timeline.now;
    rota_sim_client_pause(&p->client);
    rota_process_report_fault(p);
}

void rota_process_resume(struct rota_process *p)
{
    struct rota_world *w = p->world;
    bool clock_first;

    if (p->state != ROTA_PROCESS_RUNNING || !p->paused)
        return;
    rota_world_note(w, p->who, "resumed");
    rota_process_report_fault(p);
    clock_first = rota_choose(&w->choices, ROTA_SITE_RESUME, 2) == 1;
    p->wake_grace = clock_first ? 0 : w->timeline.now + WAKE_GRACE_US;
    p->paused = false;
    p->wake = ROTA_NEVER;
    rota_work_resume(p);
    if (clock_first)
        rota_timeline_put(&w->timeline, w->timeline.now, ROTA_MOMENT_PROCESS, p->who,
                          p->incarnation);
    rota_sim_client_resume(&p->client);
    p->inbox_scheduled = false;
    if (p->inbox != NULL)
        rota_inbox_schedule(p);
    if (!p->stepping && !clock_first)
        rota_process_pump(p);
}

void rota_process_rearm(struct rota_process *p)
{
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    rota_sim_client_rearm(&p->client);
    rota_work_rearm_lease(p);
    p->wake = ROTA_NEVER;
    if (rota_process_has_driver(p) && !p->stepping)
        arm(p);
}

/* ---- its steps ---- */

/* Announces a step to the user of the world. False if the user has stopped the process. */
static bool may_step(struct rota_process *p)
{
    if (p->world->hooks->stepping != NULL)
        p->world->hooks->stepping(p->world->context, p->who);
    return !p->dying && !p->paused;
}

/* Whether an event has come that the process may take. */
static bool has_event(struct rota_process *p)
{
    return p->client.events.first != NULL && !p->paused && may_step(p);
}

void rota_process_pump(struct rota_process *p)
{
    struct rota_handle_event e;

    rota_assert(p->state == ROTA_PROCESS_RUNNING);
    p->stepping = true;
    while (!p->dying && !has_finished(p) && has_event(p) &&
           p->client.head.ops->next(&p->client.head, &e)) {
        rota_world_hash_event(p->world, p->who, &e);
        if (!rota_world_count_event(p->world))
            break;
        if (rota_process_has_driver(p))
            rota_driver_receive(&p->driver, &e);
        else
            p->on_event(p->event_context, &e);
    }
    settle(p);
}

void rota_process_pump_if_idle(struct rota_process *p)
{
    if (p->state == ROTA_PROCESS_RUNNING && !p->stepping && !p->paused)
        rota_process_pump(p);
}

static void inbox_moment(struct rota_process *p)
{
    p->inbox_scheduled = false;
    if (p->paused || p->inbox == NULL)
        return;
    p->stepping = true;
    if (may_step(p))
        rota_inbox_deliver_first(p);
    if (p->inbox != NULL && !p->paused)
        rota_inbox_schedule(p);
    rota_process_pump(p);
}

static void wake_moment(struct rota_process *p)
{
    if (p->world->timeline.now >= p->wake)
        p->wake = ROTA_NEVER;
    if (p->paused)
        return;
    p->stepping = true;
    if (rota_sim_client_now(&p->client) >= rota_driver_deadline(&p->driver) && may_step(p))
        rota_driver_tick(&p->driver);
    rota_process_pump(p);
}

static void client_moment(struct rota_process *p, uint64_t serial)
{
    if (serial != p->client.serial)
        return;
    rota_sim_client_tick(&p->client);
    rota_process_pump_if_idle(p);
}

void rota_process_moment(struct rota_process *p, const struct rota_moment *m)
{
    if (p->state != ROTA_PROCESS_RUNNING)
        return;
    if (m->kind == ROTA_MOMENT_WORK) {
        if (rota_work_moment(p, m->serial))
            rota_process_crash(p, false);
    } else if (m->kind == ROTA_MOMENT_CLIENT) {
        client_moment(p, m->serial);
    } else if (m->serial == p->incarnation) {
        if (m->kind == ROTA_MOMENT_PROCESS)
            wake_moment(p);
        else if (m->kind == ROTA_MOMENT_INBOX)
            inbox_moment(p);
        else
            rota_work_lease_moment(p);
    }
}

void rota_process_check(const struct rota_process *p)
{
    bool running = p->state == ROTA_PROCESS_RUNNING;

    rota_assert(!p->stepping && !p->dying);
    rota_assert(running || (p->work_count == 0 && p->inbox == NULL));
    rota_assert(running || (!p->paused && !p->stopping && !p->restarting));
    rota_assert(p->paused || !p->work_paused);
    rota_assert(p->inbox == NULL || p->paused || p->inbox_scheduled);
    rota_assert(rota_process_has_driver(p) || (p->work_count == 0 && p->inbox == NULL));
    rota_work_check(p);
}
