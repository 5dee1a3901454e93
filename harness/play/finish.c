#include <inttypes.h>

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "harness/language/tags.h"
#include "harness/play/run_context.h"

/* How long a healthy world may take to end its tasks, beyond their work, and to sweep its tree. */
#define PROGRESS_US (600 * ROTA_SECOND)

/* The longest a task waits before it is tried again unless it asks for more, jitter included. */
#define BACKOFF_MOST_US (600 * ROTA_SECOND)

/* Whether a process runs, is not paused and can reach the server. */
static bool is_well(const struct rota_process *p)
{
    return p->state == ROTA_PROCESS_RUNNING && !p->paused && !p->client.blocked &&
           p->client.side == 0;
}

static bool lives(struct rota_run_context *g, enum rota_part role)
{
    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        const struct rota_process *p = rota_world_process(g->w, i);

        if (rota_process_is(p, role) && is_well(p))
            return true;
    }
    return false;
}

/* Whether somebody's messages take so long that its session lives and its work does not get on:
 * what such a process holds, nobody may take away from it. */
static bool lame(struct rota_run_context *g)
{
    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        if (rota_world_process(g->w, i)->client.slow > g->s->cluster.session / 10)
            return true;
    }
    return false;
}

/* Whether the clients of all tasks that are not collected are there to collect them. */
static bool clients_live(struct rota_run_context *g)
{
    for (uint32_t i = 0; i < g->h.task_count; i++) {
        const struct rota_task *t = &g->h.tasks[i];

        if (!t->submitted || t->collected || t->refused || t->abandoned)
            continue;
        if (!is_well(rota_world_process(g->w, t->client)))
            return false;
    }
    return true;
}

/* Whether somebody well carries what each task that has not ended wants. */
static bool tags_carried(struct rota_run_context *g)
{
    const struct rota_cluster *c = &g->s->cluster;

    for (uint32_t i = 0; i < g->h.task_count; i++) {
        const struct rota_task *t = &g->h.tasks[i];
        uint32_t number = 1;

        if (!t->submitted || t->refused || t->abandoned || t->plan.tags == NULL ||
            t->status[0] != '\0')
            continue;
        while (number <= c->workers &&
               !(is_well(rota_world_process(g->w, c->masters + number - 1)) &&
                 rota_tags_hold(rota_scenario_tags(g->s, number), t->plan.tags)))
            number++;
        if (number > c->workers)
            return false;
    }
    return true;
}

static bool pending_calls(const struct rota_run_context *g)
{
    for (uint32_t i = 0; i < g->call_count; i++) {
        if (g->calls[i].pending)
            return true;
    }
    return false;
}

static void report_pending(struct rota_run_context *g)
{
    for (uint32_t i = 0, shown = 0; i < g->h.task_count && shown < 10; i++) {
        const struct rota_task *t = &g->h.tasks[i];

        if (!t->submitted || t->collected || t->refused || t->abandoned)
            continue;
        shown++;
        fprintf(g->report, "  pending: %s of %s, %s%s since %" PRId64 ".%03ds\n", t->name,
                rota_world_process(g->w, t->client)->name,
                t->status[0] != '\0'      ? "ended and not collected"
                : t->assignment_count > 0 ? "assigned to "
                : t->exists               ? "waiting"
                                          : "not submitted",
                t->assignment_count > 0 ? t->worker : "", t->changed_at / ROTA_SECOND,
                (int)(t->changed_at % ROTA_SECOND / 1000));
    }
}

/* Whether progress can be demanded: a master, a worker, the clients and the server are well. */
static bool healthy(struct rota_run_context *g)
{
    return rota_world_servers_well(g->w) && lives(g, ROTA_PART_MASTER) &&
           lives(g, ROTA_PART_WORKER) && clients_live(g) && tags_carried(g) && !lame(g);
}

/* The longest a task waits before it is tried again, jitter included. */
static rota_span backoff_most(const struct rota_task *t)
{
    rota_span most = t->plan.backoff > t->plan.backoff_cap ? t->plan.backoff : t->plan.backoff_cap;

    return 2 * most > BACKOFF_MOST_US ? 2 * most : BACKOFF_MOST_US;
}

