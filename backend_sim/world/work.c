#include "backend_sim/world/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_sim/world/inbox.h"
#include "backend_sim/world/world_trace.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum {
    CANCEL_US = 1000,        /* how long a cancelled run takes to end */
    CANCEL_GRACE_US = 10000, /* the same with a grace */
};

/* ---- how runs end ---- */

/* Takes run `i` out and reports its end to the user of the world. */
static struct rota_work remove_work(struct rota_process *p, uint32_t i)
{
    struct rota_work work = p->works[i];

    memmove(p->works + i, p->works + i + 1, (--p->work_count - i) * sizeof *p->works);
    if (p->world->hooks->ended != NULL)
        p->world->hooks->ended(p->world->context, p->who, &work);
    return work;
}

/* Run `i` is over: its process is notified. */
static void end_work(struct rota_process *p, uint32_t i)
{
    struct rota_work work = remove_work(p, i);

    if (work.plan.silent) {
        free(work.task);
        work.task = NULL;
    }
    rota_inbox_put(p, &(struct rota_inbox_message){.kind = ROTA_EVENT_FINISHED,
                                                   .number = work.run,
                                                   .ending = work.ending,
                                                   .exit_status = work.plan.exit_status,
                                                   .name = work.task});
}

static void end_all(struct rota_process *p)
{
    while (p->work_count > 0) {
        p->works[0].ending = ROTA_ENDING_STOPPED;
        end_work(p, 0);
    }
}

void rota_work_drop(struct rota_process *p)
{
    while (p->work_count > 0) {
        p->works[0].ending = ROTA_ENDING_STOPPED;
        free(remove_work(p, 0).task);
    }
}

/* ---- a run's life ---- */

/* When the run writes its next line of progress, or ends; ROTA_NEVER if it does neither. */
static rota_time next_due(const struct rota_work *work)
{
    rota_time parts = (rota_time)work->plan.lines + 1;
    rota_time part = (rota_time)work->lines_written + 1;
    rota_time duration = work->plan.duration;

    if (duration == ROTA_NEVER)
        return ROTA_NEVER;
    return work->began + duration / parts * part + duration % parts * part / parts;
}

static void schedule(struct rota_process *p, struct rota_work *work)
{
    work->serial = ++p->world->serials;
    if (work->due == ROTA_NEVER)
        return;
    rota_timeline_put(&p->world->timeline, work->due, ROTA_MOMENT_WORK, p->who, work->serial);
}

void rota_work_begin(struct rota_process *p, const struct rota_action *run)
{
    struct rota_world *w = p->world;
    struct rota_work_plan plan = {0};
    struct rota_work *work;

    rota_assert(p->state == ROTA_PROCESS_RUNNING);
    if (w->hooks->plan != NULL)
        plan = w->hooks->plan(w->context, p->who, run);
    p->works = rota_memory_extend(p->works, p->work_count, &p->work_capacity, sizeof *p->works);
    work = &p->works[p->work_count++];
    *work = (struct rota_work){.run = run->run.run,
                               .began = w->timeline.now,
                               .plan = plan,
                               .ending = plan.exit_status != 0 ? ROTA_ENDING_FAILURE
                                                               : ROTA_ENDING_SUCCESS,
                               .task = rota_memory_text(run->run.task)};
    work->due = next_due(work);
    schedule(p, work);
}

void rota_work_cancel(struct rota_process *p, uint64_t run, bool at_once)
{
    for (uint32_t i = 0; i < p->work_count; i++) {
        struct rota_work *work = &p->works[i];

        if (work->run != run)
            continue;
        work->ending = ROTA_ENDING_STOPPED;
        work->plan.kills_worker = false;
        work->lines_written = work->plan.lines;
        work->due = p->world->timeline.now + (at_once ? CANCEL_US : CANCEL_GRACE_US);
        schedule(p, work);
    }
}

/* Writes a line of progress: "2 of 5". */
static void write_line(struct rota_process *p, struct rota_work *work)
{
    char line[32];

    snprintf(line, sizeof line, "%" PRIu32 " of %" PRIu32, ++work->lines_written, work->plan.lines);
    rota_inbox_put(p, &(struct rota_inbox_message){.kind = ROTA_EVENT_PROGRESS,
                                                   .number = work->run,
                                                   .name = rota_memory_text(line)});
    work->due = next_due(work);
    schedule(p, work);
}

bool rota_work_moment(struct rota_process *p, uint64_t serial)
{
    for (uint32_t i = 0; i < p->work_count && !p->work_paused; i++) {
        struct rota_work *work = &p->works[i];

        if (work->serial != serial)
            continue;
        if (work->lines_written < work->plan.lines) {
            write_line(p, work);
        } else if (work->plan.kills_worker) {
            work->killed_worker = true;
            rota_world_note(p->world, p->who, "killed by its work");
            return true;
        } else {
            end_work(p, i);
        }
        return false;
    }
    return false;
}

/* ---- the lease ---- */

void rota_work_set_lease(struct rota_process *p, rota_time until)
{
    p->lease_until = until;
    rota_work_rearm_lease(p);
}

void rota_work_rearm_lease(struct rota_process *p)
{
    rota_time when = rota_clock_world(&p->client.clock, p->lease_until);
    rota_time now = p->world->timeline.now;

    if (when != ROTA_NEVER)
        rota_timeline_put(&p->world->timeline, when > now ? when : now, ROTA_MOMENT_LEASE, p->who,
                          p->incarnation);
}

void rota_work_lease_moment(struct rota_process *p)
{
    if (rota_sim_client_now(&p->client) < p->lease_until || p->work_count == 0 || p->work_paused)
        return;
    rota_world_note(p->world, p->who, "the guard ends its runs: the lease is over");
    rota_process_report_fault(p);
    end_all(p);
}

void rota_work_resume(struct rota_process *p)
{
    rota_time pause = p->world->timeline.now - p->paused_at;

    if (!p->work_paused)
        return;
    p->work_paused = false;
    for (uint32_t i = 0; i < p->work_count; i++) {
        p->works[i].began += pause;
        if (p->works[i].due != ROTA_NEVER)
            p->works[i].due += pause;
        schedule(p, &p->works[i]);
    }
    rota_work_lease_moment(p);
}

void rota_work_check(const struct rota_process *p)
{
    rota_assert(p->work_count <= p->work_capacity);
    for (uint32_t i = 0; i < p->work_count; i++) {
        const struct rota_work *work = &p->works[i];

        rota_assert(work->task != NULL && work->serial <= p->world->serials);
        rota_assert(work->lines_written <= work->plan.lines);
        rota_assert(work->began <= work->due && !work->killed_worker);
    }
}