/* The work that is still to be done at most, if each task is run as often as it may. */
static rota_span work_left(const struct rota_run_context *g)
{
    rota_span sum = 0;

    for (uint32_t i = 0; i < g->h.task_count; i++) {
        const struct rota_task *t = &g->h.tasks[i];

        if (t->submitted && t->status[0] == '\0')
            sum += t->plan.work_max * (g->s->cluster.losses + 1) +
                   t->plan.retries * (t->plan.work_max + backoff_most(t)) + t->plan.delay;
    }
    return sum;
}

/* progress: a healthy world ends what was asked of it, and is collected. */
static void check_progress(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + PROGRESS_US + work_left(g);

    while (g->h.uncollected > 0 && rota_play_step(g, until))
        ;
    if (g->h.uncollected == 0 || g->finding->verdict != ROTA_VERDICT_HELD || !healthy(g))
        return;
    rota_play_fail(
        g, ROTA_VERDICT_NO_PROGRESS, NULL,
        "invariant progress broken: a master, a worker and the server live, and %u tasks do not"
        " reach their end",
        g->h.uncollected);
    report_pending(g);
}

/* Whether a task waits for its end: it is in the tree, or its client was never started. What a
 * client that has died was still to submit nobody waits for. */
static bool is_pending(struct rota_run_context *g, const struct rota_task *t)
{
    if (!t->submitted || t->collected || t->refused || t->abandoned || t->has_status)
        return false;
    return t->exists || rota_world_process(g->w, t->client)->incarnation == 0;
}

static uint32_t pending_tasks(struct rota_run_context *g)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < g->h.task_count; i++)
        count += is_pending(g, &g->h.tasks[i]);
    return count;
}

/* Somebody is missing who is needed for progress, and nothing will bring him back: a task that does
 * not end without him never will. */
static void check_pending(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + PROGRESS_US + work_left(g);
    uint32_t count;

    while (pending_tasks(g) > 0 && rota_world_now(g->w) < until &&
           g->finding->verdict == ROTA_VERDICT_HELD)
        rota_play_let_pass(g, ROTA_SECOND);
    count = pending_tasks(g);
    if (count == 0)
        return;
    rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, NULL,
                   "%u task%s pending, and nothing more will happen", count,
                   count == 1 ? " is" : "s are");
    report_pending(g);
}

/* bounded-tree: nothing is left but what the living need. */
static void check_tree(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + PROGRESS_US;
    char path[512];

    while (!rota_judge_check_tree(&g->judge, path, sizeof path)) {
        if (rota_play_step(g, until))
            continue;
        if (g->finding->verdict == ROTA_VERDICT_HELD && healthy(g)) {
            rota_judge_break(&g->judge, ROTA_INVARIANT_BOUNDED_TREE, ROTA_NOBODY,
                             "everything is collected, and %s is %s", path,
                             rota_tree_find(rota_server_tree(rota_world_server(g->w)), path) == 0
                                 ? "missing"
                                 : "left");
            rota_play_holds(g);
        }
        return;
    }
}

/* The statement whose connection loss has not struck, as far as that can be told. */
static const struct rota_statement *never_struck(const struct rota_run_context *g)
{
    const struct rota_statement *last = NULL;

    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        if (g->loss_of[i] == NULL)
            continue;
        last = g->loss_of[i];
        if (rota_world_process(g->w, i)->client.fault.kind != ROTA_CONNECTION_FAULT_NONE)
            break;
    }
    return last;
}

static void check_fired(struct rota_run_context *g)
{
    for (uint32_t i = 0; i < g->s->count; i++) {
        if (g->s->statements[i].kind == ROTA_STATEMENT_ON && g->rules[i].fired == 0)
            rota_play_fail(g, ROTA_VERDICT_FAILED, &g->s->statements[i],
                           "this never fired: %u requests matched", g->rules[i].seen);
        if (g->rules[i].awaited != NULL)
            rota_play_fail(g, ROTA_VERDICT_FAILED, &g->s->statements[i],
                           "this did not fire: %s has not come", g->rules[i].awaited);
    }
    if (rota_world_faults_met(g->w) < g->losses)
        rota_play_fail(g, ROTA_VERDICT_FAILED, never_struck(g),
                       "%u connection losses never struck a request",
                       g->losses - rota_world_faults_met(g->w));
}

static void check_marks(struct rota_run_context *g)
{
    struct rota_marks reached = rota_world_marks(g->w);

    for (uint32_t i = 0; i < g->s->count; i++) {
        const struct rota_statement *st = &g->s->statements[i];

        if (st->kind == ROTA_STATEMENT_SOMETIMES &&
            !rota_marks_have(&reached, (enum rota_mark)st->mark))
            rota_play_fail(g, ROTA_VERDICT_FAILED, st, "this mark was not reached");
    }
}

/* ---- whether all is well again ---- */

/* How long a world without faults may take until everybody has the place that he is to have: who
 * waits for a name waits two sessions and a half, and a mass loss is held for fifteen seconds. */
static rota_span settling(const struct rota_run_context *g)
{
    return 3 * g->s->cluster.session + 2 * g->s->cluster.tick + 20 * ROTA_SECOND;
}

/* Whether a master leads that holds nothing back, and all workers are registered. */
static bool in_place(const struct rota_run_context *g)
{
    const struct rota_cluster *c = &g->s->cluster;
    bool led = false;

    for (uint32_t i = 0; i < c->masters; i++)
        led = led || (g->h.processes[i].leading && !g->h.processes[i].holding);
    for (uint32_t i = c->masters; i < c->masters + c->workers; i++) {
        if (rota_world_process(g->w, i)->state == ROTA_PROCESS_RUNNING &&
            (g->h.processes[i].registered_session == 0 ||
             g->h.processes[i].registered_session != g->h.processes[i].session))
            return false;
    }
    return led;
}

/* Waits until everybody has the place that he is to have, and a little longer. */
static void settle(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + settling(g);

    while (!in_place(g) && rota_play_step(g, until))
        ;
    rota_play_let_pass(g, ROTA_SECOND);
}

/* The slots of those workers that take work. */
static uint32_t slots(struct rota_run_context *g)
{
    const struct rota_tree *tree = rota_server_tree(rota_world_server(g->w));
    uint32_t sum = 0;
    char path[64];

    for (uint32_t i = 0; i < rota_world_count(g->w); i++) {
        const struct rota_process *p = rota_world_process(g->w, i);

        snprintf(path, sizeof path, "/drain/%s", p->name);
        if (rota_process_is(p, ROTA_PART_WORKER) && is_well(p) && rota_tree_find(tree, path) == 0)
            sum += g->s->cluster.slots;
    }
    return sum;
}

/* As many tasks as there are slots must run at once, be told and collected: a slot that was
 * forgotten, a watch that was not left, a hold without end would show now. */
static void ask_for_all(struct rota_run_context *g, const char *name, const char *when)
{
    const struct rota_cluster *c = &g->s->cluster;
    uint32_t count = slots(g);
    rota_time until = rota_world_now(g->w) + 3 * ROTA_SECOND + 200 * c->latency + 20 * c->lag;

    if (c->clients == 0 || count == 0 || !healthy(g) || g->finding->verdict != ROTA_VERDICT_HELD)
        return;
    rota_play_ask(g, name, count);
    while (g->h.uncollected > 0 && rota_play_step(g, until))
        ;
    if (g->h.uncollected == 0 || g->finding->verdict != ROTA_VERDICT_HELD)
        return;
    rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, NULL,
                   "invariant progress broken: %s %u of %u tasks of a second, one for each slot,"
                   " are not collected in time",
                   when, g->h.uncollected, count);
    report_pending(g);
}

/* The master that leads, ROTA_NOBODY if none does. */
static uint32_t leading(const struct rota_run_context *g)
{
    for (uint32_t i = 0; i < g->s->cluster.masters; i++) {
        if (g->h.processes[i].leading)
            return i;
    }
    return ROTA_NOBODY;
}

/* Whether somebody has bounded the number of tasks there may be. */
static bool backlog_is_bounded(const struct rota_run_context *g)
{
    const struct rota_tree *tree = rota_server_tree(rota_world_server(g->w));
    rota_ref tasks = rota_tree_find(tree, "/tasks");

    return tasks != 0 && rota_tree_data(tree, tasks).length > 0;
}

/* After all faults the world is whole, and so it is under the next master. */
static void prove(struct rota_run_context *g)
{
    uint32_t who;

    if (g->h.uncollected > 0 || g->s->without[ROTA_INVARIANT_PROGRESS] || backlog_is_bounded(g) ||
        lame(g))
        return;
    settle(g);
    ask_for_all(g, "proof", "afterwards");
    who = leading(g);
    if (who == ROTA_NOBODY || g->s->cluster.masters < 2)
        return;
    rota_world_stop(g->w, who);
    settle(g);
    ask_for_all(g, "again", "under the next master");
    rota_world_start(g->w, who);
}

/* The end of all faults. Tasks may go on killing their workers: who has died is started again. */
static void recover(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + PROGRESS_US + work_left(g);

    g->armed = 0;
    for (uint32_t i = 0; i < g->s->count; i++)
        g->rules[i].armed = false;
    rota_injector_heal(g->injector);
    rota_play_let_pass(g, ROTA_SECOND);
    while (g->h.uncollected > 0 && rota_world_now(g->w) < until &&
           g->finding->verdict == ROTA_VERDICT_HELD) {
        rota_injector_revive(g->injector);
        rota_play_let_pass(g, ROTA_SECOND);
    }
    rota_injector_revive(g->injector);
    if (g->finding->verdict == ROTA_VERDICT_HELD)
        prove(g);
}

/* Progress is asked for once faults stop: a rule of `every` would strike for ever. */
static void end_rules(struct rota_run_context *g)
{
    for (uint32_t i = 0; i < g->s->count; i++) {
        if (!g->rules[i].armed || !g->s->statements[i].every || g->rules[i].fired == 0)
            continue;
        g->rules[i].armed = false;
        g->armed--;
    }
}

/* progress of a protocol with a judge of its own */
static void check_protocol_progress(struct rota_run_context *g)
{
    rota_time until = rota_world_now(g->w) + PROGRESS_US;
    struct rota_protocol_breach missing;

    while (!rota_protocol_trial_has_progressed(&g->trial, &missing) && rota_play_step(g, until))
        ;
    if (missing.invariant != NULL && g->finding->verdict == ROTA_VERDICT_HELD)
        rota_play_fail(g, ROTA_VERDICT_NO_PROGRESS, NULL, "invariant %s broken: %s",
                       missing.invariant, missing.text);
}

void rota_play_finish(struct rota_run_context *g)
{
    g->at = g->s->statements + g->s->count;
    while ((g->ats > 0 || pending_calls(g)) && rota_play_step(g, ROTA_NEVER))
        ;
    rota_play_let_pass(g, ROTA_SECOND); /* what was set off last shall show its consequences */
    end_rules(g);
    if (g->injector != NULL)
        recover(g);
    if (g->finding->verdict == ROTA_VERDICT_HELD)
        check_protocol_progress(g);
    if (g->finding->verdict != ROTA_VERDICT_HELD)
        return;
    if (healthy(g)) {
        if (!g->s->without[ROTA_INVARIANT_PROGRESS])
            check_progress(g);
        if (g->h.uncollected == 0 && !g->s->without[ROTA_INVARIANT_BOUNDED_TREE] &&
            g->finding->verdict == ROTA_VERDICT_HELD)
            check_tree(g);
    }
    if (g->injector != NULL)
        return;
    if (!healthy(g) && !lame(g) && !g->s->without[ROTA_INVARIANT_PROGRESS])
        check_pending(g);
    check_fired(g);
    check_marks(g);
}
